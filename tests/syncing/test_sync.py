"""A sync brings into the graph what the registry has: all of it at first, then what has changed."""

import gzip
import json
import re

import pytest

from kg.errors import NotFound, UsageError
from tests.commands import Kg
from tests.syncing.conftest import Sync
from tests.syncing.registry_server import Registry, study


def titles(syncing: Sync) -> set[str]:
    """The titles of all studies of a graph."""
    return set(re.findall(r'"(\w+ trial \d)"', gzip.decompress(syncing.layers()["registry.nt.gz"]).decode()))


def test_first_sync_brings_all(syncing: Sync, registry: Registry) -> None:
    """Every page once, in order, packed, with all fields."""
    report = syncing()
    assert (report.studies, report.total, report.pages, report.findings) == (5, 5, 3, [])
    assert report.counts is not None
    assert report.counts["trials"] == 5
    assert registry.pages_asked == [1, 2, 3]
    assert all("pageSize=1000" in path and "fields" not in path for path in registry.asked[1:])
    assert all(headers["accept-encoding"] == "gzip" for headers in registry.headers)


def test_next_sync_asks_for_what_has_changed(syncing: Sync, registry: Registry) -> None:
    """From the day before that of the registry's data on; a record that came again replaces the older one."""
    syncing()
    registry.version = "2025-06-08T09:00:05"
    registry.studies[1] = study(2, "2025-06-07", "Another trial")
    registry.studies.append(study(6, "2025-06-02"))
    registry.asked.clear()
    report = syncing()
    assert (report.since, report.next_since, report.studies) == ("2025-05-31", "2025-06-07", 2)
    assert "RANGE%5B2025-05-31%2CMAX%5D" in registry.asked[1]
    assert titles(syncing) == {f"A trial {n}" for n in (1, 3, 4, 5, 6)} | {"Another trial 2"}


def test_unchanged_registry_is_asked_for_no_page(syncing: Sync, registry: Registry) -> None:
    """Its version says that nothing is new; the graph stays as it is."""
    syncing()
    before = (syncing.graph / "manifest.json").stat().st_mtime_ns
    registry.asked.clear()
    report = syncing()
    assert [path.rpartition("/")[2] for path in registry.asked] == ["version"]
    assert report.counts is None
    assert (syncing.graph / "manifest.json").stat().st_mtime_ns == before


def test_full_sync_takes_away_what_is_gone_and_fetches_what_changed(syncing: Sync, registry: Registry) -> None:
    """A page that the registry says is unchanged is not sent again; older records are not kept."""
    syncing()
    registry.version = "2025-06-08T09:00:05"
    registry.studies.pop()
    registry.studies[2] = study(3, "2025-06-07", "Another trial")
    report = syncing(full=True)
    assert (report.studies, report.unchanged_pages) == (4, 0)
    registry.studies[2] = study(3, "2025-06-08", "Last trial")
    report = syncing(full=True)
    assert (report.studies, report.pages, report.unchanged_pages) == (4, 2, 1)
    assert titles(syncing) == {"A trial 1", "A trial 2", "Last trial 3", "A trial 4"}
    assert [path.name for path in syncing.records.iterdir() if path.is_dir()] == ["0003"]


def test_query_binds_the_folder(syncing: Sync, registry: Registry) -> None:
    """Later syncs ask the same without being told; another query is refused, unless all begins anew."""
    syncing(query=["titles=trial 1"])
    registry.version = "2025-06-08T09:00:05"
    registry.asked.clear()
    syncing()
    assert all("query.titles=trial%201" in path for path in registry.asked[1:])
    with pytest.raises(UsageError, match=r"another query: query\.titles=trial 1"):
        syncing(query=["titles=trial 2"])
    syncing(query=["titles=trial 2"], full=True)
    assert titles(syncing) == {"A trial 2"}


def test_day_is_asked_for_as_named(syncing: Sync, registry: Registry) -> None:
    """Beside a filter of the user's own."""
    syncing(since="2024-12-31", query=["filter.advanced=AREA[StartDate]2022"])
    assert (
        "filter.advanced=%28AREA%5BStartDate%5D2022%29%20AND%20%28AREA%5BLastUpdatePostDate%5DRANGE%5B2024-12-31%2CMAX"
        in registry.asked[1]
    )


@pytest.mark.parametrize("since", ["yesterday", "2024-13-01", "9999-01-01"])
def test_day_that_is_none_is_refused(since: str, syncing: Sync, registry: Registry) -> None:
    """Before anything is asked."""
    with pytest.raises(UsageError, match="--since"):
        syncing(since=since)
    assert registry.asked == []


@pytest.mark.parametrize(
    ("query", "error"), [("cnd=asthma", NotFound), ("cond=", UsageError), (" ", UsageError)], ids=str
)
def test_query_that_cannot_be_meant_is_refused(query: str, error: type[Exception], syncing: Sync) -> None:
    """An area that is none, and words that are none."""
    with pytest.raises(error, match="--query"):
        syncing(query=[query])


def test_folder_of_something_else_is_left_alone(syncing: Sync, registry: Registry) -> None:
    """It is told before the registry is asked."""
    syncing.graph.mkdir()
    (syncing.graph / "thesis.tex").write_text("precious")
    with pytest.raises(UsageError, match="no sync has brought here"):
        syncing()
    assert registry.asked == []
    assert (syncing.graph / "thesis.tex").read_text() == "precious"


def test_pages_are_asked_for_at_a_polite_pace(syncing: Sync, paces: list[float]) -> None:
    """Between two requests stands the gap that the rate leaves."""
    syncing(per_minute=30)
    assert len(paces) == 3
    assert all(1 < pause_s <= 2 for pause_s in paces)


def test_command_reports_in_json(syncing: Sync, kg: Kg) -> None:
    """Nothing else is on standard output."""
    ended = kg("sync", syncing.graph, "--registry", syncing.registry.url, "--format", "json")
    assert (ended.code, ended.err) == (0, "")
    report = json.loads(ended.out)
    assert (report["studies"], report["counts"]["trials"]) == (5, 5)


def test_command_tells_findings_by_its_exit_code(syncing: Sync, kg: Kg) -> None:
    """What is no record is left out and told."""
    syncing.registry.studies.append({"protocolSection": {}})
    ended = kg("sync", syncing.graph, "--registry", syncing.registry.url)
    assert ended.code == 1
    assert "no-record" in ended.err
    assert "5 of 6 studies in all" in ended.out
