"""The catalogue of ontologies: what is read from publishers' files, and what is refused."""

import gzip
import os
import re
from collections.abc import Callable
from pathlib import Path

import msgspec
import pyoxigraph
import pytest

from kg import ontologies
from kg.concept import Concept
from kg.errors import NotFound, OntologyError
from kg.vocab import expand

DATA = os.environ.get("TRIALGRAPH_DATA")
LoadReal = Callable[[str], ontologies.Ontology]
SLICED_XREFS = {"mesh", "MONDO", "DOID", "CHEBI", "NCIT", "DrugBank", "UNII"}

MESH = """
@prefix mesh: <http://id.nlm.nih.gov/mesh/> .
@prefix meshv: <http://id.nlm.nih.gov/mesh/vocab#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .

mesh:D009930 a meshv:TopicalDescriptor ; rdfs:label "Organic Chemicals"@en ; meshv:treeNumber mesh:D02 .
mesh:D007783 a meshv:TopicalDescriptor ; rdfs:label "Lactones"@en ; meshv:treeNumber mesh:D02.540 .
mesh:D018942 a meshv:TopicalDescriptor ; rdfs:label "Macrolides"@en ; meshv:treeNumber mesh:D02.540.505, mesh:D04.345 .
mesh:D061065 a meshv:TopicalDescriptor ; rdfs:label "Polyketides"@en ; meshv:treeNumber mesh:D04 .
mesh:D020123 a meshv:TopicalDescriptor ; rdfs:label "Sirolimus"@en ; rdfs:label "Sirolimus"@fr ;
    meshv:active true ; meshv:treeNumber mesh:D02.540.505.760 ; meshv:broaderDescriptor mesh:D018942 ;
    meshv:preferredConcept mesh:M0029863 ; meshv:concept mesh:M0352046, mesh:M1 ; meshv:preferredTerm mesh:T059903 ;
    meshv:pharmacologicalAction mesh:D007166, mesh:D9 .
mesh:M0029863 a meshv:Concept ; rdfs:label "Sirolimus"@en ; meshv:preferredTerm mesh:T059903 ; meshv:term mesh:T2 ;
    meshv:term mesh:T4 ; meshv:registryNumber "W36ZG6FT64" .
mesh:M0352046 a meshv:Concept ; rdfs:label "Rapamune"@en ; meshv:term mesh:T3 ; meshv:registryNumber "0" .
mesh:M1 a meshv:Concept ; rdfs:label "Old name"@en ; meshv:active false .
mesh:T059903 a meshv:Term ; meshv:prefLabel "Sirolimus"@en .
mesh:T2 a meshv:Term ; meshv:prefLabel "AY 22-989"@en ; meshv:altLabel "AY 22 989"@en .
mesh:T3 a meshv:Term ; meshv:prefLabel "Rapamune"@en .
mesh:T4 a meshv:Term ; meshv:prefLabel "Ended term"@en ; meshv:active false .
mesh:D000068338 a meshv:TopicalDescriptor ; rdfs:label "Everolimus"@en ; meshv:treeNumber mesh:D02.540.505.760.500 .
mesh:D007166 a meshv:TopicalDescriptor ; rdfs:label "Immunosuppressive Agents"@en ;
    meshv:treeNumber mesh:D27.505.696.477.656 .
mesh:D9 a meshv:TopicalDescriptor ; rdfs:label "[OBSOLETE] An action"@en ; meshv:active false .
mesh:C401859 a meshv:SCR_Chemical ; rdfs:label "temsirolimus"@en ; meshv:preferredMappedTo mesh:D020123 ;
    meshv:mappedTo mesh:D018942 ; skos:altLabel "CCI 779"@en ; meshv:preferredConcept mesh:M0417112 .
mesh:M0417112 a meshv:Concept ; rdfs:label "temsirolimus"@en ; meshv:preferredTerm mesh:T5 .
mesh:T5 a meshv:Term ; meshv:prefLabel "temsirolimus"@en ; meshv:altLabel "Torisel"@en .
mesh:Q000009 a meshv:Qualifier ; rdfs:label "adverse effects"@en ; meshv:treeNumber mesh:Y07.010 .
mesh:D000000 a meshv:TopicalDescriptor ; meshv:treeNumber mesh:D02.1 .
"""

