"""Faults of the document: broken JSON or XML, bytes that are no UTF-8, what is said twice, what nobody knows."""

import re
from random import Random

from tests.faults.planting import Plant, Sow, Spot, choose, has, kind
from tests.faults.sources import JsonSource, Source, XmlSource

__all__ = ["DOCUMENT"]

_P, _X = "/protocolSection", "/clinical_study"
_ANY = has()


def _cut(source: Source, at: int, end: int, new: bytes = b"") -> Plant:
    """Other bytes in a stretch; a finding points to the line of it."""
    line = source.data.count(b"\n", 0, at) + 1
    return Plant(source.data[:at] + new + source.data[end:], (Spot(f"line {line}", line),))


def _no_colon(source: Source, rng: Random) -> Plant | None:
    """A member without the colon behind its name, its value on the same line."""
    found = list(re.finditer(rb'\n *"[A-Za-z]+"(:) ?"', source.data))
    if not found:
        return None
    colon = rng.choice(found)
    return _cut(source, colon.start(1), colon.end(1))


def _other_end(source: Source, rng: Random) -> Plant | None:
    """An element that is closed by another name."""
    found = list(re.finditer(rb"</(\w+)>\r?\n", source.data))
    tag = rng.choice(found[: len(found) - 1])
    return _cut(source, tag.start(1), tag.end(1), b"other_end")


def _no_utf8(pattern: str) -> Sow:
    """A byte of Latin-1 in a text."""

    def sow(source: Source, rng: Random) -> Plant | None:
        place = choose(source, rng, pattern, _ANY)
        if place is None:
            return None
        at = source.offset(place)
        return _cut(source, at, at, b"\xe9t\xe9 ")

    return sow


def _json_twice(source: Source, rng: Random) -> Plant | None:
    """One more overall status before the one that counts."""
    assert isinstance(source, JsonSource)
    module = choose(source, rng, f"{_P}/statusModule", _ANY)
    if module is None or not source.find(f"{module}/overallStatus"):
        return None
    data = source.insert(module, '"overallStatus": "SUSPENDED"')
    field, place = "Trial.overall_status", f"{module}/overallStatus"
    lines = {source.line(module), source.line(place)}
    return Plant(data, tuple(Spot(place, line, field) for line in sorted(lines)))


def _xml_twice(source: Source, rng: Random) -> Plant | None:
    """Another overall status before the first."""
    assert isinstance(source, XmlSource)
    place = choose(source, rng, f"{_X}/overall_status", _ANY)
    if place is None:
        return None
    at = source.spans[place].name
    other = b"Recruiting" if source.text(place) == "Suspended" else b"Suspended"
    data = source.data[:at] + b"<overall_status>" + other + b"</overall_status>" + source.data[at:]
    line, field = source.line(place), "Trial.overall_status"
    return Plant(data, tuple(Spot(f"{place}[{n}]", line, field) for n in (1, 2)))


def _json_unknown(source: Source, rng: Random) -> Plant | None:
    """A field of no registry."""
    assert isinstance(source, JsonSource)
    module = choose(source, rng, f"{_P}/designModule", _ANY)
    if module is None:
        return None
    spot = Spot(f"{module}/colour", source.line(module), "")
    return Plant(source.insert(module, '"colour": "blue"'), (spot,))


DOCUMENT = (
    kind("broken in the middle", "broken-json broken-xml", _no_colon, _other_end),
    kind(
        "bytes that are no UTF-8",
        "broken-json broken-xml *encoding*",
        _no_utf8(f"{_P}/identificationModule/briefTitle"),
        _no_utf8(f"{_X}/brief_title"),
    ),
    kind("said twice", "said-twice", _json_twice, _xml_twice),
    kind("field that nobody knows", "unknown-field", _json_unknown),
)
