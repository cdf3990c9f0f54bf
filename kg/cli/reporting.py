"""What commands that find faults share: the form of their report, the baseline, and when they fail."""

import io
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from kg.cli.options import threshold
from kg.console import opened
from kg.errors import NotFound, UsageError

if TYPE_CHECKING:
    from kg.finding import Finding
    from kg.validation.reports import Report
    from kg.validation.rules import Rule

__all__ = ["Baseline", "FailOn", "Format", "Known", "Most", "Update", "check_report", "write"]

Format = Annotated[str, typer.Option("--format", help="text, json, jsonl, sarif, junit, github, markdown or turtle.")]
FailOn = Annotated[str, typer.Option("--fail-on", help="violation, warning or info.")]
Most = Annotated[
    int | None, typer.Option("--max-findings", min=0, help="Show so many, the worst first; all are counted.")
]
Baseline = Annotated[
    Path | None, typer.Option("--baseline", metavar="FILE", help="Findings that are known: only others fail.")
]
Update = Annotated[bool, typer.Option("--update-baseline", help="Make what is found now the baseline.")]


def check_report(report_format: str, fail_on: str, most: int | None, rules: "Iterable[Rule]") -> "Report":
    """The report before anything is found: what is wrong with its options is told first.

    Raises:
        NotFound: if there is no such format or severity.
    """
    from kg.validation.reports import REPORT_FORMATS, Report

    if report_format not in REPORT_FORMATS:
        raise NotFound("format", report_format, REPORT_FORMATS)
    return Report(rules=tuple(rules), most=most, fail_on=threshold(fail_on))


class Known:
    """The findings that are known, or shall be.

    Raises:
        UsageError: if they shall be written and no file is named, or only some are looked for.
        SourceError: if the file is no baseline.
    """

    def __init__(self, file: Path | None, *, update: bool, only: bool = False) -> None:
        from kg.validation.baseline import read_baseline

        if update and (file is None or only):
            got = "--only" if only else "no file"
            raise UsageError("--update-baseline", "writes all findings into the file that --baseline names", got=got)
        self._file, self._update = file, update
        self._baseline = read_baseline(file) if file and not update else None

    def compare(self, report: "Report", found: "Sequence[Finding]") -> "Report":
        """The report of what is not known."""
        import msgspec

        from kg.validation.baseline import compare

        if self._baseline is None:
            return msgspec.structs.replace(report, findings=tuple(found))
        compared = compare(found, self._baseline)
        return msgspec.structs.replace(report, findings=compared.new, known=compared.known)

    def keep(self, found: "Sequence[Finding]") -> bool:
        """Makes these the known ones, if that was asked for; says whether it was."""
        from kg.validation.baseline import write_baseline

        if self._update and self._file:
            write_baseline(found, self._file)
        return self._update


def write(report: "Report", output: Path | None, report_format: str) -> None:
    """Writes the report to standard output, or into a file that appears whole."""
    from kg.validation.reports import write_report

    if output is None:
        write_report(report, sys.stdout, report_format)
        return
    with opened(output) as stream, io.TextIOWrapper(stream, encoding="utf-8", newline="\n") as text:
        write_report(report, text, report_format)
