"""SHACL's own report (https://www.w3.org/TR/shacl/#validation-report), in Turtle, with the way back to the record.

Of a result, prov:wasDerivedFrom is the place in the source record and prov:wasInfluencedBy the mapping rule, both as
W3C's Pointers in RDF (https://www.w3.org/TR/Pointers-in-RDF/): ptr:reference, ptr:expression, ptr:lineNumber.
"""

import re
from collections.abc import Iterator
from typing import TextIO

from kg import iris, terms
from kg.finding import Finding, Severity
from kg.validation.reports.locations import find_location, find_mapping
from kg.validation.reports.report import Report
from kg.validation.rules import shape_name
from kg.vocab import ID, PREFIXES

__all__ = ["write_turtle"]

#: Not in our graphs, so not among the prefixes of the vocabulary.
_POINTERS = "http://www.w3.org/2009/pointers#"
_WRITTEN = {name: PREFIXES[name] for name in ("dct", "prov", "rdfs", "sh", "xsd")} | {"ptr": _POINTERS}
_SEVERITIES: dict[Severity, str] = {"violation": "sh:Violation", "warning": "sh:Warning", "info": "sh:Info"}
_CURIE = re.compile(r"(?P<prefix>[A-Za-z]\w*):(?P<local>[\w-]+)")
_IRI = re.compile(r"(?:https?|urn):\S+")


def write_turtle(report: Report, stream: TextIO) -> None:
    """One report; its results are those shown, `sh:conforms` is about all."""
    stream.writelines(f"@prefix {name}: {terms.iri(iri)} .\n" for name, iri in sorted(_WRITTEN.items()))
    conforms = terms.boolean(not (report.findings or report.known))
    stream.write(f"\n_:report a sh:ValidationReport ;\n    sh:conforms {conforms} .\n")
    for number, finding in enumerate(report.shown, 1):
        node = terms.blank(f"result{number}")
        stream.write(f"\n_:report sh:result {node} .\n{node} a sh:ValidationResult")
        stream.writelines(f" ;\n    {property_} {value}" for property_, value in _said(report, finding))
        stream.write(" .\n")


def _said(report: Report, finding: Finding) -> Iterator[tuple[str, str]]:
    rule = report.rule(finding.rule)
    shape = shape_name(finding.rule)
    yield "sh:focusNode", _focus(finding)
    if path := _path(finding.path):
        yield "sh:resultPath", path
    if finding.value:
        yield "sh:value", _value(finding.value)
    if shape != finding.rule:
        yield "sh:sourceShape", terms.iri(rule.iri or f"{ID}shape/{shape}")
        component = finding.rule.removeprefix(f"{shape}/")
        yield "sh:sourceConstraintComponent", terms.iri(f"{PREFIXES['sh']}{component}ConstraintComponent")
    else:
        yield "sh:sourceConstraintComponent", terms.iri(f"{ID}rule/{finding.rule}")
    yield "sh:resultSeverity", _SEVERITIES[finding.severity]
    yield "sh:resultMessage", terms.plain(finding.message)
    if finding.trial:
        yield "dct:subject", terms.iri(iris.study(finding.trial))
    yield from _trace(finding)


def _trace(finding: Finding) -> Iterator[tuple[str, str]]:
    place = find_location(finding)
    if place:
        name = f"{place.file}!{place.member}" if place.member else place.file
        yield "prov:wasDerivedFrom", _pointer(name, finding.place, place.line)
    rule = find_mapping(finding)
    if rule or finding.field:
        file, line = (rule.file, rule.line) if rule else ("", 0)
        yield "prov:wasInfluencedBy", _pointer(file, finding.field, line)


def _pointer(file: str, expression: str, line: int) -> str:
    """A blank node: the file by its name, the place in it, its line."""
    said = ["a ptr:ExpressionPointer"]
    said += [f"ptr:reference [ dct:identifier {terms.plain(file)} ]"] if file else []
    said += [f"ptr:expression {terms.plain(expression)}"] if expression else []
    said += [f"ptr:lineNumber {terms.integer(line)}"] if line else []
    return f"[ {' ; '.join(said)} ]"


def _focus(finding: Finding) -> str:
    """The node that the finding is about: what the shape said, else the study, else none with a name."""
    if finding.focus and not finding.focus.startswith("_:"):
        return terms.iri(finding.focus)
    return terms.iri(iris.study(finding.trial)) if finding.trial else "[]"


def _path(path: str) -> str:
    """A property of our prefixes; other paths have a shape of their own that says them."""
    match = _CURIE.fullmatch(path)
    if not match or match["prefix"] not in PREFIXES:
        return ""
    return terms.iri(f"{PREFIXES[match['prefix']]}{match['local']}")


def _value(value: str) -> str:
    """An IRI, or text: findings keep no datatype."""
    return terms.iri(value) if _IRI.fullmatch(value) and terms.iri(value) == f"<{value}>" else terms.plain(value)
