"""rdflib: records in a zip -> terms -> a Graph for some thousands of rows -> its N-Triples serialiser."""

import sys
from collections.abc import Iterator
from pathlib import Path

from rdflib import Graph, Literal, URIRef
from rival_flatten import Row, flatten
from rival_subset import RDF_TYPE, STUDY, TABLES, XSD, Table
from rival_timing import timed

#: Rows in one graph: memory stays small, and rdflib is none the slower.
_BATCH = 5_000
Triple = tuple[URIRef, URIRef, URIRef | Literal]


def _triples(table: Table, row: Row) -> Iterator[Triple]:
    subject = URIRef(table.subject.format_map(row))
    if table.rdf_class:
        yield subject, URIRef(RDF_TYPE), URIRef(table.rdf_class)
    if table.link:
        yield URIRef(STUDY.format_map(row)), URIRef(table.link), subject
    for predicate, kind, column in table.properties:
        name = column.rpartition("{")[2].rstrip("}") if kind == "template" else column
        if (value := row[name]) not in (None, ""):
            yield subject, URIRef(predicate), _term(kind, column, str(value), row)


def _term(kind: str, column: str, value: str, row: Row) -> URIRef | Literal:
    match kind:
        case "template":
            return URIRef(column.format_map(row))
        case "iri":
            return URIRef(value)
        case "text":
            return Literal(value, lang="en")
        case "string":
            return Literal(value)
    return Literal(value, datatype=URIRef(XSD + kind))


def _run(folder: Path, out: Path) -> None:
    graph, held = Graph(), 0
    with out.with_suffix(".0.nt").open("wb") as lines:
        for name, row in flatten(folder / "records.zip"):
            for triple in _triples(TABLES[name], row):
                graph.add(triple)
            held += 1
            if held == _BATCH:
                lines.write(graph.serialize(format="nt", encoding="utf-8"))
                graph, held = Graph(), 0
        lines.write(graph.serialize(format="nt", encoding="utf-8"))


if __name__ == "__main__":
    timed(lambda: _run(Path(sys.argv[1]), Path(sys.argv[2])))
