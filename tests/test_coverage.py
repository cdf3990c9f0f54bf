"""The registry's fields: the list is the registry's own, and each is mapped, or left out for a reason."""

import json
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from kg.checks import read_mapping
from kg.readers.coverage import LEFT_OUT, RegistryField, read_coverage, read_fields
from tests.leaves import iter_leaves

#: Sections of which each field is listed; of the results there is one line.
WHOLE = "resultsSection"
#: What the database that some of the real records went through has added to them.
ADDED = ("_id", "ctrname", "record_last_import", "protocolSection.contactsLocationsModule.locations_nested")


def fields_of(
    schemas: dict[str, Any], schema: dict[str, Any], path: str = ""
) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    """(path, type, enum values) of every leaf of a schema of the registry's OpenAPI description."""
    while "$ref" in schema:
        schema = schemas[schema["$ref"].rpartition("/")[2]]
    if path == WHOLE:
        yield path, "object", ()
    elif "properties" in schema:
        for name, inner in schema["properties"].items():
            yield from fields_of(schemas, inner, f"{path}.{name}".removeprefix("."))
    elif schema.get("type") == "array":
        yield from fields_of(schemas, schema["items"], path)
    elif "enum" in schema:
        yield path, "enum", tuple(schema["enum"])
    else:
        yield path, "date" if schema.get("format") == "date" else schema["type"], ()


def test_no_field_is_in_neither_list() -> None:
    """Mapped to a field of the model that has a property, or left out with a reason; and no reason is for nothing."""
    rows = read_mapping()
    assert len(rows) == len(read_fields()) > 190
    assert [row.path for row in rows if row.status == "unknown"] == []
    assert all(row.reason and not row.property for row in rows if row.status == "left out")
    assert all(row.property and row.range and not row.reason for row in rows if row.status == "mapped")
    left_out = [row.path for row in rows if row.status == "left out"]
    assert all(any(part in path for path in left_out) for part in LEFT_OUT)


def test_mapping_says_where_each_field_goes() -> None:
    """A part that is just a label becomes that label; shapes are those of the class that the property stands at."""
    rows = {row.path: row for row in read_mapping()}
    conditions = rows["protocolSection.conditionsModule.conditions"]
    assert (conditions.field, conditions.property, conditions.shape) == (
        "Condition.label",
        "rdfs:label",
        "Condition-label",
    )
    assert rows["protocolSection.conditionsModule.keywords"].shape == "Keyword-label"
    start = rows["protocolSection.statusModule.startDateStruct.date"]
    assert start.property == "tg:startDate tg:startDateLatest tg:startDateAsStated tg:startDateType"
    assert start.range == "xsd:date"
    assert start.shape == "Study-start Study-start-latest Study-start-as-stated Study-start-type"


def test_protocol_and_derived_sections_are_mapped_but_for_contact_data() -> None:
    """What is left out of them is how persons are reached."""
    left_out = [row for row in read_coverage() if row.status == "left out"]
    within = [row for row in left_out if row.path.startswith(("protocolSection", "derivedSection"))]
    assert {row.path.rpartition(".")[2] for row in within} == {"phone", "phoneExt", "email"}
    assert all(row.reason.startswith("privacy") for row in within)


def test_a_field_that_is_new_is_unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is not taken for mapped because a field above it, or of a similar name, is."""
    new = ("protocolSection.statusModule.mood", "protocolSection.designModule.phasesType", "derivedSection.x.date")
    monkeypatch.setattr(
        "kg.readers.coverage.read_fields", lambda: tuple(RegistryField(path, "string", ()) for path in new)
    )
    assert [row.status for row in read_coverage()] == ["unknown"] * 3


@pytest.mark.data
def test_field_list_is_the_registrys_own_schema(data: Path) -> None:
    """Every leaf of its OpenAPI description, with type and enum values."""
    schemas = yaml.safe_load((data / "registry" / "ctg-oas-v2.yaml").read_text(encoding="utf-8"))["components"][
        "schemas"
    ]
    expected = set(fields_of(schemas, schemas["Study"]))
    found = {(field.path, field.type, field.values) for field in read_fields()}
    assert {name for name, *_ in found} == {name for name, *_ in expected}
    assert found == expected


@pytest.mark.data
def test_real_records_have_no_field_that_is_unknown(data: Path) -> None:
    """Every leaf of the 411 studies is in the list; results stand below their one line."""
    listed = {field.path for field in read_fields()}
    unknown: set[str] = set()
    with zipfile.ZipFile(data / "trials" / "ctgov-api-v2.zip") as archive:
        for name in archive.namelist():
            paths = {path.replace("[]", "") for path, _ in iter_leaves(json.loads(archive.read(name)))}
            unknown |= {path for path in paths - listed if not path.startswith((WHOLE, *ADDED))}
    assert unknown == set()
