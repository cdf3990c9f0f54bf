"""RxNorm's tables: ingredients, salts and combinations are concepts, brands are names of theirs."""

import gzip
from pathlib import Path

import msgspec
import pyoxigraph
import pytest

from kg import ontologies
from kg.concept import Concept
from kg.errors import OntologyError
from kg.vocab import expand
from tests.ontologies.small import NAMES, RELATIONS, conso, packed, rel, rxnorm


def concept(ontology: ontologies.Ontology, rxcui: str) -> Concept:
    """The concept with this identifier."""
    return ontology.concepts[expand(f"RXNORM:{rxcui}")]


def test_ingredient_has_its_names_and_its_brands(tmp_path: Path) -> None:
    """Names of other vocabularies are exact; tall-man spellings and other languages are left out."""
    everolimus = concept(ontologies.load(rxnorm(tmp_path / "rxnorm")), "1")
    assert (everolimus.label, everolimus.source, everolimus.notation) == ("everolimus", "rxnorm", "1")
    assert everolimus.exact == ("EVEROLIMUS",)
    assert everolimus.brands == ("Afinitor", "Afinitor Disperz")
    assert list(everolimus.names())[-1] == ("Afinitor Disperz", "brand")


def test_salt_stands_under_its_ingredient_which_has_the_brand(tmp_path: Path) -> None:
    """A brand that is joined to both names one concept, not two."""
    ontology = ontologies.load(rxnorm(tmp_path / "rxnorm"))
    salt = concept(ontology, "4")
    assert (salt.broader, salt.ancestors) == ((expand("RXNORM:3"),),) * 2
    assert (salt.brands, concept(ontology, "3").brands) == ((), ("Riomet",))


def test_brand_of_a_combination_names_no_single_part(tmp_path: Path) -> None:
    """The release joins it to each part as well."""
    ontology = ontologies.load(rxnorm(tmp_path / "rxnorm"))
    assert concept(ontology, "7").brands == ("Janumet",)
    assert concept(ontology, "6").brands == ()


def test_brand_of_an_ingredient_and_of_combinations_is_only_near(tmp_path: Path) -> None:
    """Whether it is the drug alone cannot be told."""
    ontology = ontologies.load(rxnorm(tmp_path / "rxnorm"))
    assert concept(ontology, "3").related == ("Fortamet",)
    assert "Fortamet" not in concept(ontology, "7").brands


def test_what_is_left_out_is_told(tmp_path: Path) -> None:
    """Clinical drugs are no concepts; a brand of nothing and an ingredient without a name are faults of the file."""
    ontology = ontologies.load(rxnorm(tmp_path / "rxnorm"))
    assert {c.notation for c in ontology.concepts.values()} == {"1", "3", "4", "6", "7"}
    assert ontology.remarks == (
        "1 concepts without a name are left out, such as 12",
        "1 brand names belong to no one concept, and are left out, such as Nobody's",
    )


def test_folder_zip_and_either_table_load_equal(tmp_path: Path) -> None:
    """As NLM gives it, unpacked, or named by one of its files; the full release's own tables win over its subset's."""
    folder = rxnorm(tmp_path / "rxnorm")
    subset = {"prescribe/rrf/RXNCONSO.RRF": conso(NAMES[0]), "prescribe/rrf/RXNREL.RRF": ""}
    release = {"rrf/RXNCONSO.RRF": conso(*NAMES), "rrf/RXNREL.RRF": rel(*RELATIONS)}
    archive = packed(tmp_path / "RxNorm_full_10062025.zip", subset | release)
    concepts = ontologies.load(folder).concepts
    assert ontologies.load(folder / "rrf").concepts == concepts
    assert ontologies.load(folder / "rrf" / "RXNCONSO.RRF").concepts == concepts
    assert ontologies.load(archive).concepts == concepts


def test_version_is_that_of_the_file_the_folder_or_a_file_within(tmp_path: Path) -> None:
    """RxNorm's tables state none."""
    tables = {"rrf/RXNCONSO.RRF": conso(*NAMES), "rrf/RXNREL.RRF": rel(*RELATIONS)}
    readme = {"Readme_Full_Prescribe_10062025.txt": "RxNorm"}
    assert ontologies.load(packed(tmp_path / "x_prescribe_09012025.zip", tables | readme)).version == "09012025"
    assert ontologies.load(packed(tmp_path / "current.zip", tables | readme)).version == "10062025"
    assert ontologies.load(rxnorm(tmp_path / "RxNorm_full_08042025") / "rrf").version == "08042025"
    assert ontologies.load(packed(tmp_path / "other.zip", tables)).version == ""


