"""Bytes of an SSSOM file -> a mapping set, and a finding for each thing wrong with it.

One bad cell costs its row at most, and no row is lost without a finding that names its line.
"""

import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

from kg.errors import SourceError
from kg.finding import Finding, Severity
from kg.iris import compact, is_nct
from kg.linking.sssom.rows import KINDS, PREDICATES, MappingRow, MappingSet, string_key
from kg.linking.sssom.slots import (
    BUILT_IN,
    COLUMNS,
    JUSTIFICATIONS,
    LISTS,
    NEGATED,
    NO_TERM,
    PROPAGATED,
    REFERENCES,
    SET_KEYS,
    TRIAL,
)
from kg.linking.sssom.table import Line, Table, join_values, read_table, split_values

__all__ = ["read_set"]

#: Without these columns no row says anything.
_REQUIRED = ("subject_label", "predicate_id", "object_id", "mapping_justification")
#: What an SSSOM file must say of itself; we can do without.
_EXPECTED_KEYS = ("mapping_set_id", "license")
#: Cells that are checked one by one, and so are not taken over as they stand.
_CHECKED = frozenset(
    f"{TRIAL} subject_label subject_category subject_type predicate_id predicate_modifier object_id "
    "mapping_justification confidence other".split()
)
#: A CURIE with a prefix (https://www.w3.org/TR/curie/), without what no IRI may hold.
_CURIE = re.compile(r'([A-Za-z_][\w.-]*):([^\s<>"{}|\\^`]{1,500})')


def read_set(data: bytes, source: str) -> tuple[MappingSet, list[Finding]]:
    """The usable rows of a file, in its order, and what is wrong with it.

    Raises:
        SourceError: if it is no SSSOM file: not in UTF-8, no YAML header, a column missing or standing twice.
    """
    table = read_table(data, source)
    reader = _Reader(table, source)
    reader.check_columns()
    reader.check_header()
    rows = tuple(reader.rows())
    return MappingSet(rows=rows, header=reader.header, prefixes=reader.prefixes, source=source), reader.findings


class _RowError(Exception):
    """A row cannot be used."""

    def __init__(self, rule: str, message: str, value: str = "", severity: Severity = "violation") -> None:
        self.rule, self.message, self.value, self.severity = rule, message, value, severity
        super().__init__(message)


