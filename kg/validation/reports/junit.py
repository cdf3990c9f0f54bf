"""JUnit XML: a test case a shape, passed ones too; what fails the run fails the case.

Its form is what Jenkins and GitLab read: https://github.com/jenkinsci/xunit-plugin (junit-10.xsd).
"""

import xml.etree.ElementTree as ET
from typing import TextIO

import msgspec

from kg.finding import Finding, is_at_least
from kg.validation.reports.plain import describe
from kg.validation.reports.report import Report, visible
from kg.validation.rules import shape_name

__all__ = ["write_junit"]


class _Told(msgspec.Struct):
    """The findings of one case that fail the run, or do not: as lines, and how many are not shown."""

    worst: str = ""
    count: int = 0
    lines: list[str] = msgspec.field(default_factory=list)

    def add(self, finding: Finding, *, is_shown: bool) -> None:
        """Counts a finding, and keeps its line if it is to be shown."""
        self.worst = self.worst or finding.severity
        self.count += 1
        if is_shown:
            self.lines.append(describe(finding))

    def text(self) -> str:
        """The lines."""
        more = self.count - len(self.lines)
        return _xml("\n".join([*self.lines, *([f"{more:,} more"] if more else [])]))


def write_junit(report: Report, stream: TextIO) -> None:
    """One suite; findings that are not bad enough to fail stand in the output of their case."""
    told = {rule.shape or rule.name: (_Told(), _Told()) for rule in report.rules}
    for index, finding in enumerate(report.ordered):
        failing, passing = told.setdefault(shape_name(finding.rule), (_Told(), _Told()))
        group = failing if is_at_least(finding.severity, report.fail_on) else passing
        group.add(finding, is_shown=index < len(report.shown))
    cases = [_case(report, name, *told[name]) for name in sorted(told)]
    failed, broken = (sum(case.find(kind) is not None for case in cases) for kind in ("failure", "error"))
    counts = {"tests": str(len(cases)), "failures": str(failed), "errors": str(broken)}
    suites = ET.Element("testsuites", counts)
    suite = ET.SubElement(suites, "testsuite", {"name": "trialgraph"} | counts | {"skipped": "0", "time": "0"})
    suite.extend(cases)
    ET.SubElement(suite, "system-out").text = _xml("\n".join((*report.remarks(), report.totals())))
    ET.indent(suites)
    stream.write(f'<?xml version="1.0" encoding="UTF-8"?>\n{ET.tostring(suites, encoding="unicode")}\n')


def _case(report: Report, name: str, failing: _Told, passing: _Told) -> ET.Element:
    rule = report.rule(name)
    case = ET.Element("testcase", classname=_xml(_class(name)), name=_xml(f"{name}: {rule.title}"), time="0")
    if failing.count:
        message = _xml(f"{failing.count:,} finding{'' if failing.count == 1 else 's'}: {rule.help}")
        # What was not checked has not failed: the run has.
        kind = "error" if name.startswith("run/") else "failure"
        ET.SubElement(case, kind, message=message, type=failing.worst).text = failing.text()
    if passing.count:
        ET.SubElement(case, "system-out").text = passing.text()
    return case


def _class(name: str) -> str:
    """What cases are grouped by: the class that the shape is for, or who said it."""
    kind, slash, _ = name.partition("/")
    if slash:
        return f"trialgraph.{kind}"
    return f"trialgraph.{name.partition('-')[0] if name[:1].isupper() else 'records'}"


def _xml(text: str) -> str:
    """The text without what XML 1.0 cannot hold (https://www.w3.org/TR/xml/#charsets)."""
    return visible(text, keep="\n")
