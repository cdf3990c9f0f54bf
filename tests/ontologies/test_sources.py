"""The catalogue of sources, and what an entry alone adds to it."""

from pathlib import Path

import pytest

from kg import ontologies
from kg.errors import NotFound, OntologyError
from kg.vocab import expand
from tests.ontologies.small import SKOS

ENTRY = """[tumours]
title = "Tumours of the example"
homepage = "https://example.org/"
download = "https://example.org/tumours.ttl"
version_pattern = '^([\\d.]+)$'
format = "SKOS, Turtle"
licence = "CC0 1.0"
licence_url = "https://creativecommons.org/publicdomain/zero/1.0/"
permits = "Any use."
citation = "Nobody."
iri = "https://example.org/scheme"
"""

OWL = """@prefix owl: <http://www.w3.org/2002/07/owl#> . @prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> . @prefix ex: <https://example.org/rare/R_> .
<https://example.org/rare> a owl:Ontology ; owl:versionInfo "2.0" .
ex:1 a owl:Class ; rdfs:label "rare disease"@en ; skos:altLabel "orphan disease"@en .
ex:2 a owl:Class ; skos:prefLabel "very rare disease"@en ; rdfs:subClassOf ex:1 .
ex:3 a owl:Class ; rdfs:subClassOf ex:1 .
<https://example.org/other/1> a owl:Class ; rdfs:label "someone else's"@en .
<https://example.org/other/2> a owl:Class .
"""

OBO_IN_OWL = """@prefix owl: <http://www.w3.org/2002/07/owl#> . @prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix o: <http://www.geneontology.org/formats/oboInOwl#> . @prefix obo: <http://purl.obolibrary.org/obo/> .
obo:hp.owl a owl:Ontology ; owl:versionIRI <http://purl.obolibrary.org/obo/hp/releases/2026-01-08/hp.owl> .
obo:HP_0001 a owl:Class ; rdfs:label "a sign" ; o:hasExactSynonym "a mark" ; o:hasRelatedSynonym "a hint" .
"""


