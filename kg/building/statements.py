"""What a graph says beside its trials: the closure of concepts, the ontologies, and of itself."""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from kg import assets, mapping, ontologies, terms
from kg.knowledge import Knowledge
from kg.reasoning.classes import DrugClass
from kg.reasoning.closure import broader
from kg.reasoning.concepts import reasoning_lines
from kg.vocab import GRAPHS, expand

__all__ = ["class_lines", "concept_lines", "metadata_lines", "ontology_lines"]


def concept_lines(linked: Iterable[str], knowledge: Knowledge) -> Iterator[str]:
    """The closure of every concept that some trial is linked to."""
    concepts, classes = knowledge.lexicon.concepts, knowledge.classes
    for iri in sorted(linked):
        within = sorted({iri, *broader(iri, concepts, classes)})
        yield from mapping.map_concept(iri, within, classes.get(iri, ()))


def ontology_lines(knowledge: Knowledge, classes: Path) -> Iterator[str]:
    """A plain slice of each ontology, then our own, with the drug classes of a file."""
    for ontology in knowledge.ontologies:
        for concept in knowledge.lexicon.concepts.of(ontology.name):
            yield from ontologies.plain_triples(concept)
            yield from reasoning_lines(concept, knowledge.lexicon.concepts)
            yield from mapping.map_names(concept.iri, concept.names())
    yield from _turtle_lines(assets.folder("ontologies") / "trialgraph.ttl")
    yield from class_lines(classes, knowledge.drug_classes)


def class_lines(path: Path, drug_classes: Iterable[DrugClass]) -> Iterator[str]:
    """What the ontology layer says of drug classes: last, since it is what `kg reason` renews."""
    for drug_class in drug_classes:
        names = (drug_class.label, *drug_class.names)
        yield from mapping.map_names(drug_class.iri, ((name, "exact") for name in names))
    yield from _turtle_lines(path)


def _turtle_lines(path: Path) -> Iterator[str]:
    """A Turtle file of ours for queries and people: all but what needs blank nodes."""
    import pyoxigraph as ox

    for quad in ox.parse(path=str(path), format=ox.RdfFormat.TURTLE):
        if isinstance(quad.subject, ox.NamedNode) and not isinstance(quad.object, ox.BlankNode):
            yield f"{quad.triple} .\n"


def metadata_lines(triples: Mapping[str, int], knowledge: Knowledge) -> Iterator[str]:
    """How many triples each layer has, and which releases the ontologies are."""
    for layer, count in sorted(triples.items()):
        graph = terms.iri(GRAPHS.get(layer, f"{GRAPHS['registry'].rpartition('/')[0]}/{layer}"))
        yield f"{graph} {terms.iri(expand('rdf:type'))} {terms.iri(expand('void:Dataset'))} .\n"
        yield f"{graph} {terms.iri(expand('dct:title'))} {terms.text(f'{layer} layer')} .\n"
        yield f"{graph} {terms.iri(expand('void:triples'))} {terms.integer(count)} .\n"
    for ontology in knowledge.ontologies:
        graph = terms.iri(expand(f"graph:ontology/{ontology.name}"))
        yield f"{graph} {terms.iri(expand('rdf:type'))} {terms.iri(expand('void:Dataset'))} .\n"
        yield f"{graph} {terms.iri(expand('dct:title'))} {terms.text(ontology.title)} .\n"
        yield f"{graph} {terms.iri(expand('dct:hasVersion'))} {terms.plain(ontology.version)} .\n"
