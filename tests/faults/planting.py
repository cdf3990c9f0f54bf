"""What a planted fault is: the bytes with it, and where a finding must point."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from random import Random

from tests.faults.sources import Source

__all__ = [
    "Kind",
    "Plant",
    "Sow",
    "Spot",
    "changed",
    "choose",
    "dropped",
    "emptied",
    "has",
    "kind",
    "later",
    "without",
]


@dataclass(frozen=True)
class Spot:
    """Where a finding must point. Without `values` none is asked for, as where text is not repeated.

    `field` is the model's; empty where the fault is in no field of the model, `*` where it is in one of them.
    """

    place: str
    line: int
    field: str = ""
    values: tuple[str, ...] = ()


@dataclass(frozen=True)
class Plant:
    """A record with one fault; `spots` are several where two values contradict each other."""

    data: bytes
    spots: tuple[Spot, ...]


#: Plants a fault in a record; None where the record has no place for it.
Sow = Callable[[Source, Random], Plant | None]
#: Whether a place will do.
Where = Callable[[Source, str], bool]
#: What is planted: a value, or what makes one of the record and the place.
New = str | float | None | Callable[[Source, str], str]


@dataclass(frozen=True)
class Kind:
    """A kind of fault: the rules that may tell of it (with `*`), and how it is planted in each format."""

    name: str
    rules: tuple[str, ...]
    sow: Mapping[str, Sow]


def kind(name: str, rules: str, json: Sow | None = None, xml: Sow | None = None, page: Sow | None = None) -> Kind:
    """A kind of fault, with the formats that have a place for it; several rules with blanks between."""
    formats = {"api-v2": json, "xml": xml, "page": page}
    return Kind(name, tuple(rules.split()), {name: sow for name, sow in formats.items() if sow})


def anywhere(_source: Source, _place: str) -> bool:
    """Every place will do."""
    return True


def has(*patterns: str) -> Where:
    """Whether the record has all of these."""
    return lambda source, _place: all(source.find(pattern) for pattern in patterns)


def choose(source: Source, rng: Random, pattern: str, when: Where) -> str | None:
    """One of the places that fit; None if there is none."""
    places = [place for place in source.find(pattern) if when(source, place)]
    return rng.choice(places) if places else None


def changed(pattern: str, new: New, *fields: str, values: tuple[str, ...] | None = None, when: Where = anywhere) -> Sow:
    """Another value in one of the places that fit; a finding gives back what was planted, or one of `values`."""

    def sow(source: Source, rng: Random) -> Plant | None:
        place = choose(source, rng, pattern, when)
        if place is None:
            return None
        planted = new(source, place) if callable(new) else new
        expected = (str(planted),) if values is None else values
        spots = tuple(Spot(place, source.line(place), field, expected) for field in fields)
        return Plant(source.replace(place, planted), spots)

    return sow


def dropped(pattern: str, field: str, *, when: Where = anywhere) -> Sow:
    """One of the places that fit is gone; a finding points to the nearest that held it and is still there."""

    def sow(source: Source, rng: Random) -> Plant | None:
        place = choose(source, rng, pattern, when)
        if place is None:
            return None
        holder = source.holder(place)
        return Plant(source.remove(place), (Spot(holder, source.line(holder), field),))

    return sow


def emptied(pattern: str, *fields: str, new: str | None = "") -> Sow:
    """Nothing in one of the places that fit; a finding points there, or to what holds it."""

    def sow(source: Source, rng: Random) -> Plant | None:
        place = choose(source, rng, pattern, anywhere)
        if place is None:
            return None
        places = (place, source.holder(place))
        return Plant(
            source.replace(place, new), tuple(Spot(p, source.line(p), field) for p in places for field in fields)
        )

    return sow


def without(pattern: str, *fields: str) -> Sow:
    """A part lacks what makes it one; a finding points to the part, whose field is one of `fields`."""

    def sow(source: Source, rng: Random) -> Plant | None:
        place = choose(source, rng, pattern, anywhere)
        if place is None:
            return None
        part = place.rpartition("/")[0]
        return Plant(source.remove(place), tuple(Spot(part, source.line(part), field) for field in fields))

    return sow


def later(pattern: str, form: str) -> Callable[[Source, str], str]:
    """A day of the second year after the one that is stated where the pattern fits first."""

    def make(source: Source, _place: str) -> str:
        stated = source.text(source.find(pattern)[0])
        return form.format(int(re.findall(r"\d{4}", stated)[0]) + 2)

    return make
