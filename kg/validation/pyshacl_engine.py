"""pySHACL over rdflib: the reference, always there."""

import logging
import warnings
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any

from kg.errors import KgError
from kg.finding import Finding
from kg.validation.results import Result, read_results
from kg.validation.shape_selection import select_shapes
from kg.validation.shapes_graph import read_shapes
from kg.validation.wellformed import check_shapes
from kg.vocab import PREFIXES

__all__ = ["PyShacl", "rdflib_graph", "reference_results"]

_SH = PREFIXES["sh"]


class PyShacl:
    """pySHACL over rdflib."""

    def __init__(self, shapes: Path | None = None, only: Sequence[str] = ()) -> None:
        """Reads shapes from a Turtle file or every one of a folder.

        Raises:
            KgError: if one of them is no Turtle, or no shape that SHACL knows.
            NotFound: if `only` has a name that none has.
        """
        whole = read_shapes(shapes)
        check_shapes(whole, shapes)
        self._shapes = select_shapes(whole, only)
        self._graph = rdflib_graph(self._shapes.lines)

    def validate(self, lines: Iterable[str]) -> Iterator[Finding]:
        """What is wrong with the triples, by focus node."""
        yield from read_results(self._shapes, reference_results(lines, self._graph))


def reference_results(
    lines: Iterable[str], shapes: Any, *, focus: Sequence[str] = (), use: Sequence[str] = ()
) -> list[Result]:
    """What pySHACL reports; of some shapes on some nodes only, where they are named.

    Raises:
        KgError: if pySHACL gives up.
    """
    from pyshacl import validate
    from rdflib import Graph, URIRef

    chosen: dict[str, Any] = (
        {"focus_nodes": [URIRef(f) for f in focus], "use_shapes": [URIRef(u) for u in use]} if focus else {}
    )
    with _quiet():
        # Our own graph, made for this one run: pySHACL need not copy it.
        _, report, _ = validate(rdflib_graph(lines), shacl_graph=shapes, inplace=True, inference="none", **chosen)
    if not isinstance(report, Graph):
        raise KgError("pySHACL", f"could not validate: {getattr(report, 'message', report)}")
    return [_result(report, node) for node in report.objects(None, _term("result"), unique=True)]


def _result(report: Any, node: Any) -> Result:
    def value(name: str) -> str:
        return _text(report.value(node, _term(name)))

    path = report.value(node, _term("resultPath"))
    return Result(
        focus=value("focusNode"),
        shape=value("sourceShape"),
        component=value("sourceConstraintComponent"),
        severity=value("resultSeverity"),
        path=_text(path) if _is_iri(path) else "",
        value=value("value"),
        messages=tuple(str(message) for message in report.objects(node, _term("resultMessage"))),
    )


def rdflib_graph(lines: Iterable[str]) -> Any:
    """The triples as rdflib's graph, every literal as it is written: rdflib's own parser would make 1 of 01."""
    import pyoxigraph as ox
    from rdflib import BNode, Literal, URIRef

    def term(node: Any) -> Any:
        if isinstance(node, ox.NamedNode):
            return URIRef(node.value)
        if isinstance(node, ox.BlankNode):
            return BNode(node.value)
        datatype = None if node.language or node.datatype.value == _STRING else URIRef(node.datatype.value)
        return Literal(node.value, lang=node.language, datatype=datatype, normalize=False)

    graph = _graph()
    for quad in ox.parse(input="".join(lines), format=ox.RdfFormat.N_TRIPLES):
        graph.add((term(quad.subject), term(quad.predicate), term(quad.object)))
    return graph


def _graph() -> Any:
    """A graph that reads each SPARQL text once.

    pySHACL asks a constraint's query anew for each focus node: reading it takes rdflib 30 ms, answering it 1 ms.
    """
    from rdflib import Graph

    class Prepared(Graph):
        def query(self, query_object: Any, *arguments: Any, **named: Any) -> Any:
            return super().query(_prepared(str(query_object)), *arguments, **named)

    return Prepared()


@lru_cache(maxsize=1024)
def _prepared(text: str) -> Any:
    from rdflib.plugins.sparql import prepareQuery

    return prepareQuery(text)


@contextmanager
def _quiet() -> Iterator[None]:
    """Without rdflib's tracebacks and warnings about literals that are not of their datatype: findings tell of them."""
    logger = logging.getLogger("rdflib.term")
    level = logger.level
    logger.setLevel(logging.CRITICAL)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logger.setLevel(level)


_STRING = f"{PREFIXES['xsd']}string"


def _text(node: Any) -> str:
    from rdflib import BNode

    return "" if node is None else f"_:{node}" if isinstance(node, BNode) else str(node)


def _is_iri(node: Any) -> bool:
    from rdflib import URIRef

    return isinstance(node, URIRef)


def _term(name: str) -> Any:
    from rdflib import URIRef

    return URIRef(_SH + name)
