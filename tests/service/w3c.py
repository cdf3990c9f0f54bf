"""W3C's tests of SPARQL 1.1: the cases, one store that holds all their data, and answers that can be compared.

The manifests' form: https://www.w3.org/2009/sparql/docs/tests/README.html
"""

import csv
import io
import json
import re
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

import pyoxigraph as ox
import rdflib

from tests.service.client import Answer

__all__ = ["Case", "Exchange", "canonical", "expected", "find_cases", "find_exchanges", "write_graph_folder"]

MF = rdflib.Namespace("http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#")
QT = rdflib.Namespace("http://www.w3.org/2001/sw/DataAccess/tests/test-query#")
UT = rdflib.Namespace("http://www.w3.org/2009/sparql/tests/test-update#")
HT = rdflib.Namespace("http://www.w3.org/2011/http#")
CNT = rdflib.Namespace("http://www.w3.org/2011/content#")
RDFS = rdflib.RDFS


class Case(NamedTuple):
    """One test: what kind it is, the query, the graphs of its dataset as files, and the file of the result."""

    name: str
    kind: str
    query: Path
    data: tuple[Path, ...]
    named: tuple[Path, ...]
    result: Path | None

    @property
    def text(self) -> str:
        """The query; relative IRIs in it are relative to its file."""
        text = self.query.read_text(encoding="utf-8")
        return text if self.kind.endswith("SyntaxTest11") else f"BASE <{self.query.as_uri()}>\n{text}"


def read(manifest: Path) -> rdflib.Graph:
    """A manifest."""
    return rdflib.Graph().parse(manifest, format="turtle", publicID=manifest.as_uri())


def entries(graph: rdflib.Graph) -> Iterator[Any]:
    """Its tests, in order."""
    for items in graph.objects(None, MF.entries):
        yield from graph.items(items)


def _files(nodes: Iterator[Any]) -> tuple[Path, ...]:
    return tuple(sorted(Path(str(node).removeprefix("file://")) for node in nodes))


def find_cases(suite: Path) -> Iterator[Case]:
    """All tests of queries: evaluation, result formats, and syntax."""
    for name in ("query", "results"):
        graph = read(suite / f"manifest-sparql11-{name}.ttl")
        for items in graph.objects(None, MF.include):
            for included in graph.items(items):
                yield from _cases(Path(str(included).removeprefix("file://")))


def _cases(manifest: Path) -> Iterator[Case]:
    graph = read(manifest)
    for entry in entries(graph):
        action = graph.value(entry, MF.action)
        kind = str(graph.value(entry, rdflib.RDF.type)).rpartition("#")[2]
        query = graph.value(action, QT.query) or action
        yield Case(
            f"{manifest.parent.name}/{str(entry).rpartition('#')[2]}",
            kind,
            _files(iter([query]))[0],
            _files(graph.objects(action, QT.data)),
            _files(graph.objects(action, QT.graphData)),
            next(iter(_files(graph.objects(entry, MF.result))), None),
        )


def write_graph_folder(folder: Path, files: dict[str, Path]) -> Path:
    """A graph folder whose store has a named graph a file, under the name that is given."""
    store = ox.Store(str(folder / "store"))
    formats = {".ttl": ox.RdfFormat.TURTLE, ".nt": ox.RdfFormat.N_TRIPLES, ".rdf": ox.RdfFormat.RDF_XML}
    for name, file in files.items():
        store.load(path=str(file), format=formats[file.suffix], base_iri=file.as_uri(), to_graph=ox.NamedNode(name))
    store.flush()
    (folder / "manifest.json").write_text("{}", encoding="utf-8")
    return folder


def expected(case: Case) -> str:
    """The result's file, as `canonical` gives it."""
    assert case.result
    suffix = case.result.suffix
    content = case.result.read_bytes()
    if suffix == ".csv":
        return _sorted_lines(content)
    if suffix in (".ttl", ".rdf", ".nt"):
        if b"ResultSet" in content:
            return _canonical_result_set(rdflib.Graph().parse(case.result))
        kind = {".ttl": ox.RdfFormat.TURTLE, ".rdf": ox.RdfFormat.RDF_XML, ".nt": ox.RdfFormat.N_TRIPLES}[suffix]
        return _canonical_triples(list(ox.parse(content, kind, base_iri=case.result.as_uri())))
    formats = {".srx": "XML", ".srj": "JSON", ".tsv": "TSV"}
    return _canonical_rows(content, getattr(ox.QueryResultsFormat, formats[suffix]))


#: Result's suffix -> the Accept header that asks for it.
ACCEPT = {
    ".srx": "application/sparql-results+xml",
    ".srj": "application/sparql-results+json",
    ".tsv": "text/tab-separated-values",
    ".csv": "text/csv",
}


def canonical(answer: Answer) -> str:
    """An answer as text that is the same for the same rows in any order, whatever blank nodes are called."""
    match answer.media_type:
        case "text/csv":
            return _sorted_lines(answer.body)
        case "application/sparql-results+xml":
            return _canonical_rows(answer.body, ox.QueryResultsFormat.XML)
        case "application/sparql-results+json":
            return _canonical_rows(answer.body, ox.QueryResultsFormat.JSON)
        case "text/tab-separated-values":
            return _canonical_rows(answer.body, ox.QueryResultsFormat.TSV)
    return _canonical_triples(list(ox.parse(answer.body, ox.RdfFormat.N_TRIPLES)))


