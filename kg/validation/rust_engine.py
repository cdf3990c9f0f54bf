"""shacl-rust with its index in memory: many times faster than the reference, and young.

Known of 0.2.12, and met here:

- It reads a SPARQL constraint anew for each focus node, twelve times as long as all else takes: those of shapes for
  classes are asked of all nodes at once (`constraint_queries`).

- A path or value that a SPARQL constraint computes, and that no triple of the data has, is left out of the result.
  Paths are put into the data as nodes of a triple that no shape targets; for values the reference is asked about these
  focus nodes alone. So it is with the constraints that are left to it.
- It passes over shapes that it does not understand; all are checked by the reference before (`wellformed`).
"""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from kg.errors import KgError
from kg.finding import Finding
from kg.validation.constraint_queries import ConstraintQueries
from kg.validation.pyshacl_engine import rdflib_graph, reference_results
from kg.validation.results import Result, read_results
from kg.validation.shape_queries import named_iris
from kg.validation.shape_selection import select_shapes
from kg.validation.shapes_graph import ShapesGraph, read_shapes
from kg.validation.wellformed import check_shapes
from kg.vocab import PREFIXES

__all__ = ["ShaclRust"]

_SELECT = f"{PREFIXES['sh']}select"


class ShaclRust:
    """shacl-rust over an index in memory."""

    def __init__(self, shapes: Path | None = None, only: Sequence[str] = ()) -> None:
        """Reads shapes from a Turtle file or every one of a folder.

        Raises:
            KgError: if one of them is no Turtle, or no shape that SHACL knows.
            NotFound: if `only` has a name that none has.
        """
        whole = read_shapes(shapes)
        check_shapes(whole, shapes)
        self._shapes = select_shapes(whole, only)
        self._queries = ConstraintQueries(self._shapes.lines)
        self._text = "".join(self._queries.rest)
        self._known = "".join(_mention(self._shapes))

    def validate(self, lines: Iterable[str]) -> Iterator[Finding]:
        """What is wrong with the triples, by focus node.

        Raises:
            KgError: if the triples are no N-Triples.
        """
        import shacl_rust

        held = list(lines)
        data = "".join(held)
        try:
            report = shacl_rust.validate(
                data + self._known, self._text, data_format="nt", shapes_format="nt", experimental_index=True
            )
            asked = list(self._queries.results(data))
        except (ValueError, SyntaxError) as error:
            raise KgError("shacl-rust", f"could not validate: {error}") from error
        results = [_result(told) for told in report["results"]]
        yield from read_results(self._shapes, [*self._completed(held, results), *asked])

    def _completed(self, lines: list[str], results: list[Result]) -> Iterator[Result]:
        """The results; those of SPARQL constraints that lack a path or value come from the reference."""
        doubtful: dict[str, set[str]] = {}
        for result in results:
            if self._lacks(result):
                doubtful.setdefault(result.shape, set()).add(result.focus)
        for result in results:
            if result.focus not in doubtful.get(result.shape, ()):
                yield result
        if doubtful:
            graph = rdflib_graph(self._shapes.lines)
            for shape, nodes in doubtful.items():
                asked = reference_results(lines, graph, focus=sorted(nodes), use=[shape])
                yield from (result for result in asked if result.shape == shape)

    def _lacks(self, result: Result) -> bool:
        shape = self._shapes.shapes.get(result.shape)
        if shape is None or not result.component.endswith("SPARQLConstraintComponent") or result.focus.startswith("_:"):
            return False
        return bool(
            ("value" in shape.projected and not result.value) or ("path" in shape.projected and not result.path)
        )


def _result(told: dict[str, Any]) -> Result:
    path = told.get("resultPath", "")
    return Result(
        focus=_text(told["focusNode"]),
        shape=_text(told["sourceShape"]),
        component=_text(told["sourceConstraintComponent"]),
        severity=_text(told["severity"]),
        # A path of several properties is written as text, with blanks or signs around its parts.
        path=path[1:-1] if path.startswith("<") and path.find(">") == len(path) - 1 else "",
        value=_text(told.get("value", "")),
        messages=tuple(told["messages"]),
    )


def _text(term: str) -> str:
    """The text of a term in N-Triples."""
    if not term.startswith('"'):
        return term[1:-1] if term.startswith("<") else term
    import pyoxigraph as ox

    (quad,) = ox.parse(input=f"<a:a> <a:a> {term} .", format=ox.RdfFormat.N_TRIPLES)
    return str(quad.object.value)


def _mention(graph: ShapesGraph) -> Iterator[str]:
    """Triples that name every IRI in the shapes' SPARQL texts: one may be a constraint's path."""
    import pyoxigraph as ox

    quads = ox.parse(input="".join(graph.lines), format=ox.RdfFormat.N_TRIPLES)
    texts = [quad.object.value for quad in quads if quad.predicate.value == _SELECT]
    for name in sorted({iri for text in texts for iri in named_iris(text)}):
        yield f"<urn:x-trialgraph:shapes> <urn:x-trialgraph:mentions> <{name}> .\n"
