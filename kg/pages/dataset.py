"""The page of the dataset: what is in it, from where, in which versions, on what terms; how much of it is linked."""

import asyncio
import json
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple

from starlette.requests import Request
from starlette.responses import Response

from kg.errors import KgError
from kg.ontologies import read_sources
from kg.pages.asking import Row, ask_rows, page_headers, prologue
from kg.pages.bars import Bars, make_bars
from kg.pages.rendering import render
from kg.pages.showing import date_text
from kg.service.exchange import service_of
from kg.service.pool import Pool
from kg.vocab import CODES

__all__ = ["dataset"]

#: Name -> a query whose rows the page shows. Each is asked alone: one that takes too long leaves the others.
_QUERIES = {
    name: prologue(text)
    for name, text in {
        "trials": "SELECT (COUNT(*) AS ?n) WHERE { ?trial a tg:Study }",
        "layers": "SELECT ?graph ?title ?n ?version WHERE { ?graph a void:Dataset OPTIONAL { ?graph dct:title ?title } "
        "OPTIONAL { ?graph void:triples ?n } OPTIONAL { ?graph dct:hasVersion ?version } }",
        "formats": "SELECT ?name (COUNT(*) AS ?n) WHERE { ?record tg:sourceFormat ?format . ?format rdfs:label ?name } "
        "GROUP BY ?name",
        "latest": "SELECT ?day WHERE { ?record tg:lastUpdateSubmitted ?day } ORDER BY DESC(?day) LIMIT 1",
        "status": "SELECT ?name (COUNT(*) AS ?n) WHERE { ?trial tg:overallStatus ?code . ?code rdfs:label ?name } "
        "GROUP BY ?name",
        "phase": "SELECT ?name (COUNT(*) AS ?n) WHERE { ?trial tg:phaseLabel ?code . ?code rdfs:label ?name } "
        "GROUP BY ?name",
        "studyType": "SELECT ?name (COUNT(*) AS ?n) WHERE { ?trial tg:studyType ?code . ?code rdfs:label ?name } "
        "GROUP BY ?name",
        "strings": "SELECT ?class (COUNT(*) AS ?n) WHERE { VALUES ?class { tg:Condition tg:Intervention tg:Keyword } "
        "?part a ?class } GROUP BY ?class",
        "linked": "SELECT ?class (COUNT(*) AS ?n) WHERE { { SELECT DISTINCT ?part WHERE { ?part tg:concept ?to } } "
        "?part a ?class } GROUP BY ?class",
        "tiers": "SELECT ?name (COUNT(*) AS ?n) WHERE { ?link tg:tier ?name } GROUP BY ?name",
    }.items()
}
#: The order of layers; ontologies stand before them, by name.
_ORDER = "registry derived links inferred ontology"
_KINDS = {"Condition": "Conditions", "Intervention": "Interventions", "Keyword": "Keywords"}
#: Rules of linking that are named on the page; the others are counted together.
_MOST_TIERS = 12

#: A query's rows; None if it was not answered.
_Answers = Mapping[str, list[dict[str, Any]] | None]


class Layer(NamedTuple):
    """A layer or an ontology: its name, its triples, its version, and on what terms it may be used."""

    name: str
    triples: int | None
    version: str
    licence: str
    licence_url: str
    homepage: str


class Coverage(NamedTuple):
    """How many strings of a kind there are, and how many of them are linked."""

    kind: str
    strings: int
    linked: int

    @property
    def percent(self) -> float:
        """The linked ones of a hundred."""
        return 100 * self.linked / self.strings if self.strings else 0.0


async def dataset(request: Request) -> Response:
    """What the graph says of itself."""
    headers = page_headers(request)
    service = service_of(request)
    build = service.pool.build
    remembered: dict[str, dict[str, Any]] = getattr(request.app.state, "dataset", {})
    if build and build in remembered:
        return render(request, "dataset.html", headers=headers, is_remote=False, **remembered[build])
    answers = await _answers(request)
    values = _values(answers, _manifest(service.settings.graph, service.pool))
    if None in answers.values():
        # What was too slow this time may be known the next: nobody keeps this page.
        headers.pop("ETag", None)
    elif build:
        # Counts of a large graph take seconds, and are the same as long as the build is.
        request.app.state.dataset = {build: values}
    return render(request, "dataset.html", headers=headers, is_remote=not build, **values)