def _sorted_lines(content: bytes) -> str:
    """Columns of `SELECT *` may come in any order, and blank nodes of CSV have names that say nothing."""
    head, *rows = csv.reader(io.StringIO(content.decode()))
    lines = ["|".join(cell for _, cell in sorted(zip(head, row, strict=True))) for row in [head, *rows]]
    return "\n".join(sorted(re.sub(r"_:\w+", "_:b", line) for line in lines))


def _canonical_rows(content: bytes, kind: Any) -> str:
    parsed = ox.parse_query_results(io.BytesIO(content), kind)
    if isinstance(parsed, ox.QueryBoolean):
        return f"{bool(parsed)}"
    assert isinstance(parsed, ox.QuerySolutions)
    names = [variable.value for variable in parsed.variables]
    row_of = ox.NamedNode("http://example.org/row")
    quads = []
    for row in parsed:
        node = ox.BlankNode()
        quads.append(ox.Quad(row_of, row_of, node))
        quads += [
            ox.Quad(node, ox.NamedNode(f"http://example.org/{name}"), row[name])
            for name in names
            if row[name] is not None
        ]
    return json.dumps(sorted(names)) + "\n" + _canonical_triples(quads)


RS = rdflib.Namespace("http://www.w3.org/2001/sw/DataAccess/tests/result-set#")


def _canonical_result_set(graph: rdflib.Graph) -> str:
    """Rows that are written as triples, as some old tests have them."""
    names = [str(name) for name in graph.objects(None, RS.resultVariable)]
    rows = []
    for solution in graph.objects(None, RS.solution):
        bindings = graph.objects(solution, RS.binding)
        rows.append({str(graph.value(each, RS.variable)): _json_term(graph.value(each, RS.value)) for each in bindings})
    return _canonical_rows(
        json.dumps({"head": {"vars": names}, "results": {"bindings": rows}}).encode(), ox.QueryResultsFormat.JSON
    )


def _json_term(term: Any) -> dict[str, str]:
    if not isinstance(term, rdflib.Literal):
        return {"type": "uri" if isinstance(term, rdflib.URIRef) else "bnode", "value": str(term)}
    more = {"xml:lang": term.language, "datatype": term.datatype and str(term.datatype)}
    return {"type": "literal", "value": str(term), **{name: value for name, value in more.items() if value}}


def _canonical_triples(quads: list[Any]) -> str:
    dataset = ox.Dataset([ox.Quad(quad.subject, quad.predicate, _by_value(quad.object)) for quad in quads])
    dataset.canonicalize(ox.CanonicalizationAlgorithm.UNSTABLE)
    return "\n".join(sorted(map(str, dataset)))


_VALUES: dict[str, Callable[[str], str]] = {
    "integer": lambda text: str(int(text)),
    "decimal": lambda text: f"{Decimal(text).normalize():f}",
    "double": lambda text: str(float(text)),
    "float": lambda text: str(float(text)),
    "boolean": lambda text: str(text in ("1", "true")),
}


def _by_value(term: Any) -> Any:
    """A number or a yes or no in one of the several forms that it may have: engines choose."""
    if not isinstance(term, ox.Literal):
        return term
    write = _VALUES.get(term.datatype.value.rpartition("#")[2])
    try:
        return ox.Literal(write(term.value), datatype=term.datatype) if write else term
    except (ValueError, ArithmeticError):
        return term


class Exchange(NamedTuple):
    """A request of the protocol's tests, and what is expected: a class of statuses, a yes or no, a kind of format."""

    name: str
    method: str
    path: str
    headers: dict[str, str]
    body: bytes
    statuses: tuple[str, ...]
    boolean: bool | None
    kind: str


def find_exchanges(suite: Path) -> Iterator[Exchange]:
    """All requests of the protocol's tests, in order."""
    graph = read(suite / "protocol" / "manifest.ttl")
    for entry in entries(graph):
        name = str(entry).rpartition("#")[2]
        for request in graph.items(graph.value(graph.value(entry, MF.action), HT.requests)):
            response, body = graph.value(request, HT.resp), graph.value(request, HT.body)
            boolean = graph.value(response, MF.expectedBoolean)
            encoding = str(graph.value(body, CNT.characterEncoding) or "UTF-8") if body else "UTF-8"
            yield Exchange(
                name,
                str(graph.value(request, HT.methodName)),
                str(graph.value(request, HT.absolutePath)),
                _headers(graph, request),
                str(graph.value(body, CNT.chars) or "").encode(encoding) if body else b"",
                tuple(str(status).rpartition("StatusCode")[2] for status in graph.objects(response, MF.expectedStatus)),
                None if boolean is None else bool(boolean.toPython()),  # type: ignore[attr-defined]
                str(graph.value(response, MF.expectedFormat) or ""),
            )


def _headers(graph: rdflib.Graph, request: Any) -> dict[str, str]:
    headers = graph.value(request, HT.headers)
    fields = graph.items(headers) if headers else ()
    return {str(graph.value(each, HT.fieldName)): str(graph.value(each, HT.fieldValue)) for each in fields}


def protocol_graphs(suite: Path) -> dict[str, Path]:
    """The graphs that the protocol's tests ask, under the names that their requests use."""
    graph = read(suite / "protocol" / "manifest.ttl")
    found = {}
    for node in graph.objects(None, UT.graphData):
        (file,) = _files(graph.objects(node, UT.graph))
        found[str(graph.value(node, RDFS.label))] = file
    return found
