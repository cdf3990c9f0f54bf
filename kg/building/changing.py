"""A graph's records and those of new pieces, trial by trial -> which of them stand from now on."""

from collections.abc import Iterable, Iterator
from heapq import merge
from itertools import groupby
from typing import Literal, NamedTuple

import msgspec

from kg.building.known import is_same
from kg.finding import Finding
from kg.layers import Entry, Packed, order

__all__ = ["Change", "Old", "decide"]


class Old(NamedTuple):
    """A record that the graph has, and where each layer's file holds its triples."""

    entry: Entry
    places: dict[str, int]


Kind = Literal["untouched", "found again", "older", "changed", "new", "withdrawn", "no trial"]


class Change(NamedTuple):
    """What becomes of one trial, or of documents that are no record: what it had, and what it has, the best last."""

    kind: Kind
    before: list[Old]
    after: list[Packed]

    @property
    def trial(self) -> str:
        """Its number; nothing for what is no record of one."""
        return self.before[-1].entry.key if self.before else self.after[-1].entry.key

    @property
    def is_kept(self) -> bool:
        """Whether its triples are those that it had."""
        return self.kind in {"untouched", "found again", "older"}


def decide(old: Iterable[Old], new: Iterable[list[Packed]], *, complete: bool) -> Iterator[Change]:
    """What becomes of every trial: all that are old or new, in order.

    New records of a trial stand in the place of the old ones, unless these are newer. With `complete` the new records
    are all that there are.
    """
    before = ((key, 0, list(group)) for key, group in groupby(old, key=lambda record: record.entry.key))
    after = ((blocks[-1].entry.key, 1, blocks) for blocks in new)
    for key, found in groupby(merge(before, after, key=lambda item: item[:2]), key=lambda item: item[0]):
        olds, news = list[Old](), list[Packed]()
        for _, kind, records in found:
            (news if kind else olds).extend(records)  # type: ignore[arg-type]
        yield _decide(olds, news, complete=complete) if key else _join(olds, news, complete=complete)


def _join(olds: list[Old], news: list[Packed], *, complete: bool) -> Change:
    """Findings of documents without a trial: what is said again is said once."""
    again = {_said(block.entry) for block in news}
    kept = [] if complete else [Packed(old.entry) for old in olds if _said(old.entry) not in again]
    return Change("no trial", olds, sorted(kept + news, key=order))


def _said(entry: Entry) -> tuple[str, bytes]:
    return entry.source, entry.findings


def _decide(olds: list[Old], news: list[Packed], *, complete: bool) -> Change:
    if not olds:
        return Change("new", [], news)
    best = olds[-1].entry
    after = sorted((_found_again(block, best) for block in news), key=order)
    # Of two that are as new as each other, the one that comes now: that they differ is why it comes.
    is_older = bool(after) and after[-1].entry.rank[:3] < best.rank[:3]
    if not complete and (is_older or not after):
        return Change("older" if is_older else "untouched", olds, [Packed(old.entry) for old in olds])
    if not after:
        return Change("withdrawn", olds, [])
    return Change("changed" if after[-1].texts else "found again", olds, after)


def _found_again(block: Packed, best: Entry) -> Packed:
    """A record that the graph has, by the name under which it was found again."""
    if not is_same(block):
        return block
    source = block.entry.source
    return Packed(
        msgspec.structs.replace(
            best,
            source=source,
            findings=_renamed(best.findings, best.source, source),
            checked=_renamed(best.checked, best.source, source),
        )
    )


def _renamed(findings: bytes, old: str, source: str) -> bytes:
    if old == source or not findings:
        return findings
    lines = []
    for line in findings.splitlines():
        finding = msgspec.json.decode(line, type=Finding)
        if finding.source == old:
            finding = msgspec.structs.replace(finding, source=source)
        lines.append(msgspec.json.encode(finding) + b"\n")
    return b"".join(lines)
