"""What is asked of the registry: its own search expressions, and the date from which on studies have changed.

The parameters are those of API v2's `/studies` (https://clinicaltrials.gov/data-api/api#get-/studies).
"""

import re
from collections.abc import Iterable
from datetime import UTC, date, datetime
from urllib.parse import quote, urlencode

from kg.errors import NotFound, UsageError

__all__ = ["AREAS", "FILTERS", "PAGE_SIZE", "page_url", "parse_since", "read_query"]

#: The most that the registry gives in one page.
PAGE_SIZE = 1000
#: Areas that a query can name before an equals sign.
AREAS = ("cond", "term", "locn", "titles", "intr", "outc", "spons", "lead", "id", "patient")
#: Filters that a query can name so.
FILTERS = ("filter.overallStatus", "filter.geo", "filter.ids", "filter.advanced", "filter.synonyms", "aggFilters")
_NAMED = re.compile(r"([A-Za-z][A-Za-z.]*)=(.*)", re.DOTALL)
#: Parameters that take a search expression: several are joined. Of the others each takes one value.
_EXPRESSIONS = (*(f"query.{area}" for area in AREAS), "filter.advanced")


def read_query(expressions: Iterable[str]) -> dict[str, str]:
    """The registry's parameters for what a user asks, in the order of their names.

    An expression is `area=words` (`cond=lung cancer`), a filter of the API (`filter.overallStatus=RECRUITING`), or
    words to be found anywhere. A study has to meet all of them.

    Raises:
        NotFound: if there is no such area or filter.
        UsageError: if an expression is empty, or a filter is given twice that takes one value.
    """
    found: dict[str, list[str]] = {}
    for expression in expressions:
        name, value = _split(expression.strip())
        if not value.strip():
            raise UsageError("--query", "says nothing to look for", got=expression, expected="an expression")
        found.setdefault(name, []).append(value.strip())
    for name, values in found.items():
        if len(values) > 1 and name not in _EXPRESSIONS:
            raise UsageError("--query", f"{name} takes one value", got=", ".join(values))
    return {name: _all_of(values) for name, values in sorted(found.items())}


def _split(expression: str) -> tuple[str, str]:
    match = _NAMED.fullmatch(expression)
    if match is None:
        return "query.term", expression
    name, value = match.groups()
    known = [*AREAS, *(f"query.{area}" for area in AREAS), *FILTERS]
    if name not in known:
        raise NotFound("--query", name, known)
    return (f"query.{name}" if name in AREAS else name), value


def _all_of(values: list[str]) -> str:
    return values[0] if len(values) == 1 else " AND ".join(f"({value})" for value in values)


def parse_since(text: str) -> str:
    """The day that a user names; empty if none is named.

    Raises:
        UsageError: if it is no day, or still to come.
    """
    if not text:
        return ""
    expected = "a day that has begun, as YYYY-MM-DD"
    try:
        day = date.fromisoformat(text)
    except ValueError as error:
        raise UsageError("--since", "no day", got=text, expected=expected) from error
    if day > datetime.now(UTC).date():
        raise UsageError("--since", "is still to come", got=text, expected=expected)
    return day.isoformat()


def page_url(registry: str, query: dict[str, str], since: str, token: str) -> str:
    """Where the page with this token stands; the first one's is empty. All other parameters stay the same."""
    asked = dict(query)
    if since:
        changed = f"AREA[LastUpdatePostDate]RANGE[{since},MAX]"
        asked["filter.advanced"] = _all_of([*filter(None, [asked.get("filter.advanced", "")]), changed])
    asked |= {"format": "json", "countTotal": "true", "pageSize": str(PAGE_SIZE)}
    if token:
        asked["pageToken"] = token
    return f"{registry}/studies?{urlencode(asked, quote_via=quote)}"
