"""Mapping sets in SSSOM can be read, do not contradict each other, and name concepts that exist."""

import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import msgspec

from kg.agreement.known import Known
from kg.agreement.places import Checked
from kg.finding import Finding, Severity
from kg.iris import compact
from kg.linking.curated import read_mappings
from kg.linking.sssom import MappingRow
from kg.linking.sssom.slots import NO_TERM

__all__ = ["check_sets"]

_LINE = re.compile(r"line (\d+)")


def check_sets(files: Sequence[Path], known: Known) -> Checked:
    """What a reader of SSSOM says of the files, and rows whose concept does not exist or is called otherwise.

    Raises:
        SourceError: if a file cannot be read, or is no SSSOM file.
    """
    sets, _, findings = read_mappings(files)
    rows = [row for one in sets for row in one.rows]
    told = [*(_numbered(finding) for finding in findings), *_of_concepts(rows, known)]
    return Checked(tuple(told), {"mappings": len(rows)})


def _numbered(finding: Finding) -> Finding:
    match = _LINE.search(finding.place)
    return msgspec.structs.replace(finding, line=int(match[1]) if match else 1)


def _of_concepts(rows: Iterable[MappingRow], known: Known) -> Iterator[Finding]:
    for row in rows:
        names = known.labels.get(row.concept, frozenset())
        label = row.slots.get("object_label", "")
        if row.concept in known.withdrawn:
            yield _finding("mapping-concept-withdrawn", "the concept was withdrawn by its publisher", row)
        elif row.concept != NO_TERM and not names and known.covers(row.concept):
            yield _unknown(row, known)
        elif label and names and label not in names:
            message = f"object_label is not what the publisher calls {compact(row.concept)}: {min(names)}"
            yield _finding("mapping-label", message, row, label)


def _unknown(row: MappingRow, known: Known) -> Finding:
    if known.is_whole(row.concept):
        return _finding("mapping-concept-unknown", "no ontology at hand has this concept", row)
    # A slice has what the examples need: what it lacks may exist.
    message = "the slice of the ontology lacks this concept; give the whole release with --ontology"
    return _finding("mapping-concept-unknown", message, row, severity="warning")


def _finding(rule: str, message: str, row: MappingRow, value: str = "", severity: Severity = "violation") -> Finding:
    return Finding(
        rule=rule,
        message=message,
        severity=severity,
        trial=row.trial,
        source=row.source,
        line=row.line,
        place=f"line {row.line}",
        value=value or compact(row.concept),
    )
