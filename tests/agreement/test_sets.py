"""Mapping sets are checked as linking would read them, and their concepts against the ontologies at hand."""

from pathlib import Path

import pytest

from kg.agreement import Places
from kg.agreement.known import Known, read_known
from kg.agreement.sets import check_sets
from kg.errors import SourceError
from tests.agreement.planting import told

HEAD = """# mapping_set_id: https://example.org/set
# license: https://creativecommons.org/publicdomain/zero/1.0/
# curie_map:
#   mesh: http://id.nlm.nih.gov/mesh/
#   MONDO: http://purl.obolibrary.org/obo/MONDO_
subject_label\tsubject_category\tsubject_type\tpredicate_id\tobject_id\tobject_label\tmapping_justification
"""
ROW = (
    "liver cancer\tcondition\trdfs literal\tskos:exactMatch\tmesh:D008113\tLiver Neoplasms\t"
    "semapv:ManualMappingCuration\n"
)
SLICES = sorted((Places.bundled().ontologies / "slices").glob("*.ttl"))


@pytest.fixture(scope="module")
def known() -> Known:
    """What the bundled slices say."""
    return read_known(SLICES)


def written(folder: Path, *rows: str) -> Path:
    """A mapping set of these rows."""
    file = folder / "set.sssom.tsv"
    file.write_text(HEAD + "".join(rows), encoding="utf-8")
    return file


def test_a_sound_set_is_ok(tmp_path: Path, known: Known) -> None:
    """Its rows are counted."""
    checked = check_sets([written(tmp_path, ROW)], known)
    assert (checked.findings, checked.counts) == ((), {"mappings": 1})


@pytest.mark.parametrize(
    ("old", "new", "rule", "value", "severity"),
    [
        ("Liver Neoplasms", "Liver Cancer", "mapping-label", "Liver Cancer", "violation"),
        ("mesh:D008113", "mesh:D999999", "mapping-concept-unknown", "mesh:D999999", "warning"),
        ("mesh:D008113", "mash:D008113", "mapping-prefix", "mash:D008113", "violation"),
        ("skos:exactMatch", "skos:exactlyMatch", "mapping-predicate", "skos:exactlyMatch", "warning"),
    ],
)
def test_a_planted_fault_is_told_with_its_line(
    old: str, new: str, rule: str, value: str, severity: str, tmp_path: Path, known: Known
) -> None:
    """The second row is the eighth line."""
    checked = check_sets([written(tmp_path, ROW, ROW.replace("cancer", "tumour").replace(old, new))], known)
    assert told(checked) == [(rule, value, "set.sssom.tsv", 8)]
    assert checked.findings[0].severity == severity


def test_a_whole_release_tells_for_sure(tmp_path: Path) -> None:
    """What it lacks does not exist, what it withdrew is not to be mapped to."""
    release = tmp_path / "mondo.obo"
    release.write_text(
        "format-version: 1.2\nontology: mondo\n\n[Term]\nid: MONDO:0000001\nname: disease\n\n"
        "[Term]\nid: MONDO:0000002\nname: obsolete disease\nis_obsolete: true\n"
    )
    rows = [ROW.replace("mesh:D008113", f"MONDO:000000{n}").replace("Liver Neoplasms", "") for n in (1, 2, 3)]
    rows = [row.replace("liver cancer", f"string {n}") for n, row in enumerate(rows)]
    checked = check_sets([written(tmp_path, *rows)], read_known([*SLICES, release]))
    assert [(finding.rule, finding.severity, finding.line) for finding in checked.findings] == [
        ("mapping-concept-withdrawn", "violation", 8),
        ("mapping-concept-unknown", "violation", 9),
    ]


def test_rows_that_contradict_each_other_are_told(tmp_path: Path, known: Known) -> None:
    """As when a build reads them."""
    other = ROW.replace("mesh:D008113", "mesh:D006528").replace("Liver Neoplasms", "Carcinoma, Hepatocellular")
    assert check_sets([written(tmp_path, ROW, other)], known).findings != ()


def test_a_file_that_is_no_set_is_an_error(tmp_path: Path, known: Known) -> None:
    """Not a finding: nothing of it can be checked."""
    (tmp_path / "x.tsv").write_text("a\tb\n")
    for file in ("x.tsv", "none.tsv"):
        with pytest.raises(SourceError, match=file):
            check_sets([tmp_path / file], known)
