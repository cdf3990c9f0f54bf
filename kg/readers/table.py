"""A table per format joins places of the source record with fields of the model; this module reads by it.

From the same table come the values, the coverage of the format and the way back from a field to its place in the
record. What a value cannot mean is a finding, and the field stays empty; the rest of the record is read on.
"""

import re
from collections.abc import Callable, Iterable
from decimal import Decimal, InvalidOperation
from functools import cache, partial
from hashlib import sha256
from itertools import islice
from typing import Any

import msgspec

from kg import iris, model
from kg.readers.dates import parse_date
from kg.readers.format import Format, Place, Reading, Rule, Tree
from kg.readers.texts import MAX_TEXT, find_oddities, is_web_address
from kg.vocab import CODES, find_code

__all__ = ["read_trial"]


_FieldReader = Callable[[Any, Place, Reading], Any]
_Finder = Callable[[Any, Reading], Iterable[Any]]
#: The readers of a struct's fields, by name.
_Readers = list[tuple[str, _FieldReader]]


def _read(readers: _Readers, node: Any, at: Place, reading: Reading) -> dict[str, Any]:
    """The fields that the record states, by name; those it does not state are left out."""
    values, fields, notes = {}, dict[str, list[str]](), reading.notes
    for name, read_field in readers:
        value = read_field(node, at, reading)
        if value is not None and value != ():
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
    values = _read(_readers(reading.format, model.Trial), node, str, reading)
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
def _readers(source_format: Format, struct: type[msgspec.Struct]) -> _Readers:
    places = source_format.table[struct]
    unknown = places.keys() - set(struct.__struct_fields__)
    assert not unknown, f"{source_format.name}: {struct.__name__} has no fields {unknown}"  # noqa: S101 - our own table
    return [
        (field.name, _reader(source_format, struct, field, places[field.name]))
        for field in model.describe(struct)
        if field.name in places
    ]


def _reader(source_format: Format, struct: type[msgspec.Struct], field: model.Field, path: str | Rule) -> _FieldReader:
    where = partial(source_format.tree.place, path=path if isinstance(path, str) else None)
    read = _many if field.many else _one
    name = f"{struct.__name__}.{field.name}"
    return read(_finder(source_format.tree, path), where, _converter(source_format, field), name)


def _many(find: _Finder, where: Callable[..., str], convert: "_Converter", name: str) -> _FieldReader:
    def read(node: Any, at: Place, reading: Reading) -> tuple[Any, ...]:
        values, places = [], []
        for index, raw in enumerate(find(node, reading)):
            here = partial(where, node, at, index=index, raw=raw)
            value = convert(raw, reading, name, here)
            if value is not None:
                values.append(value)
                places.append(here)
        if reading.notes is not None:
            reading.notes.found = [here() for here in places]
        return tuple(values)

    return read


def _one(find: _Finder, where: Callable[..., str], convert: "_Converter", name: str) -> _FieldReader:
    def read(node: Any, at: Place, reading: Reading) -> Any:
        value, first, text = None, None, reading.format.tree.text
        for index, raw in enumerate(islice(find(node, reading), 2)):
            here = partial(where, node, at, index=index, raw=raw)
            if index:
                if text(raw) != text(first):
                    reading.flag("said-twice", "one value belongs here: the first is read", field=name, place=here())
                break
            first = raw
            value = convert(raw, reading, name, here)
            if reading.notes is not None:
                reading.notes.found = [here()]
        return value

    return read


def _finder(tree: Tree, path: str | Rule) -> _Finder:
    if not isinstance(path, str):
        # A rule says what counts; where one value belongs, its first.
        return path
    find = tree.finder(path)
    return lambda node, _reading: find(node)


#: (what was found, reading, field's name, its place when asked for) -> value, or None with a finding.
_Converter = Callable[[Any, Reading, str, Place], Any]


def _converter(source_format: Format, field: model.Field) -> _Converter:
    if isinstance(field.property, model.Code):
        return _code(source_format, field.property.scheme)
    if isinstance(field.property, model.Text | model.Name | model.String):
        return _words(source_format, numbers=not isinstance(field.property, model.String) or field.name in _OF_PERSONS)
    if isinstance(field.property, model.Url):
        return _url
    if issubclass(field.target, msgspec.Struct) and field.target not in _CONVERTERS:
        return _part(source_format, field.target)
    return _CONVERTERS[field.target]


def _text(raw: Any, reading: Reading, _name: str, _place: Place) -> str | None:
    return reading.format.tree.text(raw)


#: Strings in no language that are about persons; the others are identifiers, whose digits are no phone numbers.
_OF_PERSONS = frozenset({"affiliation", "title", "old_name_title", "old_organization"})


