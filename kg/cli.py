"""The door for the command line: options -> one library call -> print. Heavy packages are imported by their command."""

import sys
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer

from kg import __version__
from kg.console import deadline, opened, print_answer, print_cells, print_table, progress, read_text
from kg.errors import KgError, NotFound, UsageError

__all__ = ["app", "main"]

#: Exit codes of every command.
FINDINGS, USAGE, FAILED = 1, 2, 3

app = typer.Typer(
    name="kg",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    help="Clinical-trial records in, a validated and queryable knowledge graph out.",
)
query_app = typer.Typer(no_args_is_help=True, help="Saved queries: list, show, run.")
ontologies_app = typer.Typer(no_args_is_help=True, help="Ontologies: list the sources, cut slices.")
app.add_typer(query_app, name="query")
app.add_typer(ontologies_app, name="ontologies")

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


def main() -> None:
    """Runs the command line; a `KgError` is one line on stderr and an exit code, never a traceback."""
    try:
        app()
    except (UsageError, NotFound) as error:
        _exit(f"kg: {error}", USAGE)
    except KgError as error:
        _exit(f"kg: {error}", FAILED)
    except BrokenPipeError:
        # The reader of our output has gone: nothing is left to say, and nobody to say it to.
        sys.stderr.close()
        raise SystemExit(FAILED) from None
    except KeyboardInterrupt:
        _exit("kg: interrupted", FAILED)
    except OSError as error:
        _exit(f"kg: {error}", FAILED)


def _exit(message: str, code: int) -> NoReturn:
    typer.echo(message, err=True)
    raise SystemExit(code)


@app.callback(invoke_without_command=True)
def _root(
    *, show_version: Annotated[bool, typer.Option("--version", help="Print the version and exit.")] = False
) -> None:
    if show_version:
        typer.echo(f"trialgraph {__version__}")
        raise typer.Exit


@app.command(epilog="Example: kg convert NCT01079767.xml --to turtle -o trial.ttl")
def convert(
    records: Annotated[
        list[Path], typer.Argument(metavar="RECORD...", help="Files, folders or zips of records, or NCT numbers.")
    ],
    to: Annotated[str, typer.Option("--to", help="turtle, ntriples, nquads, trig, jsonld or rdfxml.")] = "turtle",
    output: Output = None,
) -> None:
    """Maps records to RDF: what the registry states, and what it derived."""
    from kg.convert import convert_to

    with opened(output) as stream:
        findings = convert_to(records, stream, to)
    for finding in findings:
        typer.echo(finding.line(), err=True)
    if any(finding.severity == "violation" for finding in findings):
        raise typer.Exit(FINDINGS)


@app.command(epilog="Example: kg build examples --out graph")
def build(
    sources: Annotated[
        list[Path], typer.Argument(metavar="SOURCE...", help="Files, folders or zips of records, or NCT numbers.")
    ],
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="Folder of the graph; an older graph is replaced.")],
    ontology: Ontology = None,
) -> None:
    """Builds a graph: records mapped, linked, closed, and loaded into a store."""
    from kg.build import build_graph

    with progress("records") as report_progress:
        report = build_graph(sources, out, ontology_names=ontology or (), progress=report_progress)
    _print_report(report, out)
    if report.counts["findings"]["violation"]:
        raise typer.Exit(FINDINGS)


def _print_report(report: Any, out: Path) -> None:
    counts = report.counts
    layers = ", ".join(f"{layer} {count:,}" for layer, count in counts["triples"].items())
    typer.echo(f"{counts['trials']:,} trials from {counts['records']:,} records in {out}")
    typer.echo(f"triples: {layers}")
    typer.echo(f"links: {sum(counts['links'].values()):,}, abstentions: {sum(counts['abstentions'].values()):,}")
    found = ", ".join(f"{count:,} {severity}" for severity, count in counts["findings"].items())
    typer.echo(f"findings: {found} ({out / 'findings.jsonl'})")


