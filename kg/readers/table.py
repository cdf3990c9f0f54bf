"""A table per format joins places of the source record with fields of the model; this module reads by it.

From the same table come the values, the coverage of the format and the way back from a field to its place in the
record. What a value cannot mean is a finding, and the field stays empty; the rest of the record is read on.
"""

import re
from collections.abc import Callable, Sequence
from functools import cache, partial
from hashlib import sha256
from typing import Any, NamedTuple

import msgspec

from kg import iris, model
from kg.readers.format import Format, Place, Reading, Rule, Tree
from kg.readers.values import Meaning, Odd, find_meaning

__all__ = ["read_trial"]


#: (what was found, one value at least, node, where that stands, reading) -> the field's value, or None.
_FieldReader = Callable[[Sequence[Any], Any, Place, Reading], Any]


class _Field(NamedTuple):
    """How one field is read; `rule` where its values are found by code."""

    name: str
    rule: Rule | None
    read: _FieldReader


class _Plan(NamedTuple):
    """How a struct's fields are read: one look at a node finds what stands at the paths of all of them."""

    look: Callable[[Any], Sequence[Sequence[Any]]]
    fields: tuple[_Field, ...]


def _read(plan: _Plan, node: Any, at: Place, reading: Reading) -> dict[str, Any]:
    """The fields that the record states, by name; those it does not state are left out."""
    values: dict[str, Any] = {}
    fields: dict[str, list[str]] = {}
    notes = reading.notes
    for (name, rule, read), stated in zip(plan.fields, plan.look(node), strict=True):
        found = rule(node, reading) if rule else stated
        if not found:
            continue
        value = read(found, node, at, reading)
        if value is not None:
            values[name] = value
            if notes is not None:
                fields[name] = notes.found
    if notes is not None:
        notes.fields = fields
    return values


def read_trial(reading: Reading, node: Any, data: bytes) -> model.Trial | None:
    """The trial that a record states, `data` being its bytes; None, with a finding, where it names no study."""
    tree, path = reading.format.tree, _path_of_identifier(reading.format)
    # A damaged record may state several: what is checked here is what every IRI is made of.
    number = next(filter(None, map(tree.text, tree.find(node, path))), "").strip()
    if not iris.is_nct(number):
        message, place = "no NCT number: no study record", _nearest(tree, node, path)
        reading.flag("no-identifier", message, severity="violation", field="Trial.nct_id", place=place, value=number)
        return None
    reading.trial = number
    values = _read(_plan(reading.format, model.Trial), node, str, reading)
    stated_record = values.get("record") or model.Record()
    values["record"] = msgspec.structs.replace(
        stated_record, source_format=reading.format.name, sha256=sha256(data).hexdigest(), source=reading.source
    )
    trial = model.Trial(**values | {"nct_id": reading.trial})
    if reading.notes is not None:
        reading.notes.by_part[id(trial)] = reading.notes.fields
        reading.notes.by_part[id(trial.record)] = reading.notes.by_part.get(id(stated_record), {})
    _check_arms(trial, reading)
    return trial


_LAST_STEP = re.compile(r"(?:^|[./])[^./]+$")


def _nearest(tree: Tree, node: Any, path: str) -> str:
    """The place of what stands at `path`, or of what would hold it."""
    while path and not tree.find(node, path):
        path = _LAST_STEP.sub("", path)
    return tree.place(node, str, path, 0, found[0]) if (found := tree.find(node, path)) else ""


def _check_arms(trial: model.Trial, reading: Reading) -> None:
    """Tells of interventions that are given in an arm or group which the record does not have: no triple says so."""
    for number, intervention in enumerate(trial.interventions, 1):
        for label in intervention.arms:
            if label not in trial.arm_parts:
                message = f"intervention {number} is given in an arm or group that the record lacks"
                # Where the label stands is known to who asks for the way back from this node and property.
                reading.flag("unknown-arm", message, field="Intervention.arms", value=label)
                part = f"{iris.part_base(trial.nct_id)}intervention-{number}"
                reading.findings[-1] = msgspec.structs.replace(reading.findings[-1], focus=part, path="tg:arm")


