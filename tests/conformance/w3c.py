"""W3C's test cases of SHACL: what they give an engine, and what they expect of it.

The manifests' form: https://w3c.github.io/data-shapes/data-shapes-test-suite/
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pyoxigraph as ox

from kg.finding import Finding
from kg.validation.shape_triples import ShapeTriples

__all__ = ["Case", "Outcome", "Said", "expected", "find_cases", "outcome"]

MF = "http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#"
SHT = "http://www.w3.org/ns/shacl-test#"
SH = "http://www.w3.org/ns/shacl#"
#: What is compared of a result: focus, path, value (text, empty where it is the focus), component, severity.
Said = tuple[str, str, str, str, str]
#: How often each result was given; none at all if the graph conforms.
Outcome = Counter[Said]


class Case(NamedTuple):
    """One test: its name in the suite, the graphs as files, and the result that is expected."""

    name: str
    data: Path
    shapes: Path
    triples: ShapeTriples
    result: Any

    @property
    def must_fail(self) -> bool:
        """Whether the shapes are to be refused."""
        return isinstance(self.result, ox.NamedNode) and self.result.value == f"{SHT}Failure"


def read(path: Path) -> Iterator[Any]:
    """The triples of a file, blank nodes under the same labels each time that its N-Triples are read."""
    return iter(ox.parse(path=str(path), format=ox.RdfFormat.TURTLE, base_iri=path.as_uri()))


def find_cases(suite: Path) -> Iterator[Case]:
    """All cases of all files, also those that no manifest includes."""
    for path in sorted(suite.rglob("*.ttl")):
        triples = ShapeTriples(read(path))
        for entries in (value for node in triples.by_subject for value in triples.objects(node, f"{MF}entries")):
            for entry in triples.items(entries):
                (action,), (result,) = triples.objects(entry, f"{MF}action"), triples.objects(entry, f"{MF}result")
                data, shapes = (_file(triples.objects(action, f"{SHT}{name}Graph")[0]) for name in ("data", "shapes"))
                name = f"{path.parent.relative_to(suite.parent)}/{entry.value.rpartition('/')[2]}"
                yield Case(name, data, shapes, triples, result)


def _file(node: Any) -> Path:
    return Path(node.value.removeprefix("file://"))


def expected(case: Case) -> Outcome:
    """The results that the case expects."""
    said = Outcome()
    for result in case.triples.objects(case.result, "result"):

        def one(name: str, result: Any = result) -> Any:
            return next(iter(case.triples.objects(result, name)), None)

        focus, path = _text(one("focusNode")), one("resultPath")
        value = _text(one("value"))
        component = one("sourceConstraintComponent").value.rpartition("#")[2].removesuffix("ConstraintComponent")
        severity = {f"{SH}Warning": "warning", f"{SH}Info": "info"}.get(one("resultSeverity").value, "violation")
        where = case.triples.path_text(path) if path is not None else ""
        said[focus, where, "" if value == focus else value, component, severity] += 1
    return said


def _text(node: Any) -> str:
    return "" if node is None else str(node) if isinstance(node, ox.BlankNode) else node.value


def outcome(findings: Iterable[Finding]) -> Outcome:
    """What findings say, as far as the cases do."""
    return Outcome((f.focus, f.path, f.value, f.rule.rpartition("/")[2], f.severity) for f in findings)
