"""SARIF 2.1.0, as code scanning reads it.

The specification: https://docs.oasis-open.org/sarif/sarif/v2.1.0/os/sarif-v2.1.0-os.html
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any, TextIO

import msgspec

from kg import __version__
from kg.finding import Finding, Severity
from kg.validation.baseline import fingerprint
from kg.validation.reports.locations import Location, find_location, find_mapping
from kg.validation.reports.plain import write_list
from kg.validation.reports.report import Report, shown
from kg.validation.rules import TABLE_FILE, Rule

__all__ = ["write_sarif"]

_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/os/schemas/sarif-schema-2.1.0.json"
_LEVELS: dict[Severity, str] = {"violation": "error", "warning": "warning", "info": "note"}
#: Where relative paths begin: the folder that the command ran in, and that of our own code.
_HERE, _TOOL = "%SRCROOT%", "TRIALGRAPH"
_BASES = {_TOOL: {"description": {"text": "Where the source code of trialgraph stands."}}}


def write_sarif(report: Report, stream: TextIO) -> None:
    """One run; findings that the baseline knows are there as unchanged ones."""
    rules = _used_rules(report)
    index = {name: number for number, name in enumerate(rules)}
    driver = {
        "name": "trialgraph",
        "version": __version__,
        "semanticVersion": __version__,
        "informationUri": "https://w3id.org/trialgraph/",
        "rules": [_rule(rule) for rule in rules.values()],
    }
    run = {
        "tool": {"driver": driver},
        "invocations": [{"executionSuccessful": report.is_whole}],
        "originalUriBaseIds": _BASES,
        "columnKind": "unicodeCodePoints",
        "properties": {"summary": report.severities(), "trials": report.trials(), "notShown": report.unshown},
    }
    start = msgspec.json.format(msgspec.json.encode({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]})).decode()
    # The results are the last member of the run, which the last two brackets and this brace close.
    stream.write(start.removesuffix("\n    }\n  ]\n}") + ',\n      "results": ')
    write_list(_results(report, index), stream)
    stream.write("\n    }\n  ]\n}\n")


def _used_rules(report: Report) -> dict[str, Rule]:
    """The rules that ran or found something, by name; no shape as a whole, whose constraints are there."""
    ran = {rule.name for rule in report.rules if rule.name != rule.shape}
    found = {finding.rule for finding in (*report.shown, *(report.known or ()))}
    return {name: report.rule(name) for name in sorted(ran | found)}


def _rule(rule: Rule) -> dict[str, Any]:
    text = f"{rule.help} See {rule.see_also}" if rule.see_also else rule.help
    said: dict[str, Any] = {
        "id": rule.name,
        "shortDescription": {"text": rule.title},
        "fullDescription": {"text": rule.help},
        "help": {"text": text},
        "defaultConfiguration": {"level": _LEVELS[rule.severity]},
    }
    if rule.see_also:
        said["helpUri"] = Location(rule.see_also).uri
    if rule.line:
        said["properties"] = {"shape": f"{rule.file}:{rule.line}"}
    return said


def _results(report: Report, index: Mapping[str, int]) -> Iterator[dict[str, Any]]:
    seen: Counter[str] = Counter()
    state = None if report.known is None else "new"
    for finding in report.shown:
        yield _result(finding, report.rule(finding.rule), index, seen) | ({"baselineState": state} if state else {})
    for finding in report.known or ():
        yield _result(finding, report.rule(finding.rule), index, seen) | {"baselineState": "unchanged"}


def _result(finding: Finding, rule: Rule, index: Mapping[str, int], seen: Counter[str]) -> dict[str, Any]:
    mark = fingerprint(finding)
    seen[mark] += 1
    said: dict[str, Any] = {
        "ruleId": finding.rule,
        "ruleIndex": index[finding.rule],
        "level": _LEVELS[finding.severity],
        "message": {"text": _message(finding)},
        "locations": [_location(finding, rule)],
        # The first is ours; the second is the only one that GitHub reads.
        "partialFingerprints": {"trialgraph/v1": mark, "primaryLocationLineHash": f"{mark[:16]}:{seen[mark]}"},
        "properties": {
            name: value for name in finding.__struct_fields__ if (value := getattr(finding, name)) and name != "message"
        },
    }
    if mapping := find_mapping(finding):
        said["relatedLocations"] = [_mapping(finding, mapping)]
    return said


def _message(finding: Finding) -> str:
    where = " ".join(part for part in (finding.trial, finding.place or finding.path) if part)
    got = f"; got {shown(finding.value)}" if finding.value else ""
    return _without_links(f"{where and f'{where}: '}{finding.message}{got}")


def _without_links(text: str) -> str:
    """The text as a message reads: what looks like a link (section 3.11.6) is none."""
    return text.replace("[", "\\[").replace("]", "\\]") if "](" in text else text


def _location(finding: Finding, rule: Rule) -> dict[str, Any]:
    place = find_location(finding)
    said: dict[str, Any] = {"physicalLocation": _physical(place, rule)}
    if logical := list(_logical(finding, place)):
        said["logicalLocations"] = logical
    return said


def _physical(place: Location | None, rule: Rule) -> dict[str, Any]:
    """The file and its line; of what is in no file here, where the rule is said.

    GitHub takes no log in which a result has no file, or one of another scheme.
    """
    if place is None or place.is_remote:
        return {
            "artifactLocation": {"uri": Location(rule.file or TABLE_FILE).uri},
            "region": {"startLine": rule.line or 1},
        }
    artifact = {"uri": place.uri}
    if "://" not in place.uri and not place.uri.startswith("../"):
        artifact["uriBaseId"] = _HERE
    # Of an archive no line can be shown; of a finding about a whole file the first is.
    region = {} if place.is_packed else {"region": {"startLine": place.line or 1}}
    return {"artifactLocation": artifact} | region


def _logical(finding: Finding, place: Location | None) -> Iterator[dict[str, str]]:
    """The trial, the address or the member of an archive, the place in the record, the field of the model."""
    if finding.trial:
        yield {"name": finding.trial, "fullyQualifiedName": finding.focus or finding.trial, "kind": "resource"}
    if place and (place.member or place.is_remote):
        yield {"name": place.member or place.file, "fullyQualifiedName": place.text, "kind": "resource"}
    if finding.place or finding.path:
        spot = finding.place or finding.path
        kind = "element" if "[" in spot or spot.startswith("/clinical_study") else "value"
        yield {"name": spot.rpartition("/")[2] or spot, "fullyQualifiedName": spot, "kind": kind}
    if finding.field:
        yield {"name": finding.field.rpartition(".")[2], "fullyQualifiedName": finding.field, "kind": "member"}


def _mapping(finding: Finding, place: Location) -> dict[str, Any]:
    return {
        "id": 1,
        "message": {"text": f"The mapping of {finding.field or 'this value'}."},
        "physicalLocation": {
            "artifactLocation": {"uri": place.uri, "uriBaseId": _TOOL},
            "region": {"startLine": place.line or 1},
        },
    }
