"""Questions to a graph, and the names of what it answers."""

import re
from collections.abc import Iterable

from kg import iris
from kg.queries import Graph
from kg.terms import unescape
from kg.vocab import ID, PREFIXES

__all__ = ["Asker", "Row"]

#: Variable -> term as SPARQL writes it.
Row = dict[str, str]

_LABEL = f"<{PREFIXES['rdfs']}label>"
#: One IRI; property paths may begin like one.
_IRI = re.compile(r"<[^<>\s]+>")
_RDF_TYPE = f"<{PREFIXES['rdf']}type>"
#: More of a text is not shown.
_LONGEST = 160


class Asker:
    """Asks one graph, and remembers what things are called."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self._labels: dict[str, str] = {}

    def has(self, pattern: str) -> bool:
        """Whether a pattern has an answer."""
        return bool(self._graph.query(f"ASK {{ {pattern} }}"))

    def rows(self, names: Iterable[str], pattern: str, limit: int) -> list[Row]:
        """Different rows of a pattern, the first by order."""
        columns = list(names)
        head = " ".join(f"?{name}" for name in columns)
        answer = self._graph.query(f"SELECT DISTINCT {head} WHERE {{ {pattern} }} ORDER BY {head} LIMIT {limit}")
        return [{name: str(row[name]) for name in columns if row[name] is not None} for row in answer]

    def learn(self, terms: Iterable[str]) -> None:
        """Looks up the labels of IRIs, all at once."""
        new = sorted({term for term in terms if _IRI.fullmatch(term) and term not in self._labels})
        if not new:
            return
        self._labels.update(dict.fromkeys(new, ""))
        for row in self.rows(("s", "l"), f"VALUES ?s {{ {' '.join(new)} }} ?s {_LABEL} ?l", 10 * len(new)):
            self._labels[row["s"]] = self._labels[row["s"]] or _value(row["l"])

    def name(self, term: str) -> str:
        """A term as people read it: labels with the CURIE of a concept, texts without datatype."""
        if term.startswith("?"):
            return term
        if not term.startswith("<"):
            text = " ".join(_value(term).split())
            return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
        if not _IRI.fullmatch(term):
            return term
        if term == _RDF_TYPE:
            return "type"
        self.learn([term])
        return self._named(term[1:-1], self._labels[term])

    def _named(self, iri: str, label: str) -> str:
        if iri.startswith(PREFIXES["study"]):
            return iri.removeprefix(PREFIXES["study"])
        if iri.startswith(f"{ID}study/"):
            kind = iri.rpartition("#")[2].rstrip("-0123456789")
            return f"{kind} “{label}”" if label else iri.rpartition("#")[2]
        curie = iris.compact(iri)
        if iri.startswith(ID) and not iri.startswith(PREFIXES["class"]):
            # Codes and properties of ours are known by their labels.
            return label or iri.removeprefix(ID).rpartition("/")[2].removeprefix("vocab#")
        return f"{label} ({curie})" if label else curie


def _value(term: str) -> str:
    """The text of a literal, without language and datatype."""
    return unescape(term) if term.startswith('"') else term
