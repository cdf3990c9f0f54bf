"""The rows of an answer as Python values, as a table of pandas or polars, and as HTML for notebooks."""

import datetime
from collections.abc import Callable, Iterable, Iterator, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any, overload

import pyoxigraph as ox

from kg.api.html import table
from kg.errors import KgError, UsageError
from kg.queries import Resolved
from kg.vocab import PREFIXES

if TYPE_CHECKING:
    import pandas as pd
    import polars as pl

__all__ = ["Rows", "read_rows", "value_of"]

#: What a notebook shows of long answers.
_SHOWN = 60


class Rows(Sequence[dict[str, Any]]):
    """Rows by column: texts, numbers, dates; IRIs as text; None where nothing is bound.

    `resolved` says what each parameter was taken for.
    """

    def __init__(
        self, columns: Sequence[str], rows: Iterable[Sequence[Any]], resolved: Sequence[Resolved] = ()
    ) -> None:
        self.columns = tuple(columns)
        self.resolved = tuple(resolved)
        self._rows = [tuple(row) for row in rows]

    def __len__(self) -> int:
        return len(self._rows)

    @overload
    def __getitem__(self, index: int) -> dict[str, Any]: ...
    @overload
    def __getitem__(self, index: slice) -> "Rows": ...
    def __getitem__(self, index: int | slice) -> "dict[str, Any] | Rows":
        if isinstance(index, slice):
            return Rows(self.columns, self._rows[index], self.resolved)
        return dict(zip(self.columns, self._rows[index], strict=True))

    def __iter__(self) -> Iterator[dict[str, Any]]:
        return (dict(zip(self.columns, row, strict=True)) for row in self._rows)

    def __repr__(self) -> str:
        return f"<{len(self)} rows: {', '.join(self.columns)}>"

    def column(self, name: str) -> list[Any]:
        """The values of one column.

        Raises:
            UsageError: if there is none of that name.
        """
        if name not in self.columns:
            raise UsageError(name, "no such column", expected=f"one of {', '.join(self.columns)}")
        place = self.columns.index(name)
        return [row[place] for row in self._rows]

    def to_pandas(self) -> "pd.DataFrame":
        """The rows as a table of pandas.

        Raises:
            UsageError: if pandas is not installed.
        """
        try:
            import pandas as pd
        except ImportError:
            raise _not_installed("pandas") from None
        return pd.DataFrame(self._rows, columns=list(self.columns))

    def to_polars(self) -> "pl.DataFrame":
        """The rows as a table of polars; a column of several kinds of values as text.

        Raises:
            UsageError: if polars is not installed.
        """
        try:
            import polars as pl
        except ImportError:
            raise _not_installed("polars") from None
        return pl.DataFrame({name: _of_one_kind(self.column(name)) for name in self.columns})

    def _repr_html_(self) -> str:
        notes = [value.line() for value in self.resolved]
        more = [f"{len(self):,} rows, the first {_SHOWN} shown"] if len(self) > _SHOWN else [f"{len(self):,} rows"]
        return table(self.columns, self._rows[:_SHOWN], notes + more)


def _not_installed(name: str) -> KgError:
    return UsageError(f"to_{name}", f"{name} is not installed", remedy="pip install 'trialgraph[notebook]'")


def _of_one_kind(values: list[Any]) -> list[Any]:
    if len({type(value) for value in values if value is not None}) <= 1:
        return values
    return [None if value is None else str(value) for value in values]


def read_rows(answer: ox.QuerySolutions, resolved: Sequence[Resolved] = ()) -> Rows:
    """The rows of an answer, all of them."""
    columns = [variable.value for variable in answer.variables]
    return Rows(columns, ([value_of(row[name]) for name in columns] for row in answer), resolved)


_XSD = PREFIXES["xsd"]
_READERS: dict[str, Callable[[str], Any]] = {
    "integer": int,
    "decimal": Decimal,
    "double": float,
    "float": float,
    "boolean": lambda text: {"true": True, "1": True, "false": False, "0": False}[text],
    "date": datetime.date.fromisoformat,
    "dateTime": datetime.datetime.fromisoformat,
}


def value_of(term: Any) -> Any:
    """A term as a Python value: numbers, truth values and days as such, all else as text."""
    if not isinstance(term, ox.Literal):
        return None if term is None else term.value if isinstance(term, ox.NamedNode) else str(term)
    read = _READERS.get(term.datatype.value.removeprefix(_XSD))
    if read is None or not term.datatype.value.startswith(_XSD):
        return term.value
    try:
        return read(term.value)
    except (ValueError, KeyError, ArithmeticError):
        # Stated so in the record, or a value that Python has none for: a day before the year 1, a date with a zone.
        return term.value
