"""SHACL engines behind one interface; pySHACL is the reference and works everywhere."""

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Protocol

from kg import iris
from kg.errors import KgError
from kg.finding import Finding, Severity
from kg.vocab import PREFIXES

__all__ = ["Engine", "PyShacl"]

_SH = PREFIXES["sh"]
_SEVERITIES: dict[str, Severity] = {f"{_SH}Warning": "warning", f"{_SH}Info": "info"}
_NCT = re.compile(r"NCT\d{8}")


class Engine(Protocol):
    """Checks graphs against the shapes that it was made with."""

    def validate(self, lines: Iterable[str]) -> Iterator[Finding]:
        """What is wrong with the triples (N-Triples text)."""


class PyShacl:
    """pySHACL over rdflib."""

    def __init__(self, shapes: Path) -> None:
        """Reads every `.ttl` file of a folder.

        Raises:
            KgError: if one of them is no Turtle.
        """
        import pyoxigraph as ox
        from rdflib import Graph

        self._shapes = Graph()
        for path in sorted(shapes.glob("*.ttl")):
            try:
                # rdflib's parser fails on broken Turtle in ways of its own; this one names line and column.
                for _ in ox.parse(path=str(path), format=ox.RdfFormat.TURTLE):
                    pass
                self._shapes.parse(path, format="turtle")
            except SyntaxError as error:
                raise KgError(str(path), f"no Turtle: {error}") from error

    def validate(self, lines: Iterable[str]) -> Iterator[Finding]:
        """What is wrong with the triples, the worst first, then by focus node."""
        from pyshacl import validate
        from rdflib import Graph

        data = Graph()
        data.parse(data="".join(lines), format="nt")
        _, report, _ = validate(data, shacl_graph=self._shapes, inference="none", advanced=False, meta_shacl=False)
        if not isinstance(report, Graph):
            raise KgError("pySHACL", f"could not validate: {report}")
        findings = [self._finding(report, result) for result in report.subjects(_term("resultSeverity"), unique=True)]
        yield from sorted(findings, key=lambda f: (f.focus, f.path, f.rule, f.value))

    def _finding(self, report: Any, result: Any) -> Finding:
        def value(name: str) -> str:
            found = report.value(result, _term(name))
            return "" if found is None else str(found)

        focus = value("focusNode")
        shape = value("sourceShape")
        nct = _NCT.search(focus)
        component = value("sourceConstraintComponent").removeprefix(_SH).removesuffix("ConstraintComponent")
        return Finding(
            rule=f"{shape.rpartition('/')[2]}/{component}",
            message=min((str(m) for m in report.objects(result, _term("resultMessage"))), default=""),
            severity=_SEVERITIES.get(value("resultSeverity"), "violation"),
            trial=nct[0] if nct else "",
            focus=focus,
            path=iris.compact(value("resultPath")) if value("resultPath") else "",
            value="" if value("value") == focus else value("value"),
        )


def _term(name: str) -> Any:
    from rdflib import URIRef

    return URIRef(_SH + name)
