"""Reports in plain text for people, in JSON for programs."""

from collections.abc import Iterable
from typing import Any, TextIO

import msgspec

from kg.finding import Finding
from kg.validation.baseline import fingerprint
from kg.validation.reports.locations import find_location
from kg.validation.reports.report import Report, shown, visible

__all__ = ["describe", "write_json", "write_jsonl", "write_list", "write_text"]


def write_text(report: Report, stream: TextIO) -> None:
    """A line a finding, then the summary: by shape and severity, trials affected."""
    stream.writelines(f"{describe(finding)}\n" for finding in report.shown)
    counts = report.by_shape()
    if len(counts) > 1:
        width = max(len(visible(row.shape)) for row in counts)
        stream.write(f"\n{'':{width}} violation  warning     info   trials\n")
        for row in counts:
            name = visible(row.shape)
            stream.write(f"{name:{width}} {row.violation:>9,}{row.warning:>9,}{row.info:>9,}{row.trials:>9,}\n")
        stream.write("\n")
    stream.writelines(f"{remark}\n" for remark in report.remarks())
    stream.write(f"{report.totals()}\n")


def describe(finding: Finding) -> str:
    """One line: `file:line: severity: trial place: message; got value [rule] (field, mapped at file:line)`."""
    location = find_location(finding)
    where = " ".join(part for part in (finding.trial, finding.place or finding.path) if part)
    parts = [f"{location.text}: " if location else "", f"{finding.severity}: "]
    parts += [f"{where}: " if where else "", finding.message]
    parts += [f"; got {shown(finding.value)}" if finding.value else "", f" [{finding.rule}]"]
    if finding.field:
        parts.append(f" ({finding.field}{finding.mapping and f', mapped at {finding.mapping}'})")
    return visible("".join(parts))


def write_json(report: Report, stream: TextIO) -> None:
    """One object: the findings, a line each, and what they come to."""
    whole = {
        "summary": report.severities(),
        "trials": report.trials(),
        "shapes": report.by_shape(),
        "rules": report.by_rule(),
        "not_shown": report.unshown,
    }
    if report.known is not None:
        whole["known"] = len(report.known)
    stream.write('{"findings": ')
    write_list((_object(finding) for finding in report.shown), stream)
    # The rest of the object stands behind its first member.
    stream.write("," + msgspec.json.format(msgspec.json.encode(whole)).decode().removeprefix("{") + "\n")


def write_list(items: Iterable[object], stream: TextIO) -> None:
    """A JSON array, an item a line: long ones are never held as a whole."""
    before = "[\n"
    for item in items:
        stream.write(before + msgspec.json.encode(item).decode())
        before = ",\n"
    stream.write("[]" if before == "[\n" else "\n]")


def write_jsonl(report: Report, stream: TextIO) -> None:
    """An object a line, each a finding."""
    stream.writelines(msgspec.json.encode(_object(finding)).decode() + "\n" for finding in report.shown)


def _object(finding: Finding) -> dict[str, Any]:
    """What the finding says, and by what it is known again."""
    always = {"rule": finding.rule, "message": finding.message, "severity": finding.severity}
    said = {name: value for name in finding.__struct_fields__ if (value := getattr(finding, name))}
    return always | said | {"fingerprint": fingerprint(finding)}
