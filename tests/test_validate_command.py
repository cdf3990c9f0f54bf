"""`kg validate` as its users run it: what is shown, what fails, what is known already."""

import json
from pathlib import Path

import pytest

from tests.commands import Kg

FAULT = '"type": "DRUGS"'


@pytest.fixture
def faulty(examples: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A record with two faults: an intervention of no known type, and a status that the registry does not have."""
    text = (examples / "api-v2" / "NCT01079767.json").read_text(encoding="utf-8")
    path = tmp_path / "faulty.json"
    path.write_text(text.replace('"type": "DRUG"', FAULT).replace('"TERMINATED"', '"GONE"'), encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return path


def test_fault_is_shown_with_place_line_field_value_and_rule(faulty: Path, kg: Kg) -> None:
    """All that a mapping team needs, on one line; the file by its name from here."""
    ended = kg("validate", faulty)
    lines = [line for line in ended.out.splitlines() if "interventionType" in line]
    assert ended.code == 1
    at = next(n for n, line in enumerate(faulty.read_text(encoding="utf-8").splitlines(), 1) if FAULT in line)
    assert lines
    for line in lines:
        assert line.startswith(f"faulty.json:{at}: ")
        assert "NCT01079767 /protocolSection/armsInterventionsModule/interventions/0/type" in line
        assert "DRUGS" in line
        assert "mapped at kg/model/parts.py:" in line


def test_only_so_many_findings_are_shown_and_all_are_counted(faulty: Path, kg: Kg) -> None:
    """The worst come first; the exit code is that of all."""
    everything = json.loads(kg("validate", faulty, "--format", "json").out)
    ended = kg("validate", faulty, "--format", "json", "--max-findings", "1")
    few = json.loads(ended.out)
    assert ended.code == 1
    assert len(few["findings"]) == 1 < len(everything["findings"])
    assert few["findings"][0]["severity"] == "violation"
    assert few["summary"] == everything["summary"]
    assert few["not_shown"] == len(everything["findings"]) - 1


def test_known_findings_do_not_fail_and_new_ones_do(faulty: Path, kg: Kg, tmp_path: Path) -> None:
    """A baseline is written, kept when lines move, and held against what comes later."""
    baseline = tmp_path / "known.tsv"
    assert kg("validate", faulty, "--baseline", baseline, "--update-baseline").code == 0
    assert kg("validate", faulty, "--baseline", baseline).code == 0
    faulty.write_text("\n\n" + faulty.read_text(encoding="utf-8"), encoding="utf-8")
    assert kg("validate", faulty, "--baseline", baseline).code == 0
    text = faulty.read_text(encoding="utf-8")
    faulty.write_text(text.replace('"briefTitle"', '"title"'), encoding="utf-8")
    ended = kg("validate", faulty, "--baseline", baseline, "--format", "json", "--fail-on", "warning")
    assert ended.code == 1
    assert "Study-title/MinCount" in {finding["rule"] for finding in json.loads(ended.out)["findings"]}
    assert not {"Study-status/In", "unknown-code"} & {finding["rule"] for finding in json.loads(ended.out)["findings"]}


def test_contact_data_are_told_by_their_place_and_not_repeated(faulty: Path, kg: Kg) -> None:
    """Reports are kept and passed on: no format holds the address."""
    text = faulty.read_text(encoding="utf-8")
    faulty.write_text(text.replace('"briefTitle": "', '"briefTitle": "a.b@clinic.fr '), encoding="utf-8")
    assert "Privacy-email" in kg("validate", faulty).out
    for name in ("text", "json", "jsonl", "sarif", "junit", "github", "markdown", "turtle"):
        assert "a.b@clinic" not in kg("validate", faulty, "--format", name).out


def test_graph_is_traced_from_any_folder(faulty: Path, kg: Kg, monkeypatch: pytest.MonkeyPatch) -> None:
    """Built with the record's name from there: it is found from there, and beside the graph."""
    assert kg("build", "faulty.json", "--out", "graph").code == 0
    here = json.loads(kg("validate", "graph", "--format", "json").out)["findings"]
    monkeypatch.chdir("/")
    there = json.loads(kg("validate", faulty.parent / "graph", "--format", "json").out)["findings"]
    for one, other in zip(here, there, strict=True):
        assert one["line"] == other["line"] > 0
        assert (one["rule"], one["place"]) == (other["rule"], other["place"])


def test_mapping_has_a_baseline_too(kg: Kg, tmp_path: Path) -> None:
    """A prefix that nobody uses is told, known, and told no more."""
    (tmp_path / "shapes").mkdir()
    (tmp_path / "shapes" / "mine.ttl").write_text(f"@prefix x: <https://example.org/> .\n{ENDLESS}", encoding="utf-8")
    arguments = ["check", tmp_path, "--fail-on", "info", "--baseline", tmp_path / "known.tsv"]
    assert kg(*arguments, "--update-baseline").code == 0
    assert kg(*arguments).code == 0
    assert kg("check", tmp_path, "--fail-on", "info").code == 1


def test_one_shape_is_run_alone(faulty: Path, kg: Kg) -> None:
    """The shape's own findings, beside what the readers say."""
    ended = kg("validate", faulty, "--format", "json", "--only", "Study-status")
    found = {finding["rule"] for finding in json.loads(ended.out)["findings"]}
    assert {rule for rule in found if "/" in rule} == {"Study-status/In"}
    ended = kg("validate", faulty, "--format", "json", "--only", "Study-title")
    assert not {finding["rule"] for finding in json.loads(ended.out)["findings"] if "/" in finding["rule"]}


def test_report_goes_to_a_file_that_appears_whole(faulty: Path, kg: Kg, tmp_path: Path) -> None:
    """Nothing on stdout; a run that cannot be made leaves the old file."""
    out = tmp_path / "report.sarif"
    ended = kg("validate", faulty, "--format", "sarif", "-o", out)
    assert (ended.code, ended.out) == (1, "")
    before = out.read_bytes()
    assert json.loads(before)["version"] == "2.1.0"
    assert kg("validate", tmp_path / "gone", "--format", "sarif", "-o", out).code == 3
    assert out.read_bytes() == before


ENDLESS = """
@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix tg: <https://w3id.org/trialgraph/vocab#> .
<https://example.org/Endless> a sh:NodeShape ; sh:targetClass tg:Study ; sh:sparql [
    sh:message "Never." ;
    sh:select '''SELECT $this { $this ?p ?o . ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l
        FILTER(STRLEN(CONCAT(STR(?c), STR(?f), STR(?i), STR(?l))) < 0) }'''
] .
"""


@pytest.mark.parametrize("engine", ["pyshacl", "auto"])
def test_constraint_that_never_ends_is_a_finding_of_the_run(engine: str, faulty: Path, kg: Kg, tmp_path: Path) -> None:
    """The deadline ends it; the exit code says that not everything was checked."""
    (tmp_path / "endless.ttl").write_text(ENDLESS, encoding="utf-8")
    arguments = ["--shapes", tmp_path / "endless.ttl", "--deadline-s", "2", "--engine", engine, "--format", "json"]
    ended = kg("validate", faulty, *arguments)
    assert ended.code == 3
    assert "run/deadline" in {finding["rule"] for finding in json.loads(ended.out)["findings"]}, ended.out
