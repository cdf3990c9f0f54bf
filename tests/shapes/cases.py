"""Cases of shapes: a change to the complete study; one constraint then fails, or the shape still holds.

Rows of `cases/*.tsv`: a rule (`Study-status/In`, which must fail alone) or a shape (`Study-status`, where nothing may
fail); then subject, property and the values that it gets in place of its own, as in Turtle; none if it loses them. Rows
without a name belong to the case above; where values are lost, several properties may stand in one row.
"""

import itertools
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import msgspec
import pyoxigraph as ox

from kg import iris
from kg.vocab import CODES, ID, PREFIXES

__all__ = ["NUMBER", "Case", "changed_lines", "complete_lines", "read_cases"]

#: The number of the complete study, which all its IRIs hold.
NUMBER = "NCT00000001"
_FOLDER = Path(__file__).parent
_PREFIXES = PREFIXES | {scheme: f"{ID}{scheme}/" for scheme in CODES} | {"part": iris.part_base(NUMBER)}
_HEAD = "".join(f"@prefix {prefix}: <{namespace}> .\n" for prefix, namespace in _PREFIXES.items())


class Case(msgspec.Struct, frozen=True):
    """What is changed, and the rule or shape that it is about."""

    name: str
    file: str
    changes: tuple[tuple[str, str, str], ...]

    @property
    def expected(self) -> set[str]:
        """The rules that must fail."""
        return {self.name} if "/" in self.name else set()


def read_cases() -> Iterator[Case]:
    """All cases, file by file."""
    for path in sorted((_FOLDER / "cases").glob("*.tsv")):
        rows = [(*line.split("\t"), "")[:4] for line in path.read_text(encoding="utf-8").splitlines()[1:]]
        starts = [*(number for number, row in enumerate(rows) if row[0]), len(rows)]
        for start, end in itertools.pairwise(starts):
            yield Case(rows[start][0], path.stem, tuple((row[1], row[2], row[3]) for row in rows[start:end]))


@cache
def complete_lines() -> tuple[str, ...]:
    """The triples of the complete study."""
    return tuple(_lines((_FOLDER / "complete.ttl").read_text(encoding="utf-8")))


def changed_lines(case: Case, number: str) -> list[str]:
    """The triples of the complete study after the changes, as a study of another number."""
    lines = list(complete_lines())
    for subject, predicates, values in case.changes:
        gone = tuple(_start(subject, predicate) for predicate in predicates.split())
        lines = [line for line in lines if not line.startswith(gone)]
        if values:
            lines += _lines(f"{_HEAD}{subject} {predicates} {values} .")
    return [line.replace(NUMBER, number) for line in lines]


@cache
def _start(subject: str, predicate: str) -> str:
    (line,) = _lines(f"{_HEAD}{subject} {predicate} 0 .")
    return line.rpartition('"0"')[0]


def _lines(turtle: str) -> Iterator[str]:
    for quad in ox.parse(input=turtle, format=ox.RdfFormat.TURTLE):
        yield f"{quad.triple} .\n"
