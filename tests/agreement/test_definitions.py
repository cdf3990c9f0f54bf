"""Drug classes refer to concepts that exist; one that does not is told with its line."""

from pathlib import Path

import pytest

from kg.agreement import Places
from kg.agreement.definitions import check_definitions
from kg.agreement.known import Known, read_known
from tests.agreement.planting import Copy, told

CLASSES = "ontologies/classes.ttl"


@pytest.fixture(scope="module")
def slices() -> Known:
    """The bundled slices."""
    return read_known(sorted((Places.bundled().ontologies / "slices").glob("*.ttl")))


def test_bundled_classes_refer_to_concepts_of_the_slices(slices: Known) -> None:
    """Each of them."""
    checked = check_definitions(Places.bundled(), slices)
    assert checked.findings == ()
    assert checked.counts["classes"] > 50


@pytest.mark.parametrize(
    ("old", "new", "rule", "value"),
    [
        ("owl:hasValue mesh:D000091203", "owl:hasValue mesh:D999999", "class-concept", "mesh:D999999"),
        ("owl:hasValue CHEBI:68481", "owl:hasValue CHEBI:684811", "class-concept", "CHEBI:684811"),
        ("mesh:D000068338 mesh:D020123 )", "mesh:D000068338 mesh:D020124 )", "class-concept", "mesh:D020124"),
        ("owl:hasValue mesh:D000091203", "owl:hasValue CHEBI:68481", "class-source", "CHEBI:68481"),
        ("ATC:L01EG01", "ATC:L01EG99", "class-code", "ATC:L01EG99"),
        ("ontology/atc>", "ontology/mesh>", "class-form", "class:mTORInhibitor-atc"),
        (
            '    rdfs:comment "Inhibits the kinase',
            '    rdfs:seeAlso "Inhibits',
            "class-undescribed",
            "class:mTORInhibitor",
        ),
    ],
)
def test_a_planted_fault_is_told(copy: Copy, slices: Known, old: str, new: str, rule: str, value: str) -> None:
    """By rule, concept and file."""
    copy.plant(CLASSES, old, new)
    found = told(check_definitions(copy.places, slices))
    assert [(name, term, file) for name, term, file, _ in found] == [(rule, value, "classes.ttl")]


def test_the_line_is_that_of_the_definition(copy: Copy, slices: Known) -> None:
    """Where the concept stands first."""
    line = copy.plant(CLASSES, "mesh:D000091203", "mesh:D999999")
    assert [found[3] for found in told(check_definitions(copy.places, slices))] == [line]


def test_a_withdrawn_concept_is_told(copy: Copy, tmp_path: Path) -> None:
    """Although it has a label still."""
    release = tmp_path / "release.ttl"
    release.write_text(
        "@prefix CHEBI: <http://purl.obolibrary.org/obo/CHEBI_> .\n"
        "@prefix owl: <http://www.w3.org/2002/07/owl#> .\n"
        "@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .\n"
        'CHEBI:68481 a owl:Class ; rdfs:label "mTOR inhibitor" ; owl:deprecated true .\n'
    )
    known = read_known([*sorted((copy.places.ontologies / "slices").glob("*.ttl")), release])
    assert [found[:2] for found in told(check_definitions(copy.places, known))] == [("class-concept", "CHEBI:68481")]


def test_without_the_ontology_nothing_is_claimed(copy: Copy) -> None:
    """What no file at hand covers can be neither confirmed nor denied."""
    copy.plant(CLASSES, "owl:hasValue CHEBI:68481", "owl:hasValue CHEBI:684811")
    known = read_known([copy.places.ontologies / "slices" / "mesh.ttl"])
    assert check_definitions(copy.places, known).findings == ()
