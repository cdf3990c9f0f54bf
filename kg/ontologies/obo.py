"""OBO ontologies in OWL (https://obofoundry.org/): their own named classes become `Concept`s."""

import re
from collections.abc import Iterator

from kg.concept import Concept
from kg.ontologies.facts import CLASS, RELATED, Facts, flagged, notation, ordered, values
from kg.ontologies.hierarchy import closure
from kg.vocab import PREFIXES, expand

__all__ = ["HAS_ROLE", "find_classes", "iter_concepts", "ontology_name", "xref"]

HAS_ROLE = expand("obo:RO_0000087")
#: OBO ontologies have one label; others may have SKOS names, and several labels.
_LABELS = ("rdfs:label", "skos:prefLabel")
_EXACT = ("oboInOwl:hasExactSynonym", "skos:altLabel", *_LABELS)
#: How publishers spell the prefix of a cross-reference, in lower case -> how we do. Others stay as they are.
_XREF_PREFIXES = {ours.lower(): ours for ours in ("mesh", "MONDO", "DOID", "CHEBI", "NCIT", "RXNORM", "ATC")}
_XREF_PREFIXES |= {"msh": "mesh", "nci": "NCIT", "drugbank": "DrugBank", "unii": "UNII"}


def ontology_name(iri: str) -> str:
    """The name that concepts carry as their source.

    >>> obo = "http://purl.obolibrary.org/obo/"
    >>> ontology_name(obo + "chebi.owl"), ontology_name(obo + "chebi/chebi_lite.owl"), ontology_name(obo + "CHEBI")
    ('chebi', 'chebi', 'chebi')
    """
    local = iri.removeprefix(PREFIXES["obo"]) if iri.startswith(PREFIXES["obo"]) else re.split(r"[/#]", iri)[-1]
    found = re.match(r"[a-z0-9]+", local.lower())
    return found[0] if found else "ontology"


def find_classes(facts: Facts, ontology: str, namespace: str = "") -> list[str]:
    """The named, labelled classes that are the ontology's own: releases also hold classes of others.

    Their IRIs begin with `namespace`, else with that of an OBO ontology; where none does, all are its own.
    """
    ended = flagged(facts, "owl:deprecated", frozenset({"true", "1"}))
    classes = sorted(
        iri for iri in flagged(facts, "rdf:type", frozenset({CLASS})) - ended if values(facts, _LABELS, (iri,))
    )
    if namespace:
        return [iri for iri in classes if iri.startswith(namespace)]
    own = f"{PREFIXES['obo']}{ontology_name(ontology)}_".lower()
    return [iri for iri in classes if iri.lower().startswith(own)] or [iri for iri in classes if iri[:2] != "_:"]


def iter_concepts(facts: Facts, classes: list[str], source: str) -> Iterator[Concept]:
    """The classes as concepts: named superclasses are broader, roles (RO:0000087) are actions."""
    known = set(classes)
    broader = {iri: ordered(known.intersection(facts["rdfs:subClassOf"].get(iri, ())) - {iri}) for iri in classes}
    for iri in classes:
        label = min(facts["rdfs:label"].get(iri) or facts["skos:prefLabel"][iri])
        exact = values(facts, _EXACT, (iri,)) - {label}
        yield Concept(
            iri=iri,
            label=label,
            source=source,
            exact=ordered(exact),
            related=ordered(values(facts, RELATED, (iri,)) - exact - {label}),
            broader=broader[iri],
            ancestors=ordered(closure(iri, broader)),
            actions=ordered(_roles(facts, iri)),
            xrefs=ordered({xref(text) for text in facts["oboInOwl:hasDbXref"].get(iri, ())} - {""}),
            notation=notation(iri),
        )


def _roles(facts: Facts, iri: str) -> set[str]:
    """What the class is said to have as role; other restrictions (functional parent …) are no action."""
    parents = facts["rdfs:subClassOf"].get(iri, ())
    restrictions = [node for node in parents if HAS_ROLE in facts["owl:onProperty"].get(node, ())]
    return {role for role in values(facts, ("owl:someValuesFrom",), restrictions) if not role.startswith("_:")}


def xref(text: str) -> str:
    """The cross-reference as a CURIE, with our prefix where we have one; empty if the text is none.

    >>> xref("MESH:D006528"), xref("NCI:C3099"), xref("https://example.org/x")
    ('mesh:D006528', 'NCIT:C3099', '')
    """
    prefix, _, local = text.partition(":")
    return f"{_XREF_PREFIXES.get(prefix.lower(), prefix)}:{local}" if local and not local.startswith("//") else ""
