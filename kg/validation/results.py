"""What engines report, made into findings: the one place where their differences are levelled.

- Message: the shape's own, as the standard says (https://www.w3.org/TR/shacl/#results-message); each engine has texts
  of its own for shapes without one, and shacl-rust adds them to all. A SPARQL constraint's message is its own.
- Path: of a property shape its path as text, since engines write paths that are no single property each in its way.
- Value: the text of the term; left out where it is the focus node itself.
- Of a value that is not of its datatype no comparison is told: rdflib puts a date and a month in an order of its own,
  where SPARQL knows none. Once the datatype is mended they are compared.
- Two results of SPARQL that say the same are one finding: shacl-rust repeats them for each solution of the query.
"""

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from kg.finding import Finding, Severity
from kg.iris import compact
from kg.validation.shapes_graph import Shape, ShapesGraph
from kg.vocab import PREFIXES

__all__ = ["Result", "read_results"]

_SH = PREFIXES["sh"]
_SEVERITIES: dict[str, Severity] = {f"{_SH}Warning": "warning", f"{_SH}Info": "info"}
_NCT = re.compile(r"NCT\d{8}")
_LITERAL = re.compile(r'"(?P<text>.*)"(?:\^\^<[^<>]*>|@[A-Za-z0-9-]+)?', re.DOTALL)
#: A variable of a message of a SPARQL constraint: https://www.w3.org/TR/shacl/#sparql-constraints-variables
_VARIABLE = re.compile(r"\{[?$]\w+\}")
_PLAIN = {
    "MinCount": "There are fewer values than there must be.",
    "MaxCount": "There are more values than there may be.",
    "Datatype": "A value is not of the datatype asked for.",
    "Class": "A value is not of the class asked for.",
    "In": "A value is none of the allowed ones.",
    "Pattern": "A value is not written in the form asked for.",
    "NodeKind": "A value is of the wrong kind: IRI, text or blank node.",
}


class Result(NamedTuple):
    """One result of an engine; terms as text, blank nodes with `_:`; of `path` only a property, else empty."""

    focus: str
    shape: str
    component: str
    severity: str
    path: str
    value: str
    messages: tuple[str, ...]


def read_results(graph: ShapesGraph, results: Iterable[Result]) -> list[Finding]:
    """The findings, in one order whatever the engine's."""
    found = [_finding(graph.shapes.get(result.shape), result) for result in results]
    queried = {finding for finding in found if finding.rule.endswith("/SPARQL")}
    told = _comparable([*(finding for finding in found if finding not in queried), *queried])
    wanted = (finding for finding in told if graph.rules is None or finding.rule in graph.rules)
    return sorted(wanted, key=lambda f: (f.focus, f.path, f.rule, f.value, f.message))


def _comparable(findings: list[Finding]) -> Iterator[Finding]:
    wrong = {(f.focus, f.path, f.value) for f in findings if f.rule.endswith("/Datatype")}
    for finding in findings:
        compares = finding.rule.endswith(("/SPARQL", "/LessThan", "/LessThanOrEquals"))
        if not compares or (finding.focus, finding.path, finding.value) not in wrong:
            yield finding


def _finding(known: Shape | None, result: Result) -> Finding:
    shape = known or Shape(iri=result.shape, name=compact(result.shape))
    nct = _NCT.search(result.focus)
    component = re.split(r"[/#]", result.component)[-1].removesuffix("ConstraintComponent")
    return Finding(
        rule=f"{shape.name}/{component}",
        message=_message(shape, component, result.messages),
        severity=_SEVERITIES.get(result.severity, "violation"),
        trial=nct[0] if nct else "",
        focus=result.focus,
        path=compact(result.path) if result.path else shape.path,
        value="" if result.value == result.focus else result.value,
    )


def _message(shape: Shape, component: str, reported: tuple[str, ...]) -> str:
    if component == "SPARQL":
        for text in _filled(shape.queries, reported):
            return text
    if shape.messages:
        return shape.messages[0]
    return _PLAIN.get(component, f"sh:{component[:1].lower()}{component[1:]} of the shape {shape.name} does not hold.")


def _filled(templates: tuple[str, ...], reported: tuple[str, ...]) -> Iterator[str]:
    """The reported messages that come of the templates, their variables as plain text."""
    for template in templates:
        parts = _VARIABLE.split(template)
        form = re.compile("(.*?)".join(map(re.escape, parts)), re.DOTALL)
        for message in reported:
            if match := form.fullmatch(message):
                filled = (*map(_plain, match.groups()), "")
                yield "".join(part + value for part, value in zip(parts, filled, strict=True))


def _plain(term: str) -> str:
    """The text of a literal that an engine may have written as a term."""
    literal = _LITERAL.fullmatch(term)
    return literal["text"] if literal else term
