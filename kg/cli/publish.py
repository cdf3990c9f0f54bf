"""Commands for those who come after: a bundle for catalogues, and what changed since the last one."""

from pathlib import Path
from typing import Annotated

import typer

from kg.cli.options import Output
from kg.console import opened

__all__ = ["diff", "publish"]


def publish(  # noqa: PLR0913, PLR0917 - typer reads options from parameters
    graph: Annotated[Path, typer.Argument(metavar="DIR", help="Graph folder that `kg build` made.")],
    to: Annotated[Path, typer.Option("--to", metavar="OUT", help="Folder of the bundle; an older one is replaced.")],
    base_url: Annotated[str, typer.Option("--base-url", metavar="URL", help="Where the bundle will stand.")] = "",
    licence: Annotated[str, typer.Option("--license", metavar="IRI", help="Licence of what is yours.")] = "",
    publisher: Annotated[str, typer.Option("--publisher", metavar="NAME", help="Who publishes.")] = "",
    publisher_url: Annotated[str, typer.Option("--publisher-url", metavar="IRI", help="The publisher's IRI.")] = "",
    title: Annotated[str, typer.Option("--title", help="Title of the dataset.")] = "Clinical trials as linked data",
    release: Annotated[
        str,
        typer.Option("--release", metavar="NAME", help="Name of the release; the records' last day and a hash else."),
    ] = "",
    previous: Annotated[str, typer.Option("--previous", metavar="NAME", help="Name of the release before it.")] = "",
    issued: Annotated[str, typer.Option("--issued", metavar="DATE", help="Day of publication.")] = "",
    endpoint: Annotated[
        str, typer.Option("--endpoint", metavar="URL", help="SPARQL endpoint that has the graph.")
    ] = "",
    formats: Annotated[
        list[str] | None, typer.Option("--format", help="Further format of the dumps: trig or jsonld.")
    ] = None,
) -> None:
    """Writes one bundle for linked-data catalogues; the same graph on the same terms gives the same bytes."""
    from kg.publishing import Terms
    from kg.publishing import publish as write_bundle

    terms = Terms(
        base_url=base_url,
        licence=licence,
        publisher=publisher,
        publisher_url=publisher_url,
        title=title,
        release=release,
        previous=previous,
        issued=issued,
        endpoint=endpoint,
    )
    published = write_bundle(graph, to, terms, further=formats or ())
    for finding in published.findings:
        typer.echo(finding.text(), err=True)
    size = sum(published.files.values())
    typer.echo(f"release {published.release}: {published.trials:,} trials, {published.triples:,} triples")
    typer.echo(f"{len(published.files)} files, {size:,} bytes: {to}")


def diff(
    old: Annotated[Path, typer.Argument(metavar="OLD", help="Graph folder as it was.")],
    new: Annotated[Path, typer.Argument(metavar="NEW", help="Graph folder as it is now.")],
    report_format: Annotated[str, typer.Option("--format", help="text, json or nquads.")] = "text",
    output: Output = None,
) -> None:
    """Tells what changed between two graphs, trial by trial: statuses, dates, other fields, links gained and lost."""
    from kg.errors import NotFound
    from kg.folder import check_graph
    from kg.publishing import CHANGE_FORMATS, compare_builds, compare_graphs, write_changes

    if report_format not in CHANGE_FORMATS:
        raise NotFound("--format", report_format, CHANGE_FORMATS)
    for folder in (old, new):
        check_graph(folder)
    builds = compare_builds(old, new)
    with opened(output) as stream:
        write_changes(compare_graphs(old, new), stream, report_format, builds)
