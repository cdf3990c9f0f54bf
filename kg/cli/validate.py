"""The command that checks graphs, records and endpoints against the shapes."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from kg.cli.options import FINDINGS, Output
from kg.cli.reporting import Baseline, FailOn, Format, Known, Most, Update, check_report, write
from kg.console import FAILED, progress
from kg.errors import UsageError

if TYPE_CHECKING:
    from kg.finding import Finding

__all__ = ["validate"]

_Graphs = Annotated[
    list[str] | None, typer.Argument(metavar="DIR_OR_FILE...", help="Graph folders, RDF files or records.")
]
_Only = Annotated[
    list[str] | None,
    typer.Option("--only", metavar="SHAPE", help="Study-status, all of Study, or Study-status/In; repeatable."),
]
_Shapes = Annotated[
    Path | None, typer.Option("--shapes", metavar="FILE_OR_DIR", help="Shapes of your own in the place of ours.")
]
_Engine = Annotated[str, typer.Option("--engine", help="auto, pyshacl or shacl-rust.")]
_Jobs = Annotated[int, typer.Option("--jobs", min=1, help="Processes that check at a time.")]
_Deadline = Annotated[
    float, typer.Option("--deadline-s", min=0.1, help="Seconds that the check of 50 trials may take.")
]
_Endpoint = Annotated[
    str | None, typer.Option("--endpoint", metavar="URL", help="SPARQL endpoint instead of folders and files.")
]
_Graph = Annotated[str | None, typer.Option("--graph", metavar="IRI", help="The endpoint's graph, if not its default.")]
_Timeout = Annotated[float, typer.Option("--timeout-s", min=0.1, help="Seconds that an answer of it may take.")]


def validate(  # noqa: PLR0913, PLR0917 - the options of one command
    graphs: _Graphs = None,
    report_format: Format = "text",
    fail_on: FailOn = "violation",
    output: Output = None,
    max_findings: Most = None,
    baseline: Baseline = None,
    update_baseline: Update = False,
    only: _Only = None,
    shapes: _Shapes = None,
    engine: _Engine = "auto",
    jobs: _Jobs = 1,
    deadline_s: _Deadline = 600,
    endpoint: _Endpoint = None,
    graph: _Graph = None,
    timeout_s: _Timeout = 60,
) -> None:
    """Checks graphs against the SHACL shapes; each finding leads back to its place in the record.

    Exit code: 0 nothing found from --fail-on up, 1 something found, 2 usage, 3 not everything could be checked.
    """
    from kg.validation import EngineSpec
    from kg.validation.rules import read_rules

    spec = EngineSpec(engine, shapes, tuple(only or ()))
    report = check_report(report_format, fail_on, max_findings, read_rules(shapes, spec.only).values())
    known = Known(baseline, update=update_baseline, only=bool(only))
    check = _checker([_path(name) for name in graphs or ()], endpoint, graph, timeout_s)
    with progress("times 50 trials") as told:
        found = check(spec, jobs=jobs, deadline_s=deadline_s, told=told)
    report = known.compare(report, found)
    write(report, output, report_format)
    if any(finding.rule.startswith("run/") for finding in found):
        raise typer.Exit(FAILED)
    if not known.keep(found) and report.fails:
        raise typer.Exit(FINDINGS)


def _path(name: str) -> Path:
    """The path of that name; none at all is no name of the present folder, as in a script whose variable is not set."""
    if not name:
        raise UsageError("DIR_OR_FILE", "a name is empty", expected="folders and files; `.` for the present folder")
    return Path(name)


def _checker(
    graphs: Sequence[Path], endpoint: str | None, graph: str | None, timeout_s: float
) -> "Callable[..., list[Finding]]":
    """What checks the paths or the endpoint that the command names."""
    from functools import partial

    from kg.checks import validate_paths, validate_remote

    if bool(graphs) == bool(endpoint) or (graph and not endpoint):
        got = "both" if graphs and endpoint else "--graph without --endpoint" if graph else "neither"
        raise UsageError("DIR_OR_FILE, --endpoint", "name folders and files, or an endpoint", got=got)
    if endpoint:
        return partial(validate_remote, endpoint, graph, timeout_s=timeout_s)
    return partial(validate_paths, graphs)
