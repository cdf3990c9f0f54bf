"""How many different things there are of each kind, in memory that does not grow: what is too much goes to disk."""

import heapq
from array import array
from collections.abc import Iterable, Iterator
from itertools import groupby
from tempfile import TemporaryFile
from typing import IO, NamedTuple

__all__ = ["Distinct"]

#: Hashes held before they are written out: about 30 MB.
_MOST_HELD = 300_000
#: Hashes of a run that are read at once.
_READ = 8192
_BYTES = 8


#: What texts are counted as: the dataset, then whatever tells its counts apart.
Kind = tuple[str, ...]


class _Run(NamedTuple):
    """A sorted run of hashes in the file."""

    start: int
    length: int


class Distinct:
    """Counts different texts by kind.

    They are told apart by 64 bits of hash: with a thousand million of them, one is lost in 3 of 100 counts.
    """

    def __init__(self) -> None:
        self._held: dict[Kind, set[int]] = {}
        self._room = _MOST_HELD
        self._runs: dict[Kind, list[_Run]] = {}
        self._file: IO[bytes] = TemporaryFile()  # noqa: SIM115 - closed by close()
        self._end = 0

    def close(self) -> None:
        """Gives up what is on disk."""
        self._file.close()

    def add(self, kind: Kind, texts: Iterable[str]) -> None:
        """Notes texts of a kind."""
        held = self._held.setdefault(kind, set())
        before = len(held)
        held.update(map(hash, texts))
        self._room -= len(held) - before
        if self._room <= 0:
            self._write()

    def _write(self) -> None:
        self._file.seek(self._end)
        for kind, hashes in self._held.items():
            self._file.write(array("q", sorted(hashes)).tobytes())
            self._runs.setdefault(kind, []).append(_Run(self._end, len(hashes)))
            self._end += len(hashes) * _BYTES
        self._held, self._room = {}, _MOST_HELD

    def kinds(self) -> set[Kind]:
        """What texts were noted of."""
        return {*self._held, *self._runs}

    def count(self, *kinds: Kind) -> int:
        """How many different texts there are of these kinds together."""
        streams = [self._read(run) for kind in kinds for run in self._runs.get(kind, ())]
        held: set[int] = set().union(*(self._held.get(kind, ()) for kind in kinds))
        if not streams:
            return len(held)
        return sum(1 for _ in groupby(heapq.merge(*streams, sorted(held))))

    def _read(self, run: _Run) -> Iterator[int]:
        for done in range(0, run.length, _READ):
            self._file.seek(run.start + done * _BYTES)
            numbers = array("q")
            numbers.frombytes(self._file.read(min(_READ, run.length - done) * _BYTES))
            yield from numbers
