"""Checks of the mapping itself."""

from pathlib import Path
from typing import Annotated

import typer

from kg.cli.options import FINDINGS, Output
from kg.cli.reporting import Baseline, FailOn, Format, Known, Most, Update, check_report, write

__all__ = ["check"]


_Folder = Annotated[
    Path | None,
    typer.Argument(metavar="DIR", help="Folder with ontologies/, shapes/, queries/ or examples/ of your own."),
]
_Registry = Annotated[
    list[Path] | None,
    typer.Option(
        "--registry",
        metavar="FILE",
        help="The registry's OpenAPI description, or the JSON of its /studies/metadata and /studies/enums.",
    ),
]
_Ontology = Annotated[
    list[str] | None,
    typer.Option("--ontology", metavar="FILE_OR_NAME", help="Ontology to look terms up in, beside the slices."),
]
_Mappings = Annotated[
    list[Path] | None, typer.Option("--mappings", metavar="FILE", help="Mapping set (SSSOM) to check as well.")
]
_Fix = Annotated[bool, typer.Option("--fix", help="First rewrite Turtle files in the canonical layout.")]


def check(  # noqa: PLR0913 - the options of one command
    folder: _Folder = None,
    registry: _Registry = None,
    ontology: _Ontology = None,
    mappings: _Mappings = None,
    *,
    fix: _Fix = False,
    report_format: Format = "text",
    fail_on: FailOn = "violation",
    max_findings: Most = None,
    baseline: Baseline = None,
    update_baseline: Update = False,
    output: Output = None,
) -> None:
    """Checks the mapping itself, without data: fields, vocabulary, shapes, classes and queries have to agree.

    Exit code: 0 nothing found from --fail-on up, 1 something found, 2 usage, 3 a file cannot be read.
    """
    from kg.agreement import Places, check_mapping, fix_layout
    from kg.ontologies import find_file
    from kg.validation.rules import known_rules

    ours = (rule for name, rule in known_rules().items() if name.startswith("check/"))
    report = check_report(report_format, fail_on, max_findings, ours)
    known = Known(baseline, update=update_baseline)
    places = Places.of(folder) if folder else Places.bundled()
    files = [Path(name) if name.endswith(".obo") else find_file(name) for name in ontology or ()]
    for path in fix_layout(places) if fix else ():
        typer.echo(f"{path}: rewritten", err=True)
    checked = check_mapping(places, registry=registry or (), ontologies=files, mappings=mappings or ())
    report = known.compare(report, checked.findings)
    write(report, output, report_format)
    if not known.keep(checked.findings) and report.fails:
        raise typer.Exit(FINDINGS)
    counted = ", ".join(f"{count:,} {name}" for name, count in checked.counts.items())
    typer.echo(f"OK: {counted}", err=report_format != "text")
