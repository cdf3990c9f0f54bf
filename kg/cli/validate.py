"""The command that checks graphs, records and endpoints against the shapes."""

import io
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from kg.cli.options import FINDINGS, Output, threshold
from kg.console import FAILED, opened, progress
from kg.errors import NotFound, UsageError

if TYPE_CHECKING:
    from kg.finding import Finding
    from kg.validation.reports import Report

__all__ = ["validate"]


def validate(  # noqa: PLR0913, PLR0917 - the options of one command
    graphs: Annotated[
        list[Path] | None, typer.Argument(metavar="DIR_OR_FILE...", help="Graph folders, RDF files or records.")
    ] = None,
    report_format: Annotated[
        str, typer.Option("--format", help="text, json, jsonl, sarif, junit, github, markdown or turtle.")
    ] = "text",
    fail_on: Annotated[str, typer.Option("--fail-on", help="violation, warning or info.")] = "violation",
    output: Output = None,
    max_findings: Annotated[
        int | None, typer.Option("--max-findings", min=0, help="Show so many, the worst first; all are counted.")
    ] = None,
    baseline: Annotated[
        Path | None, typer.Option("--baseline", metavar="FILE", help="Findings that are known: only others fail.")
    ] = None,
    update_baseline: Annotated[
        bool, typer.Option("--update-baseline", help="Make what is found now the baseline.")
    ] = False,
    only: Annotated[
        list[str] | None,
        typer.Option("--only", metavar="SHAPE", help="Study-status, all of Study, or Study-status/In; repeatable."),
    ] = None,
    shapes: Annotated[
        Path | None, typer.Option("--shapes", metavar="FILE_OR_DIR", help="Shapes of your own, not ours.")
    ] = None,
    engine: Annotated[str, typer.Option("--engine", help="auto, pyshacl or shacl-rust.")] = "auto",
    jobs: Annotated[int, typer.Option("--jobs", min=1, help="Processes that check at a time.")] = 1,
    deadline_s: Annotated[
        float, typer.Option("--deadline-s", min=0.1, help="Seconds that the check of 200 trials may take.")
    ] = 600,
    endpoint: Annotated[
        str | None, typer.Option("--endpoint", metavar="URL", help="SPARQL endpoint instead of folders and files.")
    ] = None,
    graph: Annotated[
        str | None, typer.Option("--graph", metavar="IRI", help="The endpoint's graph; its default graph if not given.")
    ] = None,
    timeout_s: Annotated[float, typer.Option("--timeout-s", min=0.1, help="Seconds an endpoint may take.")] = 60,
) -> None:
    """Checks graphs against the SHACL shapes; each finding leads back to its place in the record.

    Exit code: 0 nothing found from --fail-on up, 1 something found, 2 usage, 3 not everything could be checked.
    """
    from kg.validation import EngineSpec
    from kg.validation.reports import REPORT_FORMATS, Report
    from kg.validation.rules import read_rules

    if report_format not in REPORT_FORMATS:
        raise NotFound("format", report_format, REPORT_FORMATS)
    failing = threshold(fail_on)
    known = _known(baseline, update_baseline=update_baseline, only=only)
    spec = EngineSpec(engine, shapes, tuple(only or ()))
    rules = tuple(read_rules(shapes, spec.only).values())
    with progress("times 200 trials") as told:
        options: dict[str, Any] = {"jobs": jobs, "deadline_s": deadline_s, "told": told}
        found = _check(graphs or [], endpoint, graph, timeout_s, spec, options)
    report = Report(findings=tuple(found), rules=rules, most=max_findings, fail_on=failing)
    if known is not None:
        report = _without(report, known)
    _write(report, output, report_format)
    if any(finding.rule.startswith("run/") for finding in found):
        raise typer.Exit(FAILED)
    if update_baseline and baseline:
        from kg.validation.baseline import write_baseline

        write_baseline(found, baseline)
    elif report.fails:
        raise typer.Exit(FINDINGS)


def _known(baseline: Path | None, *, update_baseline: bool, only: Sequence[str] | None) -> Any:
    """The baseline that was given; None if there is none, or it is about to be written."""
    if update_baseline and (baseline is None or only):
        got = "--only" if only else "no file"
        raise UsageError("--update-baseline", "writes all findings into the file that --baseline names", got=got)
    if baseline is None or update_baseline:
        return None
    from kg.validation.baseline import read_baseline

    return read_baseline(baseline)


def _check(
    graphs: Sequence[Path],
    endpoint: str | None,
    graph: str | None,
    timeout_s: float,
    spec: Any,
    options: dict[str, Any],
) -> "list[Finding]":
    from kg.checks import validate_paths, validate_remote

    if bool(graphs) == bool(endpoint) or (graph and not endpoint):
        got = "both" if graphs and endpoint else "--graph without --endpoint" if graph else "neither"
        raise UsageError("DIR_OR_FILE, --endpoint", "name folders and files, or an endpoint", got=got)
    if endpoint:
        return validate_remote(endpoint, graph, spec, timeout_s=timeout_s, **options)
    return validate_paths(graphs, spec, **options)


def _without(report: "Report", baseline: Any) -> "Report":
    """The report of what the baseline does not know."""
    import msgspec

    from kg.validation.baseline import compare

    compared = compare(report.findings, baseline)
    return msgspec.structs.replace(report, findings=compared.new, known=compared.known)


def _write(report: "Report", output: Path | None, report_format: str) -> None:
    from kg.validation.reports import write_report

    if output is None:
        write_report(report, sys.stdout, report_format)
        return
    with opened(output) as stream, io.TextIOWrapper(stream, encoding="utf-8", newline="\n") as text:
        write_report(report, text, report_format)