def _path_of_identifier(source_format: Format) -> str:
    path = source_format.table[model.Trial]["nct_id"]
    assert isinstance(path, str)  # noqa: S101 - our own table
    return path


@cache
def _plan(source_format: Format, struct: type[msgspec.Struct]) -> _Plan:
    places = source_format.table.get(struct, {})
    unknown = places.keys() - set(struct.__struct_fields__)
    assert not unknown, f"{source_format.name}: {struct.__name__} has no fields {unknown}"  # noqa: S101 - our own table
    stated = [(field, places[field.name]) for field in model.describe(struct) if field.name in places]
    return _Plan(
        source_format.tree.looker([path if isinstance(path, str) else None for _, path in stated]),
        # A rule says what counts; where one value belongs, its first.
        tuple(
            _Field(field.name, None if isinstance(path, str) else path, _reader(source_format, struct, field, path))
            for field, path in stated
        ),
    )


def _reader(source_format: Format, struct: type[msgspec.Struct], field: model.Field, path: str | Rule) -> _FieldReader:
    where = partial(source_format.tree.place, path=path if isinstance(path, str) else None)
    name = f"{struct.__name__}.{field.name}"
    mean = find_meaning(source_format.tree, field)
    take = _leaf(mean, where, name) if mean else _part(source_format, field.target, where, name)
    return _many(take, where) if field.many else _one(take, where, name)


#: (what was found, the how manieth, node, where that stands, reading) -> value, or None where it has none.
_Take = Callable[[Any, int, Any, Place, Reading], Any]


def _many(take: _Take, where: Callable[..., str]) -> _FieldReader:
    def read(found: Sequence[Any], node: Any, at: Place, reading: Reading) -> tuple[Any, ...] | None:
        values, places = [], []
        for index, raw in enumerate(found):
            value = take(raw, index, node, at, reading)
            if value is not None:
                values.append(value)
                if reading.notes is not None:
                    places.append(where(node, at, index=index, raw=raw))
        if reading.notes is not None:
            reading.notes.found = places
        return tuple(values) or None

    return read


def _one(take: _Take, where: Callable[..., str], name: str) -> _FieldReader:
    def read(found: Sequence[Any], node: Any, at: Place, reading: Reading) -> Any:
        first = found[0]
        value = take(first, 0, node, at, reading)
        if reading.notes is not None:
            reading.notes.found = [where(node, at, index=0, raw=first)]
        if len(found) > 1:
            text, second = reading.format.tree.text, found[1]
            if text(first) != text(second):
                place = where(node, at, index=1, raw=second)
                reading.flag("said-twice", "one value belongs here: the first is read", field=name, place=place)
        return value

    return read


def _leaf(mean: Meaning, where: Callable[..., str], name: str) -> _Take:
    def take(raw: Any, index: int, node: Any, at: Place, reading: Reading) -> Any:
        value = mean(raw)
        # Where it stands is asked only now: of a thousand values less than one is odd.
        return _tell(value, where(node, at, index=index, raw=raw), name, reading) if type(value) is Odd else value

    return take


def _tell(odd: Odd, place: str, name: str, reading: Reading) -> Any:
    """The value, after what there is to say of it has become findings."""
    for remark in odd.remarks:
        # Of a date struct the place is that of its date; the kind stands beside.
        stands = re.sub(r"/date$", "/type", place) if remark.of_kind else place
        reading.flag(
            remark.rule, remark.message, severity=remark.severity, field=name, place=stands, value=remark.value
        )
    return odd.value


def _part(source_format: Format, target: type[msgspec.Struct], where: Callable[..., str], name: str) -> _Take:
    plan = _plan(source_format, target)
    required = [field.name for field in msgspec.structs.fields(target) if field.required]

    def take(raw: Any, index: int, node: Any, at: Place, reading: Reading) -> Any:
        values = _read(plan, raw, lambda: where(node, at, index=index, raw=raw), reading)
        for field in required:
            if field not in values:
                missing = ", ".join(field for field in required if field not in values)
                place = where(node, at, index=index, raw=raw)
                reading.flag("incomplete-part", f"{target.__name__} without {missing}", field=name, place=place)
                return None
        part = target(**values)
        if reading.notes is not None:
            reading.notes.by_part[id(part)] = reading.notes.fields
        return part

    return take
