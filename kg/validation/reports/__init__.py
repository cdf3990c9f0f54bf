"""Findings -> reports: text for people, JSON for programs, and what CI systems read."""

from collections.abc import Callable, Sequence
from typing import TextIO

from kg.errors import NotFound
from kg.finding import Finding
from kg.validation.reports.github import write_github
from kg.validation.reports.junit import write_junit
from kg.validation.reports.markdown import write_markdown
from kg.validation.reports.plain import write_json, write_jsonl, write_text
from kg.validation.reports.report import Report
from kg.validation.reports.sarif import write_sarif
from kg.validation.reports.turtle import write_turtle

__all__ = ["REPORT_FORMATS", "Report", "write_report"]

_WRITERS: dict[str, Callable[[Report, TextIO], None]] = {
    "text": write_text,
    "json": write_json,
    "jsonl": write_jsonl,
    "sarif": write_sarif,
    "junit": write_junit,
    "github": write_github,
    "markdown": write_markdown,
    "turtle": write_turtle,
}
REPORT_FORMATS = tuple(_WRITERS)


def write_report(found: Report | Sequence[Finding], stream: TextIO, name: str) -> None:
    """Writes the findings, worst first, and a summary where the format has one.

    Raises:
        NotFound: if there is no such format.
    """
    if name not in _WRITERS:
        raise NotFound("format", name, REPORT_FORMATS)
    report = found if isinstance(found, Report) else Report(findings=tuple(found))
    _WRITERS[name](report.cleaned(), stream)
