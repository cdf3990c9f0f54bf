"""The table of names, gathered from the graph that is served: once for each build, by the workers, as any client asks.

Until the table of a new build is there the old one answers. An endpoint is asked again from time to time.
"""

import asyncio
from collections.abc import Mapping
from time import monotonic

import msgspec
from starlette.requests import Request

from kg import iris, terms
from kg.errors import KgError
from kg.lexicon import normalize
from kg.pages.names import Entry, Names, merged
from kg.queries import substitute
from kg.service.exchange import Service, service_of
from kg.service.wire import Choice, Failure, Format, Reply, TextTask
from kg.vocab import PREFIXES, expand

__all__ = ["names_of", "question", "rows"]

_JSON = Choice(rows=Format("json", "application/sparql-results+json"), boolean=None, graph=None)


def question(text: str) -> TextTask:
    """The task to answer a query in rows."""
    return TextTask(text=text, choice=_JSON)


class _Term(msgspec.Struct):
    value: str


class _Results(msgspec.Struct):
    bindings: list[dict[str, _Term]]


class _Answer(msgspec.Struct):
    results: _Results


def rows(told: Reply | Failure) -> list[dict[str, str]]:
    """The rows of a worker's answer, without the types of values.

    Raises:
        KgError: if there is none.
    """
    if isinstance(told, Failure):
        raise KgError("graph", told.detail)
    answer = msgspec.json.decode(told.body, type=_Answer)
    return [{name: term.value for name, term in row.items()} for row in answer.results.bindings]


async def names_of(request: Request) -> Names:
    """The names in the graph that is served."""
    table = getattr(request.app.state, "names", None)
    if table is None:
        table = request.app.state.names = _Table(service_of(request))
    return await table.names()


#: Seconds after which an endpoint is asked again, and a graph of which not all was told.
_FRESH_S, _AGAIN_S = 3600.0, 60.0


#: Seconds that a page waits for the first table; of a whole registry it takes longer.
_PATIENCE_S = 2.0


class _Table:
    def __init__(self, service: Service) -> None:
        self._service = service
        self._names: Names | None = None
        self._build = ""
        self._until = 0.0
        self._making: asyncio.Task[Names] | None = None

    async def names(self) -> Names:
        """The table of the build that is served; while it is made, that of the build before, or one without names."""
        is_due = self._build != self._service.pool.build or monotonic() > self._until
        if is_due and (self._making is None or self._making.done()):
            self._making = asyncio.create_task(self._make())
        if self._names is None and self._making:
            # Who goes away does not end what others wait for.
            await asyncio.wait({self._making}, timeout=_PATIENCE_S)
        return self._names or Names(is_ready=False)

    async def _make(self) -> Names:
        build = self._service.pool.build
        entries: list[Entry] = []
        is_whole = True
        for gather in (_conditions, _drugs, _sponsors, _countries):
            try:
                entries += await gather(self._service)
            except KgError:
                is_whole = False  # what was told is of use, and the rest is asked for again
        numbers, leading = await _numbers(self._service), await _leading(self._service)
        self._names = await asyncio.to_thread(Names, entries, numbers, leading=leading)
        self._build = build
        lasting = _FRESH_S if not build else float("inf")
        self._until = monotonic() + (lasting if is_whole and numbers else _AGAIN_S)
        return self._names


_PROLOGUE = "".join(f"PREFIX {prefix}: <{PREFIXES[prefix]}>\n" for prefix in ("tg", "rdfs", "skos", "dct"))

#: What has no key is found by no name: the parts of a class that one source has.
_CONCEPTS = f"""{_PROLOGUE}SELECT ?c ?label ?n (GROUP_CONCAT(?other; SEPARATOR="\\n") AS ?others) WHERE {{
  {{ SELECT ?c (COUNT(?t) AS ?n) WHERE {{ ?t ?_property ?c }} GROUP BY ?c ORDER BY DESC(?n) LIMIT %d }}
  ?c rdfs:label ?label
  FILTER EXISTS {{ ?c tg:nameKey ?key }}
  OPTIONAL {{ ?c skos:altLabel ?other }}
}} GROUP BY ?c ?label ?n"""

#: The same of what trials name themselves, without the numbers: of a whole registry, counting takes longer than it may.
_UNCOUNTED = f"""{_PROLOGUE}SELECT ?c ?label (0 AS ?n) (GROUP_CONCAT(?other; SEPARATOR="\\n") AS ?others) WHERE {{
  {{ SELECT DISTINCT ?c WHERE {{ ?t ?_part ?part . ?part tg:conceptExact ?c }} LIMIT %d }}
  ?c rdfs:label ?label
  FILTER EXISTS {{ ?c tg:nameKey ?key }}
  OPTIONAL {{ ?c skos:altLabel ?other }}
}} GROUP BY ?c ?label"""

_ACTIONS = f"""{_PROLOGUE}SELECT DISTINCT ?c WHERE {{ {{ ?x tg:hasAction ?c }} UNION {{ ?x tg:broaderAction ?c }} }}"""

_NAMED = f"{_PROLOGUE}SELECT DISTINCT ?key ?c WHERE {{ VALUES ?key {{ %s }} ?c tg:nameKey ?key }}"

_SPONSORS = f"""{_PROLOGUE}SELECT ?o ?label ?n WHERE {{
  {{ SELECT ?o (COUNT(?t) AS ?n) WHERE {{ ?t tg:leadSponsor ?o }} GROUP BY ?o ORDER BY DESC(?n) LIMIT %d }}
  ?o rdfs:label ?label
}}"""

