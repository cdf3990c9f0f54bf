"""The command that follows the registry."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from kg.cli.options import FINDINGS, Jobs, Mappings, Ontology
from kg.console import count_cores, record_progress
from kg.errors import NotFound, UsageError

if TYPE_CHECKING:
    from kg.syncing import SyncReport, Wish

__all__ = ["sync"]

_FORMATS = ("text", "json")


def sync(  # noqa: PLR0913, PLR0917 - typer reads options from parameters
    graph: Annotated[Path, typer.Argument(metavar="DIR", help="Folder of the graph; its records stand beside it.")],
    since: Annotated[
        str, typer.Option("--since", metavar="DATE", help="Ask for what has changed since then, not the last sync.")
    ] = "",
    query: Annotated[
        list[str] | None,
        typer.Option("--query", metavar="EXPR", help="Only such studies: AREA=WORDS as in cond=asthma, or words."),
    ] = None,
    from_zip: Annotated[
        Path | None, typer.Option("--from-zip", metavar="FILE", help="Begin with the registry's zip of all studies.")
    ] = None,
    full: Annotated[
        bool, typer.Option("--full", help="Ask for everything again; what the registry has no more goes.")
    ] = False,
    registry: Annotated[str, typer.Option("--registry", metavar="URL", help="Where the API stands.")] = "",
    per_minute: Annotated[float, typer.Option("--requests-per-minute", min=0.1, help="At most so many.")] = 20.0,
    ontology: Ontology = None,
    mappings: Mappings = None,
    jobs: Jobs = None,
    report_format: Annotated[str, typer.Option("--format", help="text or json.")] = "text",
) -> None:
    """Brings into a graph what the registry has: everything at first, then what has changed."""
    from kg import syncing

    if report_format not in _FORMATS:
        raise NotFound("format", report_format, _FORMATS)
    wish = syncing.Wish(since=since, query=tuple(query or ()), full=full, registry=registry, per_minute=per_minute)
    report = _fetch(graph, wish, from_zip)
    with record_progress() as told:
        building = syncing.Building(
            ontology_names=tuple(ontology or ()),
            mappings=tuple(mappings or ()),
            jobs=jobs or count_cores(),
            progress=lambda at: told(*at),
        )
        report = syncing.bring_in(graph, report, building)
    _print(report, report_format)
    found = {finding.severity for finding in report.findings}
    if "violation" in found or (report.counts and report.counts["findings"]["violation"]):
        raise typer.Exit(FINDINGS)


def _fetch(graph: Path, wish: "Wish", from_zip: Path | None) -> "SyncReport":
    from kg import syncing

    if from_zip is None:
        with _study_progress() as come:
            return syncing.fetch(graph, wish, progress=come)
    if wish.query or wish.full or wish.registry:
        raise UsageError("--from-zip", "takes all from the file: no --query, --full or --registry beside it")
    return syncing.fetch_zip(graph, from_zip, since=wish.since)


def _print(report: "SyncReport", report_format: str) -> None:
    if report_format == "json":
        import msgspec

        typer.echo(msgspec.json.format(msgspec.json.encode(report)).decode())
        return
    for finding in report.findings:
        typer.echo(finding.text(), err=True)
    asked = f"changed since {report.since}" if report.since else "in all"
    total = "" if report.total is None else f" of {report.total:,}"
    origin = f" from {report.registry}" if report.registry else ""
    if report.resumed:
        typer.echo("went on where the last sync stopped")
    if report.unchanged:
        typer.echo(f"the data of {report.registry} are those of the last sync")
    else:
        again = f", {report.unchanged_pages:,} pages of them as before" if report.unchanged_pages else ""
        typer.echo(f"{report.studies:,}{total} studies {asked}{origin}{again}, kept in {report.records}")
    if report.counts is None:
        typer.echo(f"nothing new for {report.graph}")
    else:
        changes = ", ".join(f"{count:,} {kind}" for kind, count in report.changes.items())
        typer.echo(f"{report.counts['trials']:,} trials in {report.graph}: {changes}")
    typer.echo(f"the next sync asks for what has changed since {report.next_since or 'ever'}")


@contextmanager
def _study_progress() -> Iterator[Callable[[int, int], None]]:
    """A bar on stderr: studies that came, of those that the registry counted; on a terminal only."""
    import sys

    if not sys.stderr.isatty():
        yield lambda _have, _total: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = TextColumn("studies"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("studies", total=None)
        yield lambda have, total: bar.update(task, completed=have, total=total or None)