@app.command(epilog="Example: kg validate graph --fail-on warning")
def validate(
    graphs: Annotated[
        list[Path], typer.Argument(metavar="DIR_OR_FILE...", help="Graph folders, RDF files or records.")
    ],
    report_format: Annotated[str, typer.Option("--format", help="text or json.")] = "text",
    fail_on: Annotated[str, typer.Option("--fail-on", help="violation, warning or info.")] = "violation",
) -> None:
    """Checks graphs against the SHACL shapes."""
    from kg.checks import validate_paths
    from kg.finding import SEVERITIES, is_at_least
    from kg.validation.reports import write_report

    threshold = next((severity for severity in SEVERITIES if severity == fail_on), None)
    if threshold is None:
        raise NotFound("--fail-on", fail_on, SEVERITIES)
    findings = validate_paths(graphs)
    write_report(findings, sys.stdout, report_format)
    if any(is_at_least(finding.severity, threshold) for finding in findings):
        raise typer.Exit(FINDINGS)


@app.command(epilog="Example: kg export graph --to graph.ttl")
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


@app.command(epilog="Example: kg sparql question.rq --graph graph --format csv")
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
        print_answer(run_text(text, _graph(graph, endpoint, timeout_s)), answer_format)


@app.command(epilog="Example: kg mapping --coverage --format markdown")
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


@query_app.command("list", epilog="Example: kg query list")
def query_list(answer_format: Annotated[str, typer.Option("--format", help="table or json.")] = "table") -> None:
    """Lists the saved queries with what they ask."""
    from kg.queries import read_queries

    queries = read_queries()
    if answer_format == "json":
        import msgspec

        typer.echo(msgspec.json.encode([msgspec.structs.replace(q, text="") for q in queries.values()]).decode())
        return
    print_table(["query", "question"], [[query.name, query.summary] for query in queries.values()])


@query_app.command("show", epilog="Example: kg query show trials-by-drug")
def query_show(name: Annotated[str, typer.Argument(metavar="NAME")]) -> None:
    """Prints a saved query with its header."""
    from kg.queries import find_query

    typer.echo(find_query(name).text, nl=False)


@query_app.command("run", epilog="Example: kg query run trials-by-drug --graph graph drug=everolimus")
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
    given = dict(_pair(value) for value in values or ())
    with deadline(timeout_s):
        answer, resolved = run_query(query, given, _graph(graph, endpoint, timeout_s))
        for value in resolved:
            typer.echo(value.line(), err=True)
        print_answer(answer, answer_format, resolved)


def _pair(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals:
        raise UsageError(text, "no parameter", expected="PARAM=VALUE")
    return name, value


@ontologies_app.command("list", epilog="Example: kg ontologies list")
def ontologies_list(answer_format: Annotated[str, typer.Option("--format", help="table or json.")] = "table") -> None:
    """Lists the ontologies that are known: source, licence, and the slice that is bundled."""
    from kg.ontologies import read_sources

    sources = read_sources()
    if answer_format == "json":
        import msgspec

        typer.echo(msgspec.json.encode(sources).decode())
        return
    print_table(["name", "title", "licence", "download"], [[s.name, s.title, s.licence, s.download] for s in sources])


@ontologies_app.command(
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


@app.command(epilog="Example: kg demo --out demo")
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
    _step("kg validate", out / "graph")
    validate([out / "graph"])
    _step("kg query run terminated-mtor-inhibitor-hcc-trials --graph", out / "graph")
    query_run("terminated-mtor-inhibitor-hcc-trials", graph=out / "graph")
    _step("kg export", out / "graph", f"--to {out / 'graph.ttl'}")
    export(out / "graph", to=str(out / "graph.ttl"))
    typer.echo(f"{(out / 'graph.ttl').stat().st_size:,} bytes of Turtle in {out / 'graph.ttl'}")


def _step(*words: object) -> None:
    typer.secho("\n$ " + " ".join(map(str, words)), bold=True)


def _graph(folder: Path | None, endpoint: str | None, timeout_s: float) -> Any:
    if (folder is None) == (endpoint is None):
        raise UsageError("--graph, --endpoint", "name one of them", got="both" if folder else "neither")
    if endpoint is not None:
        from kg.endpoint import Endpoint

        return Endpoint(endpoint, timeout_s=timeout_s)
    from kg.store import EmbeddedStore

    assert folder is not None  # noqa: S101 - the other case returned
    return EmbeddedStore(folder / "store")
