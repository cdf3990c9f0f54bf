"""A graph into a store of somebody else's."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from kg.cli.options import FINDINGS
from kg.console import print_table, progress
from kg.errors import NotFound

if TYPE_CHECKING:
    from kg.loading import Loaded

__all__ = ["load"]


def load(  # noqa: PLR0913, PLR0917 - typer reads options from parameters
    graph: Annotated[Path, typer.Argument(metavar="DIR", help="Graph folder that `kg build` made.")],
    endpoint: Annotated[
        str,
        typer.Option(
            "--endpoint",
            metavar="URL",
            help="What takes queries; `?default-graph-uri=IRI` behind it for stores without a default graph.",
        ),
    ],
    gsp: Annotated[str, typer.Option("--gsp", metavar="URL", help="What takes graphs (Graph Store Protocol).")] = "",
    update: Annotated[str, typer.Option("--update", metavar="URL", help="What takes updates, if not ENDPOINT.")] = "",
    graph_prefix: Annotated[
        str, typer.Option("--graph-prefix", metavar="IRI", help="What names of graphs begin with in the store.")
    ] = "",
    replace: Annotated[
        bool, typer.Option("--replace", help="Empty the graphs first if they hold something else.")
    ] = False,
    batch: Annotated[
        int, typer.Option("--batch", min=0, help="Triples sent at once; 0: as many as the way takes.")
    ] = 0,
    timeout_s: Annotated[float, typer.Option("--timeout-s", min=0.1, help="Seconds one answer may take.")] = 300,
    report_format: Annotated[str, typer.Option("--format", help="table or json.")] = "table",
) -> None:
    """Sends a graph to any SPARQL store and counts what has come; a killed load goes on where it stopped.

    User and password are read from TRIALGRAPH_USER and TRIALGRAPH_PASSWORD.
    """
    from kg.loading import Target, load_graph

    if report_format not in ("table", "json"):
        raise NotFound("--format", report_format, ("table", "json"))
    target = Target(endpoint, gsp=gsp, update=update, batch=batch, timeout_s=timeout_s)
    with progress("triples sent") as show:
        loaded = load_graph(graph, target, graph_prefix=graph_prefix, replace=replace, show=show)
    _print(loaded, report_format)
    for finding in loaded.findings:
        typer.echo(finding.text(), err=True)
    if loaded.findings:
        raise typer.Exit(FINDINGS)


def _print(loaded: "Loaded", report_format: str) -> None:
    if report_format == "json":
        import msgspec

        typer.echo(msgspec.json.encode(loaded).decode())
        return
    rows = [[g.graph or "the default graph", f"{g.expected:,}", f"{g.found:,}", f"{g.sent:,}"] for g in loaded.graphs]
    print_table(["graph", "triples", "in the store", "sent"], rows)
