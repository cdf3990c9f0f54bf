"""The triples of one record, packed: a gzip member for each layer, so that layers are joined without unpacking."""

import zlib

import msgspec
from isal import isal_zlib

__all__ = ["Block", "Entry", "Packed", "Rank", "order", "pack", "pack_text", "unpack_text"]

#: Updated, processed, format, hash of the bytes: what decides between two records of a trial.
Rank = tuple[str, str, int, str]

#: zlib's fastest. isal takes a quarter of its time, but now and then a process of it packs otherwise (decisions/0018).
_LEVEL = 1
#: Window bits of zlib's interface that mean: with gzip's header, which names neither a file nor a time.
_GZIP = 31


class Block(msgspec.Struct, frozen=True):
    """The triples of one record. `rank` decides between records of one trial: the greatest wins."""

    key: str
    rank: Rank
    source: str
    texts: dict[str, str]


class Entry(msgspec.Struct, frozen=True, array_like=True):
    """What is kept of a record beside its triples.

    `sizes` are the bytes and lines that a layer holds of it: none, if another record of the trial is better. `findings`
    and `checked` (what shapes say of the triples) are a line of JSON each; `note` is whatever else the builder wants
    to know again.
    """

    key: str
    rank: Rank
    source: str
    sizes: dict[str, tuple[int, int]] = {}
    findings: bytes = b""
    note: bytes = b""
    checked: bytes = b""


class Packed(msgspec.Struct, frozen=True, array_like=True):
    """A record as runs hold it."""

    entry: Entry
    texts: dict[str, bytes] = {}


def pack_text(text: str) -> bytes:
    """A gzip member of a text; the same for the same text, whenever it is made."""
    return zlib.compress(text.encode(), _LEVEL, _GZIP)


def unpack_text(packed: bytes) -> str:
    """The text of a gzip member."""
    text: bytes = isal_zlib.decompress(packed, _GZIP)
    return text.decode()


def pack(block: Block, findings: bytes = b"", note: bytes = b"") -> Packed:
    """The block as runs hold it."""
    texts = {layer: pack_text(text) for layer, text in block.texts.items() if text}
    sizes = {layer: (len(packed), block.texts[layer].count("\n")) for layer, packed in texts.items()}
    return Packed(Entry(block.key, block.rank, block.source, sizes, findings, note), texts)


def order(packed: Packed) -> tuple[str, Rank, str, bytes]:
    """What runs are sorted by: the trial, then from the worst of its records to the best."""
    entry = packed.entry
    return entry.key, entry.rank, entry.source, entry.findings
