"""One trial of a graph: what the record says of it, and the concepts its parts are linked to, with the evidence."""

import re
from collections.abc import Mapping
from typing import Any

from kg import iris, terms
from kg.api.html import heading, table
from kg.api.rows import Rows, value_of
from kg.errors import NotFound, UsageError
from kg.queries import Graph
from kg.vocab import PREFIXES

__all__ = ["Trial", "find_trial"]

_PROLOGUE = "".join(
    f"PREFIX {prefix}: <{PREFIXES[prefix]}>\n" for prefix in ("tg", "rdf", "rdfs", "owl", "sssom", "skos")
)
#: What the trial itself says; concepts and all that is broader stand in the links.
_FACTS = """
SELECT DISTINCT ?property ?label ?value ?name WHERE {
  VALUES ?study { STUDY }
  ?study ?property ?value .
  FILTER(?property NOT IN (rdf:type, rdfs:label, skos:exactMatch, tg:titleConcept, tg:studies, tg:tests, tg:involves,
    tg:comparesWith, tg:givesAsBackground, tg:indexedWith, tg:mentions, tg:titleMentions, tg:keywordMentions))
  OPTIONAL { ?property rdfs:label ?label }
  OPTIONAL { ?value rdfs:label ?name }
} ORDER BY ?label ?property ?value ?name"""
_LINKS = """
SELECT DISTINCT ?part ?text ?concept ?label ?relation ?matched ?tier ?confidence WHERE {
  { STUDY ?has ?part . ?axiom owl:annotatedSource ?part }
  UNION { BIND(STUDY AS ?part) ?axiom owl:annotatedSource STUDY }
  ?axiom owl:annotatedProperty ?relation ; owl:annotatedTarget ?concept .
  OPTIONAL { ?part rdfs:label ?text }
  OPTIONAL { ?concept rdfs:label ?label }
  OPTIONAL { ?axiom sssom:match_string ?matched }
  OPTIONAL { ?axiom tg:tier ?tier }
  OPTIONAL { ?axiom sssom:confidence ?confidence }
} ORDER BY ?part DESC(?confidence) ?concept ?relation"""
_NCT = re.compile(r"NCT[0-9]{8}", re.IGNORECASE)


class Trial:
    """A trial: `facts` by name as the record says them, `links` as rows with their evidence."""

    def __init__(self, number: str, facts: Mapping[str, tuple[Any, ...]], links: Rows) -> None:
        self.number = number
        self.iri = iris.study(number)
        self.facts = dict(facts)
        self.links = links

    @property
    def title(self) -> str:
        """Its brief title, or the official one; empty if it has none."""
        return str(next(iter(self.facts.get("brief title") or self.facts.get("official title") or ("",))))

    def __repr__(self) -> str:
        return f"<{self.number}: {self.title}>"

    def _repr_html_(self) -> str:
        facts = [(name, "; ".join(str(value) for value in values)) for name, values in self.facts.items()]
        columns = ("text", "concept", "label", "matched", "tier", "confidence")
        links = [[row[column] for column in columns] for row in self.links]
        told = heading(f"{self.number} {self.title}".strip(), self.iri) + table(("fact", "value"), facts)
        return f"{told}<details><summary>{len(links):,} linked concepts</summary>{table(columns, links)}</details>"


def find_trial(graph: Graph, number: str) -> Trial:
    """The trial of that NCT number or IRI.

    Raises:
        UsageError: if it is neither.
        NotFound: if the graph knows nothing of it.
    """
    found = _NCT.fullmatch(number.strip().removeprefix(PREFIXES["study"]).removeprefix("study:"))
    if found is None:
        raise UsageError(number, "no trial", expected="an NCT number, such as NCT01079767")
    nct = found[0].upper()
    study, base = terms.iri(iris.study(nct)), iris.part_base(nct)
    facts: dict[str, tuple[Any, ...]] = {}
    for row in graph.query(_PROLOGUE + _FACTS.replace("STUDY", study)):
        if row["name"] is None and row["value"].value.startswith(base):
            # A part without a name of its own (ages, the plan to share data) says nothing by its IRI.
            continue
        name = row["label"].value if row["label"] is not None else iris.compact(row["property"].value)
        said = (*facts.get(name, ()), value_of(row["name"] if row["name"] is not None else row["value"]))
        facts[name] = tuple(dict.fromkeys(said))
    if not facts:
        raise NotFound("trial in this graph", nct, ())
    return Trial(nct, facts, _links(graph, study))


def _links(graph: Graph, study: str) -> Rows:
    columns = ("part", "text", "concept", "label", "relation", "matched", "tier", "confidence")
    rows = []
    for row in graph.query(_PROLOGUE + _LINKS.replace("STUDY", study)):
        values = {name: value_of(row[name]) for name in columns}
        base = values["part"].rpartition("#")
        values["part"] = base[2] if base[1] else "title"
        values["text"] = values["text"] if base[1] else "title"
        values["relation"] = iris.compact(values["relation"])
        rows.append([values[name] for name in columns])
    return Rows(columns, rows)
