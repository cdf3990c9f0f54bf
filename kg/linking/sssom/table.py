"""The text of a mapping set: a YAML header behind `#`, then tab-separated rows; read from any bytes, written one way.

The form: https://mapping-commons.github.io/sssom/spec-formats-tsv/. What is read need not follow it to the letter
(byte order mark, CRLF, a quote that never closes); what is written does.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Any

import msgspec
import yaml

from kg.errors import SourceError

__all__ = ["Line", "Table", "join_values", "read_table", "split_values", "write_table"]


class Line(msgspec.Struct, frozen=True):
    """One row as it stands: the number of its line in the file, its cells, and whether a quote in it never closes."""

    number: int
    cells: tuple[str, ...]
    unclosed: bool = False


class Table(msgspec.Struct, frozen=True):
    """A mapping set as text: header, names of columns, rows."""

    header: dict[str, Any]
    columns: tuple[str, ...]
    lines: tuple[Line, ...]


def read_table(data: bytes, source: str) -> Table:
    """The header and rows of a file; lines without any character are no rows.

    Raises:
        SourceError: if it is not in UTF-8, its header is no YAML, or there is no line of column names.
    """
    text = _decoded(data, source)
    block, start = [], 0
    while text.startswith("#", start):
        end = text.find("\n", start) + 1 or len(text)
        block.append(text[start + 1 : end])
        start = end
    lines = list(_lines(text[start:], len(block) + 1))
    if not lines:
        raise SourceError(source, "no line with the names of columns", expected="an SSSOM file of tab-separated values")
    return Table(_header("".join(block), source), tuple(cell.strip() for cell in lines[0].cells), tuple(lines[1:]))


def _decoded(data: bytes, source: str) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        got = f"byte {data[error.start]:#04x} at {error.start}"
        raise SourceError(source, "not in UTF-8", got=got, remedy="Save the file as UTF-8.") from error


def _header(text: str, source: str) -> dict[str, Any]:
    """All values as text: `1.0` and `2024-01-01` are what they look like."""
    try:
        header = yaml.load(text, Loader=yaml.BaseLoader)  # noqa: S506 - knows text, lists and mappings only
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        problem = " ".join(str(error).split()) or type(error).__name__
        raise SourceError(source, f"the header is no YAML ({problem})") from error
    if header is None or header == "":
        return {}
    if not isinstance(header, dict):
        raise SourceError(source, "the header is no YAML mapping", got=str(header), expected="lines of `#key: value`")
    return {str(key): value for key, value in header.items()}


#: A cell in quotes, up to the end of cell, line or file; else what there is up to there. The first may span lines.
_QUOTED = re.compile(r'"((?:[^"]|"")*+)"(?=[\t\r\n]|\Z)')
_PLAIN = re.compile(r"[^\t\r\n]*")
_NEWLINE = re.compile(r"\r\n|\r|\n")


def _lines(text: str, number: int) -> Iterator[Line]:
    place = 0
    while place < len(text):
        first, cells, unclosed = number, list[str](), False
        while True:
            quoted = _QUOTED.match(text, place) if text.startswith('"', place) else None
            cell = quoted or _PLAIN.match(text, place)
            assert cell is not None  # noqa: S101 - the second pattern matches anything
            unclosed = unclosed or (quoted is None and text.startswith('"', place))
            cells.append(quoted[1].replace('""', '"') if quoted else cell[0])
            number += len(_NEWLINE.findall(cell[0])) if quoted else 0
            place = cell.end()
            if not text.startswith("\t", place):
                break
            place += 1
        if end := _NEWLINE.match(text, place):
            place = end.end()
        number += 1
        if cells != [""]:
            yield Line(first, tuple(cells), unclosed)


#: What must stand in quotes: what would end the cell, and what some readers take for a comment or trim.
_TO_QUOTE = re.compile(r'["\t\r\n\x0b\x0c\x1c-\x1e\x85\u2028\u2029]|^[#\s]|\s$')


def write_table(table: Table) -> bytes:
    """The file's bytes: the same header and rows give the same ones."""
    header = yaml.safe_dump(table.header, sort_keys=False, allow_unicode=True, width=1 << 30) if table.header else ""
    lines = [f"#{line}" for line in header.split("\n") if line]
    lines += ["\t".join(map(_cell, cells)) for cells in (table.columns, *(line.cells for line in table.lines))]
    return ("\n".join(lines) + "\n").encode("utf-8", "replace")


def _cell(value: str) -> str:
    return '"' + value.replace('"', '""') + '"' if _TO_QUOTE.search(value) else value


_BETWEEN = re.compile(r"(?<!\\)\|")


def split_values(cell: str) -> tuple[str, ...]:
    r"""The values of a cell that may hold several.

    >>> split_values(r"rdfs:label|a\|b")
    ('rdfs:label', 'a|b')
    """
    return tuple(value.strip().replace("\\|", "|") for value in _BETWEEN.split(cell) if value.strip())


def join_values(values: Iterable[str]) -> str:
    """One cell for several values; `split_values` gives them back."""
    return "|".join(value.replace("|", "\\|") for value in values)