async def _answers(request: Request) -> _Answers:
    async def answer(text: str) -> list[dict[str, Any]] | None:
        try:
            return list(await ask_rows(request, text))
        except KgError:
            return None

    found = await asyncio.gather(*(answer(text) for text in _QUERIES.values()))
    return dict(zip(_QUERIES, found, strict=True))


def _manifest(folder: Path | None, pool: Pool) -> dict[str, Any]:
    """What the build wrote of itself; nothing, if another build stands in its place by now, or there is no folder."""
    if folder is None:
        return {}
    try:
        text = (folder / "manifest.json").read_bytes()
    except OSError:
        return {}
    found: dict[str, Any] = json.loads(text) if sha256(text).hexdigest() == pool.build else {}
    return found


def _values(answers: _Answers, manifest: dict[str, Any]) -> dict[str, Any]:
    trials = answers["trials"]
    counts = manifest.get("counts", {})
    return {
        "trials": int(trials[0]["n"].value) if trials else None,
        "layers": _layers(answers["layers"] or [], "layer"),
        "ontologies": _layers(answers["layers"] or [], "ontology"),
        "formats": sorted(
            (row["name"].value, int(row["n"].value)) for row in answers["formats"] or () if "name" in row
        ),
        "latest": next((row["day"].value for row in answers["latest"] or ()), ""),
        "date_text": date_text,
        "charts": [
            (name, title, bars)
            for name, title in (("status", "By status"), ("phase", "By phase"), ("studyType", "By type"))
            if (bars := _bars(answers[name], name))
        ],
        "coverage": _coverage(answers),
        "tiers": _tiers(answers["tiers"]),
        "inputs": [(Path(name).name, digest) for name, digest in manifest.get("inputs", {}).items()],
        "versions": manifest.get("versions", {}),
        "records": counts.get("records"),
        "superseded": counts.get("superseded"),
        "findings": counts.get("findings", {}),
    }


def _text(row: Row, name: str) -> str:
    return row[name].value if name in row else ""


def _layers(rows: list[dict[str, Any]], kind: str) -> list[Layer]:
    known = {source.name: source for source in read_sources()}
    found = []
    for row in rows:
        name = row["graph"].value.rpartition("/")[2]
        if ("/ontology/" in row["graph"].value) == (kind == "ontology"):
            source = known.get(name) if kind == "ontology" else None
            found.append(
                Layer(
                    _text(row, "title").removesuffix(" layer") or name,
                    int(row["n"].value) if "n" in row else None,
                    _text(row, "version"),
                    source.licence if source else "",
                    source.licence_url if source else "",
                    source.homepage if source else "",
                )
            )
    return sorted(found, key=lambda layer: (_ORDER.find(layer.name.partition(" ")[0]), layer))


def _bars(rows: list[dict[str, Any]] | None, scheme: str) -> Bars | None:
    counts = {row["name"].value: int(row["n"].value) for row in rows or () if "name" in row}
    return make_bars(counts, list(CODES[scheme].values()))


def _coverage(answers: _Answers) -> list[Coverage]:
    strings, linked = (
        {row["class"].value.rpartition("#")[2]: int(row["n"].value) for row in answers[name] or () if "class" in row}
        for name in ("strings", "linked")
    )
    return [Coverage(title, strings[kind], linked.get(kind, 0)) for kind, title in _KINDS.items() if kind in strings]


def _tiers(rows: list[dict[str, Any]] | None) -> list[tuple[str, int]]:
    counts = sorted(
        ((row["name"].value, int(row["n"].value)) for row in rows or () if "name" in row), key=lambda each: -each[1]
    )
    rest = sum(amount for _, amount in counts[_MOST_TIERS:])
    return counts[:_MOST_TIERS] + ([(f"{len(counts) - _MOST_TIERS} other rules", rest)] if rest else [])