_COUNTRIES = f"{_PROLOGUE}SELECT DISTINCT ?name WHERE {{ ?l tg:country ?name }}"

#: Concepts that most trials name, and our classes.
_LEADING = f"""{_PROLOGUE}SELECT ?c WHERE {{
  {{
    SELECT ?c WHERE {{ ?t tg:condition ?part . ?part tg:conceptExact ?c }}
    GROUP BY ?c ORDER BY DESC(COUNT(?t)) LIMIT 60
  }} UNION {{
    SELECT ?c WHERE {{ ?t tg:intervention ?part . ?part tg:conceptExact ?c FILTER EXISTS {{ ?c tg:hasAction ?x }} }}
    GROUP BY ?c ORDER BY DESC(COUNT(?t)) LIMIT 60
  }} UNION {{
    SELECT DISTINCT ?c WHERE {{ ?x tg:memberOf ?c . ?c tg:nameKey ?key }}
  }}
}}"""

#: In one row, for there are more than an answer may have rows.
_NUMBERS = f"""{_PROLOGUE}SELECT (GROUP_CONCAT(SUBSTR(?id, 4); SEPARATOR=" ") AS ?ids)
WHERE {{ ?t a tg:Study ; dct:identifier ?id }}"""

#: Ontologies in which the parameters of queries are looked up, the preferred first.
_CONDITION_SPACES = tuple(PREFIXES[prefix] for prefix in ("mesh", "MONDO", "DOID"))
_DRUG_SPACES = tuple(PREFIXES[prefix] for prefix in ("class", "mesh", "CHEBI", "RXNORM"))


async def _asked(service: Service, text: str) -> list[Mapping[str, str]]:
    return list(rows(await service.pool.run(question(text))))


async def _concepts(service: Service, closure: str, part: str) -> list[Mapping[str, str]]:
    """Concepts of trials: with how many, by the closure at the trial, or else those of their parts."""
    most = service.settings.max_rows
    try:
        return await _asked(service, substitute(_CONCEPTS % most, {"_property": terms.iri(expand(closure))}))
    except KgError:
        return await _asked(service, substitute(_UNCOUNTED % most, {"_part": terms.iri(expand(part))}))


def _entry(row: Mapping[str, str], kind: str) -> Entry:
    others = tuple(name for name in row.get("others", "").split("\n") if name)
    return Entry(kind=kind, iri=row["c"], label=row["label"], trials=int(row["n"]), others=others)


async def _conditions(service: Service) -> list[Entry]:
    found = await _concepts(service, "tg:studies", "tg:condition")
    entries = merged([_entry(row, "condition") for row in found], _CONDITION_SPACES)
    return await _told_apart(service, entries, _CONDITION_SPACES)


async def _drugs(service: Service) -> list[Entry]:
    """Drugs, and the classes and actions that they have."""
    actions = {row["c"] for row in await _asked(service, _ACTIONS)}
    by_kind: dict[str, list[Entry]] = {"class": [], "drug": []}
    for row in await _concepts(service, "tg:involves", "tg:intervention"):
        kind = "class" if row["c"] in actions or row["c"].startswith(PREFIXES["class"]) else "drug"
        by_kind[kind].append(_entry(row, kind))
    return [
        entry
        for of_kind in by_kind.values()
        for entry in await _told_apart(service, merged(of_kind, _DRUG_SPACES), _DRUG_SPACES)
    ]


async def _told_apart(service: Service, entries: list[Entry], spaces: tuple[str, ...]) -> list[Entry]:
    """The entries, with a CURIE where a concept of a preferred ontology has the name, and no trial.

    A query takes the name for that concept.
    """

    def rank(iri: str) -> int:
        return next((n for n, space in enumerate(spaces) if iri.startswith(space)), len(spaces))

    keys = {entry.iri: normalize(entry.label) for entry in entries}
    asked = list(dict.fromkeys(key for iri, key in keys.items() if rank(iri)))
    first: dict[str, int] = {}
    size = max(1, min(_ROWS, service.settings.max_rows) // _ALIKE)
    for n in range(0, len(asked), size):
        values = " ".join(map(terms.plain, asked[n : n + size]))
        for row in await _asked(service, _NAMED % values):
            first[row["key"]] = min(first.get(row["key"], len(spaces)), rank(row["c"]))
    return [
        msgspec.structs.replace(entry, curie=iris.compact(entry.iri))
        if first.get(keys[entry.iri], len(spaces)) < rank(entry.iri)
        else entry
        for entry in entries
    ]


#: Rows of an answer, and how many concepts of one name are expected at most.
_ROWS, _ALIKE = 10_000, 10


async def _sponsors(service: Service) -> list[Entry]:
    found = await _asked(service, _SPONSORS % service.settings.max_rows)
    return [Entry(kind="sponsor", iri=row["o"], label=row["label"], trials=int(row["n"])) for row in found]


async def _countries(service: Service) -> list[Entry]:
    found = await _asked(service, _COUNTRIES)
    return [Entry(kind="country", iri="", label=row["name"], trials=0) for row in found]


async def _leading(service: Service) -> list[str]:
    try:
        return [row["c"] for row in await _asked(service, _LEADING)]
    except KgError:
        return []


async def _numbers(service: Service) -> list[str]:
    try:
        found = await _asked(service, _NUMBERS)
    except KgError:
        return []
    return [f"NCT{digits}" for row in found for digits in row.get("ids", "").split()]
