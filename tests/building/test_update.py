"""Updates: the graph is that of a build of the records that stand, whatever came, changed and went before."""

import json
import os
import shutil
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pyoxigraph as ox
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kg.build import build_graph
from kg.building import making
from kg.errors import GraphError, SourceError
from kg.folder import replacing
from kg.layers import LAYERS, layer_path
from kg.readers import partitions, read_raw
from kg.update import UpdateReport, update_graph
from tests.commands import Kg
from tests.test_build import findings, tree

#: Records of which histories are made: two that share a sponsor, one of a drug class, one with an old number.
NUMBERS = ("NCT01079767", "NCT01379521", "NCT02300909", "NCT00034333")
#: A version of a record: conditions, sponsor, day of the last update.
VERSIONS = (
    ("Asthma", "Nobody & Sons", "2025-01-01"),
    ("Hepatocellular Carcinoma", "National Cancer Institute (NCI)", "2025-02-01"),
    ("Breast Cancer", "Nobody and Sons", "2025-03-01"),
)
#: Histories that are tried: more where many faults are asked for, as `make check-all` does.
EXAMPLES = 60 if os.environ.get("TRIALGRAPH_FAULTS_RECORDS") else 5
#: Number -> which version of its record, and whether it is sent by the API, in XML, or both.
Edits = Mapping[str, int]


def version(examples: Path, number: str, chosen: int) -> bytes:
    """One version of a record."""
    condition, sponsor, day = VERSIONS[chosen]
    tree = json.loads((examples / "api-v2" / f"{number}.json").read_bytes())
    protocol = tree["protocolSection"]
    protocol["conditionsModule"]["conditions"] = [condition]
    protocol["sponsorCollaboratorsModule"]["leadSponsor"]["name"] = sponsor
    protocol["statusModule"]["lastUpdateSubmitDate"] = day
    return json.dumps(tree).encode()


