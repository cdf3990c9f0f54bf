"""The main job on the bundled examples, command by command."""

from pathlib import Path
from typing import Annotated

import typer

from kg.cli.graphs import export
from kg.cli.query import query_run
from kg.cli.records import build
from kg.cli.validate import validate

__all__ = ["demo"]


def demo(
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="Folder for the graph and the export.")] = Path(
        "demo"
    ),
) -> None:
    """Builds the graph of the bundled examples, validates it, answers the flagship query, writes Turtle."""
    from kg import assets

    out.mkdir(parents=True, exist_ok=True)
    _step("kg build examples --out", out / "graph")
    build([assets.folder("examples")], out=out / "graph")
    _step("kg validate", out / "graph", "--max-findings 2")
    validate([str(out / "graph")], max_findings=2)
    _step("kg query run terminated-mtor-inhibitor-hcc-trials --graph", out / "graph")
    query_run("terminated-mtor-inhibitor-hcc-trials", graph=out / "graph")
    _step("kg export", out / "graph", f"--to {out / 'graph.ttl'}")
    export(out / "graph", to=str(out / "graph.ttl"))
    typer.echo(f"{(out / 'graph.ttl').stat().st_size:,} bytes of Turtle in {out / 'graph.ttl'}")


def _step(*words: object) -> None:
    typer.secho("\n$ " + " ".join(map(str, words)), bold=True)
