"""Validation: real graphs conform, whatever form they are given in; severities make the exit code.

What each shape finds stands in `tests/shapes`.
"""

import gzip
import io
import json
from itertools import chain
from pathlib import Path

import pytest

from kg import assets, checks, cli
from kg.checks import validate_paths
from kg.convert import convert_records
from kg.errors import KgError, NotFound
from kg.export import write_blocks
from kg.finding import Finding
from kg.validation import PyShacl, write_report

STUDY, PART = "https://clinicaltrials.gov/study/NCT01379521", "https://w3id.org/trialgraph/study/NCT01379521#"
TG, ID = "https://w3id.org/trialgraph/vocab#", "https://w3id.org/trialgraph/"
RDFS_LABEL = "http://www.w3.org/2000/01/rdf-schema#label"
XSD, OWL, SSSOM = "http://www.w3.org/2001/XMLSchema#", "http://www.w3.org/2002/07/owl#", "https://w3id.org/sssom/"
SEMAPV, RDF_TYPE = "https://w3id.org/semapv/vocab/", "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"
AXIOM = f"<{PART}link-condition-1-mesh-D006528>"


@pytest.fixture(scope="module")
def engine() -> PyShacl:
    """The reference engine on our shapes."""
    return PyShacl(assets.folder("shapes"))


@pytest.fixture(scope="module")
def good(examples: Path) -> list[str]:
    """The triples of a record without fault, with the evidence of one link."""
    ((layers, _),) = convert_records([examples / "api-v2" / "NCT01379521.json"])
    evidence = {
        "http://www.w3.org/1999/02/22-rdf-syntax-ns#type": f"<{OWL}Axiom>",
        f"{OWL}annotatedSource": f"<{PART}condition-1>",
        f"{OWL}annotatedProperty": f"<{TG}conceptExact>",
        f"{OWL}annotatedTarget": "<http://id.nlm.nih.gov/mesh/D006528>",
        f"{SSSOM}mapping_justification": "<https://w3id.org/semapv/vocab/LexicalMatching>",
        f"{SSSOM}confidence": f'"0.9"^^<{XSD}double>',
        f"{SSSOM}match_string": '"hcc"',
        f"{TG}tier": '"exact label"',
    }
    link = f"<{PART}condition-1> <{TG}conceptExact> <http://id.nlm.nih.gov/mesh/D006528> .\n"
    return [*chain(*layers.values()), link] + [
        f"{AXIOM} <{predicate}> {term} .\n" for predicate, term in evidence.items()
    ]


def test_good_record_conforms(engine: PyShacl, good: list[str]) -> None:
    """The case that passes on every constraint."""
    assert list(engine.validate(good)) == []


def test_examples_conform(example_graph: Path) -> None:
    """Our own examples have no fault but one reason not given."""
    assert [(f.rule, f.severity, f.trial) for f in of_shapes(example_graph)] == [
        ("Study-stop-reason/SPARQL", "info", "NCT00034333")
    ]


def of_shapes(path: Path) -> list[Finding]:
    """What shapes find; readers and linkers have rules without a slash."""
    return [finding for finding in validate_paths([path]) if "/" in finding.rule]


def without(lines: list[str], taken: str | tuple[str, ...]) -> list[str]:
    """The triples without those that begin so; all of them if nothing is to be taken."""
    return [line for line in lines if not (taken and line.startswith(taken))]


def study(name: str, *values: str) -> tuple[str, list[str]]:
    """Other values for a property of the study."""
    subject = f"<{STUDY}> <{TG}{name}> "
    return subject, [f"{subject}{value} .\n" for value in values]


#: Rule -> (what is taken out, what is put in).
FAULTS = {
    "Study-status/In": study("overallStatus", f"<{ID}status/GONE>"),
    "Study-title/MinCount": study("briefTitle"),
    "Study-stop-reason/SPARQL": study("whyStopped"),
    "Study-enrollment/MinInclusive": study("enrollment", f'"-1"^^<{XSD}integer>'),
}


