"""Whatever text a finding holds, every format stays what it is, and says the same."""

import json
import re

import msgspec
import rdflib
from hypothesis import example, given, settings
from rdflib.namespace import SH

from kg.finding import Finding
from kg.validation.reports import Report
from kg.validation.reports.report import visible
from tests.reports.reading import read_junit, read_sarif, read_turtle, written
from tests.reports.strategies import reports, texts

#: What a log, a terminal or a Markdown table would not take as part of one line.
_BREAKS = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\u202a-\u202e]")
#: Machines of CI are slow, and a report is long.
_SETTINGS = settings(deadline=None, max_examples=60)
_ANNOTATION = re.compile(r"::(error|warning|notice) (?P<properties>[^:]*)::[^\n]*")


def _lines(text: str) -> list[str]:
    """The lines as every tool would cut them."""
    assert not _BREAKS.search(text)
    return text.splitlines()


@_SETTINGS
@given(reports)
def test_text_is_a_line_a_finding(report: Report) -> None:
    """Findings first, one line each, whatever they hold; the summary last."""
    lines = _lines(written(report, "text"))
    for line, finding in zip(lines, report.shown, strict=False):
        assert f"{finding.severity}: " in line
    shapes = len(report.cleaned().by_shape())
    table = shapes + 3 if shapes > 1 else 0
    assert len(lines) == len(report.shown) + table + len(report.remarks()) + 1
    assert lines[-1] == report.totals()


@_SETTINGS
@given(reports)
def test_json_gives_back_what_was_found(report: Report) -> None:
    """Every text as it was, but for what no UTF-8 can hold; counts are of all findings."""
    whole = json.loads(written(report, "json"))
    lines = [json.loads(line) for line in written(report, "jsonl").split("\n")[:-1]]
    assert whole["findings"] == lines
    for told, finding in zip(lines, report.cleaned().shown, strict=True):
        assert told.pop("fingerprint")
        assert msgspec.convert(told, Finding) == finding
    assert sum(whole["summary"].values()) == sum(whole["rules"].values()) == len(report.findings)
    assert whole["not_shown"] + len(lines) == len(report.findings)


@_SETTINGS
@given(reports)
def test_sarif_is_valid_and_points_to_its_rules(report: Report) -> None:
    """By the schema; each result names a rule that is there, and a location that is a reference."""
    run = read_sarif(written(report, "sarif"))
    rules = run["tool"]["driver"]["rules"]
    assert len({rule["id"] for rule in rules}) == len(rules)
    for result in run["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
        assert ("baselineState" in result) == (report.known is not None)
        (location,) = result["locations"]
        assert re.fullmatch(r"(file://)?[A-Za-z0-9\-._~/%]+", location["physicalLocation"]["artifactLocation"]["uri"])


@_SETTINGS
@given(reports)
def test_junit_is_valid_xml_and_fails_as_the_run_does(report: Report) -> None:
    """A case a shape; some case fails if and only if the run does."""
    suite = read_junit(written(report, "junit"))
    assert bool(suite.findall("testcase/failure") + suite.findall("testcase/error")) == report.fails
    assert any(case.get("name") == "Study-status: status" for case in suite.findall("testcase"))


@_SETTINGS
@given(reports)
def test_annotations_are_one_line_each(report: Report) -> None:
    """As many commands as findings: no text makes one of its own, or ends one."""
    lines = _lines(written(report, "github"))
    commands = [line for line in lines if "::" in line]
    assert len(commands) == len(report.shown)
    for line in commands:
        match = _ANNOTATION.fullmatch(line)
        assert match, line
        names = [part.partition("=")[0] for part in match["properties"].split(",")]
        assert names in (["title"], ["file", "title"], ["file", "line", "title"])


@_SETTINGS
@given(reports)
def test_markdown_tables_keep_their_columns(report: Report) -> None:
    """Eight cells a finding; no link, no HTML, no mention, no code that a record brought."""
    rows = [line for line in _lines(written(report, "markdown")) if re.match(r"\| (violation|warning|info) \|", line)]
    rows = [row for row in rows if not row.startswith("| violation | warning")]
    assert len(rows) >= len(report.shown)
    for row in rows[-len(report.shown) :] if report.shown else ():
        assert row.count("|") == 9
        assert not re.search(r"[<>`@]|https?://|(?<!\\)[\[\]*_~]", row), row


@_SETTINGS
@given(reports)
def test_turtle_holds_a_result_a_finding_and_nothing_else(report: Report) -> None:
    """Text stays in its literal: values and messages come back as they were."""
    graph = read_turtle(written(report, "turtle"))
    (node,) = graph.subjects(rdflib.RDF.type, SH.ValidationReport)
    results = list(graph.objects(node, SH.result))
    assert len(results) == len(set(graph.subjects(rdflib.RDF.type, SH.ValidationResult))) == len(report.shown)
    assert all(len(list(graph.objects(result, SH.focusNode))) == 1 for result in results)
    told = sorted(str(graph.value(result, SH.resultMessage)) for result in results)
    assert told == sorted(finding.message for finding in report.cleaned().shown)
    values = sorted(str(value) for result in results for value in graph.objects(result, SH.value))
    assert values == sorted(finding.value for finding in report.cleaned().shown if finding.value)
    assert set(graph.predicates(node)) <= {rdflib.RDF.type, SH.conforms, SH.result}


@given(texts)
@example("\udc80")
def test_visible_text_is_one_printable_line(text: str) -> None:
    """Nothing in it moves a cursor or ends a line; what was printable stays."""
    shown = visible(text)
    assert shown.replace("\xa0", " ").isprintable()
    assert not text.isprintable() or shown == text
