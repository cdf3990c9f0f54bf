"""The pages of a concept and of a drug class: names, hierarchy, cross-references, members, trials."""

import asyncio
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from starlette.requests import Request
from starlette.responses import Response

from kg import iris, terms
from kg.errors import NotFound
from kg.pages.asking import Row, ask_rows, page_headers, prologue
from kg.pages.hierarchy import grow, paths_of
from kg.pages.properties import name_of
from kg.pages.rendering import render
from kg.pages.sections import Fact
from kg.pages.showing import Shown, shown
from kg.pages.trials_of import read_trials
from kg.queries import substitute
from kg.service.documents import alternates
from kg.service.formats import GRAPH, SUFFIXES
from kg.vocab import PREFIXES, expand

__all__ = ["concept", "drug_class"]

_SAID = prologue(
    """SELECT ?p ?o ?name WHERE {
  ?_concept ?p ?o FILTER(?p NOT IN (tg:nameKey, tg:relatedNameKey))
  OPTIONAL { ?o rdfs:label ?label } OPTIONAL { ?o dct:title ?title }
  BIND(COALESCE(?label, ?title) AS ?name)
}"""
)
_NARROWER = prologue("SELECT DISTINCT ?o ?name WHERE { ?o tg:broader ?_concept . ?o rdfs:label ?name }")
_ABOVE = prologue(
    """SELECT DISTINCT ?o ?name ?up ?up_name WHERE {
  ?_concept tg:within ?o . ?o tg:broader ?up . ?o rdfs:label ?name . ?up rdfs:label ?up_name
}"""
)
_REFERRED = prologue("SELECT DISTINCT ?o ?name WHERE { ?o tg:crossReference ?_concept . ?o rdfs:label ?name }")
#: By MeSH action, ChEBI role or ATC code: each source's opinion is a class of its own below the class.
_MEMBERS = prologue(
    """SELECT DISTINCT ?o ?name ?source ?title WHERE {
  ?source rdfs:subClassOf ?_concept . ?o tg:memberOf ?source . ?o rdfs:label ?name
  OPTIONAL { ?source rdfs:label ?title }
}"""
)
_OF_SOURCE = prologue("SELECT DISTINCT ?o ?name WHERE { ?o tg:memberOf ?_concept . ?o rdfs:label ?name }")
_LOCAL = re.compile(r"[\w.-]+", re.ASCII)

#: Told in places of their own.
_PLACED = frozenset(
    "rdf:type rdfs:label rdfs:comment rdfs:subClassOf skos:altLabel skos:notation tg:broader tg:within tg:memberOf "
    "tg:inOntology".split()
)


class Member(NamedTuple):
    """A drug of a class, and which of its sources say so."""

    shown: Shown
    sources: frozenset[str]


async def concept(request: Request) -> Response:
    """What the graph says of a concept, and its trials.

    Raises:
        NotFound: if the graph knows nothing of it.
    """
    name = request.path_params["name"]
    prefix, _, local = name.partition(":")
    if prefix not in PREFIXES or not _LOCAL.fullmatch(local):
        raise NotFound("prefix", prefix, PREFIXES)
    return await _page(request, f"/concept/{name}", expand(name))


async def drug_class(request: Request) -> Response:
    """What the graph says of a drug class: its members by source, and its trials.

    Raises:
        NotFound: if the graph knows nothing of it.
    """
    name = request.path_params["name"]
    if not _LOCAL.fullmatch(name):
        raise NotFound("class", name, ())
    return await _page(request, f"/class/{name}", expand(f"class:{name}"))


