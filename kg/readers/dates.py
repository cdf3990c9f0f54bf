"""Dates as registries write them -> `PartialDate`."""

import calendar
import re
from datetime import date

from kg.model import PartialDate

__all__ = ["parse_date"]

_MONTHS = {name.lower(): number for number, name in enumerate(calendar.month_name) if name} | {
    name.lower(): number for number, name in enumerate(calendar.month_abbr) if name
}
_ISO = re.compile(r"([0-9]{4})(?:-([0-9]{2})(?:-([0-9]{2}))?)?(?:T[0-9:.]+)?")
_ENGLISH = re.compile(r"([A-Za-z]+)\.?\s+(?:([0-9]{1,2})\s*,\s*)?([0-9]{4})")


def parse_date(text: str, kind: str | None = None) -> PartialDate | None:
    """The date that `text` states, to the precision it states; None if it states no possible date.

    >>> parse_date("January 2010").stated, parse_date("March 2, 2010").stated, parse_date("February 30, 2010")
    ('2010-01', '2010-03-02', None)
    """
    numbers = _numbers(text.strip())
    if numbers is None:
        return None
    year, month, day = numbers
    try:
        first = date(year, month or 1, day or 1)
    except ValueError:
        return None
    last_month = month or 12
    last = date(year, last_month, day or calendar.monthrange(year, last_month)[1])
    stated = "-".join(f"{number:02d}" for number in (month, day) if number)
    return PartialDate(f"{year:04d}-{stated}" if stated else f"{year:04d}", first, last, kind)


def _numbers(text: str) -> tuple[int, int | None, int | None] | None:
    if match := _ISO.fullmatch(text):
        return int(match[1]), _number(match[2]), _number(match[3])
    match = _ENGLISH.fullmatch(text)
    if match is None or match[1].lower() not in _MONTHS:
        return None
    return int(match[3]), _MONTHS[match[1].lower()], _number(match[2])


def _number(digits: str | None) -> int | None:
    return int(digits) if digits else None
