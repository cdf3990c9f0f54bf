"""Each value of a record: where it is in the graph, in the model, and in the record.

A part's IRI is made of the record's order, so that the way back needs no table: it is the way there, walked once more.
"""

from collections.abc import Iterator
from typing import Any, cast

import msgspec

from kg import iris, model
from kg.readers.format import Notes

__all__ = ["Spot", "find_spots"]


class Spot(msgspec.Struct, frozen=True):
    """One value of a record: where it is in the graph, in the model, and in the record."""

    focus: str
    path: str
    value: str
    field: str
    place: str
    #: The struct of the model that the value is, if it is a part.
    part: str = ""


def find_spots(trial: model.Trial, notes: Notes) -> Iterator[Spot]:
    """Every value that the record states, in the model's order, as `kg.mapping` writes it."""
    study = iris.study(trial.nct_id)
    for spot in _Walk(iris.part_base(trial.nct_id), notes, trial.arm_parts).spots(trial, study):
        yield spot
        if spot.focus == study and spot.field in ("Trial.brief_title", "Trial.phases"):
            # What `kg.mapping` makes of the two beside their own properties.
            path = "rdfs:label" if spot.field == "Trial.brief_title" else "tg:phaseLabel"
            yield msgspec.structs.replace(spot, path=path, value="")


class _Walk(msgspec.Struct, frozen=True):
    """Goes through one trial; `base` is what the IRIs of its parts begin with."""

    base: str
    notes: Notes
    arms: dict[str, str]

    def spots(self, part: msgspec.Struct, focus: str) -> Iterator[Spot]:
        """What a part holds, itself named `focus`."""
        for field in model.describe(type(part)):
            held = getattr(part, field.name)
            places = self.notes.of(part, field.name)
            name = f"{type(part).__name__}.{field.name}"
            for index, value in enumerate(held if field.many else () if held is None else (held,)):
                place = places[index] if index < len(places) else ""
                said = Spot(focus, field.property.curie, "", name, place)
                if isinstance(field.property, model.Parts | model.Shared):
                    node = self.node(said.focus, field, index, value)
                    yield msgspec.structs.replace(said, value=node, part=type(value).__name__)
                    yield from self.spots(value, node)
                elif isinstance(field.property, model.Refers):
                    arm = self.arms.get(value)
                    yield msgspec.structs.replace(said, value=f"{self.base}{arm}" if arm else value)
                else:
                    yield from _values(field, said, value)

    def node(self, focus: str, field: model.Field, index: int, value: Any) -> str:
        """The IRI of a part, or of an organization."""
        if isinstance(field.property, model.Shared):
            return iris.organization(value.name)
        inside = focus.removeprefix(self.base) + "-" if focus.startswith(self.base) else ""
        name = cast("model.Parts", field.property).name
        return f"{self.base}{inside}{name}-{index + 1}" if field.many else f"{self.base}{inside}{name}"


def _values(field: model.Field, said: Spot, value: Any) -> Iterator[Spot]:
    """What one value is in the graph: some are said by several properties."""
    texts: dict[str, str]
    match field.property:
        case model.Silent():
            texts = {}
        case model.Code(scheme=scheme):
            texts = {"": iris.code(scheme, value)}
        case model.Dates() | model.Day():
            texts = dict(zip(model.DATE_SUFFIXES, _date_texts(value), strict=True))
        case model.Ages():
            ages = value.stated, str(value.value), value.unit, str(value.years)
            texts = dict(zip(model.AGE_SUFFIXES, ages, strict=True))
        case _:
            texts = {"": str(value)}
    for suffix, text in texts.items():
        yield msgspec.structs.replace(said, path=said.path + suffix, value=text)


def _date_texts(value: model.PartialDate) -> tuple[str, str, str, str]:
    kind = iris.code("dateType", value.kind) if value.kind else ""
    return value.first.isoformat(), value.last.isoformat(), value.stated, kind
