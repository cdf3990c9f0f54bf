"""UNII names and DrugBank's open vocabulary: rows become concepts."""

import gzip
from pathlib import Path

import pytest

from kg import ontologies
from kg.concept import Concept
from kg.errors import OntologyError
from kg.vocab import expand
from tests.ontologies.small import DRUGBANK, SKOS, UNII, packed


def load(folder: Path, name: str, content: str | bytes) -> ontologies.Ontology:
    """The ontology that a file with this name and content holds."""
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return ontologies.load(path)


def concept(ontology: ontologies.Ontology, curie: str) -> Concept:
    """The concept that this CURIE stands for."""
    return ontology.concepts[expand(curie)]


def test_unii_has_names_codes_and_brands(tmp_path: Path) -> None:
    """The name that FDA shows is the label; the vocabulary behind a name is no part of it."""
    ontology = load(tmp_path, "UNII_Names_4Aug2026.txt", UNII)
    sirolimus = concept(ontology, "UNII:W36ZG6FT64")
    assert (ontology.name, ontology.version) == ("unii", "4Aug2026")
    assert (sirolimus.label, sirolimus.exact, sirolimus.brands) == ("SIROLIMUS", ("AY-22989",), ("RAPAMUNE",))
    assert sirolimus.iri == "https://identifiers.org/unii:W36ZG6FT64"
    assert concept(ontology, "UNII:3417WMA06D").exact == ('"QUOTED" NAME', "BENZO[A]PYRENE")


@pytest.mark.parametrize(
    "header", ["Name\tTYPE\tUNII\tPT", "NAME\tTYPE\tUNII\tDISPLAY_NAME", "UNII\tTYPE\tName\tDisplay Name"]
)
def test_headers_of_several_years_are_read(tmp_path: Path, header: str) -> None:
    """FDA has called the columns otherwise; their order is not taken for granted."""
    values = {"name": "AY-22989", "type": "cd", "unii": "W36ZG6FT64"}
    row = "\t".join(values.get(column.lower(), "SIROLIMUS") for column in header.split("\t"))
    ontology = load(tmp_path, "names.txt", f"{header}\r\n{row}\r\n")
    assert concept(ontology, "UNII:W36ZG6FT64").exact == ("AY-22989",)


def test_unii_names_in_windows_encoding_are_read(tmp_path: Path) -> None:
    """Some lists are in UTF-8, some are not."""
    text = UNII.replace("AY-22989", "SIROLIMÚS – X")
    for encoding in ("utf-8", "utf-8-sig", "cp1252"):
        ontology = load(tmp_path, "UNII_Names.txt", text.encode(encoding))
        assert concept(ontology, "UNII:W36ZG6FT64").exact == ("SIROLIMÚS – X",)


def test_drugbank_has_synonyms_and_cross_references(tmp_path: Path) -> None:
    """Former numbers that have DrugBank's form lead to the drug as well."""
    ontology = load(tmp_path, "drugbank vocabulary.csv", DRUGBANK)
    sirolimus = concept(ontology, "DrugBank:DB00877")
    assert (ontology.name, ontology.licence) == ("drugbank", "CC0 1.0")
    assert (sirolimus.label, sirolimus.exact) == ("Sirolimus", ("Rapamycin", "Sirolimús"))
    assert sirolimus.xrefs == ("CAS:53123-88-9", "DrugBank:DB02439", "UNII:W36ZG6FT64")
    assert concept(ontology, "DrugBank:DB00001").exact == ("Hirudin variant-1, desulfated", "[Leu1]-lepirudin")


def test_table_is_told_from_its_content(tmp_path: Path) -> None:
    """Plain, packed or in a zip, whatever the name."""
    plain = load(tmp_path, "drugbank.csv", DRUGBANK).concepts
    assert load(tmp_path, "download", DRUGBANK).concepts == plain
    assert load(tmp_path, "download", "\ufeff" + DRUGBANK).concepts == plain
    assert load(tmp_path, "download.gz", gzip.compress(DRUGBANK.encode())).concepts == plain
    archive = packed(tmp_path / "all.zip", {"README.txt": "read me", "drugbank vocabulary.csv": DRUGBANK})
    assert ontologies.load(archive).concepts == plain
    assert ontologies.load(packed(tmp_path / "u.zip", {"UNII_Names_4Aug2026.txt": UNII})).version == "4Aug2026"


