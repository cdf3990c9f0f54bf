"""Each field of the registry is mapped or left out for a reason, and its values are codes of ours."""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import msgspec

from kg import mapping
from kg.agreement.places import Checked, Places, read_text
from kg.errors import KgError
from kg.finding import Finding, Severity
from kg.readers.coverage import LEFT_OUT, Coverage, RegistryField, read_coverage, read_fields
from kg.readers.drift import find_drift, read_descriptions
from kg.vocab import CODES

__all__ = ["check_drift", "check_fields"]

#: Of the list: path, type, values.
_COLUMNS = 3


def check_fields(places: Places) -> Checked:
    """Fields that nobody knows, fields that are mapped to no property, values without a code, reasons for nothing.

    Raises:
        KgError: if our list of fields is none.
    """
    fields, lines = _read(places)
    rows = read_coverage(fields)
    source = str(_file(places))
    findings = [*_unknown(rows), *_without_code(fields, rows)]
    placed = [_placed(finding, source, lines.get(finding.place, 0)) for finding in findings]
    return Checked((*placed, *_idle_reasons(rows)), {"fields": len(fields)})


def check_drift(places: Places, registry: Sequence[Path]) -> Checked:
    """How the registry's own description (OpenAPI, `/studies/metadata`, `/studies/enums`) differs from our list.

    Raises:
        SourceError: if a file is no such description.
    """
    fields, lines = _read(places)
    description = read_descriptions(registry)
    findings = list(find_drift(fields, description, lines, str(_file(places))))
    if not description.has_values:
        message = "the description names no values of enums; give the JSON of /studies/enums, too"
        findings.append(_finding("values-not-described", message, severity="info", source=description.source))
    order = sorted(findings, key=lambda finding: (finding.rule, finding.place, finding.value))
    return Checked(tuple(order), {"fields of the registry": len(description.fields)})


def _file(places: Places) -> Path:
    own = places.ontologies / "registry-fields.tsv"
    # Whoever has ontologies of their own hardly has a list of the registry's fields.
    return own if own.is_file() else Places.bundled().ontologies / own.name


def _read(places: Places) -> tuple[tuple[RegistryField, ...], dict[str, int]]:
    """The fields of our list, and the line of each."""
    rows = [(n, line) for n, line in enumerate(read_text(_file(places)).splitlines(), 1) if line and line[0] != "#"]
    wrong = next((n for n, line in rows if line.count("\t") != _COLUMNS - 1), 0)
    if wrong or not rows:
        expected = "path, type and values, with tabs between them"
        raise KgError(f"{_file(places)}:{wrong or 1}", "no list of the registry's fields", expected=expected)
    lines = {line.partition("\t")[0].replace("[]", ""): number for number, line in rows}
    return read_fields(_file(places).parent), lines


def _placed(finding: Finding, source: str, line: int) -> Finding:
    return msgspec.structs.replace(finding, source=source, line=line)


def _unknown(rows: Iterable[Coverage]) -> Iterator[Finding]:
    written = {row.field for row in mapping.rows()}
    for row in rows:
        if row.status == "unknown":
            yield _finding("field-unknown", "the field is neither mapped nor left out for a reason", place=row.path)
        elif row.status == "mapped" and row.field not in written:
            message = "the field is read into the model, but no property says it"
            yield _finding("field-without-property", message, place=row.path, field=row.field)


def _without_code(fields: Iterable[RegistryField], rows: Iterable[Coverage]) -> Iterator[Finding]:
    schemes = {row.field: row.range for row in mapping.rows() if row.range.endswith("Scheme")}
    for field, row in zip(fields, rows, strict=True):
        # The kind of a date is said by the date's own field.
        scheme = schemes.get(row.field, "tg:dateTypeScheme").removeprefix("tg:").removesuffix("Scheme")
        for value in field.values if row.status == "mapped" else ():
            if value not in CODES[scheme]:
                message = f"the value is no code of the scheme {scheme} in kg/vocab.py"
                yield _finding("value-without-code", message, place=row.path, field=row.field, value=value)


def _idle_reasons(rows: Iterable[Coverage]) -> Iterator[Finding]:
    left_out = [row.path for row in rows if row.status == "left out"]
    for part in LEFT_OUT:
        if not any(path.endswith(part) if part.startswith(".") else path.startswith(part) for path in left_out):
            message = "a reason to leave fields out, and no field is left out for it"
            yield _finding("reason-unused", message, source="kg/readers/coverage.py", value=part)


def _finding(
    rule: str,
    message: str,
    *,
    place: str = "",
    field: str = "",
    value: str = "",
    source: str = "",
    severity: Severity = "violation",
) -> Finding:
    return Finding(
        rule=f"check/{rule}", message=message, place=place, field=field, value=value, source=source, severity=severity
    )
