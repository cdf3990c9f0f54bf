"""A mapping set as RDF (https://mapping-commons.github.io/sssom/spec-formats-rdf/), in Turtle.

Two things differ from that draft, so that the set passes the SHACL shapes of SSSOM: the set says its identifier also as
a literal, and a row's trial stands in `sssom:other`, as in the table, because the shape of a mapping takes no other
property.
"""

from collections.abc import Iterator
from typing import Any

from kg import terms
from kg.linking.sssom.rows import MappingSet
from kg.linking.sssom.slots import BUILT_IN, LISTS, NEGATED, REFERENCES, SET_KEYS, SPEC_VERSION
from kg.linking.sssom.table import split_values
from kg.linking.sssom.writing import sorted_cells, used_prefixes
from kg.vocab import PREFIXES, expand

__all__ = ["write_turtle"]

#: Slot -> its property, where that is not `sssom:` and the slot's name.
_PROPERTIES = {
    "subject_id": "owl:annotatedSource",
    "predicate_id": "owl:annotatedProperty",
    "object_id": "owl:annotatedTarget",
    "author_id": "pav:authoredBy",
    "creator_id": "dct:creator",
    "license": "dct:license",
    "mapping_date": "dct:created",
    "publication_date": "dct:issued",
    "mapping_set_source": "prov:wasDerivedFrom",
    "mapping_set_version": "owl:versionInfo",
    "mapping_set_title": "dct:title",
    "mapping_set_description": "dct:description",
    "see_also": "rdfs:seeAlso",
    "comment": "rdfs:comment",
}
#: Slots whose values are IRIs, written in full.
_URIS = frozenset("license mapping_provider mapping_set_source see_also issue_tracker".split())
_DATES = frozenset("mapping_date publication_date review_date".split())
_NUMBERS = frozenset("confidence mapping_set_confidence similarity_score reviewer_agreement".split())
#: Values of enumerations that are concepts in RDF.
_MEANINGS = {
    ("predicate_modifier", NEGATED): "sssom:NegatedPredicate",
    ("sssom_version", SPEC_VERSION): f"sssom:version{SPEC_VERSION}",
    ("subject_type", "rdfs literal"): "rdfs:Literal",
    ("object_type", "owl class"): "owl:Class",
    ("object_type", "skos concept"): "skos:Concept",
    ("object_type", "owl named individual"): "owl:NamedIndividual",
}
_SET_ID = "mapping_set_id"


def write_turtle(mapping_set: MappingSet) -> bytes:
    """The set as Turtle: the same rows give the same bytes.

    Raises:
        SourceError: if one prefix would have to stand for two namespaces.
    """
    import pyoxigraph as ox

    used = used_prefixes(mapping_set)
    lines = "".join(_lines(mapping_set, used | BUILT_IN))
    ours = ("owl", "rdfs", "semapv", "skos", "sssom", "xsd", "dct", "pav", "prov")
    prefixes = _told_apart({prefix: PREFIXES[prefix] for prefix in ours} | used)
    triples = ox.parse(lines.encode(), format=ox.RdfFormat.N_TRIPLES)
    text = ox.serialize((quad.triple for quad in triples), format=ox.RdfFormat.TURTLE, prefixes=prefixes)
    assert text is not None  # noqa: S101 - without a stream the text comes back
    # The engine writes its prefixes in no order.
    declarations = text.splitlines(keepends=True)[: len(prefixes)]
    return b"".join(sorted(declarations)) + text[sum(map(len, declarations)) :]


def _told_apart(prefixes: dict[str, str]) -> dict[str, str]:
    """Without namespaces that hold another: each IRI has one short form."""
    return {
        prefix: namespace
        for prefix, namespace in prefixes.items()
        if not any(other != namespace and other.startswith(namespace) for other in prefixes.values())
    }


def _lines(mapping_set: MappingSet, prefixes: dict[str, str]) -> Iterator[str]:
    name = str(mapping_set.header.get(_SET_ID) or f"{PREFIXES['graph']}mappings")
    node = terms.iri(name)
    yield _line(node, "rdf:type", terms.iri(expand("sssom:MappingSet")))
    yield _line(node, f"sssom:{_SET_ID}", terms.url(name))
    header = {**mapping_set.header, "sssom_version": SPEC_VERSION}
    for slot in SET_KEYS:
        if slot != _SET_ID and header.get(slot):
            yield from _statements(node, slot, header[slot], prefixes)
    for number, cells in enumerate(sorted_cells(mapping_set.rows), 1):
        row = _expanded(cells["record_id"], prefixes) if "record_id" in cells else terms.iri(f"{name}#row-{number}")
        yield _line(node, "sssom:mappings", row)
        yield _line(row, "rdf:type", terms.iri(expand("owl:Axiom")))
        for slot, cell in cells.items():
            if slot != "record_id":
                yield from _statements(row, slot, cell, prefixes)


def _line(subject: str, predicate: str, value: str) -> str:
    return f"{subject} {terms.iri(expand(predicate))} {value} .\n"


def _statements(subject: str, slot: str, value: Any, prefixes: dict[str, str]) -> Iterator[str]:
    predicate = _PROPERTIES.get(slot, f"sssom:{slot}")
    values = value if isinstance(value, list) else split_values(value) if slot in LISTS else (value,)
    for one in values:
        yield _line(subject, predicate, _term(slot, one, prefixes))


def _term(slot: str, value: str, prefixes: dict[str, str]) -> str:
    if meaning := _MEANINGS.get((slot, value)):
        return terms.iri(expand(meaning))
    if slot in REFERENCES:
        return _expanded(value, prefixes)
    if slot in _URIS:
        return terms.iri(value)
    if slot in _DATES:
        return terms.typed(value, "date")
    return terms.double(float(value)) if slot in _NUMBERS else terms.plain(value)


def _expanded(curie: str, prefixes: dict[str, str]) -> str:
    prefix, _, local = curie.partition(":")
    return terms.iri(prefixes[prefix] + local)
