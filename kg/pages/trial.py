"""The page of a trial."""

from collections import defaultdict
from typing import Any, NamedTuple

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from kg import iris
from kg.errors import NotFound
from kg.pages.asking import Row, page_headers
from kg.pages.neighbourhood import make_neighbourhood
from kg.pages.properties import INFERRED, name_of
from kg.pages.rendering import render, root
from kg.pages.sections import make_sections
from kg.pages.showing import Shown, shown
from kg.pages.study import MAX_LOCATIONS, Study, read_study
from kg.pages.timeline import make_timeline
from kg.service.documents import alternates
from kg.service.formats import GRAPH, SUFFIXES

__all__ = ["trial"]

#: Status -> how its mark looks: under way and open, stopped before its time, not to be had.
_TONES = {
    "RECRUITING": "good",
    "ENROLLING_BY_INVITATION": "good",
    "ACTIVE_NOT_RECRUITING": "good",
    "AVAILABLE": "good",
    "NOT_YET_RECRUITING": "good",
    "TERMINATED": "bad",
    "WITHDRAWN": "bad",
    "SUSPENDED": "warn",
    "UNKNOWN": "warn",
    "WITHHELD": "warn",
}


class Place(NamedTuple):
    """A place where a trial is done: its part's name, and what the record says of it."""

    anchor: str
    facility: str
    address: str
    coordinates: str
    status: str
    people: str


class Country(NamedTuple):
    """A country, and the places in it."""

    name: str
    places: list[Place]


class Closed(NamedTuple):
    """What follows for a trial: one kind of evidence, and the concepts with everything broader."""

    name: str
    concepts: list[Shown]


async def trial(request: Request) -> Response:
    """Everything that the graph says of a trial, in the registry's groups.

    Raises:
        NotFound: if the graph knows nothing of it.
    """
    number = request.path_params["name"].upper()
    if not iris.is_nct(number):
        raise NotFound("study", request.path_params["name"], ())
    if number != request.path_params["name"]:
        return RedirectResponse(f"{root(request)}/study/{number}.html", 301)
    headers = page_headers(request, alternates(request, f"/study/{number}", "html"))
    study = await read_study(request, number)
    if study.replaced_by:
        return RedirectResponse(f"{root(request)}/study/{study.replaced_by}.html", 301)
    if not study.said:
        raise NotFound("graph", number, ())
    # Not in the loop: some trials have a thousand places, and others wait for shorter answers meanwhile.
    return await run_in_threadpool(_page, request, study, headers)


def _page(request: Request, study: Study, headers: dict[str, str]) -> Response:
    return render(request, "trial.html", headers=headers, study=study, **_values(study))


def _values(study: Study) -> dict[str, Any]:
    status = study.values("tg:overallStatus")
    return {
        "number": study.number,
        "brief_title": study.text("tg:briefTitle") or study.number,
        "official_title": study.text("tg:officialTitle"),
        "tone": _TONES.get(status[0].term.value.rpartition("/")[2], "") if status else "",
        "sponsor": [shown(value.term, value.name) for value in study.values("tg:leadSponsor")],
        "sections": make_sections(study),
        "timeline": make_timeline(study),
        "neighbourhood": make_neighbourhood(study),
        "title_links": study.evidence.get("", []),
        "countries": _countries(study),
        "places_cut": len(study.locations) >= MAX_LOCATIONS,
        "closures": _closures(study),
        "registry": iris.study(study.number),
        "formats": [(suffix, GRAPH[name][0]) for name, suffix in SUFFIXES.items()],
        "shown": shown,
    }


def _countries(study: Study) -> list[Country]:
    found: dict[str, list[Place]] = defaultdict(list)
    for row in study.locations:
        found[row["country"].value if "country" in row else "Country not stated"].append(_place(study, row))
    return [Country(name, found[name]) for name in sorted(found, key=lambda name: (-len(found[name]), name))]


def _place(study: Study, row: Row) -> Place:
    def joined(*names: str) -> str:
        return ", ".join(row[name].value for name in names if name in row)

    return Place(
        study.fragment(row["place"].value),
        joined("facility") or "not named",
        joined("city", "state", "zip"),
        joined("latitude", "longitude"),
        joined("status"),
        "; ".join(sorted(joined("contacts").split("; "))),
    )


def _closures(study: Study) -> list[Closed]:
    found: dict[str, dict[str, Shown]] = defaultdict(dict)
    for row in study.closure:
        name = row["name"].value if "name" in row else ""
        found[iris.compact(row["p"].value)].setdefault(row["o"].value, shown(row["o"], name))
    return [
        Closed(name_of(curie), sorted(concepts.values(), key=lambda each: (each.text.casefold(), each.href)))
        for curie, concepts in sorted(found.items(), key=lambda item: INFERRED.index(item[0]))
    ]
