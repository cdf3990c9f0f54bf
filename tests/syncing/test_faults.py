"""What goes wrong on the way from the registry: waited out, gone on from, or told; never half a graph."""

import errno
import gzip
import os
from pathlib import Path

import pytest

from kg.errors import GraphError, RegistryError
from kg.readers import registry as client
from kg.syncing import pages
from tests.commands import Kg
from tests.syncing.conftest import Sync
from tests.syncing.registry_server import Registry, serving, study


@pytest.fixture
def undisturbed(tmp_path: Path) -> list[str]:
    """The records that a registry which does nothing wrong leaves."""
    with serving(Registry(*(study(number) for number in range(1, 6)))) as running:
        syncing = Sync(tmp_path / "undisturbed", running)
        syncing.fetch()
        return syncing.kept()


PASSING = ["429 7", "429", "500", "502", "503 1", "504", "cut", "cut_gzip", "bad_gzip", "html", "hang_up"]


def test_passing_faults_are_waited_out(
    syncing: Sync, registry: Registry, undisturbed: list[str], pauses: list[float]
) -> None:
    """Of all kinds before each page: the same comes, and the registry is given the pause that it wants."""
    registry.faults = [fault for start in (0, 4, 8) for fault in [*PASSING[start : start + 4], ""]]
    report = syncing.fetch()
    assert report.findings == []
    assert registry.pages_asked == [1] * 5 + [2] * 5 + [3] * 4
    assert len(pauses) == len(PASSING)
    assert pauses[0] == 7
    assert syncing.kept() == undisturbed


