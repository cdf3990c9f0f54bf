"""The command that checks graphs, records and endpoints against the shapes."""

import io
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from kg.cli.options import FINDINGS, Output, threshold
from kg.console import FAILED, opened, progress
from kg.errors import NotFound, UsageError

if TYPE_CHECKING:
    from kg.finding import Finding
    from kg.validation import EngineSpec
    from kg.validation.reports import Report

__all__ = ["validate"]

_Graphs = Annotated[
    list[str] | None, typer.Argument(metavar="DIR_OR_FILE...", help="Graph folders, RDF files or records.")
]
_Format = Annotated[str, typer.Option("--format", help="text, json, jsonl, sarif, junit, github, markdown or turtle.")]
_FailOn = Annotated[str, typer.Option("--fail-on", help="violation, warning or info.")]
_Most = Annotated[
    int | None, typer.Option("--max-findings", min=0, help="Show so many, the worst first; all are counted.")
]
_Baseline = Annotated[
    Path | None, typer.Option("--baseline", metavar="FILE", help="Findings that are known: only others fail.")
]
_Update = Annotated[bool, typer.Option("--update-baseline", help="Make what is found now the baseline.")]
_Only = Annotated[
    list[str] | None,
    typer.Option("--only", metavar="SHAPE", help="Study-status, all of Study, or Study-status/In; repeatable."),
]
_Shapes = Annotated[
    Path | None, typer.Option("--shapes", metavar="FILE_OR_DIR", help="Shapes of your own in the place of ours.")
]
_Engine = Annotated[str, typer.Option("--engine", help="auto, pyshacl or shacl-rust.")]
_Jobs = Annotated[int, typer.Option("--jobs", min=1, help="Processes that check at a time.")]
_Deadline = Annotated[
    float, typer.Option("--deadline-s", min=0.1, help="Seconds that the check of 50 trials may take.")
]
_Endpoint = Annotated[
    str | None, typer.Option("--endpoint", metavar="URL", help="SPARQL endpoint instead of folders and files.")
]
_Graph = Annotated[str | None, typer.Option("--graph", metavar="IRI", help="The endpoint's graph, if not its default.")]
_Timeout = Annotated[float, typer.Option("--timeout-s", min=0.1, help="Seconds that an answer of it may take.")]


def validate(  # noqa: PLR0913, PLR0917 - the options of one command
    graphs: _Graphs = None,
    report_format: _Format = "text",
    fail_on: _FailOn = "violation",
    output: Output = None,
    max_findings: _Most = None,
    baseline: _Baseline = None,
    update_baseline: _Update = False,
    only: _Only = None,
    shapes: _Shapes = None,
    engine: _Engine = "auto",
    jobs: _Jobs = 1,
    deadline_s: _Deadline = 600,
    endpoint: _Endpoint = None,
    graph: _Graph = None,
    timeout_s: _Timeout = 60,
) -> None:
    """Checks graphs against the SHACL shapes; each finding leads back to its place in the record.

    Exit code: 0 nothing found from --fail-on up, 1 something found, 2 usage, 3 not everything could be checked.
    """
    from kg.validation import EngineSpec

    spec = EngineSpec(engine, shapes, tuple(only or ()))
    report = _empty_report(spec, report_format, fail_on, max_findings)
    known = _Known(baseline, update=update_baseline, only=bool(only))
    check = _checker([_path(name) for name in graphs or ()], endpoint, graph, timeout_s)
    with progress("times 50 trials") as told:
        found = check(spec, jobs=jobs, deadline_s=deadline_s, told=told)
    report = known.compare(report, found)
    _write(report, output, report_format)
    if any(finding.rule.startswith("run/") for finding in found):
        raise typer.Exit(FAILED)
    known.keep(found)
    if report.fails and not update_baseline:
        raise typer.Exit(FINDINGS)


def _empty_report(spec: "EngineSpec", report_format: str, fail_on: str, most: int | None) -> "Report":
    """What the report says before anything is found; what is wrong with the options is told first."""
    from kg.validation.reports import REPORT_FORMATS, Report
    from kg.validation.rules import read_rules

    if report_format not in REPORT_FORMATS:
        raise NotFound("format", report_format, REPORT_FORMATS)
    failing = threshold(fail_on)
    return Report(rules=tuple(read_rules(spec.shapes, spec.only).values()), most=most, fail_on=failing)


class _Known:
    """The findings that are known, or shall be."""

    def __init__(self, file: Path | None, *, update: bool, only: bool) -> None:
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

    def keep(self, found: "Sequence[Finding]") -> None:
        """Makes these the known ones, if that was asked for."""
        from kg.validation.baseline import write_baseline

        if self._update and self._file:
            write_baseline(found, self._file)


def _path(name: str) -> Path:
    """The path of that name; none at all is no name of the present folder, as in a script whose variable is not set."""
    if not name:
        raise UsageError("DIR_OR_FILE", "a name is empty", expected="folders and files; `.` for the present folder")
    return Path(name)


def _checker(
    graphs: Sequence[Path], endpoint: str | None, graph: str | None, timeout_s: float
) -> "Callable[..., list[Finding]]":
    """What checks the paths or the endpoint that the command names."""
    from functools import partial

    from kg.checks import validate_paths, validate_remote

    if bool(graphs) == bool(endpoint) or (graph and not endpoint):
        got = "both" if graphs and endpoint else "--graph without --endpoint" if graph else "neither"
        raise UsageError("DIR_OR_FILE, --endpoint", "name folders and files, or an endpoint", got=got)
    if endpoint:
        return partial(validate_remote, endpoint, graph, timeout_s=timeout_s)
    return partial(validate_paths, graphs)


def _write(report: "Report", output: Path | None, report_format: str) -> None:
    from kg.validation.reports import write_report

    if output is None:
        write_report(report, sys.stdout, report_format)
        return
    with opened(output) as stream, io.TextIOWrapper(stream, encoding="utf-8", newline="\n") as text:
        write_report(report, text, report_format)
