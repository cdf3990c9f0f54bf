"""Expected answers of saved queries on the examples: in `queries/cases/`, a folder a query, a file a case.

A case's first line holds the parameters (`# condition=liver neoplasms`, with tabs between several), the second the
columns, the others the rows in any order. Of cells that join several values, the order is free as well.
"""

from collections.abc import Iterable
from pathlib import Path

import msgspec

from kg.errors import KgError
from kg.queries.answers import cells
from kg.queries.catalogue import SavedQuery
from kg.queries.resolution import Graph
from kg.queries.running import run_query

__all__ = ["Case", "differences", "find_cases", "read_case"]

#: Between the values that a cell joins.
_JOIN = "; "


class Case(msgspec.Struct, frozen=True):
    """One choice of parameters, and what the query must answer to it."""

    file: Path
    values: dict[str, str]
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def find_cases(folder: Path) -> list[Path]:
    """Every file of cases below `queries/`, in order; the folder's name is the query's."""
    return sorted((folder / "cases").glob("*/*.tsv"))


def read_case(file: Path) -> Case:
    """The case of a file.

    Raises:
        KgError: if the file is not as it should be.
    """
    try:
        head, *lines = file.read_bytes().decode("utf-8").splitlines() or [""]
    except (OSError, UnicodeDecodeError) as error:
        raise KgError(str(file), f"the case cannot be read ({error})") from error
    if not head.startswith("#") or not lines:
        expected = "a first line `# parameter=value`, a second with the columns"
        raise KgError(f"{file}:1", "no case", got=head, expected=expected)
    pairs = [pair.partition("=") for pair in head.removeprefix("#").strip().split("\t") if pair]
    columns, *rows = [tuple(line.split("\t")) for line in lines]
    return Case(file, {name: value for name, _, value in pairs}, columns, tuple(rows))


def differences(case: Case, query: SavedQuery, graph: Graph) -> list[tuple[str, int]]:
    """What the graph answers otherwise than the case says, each with the line of the case (2 for what is too much).

    Raises:
        ParameterError: if the query does not take the case's parameters.
    """
    answer, _ = run_query(query, case.values, graph)
    columns, rows = cells(answer)
    if tuple(columns) != case.columns:
        return [(f"columns are {' '.join(columns)}, expected {' '.join(case.columns)}", 2)]
    found = _counted(tuple(row) for row in rows)
    wanted = _counted(case.rows)
    numbers = {_free(row): number for number, row in enumerate(case.rows, 3)}
    missing = [(f"missing: {' | '.join(_shown(row))}", numbers[row]) for row in wanted if found.get(row) != wanted[row]]
    extra = [(f"not expected: {' | '.join(_shown(row))}", 2) for row in found if row not in wanted]
    return [*missing, *extra]


_Row = tuple[frozenset[str], ...]


def _free(row: Iterable[str]) -> _Row:
    return tuple(frozenset(cell.split(_JOIN)) for cell in row)


def _shown(row: _Row) -> list[str]:
    return [_JOIN.join(sorted(cell)) for cell in row]


def _counted(rows: Iterable[tuple[str, ...]]) -> dict[_Row, int]:
    counts: dict[_Row, int] = {}
    for row in rows:
        counts[_free(row)] = counts.get(_free(row), 0) + 1
    return counts
