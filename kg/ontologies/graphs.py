"""An ontology as a file of RDF: the publisher's own; SKOS where the publisher gives tables."""

import gzip
from collections.abc import Iterator
from pathlib import Path

from kg import terms
from kg.concept import Concept
from kg.errors import OntologyError
from kg.ontologies.cache import place, write_beside
from kg.ontologies.catalogue import Ontology, is_table, load
from kg.ontologies.facts import find_rdf
from kg.ontologies.release import Release, explained
from kg.vocab import PREFIXES, expand

__all__ = ["graph_file"]

_A, _CONCEPT, _LABEL, _ALT, _HIDDEN, _NOTATION, _BROADER, _MATCH = (
    terms.iri(expand(name))
    for name in (
        *("rdf:type", "skos:Concept", "skos:prefLabel", "skos:altLabel", "skos:hiddenLabel"),
        *("skos:notation", "skos:broader", "skos:exactMatch"),
    )
)


def graph_file(ontology: Ontology) -> Path:
    """A file of RDF with the whole ontology: its own; from a zip or of tables one in our cache.

    Raises:
        OntologyError: if that cannot be written.
    """
    path = ontology.path
    with explained(path):
        release, table = Release(path), is_table(path)
        if not table and not release.is_zip:
            return path
        name = "graph.nt.gz" if table else find_rdf(release).rpartition("/")[2].removesuffix(".gz")
        file = place("graphs") / ontology.sha256 / name
        if file.is_file():
            return file
        try:
            if table:
                # What is told of an ontology apart from its concepts has none of them.
                concepts = ontology.concepts or load(path).concepts
                lines = (line for iri in sorted(concepts) for line in _lines(concepts[iri]))
                write_beside(file, gzip.compress("".join(lines).encode(), mtime=0))
            else:
                with release.opened(find_rdf(release)) as stream:
                    write_beside(file, iter(lambda: stream.read(1 << 20), b""))
        except OSError as error:
            problem = f"the ontology's RDF cannot be written ({error.strerror or error})"
            raise OntologyError(str(file), problem) from error
    return file


def _lines(concept: Concept) -> Iterator[str]:
    subject = terms.iri(concept.iri)
    yield f"{subject} {_A} {_CONCEPT} .\n"
    yield f"{subject} {_LABEL} {terms.text(concept.label)} .\n"
    if concept.notation:
        yield f"{subject} {_NOTATION} {terms.plain(concept.notation)} .\n"
    for name in (*concept.exact, *concept.brands):
        yield f"{subject} {_ALT} {terms.text(name)} .\n"
    for name in concept.related:
        yield f"{subject} {_HIDDEN} {terms.text(name)} .\n"
    for broader in concept.broader:
        yield f"{subject} {_BROADER} {terms.iri(broader)} .\n"
    for xref in concept.xrefs:
        if xref.partition(":")[0] in PREFIXES:
            yield f"{subject} {_MATCH} {terms.iri(expand(xref))} .\n"
