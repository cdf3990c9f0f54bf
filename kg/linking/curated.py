"""Mapping sets that linking consults: what curators say about a string beats what we compute, ontology by ontology.

A curated row overrides; a negated row forbids; a row for one trial beats a general one. A computed row of a set (of
another tool, or of an earlier export) fills only what we leave open: our own rules are newer.
"""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from kg.concept import Concept, Link, Mention
from kg.errors import SourceError
from kg.finding import Finding
from kg.linking.sssom import MappingRow, MappingSet, read_set, settle, string_key
from kg.linking.sssom.agreement import FORBIDS, source_name
from kg.linking.sssom.slots import NO_TERM

__all__ = ["CURATED_TIER", "IMPORTED_TIER", "Curated", "read_mappings"]

#: Tier of a link that a curated row makes.
CURATED_TIER = "curated"
#: What the tier of a link from a computed row starts with; its justification follows.
IMPORTED_TIER = "imported: "


def read_mappings(files: Iterable[Path]) -> tuple[list[MappingSet], tuple[MappingRow, ...], list[Finding]]:
    """(the sets as read, the rows of all that may be used, everything wrong with them) of these SSSOM files.

    Raises:
        SourceError: if a file cannot be read, or is no SSSOM file.
    """
    sets, findings = [], list[Finding]()
    for file in files:
        try:
            data = file.read_bytes()
        except OSError as error:
            raise SourceError(str(file), f"the file cannot be read ({error.strerror or error})") from error
        found, wrong = read_set(data, str(file))
        sets.append(found)
        findings.extend(wrong)
    rows, wrong = settle(row for one in sets for row in one.rows)
    return sets, rows, findings + wrong


class Curated:
    """The rows of mapping sets by string, for the concepts that the loaded ontologies know."""

    def __init__(self, rows: Iterable[MappingRow], concepts: Mapping[str, Concept]) -> None:
        self._rows: dict[tuple[str, str], list[MappingRow]] = {}
        self._sources: dict[str, str] = {}
        self.findings: list[Finding] = []
        for row in rows:
            concept = concepts.get(row.concept)
            if concept is None and row.concept != NO_TERM:
                self.findings.append(_unknown(row))
                continue
            if concept is not None:
                self._sources[row.concept] = concept.source
            self._rows.setdefault(row.key, []).append(row)

    def apply(self, mention: Mention, links: Sequence[Link], trial: str = "") -> list[Link]:
        """The links of a string in a trial, `links` being what our rules found."""
        rows = self._about(mention, trial)
        if not rows:
            return list(links)
        sources = dict.fromkeys([link.source for link in links] + [self._sources.get(row.concept, "") for row in rows])
        return [link for source in sources if source for link in self._of_source(source, mention, links, rows)]

    def _about(self, mention: Mention, trial: str) -> list[MappingRow]:
        if mention.kind == "derived":
            # The registry's own statement.
            return []
        key = string_key(mention.text)
        # A title names many things; a row that says nothing of its kind is not about one.
        kinds = (mention.kind,) if mention.kind == "title" else (mention.kind, "")
        found = (row for kind in kinds for row in self._rows.get((kind, key), ()))
        return [row for row in found if row.trial in ("", trial)]

    def _of_source(
        self, source: str, mention: Mention, links: Sequence[Link], rows: Iterable[MappingRow]
    ) -> list[Link]:
        negative, positive = list[MappingRow](), list[MappingRow]()
        for row in rows:
            if row.concept == NO_TERM:
                negative += [row] if source_name(row) in ("", source) else []
            elif self._sources[row.concept] == source:
                (negative if row.negative else positive).append(row)
        standing = [
            row
            for row in positive
            if not any(_forbids(no, row.concept, row.relation) and no.rank > row.rank for no in negative)
        ]
        curated = _greatest(row for row in standing if row.curated)
        if curated:
            return [_link(row, mention, source) for row in curated]
        computed = [link for link in links if link.source == source]
        if computed:
            return [x for x in computed if not any(_forbids(no, x.concept, x.relation) for no in negative)]
        return [_link(row, mention, source) for row in _greatest(standing)]


def _forbids(row: MappingRow, concept: str, relation: str) -> bool:
    return row.concept in (concept, NO_TERM) and relation in FORBIDS[row.relation]


def _greatest(rows: Iterable[MappingRow]) -> list[MappingRow]:
    rows = list(rows)
    best = max((row.rank for row in rows), default=None)
    return [row for row in rows if row.rank == best]


def _link(row: MappingRow, mention: Mention, source: str) -> Link:
    return Link(
        kind=mention.kind,
        part=mention.part,
        concept=row.concept,
        relation=row.relation,
        tier=CURATED_TIER if row.curated else IMPORTED_TIER + row.justification.partition(":")[2],
        confidence=1.0 if row.confidence is None else row.confidence,
        matched=row.key[1],
        field="",
        source=source,
    )


def _unknown(row: MappingRow) -> Finding:
    return Finding(
        rule="mapping-concept-unknown",
        message="no loaded ontology has this concept; the row is not used",
        trial=row.trial,
        source=row.source,
        place=f"line {row.line}",
        value=row.concept,
    )