def _words(source_format: Format, *, numbers: bool) -> _Converter:
    find_text = source_format.tree.text

    def convert(raw: Any, reading: Reading, name: str, place: Place) -> str | None:
        text = find_text(raw)
        if text is None:
            if not isinstance(raw, dict | list):
                reading.flag(
                    "empty-value", "nothing but white space: left out", severity="info", field=name, place=place()
                )
            return None
        if len(text) > MAX_TEXT:
            message = f"more than {MAX_TEXT:,} characters in one field: left empty"
            reading.flag("too-long", message, field=name, place=place())
            return None
        for rule, severity, message in find_oddities(text, numbers=numbers):
            reading.flag(rule, message, severity=severity, field=name, place=place())
        return text

    return convert


def _url(raw: Any, reading: Reading, name: str, place: Place) -> str | None:
    text = reading.format.tree.text(raw)
    if text is not None and not is_web_address(text):
        message = "no web address (http, https or ftp, without blanks): kept as text"
        reading.flag("bad-url", message, field=name, place=place(), value=text)
    return text


def _code(source_format: Format, scheme: str) -> _Converter:
    find_text, codes = source_format.tree.text, CODES[scheme]

    def convert(raw: Any, reading: Reading, name: str, place: Place) -> str | None:
        text = find_text(raw)
        if text is None or text in codes:
            return text
        code = find_code(scheme, text)
        if code is None:
            reading.flag("unknown-code", f"no value of {scheme} that is known", field=name, place=place(), value=text)
        return code or text

    return convert


def _part(source_format: Format, target: type[msgspec.Struct]) -> _Converter:
    readers = _readers(source_format, target) if target in source_format.table else []
    required = tuple(f for f in target.__struct_fields__ if f not in _optional(target))

    def convert(raw: Any, reading: Reading, name: str, place: Place) -> Any:
        values = _read(readers, raw, place, reading)
        missing = [field for field in required if field not in values]
        if missing:
            message = f"{target.__name__} without {', '.join(missing)}"
            reading.flag("incomplete-part", message, field=name, place=place())
            return None
        part = target(**values)
        if reading.notes is not None:
            reading.notes.by_part[id(part)] = reading.notes.fields
        return part

    return convert


def _optional(target: type[msgspec.Struct]) -> frozenset[str]:
    return frozenset(f.name for f in msgspec.structs.fields(target) if not f.required)


#: A whole number that was written with a fraction: `6.0`.
_NO_FRACTION = re.compile(r"\.0+$")


def _integer(raw: Any, reading: Reading, name: str, place: Place) -> int | None:
    text = reading.format.tree.text(raw)
    if text is None:
        return None
    digits = _NO_FRACTION.sub("", text.replace(",", ""))
    if digits.isascii() and digits.isdigit() and len(digits) <= 18:  # noqa: PLR2004 - what an xsd:long holds
        return int(digits)
    reading.flag("bad-number", "no whole number", field=name, place=place(), value=text)
    return None


def _decimal(raw: Any, reading: Reading, name: str, place: Place) -> Decimal | None:
    text = reading.format.tree.text(raw)
    if text is None:
        return None
    try:
        value = Decimal(text)
    except InvalidOperation:
        value = Decimal("NaN")
    if value.is_finite() and abs(value.adjusted()) <= _MAX_EXPONENT:
        return value
    reading.flag("bad-number", "no number", field=name, place=place(), value=text)
    return None


#: Numbers beyond this power of ten are typing errors, and would be written with as many digits.
_MAX_EXPONENT = 30

_TRUTH = {
    "true": True, "yes": True, "y": True, "accepts healthy volunteers": True,
    "false": False, "no": False, "n": False,
}  # fmt: skip


def _boolean(raw: Any, reading: Reading, name: str, place: Place) -> bool | None:
    text = reading.format.tree.text(raw)
    if text is None:
        return None
    if text.lower() not in _TRUTH:
        reading.flag("bad-boolean", "neither yes nor no", field=name, place=place(), value=text)
    return _TRUTH.get(text.lower())


def _date(raw: Any, reading: Reading, name: str, place: Place) -> model.PartialDate | None:
    text, kind = reading.format.tree.stated_date(raw)
    if text is None:
        return None
    code = find_code("dateType", kind) if kind else None
    if kind and code is None:
        # Of a date struct the place is that of its date; the kind stands beside.
        beside = re.sub(r"/date$", "/type", place())
        reading.flag("unknown-code", "no value of dateType that is known", field=name, place=beside, value=kind)
    value = parse_date(text, code)
    if value is None:
        reading.flag("bad-date", "no date that exists", field=name, place=place(), value=text)
    return value


def _age(raw: Any, reading: Reading, name: str, place: Place) -> model.Age | None:
    text = reading.format.tree.text(raw)
    if text is None or text.upper() in {"N/A", "NONE"}:
        return None
    age = model.Age.parse(text)
    if age is None:
        reading.flag("bad-age", "no age", field=name, place=place(), value=text)
    return age


_CONVERTERS: dict[type, _Converter] = {
    str: _text,
    int: _integer,
    bool: _boolean,
    Decimal: _decimal,
    model.PartialDate: _date,
    model.Age: _age,
}
