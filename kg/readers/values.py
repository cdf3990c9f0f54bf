"""What a field's text means, by the field's type: a value, or a value with something odd about it.

Nothing here knows of records or places: the same text means the same wherever it stands, so what recurs (dates, ages,
codes) is worked out once.
"""

import re
from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from functools import lru_cache, partial
from typing import Any, NamedTuple

from kg import model
from kg.finding import Severity
from kg.readers.dates import parse_date
from kg.readers.format import Tree
from kg.readers.texts import MAX_TEXT, find_oddities, is_web_address
from kg.vocab import CODES, find_code

__all__ = ["Meaning", "Odd", "Remark", "find_meaning"]


class Remark(NamedTuple):
    """What a finding will say of a value; `of_kind` where it is about the word beside a date, not about the date."""

    rule: str
    message: str
    severity: Severity = "warning"
    value: str = ""
    of_kind: bool = False


class Odd(NamedTuple):
    """A value, or None where the text means none, and what is to be said about it."""

    value: Any
    remarks: tuple[Remark, ...]


#: What was found in the record -> the value; `Odd` where something is to be said, None where nothing is stated.
Meaning = Callable[[Any], Any]


def find_meaning(tree: Tree, field: model.Field) -> Meaning | None:
    """How what a record states in a field is read; None for a part of the model, which has fields of its own."""
    if isinstance(field.property, model.Code):
        return _of_text(tree, _code(field.property.scheme))
    if isinstance(field.property, model.Text | model.Name | model.String):
        return _words(tree, numbers=not isinstance(field.property, model.String) or field.name in _OF_PERSONS)
    if isinstance(field.property, model.Url):
        return _of_text(tree, _url)
    if field.target is model.PartialDate:
        return _dates(tree)
    if field.target is str:
        return tree.text
    return _of_text(tree, _TYPES[field.target]) if field.target in _TYPES else None


def _of_text(tree: Tree, mean: Callable[[str], Any]) -> Meaning:
    find_text = tree.text

    def read(raw: Any) -> Any:
        text = find_text(raw)
        return None if text is None else mean(text)

    return read


#: Longer texts are no codes, dates or ages; they would only fill the memory of those that are.
_SHORT = 60


def _once(work_out: Callable[..., Any]) -> Callable[..., Any]:
    """The function, with the answers of the short texts it was asked last kept."""
    kept = lru_cache(maxsize=4096)(work_out)

    def ask(text: str, *more: str | None) -> Any:
        return kept(text, *more) if len(text) <= _SHORT else work_out(text, *more)

    return ask


#: Strings in no language that are about persons; the others are identifiers, whose digits are no phone numbers.
_OF_PERSONS = frozenset({"affiliation", "title", "old_name_title", "old_organization"})
_EMPTY = Odd(None, (Remark("empty-value", "nothing but white space: left out", "info"),))
_TOO_LONG = Odd(None, (Remark("too-long", f"more than {MAX_TEXT:,} characters in one field: left empty"),))


def _words(tree: Tree, *, numbers: bool) -> Meaning:
    find_text = tree.text

    def read(raw: Any) -> Any:
        text = find_text(raw)
        if text is None:
            return None if isinstance(raw, dict | list) else _EMPTY
        if len(text) > MAX_TEXT:
            return _TOO_LONG
        found = find_oddities(text, numbers=numbers)
        return Odd(text, tuple(Remark(rule, message, severity) for rule, severity, message in found)) if found else text

    return read


def _url(text: str) -> Any:
    if is_web_address(text):
        return text
    message = "no web address (http, https or ftp, without blanks): kept as text"
    return Odd(text, (Remark("bad-url", message, value=text),))


def _code(scheme: str) -> Callable[[str], Any]:
    codes, find = CODES[scheme], _once(partial(_find_code, scheme))
    return lambda text: text if text in codes else find(text)


def _find_code(scheme: str, text: str) -> Any:
    code = find_code(scheme, text)
    message = f"no value of {scheme} that is known"
    return code or Odd(text, (Remark("unknown-code", message, value=text),))


#: A whole number that was written with a fraction: `6.0`.
_NO_FRACTION = re.compile(r"\.0+$")


def _integer(text: str) -> Any:
    digits = _NO_FRACTION.sub("", text.replace(",", ""))
    if digits.isascii() and digits.isdigit() and len(digits) <= 18:  # noqa: PLR2004 - what an xsd:long holds
        return int(digits)
    return Odd(None, (Remark("bad-number", "no whole number", value=text),))


#: Numbers beyond this power of ten are typing errors, and would be written with as many digits.
_MAX_EXPONENT = 30


def _decimal(text: str) -> Any:
    try:
        value = Decimal(text)
    except InvalidOperation:
        value = Decimal("NaN")
    if value.is_finite() and abs(value.adjusted()) <= _MAX_EXPONENT:
        return value
    return Odd(None, (Remark("bad-number", "no number", value=text),))


_TRUTH = {
    "true": True, "yes": True, "y": True, "accepts healthy volunteers": True,
    "false": False, "no": False, "n": False,
}  # fmt: skip


def _boolean(text: str) -> Any:
    known = _TRUTH.get(text.lower())
    return Odd(None, (Remark("bad-boolean", "neither yes nor no", value=text),)) if known is None else known


def _dates(tree: Tree) -> Meaning:
    find_date = tree.stated_date

    def read(raw: Any) -> Any:
        text, kind = find_date(raw)
        return None if text is None else _date(text, kind)

    return read


@_once
def _date(text: str, kind: str | None) -> Any:
    code = find_code("dateType", kind) if kind else None
    value = parse_date(text, code)
    remarks: tuple[Remark, ...] = ()
    if kind and code is None:
        remarks += (Remark("unknown-code", "no value of dateType that is known", value=kind, of_kind=True),)
    if value is None:
        remarks += (Remark("bad-date", "no date that exists", value=text),)
    return Odd(value, remarks) if remarks else value


@_once
def _age(text: str) -> Any:
    if text.upper() in {"N/A", "NONE"}:
        return None
    return model.Age.parse(text) or Odd(None, (Remark("bad-age", "no age", value=text),))


#: How a text is read as a value of a type.
_TYPES: dict[type, Callable[[str], Any]] = {int: _integer, bool: _boolean, Decimal: _decimal, model.Age: _age}
