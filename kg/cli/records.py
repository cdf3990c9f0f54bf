"""Commands that read records: convert, build, mapping."""

from pathlib import Path
from typing import Annotated, Any

import typer

from kg.cli.options import FINDINGS, Jobs, Mappings, Ontology, Output, Sources
from kg.console import count_cores, opened, print_cells, record_progress
from kg.location import locate

__all__ = ["build", "convert", "mapping"]


def convert(
    records: Sources,
    to: Annotated[str, typer.Option("--to", help="turtle, ntriples, nquads, trig, jsonld or rdfxml.")] = "turtle",
    output: Output = None,
) -> None:
    """Maps records to RDF: what the registry states, and what it derived."""
    from kg.convert import convert_to

    with opened(output) as stream:
        findings = convert_to(records, stream, to)
    for finding in findings:
        typer.echo(finding.text(), err=True)
    if any(finding.severity == "violation" for finding in findings):
        raise typer.Exit(FINDINGS)


_Out = Annotated[
    Path,
    typer.Option(
        "--out", metavar="DIR", parser=locate, help="Folder of the graph; an older graph is replaced, unless a URL's."
    ),
]
_Dask = Annotated[
    str, typer.Option("--dask", metavar="ADDRESS", help="Dask cluster that maps: tcp://HOST:8786, or local:N.")
]


def build(
    sources: Sources,
    out: _Out,
    ontology: Ontology = None,
    mappings: Mappings = None,
    jobs: Jobs = None,
    dask: _Dask = "",
    validate: Annotated[
        bool, typer.Option("--validate", help="Check each record against the shapes, too; violations fail.")
    ] = False,
) -> None:
    """Builds a graph: records mapped, linked, closed, and loaded into a store."""
    from kg.build import build_graph
    from kg.building import check_cluster

    cluster = check_cluster(dask) if dask else ""
    with record_progress() as told:
        report = build_graph(
            sources,
            out,
            ontology_names=ontology or (),
            mappings=mappings or (),
            jobs=jobs or count_cores(),
            cluster=cluster,
            validate=validate,
            progress=lambda at: told(*at),
        )
    _print_report(report, out)
    if any(report.counts.get(kind, {}).get("violation") for kind in ("findings", "validation")):
        raise typer.Exit(FINDINGS)


def _print_report(report: Any, out: Path) -> None:
    counts = report.counts
    layers = ", ".join(f"{layer} {count:,}" for layer, count in counts["triples"].items())
    typer.echo(f"{counts['trials']:,} trials from {counts['records']:,} records in {out}")
    typer.echo(f"triples: {layers}")
    typer.echo(f"links: {sum(counts['links'].values()):,}, abstentions: {sum(counts['abstentions'].values()):,}")
    found = ", ".join(f"{count:,} {severity}" for severity, count in counts["findings"].items())
    typer.echo(f"findings: {found} ({out / 'findings.jsonl'})")
    if "validation" in counts:
        said = ", ".join(f"{count:,} {severity}" for severity, count in counts["validation"].items())
        typer.echo(f"shapes: {said} ({out / 'validation.jsonl'})")


def mapping(
    *,
    coverage: Annotated[
        bool, typer.Option("--coverage", help="Count mapped, left out and unknown fields, too.")
    ] = False,
    table_format: Annotated[str, typer.Option("--format", help="table, json or markdown.")] = "table",
) -> None:
    """Prints the mapping: registry field, model field, property, range, shape; what is left out, and why."""
    from collections import Counter

    import msgspec

    from kg.checks import MappingRow, read_mapping

    found = read_mapping()
    columns = list(MappingRow.__struct_fields__)
    if table_format == "json":
        typer.echo(msgspec.json.format(msgspec.json.encode(found)).decode())
    else:
        print_cells(columns, [[getattr(row, column) for column in columns] for row in found], table_format)
    counts = Counter(row.status for row in found)
    if coverage:
        typer.echo(", ".join(f"{counts[status]} {status}" for status in ("mapped", "left out", "unknown")), err=True)
    if counts["unknown"]:
        raise typer.Exit(FINDINGS)
