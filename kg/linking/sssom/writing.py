"""A mapping set as SSSOM/TSV: rows sorted, prefixes declared, the same bytes for the same rows.

Rows keep every cell of theirs: the header's propagation to rows is undone in reading, and not done again, so that
a reader that knows nothing of it loses nothing.
"""

from collections.abc import Iterable, Mapping
from hashlib import sha256
from typing import Any

import msgspec

from kg.errors import SourceError
from kg.linking.sssom.rows import MappingRow, MappingSet
from kg.linking.sssom.slots import BUILT_IN, COLUMNS, LISTS, REFERENCES, SET_KEYS, SPEC_VERSION
from kg.linking.sssom.table import Line, Table, split_values, write_table
from kg.vocab import ID, PREFIXES

__all__ = ["MERGED", "digest", "merge", "sorted_cells", "used_prefixes", "write_set"]

#: What a set made of several is called, until its keeper gives it a name.
MERGED = f"{ID}mappings/merged"


def write_set(mapping_set: MappingSet) -> bytes:
    """The file's bytes.

    Raises:
        SourceError: if one prefix would have to stand for two namespaces.
    """
    cells = sorted_cells(mapping_set.rows)
    columns = tuple(slot for slot in COLUMNS if any(slot in row for row in cells))
    lines = tuple(Line(0, tuple(row.get(column, "") for column in columns)) for row in cells)
    header: dict[str, Any] = {"curie_map": used_prefixes(mapping_set)}
    header |= _ordered({**mapping_set.header, "sssom_version": SPEC_VERSION})
    return write_table(Table(header, columns or COLUMNS, lines))


def sorted_cells(rows: Iterable[MappingRow]) -> list[dict[str, str]]:
    """The rows' cells, sorted by all their slots in the specification's order."""
    return sorted((row.cells() for row in rows), key=lambda row: [row.get(slot, "") for slot in COLUMNS])


def digest(rows: Iterable[MappingRow]) -> str:
    """Twelve letters and digits that change when a row does: a set's version."""
    return sha256(msgspec.json.encode(sorted_cells(rows))).hexdigest()[:12]


def _ordered(header: Mapping[str, Any]) -> dict[str, Any]:
    return {key: header[key] for key in SET_KEYS if header.get(key)}


def used_prefixes(mapping_set: MappingSet) -> dict[str, str]:
    """Prefix -> namespace of all that rows and header use, sorted, without those that need no declaration.

    Raises:
        SourceError: if one prefix would have to stand for two namespaces.
    """
    found: dict[str, set[str]] = {}
    for row in mapping_set.rows:
        cells = row.cells()
        if "object_id" not in row.slots:
            _note(found, cells.pop("object_id"), PREFIXES)
        _note_all(found, cells, mapping_set.prefixes)
    _note_all(found, mapping_set.header, mapping_set.prefixes)
    for prefix, namespaces in found.items():
        if len(namespaces) > 1:
            got = " and ".join(sorted(namespaces))
            raise SourceError(mapping_set.source, f"prefix {prefix!r} stands for two namespaces", got=got)
    return {prefix: min(found[prefix]) for prefix in sorted(found)}


def _note_all(found: dict[str, set[str]], slots: Mapping[str, Any], declared: Mapping[str, str]) -> None:
    for slot in REFERENCES & slots.keys():
        value = slots[slot]
        values = value if isinstance(value, list) else split_values(value) if slot in LISTS else (value,)
        for curie in values:
            _note(found, curie, declared)


def _note(found: dict[str, set[str]], curie: str, declared: Mapping[str, str]) -> None:
    prefix = curie.partition(":")[0]
    if prefix not in BUILT_IN:
        found.setdefault(prefix, set()).add(declared[prefix])


def merge(sets: Iterable[MappingSet], rows: Iterable[MappingRow]) -> MappingSet:
    """One set of the rows that are left of several; of one set, its header stays.

    Raises:
        SourceError: if two sets give one prefix different namespaces.
    """
    sets = list(sets)
    prefixes: dict[str, str] = {}
    for one in sets:
        for prefix, namespace in one.prefixes.items():
            if prefixes.setdefault(prefix, namespace) != namespace:
                got = f"{prefixes[prefix]} and {namespace}"
                remedy = "Write the files one by one, or rename the prefix in one of them."
                raise SourceError(one.source, f"prefix {prefix!r} stands for two namespaces", got=got, remedy=remedy)
    kept, header = tuple(rows), dict(sets[0].header)
    if len(sets) > 1:
        # What only one of them says of itself is not true of all.
        ids = sorted({one.header["mapping_set_id"] for one in sets if one.header.get("mapping_set_id")})
        header = {key: value for key, value in header.items() if all(one.header.get(key) == value for one in sets)}
        header |= {"mapping_set_id": MERGED, "mapping_set_source": ids, "mapping_set_version": digest(kept)}
    return MappingSet(rows=kept, header=header, prefixes=prefixes, source=sets[0].source)