def test_second_load_comes_from_the_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With its brands and its remarks."""
    folder = rxnorm(tmp_path / "rxnorm")
    first = ontologies.load(folder)
    monkeypatch.setattr("kg.ontologies.catalogue.read_rxnorm", lambda _: pytest.fail("read again"))
    assert ontologies.load(folder) == first


def test_changed_table_is_read_again(tmp_path: Path) -> None:
    """A folder's checksum is that of both tables."""
    folder = rxnorm(tmp_path / "rxnorm")
    first = ontologies.load(folder)
    (folder / "rrf" / "RXNREL.RRF").write_text("")
    second = ontologies.load(folder)
    assert second.sha256 != first.sha256
    assert concept(second, "1").brands == ()


def test_tables_stand_in_the_graph_as_skos(tmp_path: Path) -> None:
    """There is no RDF of the publisher's to load."""
    ontology = ontologies.load(rxnorm(tmp_path / "rxnorm"))
    file = ontologies.graph_file(msgspec.structs.replace(ontology, concepts={}))
    quads = list(pyoxigraph.parse(gzip.decompress(file.read_bytes()), pyoxigraph.RdfFormat.N_TRIPLES))
    names = {(q.subject.value, q.object.value) for q in quads if q.predicate.value == expand("skos:altLabel")}
    assert (expand("RXNORM:1"), "Afinitor") in names


@pytest.mark.parametrize(
    ("names", "relations", "problem"),
    [
        ("1|ENG|||everolimus\n", None, "lacks columns; got '4 columns', expected 18"),
        (None, "1||CUI|RN|2\n", "RXNREL.RRF line 1: the row lacks columns"),
        (conso(*NAMES)[:-30], None, "line 16: the row lacks columns"),
        ("", None, "no ingredients"),
        (conso(NAMES[4]), None, "no ingredients"),
    ],
    ids=["names", "relations", "cut off", "empty", "brands only"],
)
def test_unusable_tables_are_errors_that_say_where(
    tmp_path: Path, names: str | None, relations: str | None, problem: str
) -> None:
    """The table, the line, what it has and what it should have."""
    with pytest.raises(OntologyError, match=problem):
        ontologies.load(rxnorm(tmp_path / "rxnorm", names, relations))


def test_release_without_relations_is_an_error(tmp_path: Path) -> None:
    """Its brands would be lost in silence."""
    folder = rxnorm(tmp_path / "rxnorm")
    (folder / "rrf" / "RXNREL.RRF").unlink()
    with pytest.raises(OntologyError, match=r"not there; expected RXNREL\.RRF"):
        ontologies.load(folder)


def test_table_in_another_encoding_is_an_error(tmp_path: Path) -> None:
    """RxNorm is in UTF-8."""
    folder = rxnorm(tmp_path / "rxnorm")
    (folder / "rrf" / "RXNCONSO.RRF").write_bytes(conso(*NAMES).encode("latin-1"))
    with pytest.raises(OntologyError, match="not in UTF-8; got 'byte 0xfa"):
        ontologies.load(folder)


def test_circle_of_salts_ends(tmp_path: Path) -> None:
    """Two rows that make each other the form of the other."""
    rows = [("1", "ENG", "RXNORM", "PIN", "a"), ("1", "ENG", "RXNORM", "IN", "a"), ("2", "ENG", "RXNORM", "PIN", "b")]
    circle = rel(("1", "form_of", "2"), ("2", "form_of", "1"))
    names = conso(*rows, ("2", "ENG", "RXNORM", "IN", "b"))
    ontology = ontologies.load(rxnorm(tmp_path / "rxnorm", names, circle))
    assert concept(ontology, "1").ancestors == (expand("RXNORM:2"),)
    assert "2 concepts stand above themselves" in ontology.remarks[0]


@pytest.mark.data
def test_real_release_is_read(data: Path) -> None:
    """Counts and anchors of the release at hand."""
    ontology = ontologies.load(data / "ontologies" / "rxnorm")
    assert (ontology.name, len(ontology.concepts)) == ("rxnorm", 4008)
    assert concept(ontology, "141704").brands == ("Afinitor", "Torpenz", "Zortress")
    assert concept(ontology, "657797").brands == ("Torisel",)
    assert "Glucophage" in concept(ontology, "6809").related
    assert all(not c.broader for c in ontology.concepts.values())
