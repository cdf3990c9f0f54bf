"""A piece: the packed blocks of a partition in order, with the sums of what was counted in making them."""

import os
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO

import msgspec

from kg.finding import Finding
from kg.layers import Packed, encode_blocks

__all__ = ["Head", "Note", "Totals", "encode_findings", "is_whole", "read_head", "write_piece"]


class Note(msgspec.Struct, array_like=True):
    """What is counted in one record, so that it can be taken off again."""

    severities: dict[str, int] = {}
    tiers: dict[str, int] = {}
    abstentions: dict[str, int] = {}
    #: The concepts that it is linked to.
    linked: list[str] = []
    #: The hash of its bytes, if it was fetched.
    fetched: str = ""


class Totals(msgspec.Struct):
    """What is counted over records: all of it can be added up in any order, and taken off."""

    records: int = 0
    severities: Counter[str] = msgspec.field(default_factory=Counter)
    tiers: Counter[str] = msgspec.field(default_factory=Counter)
    abstentions: Counter[str] = msgspec.field(default_factory=Counter)
    #: Concept -> number of records that are linked to it.
    linked: Counter[str] = msgspec.field(default_factory=Counter)
    #: URL -> hash of the record that was fetched from there.
    fetched: dict[str, str] = msgspec.field(default_factory=dict)

    def add(self, note: Note, source: str) -> None:
        """Counts one record in."""
        self.records += 1
        for mine, others in self._pairs(note):
            mine.update(others)
        if note.fetched:
            self.fetched[source] = note.fetched

    def take_off(self, note: Note, source: str) -> None:
        """Counts one record out."""
        self.records -= 1
        for mine, others in self._pairs(note):
            mine.subtract(others)
        if note.fetched:
            self.fetched.pop(source, None)

    def _pairs(self, note: Note) -> Iterator[tuple[Counter[str], dict[str, int] | Counter[str]]]:
        yield self.severities, note.severities
        yield self.tiers, note.tiers
        yield self.abstentions, note.abstentions
        yield self.linked, Counter(note.linked)

    def merge(self, other: "Totals") -> None:
        """Adds what was counted elsewhere."""
        self.records += other.records
        self.severities.update(other.severities)
        self.tiers.update(other.tiers)
        self.abstentions.update(other.abstentions)
        self.linked.update(other.linked)
        self.fetched |= other.fetched

    def encode(self) -> bytes:
        """As `decode` reads it: the same bytes for the same counts."""
        kept = Totals(self.records, +self.severities, +self.tiers, +self.abstentions, +self.linked, self.fetched)
        return msgspec.msgpack.encode(kept, order="sorted")

    @classmethod
    def decode(cls, data: bytes) -> "Totals":
        """What `encode` wrote."""
        return msgspec.msgpack.decode(data, type=cls, dec_hook=lambda kind, value: kind(value))


def encode_findings(findings: Iterable[Finding], severities: Counter[str]) -> bytes:
    """The findings as lines of JSON, counted."""
    lines = []
    for finding in findings:
        severities[finding.severity] += 1
        lines.append(msgspec.json.encode(finding) + b"\n")
    return b"".join(lines)


def write_piece(path: Path, blocks: Iterable[Packed], opened: int, totals: Totals) -> None:
    """Leaves a piece at the path, whole or not at all."""
    body = encode_blocks(blocks)
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        head = msgspec.msgpack.encode(Head(zlib.crc32(body), opened, totals.encode()))
        beside.write_bytes(len(head).to_bytes(8, "big") + head + body)
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)


class Head(msgspec.Struct, array_like=True):
    """What stands before the blocks: their checksum, what was opened (records or not), and the sums of what it gave."""

    checksum: int
    opened: int
    totals: bytes


def read_head(stream: IO[bytes]) -> Head:
    """The head of a piece that is open.

    Raises:
        msgspec.DecodeError: if it is damaged.
    """
    return msgspec.msgpack.decode(stream.read(int.from_bytes(stream.read(8), "big")), type=Head)


def is_whole(path: Path) -> bool:
    """Whether there is a piece, and it is as it was written: a machine may have lost its power since."""
    try:
        with path.open("rb") as stream:
            return read_head(stream).checksum == zlib.crc32(stream.read())
    except (FileNotFoundError, msgspec.DecodeError, OverflowError, MemoryError):
        return False
