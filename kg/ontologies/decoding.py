"""What a file of RDF says: which model it is written in, which ontology it is, and its concepts."""

import re
from collections.abc import Collection, Iterable, Iterator
from itertools import accumulate
from pathlib import Path

from kg.concept import Concept
from kg.errors import OntologyError
from kg.ontologies import mesh, obo, skos
from kg.ontologies.facts import CLASS, MESH_TYPES, ONTOLOGY, SCHEME, SKOS_CONCEPT, Facts, Stated, flagged, values
from kg.ontologies.hierarchy import in_circles, remark
from kg.ontologies.sources import Source, read_sources
from kg.vocab import PREFIXES

__all__ = ["decode_facts", "is_skos", "keyed"]


def decode_facts(path: Path, facts: Facts) -> tuple[Stated, dict[str, Concept]]:
    """What the file says of itself, and its concepts, in whichever model it is written.

    Raises:
        OntologyError: if there are no concepts.
    """
    iri = min(flagged(facts, "rdf:type", frozenset({ONTOLOGY})), default="")
    if mesh.is_mesh(facts):
        name, model, found = "mesh", MESH_TYPES, mesh.iter_concepts(facts)
        iri = PREFIXES["mesh"].rstrip("/")
    elif is_skos(facts):
        iri = min(flagged(facts, "rdf:type", frozenset({SCHEME})), default=iri)
        model = frozenset({SKOS_CONCEPT})
        source = _entry(facts, iri, model)
        iris = skos.find_concepts(facts, source.namespace if source else "")
        name = source.name if source else obo.ontology_name(iri or min(iris, default=""))
        found = skos.iter_concepts(facts, iris, name)
    else:
        model = frozenset({CLASS})
        source = _entry(facts, iri, model)
        classes = obo.find_classes(facts, iri, source.namespace if source else "")
        name = source.name if source else obo.ontology_name(iri or classes[0] if classes else "")
        found = obo.iter_concepts(facts, classes, name)
    concepts = {concept.iri: concept for concept in found}
    if not concepts:
        expected = "MeSH descriptors (meshv:TopicalDescriptor …), OWL classes or SKOS concepts, with a label each"
        raise OntologyError(str(path), "the ontology holds no concepts", expected=expected)
    title, version, licence = (_said(facts, iri, names) for names in _ABOUT)
    return Stated(name, iri, title, version, licence, tuple(_remarks(facts, model, concepts))), concepts


#: What a file says of its title, its version and its licence, the surest property first.
_ABOUT = (("dct:title",), ("owl:versionIRI", "owl:versionInfo"), ("dct:license",))


def _said(facts: Facts, iri: str, names: Iterable[str]) -> str:
    return next((min(facts[name][iri]) for name in names if iri in facts[name]), "")


def is_skos(facts: Facts) -> bool:
    """Whether most of what the file defines is SKOS concepts."""
    types = facts["rdf:type"].values()
    concepts, classes = (sum(kind in held for held in types) for kind in (SKOS_CONCEPT, CLASS))
    return concepts > classes


def keyed(source: Source) -> bool:
    """Whether an entry tells its ontology by its IRI or by those of its concepts."""
    return bool(source.iri or source.namespace)


def _entry(facts: Facts, iri: str, model: frozenset[str]) -> Source | None:
    """The entry that knows the ontology by its IRI; where the file states none, by the IRIs of its concepts."""
    entries = [source for source in read_sources() if keyed(source)]
    named = next((source for source in entries if source.iri and source.iri == iri), None)
    if named or iri or not entries:
        return named
    typed = flagged(facts, "rdf:type", model)
    return next((s for s in entries if s.namespace and any(one.startswith(s.namespace) for one in typed)), None)


def _remarks(facts: Facts, model: frozenset[str], concepts: dict[str, Concept]) -> Iterator[str]:
    """What was left out as wrong, or read although it is."""
    ended = mesh.inactive(facts) | flagged(facts, "owl:deprecated", frozenset({"true", "1"}))
    typed = (iri for iri in flagged(facts, "rdf:type", model) - ended if not iri.startswith("_:"))
    space = _namespace(concepts)
    named = ("rdfs:label", "skos:prefLabel")
    yield from remark(
        "concepts without a label are left out",
        (iri for iri in typed if iri not in concepts and iri.startswith(space) and not values(facts, named, (iri,))),
    )
    labels = facts["skos:prefLabel" if SKOS_CONCEPT in model else "rdfs:label"]
    yield from remark("concepts have several labels", (iri for iri in concepts if len(set(labels.get(iri, ()))) > 1))
    yield from remark("concepts stand above themselves", in_circles(concepts))


def _namespace(concepts: Collection[str]) -> str:
    """What all IRIs begin with: a release's mention of others' concepts is no fault of it."""
    first, last = min(concepts), max(concepts)
    parts = accumulate(re.findall(r"[^/#_:]*[/#_:]", first))
    return max((part for part in parts if last.startswith(part)), key=len, default="")