async def _page(request: Request, path: str, iri: str) -> Response:
    headers = page_headers(request, alternates(request, path, "html"))
    named = {"_concept": terms.iri(iri)}
    texts = (_SAID, _NARROWER, _ABOVE, _REFERRED, _MEMBERS, _OF_SOURCE)
    said, narrower, above, referred, members, of_source = await asyncio.gather(
        *(ask_rows(request, substitute(text, named)) for text in texts)
    )
    if not said:
        raise NotFound("graph", path.rpartition("/")[2], ())
    values = _gathered(said)
    label = _first(values, "rdfs:label") or iris.compact(iri)
    ancestors, tree = _ancestors(values, iri), grow(iri, above)
    in_tree = paths_of(tree)
    return render(
        request,
        "concept.html",
        headers=headers,
        iri=iri,
        curie=iris.compact(iri),
        here=path,
        is_class=path.startswith("/class/"),
        wider=[each for each in values.get("rdfs:subClassOf", ()) if each.href.startswith("/class/")],
        label=label,
        remark=_first(values, "rdfs:comment"),
        ontology=_first(values, "tg:inOntology"),
        synonyms=[each.text for each in values.get("skos:altLabel", ()) if each.text != label],
        broader=values.get("tg:broader", []),
        ancestors=ancestors,
        tree=tree,
        beside=[each for each in ancestors if each.href not in in_tree],
        narrower=_sorted(narrower),
        classes=_classes(values.get("tg:within", ())),
        members=_members(members, of_source, label),
        facts=_facts(values, referred),
        trials=await read_trials(request, iri),
        formats=[(suffix, GRAPH[name][0]) for name, suffix in SUFFIXES.items()],
    )


def _gathered(rows: Iterable[Row]) -> dict[str, list[Shown]]:
    found: dict[str, dict[str, Shown]] = defaultdict(dict)
    for row in rows:
        name = row["name"].value if "name" in row else ""
        found[iris.compact(row["p"].value)].setdefault(row["o"].value, shown(row["o"], name))
    return {curie: sorted(values.values(), key=_by_text) for curie, values in found.items()}


def _by_text(each: Shown) -> tuple[str, str, str]:
    return each.text.casefold(), each.remark, each.text


def _first(values: Mapping[str, list[Shown]], curie: str) -> str:
    return next((each.text for each in values.get(curie, ())), "")


def _ancestors(values: Mapping[str, list[Shown]], iri: str) -> list[Shown]:
    own = iris.compact(iri)
    return [each for each in values.get("tg:within", ()) if each.remark not in {own, ""}]


def _classes(within: Iterable[Shown]) -> list[Shown]:
    """The drug classes, each with the sources that say so, which are classes below it."""
    classes = [each for each in within if each.href.startswith("/class/")]
    found = []
    for each in classes:
        sources = [_source(other.text, each.text) for other in classes if other.text.startswith(f"{each.text}, by ")]
        if not any(each.text.startswith(f"{other.text}, by ") for other in classes):
            found.append(each._replace(remark=f"by {', '.join(sources)}" if sources else ""))
    return found


def _sorted(rows: Iterable[Row]) -> list[Shown]:
    return sorted({shown(row["o"], row["name"].value) for row in rows}, key=_by_text)


def _facts(values: Mapping[str, list[Shown]], referred: Iterable[Row]) -> list[Fact]:
    facts = [Fact(curie, name_of(curie), told, "ontology") for curie, told in values.items() if curie not in _PLACED]
    if others := _sorted(referred):
        facts.append(Fact("tg:crossReference", "Referred to by", others, "ontology"))
    return sorted(facts, key=lambda fact: fact.name)


def _members(rows: Iterable[Row], of_source: Iterable[Row], label: str) -> tuple[list[str], list[Member]]:
    """The sources, and the members with those that name them."""
    sources: dict[Shown, set[str]] = defaultdict(set)
    for row in rows:
        title = row["title"].value if "title" in row else iris.compact(row["source"].value)
        sources[shown(row["o"], row["name"].value)].add(_source(title, label))
    for row in of_source:
        sources[shown(row["o"], row["name"].value)].add("")
    names = sorted({name for found in sources.values() for name in found} - {""})
    members = [Member(each, frozenset(sources[each])) for each in sorted(sources, key=_by_text)]
    return names, members


def _source(title: str, label: str) -> str:
    """`mTOR inhibitor, by ChEBI` -> `ChEBI`."""
    return title.removeprefix(f"{label}, by ")
