"""Checks of the mapping itself."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from kg.cli.options import FINDINGS
from kg.errors import NotFound

__all__ = ["check"]


def check(
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
    fix: Annotated[bool, typer.Option("--fix", help="First rewrite our Turtle in its canonical layout.")] = False,
    report_format: Annotated[str, typer.Option("--format", help="As of `kg validate`: text, json …")] = "text",
    fail_on: Annotated[str, typer.Option("--fail-on", help="violation, warning or info.")] = "violation",
) -> None:
    """Checks the mapping itself, without data: fields, vocabulary, classes and queries have to agree."""
    from kg.agreement import Places, check_mapping, fix_layout
    from kg.finding import SEVERITIES, is_at_least
    from kg.ontologies import find_file
    from kg.validation.reports import REPORT_FORMATS, write_report

    threshold = next((severity for severity in SEVERITIES if severity == fail_on), None)
    if threshold is None:
        raise NotFound("--fail-on", fail_on, SEVERITIES)
    if report_format not in REPORT_FORMATS:
        raise NotFound("format", report_format, REPORT_FORMATS)
    files = [Path(name) if name.endswith(".obo") else find_file(name) for name in ontology or ()]
    for path in fix_layout(Places.bundled()) if fix else ():
        typer.echo(f"{path}: rewritten", err=True)
    checked = check_mapping(registry=registry or (), ontologies=files, mappings=mappings or ())
    write_report(checked.findings, sys.stdout, report_format)
    if any(is_at_least(finding.severity, threshold) for finding in checked.findings):
        raise typer.Exit(FINDINGS)
    counted = ", ".join(f"{count:,} {name}" for name, count in checked.counts.items())
    typer.echo(f"OK: {counted}", err=report_format != "text")
