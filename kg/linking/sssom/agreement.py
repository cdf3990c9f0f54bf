"""Rows that say the same twice, or contradict each other: told, and not used.

Only rows of one rank on one string contradict each other: of two ranks, the greater beats.
"""

import re
from collections.abc import Iterable, Iterator

from kg.concept import Relation
from kg.finding import Finding, Severity
from kg.linking.sssom.rows import MappingRow
from kg.linking.sssom.slots import NO_TERM

__all__ = ["FORBIDS", "settle", "source_name"]

#: Relation of a negated row -> the relations that cannot hold then: skos:exactMatch is below skos:closeMatch
#: (https://www.w3.org/TR/skos-reference/#L4160).
FORBIDS: dict[Relation, frozenset[Relation]] = {
    "exact": frozenset({"exact"}),
    "close": frozenset({"close", "exact"}),
    "broad": frozenset({"broad"}),
}

_NAMESPACE = re.compile(r".*[/#_]")
_LAST_WORD = re.compile(r"([^/#:_]*)[/#:_]*$")


def source_name(row: MappingRow) -> str:
    """The ontology that a row on `sssom:NoTermFound` is about, as we call it; empty for every ontology.

    >>> about = {"text": "a", "predicate": "skos:exactMatch", "concept": NO_TERM, "justification": ""}
    >>> source_name(MappingRow(**about)), source_name(MappingRow(**about, slots={"object_source": "obo:mondo.owl"}))
    ('', 'mondo')
    """
    return _last_word(row.slots.get("object_source", "")) if row.concept == NO_TERM else ""


def _last_word(text: str) -> str:
    match = _LAST_WORD.search(text.lower().removesuffix(".owl"))
    return match[1] if match else ""


def settle(rows: Iterable[MappingRow]) -> tuple[tuple[MappingRow, ...], list[Finding]]:
    """The rows that may be used, in their order, and why the others may not."""
    groups: dict[tuple[object, ...], list[MappingRow]] = {}
    rows = list(rows)
    for row in rows:
        groups.setdefault((row.key, row.trial, row.curated), []).append(row)
    findings: dict[int, Finding] = {}
    for group in groups.values():
        distinct: dict[tuple[object, ...], MappingRow] = {}
        for row in group:
            first = distinct.setdefault((row.predicate, row.negative, row.concept, source_name(row)), row)
            if first is not row:
                findings[id(row)] = _finding("mapping-duplicate", row, first, "says the same as", "warning")
        for one, other, reason in _contradictions(list(distinct.values())):
            findings.setdefault(id(one), _finding("mapping-contradiction", one, other, reason))
            findings.setdefault(id(other), _finding("mapping-contradiction", other, one, reason))
    told = [findings[id(row)] for row in rows if id(row) in findings]
    return tuple(row for row in rows if id(row) not in findings), told


def _contradictions(rows: list[MappingRow]) -> Iterator[tuple[MappingRow, MappingRow, str]]:
    positive = {(row.concept, row.relation): row for row in rows if not row.negative and row.concept != NO_TERM}
    for row in rows:
        if row.negative:
            found = (positive.get((row.concept, relation)) for relation in FORBIDS[row.relation])
            yield from ((row, other, "negates, or is negated by,") for other in found if other)
    for (concept, relation), row in positive.items():
        if relation == "exact" and (other := positive.get((concept, "broad"))):
            yield row, other, "cannot be exact and broad at once, as with"
    yield from _two_exact(positive.values())
    yield from _none_and_some([row for row in rows if row.concept == NO_TERM], positive.values())


def _two_exact(positive: Iterable[MappingRow]) -> Iterator[tuple[MappingRow, MappingRow, str]]:
    first: dict[str, MappingRow] = {}
    for row in positive:
        if row.relation == "exact":
            other = first.setdefault(_namespace(row.concept), row)
            if other is not row:
                yield other, row, "is exact for another concept of the ontology than"


def _namespace(concept: str) -> str:
    match = _NAMESPACE.match(concept)
    return match[0] if match else concept


def _none_and_some(
    none: list[MappingRow], positive: Iterable[MappingRow]
) -> Iterator[tuple[MappingRow, MappingRow, str]]:
    """Rows that say that nothing matches, beside rows that say what does."""
    for row in positive:
        for other in none:
            about = source_name(other)
            if about in ("", _last_word(_namespace(row.concept))) and row.relation in FORBIDS[other.relation]:
                yield other, row, "cannot find nothing where something is found by"


def _finding(rule: str, row: MappingRow, other: MappingRow, reason: str, severity: Severity = "violation") -> Finding:
    where = f"line {other.line}" if other.source == row.source else f"{other.source} line {other.line}"
    return Finding(
        rule=rule,
        message=f"{reason} {where}; {'the row is' if severity == 'warning' else 'neither is'} not used",
        severity=severity,
        trial=row.trial,
        source=row.source,
        place=f"line {row.line}",
        value=row.text,
    )
