"""The records that a graph has already: told by the hash of their bytes, before anything is read in them."""

from collections.abc import Iterable
from hashlib import sha256
from pathlib import Path

from kg.layers import Entry, Packed
from kg.readers import Raw

__all__ = ["Known", "find_known", "is_same", "read_known", "same", "write_known"]

#: Bytes of a hash that are kept, and of a trial's number.
_HASH, _NUMBER = 16, 4
_PREFIX = "NCT"

#: Start of a record's hash -> number of its trial.
Known = dict[bytes, bytes]


def write_known(path: Path, entries: Iterable[Entry]) -> None:
    """Leaves at the path what is known of records whose triples a graph holds."""
    with path.open("wb") as file:
        for entry in entries:
            if entry.sizes and not entry.source.startswith(("https://", "http://")):
                number = int(entry.key.removeprefix(_PREFIX)).to_bytes(_NUMBER, "big")
                file.write(bytes.fromhex(entry.rank[3])[:_HASH] + number)


def read_known(path: Path) -> Known:
    """What `write_known` left."""
    data, step = path.read_bytes(), _HASH + _NUMBER
    return {data[at : at + _HASH]: data[at + _HASH : at + step] for at in range(0, len(data), step)}


def find_known(known: Known, record: Raw) -> tuple[str, str]:
    """(number, hash) of a record whose triples the graph holds; empty, if it does not, or they may say something else.

    What had to be mended in reading is told in findings, which are not of these bytes alone.
    """
    if record.transcoded or record.name.startswith(("https://", "http://")):
        return "", ""
    digest = sha256(record.data)
    number = known.get(digest.digest()[:_HASH])
    return (f"{_PREFIX}{int.from_bytes(number, 'big'):08}", digest.hexdigest()) if number is not None else ("", "")


def same(known: tuple[str, str], source: str) -> Packed:
    """Stands in a piece for a record that is in the graph already, and was found again in `source`."""
    number, digest = known
    return Packed(Entry(number, ("", "", 0, digest), source))


def is_same(block: Packed) -> bool:
    """Whether it stands for a record that is in the graph already."""
    return bool(block.entry.key and not block.entry.note)
