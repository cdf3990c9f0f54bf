"""A report in Markdown, for summaries of jobs and comments: the summary as a table, then the findings."""

import re
from collections.abc import Iterable
from typing import TextIO

from kg.finding import Finding
from kg.validation.reports.locations import find_location
from kg.validation.reports.report import Report, shown, visible

__all__ = ["write_markdown"]

#: What Markdown, or the HTML in it, would take for its own (https://spec.commonmark.org/0.31.2/#backslash-escapes).
_ACTIVE = re.compile(r"[\\`*_\[\]|~#!@:<>&]")
_HTML = {"<": "&lt;", ">": "&gt;", "&": "&amp;", "|": "&#124;", "@": "&#64;", ":": "&#58;", "`": "&#96;"}
_PLAIN_COLON = re.compile(r"&#58;(?!//)")


def write_markdown(report: Report, stream: TextIO) -> None:
    """The summary, the findings, and what is left out."""
    stream.write(f"**{report.totals()}**\n")
    if report.findings:
        counts = [
            (_cell(row.shape), f"{row.violation:,}", f"{row.warning:,}", f"{row.info:,}", f"{row.trials:,}")
            for row in report.by_shape()
        ]
        stream.writelines(_table("shape violation warning info trials".split(), "--- --: --: --: --:".split(), counts))
    if report.shown:
        columns = "severity where trial place field message value rule".split()
        stream.writelines(_table(columns, ["---"] * len(columns), map(_row, report.shown)))
    stream.writelines(f"\n{remark}\n" for remark in report.remarks())


def _table(columns: list[str], ruler: list[str], rows: Iterable[Iterable[str]]) -> Iterable[str]:
    yield "\n"
    for row in (columns, ruler, *rows):
        yield f"| {' | '.join(row)} |\n"


def _row(finding: Finding) -> Iterable[str]:
    location = find_location(finding)
    mapped = f" ({finding.mapping})" if finding.mapping else ""
    return map(
        _cell,
        (
            finding.severity,
            location.text if location else "",
            finding.trial,
            finding.place or finding.path,
            f"{finding.field}{mapped}",
            finding.message,
            shown(finding.value) if finding.value else "",
            finding.rule,
        ),
    )


def _cell(text: str) -> str:
    """The text as it reads, in a cell: nothing in it is Markdown, HTML, a mention or a link."""
    written = _ACTIVE.sub(lambda match: _HTML.get(match[0]) or f"\\{match[0]}", visible(text))
    return _PLAIN_COLON.sub(":", written)
