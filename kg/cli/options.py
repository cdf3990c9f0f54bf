"""Options that several commands share, and the graph that they name."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperGroup

from kg.errors import NotFound, UsageError
from kg.location import locate

if TYPE_CHECKING:
    from kg.finding import Severity

__all__ = [
    "FINDINGS",
    "AnswerFormat",
    "Graph",
    "Jobs",
    "Mappings",
    "Ontology",
    "Output",
    "Sources",
    "Timeout",
    "Url",
    "group",
    "named_graph",
    "threshold",
]

#: Exit code: something was found at or above the threshold.
FINDINGS = 1

Graph = Annotated[Path | None, typer.Option("--graph", metavar="DIR", help="Graph folder that `kg build` made.")]
Url = Annotated[str | None, typer.Option("--endpoint", metavar="URL", help="SPARQL endpoint instead of a folder.")]
AnswerFormat = Annotated[str, typer.Option("--format", help="table, csv, tsv, json, xml or markdown.")]
Output = Annotated[Path | None, typer.Option("-o", "--output", metavar="FILE", help="File to write, not stdout.")]
Timeout = Annotated[float, typer.Option("--timeout-s", min=0.1, help="Seconds a query may take.")]
Ontology = Annotated[
    list[str] | None,
    typer.Option(
        "--ontology", metavar="FILE_OR_NAME", help="Ontology to link to; the bundled slices if none is given."
    ),
]

Mappings = Annotated[
    list[Path] | None,
    typer.Option("--mappings", metavar="FILE", help="Curated mapping set (SSSOM) that linking follows first."),
]
Sources = Annotated[
    list[Path],
    typer.Argument(
        metavar="SOURCE...", parser=locate, help="Files, folders or zips of records, URLs of such, or NCT numbers."
    ),
]
Jobs = Annotated[
    int | None, typer.Option("--jobs", min=1, help="Processes that map; as many as there are cores if not given.")
]


def threshold(name: str) -> "Severity":
    """The severity from which on a finding fails the run, as `--fail-on` names it.

    Raises:
        NotFound: if it is none.
    """
    from kg.finding import SEVERITIES

    for severity in SEVERITIES:
        if severity == name:
            return severity
    raise NotFound("--fail-on", name, SEVERITIES)


def group(description: str, name: str | None = None, cls: type[TyperGroup] = TyperGroup) -> typer.Typer:
    """A command that has commands below it."""
    return typer.Typer(
        name=name,
        cls=cls,
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
        help=description,
    )


def named_graph(folder: Path | None, endpoint: str | None, timeout_s: float) -> Any:
    """The graph that answers: a folder's store or an endpoint.

    Raises:
        UsageError: unless one of the two is named.
    """
    if (folder is None) == (endpoint is None):
        raise UsageError("--graph, --endpoint", "name one of them", got="both" if folder else "neither")
    if endpoint is not None:
        from kg.endpoint import Endpoint

        return Endpoint(endpoint, timeout_s=timeout_s)
    from kg.store import EmbeddedStore

    assert folder is not None  # noqa: S101 - the other case returned
    return EmbeddedStore(folder / "store")
