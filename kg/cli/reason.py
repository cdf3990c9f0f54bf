"""The command that reasons over a graph."""

from pathlib import Path
from typing import Annotated, Any

import typer

from kg.cli.options import FINDINGS
from kg.console import print_table
from kg.errors import NotFound

__all__ = ["reason"]


def reason(
    graph: Annotated[Path, typer.Argument(metavar="DIR", help="Graph folder that `kg build` made.")],
    classes: Annotated[
        Path | None,
        typer.Option("--classes", metavar="FILE", help="Class definitions in Turtle, not the bundled ones."),
    ] = None,
    module: Annotated[
        Path | None, typer.Option("--module", metavar="FILE", help="Keep the OWL module, as N-Triples.")
    ] = None,
    report_format: Annotated[str, typer.Option("--format", help="text or json.")] = "text",
    timeout_s: Annotated[float, typer.Option("--timeout-s", min=0.1, help="Seconds the reasoner may take.")] = 600,
) -> None:
    """Classifies the graph's drugs with an OWL reasoner, finds contradictions, and renews the drug classes."""
    import msgspec

    from kg.reason import reason_graph

    if report_format not in ("text", "json"):
        raise NotFound("--format", report_format, ("text", "json"))
    report = reason_graph(graph, classes_file=classes, module_file=module, timeout_s=timeout_s)
    if report_format == "json":
        typer.echo(msgspec.json.format(msgspec.json.encode(report)).decode())
    else:
        _print_report(report)
    if any(finding.severity == "violation" for finding in report.findings):
        raise typer.Exit(FINDINGS)


def _print_report(report: Any) -> None:
    found = sorted((row for row in report.classes if row.drugs), key=lambda row: row.label.casefold())
    if found:
        sources = sorted({source for row in found for source in row.by_source})
        counts = [[str(row.by_source.get(source, "–")) for source in sources] for row in found]
        columns = ["class", "drugs", *(f"by {source}" for source in sources)]
        print_table(columns, [[row.label, str(row.drugs), *cells] for row, cells in zip(found, counts, strict=True)])
    for finding in report.findings:
        typer.echo(finding.text())
    if report.consistent:
        typer.echo(f"{len(report.classes) - len(found)} of {len(report.classes)} classes have no drug in this graph")
    state = "consistent" if report.consistent else "contradicts itself; nothing was written"
    typer.echo(f"{report.drugs:,} drugs, {report.individuals:,} individuals: {state}")
    typer.echo(f"reasoner: {report.seconds:g} s, {report.memory_mb:,} MB")
    if report.renewed is not None:
        typer.echo(f"renewed: {report.renewed.removed:,} triples removed, {report.renewed.added:,} added")