def test_slow_answer_is_not_waited_for(
    syncing: Sync, registry: Registry, undisturbed: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """An attempt has its time; then the page is asked for again."""
    monkeypatch.setattr(pages, "_TIMEOUT_S", 0.4)
    registry.faults = ["stall"]
    assert syncing.fetch().studies == 5
    assert registry.pages_asked.count(1) >= 2
    assert syncing.kept() == undisturbed


@pytest.mark.parametrize("fault", ["429 86400", "500", "html", "cut_gzip", "403"])
def test_lasting_fault_ends_the_sync_and_the_next_goes_on_there(
    fault: str, syncing: Sync, registry: Registry, undisturbed: list[str]
) -> None:
    """The pages before it are not asked for again."""
    registry.broken = {3: fault}
    with pytest.raises(RegistryError, match=r"the registry gives no page.*goes on at this page"):
        syncing.fetch()
    registry.broken = {}
    registry.asked.clear()
    report = syncing.fetch()
    assert report.resumed
    assert registry.pages_asked == [3]
    assert (report.studies, report.findings) == (5, [])
    assert syncing.kept() == undisturbed


def test_command_tells_a_lasting_fault_on_one_line(syncing: Sync, registry: Registry, kg: Kg) -> None:
    """With the exit code of what could not run."""
    registry.broken = {2: "403"}
    ended = kg("sync", syncing.graph, "--registry", registry.url)
    assert (ended.code, ended.out, ended.err.count("\n")) == (3, "", 1)
    assert "403" in ended.err


def test_question_that_the_registry_refuses_is_told_with_its_reason(syncing: Sync, registry: Registry) -> None:
    """In its own words; it is not asked twice."""
    registry.broken = {1: "400"}
    with pytest.raises(RegistryError, match=r"refuses the question.*'trouble'"):
        syncing.fetch()
    assert registry.pages_asked == [1]


def test_token_that_the_registry_has_forgotten_begins_the_run_anew(
    syncing: Sync, registry: Registry, undisturbed: list[str]
) -> None:
    """As after a night; once only."""
    registry.broken = {3: "403"}
    with pytest.raises(RegistryError):
        syncing.fetch()
    registry.broken, registry.tokens = {}, "other"
    assert syncing.fetch().studies == 5
    assert syncing.kept() == undisturbed


def test_tokens_that_are_never_known_end_the_sync(syncing: Sync, registry: Registry) -> None:
    """A run that has begun anew does not so again."""
    registry.broken = {2: "400"}
    with pytest.raises(RegistryError, match="does not know the token that it just gave"):
        syncing.fetch()
    assert registry.pages_asked == [1, 2, 1, 2]


def test_pages_in_a_circle_are_noticed(syncing: Sync, registry: Registry) -> None:
    """They would never end; once they do, the sync goes on at that page."""
    registry.faults = ["", "", "same_token"]
    with pytest.raises(RegistryError, match="they would never end"):
        syncing.fetch()
    registry.asked.clear()
    assert syncing.fetch().studies == 5
    assert registry.pages_asked == [3]


def test_empty_page_is_told_and_its_studies_are_missed(syncing: Sync, registry: Registry, kg: Kg) -> None:
    """The next sync asks for all again, since fewer came than were counted."""
    registry.broken = {2: "empty"}
    ended = kg("sync", syncing.graph, "--registry", registry.url)
    assert ended.code == 1
    assert "info: http" in ended.err
    assert "[empty-page]" in ended.err
    assert "the registry counted 5 studies, and 3 came" in ended.err
    registry.broken = {}
    report = syncing()
    assert (report.since, report.studies, report.findings) == ("", 5, [])
    assert report.counts is not None
    assert report.counts["trials"] == 5


def test_empty_pages_without_end_are_noticed(
    syncing: Sync, registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each has a token that is new."""
    registry.studies += [study(number) for number in range(6, 100)]
    registry.broken = dict.fromkeys(range(2, 50), "empty")
    with pytest.raises(RegistryError, match="20 pages in a row without a study"):
        syncing.fetch()
    assert len(registry.pages_asked) == 21


def test_changed_total_is_told(syncing: Sync, registry: Registry) -> None:
    """The studies change while they come; who misses some asks again."""
    registry.broken = {2: "other_total"}
    report = syncing.fetch()
    assert [finding.rule for finding in report.findings] == ["total-changed", "studies-missing"]
    assert report.next_since == ""


def test_repeated_record_counts_once(syncing: Sync, registry: Registry) -> None:
    """The later update wins, whichever comes first."""
    registry.studies[3] = study(1, "2025-02-02", "A newer trial")
    registry.studies.append(study(2, "2024-01-01", "An older trial"))
    report = syncing()
    assert report.counts is not None
    assert report.counts["trials"] == 4
    assert [finding.rule for finding in report.findings] == ["repeated-record", "studies-missing"]
    layer = next(path for path in (syncing.graph / "layers").iterdir() if path.name.startswith("registry"))
    text = gzip.decompress(layer.read_bytes()).decode()
    assert "A newer trial 1" in text
    assert "A trial 2" in text
    assert "An older trial" not in text


@pytest.mark.parametrize("sent", [{}, [], "text", None, {"protocolSection": {"identificationModule": {"nctId": "X"}}}])
def test_what_is_no_record_is_left_out_and_told(sent: object, syncing: Sync, registry: Registry) -> None:
    """With the page and the place in it; the others of the page stand."""
    registry.studies[2] = sent
    report = syncing.fetch()
    (finding,) = report.findings
    assert (finding.rule, finding.place) == ("no-record", "/studies/0")
    assert "pageToken=token-1" in finding.source
    assert report.studies == 4
    assert report.next_since


def test_halves_of_surrogate_pairs_cost_no_page(syncing: Sync, registry: Registry) -> None:
    """JSON can spell them, and Unicode text cannot hold them."""
    registry.broken = {1: "halves"}
    assert syncing.fetch().studies == 5


def test_page_without_end_is_refused(syncing: Sync, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where it is packed small."""
    monkeypatch.setattr(pages, "_MAX_BYTES", 500)
    with pytest.raises(RegistryError, match="more than 500 bytes"):
        syncing.fetch()


def test_two_syncs_do_not_work_on_one_folder(syncing: Sync) -> None:
    """The second is told so."""
    from kg.syncing.kept import Kept

    with Kept(syncing.graph).locked(), pytest.raises(GraphError, match="another sync is at work"):
        syncing.fetch()


def test_state_that_cannot_be_read_is_told(syncing: Sync) -> None:
    """Nothing is guessed, nothing overwritten."""
    syncing.records.mkdir()
    (syncing.records / "sync.state").write_text("{")
    with pytest.raises(GraphError, match=r"sync\.state"):
        syncing.fetch()


def test_client_waits_no_longer_than_its_cap() -> None:
    """A registry that asks for more is not asked again in this run."""
    assert client._LONGEST_PAUSE_S <= 300


def test_full_disk_costs_no_page(
    syncing: Sync, registry: Registry, undisturbed: list[str], monkeypatch: pytest.MonkeyPatch, kg: Kg
) -> None:
    """It is told on one line, and the sync goes on at the page that had no room."""
    full = OSError(errno.ENOSPC, "No space left on device")
    calls = iter(range(100))

    def sync_to_disk(_descriptor: int) -> None:
        if next(calls) > 4:
            raise full

    monkeypatch.setattr(os, "fsync", sync_to_disk)
    ended = kg("sync", syncing.graph, "--registry", registry.url)
    assert (ended.code, ended.err.count("\n")) == (3, 1)
    assert "No space left" in ended.err
    assert "make room" in ended.err
    monkeypatch.undo()
    assert syncing.fetch(per_minute=1e6).resumed
    assert registry.pages_asked == [1, 2, 3, 3]
    assert syncing.kept() == undisturbed


def test_note_that_cannot_be_read_is_told(syncing: Sync) -> None:
    """Nothing is guessed, nothing overwritten."""
    syncing.registry.broken = {2: "403"}
    with pytest.raises(RegistryError):
        syncing.fetch()
    next(syncing.records.glob("*/*.note")).write_text("{")
    with pytest.raises(GraphError, match=r"page-00001\.note"):
        syncing.fetch()
