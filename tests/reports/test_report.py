"""What is shown and what is counted; where CI systems are led; how rules are told."""

import os
from pathlib import Path

import msgspec
import pytest

from kg.finding import SEVERITIES, Finding
from kg.validation.reports import REPORT_FORMATS, Report
from kg.validation.reports.locations import find_location
from kg.validation.rules import read_rules
from tests.reports.reading import read_junit, read_sarif, written

INFO = Finding(rule="Study-stop-reason/SPARQL", message="It should say why.", severity="info", trial="NCT00000001")
WARNING = msgspec.structs.replace(INFO, rule="Study-title/MinCount", severity="warning", trial="NCT00000002")
VIOLATION = msgspec.structs.replace(INFO, rule="Study-status/In", severity="violation", trial="NCT00000003")
MIXED = (INFO, WARNING, VIOLATION, WARNING, INFO)


def test_worst_come_first_and_all_are_counted() -> None:
    """Of five two are shown, the violation first; summary and exit code are about all."""
    report = Report(findings=MIXED, most=2)
    assert [finding.severity for finding in report.shown] == ["violation", "warning"]
    assert report.unshown == 3
    assert report.severities() == {"violation": 1, "warning": 2, "info": 2}
    assert report.trials() == 3
    assert [row.shape for row in report.by_shape()] == ["Study-status", "Study-title", "Study-stop-reason"]
    assert report.remarks() == ["3 more findings are not shown, none of them worse."]


@pytest.mark.parametrize("most", [None, 0, 1])
@pytest.mark.parametrize(("fail_on", "failed"), [("violation", 0), ("warning", 1), ("info", 2)])
def test_run_fails_by_its_findings_not_by_those_shown(most: int | None, fail_on: str, failed: int) -> None:
    """The same with any number shown."""
    report = msgspec.convert({"fail_on": fail_on}, Report)
    report = msgspec.structs.replace(report, findings=(INFO, WARNING), most=most)
    assert report.fails == bool(failed)
    assert len(read_junit(written(report, "junit")).findall("testcase/failure")) == failed


def test_known_findings_fail_nothing_and_stay_in_sarif() -> None:
    """New ones are new, known ones unchanged; a report without a baseline says neither."""
    report = Report(findings=(INFO,), known=(VIOLATION,))
    assert not report.fails
    states = [result["baselineState"] for result in read_sarif(written(report, "sarif"))["results"]]
    assert states == ["new", "unchanged"]
    assert "baselineState" not in written(Report(findings=(INFO,)), "sarif")
    assert "1 findings that the baseline knows" in written(report, "text")


def test_every_shape_that_ran_is_a_case() -> None:
    """Passed ones too; of ours each by its name, in the class that it is for."""
    rules = read_rules()
    suite = read_junit(written(Report(findings=(VIOLATION,), rules=tuple(rules.values())), "junit"))
    cases = {case.get("name").partition(":")[0]: case for case in suite.findall("testcase")}
    assert set(cases) == {rule.shape for rule in rules.values()}
    assert [name for name, case in cases.items() if case.find("failure") is not None] == ["Study-status"]
    assert cases["Study-status"].get("classname") == "trialgraph.Study"


def test_every_constraint_that_ran_is_a_rule_of_sarif() -> None:
    """With help text and link; rules that only found something, too."""
    rules = read_rules()
    report = Report(findings=(msgspec.structs.replace(INFO, rule="bad-date"),), rules=tuple(rules.values()))
    told = {rule["id"]: rule for rule in read_sarif(written(report, "sarif"))["tool"]["driver"]["rules"]}
    assert set(told) == {name for name, rule in rules.items() if name != rule.shape} | {"bad-date"}
    assert all(rule["help"]["text"].endswith((".", rule.get("helpUri", "."))) for rule in told.values())
    assert told["Study-status/In"]["helpUri"].startswith("https://clinicaltrials.gov/policy/")


@pytest.mark.parametrize(
    ("source", "uri", "text"),
    [
        ("records/a.json", "records/a.json", "records/a.json:7"),
        ("./records/../a b.json", "a%20b.json", "a b.json:7"),
        (f"{Path.cwd()}/records/a.json", "records/a.json", "records/a.json:7"),
        ("/elsewhere/a.json", "file:///elsewhere/a.json", "/elsewhere/a.json:7"),
        ("../a.json", "../a.json", "../a.json:7"),
        ("all.jsonl:7", "all.jsonl", "all.jsonl:7"),
        ("all.json#/studies/3", "all.json", "all.json:7"),
        ("a.zip!b/c.json", "a.zip", "a.zip!b/c.json:7"),
        ("a.zip!b.jsonl:7#/2", "a.zip", "a.zip!b.jsonl:7"),
        ("c:d.json", "c%3Ad.json", "c:d.json:7"),
        ("https://x.org/a b?c=d", "https://x.org/a%20b?c=d", "https://x.org/a b?c=d:7"),
    ],
)
def test_source_is_led_to_as_ci_systems_name_files(source: str, uri: str, text: str) -> None:
    """Paths from here, escaped; the archive of a member; the file of a record in it."""
    location = find_location(msgspec.structs.replace(INFO, source=source, line=7))
    assert location is not None
    assert (location.uri, location.text) == (uri, text)


