"""`kg publish`: the bundle holds the graph, says what it holds, and is the same each time."""

import gzip
import hashlib
import json
import re
import shutil
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyoxigraph as ox
import pytest

from kg.errors import GraphError
from kg.layers import LAYERS, read_lines
from kg.publishing import Terms, publish
from kg.store import EmbeddedStore
from kg.vocab import expand
from tests.commands import Kg

TERMS = Terms(
    base_url="https://example.org/trials",
    licence="https://creativecommons.org/licenses/by/4.0/",
    publisher="Example Institute",
    endpoint="https://example.org/sparql",
)
BASE = "https://example.org/trials/"
OPTIONS = ("--base-url", BASE, "--license", TERMS.licence, "--publisher", TERMS.publisher)


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory, example_graph: Path) -> Path:
    """The bundle of all examples, in every format."""
    out = tmp_path_factory.mktemp("publish") / "bundle"
    publish(example_graph, out, TERMS, further=("trig", "jsonld"))
    return out


@pytest.fixture(scope="module")
def described(bundle: Path) -> ox.Store:
    """The description, to be asked."""
    store = ox.Store()
    store.load(path=str(bundle / "dataset.ttl"), format=ox.RdfFormat.TURTLE)
    return store


def ask(store: Any, query: str) -> list[tuple[str, ...]]:
    """The rows of an answer as text."""
    prefixes = "".join(
        f"PREFIX {prefix}: <{expand(f'{prefix}:')}>\n"
        for prefix in ("void", "dcat", "dct", "rdfs", "tg", "prov", "pav")
    )
    return [tuple(term.value for term in row) for row in store.query(prefixes + query)]


def triples(file: Path, rdf: ox.RdfFormat) -> set[str]:
    """The triples of a packed file, as text, whatever graph they are in."""
    return {str(quad.triple) for quad in ox.parse(gzip.decompress(file.read_bytes()), format=rdf)}


def files(folder: Path) -> dict[str, bytes]:
    """Every file below a folder."""
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def layer_triples(graph: Path, layer: str) -> set[str]:
    """The triples of a layer, as text."""
    return {str(quad.triple) for quad in ox.parse(b"".join(read_lines(graph, layer)), format=ox.RdfFormat.N_TRIPLES)}


@pytest.mark.parametrize(
    ("suffix", "rdf"), [("nq", ox.RdfFormat.N_QUADS), ("trig", ox.RdfFormat.TRIG), ("jsonld", ox.RdfFormat.JSON_LD)]
)
def test_whole_dumps_hold_the_whole_graph(suffix: str, rdf: ox.RdfFormat, bundle: Path, example_graph: Path) -> None:
    """No triple is lost, and none is new."""
    expected = set().union(*(layer_triples(example_graph, layer) for layer in LAYERS))
    assert triples(bundle / "dumps" / f"trialgraph.{suffix}.gz", rdf) == expected


@pytest.mark.parametrize(("suffix", "rdf"), [("nt", ox.RdfFormat.N_TRIPLES), ("ttl", ox.RdfFormat.TURTLE)])
def test_parts_are_the_layers(suffix: str, rdf: ox.RdfFormat, bundle: Path, example_graph: Path) -> None:
    """Each layer is a file; the ontologies' is one for each of them, and one for what is ours."""
    for layer in LAYERS:
        names = ["vocabulary", *(f"ontology-{name}" for name in ("chebi", "doid", "mesh", "mondo"))]
        parts = names if layer == "ontology" else [layer]
        found = [triples(bundle / "dumps" / f"{part}.{suffix}.gz", rdf) for part in parts]
        assert set().union(*found) == layer_triples(example_graph, layer)


def test_graphs_of_quads_are_the_layers(bundle: Path, example_graph: Path) -> None:
    """In N-Quads and in TriG alike."""
    for suffix, rdf in (("nq", ox.RdfFormat.N_QUADS), ("trig", ox.RdfFormat.TRIG)):
        counts: Counter[str] = Counter()
        text = gzip.decompress((bundle / "dumps" / f"trialgraph.{suffix}.gz").read_bytes())
        for quad in set(ox.parse(text, format=rdf)):
            counts[str(quad.graph_name).rpartition("/")[2].rstrip(">")] += 1
        assert counts == {layer: len(layer_triples(example_graph, layer)) for layer in LAYERS}


