"""Saved queries: list, show, run."""

from typing import Annotated

import typer

from kg.cli.options import AnswerFormat, Graph, Timeout, Url, group, named_graph
from kg.console import deadline, print_answer, print_table
from kg.errors import UsageError

__all__ = ["app", "pair", "query_run"]


app = group("Saved queries: list, show, run.")


@app.command("list", epilog="Example: kg query list")
def query_list(answer_format: Annotated[str, typer.Option("--format", help="table or json.")] = "table") -> None:
    """Lists the saved queries with what they ask."""
    from kg.queries import read_queries

    queries = read_queries()
    if answer_format == "json":
        import msgspec

        typer.echo(msgspec.json.encode([msgspec.structs.replace(q, text="") for q in queries.values()]).decode())
        return
    print_table(["query", "question"], [[query.name, query.summary] for query in queries.values()])


@app.command("show", epilog="Example: kg query show trials-by-drug")
def query_show(name: Annotated[str, typer.Argument(metavar="NAME")]) -> None:
    """Prints a saved query with its header."""
    from kg.queries import find_query

    typer.echo(find_query(name).text, nl=False)


@app.command("run", epilog="Example: kg query run trials-by-drug --graph graph drug=everolimus")
def query_run(
    name: Annotated[str, typer.Argument(metavar="NAME")],
    values: Annotated[list[str] | None, typer.Argument(metavar="[PARAM=VALUE]...")] = None,
    graph: Graph = None,
    endpoint: Url = None,
    answer_format: AnswerFormat = "table",
    timeout_s: Timeout = 60,
) -> None:
    """Runs a saved query; concepts may be given as name, CURIE or IRI."""
    from kg.queries import check_format, find_query, run_query

    check_format(answer_format)
    query = find_query(name)
    given = dict(pair(value) for value in values or ())
    with deadline(timeout_s):
        answer, resolved = run_query(query, given, named_graph(graph, endpoint, timeout_s))
        for value in resolved:
            typer.echo(value.line(), err=True)
        print_answer(answer, answer_format, resolved)


def pair(text: str) -> tuple[str, str]:
    """A parameter's name and value, as the command line takes them.

    Raises:
        UsageError: if it is not in the form PARAM=VALUE.
    """
    name, equals, value = text.partition("=")
    if not equals:
        raise UsageError(text, "no parameter", expected="PARAM=VALUE")
    return name, value