def test_line_of_a_member_is_no_line_of_its_archive() -> None:
    """No region, and no line of an annotation: both would point into the bytes of a zip."""
    report = Report(findings=(msgspec.structs.replace(INFO, source="a.zip!b.json", line=7),))
    (result,) = read_sarif(written(report, "sarif"))["results"]
    (location,) = result["locations"]
    assert location["physicalLocation"] == {"artifactLocation": {"uri": "a.zip", "uriBaseId": "%SRCROOT%"}}
    assert {"name": "b.json", "fullyQualifiedName": "a.zip!b.json:7", "kind": "resource"} in location[
        "logicalLocations"
    ]
    assert "file=a.zip,title=" in written(report, "github")
    assert "a.zip!b.json:7" in written(report, "github")


@pytest.mark.parametrize("source", ["", "https://clinicaltrials.gov/study/NCT00000001"])
def test_what_is_in_no_file_is_led_to_its_rule(source: str) -> None:
    """GitHub takes no log with a result that has no file here; the address is said beside it."""
    rules = read_rules()
    finding = msgspec.structs.replace(INFO, source=source)
    (result,) = read_sarif(written(Report(findings=(finding,), rules=tuple(rules.values())), "sarif"))["results"]
    (location,) = result["locations"]
    assert location["physicalLocation"]["artifactLocation"]["uri"] == rules[INFO.rule].file
    assert location["physicalLocation"]["region"]["startLine"] == rules[INFO.rule].line
    assert [named["name"] for named in location["logicalLocations"]] == [INFO.trial, *filter(None, [source])]


def test_message_of_sarif_has_no_link_that_a_record_brought() -> None:
    """Brackets are escaped where they would make one, and only there."""
    for message, said in (
        ("see [a](https://evil.example)", r"see \[a\](https://evil.example)"),
        ("a[1] (b)", "a[1] (b)"),
    ):
        finding = msgspec.structs.replace(INFO, message=message)
        (result,) = read_sarif(written(Report(findings=(finding,)), "sarif"))["results"]
        assert result["message"]["text"] == f"NCT00000001: {said}"


def test_reports_say_whether_all_was_checked() -> None:
    """Trials that an engine did not get through are no clean trials."""
    stopped = Finding(rule="run/deadline", message="Not checked.", severity="violation")
    for findings, ended in (((INFO,), True), ((INFO, stopped), False)):
        run = read_sarif(written(Report(findings=findings, most=1), "sarif"))
        assert run["invocations"] == [{"executionSuccessful": ended}]
    suite = read_junit(written(Report(findings=(stopped, VIOLATION)), "junit"))
    assert (suite.get("errors"), suite.get("failures")) == ("1", "1")


def test_annotations_that_github_leaves_out_are_told() -> None:
    """It shows ten of a kind; the worst stand first."""
    many = Report(findings=(*(INFO,) * 11, VIOLATION))
    lines = written(many, "github").splitlines()
    assert lines[0].startswith("::error ")
    assert "GitHub shows 10 annotations of a kind" in lines[-2]
    assert "GitHub shows" not in written(Report(findings=(INFO,) * 10), "github")


def test_report_does_not_depend_on_where_it_is_seen_from_but_for_paths(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same file by its whole path and by its path from here has one fingerprint."""
    report = Report(findings=(msgspec.structs.replace(INFO, trial="", source=os.fspath(tmp_path / "a.json")),))
    monkeypatch.chdir(tmp_path)
    (one,) = read_sarif(written(report, "sarif"))["results"]
    (other,) = read_sarif(
        written(Report(findings=(msgspec.structs.replace(report.findings[0], source="a.json"),)), "sarif")
    )["results"]
    assert one["partialFingerprints"] == other["partialFingerprints"]
    assert one["locations"] == other["locations"]


@pytest.mark.parametrize("name", REPORT_FORMATS)
def test_nothing_found_is_a_report_too(name: str) -> None:
    """With no finding and no rule each format is still whole."""
    text = written(Report(), name)
    assert (text == "") == (name == "jsonl")


def test_severities_have_their_words_in_every_format() -> None:
    """Worst first: error, warning, note; error, warning, notice."""
    report = Report(findings=MIXED)
    levels = [result["level"] for result in read_sarif(written(report, "sarif"))["results"]]
    assert list(dict.fromkeys(levels)) == ["error", "warning", "note"]
    commands = [line.split(" ")[0] for line in written(report, "github").splitlines() if line.startswith("::")]
    assert list(dict.fromkeys(commands)) == ["::error", "::warning", "::notice"]
    assert all(f"{severity}: NCT" in written(report, "text") for severity in SEVERITIES)
