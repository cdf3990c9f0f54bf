"""What is wrong with a release of RDF is an error or a remark, never a crash or a wrong concept."""

import gzip
from pathlib import Path

import pytest

from kg import ontologies
from kg.errors import OntologyError

HEAD = """@prefix : <http://purl.obolibrary.org/obo/X_> . @prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> . @prefix skos: <http://www.w3.org/2004/02/skos/core#> .
<http://purl.obolibrary.org/obo/x.owl> a owl:Ontology .
"""
XML = (
    '<?xml version="1.0"?><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" '
    'xmlns:rdfs="http://www.w3.org/2000/01/rdf-schema#" xmlns:owl="http://www.w3.org/2002/07/owl#">'
    + "".join(
        f'<owl:Class rdf:about="http://purl.obolibrary.org/obo/X_{n}"><rdfs:label>name {n}</rdfs:label></owl:Class>\n'
        for n in range(500)
    )
    + "</rdf:RDF>"
)
NT = "".join(
    f"<http://purl.obolibrary.org/obo/X_{n}> <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> "
    f"<http://www.w3.org/2002/07/owl#Class> .\n"
    f'<http://purl.obolibrary.org/obo/X_{n}> <http://www.w3.org/2000/01/rdf-schema#label> "name {n}" .\n'
    for n in range(500)
)


def load(folder: Path, name: str, content: str | bytes) -> ontologies.Ontology:
    """The ontology that a file with this name and content holds."""
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return ontologies.load(path)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("x.owl", XML[: len(XML) // 2]),
        ("x.owl", XML[:-3]),
        ("x.nt", NT[: len(NT) // 2]),
        ("x.owl.gz", gzip.compress(XML.encode())[:-9]),
        ("x.owl.gz", gzip.compress(XML.encode())[:200]),
        ("x.nt.gz", gzip.compress(NT.encode())[:-4]),
        ("x.owl", "this is no XML"),
        ("x.owl", "<owl:Class>" * 2000),
        ("x.owl", b"\x00" * 5000),
        ("x.owl", b"PK\x03\x04 no zip"),
        ("x.owl", XML.replace("<rdfs:label>", "<rdfs:lable>", 1)),
    ],
)
def test_release_cut_short_or_damaged_is_an_error_and_leaves_no_trace(
    tmp_path: Path, own_cache: Path, name: str, content: str | bytes
) -> None:
    """It names the file; nothing of it is kept for the next load."""
    with pytest.raises(OntologyError) as error:
        load(tmp_path, name, content)
    assert name in error.value.where
    assert "\n" not in str(error.value)
    assert list(own_cache.rglob("*.*")) == []


def test_whole_releases_load(tmp_path: Path) -> None:
    """What the cases above were cut from."""
    assert len(load(tmp_path, "x.owl", XML).concepts) == 500
    assert load(tmp_path, "x.nt.gz", gzip.compress(NT.encode())).concepts == load(tmp_path, "x.owl", XML).concepts


@pytest.mark.parametrize("kind", ["owl:Class", "skos:Concept"])
def test_circle_in_the_hierarchy_ends_and_is_told(tmp_path: Path, kind: str) -> None:
    """Its members are each other's ancestors, none its own."""
    above = "rdfs:subClassOf" if kind == "owl:Class" else "skos:broader"
    circle = f""":1 a {kind} ; rdfs:label "one" ; {above} :2 . :2 a {kind} ; rdfs:label "two" ; {above} :3 .
    :3 a {kind} ; rdfs:label "three" ; {above} :1 . :4 a {kind} ; rdfs:label "four" ; {above} :1 ."""
    ontology = load(tmp_path, "x.ttl", HEAD + circle)
    sizes = {concept.notation: len(concept.ancestors) for concept in ontology.concepts.values()}
    assert sizes == {"X:1": 2, "X:2": 2, "X:3": 2, "X:4": 3}
    assert ontology.remarks == ("3 concepts stand above themselves, such as http://purl.obolibrary.org/obo/X_1",)


def test_deep_hierarchy_is_read(tmp_path: Path) -> None:
    """Deeper than Python's own stack."""
    deep = "".join(f':{n} a owl:Class ; rdfs:label "n{n}" ; rdfs:subClassOf :{n + 1} .\n' for n in range(3000))
    ontology = load(tmp_path, "x.ttl", HEAD + deep + ':3000 a owl:Class ; rdfs:label "top" .')
    assert len(ontology.concepts["http://purl.obolibrary.org/obo/X_0"].ancestors) == 3000


def test_concept_without_a_label_is_left_out_and_told(tmp_path: Path) -> None:
    """An empty label is none; what is deprecated, or another ontology's, is no fault."""
    turtle = """:1 a owl:Class ; rdfs:label "one" . :2 a owl:Class ; rdfs:subClassOf :1 .
    :3 a owl:Class ; rdfs:label " " . :4 a owl:Class ; owl:deprecated true .
    <http://purl.obolibrary.org/obo/BFO_1> a owl:Class ."""
    ontology = load(tmp_path, "x.ttl", HEAD + turtle)
    assert [concept.notation for concept in ontology.concepts.values()] == ["X:1"]
    assert ontology.remarks == ("2 concepts without a label are left out, such as http://purl.obolibrary.org/obo/X_2",)


def test_identifier_that_stands_twice_is_one_concept_with_all_its_names(tmp_path: Path) -> None:
    """The first label by alphabet is the label, others are names; it is told."""
    turtle = """:1 a owl:Class ; rdfs:label "second" ; rdfs:subClassOf :2 .
    :1 a owl:Class ; rdfs:label "first" . :2 a owl:Class ; rdfs:label "two" ."""
    ontology = load(tmp_path, "x.ttl", HEAD + turtle)
    concept = ontology.concepts["http://purl.obolibrary.org/obo/X_1"]
    assert (concept.label, concept.exact) == ("first", ("second",))
    assert concept.broader == ("http://purl.obolibrary.org/obo/X_2",)
    assert ontology.remarks == ("1 concepts have several labels, such as http://purl.obolibrary.org/obo/X_1",)


def test_no_slice_is_cut_from_skos(tmp_path: Path) -> None:
    """It is neither MeSH's model nor OWL."""
    path = tmp_path / "x.ttl"
    path.write_text(HEAD + ':1 a skos:Concept ; skos:prefLabel "one" .')
    with pytest.raises(OntologyError, match="no slice"):
        ontologies.write_slice(path, ("http://purl.obolibrary.org/obo/X_1",), tmp_path / "out.ttl")
