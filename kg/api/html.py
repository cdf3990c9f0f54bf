"""HTML for notebooks: everything that comes from a graph is escaped."""

from collections.abc import Iterable, Sequence
from html import escape
from typing import Any

from kg import iris
from kg.vocab import PREFIXES

__all__ = ["heading", "preformatted", "table"]


def heading(text: str, href: str = "") -> str:
    """A heading, with a link if there is one."""
    return f"<h4>{_linked(text, href)}</h4>"


def preformatted(text: str) -> str:
    """A text whose lines and spaces count."""
    return f'<pre style="white-space: pre-wrap">{escape(text)}</pre>'


def table(columns: Sequence[str], rows: Iterable[Sequence[Any]], notes: Iterable[str] = ()) -> str:
    """A table, with notes below it."""
    head = "".join(f'<th scope="col">{escape(column)}</th>' for column in columns)
    body = "".join(f"<tr>{''.join(_cell(value) for value in row)}</tr>" for row in rows)
    below = "".join(f"<p><small>{escape(note)}</small></p>" for note in notes)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>{below}"


def _cell(value: Any) -> str:
    if value is None:
        return "<td></td>"
    text = str(value)
    # A text of a record may begin like an address and be none: only what is nothing else is a link.
    if isinstance(value, str) and text.startswith(("http://", "https://")) and " " not in text:
        return f'<td style="text-align: left">{_linked(_short(text), text)}</td>'
    side = "right" if isinstance(value, int | float) and not isinstance(value, bool) else "left"
    return f'<td style="text-align: {side}">{escape(text)}</td>'


def _short(iri: str) -> str:
    study = PREFIXES["study"]
    return iri.removeprefix(study) if iri.startswith(study) else iris.compact(iri)


def _linked(text: str, href: str) -> str:
    return f'<a href="{escape(href)}">{escape(text)}</a>' if href else escape(text)
