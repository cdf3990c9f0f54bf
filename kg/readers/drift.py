"""The registry's own description of its fields, as it stands today, against the list that we map.

Three documents of API v2 are read: its OpenAPI description (https://clinicaltrials.gov/data-api/api, YAML or JSON), the
answer of `/studies/metadata`, which names the types of enums but not their values, and that of `/studies/enums`, which
has them.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import Any

import msgspec

from kg.errors import SourceError
from kg.finding import Finding
from kg.readers.coverage import RegistryField, read_coverage

__all__ = ["Description", "find_drift", "read_descriptions"]

_EXPECTED = "the OpenAPI description of API v2, or the JSON of /studies/metadata or /studies/enums"
#: Leaves of `/studies/metadata` that hold values of their own -> these.
_INNER = {"GeoPoint": ("lat", "lon")}
#: Types that mean the same in each of the documents; others are the registry's own.
_TYPES = frozenset({"boolean", "date", "enum", "integer", "number", "string"})
#: A description that refers to itself ends here; the registry's fields are eight deep.
_MAX_DEPTH = 40
#: The registry has 345: more are one schema that refers to others over and over.
_MAX_FIELDS = 20_000


class Description(msgspec.Struct, frozen=True):
    """Fields as the registry describes them; `has_values` says whether the values of enums are told."""

    fields: tuple[RegistryField, ...]
    has_values: bool
    source: str


def read_descriptions(files: Iterable[Path]) -> Description:
    """What the files say together: a file of enums completes one of fields.

    Raises:
        SourceError: if a file cannot be read, is no such document, or none of them tells the fields.
    """
    fields: list[RegistryField] = []
    enums: dict[str, tuple[str, ...]] = {}
    sources: list[str] = []
    for file in files:
        document = _load(file)
        sources.append(str(file))
        if isinstance(document, dict):
            fields += _openapi_fields(document, file)
        elif _is_enums(document):
            enums |= {kind["type"]: tuple(str(one["value"]) for one in kind["values"]) for kind in document}
        else:
            fields += _metadata_fields(document, "", file)
    if not fields:
        raise SourceError(" ".join(sources), "no field is described", expected=_EXPECTED)
    told = [
        msgspec.structs.replace(field, type="enum", values=enums[field.type]) if field.type in enums else field
        for field in fields
    ]
    return Description(tuple(told), any(field.values for field in told), " ".join(sources))


def _load(file: Path) -> Any:
    import yaml

    try:
        data = file.read_bytes()
        text = data.decode("utf-8-sig")
        document = json.loads(text) if text.lstrip()[:1] in ("{", "[") else _load_yaml(text)
    except OSError as error:
        raise SourceError(str(file), f"the file cannot be read ({error.strerror or error})") from error
    except (ValueError, RecursionError, yaml.YAMLError) as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise SourceError(str(file), f"neither JSON nor YAML: {reason}", expected=_EXPECTED) from error
    if not isinstance(document, dict | list) or not document:
        raise SourceError(str(file), "no description of fields", got=text[:60], expected=_EXPECTED)
    return document


def _load_yaml(text: str) -> Any:
    import yaml

    # The description has 5,000 lines: libyaml reads it ten times as fast, where PyYAML was built with it.
    return yaml.load(text, getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506 - both are safe


def _is_enums(document: list[Any]) -> bool:
    return all(
        isinstance(kind, dict)
        and isinstance(kind.get("type"), str)
        and isinstance(kind.get("values"), list)
        and all(isinstance(one, dict) and "value" in one for one in kind["values"])
        for kind in document
    )


def _openapi_fields(document: dict[str, Any], file: Path) -> list[RegistryField]:
    components = document.get("components")
    schemas = components.get("schemas") if isinstance(components, dict) else None
    if not isinstance(schemas, dict) or "Study" not in schemas:
        raise SourceError(str(file), "no schema of a study", got=" ".join(map(str, document))[:60], expected=_EXPECTED)
    try:
        fields = list(islice(_leaves(schemas, schemas["Study"], "", 0), _MAX_FIELDS + 1))
    except (KeyError, TypeError, AttributeError, RecursionError) as error:
        raise SourceError(str(file), f"its schema of a study is broken: {error}", expected=_EXPECTED) from error
    if len(fields) > _MAX_FIELDS:
        raise SourceError(str(file), f"a study of more than {_MAX_FIELDS:,} fields", expected=_EXPECTED)
    return fields


def _leaves(schemas: Mapping[str, Any], schema: Any, path: str, depth: int) -> Iterator[RegistryField]:
    if depth > _MAX_DEPTH:
        raise RecursionError(f"{path[:60]} is nested without end")
    if "$ref" in schema:
        yield from _leaves(schemas, schemas[schema["$ref"].rpartition("/")[2]], path, depth + 1)
    elif "properties" in schema:
        for name, inner in schema["properties"].items():
            yield from _leaves(schemas, inner, f"{path}.{name}".removeprefix("."), depth + 1)
    elif schema.get("type") == "array":
        yield from _leaves(schemas, schema["items"], path, depth + 1)
    elif "enum" in schema:
        yield RegistryField(path, "enum", tuple(map(str, schema["enum"])))
    else:
        yield RegistryField(path, "date" if schema.get("format") == "date" else str(schema.get("type", "")), ())


def _metadata_fields(nodes: Any, path: str, file: Path) -> Iterator[RegistryField]:
    for node in nodes if isinstance(nodes, list) else [None]:
        if not isinstance(node, dict) or not isinstance(node.get("name"), str):
            raise SourceError(str(file), "no description of fields", got=str(node)[:60], expected=_EXPECTED)
        if node.get("historicOnly") or node.get("indexedOnly"):
            continue  # in no record of today
        inside = f"{path}.{node['name']}".removeprefix(".")
        kind = str(node.get("type", "")).removesuffix("[]")
        if node.get("children"):
            yield from _metadata_fields(node["children"], inside, file)
        elif kind in _INNER:
            yield from (RegistryField(f"{inside}.{name}", "number", ()) for name in _INNER[kind])
        else:
            yield RegistryField(inside, kind, ())


def find_drift(
    ours: Iterable[RegistryField], description: Description, lines: Mapping[str, int], source: str
) -> Iterator[Finding]:
    """What only the registry has, and what only our list has; `lines` are those of our list, which is `source`."""
    known = {field.path: field for field in ours}
    whole = tuple(f"{field.path}." for field in known.values() if field.type == "object")
    told = {_collapsed(field.path, whole): field for field in description.fields}
    yield from _new_fields([field for path, field in told.items() if path not in known], description.source)
    mapped = {row.path: row.field for row in read_coverage(known.values())}
    for path in known.keys() - told.keys():
        yield Finding(
            rule="check/field-gone",
            message="the registry no longer describes this field",
            severity="violation" if mapped[path] else "warning",
            source=source,
            line=lines.get(path, 0),
            place=path,
            field=mapped[path],
        )
    for path, field in known.items():
        if path in told:
            yield from _changes(field, told[path], lines.get(path, 0), source, mapped[path])


def _collapsed(path: str, whole: tuple[str, ...]) -> str:
    """The path, or that of the object above it of which our list has one line."""
    return next((above[:-1] for above in whole if path.startswith(above)), path)


def _new_fields(fields: list[RegistryField], source: str) -> Iterator[Finding]:
    for field, row in zip(fields, read_coverage(fields), strict=True):
        left_out = f"; it would be left out: {row.reason}" if row.reason else ""
        yield Finding(
            rule="check/field-new",
            message=f"the registry describes a field that our list has not{left_out}",
            severity="warning" if row.reason else "violation",
            source=source,
            place=field.path,
            value=field.type,
        )


def _changes(ours: RegistryField, now: RegistryField, line: int, source: str, mapped: str) -> Iterator[Finding]:
    if {ours.type, now.type} <= _TYPES and ours.type != now.type:
        message = f"the registry says that this field is {now.type}, our list that it is {ours.type}"
        yield Finding(
            rule="check/field-type",
            message=message,
            source=source,
            line=line,
            place=ours.path,
            field=mapped,
            value=now.type,
        )
    if now.values and ours.type == "enum":
        yield from _changed_values(ours, now, line, source, mapped)


def _changed_values(ours: RegistryField, now: RegistryField, line: int, source: str, mapped: str) -> Iterator[Finding]:
    for rule, values, message in (
        ("value-new", set(now.values) - set(ours.values), "the registry has a new value for this field"),
        ("value-gone", set(ours.values) - set(now.values), "the registry no longer has this value of the field"),
    ):
        for value in sorted(values):
            yield Finding(
                rule=f"check/{rule}",
                message=message,
                severity="violation" if rule == "value-new" else "warning",
                source=source,
                line=line,
                place=ours.path,
                field=mapped,
                value=value,
            )
