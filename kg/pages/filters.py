"""What templates may do to a value before it is shown."""

from collections.abc import Callable, Mapping
from typing import Any

from kg import iris
from kg.pages.properties import name_of
from kg.pages.showing import blocks

__all__ = ["FILTERS"]

_LAYERS = {
    "ontology": "stated by the ontology",
    "registry": "stated in the registry",
    "derived": "derived by the registry",
    "links": "linked by us",
    "inferred": "computed by us",
}
_HOLDS = {
    "registry": "what the records state",
    "derived": "what the registry derived from them by machine",
    "links": "our links of their strings to concepts, each with its evidence",
    "inferred": "what follows: broader concepts, drug classes",
    "ontology": "names, hierarchy and cross-references of concepts, and our vocabulary",
}
_KINDS = {
    "tg:conceptExact": "the same as the words",
    "tg:conceptBroad": "broader than the words",
    "tg:conceptClose": "close to the words",
    "tg:registryConcept": "what the registry’s term names",
    "tg:titleConcept": "named in the title",
}
_FORMATS = {".ttl": "Turtle", ".jsonld": "JSON-LD", ".nt": "N-Triples", ".rdf": "RDF/XML"}
_EVIDENCE = {
    "tg:tier": "Rule",
    "sssom:match_string": "Words matched",
    "sssom:object_match_field": "With the concept’s",
    "sssom:confidence": "Confidence",
    "sssom:mapping_justification": "Kind of match",
}
_FIELDS = {
    "rdfs:label": "label",
    "skos:altLabel": "synonym",
    "oboInOwl:hasExactSynonym": "exact synonym",
    "oboInOwl:hasRelatedSynonym": "related synonym",
}
_JUSTIFICATIONS = {
    "semapv:LexicalMatching": "by words",
    "semapv:ManualMappingCuration": "by a curator",
}


def _whole(number: str | int) -> str:
    """A whole number with its thousands apart; what is none stays."""
    text = str(number)
    return f"{int(text):,}" if text.isascii() and text.isdigit() else text


def _evidence_name(curie: str) -> str:
    return _EVIDENCE.get(curie) or name_of(curie)


def _number(text: str) -> str:
    """A number in its shortest form: stores write one as 1, 1.0 or 1.0E0."""
    try:
        return f"{float(text):g}"
    except ValueError:
        return text


def _evidence_text(text: str, curie: str) -> str:
    if curie == "sssom:match_string":
        return f"“{text}”"
    if curie == "sssom:confidence":
        return _number(text)
    short = iris.compact(text)
    return _FIELDS.get(short) or _JUSTIFICATIONS.get(short) or short


FILTERS: Mapping[str, Callable[..., Any]] = {
    "blocks": blocks,
    "evidence_name": _evidence_name,
    "evidence_text": _evidence_text,
    "format_name": lambda suffix: _FORMATS.get(suffix, suffix),
    "kind_says": lambda curie: _KINDS.get(curie, ""),
    "layer_holds": lambda layer: _HOLDS.get(layer, ""),
    "layer_says": lambda layer: _LAYERS.get(layer, layer),
    "whole": _whole,
}
