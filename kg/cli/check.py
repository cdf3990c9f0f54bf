"""Checks of the mapping itself."""

import io
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from kg.cli.options import FINDINGS, Output, threshold
from kg.console import opened
from kg.errors import NotFound

__all__ = ["check"]


def check(  # noqa: PLR0913 - the options of one command
    folder: Annotated[
        Path | None,
        typer.Argument(metavar="DIR", help="Folder with ontologies/, shapes/, queries/ or examples/ of your own."),
    ] = None,
    registry: Annotated[
        list[Path] | None,
        typer.Option(
            "--registry",
            metavar="FILE",
            help="The registry's OpenAPI description, or the JSON of its /studies/metadata and /studies/enums.",
        ),
    ] = None,
    ontology: Annotated[
        list[str] | None,
        typer.Option("--ontology", metavar="FILE_OR_NAME", help="Ontology to look terms up in, beside the slices."),
    ] = None,
    mappings: Annotated[
        list[Path] | None, typer.Option("--mappings", metavar="FILE", help="Mapping set (SSSOM) to check as well.")
    ] = None,
    *,
    fix: Annotated[bool, typer.Option("--fix", help="First rewrite Turtle files in the canonical layout.")] = False,
    report_format: Annotated[
        str, typer.Option("--format", help="text, json, jsonl, sarif, junit, github, markdown or turtle.")
    ] = "text",
    fail_on: Annotated[str, typer.Option("--fail-on", help="violation, warning or info.")] = "violation",
    output: Output = None,
) -> None:
    """Checks the mapping itself, without data: fields, vocabulary, shapes, classes and queries have to agree.

    Exit code: 0 nothing found from --fail-on up, 1 something found, 2 usage, 3 a file cannot be read.
    """
    from kg.agreement import Places, check_mapping, fix_layout
    from kg.ontologies import find_file
    from kg.validation.reports import REPORT_FORMATS, Report

    if report_format not in REPORT_FORMATS:
        raise NotFound("format", report_format, REPORT_FORMATS)
    failing = threshold(fail_on)
    places = Places.of(folder) if folder else Places.bundled()
    files = [Path(name) if name.endswith(".obo") else find_file(name) for name in ontology or ()]
    for path in fix_layout(places) if fix else ():
        typer.echo(f"{path}: rewritten", err=True)
    checked = check_mapping(places, registry=registry or (), ontologies=files, mappings=mappings or ())
    report = Report(findings=checked.findings, fail_on=failing)
    _write(report, output, report_format)
    if report.fails:
        raise typer.Exit(FINDINGS)
    counted = ", ".join(f"{count:,} {name}" for name, count in checked.counts.items())
    typer.echo(f"OK: {counted}", err=report_format != "text")


def _write(report: Any, output: Path | None, report_format: str) -> None:
    from kg.validation.reports import write_report

    if output is None:
        write_report(report, sys.stdout, report_format)
        return
    with opened(output) as stream, io.TextIOWrapper(stream, encoding="utf-8", newline="\n") as text:
        write_report(report, text, report_format)