@pytest.mark.parametrize(
    ("constraint", "codes"),
    [("Study-status/In", (1, 1, 1)), ("Study-title/MinCount", (0, 1, 1)), ("Study-stop-reason/SPARQL", (0, 0, 1))],
)
def test_severity_and_threshold_make_the_exit_code(
    constraint: str, codes: tuple[int, int, int], good: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A finding counts from its severity on: violation, warning, info."""
    taken, put = FAULTS[constraint]
    (tmp_path / "graph.nt").write_text("".join(without(good, taken) + put), encoding="utf-8")
    for threshold, code in zip(("violation", "warning", "info"), codes, strict=True):
        arguments = ["kg", "validate", str(tmp_path / "graph.nt"), "--fail-on", threshold]
        monkeypatch.setattr("sys.argv", arguments)
        with pytest.raises(SystemExit) as ended:
            cli.main()
        assert (ended.value.code or 0) == code


def test_report_for_programs_holds_what_that_for_people_says(engine: PyShacl, good: list[str]) -> None:
    """Place, rule, severity and message; a summary that counts."""
    taken, put = FAULTS["Study-enrollment/MinInclusive"]
    findings = list(engine.validate(without(good, taken) + put))
    text, report = io.StringIO(), io.StringIO()
    write_report(findings, text, "text")
    write_report(findings, report, "json")
    (told,) = json.loads(report.getvalue())["findings"]
    assert (told["trial"], told["path"], told["value"]) == ("NCT01379521", "tg:enrollment", "-1")
    assert text.getvalue().startswith(f"violation: NCT01379521 tg:enrollment: {told['message']}; got '-1'")
    assert text.getvalue().endswith("1 violation, 0 warning, 0 info; 1 trials affected\n")
    assert json.loads(report.getvalue())["summary"] == {"violation": 1, "warning": 0, "info": 0}
    with pytest.raises(NotFound, match="json"):
        write_report(findings, report, "jsn")


def test_the_same_is_found_in_folder_file_and_record(examples: Path, example_graph: Path, tmp_path: Path) -> None:
    """A record that stopped without a reason, in every form in which it can be given."""
    record = examples / "api-v2" / "NCT00034333.json"
    ((layers, _),) = convert_records([record])
    lines = list(chain(*layers.values()))
    (tmp_path / "a.nt").write_text("".join(lines), encoding="utf-8")
    (tmp_path / "a.nt.gz").write_bytes(gzip.compress("".join(lines).encode()))
    with (tmp_path / "a.ttl").open("wb") as stream:
        write_blocks([layers], stream, "turtle")
    for path in (record, example_graph, *sorted(tmp_path.iterdir())):
        assert [finding.rule for finding in of_shapes(path)] == ["Study-stop-reason/SPARQL"], path


@pytest.mark.parametrize("trials", [1, 2, 5])
def test_findings_do_not_depend_on_how_the_graph_is_cut(
    trials: int, example_graph: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Few trials at a time, or all: the same findings."""
    monkeypatch.setattr(checks, "_TRIALS", trials)
    assert [finding.rule for finding in of_shapes(example_graph)] == ["Study-stop-reason/SPARQL"]


def test_month_only_dates_raise_no_alarm(engine: PyShacl, good: list[str]) -> None:
    """A start in the month of completion may be before it."""
    dates = {"startDate": "2010-05-01", "completionDate": "2010-05-01", "completionDateLatest": "2010-05-31"}
    kept = [line for line in good if not any(f"#{name}> " in line for name in (*dates, "primaryCompletionDate"))]
    put = [f'<{STUDY}> <{TG}{name}> "{day}"^^<{XSD}date> .\n' for name, day in dates.items()]
    assert list(engine.validate(kept + put)) == []


def test_broken_shapes_are_told_by_file(tmp_path: Path) -> None:
    """A syntax error names its file."""
    (tmp_path / "mine.ttl").write_text("@prefix : <a> . : :")
    with pytest.raises(KgError, match=r"mine\.ttl"):
        PyShacl(tmp_path)
