"""The records that are kept become the graph's."""

from collections.abc import Iterable
from pathlib import Path

from kg.errors import UsageError
from kg.syncing.kept import Kept
from kg.syncing.run import SyncReport

__all__ = ["bring_in", "check_graph", "set_linking"]


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


def set_linking(kept: Kept, ontologies: Iterable[str], mappings: Iterable[Path]) -> None:
    """What the graph's records are linked with: as named, or as named to an earlier sync."""
    linking = kept.state.linking
    named = {"ontologies": list(ontologies), "mappings": [str(path.absolute()) for path in mappings]}
    wanted = {kind: names or linking.get(kind, []) for kind, names in named.items()}
    if wanted != linking:
        kept.state.linking = wanted
        for run in kept.state.runs:
            run.in_graph = False


def bring_in(graph: Path, kept: Kept, report: SyncReport) -> None:
    """The graph has the records that count, and no others are kept."""
    from kg.build import build_graph

    new = [run for run in kept.state.runs if run.finished and not run.in_graph]
    if new or not (graph / "manifest.json").is_file():
        linking = kept.state.linking
        built = build_graph(
            kept.sources(),
            graph,
            ontology_names=linking.get("ontologies", ()),
            mappings=[Path(name) for name in linking.get("mappings", ())],
        )
        report.counts = built.counts
        for run in new:
            run.in_graph = True
        kept.save()
    kept.forget_superseded()
