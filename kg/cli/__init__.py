"""The door for the command line: options -> one library call -> print. Heavy packages are imported by their command."""

import io
import sys
from typing import Annotated, NoReturn

import typer

from kg import __version__
from kg.cli import graphs, link, ontologies, query, records
from kg.cli.check import check
from kg.cli.demo import demo
from kg.cli.load import load
from kg.cli.options import group
from kg.cli.publish import diff, publish
from kg.cli.reason import reason
from kg.cli.serve import serve
from kg.cli.sync import sync
from kg.cli.update import update
from kg.cli.validate import validate
from kg.cli.why import why
from kg.errors import KgError, NotFound, UsageError

__all__ = ["app", "main"]

#: Exit codes of every command; 1 is for findings.
USAGE, FAILED = 2, 3

app = group("Clinical-trial records in, a validated and queryable knowledge graph out.", name="kg")
for _command, _example in (
    (records.convert, "kg convert NCT01079767.xml --to turtle -o trial.ttl"),
    (records.build, "kg build examples --out graph"),
    (update, "kg update graph new-records.zip"),
    (validate, "kg validate graph --fail-on warning"),
    (check, "kg check --registry ctg-oas-v2.yaml"),
    (graphs.export, "kg export graph --to graph.ttl"),
    (graphs.sparql, "kg sparql question.rq --graph graph --format csv"),
    (records.mapping, "kg mapping --coverage --format markdown"),
    (why, "kg why NCT01079767 trials-by-drug --graph graph drug=everolimus"),
    (reason, "kg reason graph"),
    (publish, "kg publish graph --to bundle --base-url https://example.org/trials/ --license IRI --publisher NAME"),
    (diff, "kg diff old-graph graph"),
    (load, "kg load graph --endpoint http://localhost:7878/query --update http://localhost:7878/update"),
    (serve, "kg serve graph --port 8000"),
    (sync, "kg sync graph --query cond=asthma"),
    (demo, "kg demo --out demo"),
):
    app.command(epilog=f"Example: {_example}")(_command)
for _name, _group in (("query", query.app), ("ontologies", ontologies.app), ("link", link.app)):
    app.add_typer(_group, name=_name)


def main() -> None:
    """Runs the command line; a `KgError` is one line on stderr and an exit code, never a traceback."""
    _open_streams()
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


def _open_streams() -> None:
    if sys.stdout is None:
        # Started with standard output closed (`>&-`): nothing could be said.
        raise SystemExit(FAILED)
    for stream in (sys.stdout, sys.stderr):
        # What is printed is in UTF-8, wherever it is printed: records are.
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")


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