class _Reader:
    """One file: its prefixes, what its header gives to every row, and what was found wrong so far."""

    def __init__(self, table: Table, source: str) -> None:
        self._table = table
        self._source = source
        self.findings: list[Finding] = []
        self.prefixes = self._prefixes(table.header.get("curie_map", {}))
        self.header: dict[str, Any] = {}
        self._defaults: dict[str, str] = {}

    def _find(self, rule: str, message: str, value: str = "", severity: Severity = "warning", line: int = 0) -> None:
        place = f"line {line}" if line else "header"
        self.findings.append(
            Finding(
                rule=rule, message=message, severity=severity, source=self._source, place=place, value=value[:_SHOWN]
            )
        )

    def _prefixes(self, declared: Any) -> dict[str, str]:
        if declared == "":
            return dict(BUILT_IN)
        if not isinstance(declared, dict):
            expected = "prefix: namespace, a line each"
            raise SourceError(self._source, "curie_map is no mapping", got=str(declared), expected=expected)
        found = dict(BUILT_IN)
        for prefix, namespace in declared.items():
            if not isinstance(namespace, str) or not _CURIE.fullmatch(namespace) or not _CURIE.fullmatch(f"{prefix}:x"):
                self._find("mapping-prefix", f"prefix {prefix!r} has no namespace that is an IRI", str(namespace))
            elif BUILT_IN.get(prefix, namespace) != namespace:
                message = f"prefix {prefix!r} is built in and cannot stand for something else"
                self._find("mapping-prefix", message, namespace, "violation")
            else:
                found[prefix] = namespace
        return found

    def check_columns(self) -> None:
        """Notes columns that SSSOM does not know.

        Raises:
            SourceError: if a column is missing or stands twice.
        """
        columns = self._table.columns
        if missing := [name for name in _REQUIRED if name not in columns]:
            got = " ".join(columns)
            raise SourceError(self._source, "columns are missing", got=got, expected=", ".join(missing))
        if twice := [name for name, count in Counter(columns).items() if count > 1]:
            raise SourceError(self._source, "a column stands twice", got=", ".join(twice))
        definitions = self._table.header.get("extension_definitions")
        declared = {one.get("slot_name") for one in definitions if isinstance(one, dict)} if definitions else set()
        for name in columns:
            if name == TRIAL and TRIAL not in declared:
                self._find("mapping-column", f"column {TRIAL} is no slot of SSSOM: list it in extension_definitions")
            elif name not in COLUMNS and name != TRIAL:
                self._find("mapping-column", f"column {name!r} is no slot of SSSOM and is left out", severity="info")

    def check_header(self) -> None:
        """Sorts the header's keys into what holds for the set, and what holds for each row that says nothing itself."""
        lines = self._table.lines
        filled = {name for n, name in enumerate(self._table.columns) if any("".join(x.cells[n : n + 1]) for x in lines)}
        for key, value in self._table.header.items():
            if key in ("curie_map", "extension_definitions", "sssom_version"):
                continue
            text = _as_values(value)
            if key not in SET_KEYS or text is None:
                self._find(
                    "mapping-header", f"key {key!r} is no slot of SSSOM, or no text; it is left out", severity="info"
                )
            elif key in PROPAGATED and key not in filled:
                self._defaults[key] = join_values(text)
            elif kept := [one for one in text if key not in REFERENCES or self._is_declared(key, one, 0)]:
                self.header[key] = kept if isinstance(value, list) or key in LISTS else kept[0]
        for key in _EXPECTED_KEYS:
            if key not in self.header:
                self._find("mapping-header", f"the header lacks {key}, which SSSOM requires")

    def rows(self) -> Iterator[MappingRow]:
        """The rows that can be used; each other one becomes a finding."""
        for line in self._table.lines:
            try:
                yield self._row(line)
            except _RowError as error:
                self._find(
                    error.rule, f"{error.message}; the row is not used", error.value, error.severity, line.number
                )

    def _row(self, line: Line) -> MappingRow:
        cells = self._cells(line)
        text = cells["subject_label"]
        self._check_subject(cells, line)
        if not string_key(text):
            raise _RowError("mapping-subject", "no string in subject_label", text)
        predicate, negative = self._predicate(cells)
        concept = self._expand(cells["object_id"], "object_id")
        if negative and concept == NO_TERM:
            raise _RowError("mapping-object", "a negated sssom:NoTermFound says nothing", severity="warning")
        justification = compact(self._expand(cells["mapping_justification"], "mapping_justification"))
        if justification not in JUSTIFICATIONS:
            raise _RowError("mapping-justification", "no justification of SSSOM", justification)
        trial, other = _trial(cells)
        slots = self._slots(cells, line) | ({"other": other} if other else {})
        if (name := compact(concept)) == concept or not _CURIE.fullmatch(name):
            slots["object_id"] = cells["object_id"].strip()
        return MappingRow(
            text=text,
            kind=_kind(cells["subject_category"]),
            trial=trial,
            predicate=predicate,
            negative=negative,
            concept=concept,
            justification=justification,
            confidence=self._confidence(cells["confidence"], line),
            slots=slots,
            source=self._source,
            line=line.number,
        )

    def _cells(self, line: Line) -> dict[str, str]:
        columns = self._table.columns
        if not any(cell.strip() for cell in line.cells):
            raise _RowError("mapping-row", "all cells are empty", severity="warning")
        if any(line.cells[len(columns) :]):
            message = f"{len(line.cells)} cells under {len(columns)} columns: a tab that is not in quotes?"
            raise _RowError("mapping-row", message)
        if line.unclosed:
            message = "a quote opens a cell and does not close it: taken as it stands"
            self._find("mapping-quote", message, line=line.number)
        empty = dict.fromkeys((*COLUMNS, TRIAL), "")
        return empty | self._defaults | dict(zip(columns, line.cells, strict=False))

    def _check_subject(self, cells: dict[str, str], line: Line) -> None:
        kind = cells["subject_type"].strip()
        if (kind or cells["subject_id"].strip()) and kind != "rdfs literal":
            message = "the row is about a concept, not about a string (subject_type: rdfs literal)"
            raise _RowError("mapping-subject", message, cells["subject_id"], "warning")
        if not kind:
            message = "subject_type is empty: taken for rdfs literal"
            self._find("mapping-subject", message, severity="info", line=line.number)

    def _predicate(self, cells: dict[str, str]) -> tuple[str, bool]:
        predicate = compact(self._expand(cells["predicate_id"], "predicate_id"))
        modifier = cells["predicate_modifier"].strip()
        if modifier not in ("", NEGATED):
            raise _RowError("mapping-predicate", f"predicate_modifier is neither empty nor {NEGATED}", modifier)
        if predicate not in PREDICATES:
            message = f"links are made by {', '.join(PREDICATES)} alone"
            raise _RowError("mapping-predicate", message, predicate, "warning")
        return predicate, bool(modifier)

    def _expand(self, cell: str, slot: str) -> str:
        match = _CURIE.fullmatch(cell.strip())
        if match is None:
            raise _RowError("mapping-curie", f"{slot} is no CURIE", cell)
        namespace = self.prefixes.get(match[1])
        if namespace is None:
            raise _RowError("mapping-prefix", f"{slot} has a prefix that the header does not declare", cell.strip())
        return namespace + match[2]

    def _is_declared(self, slot: str, curie: str, line: int) -> bool:
        try:
            self._expand(curie, slot)
        except _RowError as error:
            self._find(error.rule, f"{error.message}; the value is not used", error.value, "violation", line)
            return False
        return True

    def _slots(self, cells: dict[str, str], line: Line) -> dict[str, str]:
        """The further cells, without references that cannot be resolved."""
        found = {}
        for slot in COLUMNS:
            cell = cells[slot].strip()
            if slot in _CHECKED or not cell:
                continue
            if slot in REFERENCES:
                values = split_values(cell) if slot in LISTS else (cell,)
                cell = join_values(value for value in values if self._is_declared(slot, value, line.number))
            if cell:
                found[slot] = cell
        return found

    def _confidence(self, cell: str, line: Line) -> float | None:
        if not cell.strip():
            return None
        try:
            number = float(cell)
        except ValueError:
            number = -1.0
        if not 0 <= number <= 1:
            message = "confidence is no number from 0 to 1; the row is used without"
            self._find("mapping-confidence", message, cell, line=line.number)
            return None
        return round(number, 3)


#: Characters of a wrong value that a finding keeps.
_SHOWN = 500


def _as_values(value: Any) -> list[str] | None:
    values = value if isinstance(value, list) else [value]
    return [one for one in values if one] if all(isinstance(one, str) for one in values) else None


def _kind(cell: str) -> str:
    kind = cell.strip().lower()
    if kind and kind not in KINDS:
        raise _RowError("mapping-kind", f"subject_category is none of {', '.join(KINDS)}", cell)
    return kind


def _trial(cells: dict[str, str]) -> tuple[str, str]:
    """(the trial that the row is for, what else stands in `other`)."""
    pairs = [pair.strip() for pair in cells["other"].split("|") if pair.strip()]
    given = {pair.partition("=")[2].strip() for pair in pairs if pair.startswith(f"{TRIAL}=")}
    given |= {cells[TRIAL].strip()} - {""}
    if len(given) > 1:
        raise _RowError("mapping-trial", f"{TRIAL} and other name different trials", " ".join(sorted(given)))
    trial = next(iter(given), "")
    if trial and not is_nct(trial):
        raise _RowError("mapping-trial", f"{TRIAL} is no NCT number", trial)
    return trial, "|".join(pair for pair in pairs if not pair.startswith(f"{TRIAL}="))
