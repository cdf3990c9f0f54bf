"""Values that are more than a number or a string: dates to the precision stated, ages with their unit."""

import re
from datetime import date
from decimal import Decimal

import msgspec

__all__ = ["Age", "PartialDate"]


class PartialDate(msgspec.Struct, frozen=True):
    """A date as registries state it: year, year and month, or the whole (`2010`, `2010-01`, `2010-01-15`).

    `kind` is ACTUAL or ESTIMATED, None where the record does not say.
    """

    stated: str
    first: date
    last: date
    kind: str | None = None


_AGE = re.compile(r"([0-9]+(?:\.[0-9]+)?)\s*(year|month|week|day|hour|minute)s?", re.IGNORECASE)
#: Unit -> UCUM code (https://ucum.org/ucum#para-31) and how many make a year of 365.25 days and 12 months.
_AGE_UNITS: dict[str, tuple[str, Decimal]] = {
    "year": ("a", Decimal(1)),
    "month": ("mo", Decimal(12)),
    "week": ("wk", Decimal("365.25") / 7),
    "day": ("d", Decimal("365.25")),
    "hour": ("h", Decimal("365.25") * 24),
    "minute": ("min", Decimal("365.25") * 24 * 60),
}


class Age(msgspec.Struct, frozen=True):
    """An age limit: the registry's words, the number, its UCUM unit, and the same in years (five decimals)."""

    stated: str
    value: Decimal
    unit: str
    years: Decimal

    @classmethod
    def parse(cls, text: str) -> "Age | None":
        """The age that `text` states ("18 Years"); None if it states none.

        >>> Age.parse("6 Months").years
        Decimal('0.5')
        """
        match = _AGE.fullmatch(text.strip())
        if match is None:
            return None
        unit, per_year = _AGE_UNITS[match[2].lower()]
        value = Decimal(match[1])
        return cls(text.strip(), value, unit, (value / per_year).quantize(Decimal("0.00001")).normalize())
