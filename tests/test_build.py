"""Builds: the same bytes for any order, the best record of a trial, nothing lost when something breaks."""

import hashlib
import json
from pathlib import Path

import pyoxigraph as ox
import pytest

from kg import layers
from kg.build import BuildReport, build_graph
from kg.errors import GraphError, OntologyError, SourceError, UsageError
from kg.export import export_graph
from kg.layers import Block, LayerWriter, read_lines
from kg.store import EmbeddedStore
from kg.vocab import GRAPHS


def digests(folder: Path) -> dict[str, str]:
    """SHA-256 of each layer."""
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted((folder / "layers").iterdir())}


def test_layers_are_the_same_bytes_for_any_order_of_sources(
    examples: Path, example_graph: Path, tmp_path: Path
) -> None:
    """The folders of the examples, given the other way round, give the same layers."""
    build_graph([examples / "xml", examples / "page", examples / "api-v2"], tmp_path / "graph")
    assert digests(tmp_path / "graph") == digests(example_graph)


@pytest.mark.parametrize("run_bytes", [1, 50, 10_000])
def test_runs_of_any_size_merge_to_the_same_layer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, run_bytes: int
) -> None:
    """Trials come out sorted, the best record of each, however little fits into memory."""
    monkeypatch.setattr(layers, "_RUN_BYTES", run_bytes)
    writer = LayerWriter(tmp_path, ("registry",))
    for key, rank in (("b", 1), ("a", 1), ("c", 1), ("a", 2), ("a", 0)):
        writer.add(Block(key, ("", "", rank, ""), f"{key}{rank}", {"registry": f"{key}{rank}\n"}))
    writer.finish({"registry": ["first\n"]})
    assert list(read_lines(tmp_path, "registry")) == [b"first\n", b"a2\n", b"b1\n", b"c1\n"]
    assert [(s.trial, s.source, s.by) for s in writer.superseded] == [("a", "a0", "a2"), ("a", "a1", "a2")]
    assert [path.name for path in tmp_path.iterdir()] == ["layers"]


def test_best_record_of_a_trial_wins_and_the_others_are_told(example_build: tuple[Path, BuildReport]) -> None:
    """Equally new records: API v2 before XML before page; each other one is a finding."""
    folder, report = example_build
    assert (report.counts["records"], report.counts["trials"], report.counts["superseded"]) == (54, 18, 36)
    findings = [json.loads(line) for line in (folder / "findings.jsonl").read_text().splitlines()]
    told = [finding for finding in findings if finding["rule"] == "superseded-record"]
    assert len(told) == 36
    assert not any("/api-v2/" in finding["source"] for finding in told)


def test_manifest_names_inputs_by_their_hash(example_build: tuple[Path, BuildReport]) -> None:
    """The manifest's sums are those of the files."""
    manifest = json.loads((example_build[0] / "manifest.json").read_text())
    for name, digest in manifest["inputs"].items():
        assert hashlib.sha256(Path(name).read_bytes()).hexdigest() == digest
    assert manifest["counts"]["findings"]["violation"] == 0


def test_a_folder_of_something_else_is_not_overwritten(examples: Path, tmp_path: Path) -> None:
    """--out refuses what is no graph."""
    (tmp_path / "thesis.txt").write_text("years of work")
    with pytest.raises(UsageError):
        build_graph([examples / "xml"], tmp_path)
    assert (tmp_path / "thesis.txt").read_text() == "years of work"


def test_a_failed_build_leaves_the_old_graph_whole(examples: Path, tmp_path: Path) -> None:
    """A broken ontology or a missing source changes nothing and leaves nothing beside."""
    out = tmp_path / "graph"
    build_graph([examples / "xml" / "NCT01079767.xml"], out)
    before = digests(out)
    broken = tmp_path / "broken.owl"
    broken.write_text("<rdf:RDF")
    with pytest.raises(OntologyError):
        build_graph([examples], out, ontology_names=[str(broken)])
    with pytest.raises(SourceError):
        build_graph([tmp_path / "nowhere"], out)
    assert digests(out) == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["broken.owl", "graph"]


def test_default_graph_is_the_union_and_layers_stand_apart(example_graph: Path) -> None:
    """Links are in the default graph and in their own."""
    store, other = (EmbeddedStore(example_graph / "store") for _ in range(2))
    pattern = "?s <https://w3id.org/trialgraph/vocab#concept> ?o"
    (plain,) = store.query(f"SELECT (COUNT(*) AS ?n) {{ {pattern} }}")  # type: ignore[misc]
    (named,) = other.query(f"SELECT (COUNT(*) AS ?n) {{ GRAPH <{GRAPHS['links']}> {{ {pattern} }} }}")  # type: ignore[misc]
    assert plain["n"].value == named["n"].value != "0"


def test_a_folder_without_store_is_told(tmp_path: Path) -> None:
    """No traceback for a wrong folder."""
    with pytest.raises(GraphError, match="kg build"):
        EmbeddedStore(tmp_path / "store")


def test_turtle_holds_all_layers_and_is_the_same_twice(example_graph: Path, tmp_path: Path) -> None:
    """The export parses to the layers' triples, byte for byte the same each time."""
    for name in ("a.ttl", "b.ttl", "c.nt"):
        export_graph(example_graph, tmp_path / name)
    assert (tmp_path / "a.ttl").read_bytes() == (tmp_path / "b.ttl").read_bytes()
    turtle = {quad.triple for quad in ox.parse(path=str(tmp_path / "a.ttl"), format=ox.RdfFormat.TURTLE)}
    lines = {quad.triple for quad in ox.parse(path=str(tmp_path / "c.nt"), format=ox.RdfFormat.N_TRIPLES)}
    assert turtle == lines
    with pytest.raises(UsageError):
        export_graph(example_graph, tmp_path / "graph.docx")
