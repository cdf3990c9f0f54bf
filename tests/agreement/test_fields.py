"""Registry fields are mapped or left out for a reason; how the registry's description changes is told."""

import json
from pathlib import Path
from typing import Any

import pytest

from kg.agreement import Places
from kg.agreement.fields import check_drift, check_fields
from kg.errors import KgError, SourceError
from kg.readers import coverage
from kg.readers.coverage import RegistryField, read_fields
from kg.readers.drift import read_descriptions
from tests.agreement.planting import Copy, told

FIELDS = "ontologies/registry-fields.tsv"
STATUS = "protocolSection.statusModule"


def openapi(fields: tuple[RegistryField, ...]) -> dict[str, Any]:
    """An OpenAPI description of these fields, with a schema a level."""
    schemas: dict[str, Any] = {"Study": {"type": "object", "properties": {}}}
    for field in fields:
        holder = schemas["Study"]
        *above, last = field.path.split(".")
        for number in range(len(above)):
            name = ".".join(above[: number + 1])
            schemas.setdefault(name, {"type": "object", "properties": {}})
            holder["properties"].setdefault(above[number], {"$ref": f"#/components/schemas/{name}"})
            holder = schemas[name]
        leaf = {"type": "string", "enum": list(field.values)} if field.values else {"type": field.type}
        holder["properties"][last] = {"type": "array", "items": leaf} if number % 2 else leaf
    return {"openapi": "3.0.3", "components": {"schemas": schemas}}


def metadata(fields: tuple[RegistryField, ...]) -> tuple[list[Any], list[Any]]:
    """The JSON of /studies/metadata and of /studies/enums for these fields."""
    roots: list[Any] = []
    enums: list[Any] = []
    for field in fields:
        holder = roots
        *above, last = field.path.split(".")
        for name in above:
            node = next((node for node in holder if node["name"] == name), None)
            if node is None:
                node = {"name": name, "piece": name, "sourceType": "STRUCT", "type": name.title(), "children": []}
                holder.append(node)
            holder = node["children"]
        kind = f"Kind{len(enums)}" if field.values else "text"
        holder.append({"name": last, "piece": last, "sourceType": "TEXT", "type": f"{kind}[]"})
        if field.values:
            enums.append({"type": kind, "pieces": [last], "values": [{"value": value} for value in field.values]})
    return roots, enums


def changed(fields: tuple[RegistryField, ...]) -> tuple[RegistryField, ...]:
    """The fields with one new, one gone, one value new and one gone, a new one of persons, and results in detail."""
    kept = [field for field in fields if field.path not in (f"{STATUS}.whyStopped", "resultsSection")]
    status = next(number for number, field in enumerate(kept) if field.path == f"{STATUS}.overallStatus")
    values = (*(value for value in kept[status].values if value != "WITHHELD"), "PAUSED")
    kept[status] = RegistryField(f"{STATUS}.overallStatus", "enum", values)
    new = [(f"{STATUS}.mood", "string"), ("protocolSection.contactsLocationsModule.fax.phone", "string")]
    new += [("resultsSection.baselineCharacteristicsModule.populationDescription", "string")]
    return (*kept, *(RegistryField(path, kind, ()) for path, kind in new))


#: What `changed` does.
DRIFT = [
    ("field-gone", "violation", f"{STATUS}.whyStopped", ""),
    ("field-new", "warning", "protocolSection.contactsLocationsModule.fax.phone", "string"),
    ("field-new", "violation", f"{STATUS}.mood", "string"),
    ("value-gone", "warning", f"{STATUS}.overallStatus", "WITHHELD"),
    ("value-new", "violation", f"{STATUS}.overallStatus", "PAUSED"),
]


def drift(places: Places, *files: Path) -> list[tuple[str, str, str, str]]:
    """(rule, severity, field, value) of what a description tells; a type of text counts as a string."""
    found = check_drift(places, files).findings
    return [
        (one.rule.removeprefix("check/"), one.severity, one.place, one.value.replace("text", "string")) for one in found
    ]


def test_bundled_list_is_mapped_or_left_out_for_a_reason() -> None:
    """Every field of it."""
    checked = check_fields(Places.bundled())
    assert (checked.findings, checked.counts) == ((), {"fields": len(read_fields())})


@pytest.mark.parametrize(
    ("old", "new", "rule", "value"),
    [
        ("statusModule.whyStopped\t", "statusModule.whyContinued\t", "field-unknown", ""),
        ("|WITHHELD|", "|WITHHELD|PAUSED|", "value-without-code", "PAUSED"),
        ("type\tenum\tACTUAL|ESTIMATED", "type\tenum\tACTUAL|GUESSED", "value-without-code", "GUESSED"),
    ],
)
def test_a_planted_fault_is_told_with_its_line(copy: Copy, old: str, new: str, rule: str, value: str) -> None:
    """That of the field in our list."""
    line = copy.plant(FIELDS, old, new)
    found = told(check_fields(copy.places), [rule])
    assert found[0] == (rule, value, "registry-fields.tsv", line)
    assert len(check_fields(copy.places).findings) == len(found)


def test_a_reason_for_nothing_is_told(copy: Copy, monkeypatch: pytest.MonkeyPatch) -> None:
    """It may hide a field to come."""
    monkeypatch.setitem(coverage.LEFT_OUT, ".fax", "privacy")
    assert told(check_fields(copy.places)) == [("reason-unused", ".fax", "coverage.py", 0)]


