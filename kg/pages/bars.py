"""Counts as bars: a picture with names and amounts, and the numbers themselves for a table beside it."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

__all__ = ["Bar", "Bars", "make_bars"]

#: Measures of the picture: its width, the room for names and for amounts, the height of a row.
_WIDTH, _NAMES, _AMOUNTS, _ROW = 440, 184, 60, 26


class Bar(NamedTuple):
    """One row: what is counted, how much, where it stands and how long it is."""

    name: str
    amount: int
    y: int
    length: float


class Bars(NamedTuple):
    """The picture; `left` is where bars begin."""

    width: int
    height: int
    left: int
    track: int
    rows: Sequence[Bar]
    total: int


def make_bars(counts: Mapping[str, int], order: Sequence[str] = ()) -> Bars | None:
    """The picture of counts, in the order given, then by amount; None if nothing was counted.

    >>> [(bar.name, bar.length) for bar in make_bars({"b": 1, "a": 2}, ["a"]).rows]
    [('a', 196.0), ('b', 98.0)]
    """
    if not counts:
        return None
    place = {name: number for number, name in enumerate(order)}
    names = sorted(counts, key=lambda name: (place.get(name, len(place)), -counts[name], name))
    track, most = _WIDTH - _NAMES - _AMOUNTS, max(counts.values()) or 1
    rows = [
        Bar(name, counts[name], number * _ROW, round(counts[name] / most * track, 1))
        for number, name in enumerate(names)
    ]
    return Bars(_WIDTH, len(rows) * _ROW, _NAMES, track, rows, sum(counts.values()))
