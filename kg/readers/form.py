"""The form of an API v2 study: values of the types that the registry's schema names, no key twice, none unknown.

The schema becomes a type that the JSON decoder checks at its own speed; only where it refuses is the study walked.
"""

import re
from collections import Counter
from functools import cache
from types import GenericAlias
from typing import Any

import msgspec

from kg import assets
from kg.readers.coverage import read_coverage
from kg.readers.format import Reading
from kg.readers.lines import walk_json

__all__ = ["check_form"]

#: What the schema's types are in JSON; a number may stand in quotes, which its reader looks at, as at other text.
_TYPES: dict[str, Any] = {"boolean": bool, "integer": float | str, "number": float | str, "object": Any}
_WORDS: dict[Any, str] = {dict: "an object", list: "a list", str: "text", bool: "true or false", int: "a number"}
_WORDS |= {float: "a number", float | str: "a number"}
_KEY = b'":'


class _Node(msgspec.Struct, eq=False):
    """What the schema has at one place: the type of a leaf, or the keys of an object; once, or in a list."""

    many: bool = False
    type: Any = None
    keys: dict[str, "_Node"] = msgspec.field(default_factory=dict)

    @property
    def expected(self) -> Any:
        """The type of one value here, as JSON has it."""
        return dict if self.keys else self.type


@cache
def _schema() -> _Node:
    text = (assets.folder("ontologies") / "registry-fields.tsv").read_text(encoding="utf-8")
    root = _Node()
    for line in text.splitlines():
        path, _, rest = line.partition("\t")
        if line.startswith("#") or path == "path":
            continue
        node = root
        for key in path.split("."):
            node = node.keys.setdefault(key.removesuffix("[]"), _Node(many=key.endswith("[]")))
        node.type = _TYPES.get(rest.partition("\t")[0], str)
    return root


@cache
def _as_type(node: _Node) -> Any:
    kind: Any = node.type
    if node.keys:
        # Keys such as `class` are no names in Python.
        names = {f"_{number}": key for number, key in enumerate(node.keys)}
        fields = [
            (name, _as_type(node.keys[key]) | msgspec.UnsetType | None, msgspec.UNSET) for name, key in names.items()
        ]
        kind = msgspec.defstruct("Form", fields, rename=names, forbid_unknown_fields=True, gc=False)
    return GenericAlias(list, kind) if node.many else kind


@cache
def _decoder() -> msgspec.json.Decoder[Any]:
    return msgspec.json.Decoder(_as_type(_schema()))


@cache
def _fields() -> dict[str, str]:
    """Path in the schema -> the model's field."""
    return {covered.path: covered.field for covered in read_coverage()}


def check_form(data: bytes, reading: Reading) -> None:
    """Tells of values of another type than the schema's, of keys that it lacks, and of keys that are said twice.

    The reader takes what it can of them: a number in quotes, one item for a list, the last of two values.
    """
    try:
        study = _decoder().decode(data)
    except msgspec.ValidationError:
        study = msgspec.json.decode(data)
        _check(_schema(), study, "", "", reading)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return
    # Written anew a key stands once. Blanks before colons make a difference, too: then the walk finds nothing.
    if data.count(_KEY) != msgspec.json.encode(study).count(_KEY):
        counts = Counter(pointer for pointer, _ in walk_json(data))
        for pointer, count in counts.items():
            if count > 1 and counts[pointer.rpartition("/")[0]] == 1:
                path = re.sub(r"/\d+(?=/|$)", "", pointer).strip("/").replace("/", ".")
                message = f"a key that is said {count} times: the last is read"
                reading.flag("said-twice", message, field=_fields().get(path, ""), place=pointer)


def _check(node: _Node, value: Any, place: str, path: str, reading: Reading) -> None:
    items = list(enumerate(value)) if node.many and isinstance(value, list) else None
    if items is not None:
        for index, item in items:
            _check_one(node, item, f"{place}/{index}", path, reading)
    elif node.many and value is not None:
        _wrong(list, value, place, path, reading)
    else:
        _check_one(node, value, place, path, reading)


def _check_one(node: _Node, value: Any, place: str, path: str, reading: Reading) -> None:
    if value is None or node.expected is Any:
        return
    if not _is(value, node.expected):
        _wrong(node.expected, value, place, path, reading)
    elif node.keys:
        for key, inside in value.items():
            step = f"{place}/{key.replace('~', '~0').replace('/', '~1')}"
            if key not in node.keys:
                message = "no field of the registry's schema: not read"
                reading.flag("unknown-field", message, severity="info", place=step)
            elif not _fits(node.keys[key], inside):
                _check(node.keys[key], inside, step, f"{path}.{key}" if path else key, reading)


def _fits(node: _Node, value: Any) -> bool:
    """Whether nothing is wrong in a whole branch, told at the decoder's speed: only faults are walked to."""
    try:
        msgspec.convert(value, _as_type(node))
    except (msgspec.ValidationError, RecursionError):
        return value is None
    return True


def _is(value: Any, expected: Any) -> bool:
    if isinstance(value, bool):
        return expected is bool
    return isinstance(value, int | expected if expected == float | str else expected)


def _wrong(expected: Any, value: Any, place: str, path: str, reading: Reading) -> None:
    message = f"{_WORDS[type(value)]} where the registry has {_WORDS[expected]}"
    shown = "" if isinstance(value, dict | list) else str(value)
    reading.flag("wrong-type", message, field=_fields().get(path, ""), place=place, value=shown)