def test_turtle_has_a_block_a_subject(bundle: Path) -> None:
    """Type first, four spaces in, one value a line: within a trial no subject begins twice."""
    text = gzip.decompress((bundle / "dumps" / "links.ttl.gz").read_bytes()).decode()
    blocks = [block for block in text.split("\n\n") if not block.startswith("@prefix")]
    subjects = [block.split()[0] for block in blocks if block.strip()]
    assert len(subjects) == len(set(subjects)) > 1000
    assert all(line.startswith("    ") for block in blocks for line in block.strip().splitlines()[1:])


def test_same_graph_gives_the_same_bytes(bundle: Path, example_graph: Path, tmp_path: Path) -> None:
    """Also when it is published in place of an older bundle, from a copy that lies elsewhere."""
    copy = shutil.copytree(example_graph, tmp_path / "elsewhere")
    out = tmp_path / "again"
    publish(copy, out, TERMS)
    publish(copy, out, TERMS, further=("trig", "jsonld"))
    assert files(out) == files(bundle)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["again", "elsewhere"]


def test_sums_are_those_of_the_files(bundle: Path) -> None:
    """Every file but the list itself, as `sha256sum -c` reads it."""
    found = files(bundle)
    listed = found.pop("SHA256SUMS").decode().splitlines()
    assert listed == [f"{hashlib.sha256(data).hexdigest()}  {name}" for name, data in sorted(found.items())]


def test_distributions_are_the_files(bundle: Path, described: ox.Store) -> None:
    """Address, size and checksum of each dump and mapping set are true."""
    rows = ask(
        described,
        "SELECT ?address ?size ?sum { ?d a dcat:Distribution ; dcat:downloadURL ?address ; dcat:byteSize ?size ;"
        "<http://spdx.org/rdf/terms#checksum>/<http://spdx.org/rdf/terms#checksumValue> ?sum }",
    )
    found = {name: data for name, data in files(bundle).items() if name.startswith(("dumps/", "mappings/"))}
    assert {(address.removeprefix(BASE), int(size), digest.lower()) for address, size, digest in rows} == {
        (name, len(data), hashlib.sha256(data).hexdigest()) for name, data in found.items()
    }


#: VoID's property -> SPARQL's count of it, after https://www.w3.org/TR/hcls-dataset/#s6_6.
COUNTS = {
    "triples": "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }",
    "entities": "SELECT (COUNT(DISTINCT ?s) AS ?n) { ?s a ?c }",
    "distinctSubjects": "SELECT (COUNT(DISTINCT ?s) AS ?n) { ?s ?p ?o }",
    "properties": "SELECT (COUNT(DISTINCT ?p) AS ?n) { ?s ?p ?o }",
    "classes": "SELECT (COUNT(DISTINCT ?c) AS ?n) { ?s a ?c }",
}


@pytest.mark.parametrize("name", COUNTS)
def test_counts_are_those_of_sparql(name: str, described: ox.Store, example_store: EmbeddedStore) -> None:
    """Of the whole graph, which the N-Quads hold."""
    ((told,),) = ask(described, f"SELECT ?n {{ ?d a dcat:Distribution ; void:{name} ?n }}")
    assert [(told,)] == ask(example_store, COUNTS[name])


def test_partitions_are_those_of_sparql(described: ox.Store, example_store: EmbeddedStore) -> None:
    """Each class with its members, each property with its triples."""
    told = "SELECT ?name ?n {{ ?d a dcat:Distribution ; void:{0}Partition ?p . ?p void:{0} ?name ; void:{1} ?n }}"
    classes = ask(example_store, "SELECT ?c (COUNT(DISTINCT ?s) AS ?n) { ?s a ?c } GROUP BY ?c")
    properties = ask(example_store, "SELECT ?p (COUNT(*) AS ?n) { ?s ?p ?o } GROUP BY ?p")
    assert sorted(ask(described, told.format("class", "entities"))) == sorted(classes)
    assert sorted(ask(described, told.format("property", "triples"))) == sorted(properties)


