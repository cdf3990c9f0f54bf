"""Export: all layers in one file, the same bytes each time, whole or not at all."""

import io
import subprocess
import sys
from pathlib import Path

import pyoxigraph as ox
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rdflib import Graph

from kg.errors import GraphError, NotFound, UsageError
from kg.export import FORMATS, export_graph, format_for, parse_lines, write_triples
from kg.layers import LAYERS, layer_path, read_lines
from kg.terms import iri, text


@pytest.fixture(scope="module")
def turtle(example_graph: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The examples as Turtle."""
    target = tmp_path_factory.mktemp("export") / "graph.ttl"
    export_graph(example_graph, target)
    return target


def read(path: Path, rdf_format: ox.RdfFormat) -> list[ox.Triple]:
    """The triples of a file."""
    return [quad.triple for quad in ox.parse(path=str(path), format=rdf_format)]


def layer_triples(folder: Path, *layers: str) -> list[ox.Triple]:
    """The triples of layers on disk."""
    return list(parse_lines(line.decode() for layer in layers for line in read_lines(folder, layer)))


def test_turtle_holds_the_triples_of_all_layers(turtle: Path, example_graph: Path) -> None:
    """Each of them, in their order, and no other."""
    assert read(turtle, ox.RdfFormat.TURTLE) == layer_triples(example_graph, *LAYERS)


def test_ntriples_hold_the_same(example_graph: Path, tmp_path: Path) -> None:
    """The other format has the same triples."""
    export_graph(example_graph, tmp_path / "graph.nt")
    assert read(tmp_path / "graph.nt", ox.RdfFormat.N_TRIPLES) == layer_triples(example_graph, *LAYERS)


def test_another_parser_reads_the_turtle(example_graph: Path, tmp_path: Path) -> None:
    """Rdflib finds as many triples in the links as there are lines."""
    export_graph(example_graph, tmp_path / "links.ttl", layers=("links",))
    lines = set(read_lines(example_graph, "links"))
    assert len(Graph().parse(tmp_path / "links.ttl")) == len(lines)


def test_same_graph_gives_the_same_bytes_in_every_process(turtle: Path, example_graph: Path, tmp_path: Path) -> None:
    """Whatever the hash seed, and also over an older file."""
    script = (
        "import sys; from pathlib import Path; from kg.export import export_graph as e; e(*map(Path, sys.argv[1:]))"
    )
    for seed in ("1", "2"):
        command = [sys.executable, "-c", script, str(example_graph), str(tmp_path / "graph.ttl")]
        subprocess.run(command, check=True, env={"PYTHONHASHSEED": seed, "PYTHONPATH": ":".join(sys.path)})
        assert (tmp_path / "graph.ttl").read_bytes() == turtle.read_bytes()
    assert [path.name for path in tmp_path.iterdir()] == ["graph.ttl"]


def test_turtle_begins_with_its_prefixes_in_order(turtle: Path) -> None:
    """Each once, and shortened names below."""
    lines = turtle.read_text(encoding="utf-8").splitlines()
    prefixes = [line for line in lines if line.startswith("@prefix ")]
    assert lines[: len(prefixes)] == prefixes == sorted(set(prefixes))
    assert any(line.startswith("study:NCT01079767") for line in lines)


@pytest.mark.parametrize("name", ["graph.docx", "graph", "graph.nt.gz", ".ttl", "graph.TTLX"])
def test_suffix_that_is_no_format_is_refused(name: str, example_graph: Path, tmp_path: Path) -> None:
    """With those that are."""
    with pytest.raises(UsageError, match=r"\.nt, \.ttl"):
        export_graph(example_graph, tmp_path / name)
    assert list(tmp_path.iterdir()) == []


def test_formats_go_by_suffix() -> None:
    """The names are those of the command line."""
    assert {format_for(Path("a.ttl")), format_for(Path("a.b.nt"))} == set(FORMATS)


def test_failed_export_leaves_the_old_file(example_graph: Path, tmp_path: Path) -> None:
    """A broken or missing layer changes nothing, and leaves nothing beside."""
    target = tmp_path / "graph.ttl"
    target.write_text("old")
    folder = tmp_path / "broken"
    (folder / "layers").mkdir(parents=True)
    with pytest.raises(GraphError, match="kg build"):
        export_graph(folder, target)
    for layer in LAYERS:
        layer_path(folder, layer).write_bytes(layer_path(example_graph, layer).read_bytes())
    layer_path(folder, "metadata").write_bytes(layer_path(example_graph, "links").read_bytes()[:-100])
    with pytest.raises(GraphError, match=r"metadata\.nt\.gz"):
        export_graph(folder, target)
    assert target.read_text() == "old"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["broken", "graph.ttl"]


def test_folder_that_is_no_graph_is_told(tmp_path: Path) -> None:
    """No traceback, no file."""
    with pytest.raises(GraphError, match="nowhere"):
        export_graph(tmp_path / "nowhere", tmp_path / "graph.ttl")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", sorted(FORMATS))
def test_no_triples_are_a_file_that_parses(name: str) -> None:
    """Nothing in, nothing out, but valid."""
    stream = io.BytesIO()
    write_triples([], stream, name)
    assert list(ox.parse(stream.getvalue(), FORMATS[name])) == []


def test_unknown_format_is_told_with_the_nearest() -> None:
    """Before anything is written."""
    stream = io.BytesIO()
    with pytest.raises(NotFound, match="turtle"):
        write_triples([], stream, "turtel")
    assert stream.getvalue() == b""


@given(st.lists(st.tuples(st.text(max_size=8), st.text(max_size=30)), max_size=5))
def test_any_text_survives_export(values: list[tuple[str, str]]) -> None:
    """Quotes, line breaks, `@prefix ` at the start of a line: what is read is what was written."""
    lines = [f"{iri('http://a/' + name)} {iri('http://a/p')} {text(value)} .\n" for name, value in values]
    lines.append(f"<http://a/x> <http://a/p> {text(chr(10) + '@prefix tg: <http://evil/> .' + chr(10))} .\n")
    triples = list(parse_lines(lines))
    for name, rdf_format in FORMATS.items():
        stream = io.BytesIO()
        write_triples(triples, stream, name)
        assert [quad.triple for quad in ox.parse(stream.getvalue(), rdf_format)] == triples
