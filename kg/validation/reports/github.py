"""Annotations of GitHub Actions: lines of the log that the runner shows at files and lines of a pull request.

https://docs.github.com/en/actions/reference/workflow-commands-for-github-actions

GitHub shows ten annotations of each kind a step, so the worst come first and the log says how many it leaves out; SARIF
has no such limit.
"""

from typing import TextIO

from kg.finding import Finding, Severity
from kg.validation.reports.locations import find_location
from kg.validation.reports.report import Report, shown, visible

__all__ = ["write_github"]

_COMMANDS: dict[Severity, str] = {"violation": "error", "warning": "warning", "info": "notice"}
_MOST_OF_A_KIND = 10


def write_github(report: Report, stream: TextIO) -> None:
    """A line an annotation, then the summary."""
    stream.writelines(f"{_annotation(report, finding)}\n" for finding in report.shown)
    if any(sum(f.severity == severity for f in report.shown) > _MOST_OF_A_KIND for severity in _COMMANDS):
        stream.write(f"GitHub shows {_MOST_OF_A_KIND} annotations of a kind a step; this log has them all.\n")
    stream.writelines(f"{remark}\n" for remark in report.remarks())
    stream.write(f"{report.totals()}\n")


def _annotation(report: Report, finding: Finding) -> str:
    location = find_location(finding)
    properties = {}
    if location and not location.is_remote:
        properties["file"] = location.file
        if location.line and not location.is_packed:
            properties["line"] = str(location.line)
    properties["title"] = f"{report.rule(finding.rule).title} [{finding.rule}]"
    written = ",".join(f"{name}={_property(value)}" for name, value in properties.items())
    return f"::{_COMMANDS[finding.severity]} {written}::{_data(_message(finding))}"


def _message(finding: Finding) -> str:
    """The message first, then whatever tells where: an annotation shows no more than this."""
    location = find_location(finding)
    packed = location.text if location and location.is_packed else ""
    where = " ".join(part for part in (finding.trial, packed, finding.place or finding.path) if part)
    lines = [finding.message, where, f"got {shown(finding.value)}" if finding.value else ""]
    if finding.field:
        lines.append(f"field {finding.field}{finding.mapping and f', mapped at {finding.mapping}'}")
    return "\n".join(line for line in lines if line)


def _data(text: str) -> str:
    kept = visible(text, keep="\r\n")
    return kept.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
