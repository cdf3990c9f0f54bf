"""A trial as pages read it: its facts by subject and property, the evidence of its links, its places, its closure."""

import asyncio
from collections import defaultdict
from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import NamedTuple

from starlette.requests import Request

from kg import iris, terms
from kg.pages.asking import Row, Term, ask_rows, prologue
from kg.pages.properties import INFERRED
from kg.queries import substitute
from kg.service.exchange import service_of
from kg.vocab import CODES, ID, PREFIXES

__all__ = ["MAX_LOCATIONS", "Evidence", "Study", "Value", "read_study"]

_CLOSURES = INFERRED[:9]
#: What others say in part says nothing more: all interventions, and title and keywords together.
_TOLD_IN_PART = frozenset({"tg:involves", "tg:mentions"})
#: Places that a page shows at most; no trial of the registry had more than 2,000 in 2026.
MAX_LOCATIONS = 3000

#: The study, its parts and their parts. Places come apart, a row each: some trials have more than a thousand.
#: No VALUES within a UNION: Virtuoso finds nothing then.
_FACTS = prologue(
    """SELECT ?s ?p ?o ?name WHERE {
  { ?_study ?p ?o BIND(?_study AS ?s) }
  UNION { ?_study ?q1 ?s . ?s ?p ?o FILTER(?q1 != tg:location && STRSTARTS(STR(?s), ?_base)) }
  UNION {
    ?_study ?q2 ?part FILTER(?q2 != tg:location && STRSTARTS(STR(?part), ?_base))
    ?part ?q3 ?s FILTER(STRSTARTS(STR(?s), ?_base))
    FILTER NOT EXISTS { ?_study ?q4 ?s }
    ?s ?p ?o
  }
  FILTER(?p NOT IN (tg:location, CLOSURES))
  OPTIONAL { ?o rdfs:label ?name }
}""".replace("CLOSURES", ", ".join(_CLOSURES))
)
#: One pattern an OPTIONAL, where it can be: the embedded engine reads the whole graph for two of one subject.
_LOCATIONS = prologue(
    """SELECT ?place ?facility ?city ?state ?zip ?country ?status ?latitude ?longitude
  (GROUP_CONCAT(?told; SEPARATOR="; ") AS ?contacts)
WHERE {
  ?_study tg:location ?place
  OPTIONAL { ?place rdfs:label ?facility }
  OPTIONAL { ?place tg:city ?city }
  OPTIONAL { ?place tg:state ?state }
  OPTIONAL { ?place tg:postalCode ?zip }
  OPTIONAL { ?place tg:country ?country }
  OPTIONAL { ?place tg:locationStatus/rdfs:label ?status }
  OPTIONAL { ?place tg:latitude ?latitude }
  OPTIONAL { ?place tg:longitude ?longitude }
  OPTIONAL {
    ?place tg:contact ?contact
    OPTIONAL { ?contact rdfs:label ?person }
    OPTIONAL { ?contact tg:officialRole/rdfs:label ?role }
    BIND(CONCAT(COALESCE(?person, "not named"), IF(BOUND(?role), CONCAT(" (", ?role, ")"), "")) AS ?told)
  }
}
GROUP BY ?place ?facility ?city ?state ?zip ?country ?status ?latitude ?longitude
LIMIT ?_most"""
)
_LINKS = prologue(
    """SELECT ?link ?s ?concept ?name ?p ?o WHERE {
  { ?_study ?q1 ?s FILTER(STRSTARTS(STR(?s), ?_base)) } UNION { ?_study dct:identifier ?number BIND(?_study AS ?s) }
  ?link owl:annotatedSource ?s ; owl:annotatedTarget ?concept ; ?p ?o
  FILTER(?p NOT IN (owl:annotatedSource, owl:annotatedTarget, rdf:type))
  OPTIONAL { ?concept rdfs:label ?name }
}"""
)
_CLOSURE = prologue(
    """SELECT ?p ?o ?name WHERE {
  VALUES ?p { CLOSURES } ?_study ?p ?o
  OPTIONAL { ?o rdfs:label ?name }
}""".replace("CLOSURES", " ".join(each for each in _CLOSURES if each not in _TOLD_IN_PART))
)
_CLASSES = prologue(
    """SELECT DISTINCT ?s ?class ?name WHERE {
  ?_study tg:intervention ?s . ?s tg:concept ?concept . ?concept tg:within ?class . ?class rdfs:label ?name
  FILTER(STRSTARTS(STR(?class), ?_classes))
  FILTER NOT EXISTS { ?class rdfs:subClassOf ?wider . ?wider a owl:Class }
}"""
)


class Value(NamedTuple):
    """What a property holds, and the name of what it names."""

    term: Term
    name: str = ""


