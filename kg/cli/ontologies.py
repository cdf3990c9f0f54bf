"""Ontologies: list the sources, cut slices."""

from pathlib import Path
from typing import Annotated

import typer

from kg.cli.options import group
from kg.console import print_table

__all__ = ["app"]


app = group("Ontologies: list the sources, cut slices.")


@app.command("list", epilog="Example: kg ontologies list")
def ontologies_list(answer_format: Annotated[str, typer.Option("--format", help="table or json.")] = "table") -> None:
    """Lists the ontologies that are known: source, licence, and the slice that is bundled."""
    from kg.ontologies import read_sources

    sources = read_sources()
    if answer_format == "json":
        import msgspec

        typer.echo(msgspec.json.encode(sources).decode())
        return
    print_table(["name", "title", "licence", "download"], [[s.name, s.title, s.licence, s.download] for s in sources])


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
