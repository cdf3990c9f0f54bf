"""The records that are kept become the graph's."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from kg.errors import GraphError, NotWritable, UsageError
from kg.finding import Finding
from kg.syncing.kept import Kept, Run

__all__ = ["Brought", "Building", "build_kept", "check_graph"]


class Building(msgspec.Struct, frozen=True, kw_only=True):
    """How the graph is built, as `kg.build.build_graph` takes it.

    If no ontologies or mapping sets are named, they are those of earlier syncs.
    """

    ontology_names: tuple[str, ...] = ()
    mappings: tuple[Path, ...] = ()
    jobs: int = 1
    progress: Callable[[Any], None] = lambda _: None


class Brought(NamedTuple):
    """What the graph has now, as its manifest counts it; what happened to how many trials; why it was built anew."""

    counts: dict[str, Any]
    changes: dict[str, int]
    findings: list[Finding]


def check_graph(graph: Path, kept: Kept) -> None:
    """The graph is of the records that are kept, or still to be built.

    Raises:
        UsageError: if something else is there.
    """
    if any(run.in_graph for run in kept.state.runs) or not graph.exists():
        return
    if not graph.is_dir() or any(graph.iterdir()):
        remedy = f"Name a new folder, or bring {kept.folder} back if it was moved."
        raise UsageError(str(graph), "holds something that no sync has brought here", remedy=remedy)


def build_kept(graph: Path, kept: Kept, building: Building) -> Brought | None:
    """What a graph has of the records that count, of which alone are kept; None if it had them before."""
    _set_linking(kept, building)
    brought = None
    new = [run for run in kept.state.runs if run.finished and not run.in_graph]
    if new or not (graph / "manifest.json").is_file():
        brought = _bring(graph, kept, new, building)
        for run in new:
            run.in_graph = True
    kept.forget_superseded()
    return brought


def _bring(graph: Path, kept: Kept, new: list[Run], building: Building) -> Brought:
    """Only what is new is mapped, unless the graph has to be built: the first time, and if it was built otherwise."""
    if not (graph / "manifest.json").is_file() or not any(run.in_graph for run in kept.state.runs):
        return _build(graph, kept, building, [])
    try:
        return _update(graph, kept, new, building)
    except NotWritable:
        raise  # nor could a build be written
    except GraphError as error:
        # What else is wrong with it, the build tells.
        why = Finding(rule="built-anew", message=f"all records are mapped again: {error}", severity="info")
        return _build(graph, kept, building, [why])


def _update(graph: Path, kept: Kept, new: list[Run], building: Building) -> Brought:
    from kg.update import update_graph

    start = max((number for number, run in enumerate(new) if run.base), default=0)
    sources = [source for run in new[start:] for source in kept.sources_of(run)]
    done = update_graph(graph, sources, complete=new[start].base, jobs=building.jobs, progress=building.progress)
    changes = {kind: getattr(done, kind) for kind in ("new", "changed", "withdrawn", "unchanged")}
    return Brought(done.graph.counts, changes, [])


def _build(graph: Path, kept: Kept, building: Building, why: list[Finding]) -> Brought:
    from kg.build import build_graph

    report = build_graph(
        kept.sources(),
        graph,
        ontology_names=kept.state.linking["ontologies"],
        mappings=[Path(name) for name in kept.state.linking["mappings"]],
        jobs=building.jobs,
        progress=building.progress,
    )
    return Brought(report.counts, {"new": report.counts["trials"]}, why)


def _set_linking(kept: Kept, building: Building) -> None:
    """What the records are linked with is as named; if it was something else before, the graph has to be built anew."""
    named = {
        "ontologies": [_absolute(name) for name in building.ontology_names],
        "mappings": [_absolute(str(path)) for path in building.mappings],
    }
    before = kept.state.linking
    kept.state.linking = {kind: names or before.get(kind, []) for kind, names in named.items()}
    if kept.state.linking != before:
        for run in kept.state.runs:
            run.in_graph = False


def _absolute(name: str) -> str:
    """A file's whole name, so that it is found wherever the next sync is started; other names as they are."""
    return str(Path(name).absolute()) if Path(name).exists() else name
