"""The trials of a concept or class by kind of evidence: how many, in which status and phase, and a page of them."""

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import NamedTuple
from urllib.parse import urlencode

from starlette.requests import Request

from kg import iris, terms
from kg.errors import ParameterError
from kg.pages.asking import Row, ask_rows, prologue
from kg.pages.bars import Bars, make_bars
from kg.pages.showing import date_text
from kg.queries import substitute
from kg.vocab import CODES, expand

__all__ = ["RELATIONS", "Listed", "Trials", "read_trials"]

#: Property -> what a reader is told of the trials that have it. Those on the registrant's own word come first.
RELATIONS: Mapping[str, str] = {
    "tg:studies": "Studied",
    "tg:tests": "Tested",
    "tg:comparesWith": "Compared with",
    "tg:givesAsBackground": "Given as background",
    "tg:indexedWith": "Indexed by the registry",
    "tg:titleMentions": "Named in the title",
    "tg:keywordMentions": "Named in keywords",
}
_PAGE = 50

_COUNTS = prologue(
    """SELECT ?p (COUNT(*) AS ?n) WHERE { VALUES ?p { %s } ?trial ?p ?_concept } GROUP BY ?p""".replace(
        "%s", " ".join(RELATIONS)
    )
)
_BY_CODE = prologue(
    """SELECT ?status ?phase (COUNT(DISTINCT ?trial) AS ?n) WHERE {
  ?trial ?_relation ?_concept
  OPTIONAL { ?trial tg:overallStatus ?s . ?s rdfs:label ?status }
  OPTIONAL { ?trial tg:phaseLabel ?f . ?f rdfs:label ?phase }
} GROUP BY ?status ?phase"""
)
#: The page is chosen before anything else is looked up: a broad concept has more trials than anybody reads.
_LIST = prologue(
    """SELECT DISTINCT ?trial ?title ?status ?phase ?start WHERE {
  {
    SELECT ?trial ?start WHERE { ?trial ?_relation ?_concept OPTIONAL { ?trial tg:startDate ?start } }
    ORDER BY DESC(?start) DESC(?trial) LIMIT ?_limit OFFSET ?_offset
  }
  OPTIONAL { ?trial tg:briefTitle ?title }
  OPTIONAL { ?trial tg:overallStatus ?s . ?s rdfs:label ?status }
  OPTIONAL { ?trial tg:phaseLabel ?f . ?f rdfs:label ?phase }
} ORDER BY DESC(?start) DESC(?trial)"""
)


class Listed(NamedTuple):
    """A trial in a list."""

    number: str
    title: str
    status: str
    phase: str
    start: str


class Tab(NamedTuple):
    """A kind of evidence: its name, how many trials have it, the address of its list."""

    name: str
    amount: int
    query: str
    is_chosen: bool


class Trials(NamedTuple):
    """What a page shows of a concept's trials."""

    tabs: Sequence[Tab]
    chosen: str
    by_status: Bars | None
    by_phase: Bars | None
    rows: Sequence[Listed]
    first: int
    total: int
    earlier: str
    later: str


async def read_trials(request: Request, iri: str) -> Trials | None:
    """The trials of a concept, as the address chooses by `as` and `page`; None if there are none.

    Raises:
        ParameterError: if there is no such kind of evidence, or no such page.
    """
    concept = terms.iri(iri)
    counts = {
        iris.compact(row["p"].value).partition(":")[2]: int(row["n"].value)
        for row in await ask_rows(request, substitute(_COUNTS, {"_concept": concept}))
        if "p" in row and row["n"].value != "0"
    }
    asked = request.query_params.get("as", "")
    known = [curie.partition(":")[2] for curie in RELATIONS]
    if asked and asked not in known:
        raise ParameterError("as", "no such kind of evidence", got=asked, expected=", ".join(known))
    chosen = asked or next((name for name in known if name in counts), "")
    if not counts:
        return None
    total = counts.get(chosen, 0)
    page = _page(request.query_params.get("page", "1"), total)
    bound = {
        "_concept": concept,
        "_relation": terms.iri(expand(f"tg:{chosen}")),
        "_limit": str(_PAGE),
        "_offset": str((page - 1) * _PAGE),
    }
    by_code, listed = await asyncio.gather(*(ask_rows(request, substitute(text, bound)) for text in (_BY_CODE, _LIST)))
    return Trials(
        [Tab(RELATIONS[f"tg:{name}"], counts[name], _query(name), name == chosen) for name in known if name in counts],
        RELATIONS[f"tg:{chosen}"],
        _bars(by_code, "status", "Status not stated"),
        _bars(by_code, "phase", "No phase"),
        [_listed(row) for row in listed],
        (page - 1) * _PAGE + 1,
        total,
        _query(chosen, page - 1) if page > 1 else "",
        _query(chosen, page + 1) if page * _PAGE < total else "",
    )


def _page(given: str, total: int) -> int:
    last = max(1, -(-total // _PAGE))
    if not (given.isascii() and given.isdigit() and len(given) <= _MAX_DIGITS and 1 <= int(given) <= last):
        raise ParameterError("page", "no such page", got=given, expected=f"1 to {last}")
    return int(given)


_MAX_DIGITS = 7


def _query(name: str, page: int = 1) -> str:
    return "?" + urlencode({"as": name, **({"page": page} if page > 1 else {})}) + "#trials"


def _bars(rows: Sequence[Row], name: str, otherwise: str) -> Bars | None:
    counts: Counter[str] = Counter()
    for row in rows:
        counts[row[name].value if name in row else otherwise] += int(row["n"].value)
    counts.pop("", None)
    return make_bars({each: amount for each, amount in counts.items() if amount}, list(CODES[name].values()))


def _listed(row: Row) -> Listed:
    def text(name: str) -> str:
        return row[name].value if name in row else ""

    return Listed(
        text("trial").rpartition("/")[2], text("title"), text("status"), text("phase"), date_text(text("start")[:7])
    )