def write(folder: Path, records: Mapping[str, bytes]) -> Path:
    """A folder of records, which are called the same whatever they hold."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for name, data in records.items():
        (folder / name).write_bytes(data)
    return folder


def quads(graph: Path) -> set[str]:
    """All quads of a store but those of blank nodes, whose names are of the load."""
    store = ox.Store.read_only(str(graph / "store"))
    return {str(quad) for quad in store if "_:" not in str(quad)}


def assert_same(graph: Path, built: Path, *, names: bool = True) -> None:
    """The same layers, quads and counts; and, where sources have the same names, every other byte."""
    updated, fresh = tree(graph), tree(built)
    if not names:
        layers = {str(layer_path(Path(), layer)) for layer in LAYERS}
        updated, fresh = (
            {name: digest for name, digest in whole.items() if name in layers} for whole in (updated, fresh)
        )
    assert {name for name in updated.keys() | fresh.keys() if updated.get(name) != fresh.get(name)} == set()
    assert quads(graph) == quads(built)
    counts = [json.loads((folder / "manifest.json").read_text())["counts"] for folder in (graph, built)]
    assert counts[0] == counts[1]
    assert counts[0]["quads"] == len(ox.Store.read_only(str(graph / "store")))


HISTORIES = st.lists(
    st.tuples(st.booleans(), st.dictionaries(st.sampled_from(NUMBERS), st.integers(0, len(VERSIONS) - 1))),
    min_size=1,
    max_size=4,
)


@settings(
    max_examples=EXAMPLES,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(first=st.dictionaries(st.sampled_from(NUMBERS), st.integers(0, len(VERSIONS) - 1)), history=HISTORIES)
def test_any_history_of_edits_ends_in_what_a_build_makes(
    first: Edits, history: Sequence[tuple[bool, Edits]], examples: Path, tmp_path: Path
) -> None:
    """New, changed, older and withdrawn records, in any order; sponsors and concepts that come, are shared, and go."""
    work = tmp_path / "work"
    shutil.rmtree(work, ignore_errors=True)

    def records(edits: Edits) -> dict[str, bytes]:
        return {f"{number}.json": version(examples, number, chosen) for number, chosen in edits.items()}

    standing = dict(first)
    build_graph([write(work / "in", records(first))], work / "graph", ontology_names=["doid"])
    for complete, edits in history:
        update_graph(work / "graph", [write(work / "in", records(edits))], complete=complete)
        newer = {number: chosen for number, chosen in edits.items() if chosen >= standing.get(number, 0)}
        standing = dict(edits) if complete else standing | newer
    sources = [write(work / "in", records(standing))]
    if standing and not history[-1][1]:
        # The last source held nothing, which is a finding of an update as of a build.
        sources.append(write(work / "in" / "nothing", {}))
    build_graph(sources, work / "built", ontology_names=["doid"])
    assert_same(work / "graph", work / "built", names=False)
    assert [path.name for path in sorted(work.iterdir())] == ["built", "graph", "in"]


def test_complete_update_is_a_build_to_the_last_byte(examples: Path, example_graph: Path, tmp_path: Path) -> None:
    """From half of the examples, and a few of no use; superseded records and documents that are none are told."""
    for folder in ("api-v2", "xml", "page"):
        shutil.copytree(examples / folder, tmp_path / "in" / folder)
    (tmp_path / "in" / "broken.json").write_text("{")
    half = sorted((tmp_path / "in" / "xml").iterdir())[::2]
    graph = tmp_path / "graph"
    build_graph([*half, tmp_path / "in" / "page"], graph)
    report = update_graph(graph, [tmp_path / "in"], complete=True, jobs=2)
    build_graph([tmp_path / "in"], tmp_path / "built")
    assert_same(graph, tmp_path / "built")
    assert report.graph.counts["superseded"] == 36
    assert report.new + report.changed + report.unchanged == 37
    again = update_graph(graph, [tmp_path / "in"], complete=True)
    assert (again.new, again.changed, again.withdrawn, again.unchanged) == (0, 0, 0, 37)
    assert_same(graph, tmp_path / "built")
    gone = update_graph(graph, [examples / "xml"], complete=True)
    assert gone.withdrawn == 37 - gone.changed - gone.unchanged
    build_graph([examples / "xml"], tmp_path / "built")
    assert_same(graph, tmp_path / "built")


def test_only_new_and_changed_records_are_mapped(
    examples: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the graph has is not even read, also from an archive of another name."""
    graph, archive = tmp_path / "graph", tmp_path / "other.zip"
    build_graph([examples / "api-v2"], graph)
    with zipfile.ZipFile(archive, "w") as packed:
        for path in (examples / "api-v2").glob("NCT*.json"):
            changed = path.stem == NUMBERS[0]
            packed.writestr(path.name, version(examples, path.stem, 0) if changed else path.read_bytes())
    read: list[Any] = []

    def note(raw: Any) -> Any:
        read.append(raw.name)
        return read_raw(raw)

    monkeypatch.setattr(making, "read_raw", note)
    report = update_graph(graph, [archive])
    assert read == [f"{archive}!{NUMBERS[0]}.json"]
    assert (report.changed, report.new, report.withdrawn) == (1, 0, 0)
    build_graph([archive], tmp_path / "built")
    assert_same(graph, tmp_path / "built", names=False)


def test_findings_name_the_source_of_now(examples: Path, tmp_path: Path) -> None:
    """A record that was found again elsewhere is spoken of as what it is called there."""
    source = tmp_path / "a.json"
    record = json.loads((examples / "api-v2" / "NCT01079767.json").read_bytes())
    record["protocolSection"]["designModule"]["phases"] = ["PHASE9"]
    record["surprise"] = 1
    source.write_text(json.dumps(record))
    build_graph([source], tmp_path / "graph")
    assert {finding.get("source") for finding in findings(tmp_path / "graph")} - {None} == {str(source)}
    moved = source.rename(tmp_path / "b.json")
    update_graph(tmp_path / "graph", [moved])
    assert {finding.get("source") for finding in findings(tmp_path / "graph")} - {None} == {str(moved)}
    build_graph([moved], tmp_path / "built")
    assert tree(tmp_path / "graph")["findings.jsonl"] == tree(tmp_path / "built")["findings.jsonl"]


