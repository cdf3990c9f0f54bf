"""Builds: the same bytes for any order, the best record of a trial, nothing lost when something breaks."""

import gzip
import hashlib
import json
from pathlib import Path

import pytest

from kg.build import BuildReport, Progress, build_graph
from kg.errors import GraphError, KgError, NotFound, OntologyError, SourceError, UsageError
from kg.knowledge import load_knowledge
from kg.layers import LAYERS, read_lines, runs
from kg.readers import partitions
from kg.store import EmbeddedStore
from kg.vocab import expand

SEED = "NCT01379521"


def digests(folder: Path) -> dict[str, str]:
    """SHA-256 of each layer."""
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted((folder / "layers").iterdir())}


def tree(folder: Path) -> dict[str, str]:
    """SHA-256 of every file of a graph but the store's own journal."""
    files = (path for path in sorted(folder.rglob("*")) if path.is_file() and path.parent.name != "store")
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def findings(folder: Path) -> list[dict[str, str]]:
    """What the build found wrong."""
    return [json.loads(line) for line in (folder / "findings.jsonl").read_text(encoding="utf-8").splitlines()]


def test_layers_are_the_same_bytes_for_any_order_of_sources(
    examples: Path, example_graph: Path, tmp_path: Path
) -> None:
    """The folders of the examples, given the other way round, give the same layers."""
    build_graph([examples / "xml", examples / "page", examples / "api-v2"], tmp_path / "graph")
    assert digests(tmp_path / "graph") == digests(example_graph)