def test_parts_count_their_own(described: ox.Store, example_graph: Path) -> None:
    """Triples and objects of each layer, with numbers as they are written."""
    rows = ask(described, "SELECT ?d ?n ?o { ?d a dcat:Dataset ; void:triples ?n ; void:distinctObjects ?o }")
    found = {name.rpartition("/")[2]: (int(count), int(objects)) for name, count, objects in rows}
    for layer in set(LAYERS) - {"ontology"}:
        lines = set(read_lines(example_graph, layer))
        assert found[layer] == (len(lines), len({line.split(b" ", 2)[2] for line in lines}))


def test_linksets_lead_to_each_ontology(described: ox.Store, example_store: EmbeddedStore) -> None:
    """As many triples as there are links, by predicate and ontology."""
    rows = ask(described, "SELECT ?t ?n { ?l void:linkPredicate tg:concept ; void:objectsTarget ?t ; void:triples ?n }")
    found = {target.rpartition("-")[2]: int(count) for target, count in rows}
    assert found.keys() == {"mesh", "mondo", "doid", "chebi"}
    ((links,),) = ask(example_store, "SELECT (COUNT(*) AS ?n) { ?s tg:concept ?o }")
    assert sum(found.values()) == int(links)


def test_each_ontology_keeps_its_licence(described: ox.Store) -> None:
    """What is a publisher's is not put under the licence of the bundle."""
    rows = ask(described, "SELECT ?d ?l { ?d a dcat:Dataset, void:Dataset ; dct:license ?l }")
    by_part = {name.rpartition("/")[2]: licence for name, licence in rows}
    assert by_part["ontology-doid"] == "https://creativecommons.org/publicdomain/zero/1.0/"
    assert by_part["ontology-mesh"].startswith("https://www.nlm.nih.gov/")
    assert by_part["registry"] == TERMS.licence


def test_build_is_told_without_the_place_of_its_files(bundle: Path, described: ox.Store, example_graph: Path) -> None:
    """Which files went in, by name and hash; nothing of the machine."""
    manifest = json.loads((example_graph / "manifest.json").read_text(encoding="utf-8"))
    names = ask(described, "SELECT ?n { ?b a prov:Activity ; prov:used/rdfs:label ?n }")
    assert {Path(name).name for name in manifest["inputs"]} <= {name for (name,) in names}
    folders = {str(Path(name).parent) for name in manifest["inputs"]}
    texts = [data.decode() for name, data in files(bundle).items() if not name.endswith(".gz")]
    assert not [folder for folder in folders for text in texts if folder in text]


def test_every_query_is_an_example_that_runs(bundle: Path, example_store: EmbeddedStore) -> None:
    """In SIB's form; what it selects can be asked as it stands."""
    store = ox.Store()
    store.load(path=str(bundle / "queries.ttl"), format=ox.RdfFormat.TURTLE)
    sh = "http://www.w3.org/ns/shacl#"
    rows = ask(
        store,
        f"SELECT ?e ?text ?c ?t {{ ?e a <{sh}SPARQLExecutable> ; <{sh}select>|<{sh}ask> ?text ; rdfs:comment ?c ;"
        " <https://schema.org/target> ?t }",
    )
    from kg.queries import read_queries

    assert {name.rpartition("#")[2] for name, *_ in rows} == set(read_queries())
    for _, text, _, target in rows:
        assert not re.search(r"\?_\w+", text)
        example_store.query(text)
        assert target == TERMS.endpoint


def test_vocabulary_page_has_every_term(bundle: Path) -> None:
    """The anchor of each class and property is its name, so that its IRI leads there."""
    page = (bundle / "vocabulary" / "index.html").read_text(encoding="utf-8")
    anchors = set(re.findall(r'<article id="([^"]+)"', page))
    for kind in ("rdfs:Class", "rdf:Property"):
        found = _subjects(bundle / "vocabulary" / "trialgraph.ttl", expand(kind))
        assert {name.rpartition("#")[2] for name in found if "vocab#" in name} <= anchors