@pytest.fixture
def own_catalogue(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A catalogue of the test's own, beside ours."""
    path = tmp_path / "own.toml"
    path.write_text(ENTRY)
    monkeypatch.setenv("TRIALGRAPH_SOURCES", str(path))
    return path


def write(folder: Path, name: str, content: str) -> Path:
    """A file with this content."""
    (folder / name).write_text(content, encoding="utf-8")
    return folder / name


def test_every_entry_says_where_and_on_what_terms() -> None:
    """Each ontology that we link to has its source; what cannot be fetched says so."""
    sources = {source.name: source for source in ontologies.read_sources()}
    assert list(sources) == ["mesh", "mondo", "doid", "chebi", "rxnorm", "unii", "drugbank", "ncit", "atc"]
    for source in sources.values():
        said = ("title", "homepage", "version_pattern", "format", "licence", "licence_url", "permits", "citation")
        assert all(getattr(source, field) for field in said), source.name
        assert all(url.startswith("http") for url in (source.homepage, source.licence_url))
        assert bool(source.download) != bool(source.codes), source.name
    assert {source.name for source in sources.values() if source.tested} == {"mesh", "mondo", "doid", "chebi", "rxnorm"}


def test_atc_is_its_few_codes_and_no_table() -> None:
    """Two of them are the former codes of two others."""
    (atc,) = (source for source in ontologies.read_sources() if source.name == "atc")
    assert sorted(atc.codes) == "L01EG01 L01EG02 L01EG03 L01EG04 L04AA10 L04AA18 L04AH01 L04AH02".split()
    assert set(atc.codes.values()) == {"temsirolimus", "everolimus", "ridaforolimus", "sirolimus"}
    assert "may not be redistributed" in atc.permits


def test_every_code_of_the_drug_classes_is_in_the_catalogue() -> None:
    """No other code of ATC is used."""
    import re

    from kg import assets

    used = set(re.findall(r"\bATC:(\w+)", (assets.folder("ontologies") / "classes.ttl").read_text(encoding="utf-8")))
    (atc,) = (source for source in ontologies.read_sources() if source.name == "atc")
    assert used == set(atc.codes)


def test_every_source_is_in_the_readme() -> None:
    """With its licence's address, and untested ones so marked."""
    from kg import assets

    lines = (assets.folder("ontologies") / "README.md").read_text(encoding="utf-8").splitlines()
    for source in ontologies.read_sources():
        (row,) = [line for line in lines if line.startswith(f"| `{source.name}` |")]
        assert source.homepage in row
        assert source.licence_url in row
        assert ("untested" in row) == (not source.tested and bool(source.download))


def test_skos_is_added_by_an_entry_alone(tmp_path: Path, own_catalogue: Path) -> None:
    """Told by the IRI of its scheme; names, hierarchy from either end, matches."""
    ontology = ontologies.load(write(tmp_path, "file.ttl", SKOS))
    assert (ontology.name, ontology.title, ontology.version, ontology.licence) == (
        *("tumours", "Tumours of the example"),
        *("3.1", "CC0 1.0"),
    )
    tumour, liver, cell = (ontology.concepts[f"https://example.org/tumours/{n}"] for n in "123")
    assert (tumour.label, tumour.source, tumour.notation) == ("tumour", "tumours", "1")
    assert (liver.exact, liver.related, liver.notation) == (("hepatic tumour",), ("livr tumour",), "T-2")
    assert liver.xrefs == ("mesh:D008113",)
    assert cell.broader == (liver.iri,)
    assert set(cell.ancestors) == {liver.iri, tumour.iri}
    assert len(ontology.concepts) == 3
    assert ontology.remarks == ("1 concepts without a label are left out, such as https://example.org/tumours/5",)


def test_without_the_entry_the_name_is_that_of_the_iri(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was decoded before an entry came is decoded again."""
    path = write(tmp_path, "file.ttl", SKOS)
    assert ontologies.load(path).name == "scheme"
    monkeypatch.setenv("TRIALGRAPH_SOURCES", str(write(tmp_path, "own.toml", ENTRY)))
    assert ontologies.load(path).name == "tumours"
    assert {concept.source for concept in ontologies.load(path).concepts.values()} == {"tumours"}


def test_owl_is_added_by_an_entry_alone(tmp_path: Path, own_catalogue: Path) -> None:
    """The namespace says which classes are its own; SKOS names are read too."""
    entry = ENTRY.replace("[tumours]", "[rare]").replace("https://example.org/scheme", "https://example.org/rare")
    own_catalogue.write_text(f'{ENTRY}\n{entry}namespace = "https://example.org/rare/R_"\n')
    ontology = ontologies.load(write(tmp_path, "file.ttl", OWL))
    assert (ontology.name, ontology.version, len(ontology.concepts)) == ("rare", "2.0", 2)
    assert ontology.concepts["https://example.org/rare/R_1"].exact == ("orphan disease",)
    assert ontology.concepts["https://example.org/rare/R_2"].label == "very rare disease"
    assert ontology.remarks == ("1 concepts without a label are left out, such as https://example.org/rare/R_3",)


def test_file_without_an_iri_is_told_by_its_concepts(tmp_path: Path, own_catalogue: Path) -> None:
    """The namespace of the entry."""
    own_catalogue.write_text(f'{ENTRY}namespace = "https://example.org/tumours/"\n')
    headless = "\n".join(
        line for line in SKOS.splitlines() if "ConceptScheme" not in line and "versionInfo" not in line
    )
    assert ontologies.load(write(tmp_path, "file.ttl", headless)).name == "tumours"


def test_obo_in_owl_is_added_by_an_entry_alone(tmp_path: Path, own_catalogue: Path) -> None:
    """An OBO ontology is told by its name."""
    entry = ENTRY.replace("[tumours]", "[hp]").replace('iri = "https://example.org/scheme"\n', "")
    own_catalogue.write_text(entry.replace("'^([\\d.]+)$'", r"'releases/([\d-]+)/'"))
    ontology = ontologies.load(write(tmp_path, "hp.ttl", OBO_IN_OWL))
    assert (ontology.name, ontology.title, ontology.version) == ("hp", "Tumours of the example", "2026-01-08")
    assert ontology.concepts[expand("obo:HP_0001")].exact == ("a mark",)


def test_own_entry_takes_the_place_of_ours(own_catalogue: Path) -> None:
    """Such as one that pins a release."""
    own_catalogue.write_text(ENTRY.replace("[tumours]", "[mesh]"))
    sources = {source.name: source.title for source in ontologies.read_sources()}
    assert sources["mesh"] == "Tumours of the example"
    assert len(sources) == 9
    assert [source.name for source in ontologies.read_sources(own_catalogue)] == ["mesh"]


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ("[tumours", "no TOML"),
        ('name = "x"', "no entry of a catalogue"),
        (ENTRY.replace("[tumours]", '["../x"]'), "no entry of a catalogue"),
        (ENTRY.replace('licence = "CC0 1.0"\n', ""), "missing required field `licence`"),
        (ENTRY + 'licens = "x"', "unknown field `licens`"),
        (ENTRY.replace("'^([\\d.]+)$'", "'('"), "not as it should be"),
        (ENTRY.replace("'^([\\d.]+)$'", "'x'"), "finds no version"),
        (ENTRY.replace("https://example.org/tumours.ttl", "file:///etc/passwd"), "no address"),
        (ENTRY + 'sha256 = "abc"', "no such checksum"),
    ],
)
def test_faulty_catalogue_is_an_error_that_says_where(own_catalogue: Path, content: str, problem: str) -> None:
    """The file and the entry."""
    own_catalogue.write_text(content)
    with pytest.raises(OntologyError, match=problem) as error:
        ontologies.read_sources()
    assert str(own_catalogue) in error.value.where


def test_missing_catalogue_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who names one means it."""
    monkeypatch.setenv("TRIALGRAPH_SOURCES", str(tmp_path / "none.toml"))
    with pytest.raises(OntologyError, match="cannot be read"):
        ontologies.read_sources()


def test_known_ontology_that_is_not_at_hand_says_how_to_get_it() -> None:
    """Fetch it, or, of ATC, why not."""
    with pytest.raises(OntologyError, match="kg ontologies fetch ncit"):
        ontologies.find_file("ncit")
    with pytest.raises(OntologyError, match="may not be redistributed"):
        ontologies.find_file("atc")
    with pytest.raises(NotFound, match=r"Did you mean .*rxnorm"):
        ontologies.find_file("rxnorn")