def test_drift_is_told_from_an_openapi_description(copy: Copy, tmp_path: Path) -> None:
    """What is new or gone, field or value; what would be left out anyway is a warning."""
    file = tmp_path / "openapi.json"
    file.write_text(json.dumps(openapi(read_fields())))
    assert drift(copy.places, file) == []
    file.write_text(json.dumps(openapi(changed(read_fields()))))
    assert drift(copy.places, file) == DRIFT


def test_drift_is_told_from_metadata_and_enums(copy: Copy, tmp_path: Path) -> None:
    """In either order; without the enums, that their values are not known is said."""
    fields, enums = tmp_path / "metadata.json", tmp_path / "enums.json"
    for name, content in zip((fields, enums), metadata(changed(read_fields())), strict=True):
        name.write_text(json.dumps(content))
    assert drift(copy.places, fields, enums) == drift(copy.places, enums, fields) == DRIFT
    alone = drift(copy.places, fields)
    assert alone == [*(row for row in DRIFT if row[0].startswith("field")), ("values-not-described", "info", "", "")]


def test_lines_of_drift_are_those_of_our_list(copy: Copy, tmp_path: Path) -> None:
    """Where a person goes to change it."""
    file = tmp_path / "openapi.json"
    file.write_text(json.dumps(openapi(changed(read_fields()))))
    lines = (copy.root / FIELDS).read_text(encoding="utf-8").splitlines()
    for finding in check_drift(copy.places, [file]).findings:
        if finding.rule != "check/field-new":
            assert lines[finding.line - 1].split("\t")[0].replace("[]", "") == finding.place


def test_fields_of_no_record_of_today_are_no_drift(copy: Copy, tmp_path: Path) -> None:
    """/studies/metadata lists them on request; and a place on earth has two numbers that it does not list."""
    fields = tmp_path / "metadata.json"
    roots, _ = metadata(tuple(field for field in read_fields() if ".geoPoint." not in field.path))
    locations = next(
        inner
        for section in roots
        if section["name"] == "protocolSection"
        for module in section["children"]
        if module["name"] == "contactsLocationsModule"
        for inner in module["children"]
        if inner["name"] == "locations"
    )
    locations["children"].append({"name": "geoPoint", "piece": "g", "sourceType": "GEO", "type": "GeoPoint"})
    roots += [{"name": "old", "piece": "o", "sourceType": "TEXT", "type": "text", "historicOnly": True}]
    roots += [{"name": "search", "piece": "s", "sourceType": "TEXT", "type": "text", "indexedOnly": True}]
    fields.write_text(json.dumps(roots))
    assert [row[0] for row in drift(copy.places, fields)] == ["values-not-described"]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xff\xfe\x00",
        b"{",
        b"[]",
        b"{}",
        b"[1]",
        b'[{"name": 1}]',
        b"plain text",
        b"a: [1",
        b'{"components": 1}',
        b'{"components": {"schemas": {"Study": 1}}}',
        b'{"components": {"schemas": {"Study": {"$ref": "#/Study"}}}}',
        b'{"components": {"schemas": {"Study": {"$ref": "#/Other"}}}}',
        b'{"components": {"schemas": {"Study": {"type": "array"}}}}',
        b'{"components": {"schemas": {"Study": {"properties": {"a": null}}}}}',
        b'[{"type": "Status", "pieces": [], "values": [{"value": "A"}]}]',
        b"<html>not found</html>",
        b"[" * 100_000,
    ],
)
def test_a_file_that_is_no_description_is_an_error(content: bytes, tmp_path: Path) -> None:
    """It names the file, and says what was expected."""
    file = tmp_path / "given.json"
    file.write_bytes(content)
    with pytest.raises(SourceError, match=r"given\.json.*expected the OpenAPI description"):
        read_descriptions([file])


def test_a_description_without_end_is_an_error(tmp_path: Path) -> None:
    """A few schemas that refer to each other twice mean a million fields."""
    schemas: dict[str, Any] = {"S20": {"type": "string"}}
    for number in range(20):
        inner = {"$ref": f"#/components/schemas/S{number + 1}"}
        schemas[f"S{number}" if number else "Study"] = {"properties": {"a": inner, "b": inner}}
    file = tmp_path / "given.json"
    file.write_text(json.dumps({"components": {"schemas": schemas}}))
    with pytest.raises(SourceError, match="more than 20,000 fields"):
        read_descriptions([file])


def test_a_file_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    """As is a folder."""
    for path in (tmp_path, tmp_path / "no.json"):
        with pytest.raises(SourceError, match="cannot be read"):
            read_descriptions([path])


@pytest.mark.data
def test_the_registrys_own_description_has_not_drifted(data: Path) -> None:
    """Our list was made from it."""
    file = data / "registry" / "ctg-oas-v2.yaml"
    checked = check_drift(Places.bundled(), [file])
    assert checked.findings == ()
    assert checked.counts["fields of the registry"] > 300


def test_a_field_whose_type_changed_is_told(copy: Copy, tmp_path: Path) -> None:
    """With both types, and the line of our list."""
    line = copy.plant(FIELDS, "statusModule.delayedPosting\tboolean", "statusModule.delayedPosting\tstring")
    file = tmp_path / "openapi.json"
    file.write_text(json.dumps(openapi(read_fields())))
    assert told(check_drift(copy.places, [file])) == [("field-type", "boolean", "registry-fields.tsv", line)]


@pytest.mark.parametrize("old", ["\tboolean\t", "# Fields of a study"])
def test_a_list_that_is_none_is_an_error_with_its_line(copy: Copy, old: str) -> None:
    """What was cut off cannot be checked."""
    line = copy.plant(FIELDS, old, "Fields")
    with pytest.raises(KgError, match=rf"registry-fields\.tsv:{line}: no list"):
        check_fields(copy.places)
