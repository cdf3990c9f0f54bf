"""Terms of others exist, are called what we say, and were not withdrawn; what nobody can confirm is said."""

import re
from pathlib import Path

import msgspec
import pytest

from kg.agreement import Places
from kg.agreement.constants import check_constants
from kg.agreement.known import Known, read_known
from kg.errors import OntologyError
from tests.agreement.planting import Copy, told

CLASSES = "ontologies/classes.ttl"
QUERY = "queries/why-trials-stopped.rq"
ONTOLOGY = "ontologies/trialgraph.ttl"
WRONG = ("constant-unknown", "constant-withdrawn", "constant-label")
OBO = """format-version: 1.2

[Term]
id: OBI:0003697
name: clinical investigation

[Term]
id: OBI:0003699
name: clinical trial
is_obsolete: true

[Typedef]
id: RO:0000087
name: has role
"""


def slices() -> list[Path]:
    """The bundled slices."""
    return sorted((Places.bundled().ontologies / "slices").glob("*.ttl"))


@pytest.fixture(scope="module")
def known() -> Known:
    """What the bundled slices say."""
    return read_known(slices())


def test_bundled_constants_are_confirmed_or_said_to_be_open(known: Known) -> None:
    """Nothing is wrong with those that can be looked up; the others are told by ontology, as information."""
    checked = check_constants(Places.bundled(), known)
    assert told(checked, WRONG) == []
    assert {finding.severity for finding in checked.findings} == {"info"}
    assert any("NCIT_: give one" in finding.message for finding in checked.findings)
    assert checked.counts["constants"] > 250


@pytest.mark.parametrize(
    ("file", "old", "new", "rule", "value"),
    [
        (QUERY, "rdfs:label", "rdfs:lable", "constant-unknown", "rdfs:lable"),
        (
            QUERY,
            "?trial tg:studies",
            "?trial a <http://id.nlm.nih.gov/mesh/D999999> ; tg:studies",
            "constant-unknown",
            0,
        ),
        (ONTOLOGY, "schema:domainIncludes", "schema:domainIncluded", "constant-unknown", "schema:domainIncluded"),
        ("shapes/made-up.ttl", "sh:maxCount", "sh:maxCounts", "constant-unknown", "sh:maxCounts"),
        (CLASSES, "# MTOR Inhibitors", "# MTOR Inhibitor", "constant-label", "MTOR Inhibitor"),
        (CLASSES, "CHEBI:68481 ] . # mTOR", "CHEBI:68481 ] . # m-TOR", "constant-label", "m-TOR inhibitor"),
    ],
)
def test_a_planted_fault_is_told(
    copy: Copy, known: Known, file: str, old: str, new: str, rule: str, value: str
) -> None:
    """With its line, and once."""
    line = copy.plant(file, old, new)
    found = told(check_constants(copy.places, known), WRONG)
    assert found == [(rule, value or "mesh:D999999", Path(file).name, line)]


def test_code_that_names_an_unknown_term_is_told(copy: Copy, known: Known, tmp_path: Path) -> None:
    """As the terms that the mapping writes are named there."""
    (tmp_path / "package").mkdir()
    (tmp_path / "package" / "one.py").write_text('A = 1\nNAMES = ("dct:identifer", "dct:identifier")\n')
    places = msgspec.structs.replace(copy.places, package=tmp_path / "package")
    assert told(check_constants(places, known), WRONG) == [("constant-unknown", "dct:identifer", "one.py", 2)]


def test_a_release_confirms_what_the_slices_cannot(copy: Copy, tmp_path: Path) -> None:
    """What it lacks of its own is unknown, what it withdrew is told; others' terms that it names are known."""
    release = tmp_path / "obi.obo"
    release.write_text(OBO)
    checked = check_constants(copy.places, read_known([*slices(), release]))
    assert {(rule, value) for rule, value, _, _ in told(checked, WRONG)} == {
        ("constant-unknown", "obo:OBI_0003698"),
        ("constant-unknown", "obo:OBI_0003705"),
        ("constant-withdrawn", "obo:OBI_0003699"),
    }
    open_terms = [finding.message for finding in checked.findings if finding.severity == "info"]
    assert not any("OBI_" in message or "RO_" in message for message in open_terms)


def test_a_label_beside_a_term_of_ours_or_of_nobody_is_no_label(copy: Copy, known: Known) -> None:
    """Comments say other things as well."""
    copy.plant(CLASSES, "rdfs:label ", "rdfs:label  # as people say\n ")
    copy.plant(CLASSES, "# MTOR Inhibitors", "# unconfirmed: no release")
    assert told(check_constants(copy.places, known), WRONG) == []


@pytest.mark.parametrize("content", ["", "no ontology", "[Term]\nid: A:1\n"])
def test_a_file_without_terms_is_an_error(content: str, tmp_path: Path) -> None:
    """Else it would seem to confirm."""
    for name in ("x.obo", "x.ttl"):
        (tmp_path / name).write_text(content)
        with pytest.raises(OntologyError, match=name):
            read_known([tmp_path / name])


def test_shapes_over_a_vocabulary_confirm_what_they_mention(copy: Copy, tmp_path: Path) -> None:
    """They label nothing; what they do not mention stays open."""
    shapes = tmp_path / "sssom.ttl"
    shapes.write_text(
        "@prefix sh: <http://www.w3.org/ns/shacl#> .\n@prefix sssom: <https://w3id.org/sssom/> .\n"
        "[] sh:path sssom:confidence .\n"
    )
    open_terms = {}
    for name, files in (("without", slices()), ("with", [*slices(), shapes])):
        messages = [finding.message for finding in check_constants(copy.places, read_known(files)).findings]
        open_terms[name] = next(int(m.split(" can confirm ")[1].split()[0]) for m in messages if "w3id.org/sssom" in m)
    assert open_terms["with"] == open_terms["without"] - 1


@pytest.mark.data
def test_vocabularies_at_hand_confirm_their_terms(data: Path) -> None:
    """OBI, CTO and MeSH's own vocabulary; what stays open is of ontologies that are not there."""
    names = ("obi.obo", "cto.owl", "mesh-vocabulary.ttl", "sssom_schema.shacl.ttl")
    checked = check_constants(Places.bundled(), read_known([*slices(), *(data / "vocabularies" / n for n in names)]))
    assert told(checked, WRONG) == []
    open_spaces = {finding.message.split(" terms of ")[1].split(":give")[0] for finding in checked.findings}
    assert not [space for space in open_spaces if re.search("OBI_|CTO_|mesh/vocab|sssom", space)]
