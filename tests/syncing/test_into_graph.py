"""What a sync brings changes the graph where something has changed; the result is that of a build of all records."""

import shutil

import pytest

from kg.build import build_graph
from kg.errors import NotWritable
from kg.folder import replacing
from tests.syncing.conftest import SMALL, Sync
from tests.syncing.registry_server import Registry, study


def check_like_a_build(syncing: Sync) -> None:
    """The graph is that of a build of all records that are kept."""
    built = Sync(syncing.graph.with_name("built"), syncing.registry)
    pages = sorted(syncing.records.glob("*/page-*.jsonl.gz"))
    build_graph(pages, built.graph, ontology_names=[SMALL])
    assert syncing.layers() == built.layers()


def test_only_what_has_changed_is_brought_in(syncing: Sync, registry: Registry) -> None:
    """A new record, a newer one, and one that came again as it was."""
    syncing()
    registry.version = "2025-06-08T09:00:05"
    registry.studies[1] = study(2, "2025-06-07", "Another trial")
    registry.studies.append(study(6, "2025-06-02"))
    report = syncing(since="2025-01-01")
    assert report.findings == []
    assert report.changes == {"new": 1, "changed": 1, "withdrawn": 0, "unchanged": 4}
    check_like_a_build(syncing)


def test_only_a_full_sync_takes_trials_away(syncing: Sync, registry: Registry) -> None:
    """Who asks for what has changed is not told what is gone."""
    syncing()
    registry.version = "2025-06-08T09:00:05"
    registry.studies.pop()
    registry.studies[0] = study(1, "2025-06-07")
    assert syncing().changes["withdrawn"] == 0
    report = syncing(full=True)
    assert report.changes == {"new": 0, "changed": 0, "withdrawn": 1, "unchanged": 4}
    check_like_a_build(syncing)


def test_syncs_that_were_not_brought_in_come_with_the_next(syncing: Sync, registry: Registry) -> None:
    """Each of them, the base among them for itself."""
    syncing()
    registry.studies.pop(0)
    syncing.fetch(full=True)
    registry.version = "2025-06-08T09:00:05"
    registry.studies.append(study(7, "2025-06-07"))
    report = syncing()
    assert report.changes == {"new": 1, "changed": 0, "withdrawn": 1, "unchanged": 4}
    check_like_a_build(syncing)


def test_graph_that_somebody_is_at_is_not_built_anew(syncing: Sync, registry: Registry) -> None:
    """A build of all records could not be written either; the next sync brings in what came."""
    syncing()
    registry.version = "2025-06-08T09:00:05"
    registry.studies.append(study(6, "2025-06-07"))
    with replacing(syncing.graph) as beside:
        shutil.rmtree(beside)
        with pytest.raises(NotWritable, match="is being written"):
            syncing()
    assert syncing().changes["new"] == 1
    check_like_a_build(syncing)


def test_graph_of_another_version_is_built_anew(syncing: Sync, registry: Registry) -> None:
    """Of all that is kept: an update could not be trusted."""
    syncing()
    for file in syncing.graph.iterdir():
        if file.is_file() and file.name != "manifest.json":
            file.unlink()
    registry.version = "2025-06-08T09:00:05"
    registry.studies.append(study(6, "2025-06-07"))
    report = syncing()
    assert report.changes == {"new": 6}
    assert [finding.rule for finding in report.findings] == ["built-anew"]
    check_like_a_build(syncing)


def test_graph_that_is_gone_is_built_of_what_is_kept(syncing: Sync, registry: Registry) -> None:
    """No page is asked for."""
    import shutil

    syncing()
    shutil.rmtree(syncing.graph)
    registry.asked.clear()
    assert syncing().changes == {"new": 5}
    assert registry.pages_asked == []
