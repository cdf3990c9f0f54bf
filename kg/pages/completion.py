"""`/complete`: what a name that is being typed may become."""

import re
from collections.abc import Iterable

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from kg import iris, terms
from kg.errors import ParameterError
from kg.pages.gathering import names_of, question, rows
from kg.pages.names import KINDS, Entry, Match
from kg.pages.rendering import root
from kg.service.exchange import ask
from kg.service.openapi import operation, query_parameter
from kg.vocab import PREFIXES

__all__ = ["DESCRIBED", "KIND_OF_TEXT", "ROUTES", "address", "number_begun", "titles"]

#: The kind of NCT numbers, which are no names.
_TRIAL = "trial"
#: Parameters of saved queries that are texts -> the kind of names that they are.
KIND_OF_TEXT = {"sponsor": "sponsor", "country": "country", "trial": _TRIAL, "identifier": _TRIAL}
#: Suggestions in all, and of a kind where several are wanted.
_COUNT, _OF_KIND = 10, 4


async def complete(request: Request) -> Response:
    """Names that begin as `q` does, of one kind or of all, best first: `value` is what to ask with."""
    text, kind = request.query_params.get("q", ""), request.query_params.get("kind", "")
    if kind not in ("", _TRIAL, *KINDS):
        raise ParameterError("kind", "no such kind of names", got=kind, expected=", ".join((_TRIAL, *KINDS)))
    names = await names_of(request)
    begun = number_begun(text) if kind in ("", _TRIAL) else ""
    if begun:
        told = await titles(request, names.numbers(begun, _COUNT))
        found = [_number(request, number, title) for number, title in told.items()]
    elif kind == _TRIAL:
        found = []
    else:
        matches = names.find(text, kind, _COUNT if kind else 100)
        found = [_suggestion(request, match) for match in (matches if kind else _mixed(matches))]
    # The table may be another one soon, but not while a word is typed.
    kept = "private, max-age=60" if names.is_ready else "no-store"
    return JSONResponse({"q": text, "suggestions": found}, headers={"Cache-Control": kept})


def _mixed(matches: Iterable[Match]) -> list[Match]:
    """Some of each kind, kinds together, the one with the best match first."""
    by_kind: dict[str, list[Match]] = {}
    for match in matches:
        of_kind = by_kind.setdefault(match.entry.kind, [])
        if len(of_kind) < _OF_KIND:
            of_kind.append(match)
    return [match for of_kind in by_kind.values() for match in of_kind][:_COUNT]


def _suggestion(request: Request, match: Match) -> dict[str, object]:
    entry = match.entry
    return {
        "kind": entry.kind,
        "label": entry.label,
        "matched": match.name if match.name != entry.label else "",
        "trials": entry.trials,
        "value": entry.value,
        "href": root(request) + address(entry),
    }


def _number(request: Request, number: str, title: str) -> dict[str, object]:
    href = f"{root(request)}/study/{number}"
    return {"kind": _TRIAL, "label": title, "matched": number, "trials": 0, "value": number, "href": href}


def address(entry: Entry) -> str:
    """The path of the page that tells most of an entry."""
    from urllib.parse import quote, urlencode

    if entry.kind in ("sponsor", "country"):
        return f"/queries/trials-by-{entry.kind}?{urlencode({entry.kind: entry.label})}"
    if entry.iri.startswith(PREFIXES["class"]):
        return f"/class/{quote(entry.iri.removeprefix(PREFIXES['class']))}"
    return f"/concept/{quote(iris.compact(entry.iri), safe=':')}"


_BEGUN = re.compile(r"nct\d{0,8}|\d{3,8}", re.IGNORECASE)


def number_begun(text: str) -> str:
    """What an NCT number begins with, if a text looks like that; digits alone are taken for those after `NCT`.

    >>> number_begun(" nct0107"), number_begun("0107"), number_begun("NCT-5")
    ('NCT0107', 'NCT0107', '')
    """
    plain = text.strip()
    return f"NCT{plain.upper().removeprefix('NCT')}" if _BEGUN.fullmatch(plain) and plain.isascii() else ""


async def titles(request: Request, numbers: Iterable[str]) -> dict[str, str]:
    """The brief titles of trials, in the order given."""
    studies = {iris.study(number): number for number in numbers}
    if not studies:
        return {}
    text = (
        f"SELECT ?study ?title WHERE {{ VALUES ?study {{ {' '.join(map(terms.iri, studies))} }} "
        f"OPTIONAL {{ ?study <{PREFIXES['tg']}briefTitle> ?title }} }}"
    )
    found = {row["study"]: row.get("title", "") for row in rows(await ask(request, question(text)))}
    return {number: found.get(study, "") for study, number in studies.items()}


ROUTES: tuple[BaseRoute, ...] = (Route("/complete", complete),)

_SUGGESTIONS = {"type": "object", "required": ["value"], "properties": {"value": {"type": "string"}}}
_ANSWER = {
    "type": "object",
    "required": ["q", "suggestions"],
    "properties": {"q": {"type": "string"}, "suggestions": {"type": "array", "items": _SUGGESTIONS}},
}
_PARAMETERS = [
    query_parameter("q", "The text, as far as it is typed.", {"type": "string"}, example="hepatoc"),
    query_parameter("kind", "Names of this kind only.", {"enum": ["", _TRIAL, *KINDS]}, example="condition"),
]
#: What OpenAPI says of these routes.
DESCRIBED = {
    "/complete": {
        "get": operation(
            "complete", "Names that begin as a text does, best first.", _PARAMETERS, {"application/json": _ANSWER}
        )
    }
}
