"""A sync brings into the graph what the registry has: all of it at first, then what has changed."""

import gzip
import json
import re
from pathlib import Path
from typing import Any

import pytest

from kg import assets
from kg.errors import NotFound, RegistryError, UsageError
from kg.syncing import Wish, fetch
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


def test_unchanged_registry_is_asked_for_no_page(syncing: Sync, registry: Registry, kg: Kg) -> None:
    """Its version says that nothing is new; the graph stays as it is."""
    syncing()
    before = (syncing.graph / "manifest.json").stat().st_mtime_ns
    registry.asked.clear()
    ended = kg("sync", syncing.graph, "--registry", registry.url)
    assert [path.rpartition("/")[2] for path in registry.asked] == ["version"]
    assert (ended.code, ended.err) == (0, "")
    assert "are those of the last sync" in ended.out
    assert "nothing new for" in ended.out
    assert (syncing.graph / "manifest.json").stat().st_mtime_ns == before


def test_full_sync_takes_away_what_is_gone_and_fetches_what_changed(syncing: Sync, registry: Registry) -> None:
    """A page that the registry says is unchanged is not sent again; older records are not kept."""
    syncing.fetch()
    registry.version = "2025-06-08T09:00:05"
    registry.studies.pop()
    registry.studies[2] = study(3, "2025-06-07", "Another trial")
    report = syncing.fetch(full=True)
    assert (report.studies, report.unchanged_pages) == (4, 0)
    registry.studies[2] = study(3, "2025-06-08", "Last trial")
    report = syncing(full=True)
    assert (report.studies, report.pages, report.unchanged_pages) == (4, 2, 1)
    assert titles(syncing) == {"A trial 1", "A trial 2", "Last trial 3", "A trial 4"}
    assert [path.name for path in syncing.records.iterdir() if path.is_dir()] == ["0003"]


@pytest.mark.parametrize("dated", [False, True])
def test_unchanged_pages_are_not_sent_again(*, dated: bool, syncing: Sync, registry: Registry) -> None:
    """By their ETag or the day of their last change; their records are kept all the same."""
    registry.dated = dated
    syncing.fetch()
    before = syncing.kept()
    report = syncing.fetch(full=True)
    assert (report.studies, report.pages, report.unchanged_pages) == (5, 3, 3)
    assert syncing.kept() == before * 2


@pytest.mark.parametrize(
    "wish", [{"since": "2024-12-31"}, {"query": ("titles=trial",)}, {"registry": "other"}], ids=str
)
def test_unfinished_sync_is_not_gone_on_with_if_something_else_is_asked(
    wish: dict[str, Any], syncing: Sync, registry: Registry
) -> None:
    """All pages are those of one question to one registry."""
    registry.broken = {2: "403"}
    with pytest.raises(RegistryError):
        syncing.fetch()
    registry.broken = {}
    registry.asked.clear()
    if "registry" in wish:
        wish = {"registry": registry.url.replace("127.0.0.1", "localhost")}
    report = fetch(syncing.graph, Wish(**({"registry": registry.url} | wish)))
    assert not report.resumed
    assert registry.pages_asked == [1, 2, 3]
    assert len(syncing.kept()) == 5


def test_query_binds_the_folder(syncing: Sync, registry: Registry) -> None:
    """Later syncs ask the same without being told; another query is refused, unless all begins anew."""
    syncing.fetch(query=("titles=trial 1",))
    registry.version = "2025-06-08T09:00:05"
    registry.asked.clear()
    syncing.fetch()
    assert all("query.titles=trial%201" in path for path in registry.asked[1:])
    with pytest.raises(UsageError, match=r"another query: query\.titles=trial 1"):
        syncing.fetch(query=("titles=trial 2",))
    syncing(query=("titles=trial 2",), full=True)
    assert titles(syncing) == {"A trial 2"}