class Evidence(NamedTuple):
    """Why a part is linked to a concept: the kind of the link, and everything that is said of it."""

    subject: str
    concept: Term
    name: str
    kind: str
    facts: Mapping[str, str]


class Study:
    """What a graph says of one trial; `said` goes by the fragment of a part ("" for the trial) and by CURIE."""

    def __init__(self, number: str, facts: Iterable[Row]) -> None:
        self.number = number
        self.said: dict[str, dict[str, list[Value]]] = defaultdict(lambda: defaultdict(list))
        for row in facts:
            name = row["name"].value if "name" in row else _code_name(row["o"])
            values = self.said[self.fragment(row["s"].value)][iris.compact(row["p"].value)]
            # A thing with names in several languages comes once.
            if not any(value.term == row["o"] for value in values):
                values.append(Value(row["o"], name))
        self.evidence: dict[str, list[Evidence]] = {}
        self.locations: list[dict[str, Term]] = []
        self.closure: list[dict[str, Term]] = []
        self.classes: list[dict[str, Term]] = []

    def fragment(self, iri: str) -> str:
        """The part's own name; empty for the trial itself."""
        return iri.removeprefix(iris.part_base(self.number)) if iri.startswith(iris.part_base(self.number)) else ""

    def values(self, curie: str, part: str = "") -> list[Value]:
        """What a property holds, at the trial or at a part; parts in their order."""
        found = self.said.get(part, {}).get(curie, [])
        return sorted(found, key=lambda value: _in_order(value.term.value))

    def text(self, curie: str, part: str = "") -> str:
        """The first thing that a property holds: its name, or the value itself; empty if there is none."""
        return next((value.name or value.term.value for value in self.values(curie, part)), "")

    @cached_property
    def replaced_by(self) -> str:
        """The number under which the trial stands now, where this number is an old one."""
        if self.values("rdf:type"):
            return ""
        return next((value.term.value.rpartition("/")[2] for value in self.values("dct:isReplacedBy")), "")


def _code_name(term: Term) -> str:
    """The label of a code in a graph that does not tell it: one without the ontologies' layer."""
    scheme, _, code = term.value.removeprefix(ID).partition("/") if term.is_iri else ("", "", "")
    return CODES.get(scheme, {}).get(code, "")


def _in_order(text: str) -> tuple[str, int, str]:
    """`#arm-2` before `#arm-10`."""
    stem, _, number = text.rpartition("-")
    return (stem, int(number), "") if number.isdigit() and len(number) < _MAX_DIGITS else (text, 0, "")


_MAX_DIGITS = 7


async def read_study(request: Request, number: str) -> Study:
    """What the graph says of a trial: nothing, if it does not know it.

    Raises:
        KgError: if there is no answer.
    """
    most = min(MAX_LOCATIONS, service_of(request).settings.max_rows)
    bound = {
        "_study": terms.iri(iris.study(number)),
        "_base": terms.plain(iris.part_base(number)),
        "_classes": terms.plain(PREFIXES["class"]),
        "_most": str(most),
    }
    texts = [substitute(text, bound) for text in (_FACTS, _LOCATIONS, _LINKS, _CLOSURE, _CLASSES)]
    facts, *others = await asyncio.gather(*(ask_rows(request, text) for text in texts))
    study = Study(number, facts)
    study.locations = sorted(
        (row for row in others[0] if "place" in row), key=lambda row: _in_order(row["place"].value)
    )
    study.evidence = _evidence(study, others[1])
    study.closure, study.classes = others[2], others[3]
    return study


def _evidence(study: Study, rows: Iterable[Row]) -> dict[str, list[Evidence]]:
    links: dict[str, tuple[Row, dict[str, str]]] = {}
    for row in rows:
        _, facts = links.setdefault(row["link"].value, (row, {}))
        facts[iris.compact(row["p"].value)] = row["o"].value
    found: dict[str, list[Evidence]] = defaultdict(list)
    for row, facts in links.values():
        kind = iris.compact(facts.pop("owl:annotatedProperty", ""))
        name = row["name"].value if "name" in row else ""
        part = study.fragment(row["s"].value)
        found[part].append(Evidence(part, row["concept"], name, kind, dict(sorted(facts.items(), key=_by_place))))
    for told in found.values():
        told.sort(key=lambda each: (-_number(each.facts.get("sssom:confidence", "")), each.concept.value))
    return dict(found)


#: What is told of a link, in this order; other facts after these.
_TOLD = ("tg:tier sssom:match_string sssom:object_match_field sssom:confidence sssom:mapping_justification").split()


def _by_place(fact: tuple[str, str]) -> tuple[int, str]:
    return _TOLD.index(fact[0]) if fact[0] in _TOLD else len(_TOLD), fact[0]


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return 0.0
