"""Export: all layers in one file, the same bytes each time, whole or not at all."""

import io
import json
import re
import subprocess
import sys
from pathlib import Path

import pyoxigraph as ox
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rdflib import Dataset, Graph

from kg import mapping
from kg.errors import GraphError, NotFound, UsageError
from kg.export import FORMATS, export_graph, format_for, parse_lines, write_blocks
from kg.export.jsonld import read_context
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


@pytest.mark.parametrize("name", sorted(FORMATS))
def test_every_format_holds_the_same_triples(name: str, example_graph: Path, tmp_path: Path) -> None:
    """Read back by the engine's parser; formats without graphs and trees keep the order, too."""
    found = FORMATS[name]
    target = tmp_path / f"graph{found.suffix}"
    export_graph(example_graph, target)
    triples, expected = read(target, found.rdf), layer_triples(example_graph, *LAYERS)
    assert set(triples) == set(expected)
    if not found.by_trial:
        assert triples == expected


@pytest.mark.parametrize("name", ["nquads", "trig"])
def test_quads_say_whose_layer_it_is(name: str, example_graph: Path, tmp_path: Path) -> None:
    """A graph a layer, with the triples of its file."""
    target = tmp_path / f"graph{FORMATS[name].suffix}"
    export_graph(example_graph, target)
    graphs: dict[str, list[ox.Triple]] = {}
    for quad in ox.parse(path=str(target), format=FORMATS[name].rdf):
        assert isinstance(quad.graph_name, ox.NamedNode)
        graphs.setdefault(quad.graph_name.value.rpartition("/")[2], []).append(quad.triple)
    assert graphs == {layer: layer_triples(example_graph, layer) for layer in LAYERS}


def test_every_property_has_a_short_name_in_the_context() -> None:
    """And its values the type, language or reference that the mapping writes."""
    context = read_context()
    defined = {entry["@id"]: entry for entry in context.values() if isinstance(entry, dict)}
    assert mapping.properties() - {"rdf:type"} <= defined.keys()
    for row in mapping.rows():
        entry = defined[row.property]
        if row.range == "rdf:langString":
            assert entry.get("@language") == "en", row.property
        elif row.range in ("xsd:string", "xsd:integer", "xsd:boolean") or row.range.startswith("xsd:gYear"):
            assert entry.keys() == {"@id"}, row.property
        else:
            assert entry["@type"] == (row.range if row.range.startswith("xsd:") else "@id"), row.property


def test_jsonld_is_a_tree_that_people_can_read(example_graph: Path, tmp_path: Path) -> None:
    """A trial holds its parts; codes, dates and numbers are plain values; nothing is written twice."""
    export_graph(example_graph, tmp_path / "graph.jsonld")
    document = json.loads((tmp_path / "graph.jsonld").read_text(encoding="utf-8"))
    trials = [node for node in document["@graph"] if "Study" in node.get("type", ())]
    (trial,) = [node for node in trials if node["id"] == "study:NCT01079767"]
    assert trial["overallStatus"] == "code:status/TERMINATED"
    assert trial["startDate"] == "2010-01-01"
    assert trial["enrollment"] == 6
    assert trial["condition"]["label"] == "Liver Cancer"
    assert "mesh:D008113" in trial["condition"]["concept"]
    assert trial["leadSponsor"] == trial["organization"]["id"]
    ids = re.findall(r'"id": "(NCT01079767#[^"]*)"', json.dumps(document))
    assert len(ids) == len(set(ids)) > 20


@pytest.mark.filterwarnings("ignore:(Dataset|ConjunctiveGraph):DeprecationWarning")  # rdflib's own use of its old names
@pytest.mark.parametrize("name", ["jsonld", "rdfxml", "trig", "nquads"])
def test_rdflib_reads_the_same(name: str, example_graph: Path, tmp_path: Path) -> None:
    """Another library's parser finds the triples of the links, with their types and languages."""
    target = tmp_path / f"links{FORMATS[name].suffix}"
    export_graph(example_graph, target, layers=("registry", "links"))
    formats = {"jsonld": "json-ld", "rdfxml": "xml", "trig": "trig", "nquads": "nquads"}
    read_back = Dataset()
    read_back.parse(data=target.read_bytes(), format=formats[name])
    lines = b"".join(line for layer in ("registry", "links") for line in read_lines(example_graph, layer))
    expected = Graph().parse(lines, format="nt")
    assert {triple for graph in read_back.graphs() for triple in graph} == set(expected)


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
    with pytest.raises(UsageError, match=r"\.ttl, \.nt, \.nq"):
        export_graph(example_graph, tmp_path / name)
    assert list(tmp_path.iterdir()) == []


def test_formats_go_by_suffix() -> None:
    """The names are those of the command line."""
    for name, found in FORMATS.items():
        assert format_for(Path(f"a.b{found.suffix}")) == name


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
    write_blocks([], stream, name)
    assert list(ox.parse(stream.getvalue(), FORMATS[name].rdf)) == []


def test_unknown_format_is_told_with_the_nearest() -> None:
    """Before anything is written."""
    stream = io.BytesIO()
    with pytest.raises(NotFound, match="turtle"):
        write_blocks([], stream, "turtel")
    assert stream.getvalue() == b""


def facts(triples: list[ox.Triple], *, for_xml: bool = False) -> list[tuple[str, str]]:
    """(subject, text) of triples with literals, without the characters that XML cannot carry."""
    texts = [(str(triple.subject), triple.object.value) for triple in triples if isinstance(triple.object, ox.Literal)]
    return [
        (name, re.sub("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]", "\ufffd", value) if for_xml else value)
        for name, value in texts
    ]


@given(st.lists(st.tuples(st.text(max_size=8), st.text(max_size=30)), max_size=5))
def test_any_text_survives_export(values: list[tuple[str, str]]) -> None:
    """Quotes, line breaks, `@prefix ` at the start of a line: what is read is what was written."""
    lines = [f"{iri('http://a/' + name)} {iri('http://a/p')} {text(value)} .\n" for name, value in values]
    lines.append(f"<http://a/x> <http://a/p> {text(chr(10) + '@prefix tg: <http://evil/> .' + chr(10))} .\n")
    triples = list(parse_lines(lines))
    for name, found in FORMATS.items():
        stream = io.BytesIO()
        write_blocks([{"registry": lines}], stream, name)
        read_back = [quad.triple for quad in ox.parse(stream.getvalue(), found.rdf)]
        if name == "rdfxml":
            assert facts(read_back) == facts(triples, for_xml=True)
        else:
            assert set(read_back) == set(triples)
            assert found.by_trial or read_back == triples
