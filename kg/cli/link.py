"""Linking: what strings name, mapping sets out of a graph, and curators' sets checked."""

from pathlib import Path
from typing import Annotated

import typer
from typer.core import TyperGroup

from kg.cli.link_text import link_text
from kg.cli.options import FINDINGS, Output, group
from kg.console import opened, print_table
from kg.errors import NotFound

__all__ = ["TextFirst", "app"]

#: The command that takes what is no command's name: `kg link "liver cancer"`.
TEXT_COMMAND = "text"


class TextFirst(TyperGroup):
    """A group whose arguments go to the command `text`, once it has one, unless they start with a command's name."""

    def parse_args(self, ctx: typer.Context, args: list[str]) -> list[str]:  # type: ignore[override]
        """As of the group, with the command's name put first where none stands."""
        if TEXT_COMMAND in self.commands and args and args[0] not in {*self.commands, *ctx.help_option_names}:
            args = [TEXT_COMMAND, *args]
        return super().parse_args(ctx, args)


app = group("Linking: what strings name and why, its accuracy, mapping sets out and in.", cls=TextFirst)
app.command(TEXT_COMMAND, epilog='Example: kg link text "Stage IV Lung Cancer" --type condition')(link_text)


@app.command("export", epilog="Example: kg link export graph -o links.sssom.tsv")
def link_export(
    graph: Annotated[Path, typer.Argument(metavar="DIR", help="Graph folder.")],
    output: Output = None,
    to: Annotated[str, typer.Option("--to", help="tsv or ttl; the suffix of the file if not given.")] = "",
    set_id: Annotated[str, typer.Option("--id", metavar="IRI", help="Name of the mapping set.")] = "",
    licence: Annotated[str, typer.Option("--license", metavar="IRI", help="Licence of the set; CC BY 4.0 else.")] = "",
) -> None:
    """Writes the links of a graph as a mapping set in SSSOM; the same graph gives the same bytes."""
    from kg.linking.sssom import write_set
    from kg.linking.sssom.exporting import LICENCE, SET_ID, export_links
    from kg.linking.sssom.rdf import write_turtle

    to = to or ("ttl" if output and output.suffix == ".ttl" else "tsv")
    write = {"tsv": write_set, "ttl": write_turtle}.get(to)
    if write is None:
        raise NotFound("--to", to, ("tsv", "ttl"))
    data = write(export_links(graph, set_id=set_id or SET_ID, licence=licence or LICENCE))
    with opened(output) as stream:
        stream.write(data)


@app.command("import", epilog="Example: kg link import curated.sssom.tsv --out clean.sssom.tsv")
def link_import(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="Mapping sets in SSSOM/TSV.")],
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FILE", help="File for the rows that can be used.")
    ] = None,
    report_format: Annotated[str, typer.Option("--format", help="table or json.")] = "table",
) -> None:
    """Checks mapping sets as `kg build --mappings` reads them; violations fail."""
    import msgspec

    from kg.linking.curated import read_mappings
    from kg.linking.sssom import merge, write_set

    if report_format not in ("table", "json"):
        raise NotFound("--format", report_format, ("table", "json"))
    sets, rows, findings = read_mappings(files)
    if out is not None:
        data = write_set(merge(sets, rows))
        with opened(out) as stream:
            stream.write(data)
    if report_format == "json":
        typer.echo(msgspec.json.format(msgspec.json.encode({"findings": findings, "rows": len(rows)})).decode())
    else:
        cells = [[f.severity, f"{f.source} {f.place}", f.rule, f.message, f.value[:80]] for f in findings]
        if cells:
            print_table(["severity", "where", "rule", "what", "value"], cells)
        typer.echo(f"{len(rows):,} rows can be used; {len(findings):,} findings")
    if any(finding.severity == "violation" for finding in findings):
        raise typer.Exit(FINDINGS)
