"""How a field of the model becomes triples: the annotations, and what they say of a field."""

from types import NoneType
from typing import Any, ClassVar, get_args, get_origin, get_type_hints

import msgspec

__all__ = [
    "AGE_SUFFIXES",
    "DATE_SUFFIXES",
    "Ages",
    "Code",
    "Dates",
    "Day",
    "Field",
    "Name",
    "Parts",
    "Property",
    "Refers",
    "Shared",
    "Silent",
    "String",
    "Text",
    "Typed",
    "Url",
    "describe",
]

#: What the properties of `Dates` and of `Ages` end in.
DATE_SUFFIXES = ("", "Latest", "AsStated", "Type")
AGE_SUFFIXES = ("", "Value", "Unit", "Years")


class Property(msgspec.Struct, frozen=True):
    """How a field is written: the property's CURIE, and the layer if it is not the registry's own word."""

    #: What the names of the properties end in that say one value together.
    suffixes: ClassVar[tuple[str, ...]] = ("",)
    curie: str
    layer: str = "registry"


class Text(Property, frozen=True):
    """Free text, written in the registry's English (`@en`)."""


class String(Property, frozen=True):
    """A string in no language: identifiers, names of persons and places."""


class Url(Property, frozen=True):
    """A web address, as stated: a literal of xsd:anyURI, since many are no IRIs."""


class Typed(Property, frozen=True):
    """A number, truth value or date: the datatype follows the field's type."""


class Code(Property, frozen=True, kw_only=True):
    """A concept of our code scheme `scheme`."""

    scheme: str


class Dates(Property, frozen=True):
    """A date that may lack its day: four properties.

    `<property>` is the first possible day, `<property>Latest` the last, `<property>AsStated` keeps the precision,
    `<property>Type` says actual or estimated.
    """

    suffixes = DATE_SUFFIXES


class Day(Property, frozen=True):
    """A date that registries keep by the day; written like `Dates` only where a record lacks the day after all."""

    suffixes = DATE_SUFFIXES


class Ages(Property, frozen=True):
    """An age limit: `<property>` as stated, `<property>Value`, `<property>Unit` (UCUM) and `<property>Years`."""

    suffixes = AGE_SUFFIXES


class Parts(Property, frozen=True, kw_only=True):
    """Parts of the study with IRIs of their own: `#<name>-1`, `#<name>-2` …; `#<name>` where there is just one."""

    name: str


class Shared(Property, frozen=True):
    """An organisation: one node for all trials that write its name alike."""


class Refers(Property, frozen=True):
    """Labels of arms or groups of the same study, written as their IRIs."""


class Name(Property, frozen=True):
    """A part's own label: the property is rdfs:label."""


class Silent(Property, frozen=True):
    """Not written; `curie` says why."""


class Field(msgspec.Struct, frozen=True):
    """What an annotation says of one field: `target` is the type of a value, `many` whether there is a tuple of it."""

    name: str
    property: Property
    target: type
    many: bool


def describe(struct: type[msgspec.Struct]) -> tuple[Field, ...]:
    """The fields of a part of the model, in order, each with its property and the type of its values."""
    hints = get_type_hints(struct, include_extras=True)
    return tuple(_field(name, hints[name]) for name in struct.__struct_fields__)


def _field(name: str, hint: Any) -> Field:
    value, prop = get_args(hint)
    if get_origin(value) is tuple:
        return Field(name, prop, get_args(value)[0], many=True)
    options = [option for option in get_args(value) or (value,) if option is not NoneType]
    return Field(name, prop, options[0], many=False)
