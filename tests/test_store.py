"""The embedded store: read-only, by several at once; the default graph is the union, and layers stand apart."""

import gzip
import subprocess
import sys
from pathlib import Path

import pyoxigraph as ox
import pytest

from kg.errors import GraphError, QueryRefused
from kg.layers import LAYERS, layer_path, read_lines
from kg.store import NAMED_LAYERS, EmbeddedStore, load_store
from kg.vocab import GRAPHS, expand

COUNT = "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"


def count(store: EmbeddedStore, text: str = COUNT) -> int:
    """The one number that a query gives."""
    (row,) = store.query(text)  # type: ignore[misc]
    return int(row["n"].value)


def triples_of(folder: Path, *layers: str) -> set[ox.Triple]:
    """The triples of layers on disk, with numbers as the engine writes them (1.0 is 1)."""
    store = ox.Store()
    for layer in layers:
        store.load(b"".join(read_lines(folder, layer)), ox.RdfFormat.N_TRIPLES)
    return {quad.triple for quad in store}


def test_default_graph_is_the_union_of_the_layers(example_graph: Path, example_store: EmbeddedStore) -> None:
    """A query without GRAPH sees every triple of every layer, once, and nothing else."""
    dumped = list(example_store.query("CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o }"))  # type: ignore[arg-type]
    assert len(dumped) == len(set(dumped)) == count(example_store)
    assert set(dumped) == triples_of(example_graph, *LAYERS)


@pytest.mark.parametrize("layer", NAMED_LAYERS)
def test_named_graph_holds_its_layer(layer: str, example_graph: Path, example_store: EmbeddedStore) -> None:
    """The same triples as the layer's file, no more and no fewer."""
    found = example_store.query(f"CONSTRUCT {{ ?s ?p ?o }} WHERE {{ GRAPH <{GRAPHS[layer]}> {{ ?s ?p ?o }} }}")
    assert set(found) == triples_of(example_graph, layer)  # type: ignore[arg-type]


def test_each_ontology_has_a_graph_of_its_own(example_store: EmbeddedStore) -> None:
    """As published, beside the plain slice in the default graph; no graph but those that are named."""
    found = {row["g"].value for row in example_store.query("SELECT DISTINCT ?g { GRAPH ?g { ?s ?p ?o } }")}  # type: ignore[union-attr]
    ontologies = {expand(f"graph:ontology/{name}") for name in ("chebi", "doid", "mesh", "mondo")}
    assert found == ontologies | {GRAPHS[layer] for layer in NAMED_LAYERS}


def test_length_counts_every_quad(example_graph: Path, example_store: EmbeddedStore) -> None:
    """The manifest says the same."""
    named = count(example_store, "SELECT (COUNT(*) AS ?n) { GRAPH ?g { ?s ?p ?o } }")
    assert len(example_store) == count(example_store) + named


def test_store_is_read_by_several_at_once(example_graph: Path, example_store: EmbeddedStore) -> None:
    """In one process and in another."""
    other = EmbeddedStore(example_graph / "store")
    assert count(other) == count(example_store)
    script = (
        "import sys; from pathlib import Path; from kg.store import EmbeddedStore\n"
        f"print(next(EmbeddedStore(Path(sys.argv[1])).query({COUNT!r}))['n'].value)"
    )
    command = [sys.executable, "-c", script, str(example_graph / "store")]
    answer = subprocess.run(command, capture_output=True, text=True, check=True)
    assert int(answer.stdout) == count(example_store)


@pytest.mark.parametrize("update", ["DELETE WHERE { ?s ?p ?o }", "INSERT DATA { <a:b> <a:c> <a:d> }", "CLEAR ALL"])
def test_nothing_is_written(update: str, example_store: EmbeddedStore) -> None:
    """An update is no query."""
    before = len(example_store)
    with pytest.raises(QueryRefused):
        example_store.query(update)
    assert len(example_store) == before


@pytest.mark.parametrize("text", ["SELECT", "SELECT * { ?s ?p", "", "\udcff", "SELECT * { ?s a nosuch:thing }"])
def test_what_cannot_be_parsed_is_told(text: str, example_store: EmbeddedStore) -> None:
    """The user's mistake, not a traceback."""
    with pytest.raises(QueryRefused):
        example_store.query(text)


