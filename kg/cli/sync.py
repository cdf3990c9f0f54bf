"""The command that follows the registry."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from kg.cli.options import FINDINGS
from kg.errors import NotFound

if TYPE_CHECKING:
    from kg.syncing import SyncReport

__all__ = ["sync"]

_FORMATS = ("text", "json")


def sync(
    graph: Annotated[Path, typer.Argument(metavar="DIR", help="Folder of the graph; its records stand beside it.")],
    since: Annotated[
        str | None, typer.Option("--since", metavar="DATE", help="Ask for what has changed since; else the last sync.")
    ] = None,
    query: Annotated[
        list[str] | None,
        typer.Option("--query", metavar="EXPR", help="Only such studies: AREA=WORDS as in cond=asthma, or words."),
    ] = None,
    registry: Annotated[str | None, typer.Option("--registry", metavar="URL", help="Where the API stands.")] = None,
    full: Annotated[
        bool, typer.Option("--full", help="Ask for everything again; what the registry has no more goes.")
    ] = False,
    per_minute: Annotated[
        float, typer.Option("--requests-per-minute", min=0.1, help="So many requests at most.")
    ] = 20.0,
    report_format: Annotated[str, typer.Option("--format", help="text or json.")] = "text",
) -> None:
    """Brings into a graph what the registry has: everything at first, then what has changed."""
    from kg import syncing

    if report_format not in _FORMATS:
        raise NotFound("format", report_format, _FORMATS)
    with _study_progress() as progress:
        report = syncing.sync(
            graph,
            since=since,
            query=query or (),
            registry=registry,
            full=full,
            per_minute=per_minute,
            progress=progress,
        )
    _print(report, report_format)
    broken = any(finding.severity == "violation" for finding in report.findings)
    if broken or (report.counts and report.counts["findings"]["violation"]):
        raise typer.Exit(FINDINGS)


def _print(report: "SyncReport", report_format: str) -> None:
    if report_format == "json":
        import msgspec

        typer.echo(msgspec.json.format(msgspec.json.encode(report)).decode())
        return
    for finding in report.findings:
        typer.echo(finding.text(), err=True)
    asked = f"changed since {report.since}" if report.since else "in all"
    total = "" if report.total is None else f" of {report.total:,}"
    typer.echo(f"{report.studies:,}{total} studies {asked} from {report.registry}, kept in {report.records}")
    if report.counts is None:
        typer.echo(f"nothing new for {report.graph}")
    else:
        typer.echo(f"{report.counts['trials']:,} trials in {report.graph}")
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