OBO = """<?xml version="1.0"?>
<rdf:RDF xmlns="http://purl.obolibrary.org/obo/chebi.owl#" xml:base="http://purl.obolibrary.org/obo/chebi.owl"
 xmlns:owl="http://www.w3.org/2002/07/owl#" xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"
 xmlns:rdfs="http://www.w3.org/2000/01/rdf-schema#" xmlns:oboInOwl="http://www.geneontology.org/formats/oboInOwl#">
<owl:Ontology rdf:about="http://purl.obolibrary.org/obo/chebi.owl">
  <owl:versionIRI rdf:resource="http://purl.obolibrary.org/obo/chebi/235/chebi.owl"/>
</owl:Ontology>
<owl:Class rdf:about="http://purl.obolibrary.org/obo/CHEBI_24431"><rdfs:label>chemical entity</rdfs:label></owl:Class>
<owl:Class rdf:about="http://purl.obolibrary.org/obo/CHEBI_145565">
  <rdfs:label>macrolide lactam</rdfs:label>
  <rdfs:subClassOf rdf:resource="http://purl.obolibrary.org/obo/CHEBI_24431"/>
</owl:Class>
<owl:Class rdf:about="http://purl.obolibrary.org/obo/CHEBI_37699">
  <rdfs:label>protein kinase inhibitor</rdfs:label>
</owl:Class>
<owl:Class rdf:about="http://purl.obolibrary.org/obo/CHEBI_68481">
  <rdfs:label>mTOR inhibitor</rdfs:label>
  <rdfs:subClassOf rdf:resource="http://purl.obolibrary.org/obo/CHEBI_37699"/>
</owl:Class>
<owl:Class rdf:about="http://purl.obolibrary.org/obo/CHEBI_68478">
  <rdfs:label xml:lang="en">everolimus</rdfs:label>
  <rdfs:subClassOf rdf:resource="http://purl.obolibrary.org/obo/CHEBI_145565"/>
  <rdfs:subClassOf rdf:resource="http://purl.obolibrary.org/obo/BFO_0000040"/>
  <rdfs:subClassOf><owl:Restriction>
    <owl:onProperty rdf:resource="http://purl.obolibrary.org/obo/RO_0000087"/>
    <owl:someValuesFrom rdf:resource="http://purl.obolibrary.org/obo/CHEBI_68481"/>
  </owl:Restriction></rdfs:subClassOf>
  <rdfs:subClassOf><owl:Restriction>
    <owl:onProperty rdf:resource="http://purl.obolibrary.org/obo/RO_0018038"/>
    <owl:someValuesFrom rdf:resource="http://purl.obolibrary.org/obo/CHEBI_9168"/>
  </owl:Restriction></rdfs:subClassOf>
  <oboInOwl:hasExactSynonym>RAD001</oboInOwl:hasExactSynonym>
  <oboInOwl:hasRelatedSynonym>everolimus</oboInOwl:hasRelatedSynonym>
  <oboInOwl:hasRelatedSynonym>Afinitor "5 mg"</oboInOwl:hasRelatedSynonym>
  <oboInOwl:hasBroadSynonym>rapalog</oboInOwl:hasBroadSynonym>
  <oboInOwl:hasDbXref>MESH:D000068338</oboInOwl:hasDbXref>
  <oboInOwl:hasDbXref>mesh:D000068338</oboInOwl:hasDbXref>
  <oboInOwl:hasDbXref>DrugBank:DB01590</oboInOwl:hasDbXref>
  <oboInOwl:hasDbXref>CAS:159351-69-6</oboInOwl:hasDbXref>
  <oboInOwl:hasDbXref>https://example.org/everolimus</oboInOwl:hasDbXref>
</owl:Class>
<owl:Class rdf:about="http://purl.obolibrary.org/obo/CHEBI_1">
  <rdfs:label>obsolete thing</rdfs:label>
  <owl:deprecated rdf:datatype="http://www.w3.org/2001/XMLSchema#boolean">true</owl:deprecated>
</owl:Class>
<owl:Class rdf:about="http://purl.obolibrary.org/obo/CHEBI_2"/>
<owl:Class rdf:about="http://purl.obolibrary.org/obo/BFO_0000040"><rdfs:label>material entity</rdfs:label></owl:Class>
</rdf:RDF>
"""


