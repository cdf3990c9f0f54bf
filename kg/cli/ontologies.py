"""Ontologies: list the sources, fetch and load releases, cut slices."""

from pathlib import Path
from typing import Annotated, Any

import typer

from kg.cli.options import group
from kg.console import byte_progress, print_table
from kg.errors import NotFound, UsageError

__all__ = ["app"]


app = group("Ontologies: list the sources, fetch and load releases, cut slices.")

Format = Annotated[str, typer.Option("--format", help="table or json.")]


@app.command("list", epilog="Example: kg ontologies list")
def ontologies_list(answer_format: Format = "table") -> None:
    """Lists the ontologies that are known: licence, whether the loader is tested on a release, and what is at hand."""
    from kg.ontologies import list_ontologies

    listed = list_ontologies()
    if _wants_json(answer_format):
        _print_json(listed)
        return
    rows = [[one.name, one.title, one.licence, "yes" if one.tested else "untested", one.at_hand()] for one in listed]
    print_table(["name", "title", "licence", "tested", "at hand"], rows)


@app.command("fetch", epilog="Example: kg ontologies fetch mesh mondo")
def ontologies_fetch(
    names: Annotated[list[str], typer.Argument(metavar="NAME...", help="Names from `kg ontologies list`.")],
    source: Annotated[
        Path | None,
        typer.Option("--from", metavar="FILE", help="A copy at hand, not the publisher's server; one name only."),
    ] = None,
    to: Annotated[Path | None, typer.Option("--to", metavar="DIR", help="Folder, not the cache.")] = None,
) -> None:
    """Brings releases into the cache, whole and checked; one that was cut off is resumed."""
    from kg.ontologies import fetch, read_record

    if source and len(names) > 1:
        raise UsageError("--from", "one file is one ontology", got=" ".join(names), expected="one name")
    for name in names:
        with byte_progress(name) as progress:
            file = fetch(name, source=source, to=to, progress=progress)
        record = read_record(file)
        if record:
            checked = "as pinned" if record.pinned else "not pinned"
            typer.echo(f"{name}: {file}, {record.size:,} bytes, sha256 {record.sha256} ({checked})")


@app.command("load", epilog="Example: kg ontologies load mesh chebi.owl.gz")
def ontologies_load(
    names: Annotated[
        list[str], typer.Argument(metavar="NAME_OR_FILE...", help="Fetched or bundled ontologies, or files.")
    ],
    answer_format: Format = "table",
) -> None:
    """Decodes releases into the cache, so that a build starts at once; says what is in them."""
    from kg.ontologies import load_all

    loaded = []
    for told, remarks in load_all(names):
        loaded.append(told)
        for remark in remarks:
            typer.echo(f"{told.file}: {remark}", err=True)
    if _wants_json(answer_format):
        _print_json(loaded)
        return
    rows = [[one.name, one.version, f"{one.concepts:,}", f"{one.names:,}", one.file] for one in loaded]
    print_table(["name", "version", "concepts", "names", "file"], rows)


def _wants_json(answer_format: str) -> bool:
    if answer_format not in ("table", "json"):
        raise NotFound("format", answer_format, ("table", "json"))
    return answer_format == "json"


def _print_json(value: Any) -> None:
    import msgspec

    typer.echo(msgspec.json.format(msgspec.json.encode(value)).decode())


@app.command(
    "slice",
    epilog="Example: kg ontologies slice examples --ontology mesh2024.nt.gz --out slices",
)
def ontologies_slice(
    sources: Annotated[list[Path], typer.Argument(metavar="SOURCE...", help="Records whose concepts the slices hold.")],
    ontology: Annotated[list[Path], typer.Option("--ontology", metavar="FILE", help="Full ontology file.")],
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="Folder for the slices.")],
) -> None:
    """Cuts the part of each ontology that the records name, with all that is broader."""
    from kg.build import slice_ontologies

    for path, count in slice_ontologies(sources, ontology, out):
        typer.echo(f"{path}: {count:,} concepts, {path.stat().st_size:,} bytes")
