"""The command that brings new and changed records into a graph."""

from pathlib import Path
from typing import Annotated

import typer

from kg.cli.options import FINDINGS, Jobs, Sources
from kg.console import count_cores, record_progress

__all__ = ["update"]


def update(
    graph: Annotated[Path, typer.Argument(metavar="DIR", help="Graph folder that `kg build` made.")],
    sources: Sources,
    *,
    complete: Annotated[
        bool, typer.Option("--complete", help="The sources are all there is: trials that are not in them go.")
    ] = False,
    jobs: Jobs = None,
) -> None:
    """Brings new and changed records into a graph; the result is that of a build of the records that then stand."""
    from kg.update import update_graph

    with record_progress() as told:
        report = update_graph(
            graph, sources, complete=complete, jobs=jobs or count_cores(), progress=lambda at: told(*at)
        )
    counts = report.graph.counts
    typer.echo(
        f"{report.new:,} trials new, {report.changed:,} changed, {report.withdrawn:,} withdrawn, "
        f"{report.unchanged:,} unchanged, {report.older:,} older than the graph's"
    )
    typer.echo(f"{counts['trials']:,} trials, {counts['quads']:,} quads in {graph}")
    if counts["findings"]["violation"]:
        raise typer.Exit(FINDINGS)
