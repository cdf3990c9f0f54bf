"""A piece: the packed blocks of a partition in order, with the sums of what was counted in making them."""

import os
import zlib
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import IO

import msgspec

from kg.finding import Finding
from kg.layers import Packed, encode_blocks

__all__ = ["Totals", "encode_findings", "is_whole", "read_totals", "write_piece"]


class Totals(msgspec.Struct):
    """What is counted over records: all of it can be added up in any order."""

    records: int = 0
    #: What was opened, records or not.
    opened: int = 0
    severities: Counter[str] = msgspec.field(default_factory=Counter)
    tiers: Counter[str] = msgspec.field(default_factory=Counter)
    abstentions: Counter[str] = msgspec.field(default_factory=Counter)
    #: The concepts that records are linked to.
    linked: set[str] = msgspec.field(default_factory=set)
    #: URL -> hash of the record that was fetched from there.
    fetched: dict[str, str] = msgspec.field(default_factory=dict)

    def add(self, other: "Totals") -> None:
        """Adds what was counted elsewhere."""
        self.records += other.records
        self.opened += other.opened
        for mine, others in (
            (self.severities, other.severities),
            (self.tiers, other.tiers),
            (self.abstentions, other.abstentions),
        ):
            mine.update(others)
        self.linked |= other.linked
        self.fetched |= other.fetched


def encode_findings(findings: Iterable[Finding], totals: Totals) -> bytes:
    """The findings as lines of JSON, counted."""
    lines = []
    for finding in findings:
        totals.severities[finding.severity] += 1
        lines.append(msgspec.json.encode(finding) + b"\n")
    return b"".join(lines)


def write_piece(path: Path, blocks: Iterable[Packed], totals: Totals) -> None:
    """Leaves a piece at the path, whole or not at all."""
    body = encode_blocks(blocks)
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        head = msgspec.msgpack.encode(_Head(zlib.crc32(body), totals), order="sorted")
        beside.write_bytes(len(head).to_bytes(8, "big") + head + body)
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)


class _Head(msgspec.Struct, array_like=True):
    """What stands before the blocks; the checksum is theirs."""

    checksum: int
    totals: Totals


def read_totals(path: Path) -> Totals:
    """What was counted in making the piece."""
    with path.open("rb") as stream:
        return _read_head(stream).totals


def _read_head(stream: IO[bytes]) -> _Head:
    head = stream.read(int.from_bytes(stream.read(8), "big"))
    return msgspec.msgpack.decode(head, type=_Head, dec_hook=lambda kind, value: kind(value))


def is_whole(path: Path) -> bool:
    """Whether there is a piece, and it is as it was written: a machine may have lost its power since."""
    try:
        with path.open("rb") as stream:
            return _read_head(stream).checksum == zlib.crc32(stream.read())
    except (FileNotFoundError, msgspec.DecodeError, OverflowError, MemoryError):
        return False
