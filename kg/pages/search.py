"""`/` and `/search`: what is found by name - conditions, drugs, classes, sponsors, countries, trials."""

import re
from urllib.parse import urlencode

import msgspec
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from kg import terms
from kg.errors import KgError
from kg.pages.completion import address, number_begun, titles
from kg.pages.gathering import names_of, question, rows
from kg.pages.names import KINDS, Entry, Match, Names
from kg.pages.rendering import render, root
from kg.queries import substitute
from kg.service.exchange import ask, service_of
from kg.vocab import PREFIXES

__all__ = ["ROUTES"]

#: Matches of a kind on the page of all kinds, and on the page of one.
_SHOWN, _SHOWN_OF_ONE = 8, 100
#: Trials found by words of their titles.
_TRIALS = 20
#: Words of a title that are looked for.
_MAX_WORDS = 8
#: In a graph of more trials, titles are looked through only if that is asked for: it takes a second per 200,000.
_MANY = 50_000


class Hit(msgspec.Struct, frozen=True):
    """One line of results."""

    label: str
    href: str
    also: str = ""
    trials: int = 0


class Group(msgspec.Struct, frozen=True):
    """Results of a kind; `more` is where all are shown, if there are more; `note` is what stands in the way of some."""

    heading: str
    hits: list[Hit]
    more: str = ""
    note: str = ""


async def search(request: Request) -> Response:
    """The page of results; an NCT number leads to its trial at once."""
    text = request.query_params.get("q", "").strip()
    if not text:
        return RedirectResponse(f"{service_of(request).base(request)}/", 303)
    names = await names_of(request)
    begun = number_begun(text)
    if begun in names.numbers(begun, 1) if begun else False:
        return RedirectResponse(f"{service_of(request).base(request)}/study/{begun}", 303)
    if _CURIE.fullmatch(text):
        return RedirectResponse(f"{service_of(request).base(request)}/concept/{text}", 303)
    kind = request.query_params.get("kind", "")
    groups = _groups(request, names, text, kind if kind in KINDS else "")
    is_large = names.trials > _MANY
    if not kind and (not is_large or request.query_params.get("titles")):
        groups += await _trials(request, text, names.numbers(begun, _TRIALS) if begun else [])
    titles_link = "" if kind or not is_large else f"{root(request)}/search?{urlencode({'q': text, 'titles': 1})}"
    near = [] if groups else [_hit(request, match) for match in names.nearest(text, count=5)]
    return render(
        request, "search.html", text=text, groups=groups, near=near, titles_link=titles_link, is_ready=names.is_ready
    )


#: A concept by its identifier.
_CURIE = re.compile(r"(?:mesh|MONDO|DOID|CHEBI|RXNORM|NCIT|ATC):\w+", re.ASCII)


def _groups(request: Request, names: Names, text: str, kind: str) -> list[Group]:
    found: dict[str, list[Match]] = {}
    for each in (kind,) if kind else KINDS:
        found[each] = names.find(text, each, _SHOWN_OF_ONE)
    most = _SHOWN_OF_ONE if kind else _SHOWN
    return [
        Group(
            heading=KINDS[each],
            hits=[_hit(request, match) for match in matches[:most]],
            more=f"{root(request)}/search?{urlencode({'q': text, 'kind': each})}" if len(matches) > most else "",
        )
        for each, matches in found.items()
        if matches
    ]


def _hit(request: Request, match: Match) -> Hit:
    entry = match.entry
    also = match.name if match.name != entry.label else ""
    return Hit(label=entry.label, href=root(request) + address(entry), also=also, trials=entry.trials)


_TITLES = f"""SELECT ?study ?title WHERE {{
  ?study <{PREFIXES["tg"]}briefTitle> ?title
  FILTER(?_conditions)
}} LIMIT {_TRIALS}"""


async def _trials(request: Request, text: str, numbers: list[str]) -> list[Group]:
    """Trials by the beginning of their number, or by words of their titles."""
    if numbers:
        told = await titles(request, numbers)
    else:
        asked = [word for word in re.findall(r"\w+", text.casefold()) if len(word) > 1][:_MAX_WORDS]
        if not asked:
            return []
        conditions = " && ".join(f"CONTAINS(LCASE(STR(?title)), ?_word_{n})" for n in range(len(asked)))
        given = {f"_word_{n}": terms.plain(word) for n, word in enumerate(asked)}
        query = substitute(_TITLES.replace("?_conditions", conditions), given)
        try:
            found = rows(await ask(request, question(query)))
        except KgError as error:
            return [Group(heading="Trials", hits=[], note=f"Titles could not be looked through: {error.problem}.")]
        told = {row["study"].rpartition("/")[2]: row["title"] for row in found}
    hits = [Hit(label=title, href=f"{root(request)}/study/{number}", also=number) for number, title in told.items()]
    return [Group(heading="Trials", hits=hits)] if hits else []


#: Questions that show on the first page what can be asked.
_SHOWN_QUERIES = (
    "terminated-mtor-inhibitor-hcc-trials",
    "recruiting-trials",
    "drugs-for-condition",
    "phases-and-statuses",
    "trials-comparing-drugs",
    "results-missing",
)


async def home(request: Request) -> Response:
    """The first page: the search box, what most trials are about, and questions that are kept."""
    names = await names_of(request)
    queries = service_of(request).queries
    most = [
        Group(
            heading=KINDS[kind],
            hits=[Hit(label=e.label, href=root(request) + address(e), trials=e.trials) for e in _leading(names, kind)],
        )
        for kind in ("condition", "drug", "class", "sponsor")
    ]
    return render(
        request,
        "home.html",
        most=[group for group in most if group.hits],
        trials=names.trials,
        queries=[queries[name] for name in _SHOWN_QUERIES if name in queries],
        query_count=len(queries),
    )


def _leading(names: Names, kind: str) -> list[Entry]:
    """The entries of a kind to begin with; of concepts those of one ontology, for several call the same otherwise."""
    if kind == "sponsor":
        return names.most(kind, _LEADING)
    mesh = [iri for iri in names.leading if iri.startswith(PREFIXES["mesh"])]
    return names.most(kind, _LEADING, mesh if kind != "class" and mesh else names.leading)


#: Entries of a kind on the first page.
_LEADING = 6

ROUTES: tuple[BaseRoute, ...] = (Route("/", home), Route("/search", search))