def test_day_is_asked_for_as_named(syncing: Sync, registry: Registry) -> None:
    """Beside a filter of the user's own."""
    syncing.fetch(since="2024-12-31", query=("filter.advanced=AREA[StartDate]2022",))
    assert (
        "filter.advanced=%28AREA%5BStartDate%5D2022%29%20AND%20%28AREA%5BLastUpdatePostDate%5DRANGE%5B2024-12-31%2CMAX"
        in registry.asked[1]
    )


@pytest.mark.parametrize("since", ["yesterday", "2024-13-01", "9999-01-01"])
def test_day_that_is_none_is_refused(since: str, syncing: Sync, registry: Registry) -> None:
    """Before anything is asked."""
    with pytest.raises(UsageError, match="--since"):
        syncing.fetch(since=since)
    assert registry.asked == []


@pytest.mark.parametrize(
    ("query", "error"), [("cnd=asthma", NotFound), ("cond=", UsageError), (" ", UsageError)], ids=str
)
def test_query_that_cannot_be_meant_is_refused(query: str, error: type[Exception], syncing: Sync) -> None:
    """An area that is none, and words that are none."""
    with pytest.raises(error, match="--query"):
        syncing.fetch(query=(query,))


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
    syncing.fetch(per_minute=30)
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


def test_days_that_nobody_asked_for_are_asked_for_next(syncing: Sync, registry: Registry) -> None:
    """Who asks for less than has changed gets the rest later."""
    syncing.fetch()
    registry.version = "2025-06-08T09:00:05"
    assert syncing.fetch(since="2025-06-05").next_since == "2025-05-31"
    assert syncing.fetch().since == "2025-05-31"


def test_day_and_everything_are_not_asked_for_at_once(syncing: Sync) -> None:
    """One of them is not meant."""
    with pytest.raises(UsageError, match="--full, --since"):
        syncing.fetch(since="2025-06-05", full=True)


def test_other_query_begins_with_everything_it_finds(syncing: Sync, registry: Registry) -> None:
    """Also if its first sync was broken off, and another asks from a day on: what an older query found is no base."""
    syncing.fetch(query=("titles=trial 1",))
    registry.broken = {1: "403"}
    with pytest.raises(RegistryError):
        syncing.fetch(query=("titles=trial",), full=True)
    registry.broken = {}
    assert syncing.fetch(since="2025-01-02").studies == 5


def test_sync_without_news_leaves_nothing_behind(syncing: Sync, registry: Registry) -> None:
    """But the day from which the next one asks."""
    syncing.fetch()
    registry.version = "2025-06-08T09:00:05"
    report = syncing.fetch()
    assert (report.studies, report.next_since) == (0, "2025-06-07")
    assert [path.name for path in syncing.records.iterdir() if path.is_dir()] == ["0001"]
    registry.version = "2025-06-09T09:00:05"
    assert syncing.fetch().since == "2025-06-07"


def test_graph_keeps_what_it_was_linked_with(syncing: Sync, registry: Registry, kg: Kg, tmp_path: Path) -> None:
    """Later syncs need not be told; another choice is followed, though no record has changed."""
    arguments = ("sync", syncing.graph, "--registry", registry.url, "--format", "json")

    def linked() -> list[str]:
        return [o["name"] for o in json.loads((syncing.graph / "manifest.json").read_text())["ontologies"]]

    doid = assets.folder("ontologies") / "slices" / "doid.ttl"
    assert kg(*arguments, "--ontology", doid).code == 0
    assert linked() == ["doid"]
    registry.version = "2025-06-08T09:00:05"
    registry.studies.append(study(9, "2025-06-07"))
    assert json.loads(kg(*arguments).out)["counts"]["trials"] == 6
    assert linked() == ["doid"]
    mondo = assets.folder("ontologies") / "slices" / "mondo.ttl"
    assert json.loads(kg(*arguments, "--ontology", mondo).out)["unchanged"]
    assert linked() == ["mondo"]
