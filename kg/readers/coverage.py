"""Which fields of the registry's schema the API v2 table reads, and which it leaves out, and why."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Literal

import msgspec

from kg import assets, model
from kg.readers.api_v2 import API_V2, RULE_PATHS

__all__ = ["LEFT_OUT", "Coverage", "RegistryField", "read_coverage", "read_fields"]

#: Where a path ends or begins so, it is left out for this reason.
LEFT_OUT: dict[str, str] = {
    ".phone": "privacy: contact data of persons are not mapped",
    ".phoneExt": "privacy: contact data of persons are not mapped",
    ".email": "privacy: contact data of persons are not mapped",
    "resultsSection": "results tables and adverse events are not mapped yet",
    "annotationSection": "the registry's notes on unposted results and violations are not mapped yet",
}


class RegistryField(msgspec.Struct, frozen=True):
    """One leaf of the registry's schema: its path (lists without brackets), type, and enum values."""

    path: str
    type: str
    values: tuple[str, ...]


class Coverage(msgspec.Struct, frozen=True):
    """What becomes of a registry field: `field` is the model's where it is mapped, `reason` why it is left out."""

    path: str
    status: Literal["mapped", "left out", "unknown"]
    field: str = ""
    reason: str = ""


def read_fields(folder: Path | None = None) -> tuple[RegistryField, ...]:
    """The registry's fields, from `registry-fields.tsv` in our `ontologies/`, or in `folder`."""
    text = ((folder or assets.folder("ontologies")) / "registry-fields.tsv").read_text(encoding="utf-8")
    lines = [line.split("\t") for line in text.splitlines() if line and not line.startswith("#")]
    return tuple(
        RegistryField(path.replace("[]", ""), kind, tuple(filter(None, values.split("|"))))
        for path, kind, values in lines[1:]
    )


def read_coverage(fields: Iterable[RegistryField] | None = None) -> tuple[Coverage, ...]:
    """What becomes of each registry field, in the schema's order; `fields` are ours if not given."""
    mapped = dict(_mapped_paths(model.Trial, ""))
    return tuple(_covered(field.path, mapped) for field in (read_fields() if fields is None else fields))


def _covered(path: str, mapped: dict[str, str]) -> Coverage:
    # A date struct is read as one: its date and its type are below the path.
    field = mapped.get(path) or (mapped.get(path.rpartition(".")[0]) if path.endswith((".date", ".type")) else None)
    if field:
        return Coverage(path, "mapped", field=field)
    for part, reason in LEFT_OUT.items():
        if path.endswith(part) if part.startswith(".") else path.startswith(part):
            return Coverage(path, "left out", reason=reason)
    return Coverage(path, "unknown")


def _mapped_paths(struct: type[msgspec.Struct], prefix: str) -> Iterator[tuple[str, str]]:
    """(path, model field) of every leaf that the table reads below `prefix`."""
    table = API_V2.table.get(struct, {})
    for field in model.describe(struct):
        name = f"{struct.__name__}.{field.name}"
        stated = table.get(field.name)
        paths = (stated,) if isinstance(stated, str) else RULE_PATHS.get(name, ())
        for path in paths:
            whole = ".".join(filter(None, (prefix, path)))
            yield whole, name
            # Later wins: where a part is just its label, as a condition is, the label is what the path becomes.
            if field.target in API_V2.table:
                yield from _mapped_paths(field.target, whole)
