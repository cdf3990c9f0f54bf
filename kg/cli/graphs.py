"""Commands that take a graph: export, sparql."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from kg.cli.options import AnswerFormat, Graph, Output, Timeout, Url, named_graph
from kg.console import deadline, print_answer, read_text

__all__ = ["export", "sparql"]


def export(
    graph: Annotated[Path, typer.Argument(metavar="DIR", help="Graph folder.")],
    to: Annotated[
        str,
        typer.Option(
            "--to",
            metavar="FORMAT_OR_FILE",
            help="turtle, ntriples, nquads, trig, jsonld or rdfxml; or the file to write, whose suffix is the format.",
        ),
    ],
    output: Output = None,
) -> None:
    """Writes all layers of a graph into one file; the same graph gives the same bytes."""
    from kg.export import FORMATS, export_graph, export_to

    if output is not None:
        export_graph(graph, output, to)
    elif to in FORMATS:
        export_to(graph, sys.stdout.buffer, to)
    else:
        export_graph(graph, Path(to))


def sparql(
    file: Annotated[str, typer.Argument(metavar="FILE", help="File with a SPARQL query, or - for standard input.")],
    graph: Graph = None,
    endpoint: Url = None,
    answer_format: AnswerFormat = "table",
    timeout_s: Timeout = 60,
) -> None:
    """Answers a SPARQL query of your own; it may only read."""
    from kg.queries import check_format, run_text

    check_format(answer_format)
    text = read_text(file)
    with deadline(timeout_s):
        print_answer(run_text(text, named_graph(graph, endpoint, timeout_s)), answer_format)
