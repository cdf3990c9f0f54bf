"""Answers made comparable: engines give rows, and join cells, in orders of their own."""

from typing import Any

from kg.queries.answers import cells

Row = tuple[frozenset[str], ...]


def comparable(rows: list[list[str]]) -> list[Row]:
    """The rows, sorted; joined cells as the sets of their parts."""
    return sorted((tuple(frozenset(cell.split("; ")) for cell in row) for row in rows), key=_order)


def _order(row: Row) -> list[list[str]]:
    return [sorted(cell) for cell in row]


def rows_of(answer: Any) -> list[Row]:
    """The rows of an answer, comparable."""
    return comparable(cells(answer)[1])