def _subjects(file: Path, kind: str) -> Iterator[str]:
    for quad in ox.parse(path=str(file), format=ox.RdfFormat.TURTLE):
        if quad.object == ox.NamedNode(kind):
            yield quad.subject.value


def test_catalogue_leads_to_files_that_are_there(bundle: Path) -> None:
    """Tools that work offline find the vocabulary and the classes."""
    paths = re.findall(r' uri="([^"]+)"', (bundle / "catalog-v001.xml").read_text())
    assert len(paths) == 2
    assert all((bundle / path).is_file() for path in paths)


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ((*OPTIONS[:2], *OPTIONS[4:]), "--license"),
        (OPTIONS[:4], "--publisher"),
        (OPTIONS[2:], "--base-url"),
        (("--base-url", "ftp://example.org/", *OPTIONS[2:]), "--base-url"),
        ((*OPTIONS, "--license", "CC BY"), "--license"),
        ((*OPTIONS, "--issued", "yesterday"), "--issued"),
        ((*OPTIONS, "--issued", "20250101"), "--issued"),
        ((*OPTIONS, "--release", "a b"), "--release"),
        ((*OPTIONS, "--format", "docx"), "--format"),
        ((*OPTIONS, "--endpoint", "sparql"), "--endpoint"),
    ],
)
def test_what_is_missing_is_said(
    options: tuple[str, ...], told: str, example_graph: Path, kg: Kg, tmp_path: Path
) -> None:
    """One line names the option; nothing is written."""
    ended = kg("publish", example_graph, "--to", tmp_path / "out", *options)
    assert (ended.code, ended.out) == (2, "")
    assert ended.err.startswith(f"kg: {told}")
    assert ended.err.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


def test_folder_of_something_else_is_kept(example_graph: Path, kg: Kg, tmp_path: Path) -> None:
    """Neither the user's files nor the graph itself are overwritten."""
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "letter.txt").write_text("dear")
    before = files(example_graph)
    for target in (tmp_path / "mine", example_graph, example_graph / "bundle", example_graph.parent):
        assert kg("publish", example_graph, "--to", target, *OPTIONS).code == 2
    assert files(example_graph) == before
    assert files(tmp_path) == {"mine/letter.txt": b"dear"}


def test_what_a_killed_run_left_is_cleared(example_graph: Path, tmp_path: Path) -> None:
    """A bundle that it had just set aside comes back first."""
    (tmp_path / ".out.building-4194304").mkdir()
    (tmp_path / ".out.old-4194304").mkdir()
    (tmp_path / ".out.old-4194304" / "SHA256SUMS").write_text("")
    publish(example_graph, tmp_path / "out", TERMS)
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_broken_layer_leaves_the_old_bundle(example_graph: Path, tmp_path: Path) -> None:
    """What was published stays until the new bundle is whole."""
    graph = shutil.copytree(example_graph, tmp_path / "graph")
    publish(graph, tmp_path / "out", TERMS)
    before = files(tmp_path / "out")
    layer = graph / "layers" / "links.nt.gz"
    layer.write_bytes(layer.read_bytes()[:-2000])
    with pytest.raises(GraphError, match="broken"):
        publish(graph, tmp_path / "out", TERMS)
    assert files(tmp_path / "out") == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["graph", "out"]


@pytest.mark.data
def test_description_keeps_to_dcat_ap(bundle: Path, data: Path) -> None:
    """DCAT-AP 3.0.1's own shapes find nothing; they do where a title is taken away."""
    from pyshacl import validate
    from rdflib import SH, Graph, Namespace

    shapes = Graph().parse(data / "vocabularies" / "dcat-ap-SHACL.ttl")
    # The file names two shapes that stand in another of the publisher's files, which asks for classes of every value.
    elsewhere = [row for row in shapes.triples((None, SH.property, None)) if (row[2], SH.path, None) not in shapes]
    assert len(elsewhere) == 2
    for row in elsewhere:
        shapes.remove(row)
    described = Graph().parse(bundle / "dataset.ttl")
    conforms, _, report = validate(described, shacl_graph=shapes)
    assert conforms, report
    terms = Namespace(expand("dct:"))
    described.remove((None, terms.title, None))
    assert not validate(described, shacl_graph=shapes)[0]
