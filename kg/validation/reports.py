"""Findings -> text for people, JSON for programs."""

from collections import Counter
from collections.abc import Sequence
from typing import TextIO

import msgspec

from kg.errors import NotFound
from kg.finding import SEVERITIES, Finding

__all__ = ["REPORT_FORMATS", "write_report"]

REPORT_FORMATS = ("text", "json")


def write_report(findings: Sequence[Finding], stream: TextIO, name: str) -> None:
    """Writes the findings and a summary.

    Raises:
        NotFound: if there is no such format.
    """
    if name not in REPORT_FORMATS:
        raise NotFound("format", name, REPORT_FORMATS)
    counts = Counter(finding.severity for finding in findings)
    summary = {severity: counts[severity] for severity in SEVERITIES}
    if name == "json":
        report = {"findings": findings, "summary": summary}
        stream.write(msgspec.json.format(msgspec.json.encode(report)).decode() + "\n")
        return
    stream.writelines(finding.text() + "\n" for finding in findings)
    by_severity = ", ".join(f"{count:,} {severity}" for severity, count in summary.items())
    trials = len({finding.trial for finding in findings if finding.trial})
    stream.write(f"{by_severity}; {trials:,} trials affected\n")
