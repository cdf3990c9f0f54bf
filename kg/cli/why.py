"""Why a trial is in the answer of a saved query, or is not."""

from typing import Annotated

import typer

from kg.cli.options import Graph, Timeout, Url, named_graph
from kg.cli.query import pair
from kg.console import deadline
from kg.errors import NotFound

__all__ = ["why"]


def why(
    trial: Annotated[str, typer.Argument(metavar="NCT", help="The trial's NCT number.")],
    name: Annotated[str, typer.Argument(metavar="QUERY", help="The saved query.")],
    values: Annotated[list[str] | None, typer.Argument(metavar="[PARAM=VALUE]...")] = None,
    graph: Graph = None,
    endpoint: Url = None,
    answer_format: Annotated[str, typer.Option("--format", help="text or json.")] = "text",
    timeout_s: Timeout = 60,
) -> None:
    """Tells why a trial is in the answer of a saved query, or what fails and what the trial has there instead."""
    from kg.explanation import explain, read_aloud
    from kg.queries import find_query

    if answer_format not in ("text", "json"):
        raise NotFound("format", answer_format, ("text", "json"))
    query = find_query(name)
    given = dict(pair(value) for value in values or ())
    with deadline(timeout_s):
        explanation = explain(query, given, trial, named_graph(graph, endpoint, timeout_s))
    if answer_format == "json":
        import msgspec

        typer.echo(msgspec.json.format(msgspec.json.encode(explanation), indent=2).decode())
    else:
        typer.echo(read_aloud(explanation), nl=False)