@pytest.fixture(autouse=True)
def own_cache(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Every test has its own cache."""
    folder = tmp_path_factory.mktemp("cache")
    monkeypatch.setenv("XDG_CACHE_HOME", str(folder))
    return folder


def load(folder: Path, name: str, content: str | bytes) -> ontologies.Ontology:
    """The ontology that a file with this name and content holds."""
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return ontologies.load(path)


def mesh(ontology: ontologies.Ontology, identifier: str) -> Concept:
    """The concept of MeSH with this identifier."""
    return ontology.concepts[expand(f"mesh:{identifier}")]


def chebi(ontology: ontologies.Ontology, identifier: str) -> Concept:
    """The concept of ChEBI with this number."""
    return ontology.concepts[expand(f"CHEBI:{identifier}")]


def iris(*curies: str) -> tuple[str, ...]:
    """What these CURIEs stand for."""
    return tuple(expand(curie) for curie in curies)


def test_mesh_descriptor_has_the_names_of_all_its_active_concepts(tmp_path: Path) -> None:
    """Terms of every active concept node are exact names, permuted ones too; other languages are left out."""
    concept = mesh(load(tmp_path, "mesh2024.ttl", MESH), "D020123")
    assert (concept.label, concept.source, concept.notation) == ("Sirolimus", "mesh", "D020123")
    assert concept.exact == ("AY 22 989", "AY 22-989", "Rapamune")
    assert concept.xrefs == ("UNII:W36ZG6FT64",)
    assert concept.actions == iris("mesh:D007166")


def test_mesh_ancestors_are_those_of_its_own_tree_numbers(tmp_path: Path) -> None:
    """Everolimus stands under Macrolides, but not under Polyketides where Macrolides stands elsewhere."""
    ontology = load(tmp_path, "mesh.ttl", MESH)
    assert mesh(ontology, "D000068338").broader == iris("mesh:D020123")
    ancestors = iris("mesh:D007783", "mesh:D009930", "mesh:D018942", "mesh:D020123")
    assert mesh(ontology, "D000068338").ancestors == ancestors
    assert mesh(ontology, "D018942").broader == iris("mesh:D007783", "mesh:D061065")


def test_supplementary_concept_has_names_of_both_models_and_nothing_broader(tmp_path: Path) -> None:
    """What NLM maps a supplementary concept to is a hint for indexing."""
    concept = mesh(load(tmp_path, "mesh.ttl", MESH), "C401859")
    assert concept.exact == ("CCI 779", "Torisel")
    assert concept.broader == concept.ancestors == ()


def test_what_is_no_active_labelled_concept_of_mesh_is_left_out(tmp_path: Path) -> None:
    """Qualifiers, inactive descriptors and descriptors without a label are no concepts."""
    ontology = load(tmp_path, "mesh.ttl", MESH)
    assert not ontology.concepts.keys() & set(iris("mesh:Q000009", "mesh:D9", "mesh:D000000"))


def test_mesh_has_the_version_of_its_file_name(tmp_path: Path) -> None:
    """NLM's RDF states no version; its yearly files are named for the year."""
    ontology = load(tmp_path, "mesh2024.ttl", MESH)
    assert (ontology.name, ontology.version) == ("mesh", "2024")
    assert ontology.licence == "NLM terms for MeSH data"
    assert load(tmp_path, "mesh.ttl", MESH).version == ""


def test_owl_class_becomes_a_concept(tmp_path: Path) -> None:
    """Synonyms keep their kind, roles are actions, a functional parent is nothing, imported classes are left out."""
    ontology = load(tmp_path, "chebi.owl", OBO)
    concept = chebi(ontology, "68478")
    assert (ontology.name, ontology.version, ontology.licence) == ("chebi", "235", "CC BY 4.0")
    assert (concept.label, concept.source, concept.notation) == ("everolimus", "chebi", "CHEBI:68478")
    assert (concept.exact, concept.related) == (("RAD001",), ('Afinitor "5 mg"', "rapalog"))
    assert concept.broader == iris("CHEBI:145565")
    assert set(concept.ancestors) == set(iris("CHEBI:145565", "CHEBI:24431"))
    assert concept.actions == iris("CHEBI:68481")
    assert concept.xrefs == ("CAS:159351-69-6", "DrugBank:DB01590", "mesh:D000068338")
    assert {c.notation.partition(":")[0] for c in ontology.concepts.values()} == {"CHEBI"}


def test_deprecated_and_unlabelled_classes_are_left_out(tmp_path: Path) -> None:
    """Neither names anything that a record can mean."""
    assert not load(tmp_path, "chebi.owl", OBO).concepts.keys() & set(iris("CHEBI:1", "CHEBI:2"))


def test_hierarchy_with_a_circle_ends(tmp_path: Path) -> None:
    """A circle makes its members each other's ancestors, none its own."""
    turtle = """@prefix : <http://purl.obolibrary.org/obo/X_> . @prefix owl: <http://www.w3.org/2002/07/owl#> .
    @prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> . <http://purl.obolibrary.org/obo/x.owl> a owl:Ontology .
    :1 a owl:Class ; rdfs:label "one" ; rdfs:subClassOf :1, :2 .
    :2 a owl:Class ; rdfs:label "two" ; rdfs:subClassOf :3 .
    :3 a owl:Class ; rdfs:label "three" ; rdfs:subClassOf :1 ."""
    ontology = load(tmp_path, "x.ttl", turtle)
    assert {c.notation: len(c.ancestors) for c in ontology.concepts.values()} == {"X:1": 2, "X:2": 2, "X:3": 2}


def test_unknown_ontology_is_named_by_its_iri(tmp_path: Path) -> None:
    """An ontology that sources.toml does not know says itself what it is."""
    turtle = """@prefix owl: <http://www.w3.org/2002/07/owl#> . @prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
    <https://example.org/things.owl> a owl:Ontology ; <http://purl.org/dc/terms/title> "Things"@en .
    <https://example.org/things#A> a owl:Class ; rdfs:label "a thing" ."""
    ontology = load(tmp_path, "file.ttl", turtle)
    assert (ontology.name, ontology.title, ontology.version, ontology.licence) == ("things", "Things", "", "")
    assert [concept.notation for concept in ontology.concepts.values()] == ["A"]


@pytest.mark.parametrize("name", ["a.owl.gz", "a.nt", "a.ttl.gz", "a"])
def test_format_is_told_from_the_content(tmp_path: Path, name: str) -> None:
    """The same bytes load under any name, packed or not."""
    packed = gzip.compress(OBO.encode())
    assert load(tmp_path, name, OBO).concepts == load(tmp_path, name, packed).concepts
    assert len(load(tmp_path, name, MESH).concepts) == 8


def test_n_triples_and_turtle_load_equal(tmp_path: Path) -> None:
    """MeSH comes as N-Triples."""
    turtle = pyoxigraph.parse(MESH.encode(), pyoxigraph.RdfFormat.TURTLE)
    lines = pyoxigraph.serialize((q.triple for q in turtle), format=pyoxigraph.RdfFormat.N_TRIPLES)
    assert lines is not None
    assert load(tmp_path, "mesh.nt", lines).concepts == load(tmp_path, "mesh.ttl", MESH).concepts


@pytest.mark.parametrize(
    ("name", "content", "problem"),
    [
        ("mesh.nt.gz", gzip.compress(MESH.encode())[:-20], "gzip"),
        ("mesh.nt.gz", b"\x1f\x8b\x08 not gzip at all", "gzip"),
        ("chebi.owl", "Prefix(:=<http://example.org/>) Ontology(<http://example.org/>)", "no readable RDF"),
        ("chebi.owl", OBO[:900], "no readable RDF"),
        ("mesh.nt", "<http://a> <http://b> <http://c>", "no readable RDF"),
        ("mesh.html", "<!DOCTYPE html><html><body>Sign in<br></body></html>", "no readable RDF"),
        ("empty.nt", "", "no concepts"),
        ("other.ttl", "<http://a> <http://b> <http://c> .", "no concepts"),
    ],
)
def test_unusable_file_is_an_error_that_says_so(tmp_path: Path, name: str, content: str | bytes, problem: str) -> None:
    """Whatever is wrong with a file, the error names it and the reason."""
    with pytest.raises(OntologyError, match=problem) as error:
        load(tmp_path, name, content)
    assert name in error.value.where


def test_nodes_without_a_name_are_no_concepts(tmp_path: Path) -> None:
    """What cannot be named in the graph is left out: blank nodes and relative IRIs."""
    odd = """[] a meshv:TopicalDescriptor ; rdfs:label "nameless"@en .
    <D5> a meshv:TopicalDescriptor ; rdfs:label "relative"@en .
    mesh:D6 a meshv:TopicalDescriptor ; rdfs:label "a drug"@en ; meshv:pharmacologicalAction [], <D5>, mesh:D007166 ."""
    ontology = load(tmp_path, "mesh.ttl", f"{MESH}\n{odd}")
    assert len(ontology.concepts) == 9
    assert mesh(ontology, "D6").actions == iris("mesh:D007166")


@pytest.mark.parametrize("path", ["missing.owl", "."])
def test_file_that_cannot_be_opened_is_an_error(tmp_path: Path, path: str) -> None:
    """No file and a folder are errors of ours, not of the operating system."""
    with pytest.raises(OntologyError, match="cannot be read"):
        ontologies.load(tmp_path / path)


NESTED = '<!ENTITY a "lol">' + "".join(
    f'<!ENTITY {b} "{f"&{a};" * 10}">' for a, b in zip("abcdefgh", "bcdefghi", strict=True)
)


@pytest.mark.parametrize(
    "declared",
    [
        NESTED,
        f'<!ENTITY i "{"x" * 2000}">',
        '<!ENTITY i SYSTEM "file:///etc/hostname">',
        f"<!--{'x' * 100_000}-->{NESTED}",
    ],
    ids=["nested", "long", "external", "after a long comment"],
)
@pytest.mark.parametrize("place", ["<rdf:RDF", "<owl:Class"])
def test_growing_entities_are_refused(tmp_path: Path, declared: str, place: str) -> None:
    """The parser expands entities without limit, wherever they are declared, so such files never reach it whole."""
    bomb = OBO.replace("everolimus", "&i;").replace(place, f"<!DOCTYPE rdf:RDF [{declared}]>{place}", 1)
    with pytest.raises(OntologyError, match="entity"):
        load(tmp_path, "chebi.owl", bomb)


def test_entities_for_namespaces_are_read(tmp_path: Path) -> None:
    """OWL editors write namespaces as entities."""
    declared = '<!DOCTYPE rdf:RDF [\n<!ENTITY obo "http://purl.obolibrary.org/obo/" >\n]>'
    shortened = OBO.replace('"http://purl.obolibrary.org/obo/', '"&obo;').replace("<rdf:RDF", declared + "<rdf:RDF", 1)
    assert load(tmp_path, "a.owl", shortened).concepts == load(tmp_path, "b.owl", OBO).concepts


def test_second_load_comes_from_the_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is read back is equal, and the file is not parsed again."""
    first = load(tmp_path, "chebi.owl", OBO)
    monkeypatch.setattr("kg.ontologies.catalogue.gather", lambda _: pytest.fail("parsed again"))
    assert ontologies.load(tmp_path / "chebi.owl") == first


@pytest.mark.parametrize("content", [b"", b"\x93\x01\x02\x03", b"\x00" * 100])
def test_unreadable_cache_is_rebuilt(tmp_path: Path, own_cache: Path, content: bytes) -> None:
    """A damaged cache is no reason to fail."""
    first = load(tmp_path, "mesh.ttl", MESH)
    (stored,) = own_cache.rglob("*.msgpack")
    stored.write_bytes(content)
    assert ontologies.load(tmp_path / "mesh.ttl") == first
    assert stored.stat().st_size > 100


def test_unwritable_cache_is_no_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where no cache can be kept, every load parses."""
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    assert load(tmp_path, "mesh.ttl", MESH).concepts


def test_file_is_found_by_path_or_name(tmp_path: Path) -> None:
    """A path wins over a name, and a wrong name is an error."""
    (tmp_path / "mine.owl").write_text(OBO)
    assert ontologies.find_file(str(tmp_path / "mine.owl")) == tmp_path / "mine.owl"
    for path in ontologies.default_files():
        assert ontologies.find_file(path.stem) == path
    with pytest.raises(NotFound, match="snomed"):
        ontologies.find_file("snomed")


def sliced(concept: Concept, keep: tuple[str, ...]) -> Concept:
    """The concept as a slice keeps it: whole if it was asked for, else its label and place."""
    if concept.iri not in keep:
        return msgspec.structs.replace(concept, exact=(), related=(), xrefs=())
    return msgspec.structs.replace(
        concept, xrefs=tuple(xref for xref in concept.xrefs if xref.partition(":")[0] in SLICED_XREFS)
    )


@pytest.mark.parametrize(
    ("name", "content", "keep", "count"),
    [
        ("mesh2024.ttl", MESH, ("mesh:D020123", "mesh:C401859"), 7),
        ("chebi.owl", OBO, ("CHEBI:68478",), 5),
    ],
)
def test_slice_reads_back_equal(tmp_path: Path, name: str, content: str, keep: tuple[str, ...], count: int) -> None:
    """The kept concepts, all above them and their actions survive, with the ontology's version; nothing else does."""
    full = load(tmp_path, name, content)
    out = tmp_path / "slice.ttl"
    assert ontologies.write_slice(full.path, iris(*keep), out) == count
    part = ontologies.load(out)
    assert set(iris(*keep)) < part.concepts.keys()
    assert part.concepts == {iri: sliced(full.concepts[iri], iris(*keep)) for iri in part.concepts}
    assert (len(part.concepts), part.name, part.version) == (count, full.name, full.version)


def test_slice_is_the_same_for_the_same_input(tmp_path: Path) -> None:
    """Neither the order of lines nor that of the wanted concepts shows in a slice."""
    prefixes, blocks = MESH.strip().split("\n\n")
    turned = re.split(r"(?<= \.)\n", blocks)[::-1]
    (tmp_path / "mesh2024.ttl").write_text(MESH)
    (tmp_path / "turned").mkdir()
    (tmp_path / "turned" / "mesh2024.ttl").write_text("\n".join([prefixes, *turned]))
    wanted = iris("mesh:D020123", "mesh:C401859")
    ontologies.write_slice(tmp_path / "mesh2024.ttl", wanted, tmp_path / "a.ttl")
    ontologies.write_slice(tmp_path / "turned" / "mesh2024.ttl", wanted[::-1], tmp_path / "b.ttl")
    text = (tmp_path / "a.ttl").read_text()
    assert text == (tmp_path / "b.ttl").read_text()
    assert text.startswith("# Medical Subject Headings (MeSH)\n# source: https://nlmpubs.nlm.nih.gov/")
    assert "\n# version: 2024\n" in text
    assert "\n# slice: identifiers, names, synonyms, hierarchy, cross references\n" in text
    assert list(tmp_path.glob(".*")) == []


def test_slice_of_an_unknown_concept_is_an_error(tmp_path: Path) -> None:
    """A wrong IRI in the selection is named, and nothing is written."""
    (tmp_path / "mesh.ttl").write_text(MESH)
    with pytest.raises(OntologyError, match="D9"):
        ontologies.write_slice(tmp_path / "mesh.ttl", iris("mesh:D9"), tmp_path / "out.ttl")
    assert not (tmp_path / "out.ttl").exists()


def test_slice_that_cannot_be_written_is_an_error(tmp_path: Path) -> None:
    """A place that takes no file is named."""
    (tmp_path / "mesh.ttl").write_text(MESH)
    with pytest.raises(OntologyError, match="cannot be written"):
        ontologies.write_slice(tmp_path / "mesh.ttl", iris("mesh:D020123"), tmp_path / "mesh.ttl" / "out.ttl")


def test_plain_triples_are_direct_edges(tmp_path: Path) -> None:
    """Names, parents and actions without blank nodes, all of it valid N-Triples."""
    lines = list(ontologies.plain_triples(chebi(load(tmp_path, "chebi.owl", OBO), "68478")))
    quads = list(pyoxigraph.parse("".join(lines), pyoxigraph.RdfFormat.N_TRIPLES))
    said = {(quad.predicate.value, quad.object.value) for quad in quads}
    assert {str(quad.subject) for quad in quads} == {f"<{expand('CHEBI:68478')}>"}
    assert said == {
        (expand("rdf:type"), expand("tg:Concept")),
        (expand("tg:inOntology"), expand("graph:ontology/chebi")),
        (expand("rdfs:label"), "everolimus"),
        (expand("skos:notation"), "CHEBI:68478"),
        (expand("skos:altLabel"), "RAD001"),
        (expand("skos:altLabel"), 'Afinitor "5 mg"'),
        (expand("skos:altLabel"), "rapalog"),
        (expand("tg:broader"), expand("CHEBI:145565")),
        (expand("tg:hasAction"), expand("CHEBI:68481")),
    }


@pytest.fixture(scope="module")
def real() -> Path:
    """The folder of real ontologies, with a cache that the tests of this file share."""
    if not DATA:
        pytest.skip("TRIALGRAPH_DATA is not set: no real ontologies")
    return Path(DATA) / "ontologies"


@pytest.fixture(scope="module")
def shared_cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One cache for all real files, which take long to parse."""
    return tmp_path_factory.mktemp("shared-cache")


@pytest.fixture
def load_real(real: Path, shared_cache: Path, monkeypatch: pytest.MonkeyPatch) -> LoadReal:
    """Loads one of the real files."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(shared_cache))
    return lambda name: ontologies.load(real / name)


@pytest.mark.data
def test_real_mesh_model_is_read(load_real: LoadReal) -> None:
    """NLM's own triples: supplementary concepts through their concept and term nodes, diseases, publication types."""
    ontology = load_real("mesh-samples.nt")
    assert len(ontology.concepts) == 62
    assert mesh(ontology, "C535927").label == "Chitayat Moore Del Bigio syndrome"
    assert mesh(ontology, "C003820").exact == ("Z-4000",)
    assert mesh(ontology, "D000001").actions == iris("mesh:D000900", "mesh:D061207")


@pytest.mark.data
def test_full_mesh_is_read(load_real: LoadReal) -> None:
    """Counts and anchors of MeSH 2024."""
    ontology = load_real("mesh2024.nt.gz")
    assert (ontology.version, len(ontology.concepts)) == ("2024", 354_430)
    carcinoma = mesh(ontology, "D006528")
    assert carcinoma.label == "Carcinoma, Hepatocellular"
    assert "Hepatoma" in carcinoma.exact
    assert expand("mesh:D009369") in carcinoma.ancestors
    assert mesh(ontology, "C401859").actions == iris("mesh:D000091203")
    everolimus = {mesh(ontology, iri.rpartition("/")[2]).label for iri in mesh(ontology, "D000068338").ancestors}
    assert everolimus == {"Sirolimus", "Macrolides", "Lactones", "Organic Chemicals"}


@pytest.mark.data
@pytest.mark.parametrize(
    ("name", "version", "count", "anchor", "label"),
    [
        ("doid", "2026-08-19", 12_246, "DOID:684", "hepatocellular carcinoma"),
        ("mondo", "2026-08-04", 26_646, "MONDO:0007256", "hepatocellular carcinoma"),
        ("chebi", "dev", 197_618, "CHEBI:9168", "sirolimus"),
    ],
)
def test_full_obo_ontologies_are_read(
    load_real: LoadReal, name: str, version: str, count: int, anchor: str, label: str
) -> None:
    """Counts and anchors of the three releases."""
    ontology = load_real(f"{name}.owl.gz")
    assert (ontology.name, ontology.version, len(ontology.concepts)) == (name, version, count)
    assert ontology.concepts[expand(anchor)].label == label
    assert ontology.concepts[expand(anchor)].notation == anchor


@pytest.mark.data
@pytest.mark.parametrize(
    ("name", "keep"),
    [
        ("mesh2024.nt.gz", ("mesh:D006528", "mesh:C401859", "mesh:D000068338")),
        ("chebi.owl.gz", ("CHEBI:9168", "CHEBI:79699")),
        ("mondo.owl.gz", ("MONDO:0007256",)),
        ("doid.owl.gz", ("DOID:684",)),
        ("mesh-samples.nt", ("mesh:D000001",)),
    ],
)
def test_slice_of_a_real_file_reads_back_equal(
    load_real: LoadReal, tmp_path: Path, name: str, keep: tuple[str, ...]
) -> None:
    """What holds for the samples holds for the releases."""
    full = load_real(name)
    ontologies.write_slice(full.path, iris(*keep), tmp_path / "slice.ttl")
    part = ontologies.load(tmp_path / "slice.ttl")
    assert set(iris(*keep)) <= part.concepts.keys()
    assert part.concepts == {iri: sliced(full.concepts[iri], iris(*keep)) for iri in part.concepts}
    assert part.version == full.version