def test_missing_store_says_how_to_make_one(tmp_path: Path) -> None:
    """For a folder that is none, and for one without a store."""
    for folder in (tmp_path, tmp_path / "nowhere"):
        with pytest.raises(GraphError, match=r"no graph here.*kg build") as raised:
            EmbeddedStore(folder / "store")
        assert str(folder) in str(raised.value)


def test_folder_that_is_no_store_is_told(tmp_path: Path) -> None:
    """An empty folder, or one with something else in it, is not turned into a store."""
    (tmp_path / "store").mkdir()
    (tmp_path / "store" / "CURRENT").write_text("nonsense")
    with pytest.raises(GraphError, match="cannot be opened"):
        EmbeddedStore(tmp_path / "store")
    assert [path.name for path in (tmp_path / "store").iterdir()] == ["CURRENT"]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("links.nt.gz", gzip.compress(b"<a:s> <a:p> no triple .\n", mtime=0)),
        ("links.nt.gz", gzip.compress(b"<a:s> <a:p> <a:o> .\n" * 1000, mtime=0)[:-20]),
        ("links.nt", b"<a:s> <a:p>"),
        ("links.ttl", b"@prefix a: <a:> . a:b a:c"),
        ("links.owl", b"<?xml version='1.0'?><rdf:RDF"),
    ],
)
def test_file_that_cannot_be_loaded_is_told_by_name(name: str, content: bytes, tmp_path: Path) -> None:
    """Broken triples and cut-off files."""
    (tmp_path / name).write_bytes(content)
    with pytest.raises(GraphError, match=name):
        load_store(tmp_path / "store", {"links": tmp_path / name}, {})


def test_format_is_told_from_the_content(tmp_path: Path) -> None:
    """N-Triples, Turtle and RDF/XML, packed or not, each into its graph."""
    rdf = b"""<?xml version='1.0'?><rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#' xmlns:a='http://a/'>
        <rdf:Description rdf:about='http://a/s'><a:p>v</a:p></rdf:Description></rdf:RDF>"""
    contents = {
        "a.nt": b'<http://a/s> <http://a/p> "v" .\n',
        "b.nt.gz": gzip.compress(b'<http://a/s> <http://a/p> "v" .\n'),
        "c.ttl": b'@prefix a: <http://a/> . a:s a:p "v" .',
        "d.owl": rdf,
        "e.owl.gz": gzip.compress(rdf),
    }
    for name, content in contents.items():
        (tmp_path / name).write_bytes(content)
    graphs = {f"http://g/{name}": tmp_path / name for name in contents}
    assert load_store(tmp_path / "store", {}, graphs) == len(contents)
    store = EmbeddedStore(tmp_path / "store")
    for graph in graphs:
        assert store.query(f'ASK {{ GRAPH <{graph}> {{ <http://a/s> <http://a/p> "v" }} }}')


def test_layers_on_disk_are_those_that_are_named(example_graph: Path) -> None:
    """No file more, none fewer."""
    files = sorted(path for path in (example_graph / "layers").iterdir())
    assert files == sorted(layer_path(example_graph, layer) for layer in LAYERS)


def test_layers_loaded_in_small_pieces_are_the_same_store(
    example_graph: Path, example_store: EmbeddedStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Memory does not grow with the layers, and no quad is lost between two pieces."""
    monkeypatch.setattr("kg.store._LOAD_BYTES", 77_777)
    layers = {layer: layer_path(example_graph, layer) for layer in LAYERS}
    load_store(tmp_path / "store", layers, {})
    pieces = EmbeddedStore(tmp_path / "store")
    assert count(pieces) == count(example_store)
    for layer in NAMED_LAYERS:
        text = f"SELECT (COUNT(*) AS ?n) {{ GRAPH <{GRAPHS[layer]}> {{ ?s ?p ?o }} }}"
        assert count(pieces, text) == count(example_store, text) > 0


def test_layers_hold_no_blank_nodes(example_graph: Path) -> None:
    """They may be cut anywhere between two lines, and joined with others."""
    for layer in LAYERS:
        assert not any(line.startswith(b"_:") or b"> _:" in line for line in read_lines(example_graph, layer))