def test_graph_that_cannot_be_updated_is_told_and_left(
    examples: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """None there, other code, layers that something else wrote, no index, a source that is missing."""
    graph = tmp_path / "graph"
    source = examples / "api-v2" / "NCT01379521.json"
    with pytest.raises(GraphError, match="no graph here"):
        update_graph(graph, [source])
    build_graph([source], graph, ontology_names=["doid"])
    before = tree(graph)
    with pytest.raises(SourceError):
        update_graph(graph, [tmp_path / "nowhere"])
    with monkeypatch.context() as other:
        other.setattr("kg.building.recipe._code_digest", lambda: "other")
        with pytest.raises(GraphError, match=r"another version.*Build it again"):
            update_graph(graph, [source])
    with pytest.raises(GraphError, match="is being written"), replacing(graph):
        update_graph(graph, [source])
    assert tree(graph) == before
    index = graph / "records.index"
    whole = index.read_bytes()
    for damaged in (b"", whole[:-20], bytes(len(whole))):
        index.write_bytes(damaged)
        with pytest.raises(GraphError, match="index of records"):
            update_graph(graph, [source])
    index.unlink()
    with pytest.raises(GraphError, match="no index of records"):
        update_graph(graph, [source])
    index.write_bytes(whole)
    with layer_path(graph, "links").open("ab") as layer:
        layer.write(b"x")
    with pytest.raises(GraphError, match="written by something else"):
        update_graph(graph, [source])


def test_failed_update_leaves_the_graph_and_is_gone_on_with(
    examples: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Until the store is changed in a copy; then its pieces are found again."""
    graph = tmp_path / "graph"
    build_graph([examples / "xml"], graph)
    before = tree(graph), quads(graph)

    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as full:
        full.setattr("kg.store.change_store", fail)
        with pytest.raises(GraphError, match="No space"):
            update_graph(graph, [examples / "api-v2"])
    assert (tree(graph), quads(graph)) == before

    def never(*_: object) -> None:
        raise AssertionError

    monkeypatch.setattr(making, "write_piece", never)
    assert update_graph(graph, [examples / "api-v2"]).changed > 0
    assert sorted(path.name for path in tmp_path.iterdir()) == ["graph"]


def test_command_says_what_it_did(examples: Path, tmp_path: Path, kg: Kg) -> None:
    """Trials by what became of them."""
    assert kg("build", examples / "xml", "--out", tmp_path / "graph", "--jobs", 1).code == 0
    ended = kg("update", tmp_path / "graph", examples / "api-v2" / f"{NUMBERS[0]}.json", "--jobs", 1)
    assert ended.code == 0
    assert "0 trials new, 1 changed, 0 withdrawn" in ended.out
    assert kg("update", tmp_path / "nowhere", examples).code == 3


@pytest.mark.data
def test_real_records_in_two_halves_with_edits(data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second half, some of the first again, a few withdrawn: the graph of a build of what stands."""
    monkeypatch.setattr(partitions, "_BYTES", 2_000_000)
    with zipfile.ZipFile(data / "trials" / "ctgov-api-v2.zip") as archive:
        records = {info.filename: archive.read(info) for info in archive.infolist()[:160]}
    names = sorted(records)
    edited = {name: records[name].replace(b"COMPLETED", b"TERMINATED") for name in names[:40]}
    half = {name: records[name] for name in names[:80]}
    graph, source = tmp_path / "graph", tmp_path / "in"
    build_graph([write(source, half)], graph, jobs=2)
    second = {name: records[name] for name in names[60:]} | edited
    report: UpdateReport = update_graph(graph, [write(source, second)], jobs=2)
    assert report.new == 80
    assert 10 < report.changed <= 40
    build_graph([write(source, half | second)], tmp_path / "built", jobs=2)
    assert_same(graph, tmp_path / "built", names=False)
    del second[names[-1]], second[names[0]]
    assert update_graph(graph, [write(source, second)], complete=True).withdrawn == 160 - len(second)
    build_graph([source], tmp_path / "built", jobs=2)
    assert_same(graph, tmp_path / "built")
