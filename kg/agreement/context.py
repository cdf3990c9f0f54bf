"""The JSON-LD context has a short name for each property that the mapping writes, with what its values are."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec

from kg import mapping
from kg.agreement.places import Checked, Places, read_text
from kg.agreement.written import read_file
from kg.errors import KgError
from kg.finding import Finding
from kg.vocab import expand

__all__ = ["check_context", "read_context"]

#: What JSON writes plainly: these need no type in the context.
_PLAIN = frozenset({"xsd:string", "xsd:integer", "xsd:boolean"})


def check_context(places: Places) -> Checked:
    """Properties without a short name, short names of nothing, values of another type than the mapping writes.

    Raises:
        KgError: if `ontologies/context.jsonld` is no context.
    """
    path = places.ontologies / "context.jsonld"
    text = read_text(path)
    defined = {entry["@id"]: entry for entry in read_context(path).values() if isinstance(entry, dict)}
    findings = [*_names(defined, path, text), *_types(defined, path, text)]
    return Checked(tuple(findings), {"short names": len(defined)})


def read_context(path: Path) -> dict[str, Any]:
    """The entries of a JSON-LD context, by name: texts, or objects with an `@id`.

    Raises:
        KgError: if the file is no such context.
    """
    try:
        entries = msgspec.convert(json.loads(read_text(path))["@context"], dict[str, str | dict[str, str]])
    except json.JSONDecodeError as error:
        raise KgError(f"{path}:{error.lineno}", f"no JSON: {error.msg}") from error
    except (KeyError, TypeError, msgspec.ValidationError) as error:
        raise KgError(str(path), "no JSON-LD context", expected="short names with their @id under @context") from error
    if not all("@id" in entry for entry in entries.values() if isinstance(entry, dict)):
        raise KgError(str(path), "no JSON-LD context", expected="an @id for each short name")
    return dict(entries)


def _names(defined: Mapping[str, Any], path: Path, text: str) -> Iterator[Finding]:
    for curie in sorted(mapping.properties() - defined.keys() - {"rdf:type"}):
        yield _finding("context-missing", "the property has no short name in the JSON-LD context", curie, path, text)
    declared = read_file(path.with_name("trialgraph.ttl")).subjects
    for curie in sorted(defined):
        if curie.startswith("tg:") and expand(curie) not in declared:
            message = "the JSON-LD context names a property that the ontology does not declare"
            yield _finding("context-undeclared", message, curie, path, text)


def _types(defined: Mapping[str, Any], path: Path, text: str) -> Iterator[Finding]:
    for row in dict.fromkeys(mapping.rows()):
        entry = defined.get(row.property)
        expected = _expected(row.range)
        if entry is not None and {key: value for key, value in entry.items() if key != "@id"} != expected:
            message = f"the mapping writes {row.range}, so the context should say {json.dumps(expected)}"
            yield _finding("context-type", message, row.property, path, text)


def _expected(value_range: str) -> dict[str, str]:
    """What the context says beside the name of a property that holds such values."""
    if value_range == "rdf:langString":
        return {"@language": "en"}
    if value_range in _PLAIN or value_range.startswith("xsd:gYear"):
        return {}
    return {"@type": value_range if value_range.startswith("xsd:") else "@id"}


def _finding(name: str, message: str, curie: str, path: Path, text: str) -> Finding:
    line = next((number for number, line in enumerate(text.splitlines(), 1) if f'"{curie}"' in line), 1)
    return Finding(
        rule=f"check/{name}", message=message, severity="violation", source=str(path), line=line, value=curie
    )