def test_layers_are_the_same_bytes_however_little_memory_there_is(
    examples: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A piece for each record, merged in several rounds, or one for all."""
    sources = sorted((examples / "api-v2").glob("NCT013*.json"))
    build_graph(sources, tmp_path / "one")
    monkeypatch.setattr(partitions, "_BYTES", 1)
    monkeypatch.setattr(runs, "_FAN_IN", 3)
    build_graph(sources[::-1], tmp_path / "many")
    assert digests(tmp_path / "one") == digests(tmp_path / "many")


def test_graph_folder_holds_what_is_promised(example_graph: Path) -> None:
    """Layers, store, findings, manifest, sources; nothing of the way there."""
    assert sorted(path.name for path in example_graph.iterdir()) == [
        "findings.jsonl",
        "layers",
        "manifest.json",
        "records.index",
        "sources.tsv",
        "store",
    ]
    # A server that was killed leaves its snapshot, which the next one takes away.
    beside = [path.name for path in example_graph.parent.iterdir() if ".serving-" not in path.name]
    assert beside == ["graph"]


def test_best_record_of_a_trial_wins_and_the_others_are_told(example_build: tuple[Path, BuildReport]) -> None:
    """Equally new records: API v2 before XML before page; each other one is a finding that names it."""
    folder, report = example_build
    assert (report.counts["records"], report.counts["trials"], report.counts["superseded"]) == (73, 37, 36)
    told = [finding for finding in findings(folder) if finding["rule"] == "superseded-record"]
    assert len(told) == 36
    assert not any("/api-v2/" in finding["source"] for finding in told)
    assert {finding["severity"] for finding in told} == {"info"}
    assert all("/api-v2/" in finding["message"] for finding in told)


def record(examples: Path, kind: str, *, updated: str = "2017-04-13", processed: str = "2020-07-28") -> str:
    """The record of one trial in a format, with other days of update and processing."""
    if kind == "api-v2":
        tree = json.loads((examples / "api-v2" / f"{SEED}.json").read_text(encoding="utf-8"))
        tree["protocolSection"]["statusModule"]["lastUpdateSubmitDate"] = updated
        tree["derivedSection"]["miscInfoModule"]["versionHolder"] = processed
        return json.dumps(tree)
    text = (examples / "xml" / f"{SEED}.xml").read_text(encoding="utf-8")
    words = {"2017-04-13": "April 13, 2017", "2018-01-01": "January 1, 2018"}
    days = {"2020-07-28": "July 28, 2020", "2021-01-01": "January 1, 2021"}
    text = text.replace("<last_update_submitted>April 13, 2017", f"<last_update_submitted>{words[updated]}")
    return text.replace("processed this data on July 28, 2020", f"processed this data on {days[processed]}")


@pytest.mark.parametrize(
    ("api", "xml", "winner"),
    [
        ({}, {}, "API_V2"),
        ({}, {"updated": "2018-01-01"}, "XML"),
        ({}, {"processed": "2021-01-01"}, "XML"),
        ({"updated": "2018-01-01"}, {"processed": "2021-01-01"}, "API_V2"),
        ({"processed": "2021-01-01"}, {"updated": "2018-01-01"}, "XML"),
        ({"updated": "2018-01-01"}, {"updated": "2018-01-01", "processed": "2021-01-01"}, "XML"),
    ],
)
def test_newer_update_wins_then_later_processing_then_format(
    api: dict[str, str], xml: dict[str, str], winner: str, examples: Path, tmp_path: Path
) -> None:
    """Whichever is read first; the other is superseded, once."""
    source = tmp_path / "in"
    source.mkdir()
    (source / "a.json").write_text(record(examples, "api-v2", **api), encoding="utf-8")
    (source / "b.xml").write_text(record(examples, "xml", **xml), encoding="utf-8")
    for number, order in enumerate((["a.json", "b.xml"], ["b.xml", "a.json"])):
        folder = tmp_path / str(number)
        build_graph([source / name for name in order], folder)
        (line,) = [ln for ln in read_lines(folder, "registry") if expand("tg:sourceFormat").encode() in ln]
        assert f"/{winner}>".encode() in line
        (told,) = [finding for finding in findings(folder) if finding["rule"] == "superseded-record"]
        assert told["source"].endswith("b.xml" if winner == "API_V2" else "a.json")
        assert told["trial"] == SEED
    assert digests(tmp_path / "0") == digests(tmp_path / "1")


def test_xml_beats_page(examples: Path, tmp_path: Path) -> None:
    """Where both were processed on one day."""
    report = build_graph([examples / "page" / f"{SEED}.txt", examples / "xml" / f"{SEED}.xml"], tmp_path / "graph")
    (told,) = [finding for finding in findings(tmp_path / "graph") if finding["rule"] == "superseded-record"]
    assert told["source"].endswith(".txt")
    assert report.counts["trials"] == 1


def test_manifest_tells_inputs_counts_and_versions(example_build: tuple[Path, BuildReport], examples: Path) -> None:
    """Every record's file with the hash of its bytes; as many triples as there are lines."""
    folder, report = example_build
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    for name, digest in manifest["inputs"].items():
        assert hashlib.sha256(Path(name).read_bytes()).hexdigest() == digest
    records = {str(path) for path in examples.rglob("NCT*")}
    assert records <= set(manifest["inputs"])
    assert len(records) == manifest["counts"]["records"]
    assert manifest["counts"]["triples"] == {layer: sum(1 for _ in read_lines(folder, layer)) for layer in LAYERS}
    assert manifest["counts"]["quads"] == len(EmbeddedStore(folder / "store"))
    assert manifest["counts"]["findings"]["violation"] == 0
    assert sum(manifest["counts"]["findings"].values()) == len(findings(folder))
    assert {ontology["name"] for ontology in manifest["ontologies"]} == {"chebi", "doid", "mesh", "mondo"}
    assert all(len(ontology["sha256"]) == 64 and ontology["licence"] for ontology in manifest["ontologies"])
    assert {"trialgraph", "pyoxigraph"} <= set(manifest["versions"])
    assert manifest["counts"] == report.counts


def test_links_and_abstentions_are_counted_by_rule(example_build: tuple[Path, BuildReport]) -> None:
    """Nothing is traded silently."""
    counts = example_build[1].counts
    assert counts["abstentions"]["intervention: says what is not given"] > 0
    assert counts["links"]["intervention: placebo: normalised form"] > 0
    assert counts["links"]["condition: exact label"] > 0
    assert counts["links"]["derived: given identifier"] > 0


@pytest.mark.parametrize("content", ["file", "folder with a file", "folder with a folder"])
def test_what_is_no_graph_is_not_overwritten(content: str, examples: Path, tmp_path: Path) -> None:
    """--out refuses a file, and a folder of something else, before anything is read."""
    out = tmp_path / "out"
    if content == "file":
        out.write_text("years of work")
    else:
        (out / "work").mkdir(parents=True) if content.endswith("a folder") else out.mkdir()
        (out / ("work/thesis.txt" if content.endswith("a folder") else "thesis.txt")).write_text("years of work")
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(UsageError, match="no graph folder"):
        build_graph([examples / "xml"], out)
    assert sorted(tmp_path.rglob("*")) == before


def test_empty_folder_and_old_graph_are_replaced(examples: Path, tmp_path: Path) -> None:
    """An older graph is gone whole, its own records too."""
    out = tmp_path / "deep" / "graph"
    build_graph([examples / "api-v2" / f"{SEED}.json"], out)
    build_graph([examples / "api-v2" / "NCT01079767.json"], out)
    assert not any(SEED.encode() in line for line in read_lines(out, "registry"))
    assert [path.name for path in out.parent.iterdir()] == ["graph"]
    (tmp_path / "empty").mkdir()
    build_graph([examples / "api-v2" / f"{SEED}.json"], tmp_path / "empty")
    assert (tmp_path / "empty" / "manifest.json").is_file()


class Stop(BaseException):
    """What ends a process: no error that anything may catch."""


def test_a_failed_build_leaves_the_old_graph_whole(
    examples: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Broken ontology, missing source, a break in the middle, a store that cannot be filled: nothing changes."""
    out = tmp_path / "graph"
    build_graph([examples / "xml" / f"{SEED}.xml"], out)
    before = tree(out)
    broken = tmp_path / "broken.owl"
    broken.write_text("<rdf:RDF")

    def stop(at: Progress) -> None:
        assert 0 < at.done <= at.total
        if at.step == "loaded":
            raise Stop

    def fail(*_: object) -> int:
        raise OSError(28, "No space left on device")

    with pytest.raises(OntologyError, match=r"broken\.owl"):
        build_graph([examples / "xml"], out, ontology_names=[str(broken)])
    with pytest.raises(NotFound, match="mesch"):
        build_graph([examples / "xml"], out, ontology_names=["mesch"])
    with pytest.raises(SourceError, match="nowhere"):
        build_graph([examples / "xml", tmp_path / "nowhere"], out)
    with pytest.raises(Stop):
        build_graph([examples / "xml"], out, progress=stop)
    monkeypatch.setattr("kg.store.load_store", fail)
    with pytest.raises(GraphError, match=r"No space.*run the same command again"):
        build_graph([examples / "xml"], out)
    assert tree(out) == before
    assert len(EmbeddedStore(out / "store")) > 1000
    # What it had finished is kept, until a build succeeds.
    assert sorted(path.name for path in tmp_path.iterdir()) == [".graph.pieces", "broken.owl", "graph"]


def test_a_failed_first_build_leaves_nothing(examples: Path, tmp_path: Path) -> None:
    """No half graph that looks like one."""
    with pytest.raises(KgError):
        build_graph([tmp_path / "nowhere"], tmp_path / "graph")
    with pytest.raises(KgError):
        build_graph([examples], tmp_path / "graph", ontology_names=["nowhere"])
    assert list(tmp_path.iterdir()) == []


def test_one_bad_record_stops_no_build(examples: Path, tmp_path: Path) -> None:
    """What cannot be read is a finding; the others are in the graph."""
    source = tmp_path / "in"
    source.mkdir()
    (source / "a.json").write_text("{")
    (source / "b.xml").write_text("<clinical_study><id_info>")
    (source / "c.gz").write_bytes(gzip.compress(b"x" * 100)[:-9])
    (source / "d.json").write_bytes((examples / "api-v2" / f"{SEED}.json").read_bytes())
    report = build_graph([source], tmp_path / "graph")
    assert report.counts["trials"] == 1
    bad = {Path(f["source"]).name for f in findings(tmp_path / "graph") if f.get("severity") == "violation"}
    assert bad == {"a.json", "b.xml", "c.gz"}


def test_build_without_any_trial_is_a_graph_all_the_same(tmp_path: Path) -> None:
    """An empty folder gives empty layers, and a store that answers."""
    (tmp_path / "in").mkdir()
    report = build_graph([tmp_path / "in"], tmp_path / "graph")
    assert (report.counts["trials"], report.counts["triples"]["registry"]) == (0, 0)
    assert not EmbeddedStore(tmp_path / "graph" / "store").query(f"ASK {{ ?s a <{expand('tg:Study')}> }}")


def test_ontologies_are_named_by_slice_or_file(tmp_path: Path) -> None:
    """One or several, and only those."""
    assert [ontology.name for ontology in load_knowledge(["mesh", "doid"]).ontologies] == ["mesh", "doid"]
    (tmp_path / "not.ttl").write_text("nothing of this kind")
    with pytest.raises(OntologyError, match=r"not\.ttl"):
        load_knowledge([str(tmp_path / "not.ttl")])