def test_rows_that_name_nothing_are_left_out_and_told(tmp_path: Path) -> None:
    """No identifier of its form, no name; two names for one identifier."""
    rows = ",,,,,,\nDB1,,Short,,,,\nDB00002,,,,,,\nDB00877,,Rapamune,,,,\n"
    ontology = load(tmp_path, "drugbank.csv", DRUGBANK + rows)
    assert len(ontology.concepts) == 2
    assert ontology.remarks == (
        "2 rows have no identifier of theirs, and are left out, such as ",
        "1 rows without a name are left out, such as DB00002",
        "1 concepts have several labels, such as DB00877",
    )
    assert concept(ontology, "DrugBank:DB00877").label == "Sirolimus"
    assert "Rapamune" in concept(ontology, "DrugBank:DB00877").exact


@pytest.mark.parametrize(
    ("name", "content", "problem"),
    [
        ("drugbank vocabulary.csv", DRUGBANK.replace("Common name", "Name"), "lacks the column common name"),
        (
            "drugbank vocabulary.csv",
            DRUGBANK.replace("DrugBank ID", "ID").replace("CAS", "C"),
            "columns drugbank id, cas",
        ),
        ("UNII_Names.txt", UNII.replace("\tUNII\t", "\tCode\t"), "lacks the column unii; got 'name, type, code"),
        ("x.csv", DRUGBANK.replace("Synonyms,", ""), "lacks the column synonyms"),
        ("drugbank.csv", DRUGBANK[:-40], "unexpected end of data"),
        ("drugbank.csv", DRUGBANK[:160], "line 2: the row lacks columns; got '6 columns', expected 7"),
        ("UNII_Names.txt", UNII[:-40], "line 7: the row lacks columns"),
        ("drugbank.csv", DRUGBANK.splitlines()[0], "holds no concepts"),
        ("drugbank vocabulary.csv", "", "lacks the columns drugbank id, common name"),
        ("drugbank.csv", DRUGBANK.encode("latin-1"), "not in UTF-8"),
        ("drugbank.csv", DRUGBANK + '"' + "x" * 200_000, "field larger than"),
        ("any.csv", "a,b,c\n1,2,3\n", "no readable RDF"),
    ],
)
def test_unusable_table_is_an_error_that_says_so(tmp_path: Path, name: str, content: str | bytes, problem: str) -> None:
    """What is missing and where, or what is wrong."""
    with pytest.raises(OntologyError, match=problem) as error:
        load(tmp_path, name, content)
    assert name in error.value.where


def test_zip_cut_short_is_an_error(tmp_path: Path) -> None:
    """The directory of a zip stands at its end."""
    archive = packed(tmp_path / "UNIIs.zip", {"UNII_Names.txt": UNII})
    archive.write_bytes(archive.read_bytes()[:-10])
    with pytest.raises(OntologyError, match="zip cannot be unpacked"):
        ontologies.load(archive)


def test_damaged_file_in_a_zip_is_an_error(tmp_path: Path) -> None:
    """Its checksum in the zip is another."""
    archive = packed(tmp_path / "UNIIs.zip", {"UNII_Names.txt": UNII})
    data = bytearray(archive.read_bytes())
    data[60] ^= 0xFF
    archive.write_bytes(data)
    with pytest.raises(OntologyError, match="cannot be unpacked"):
        ontologies.load(archive)


def test_zip_without_an_ontology_says_what_it_holds(tmp_path: Path) -> None:
    """Neither RDF nor a table that we know."""
    with pytest.raises(OntologyError, match=r"got 'a\.pdf, docs/b\.doc'"):
        ontologies.load(packed(tmp_path / "x.zip", {"docs/b.doc": "", "a.pdf": ""}))


def test_rdf_in_a_zip_is_read(tmp_path: Path) -> None:
    """And stands in the graph as published."""
    ontology = ontologies.load(packed(tmp_path / "x.zip", {"LICENSE": "CC0", "tumours.ttl": SKOS}))
    assert len(ontology.concepts) == 3
    assert ontologies.graph_file(ontology).read_text() == SKOS
    assert ontologies.graph_file(ontologies.load(ontologies.graph_file(ontology))).name == "tumours.ttl"


def test_no_slice_is_cut_from_a_table(tmp_path: Path) -> None:
    """A slice is in the publisher's RDF; there is none."""
    (tmp_path / "drugbank.csv").write_text(DRUGBANK)
    with pytest.raises(OntologyError, match="no slice"):
        ontologies.write_slice(tmp_path / "drugbank.csv", (expand("DrugBank:DB00877"),), tmp_path / "out.ttl")


def test_table_has_no_circle_and_stands_in_the_graph(tmp_path: Path) -> None:
    """Cross-references become matches where their prefix is one of ours."""
    file = ontologies.graph_file(load(tmp_path, "drugbank.csv", DRUGBANK))
    text = gzip.decompress(file.read_bytes()).decode()
    assert "<https://identifiers.org/unii:W36ZG6FT64>" in text
    assert "53123-88-9" not in text
    assert ontologies.graph_file(ontologies.load(tmp_path / "drugbank.csv")) == file
