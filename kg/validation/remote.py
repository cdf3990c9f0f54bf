"""A graph behind a SPARQL 1.1 endpoint -> its triples, page by page of studies, so that the same shapes check it.

Nothing of one engine is used, and no answer is trusted to be whole: servers cut answers without a word (Virtuoso's
ResultSetMaxRows), so each is counted, and what was cut is asked for again in halves.
"""

import time
from collections.abc import Iterator, Sequence
from difflib import get_close_matches
from typing import Any

import pyoxigraph as ox

from kg.endpoint import Endpoint
from kg.errors import EndpointError, GraphError, UsageError
from kg.vocab import ID, expand

__all__ = ["read_remote"]

#: Nodes that one query names: 500 of ours are 40 kB, and servers refuse forms of 200 kB (Jetty).
_NODES = 500
#: Before a server that failed is asked again.
_PAUSE_S = 1.0
#: What belongs to studies: parts and links, organisations.
_OWN = (f"{ID}study/", f"{ID}org/")
_SOURCE, _REPLACED_BY, _STUDY, _LEGACY, _WITHIN, _MEMBER = (
    str(ox.NamedNode(expand(curie)))
    for curie in "owl:annotatedSource dct:isReplacedBy tg:Study tg:legacy tg:within tg:memberOf".split()
)

#: Whose triples are taken: (patterns that bind ?s ?p ?o for the nodes named).
_DESCRIBED = "VALUES ?s {{ {nodes} }} ?s ?p ?o"
_LINKS = f"VALUES ?node {{{{ {{nodes}} }}}} ?s {_SOURCE} ?node . ?s ?p ?o"
_FORMER = f"VALUES ?o {{{{ {{nodes}} }}}} VALUES ?p {{{{ {_REPLACED_BY} }}}} ?s ?p ?o"
_LEGACY_CODES = f"VALUES ?s {{{{ {{nodes}} }}}} ?s {_LEGACY} ?legacy . ?s ?p ?o"
_CLOSURE = f"VALUES ?s {{{{ {{nodes}} }}}} VALUES ?p {{{{ {_WITHIN} {_MEMBER} }}}} ?s ?p ?o"

_STUDIES = f"?s a {_STUDY} FILTER(isIRI(?s))"


def _is_own(variable: str) -> str:
    return " || ".join(f"STRSTARTS(STR({variable}), {ox.Literal(start)})" for start in _OWN)


#: What no study leads to and shapes check all the same: parts that nothing points to; what has no class and points to
#: parts or is the source of links, as a study that lost its own; links whose source is no node. No NOT EXISTS holds a
#: join: engines that join anew for each row would take hours.
_STRAY = (
    f"{{ ?s a ?class FILTER({_is_own('?s')}) FILTER NOT EXISTS {{ ?other ?link ?s }} "
    f"FILTER NOT EXISTS {{ ?s {_SOURCE} ?source }} }} "
    f"UNION {{ ?s ?link ?part FILTER(isIRI(?s) && ({_is_own('?part')})) FILTER NOT EXISTS {{ ?s a ?class }} }} "
    f"UNION {{ ?link {_SOURCE} ?s FILTER(isIRI(?s) && ({_is_own('?link')})) FILTER NOT EXISTS {{ ?s a ?class }} }} "
    f"UNION {{ ?s {_SOURCE} ?source FILTER(!isIRI(?source) && ({_is_own('?s')})) }}"
)
#: Concepts of which the inferred layer says something: that only, since what else is said of them is their publishers'.
_CONCEPTS = f"VALUES ?p {{ {_WITHIN} {_MEMBER} }} ?s ?p ?o FILTER(isIRI(?s))"


def read_remote(url: str, graph: str | None, *, trials: int, timeout_s: float) -> Iterator[list[str]]:
    """The triples (N-Triples lines) of so many studies at a time, with their parts, links and organisations.

    What no study leads to comes last. A shared organisation comes with each page that names it.

    Raises:
        UsageError: if the endpoint is no web address, or the graph no IRI.
        GraphError: if the graph holds no study.
        EndpointError: if the endpoint cannot be reached, answers with something else, or gives less than it counts.
        DeadlineExceeded: if one answer takes longer than the timeout.
    """
    remote = _RemoteGraph(url, graph, timeout_s)
    promised = remote.count(_STUDIES, distinct="?s")
    if not promised:
        raise remote.no_study()
    found = 0
    for page in remote.pages(_STUDIES, trials):
        found += len(page)
        yield remote.describe(page)
    if found < promised:
        raise EndpointError(
            url,
            f"gave {found:,} studies and counts {promised:,}",
            remedy="Has the graph been changed meanwhile? Ask again.",
        )
    for page in remote.pages(_STRAY, trials):
        yield remote.describe(page)
    for page in remote.pages(_CONCEPTS, _NODES):
        yield _lines(remote.fetch(_CLOSURE, page))


class _RemoteGraph:
    """One graph of an endpoint: the default one, or the named."""

    def __init__(self, url: str, graph: str | None, timeout_s: float) -> None:
        self._endpoint = Endpoint(url, timeout_s=timeout_s)
        self._graph = None if graph is None else _iri(graph)
        self._has_answered = False

    def count(self, pattern: str, *, distinct: str = "?s ?p ?o") -> int:
        """How many different solutions the pattern has."""
        inner = f"SELECT DISTINCT {distinct} WHERE {self._within(pattern)}"
        rows = list(self._ask(f"SELECT (COUNT(*) AS ?n) WHERE {{ {inner} }}"))
        try:
            return int(rows[0]["n"].value)
        except (IndexError, KeyError, ValueError, AttributeError) as error:
            raise EndpointError(self._endpoint.url, "does not count", expected="an answer to COUNT(*)") from error

    def pages(self, pattern: str, size: int) -> Iterator[list[ox.NamedNode]]:
        """All nodes that the pattern binds to ?s, so many at a time, in the order of their IRIs.

        Each page begins behind the last IRI of the one before: an OFFSET would be counted off anew for each.
        """
        last = ""
        while True:
            behind = f"FILTER(STR(?s) > {ox.Literal(last)})"
            # The inner query, because not every engine sorts different rows by what is no variable.
            rows = self._ask(
                f"SELECT ?s WHERE {{ {{ SELECT DISTINCT ?s WHERE {self._within(f'{pattern} {behind}')} }} }} "
                f"ORDER BY STR(?s) LIMIT {size}"
            )
            page = [row["s"] for row in rows]
            if not page:
                return
            names = [node.value for node in page]
            if names != sorted(names) or names[0] <= last:
                raise EndpointError(self._endpoint.url, "does not sort by IRI", got=names[0], expected="ORDER BY")
            yield page
            last = names[-1]

    def describe(self, roots: Sequence[ox.NamedNode]) -> list[str]:
        """All triples of the nodes, of what belongs to them, and of the links about these."""
        triples = self.fetch(_FORMER, roots)
        codes = set[ox.NamedNode]()
        seen = set(roots)
        nodes = list(roots)
        while nodes:
            found = self.fetch(_DESCRIBED, nodes) | self.fetch(_LINKS, nodes)
            triples |= found
            nodes = sorted(_named(found, _OWN) - seen, key=str)
            seen.update(nodes)
            codes |= _named(found, ID) - seen
        return _lines(triples | self.fetch(_LEGACY_CODES, sorted(codes, key=str)))

    def fetch(self, pattern: str, nodes: Sequence[ox.NamedNode]) -> set[ox.Triple]:
        """The triples that the pattern gives for the nodes: as many as the endpoint counts."""
        if len(nodes) > _NODES:
            parts = (nodes[start : start + _NODES] for start in range(0, len(nodes), _NODES))
            return set().union(*(self.fetch(pattern, part) for part in parts))
        if not nodes:
            return set()
        asked = pattern.format(nodes=" ".join(map(str, nodes)))
        triples = set(self._ask(f"CONSTRUCT {{ ?s ?p ?o }} WHERE {self._within(asked)}"))
        promised = self.count(asked)
        if len(triples) >= promised:
            return triples
        if len(nodes) == 1:
            raise EndpointError(
                self._endpoint.url,
                f"gave {len(triples):,} of {promised:,} triples about {nodes[0].value}: it cuts its answers",
                remedy="Raise its limit of rows (Virtuoso: ResultSetMaxRows).",
            )
        middle = len(nodes) // 2
        return self.fetch(pattern, nodes[:middle]) | self.fetch(pattern, nodes[middle:])

    def _ask(self, text: str) -> Any:
        """The answer; one that has answered before is asked twice, since a whole registry takes hours."""
        try:
            answer = self._endpoint.query(text)
        except EndpointError:
            if not self._has_answered:
                raise
            time.sleep(_PAUSE_S)
            answer = self._endpoint.query(text)
        self._has_answered = True
        return answer

    def _within(self, pattern: str) -> str:
        return f"{{ {pattern} }}" if self._graph is None else f"{{ GRAPH {self._graph} {{ {pattern} }} }}"

    def no_study(self) -> GraphError:
        """What to say of a graph that has no study: where there are some."""
        rows = self._ask(f"SELECT DISTINCT ?graph WHERE {{ GRAPH ?graph {{ {_STUDIES} }} }} LIMIT 100")
        named = sorted(row["graph"].value for row in rows)
        where = f"graph {self._graph}" if self._graph else "the default graph"
        wanted = str(self._graph or "")[1:-1]
        nearest = get_close_matches(wanted, named, n=3, cutoff=0.3) or named[:3]
        remedy = "Load a graph first: `kg export` writes it." if not named else ""
        if nearest:
            remedy = f"Did you mean --graph {' or '.join(nearest)}?"
        elif self._graph and self._in_default():
            remedy = "The default graph has some: leave --graph out."
        return GraphError(self._endpoint.url, f"no study in {where}", remedy=remedy)

    def _in_default(self) -> bool:
        return bool(self._ask(f"ASK {{ {_STUDIES} }}"))


def _iri(text: str) -> ox.NamedNode:
    try:
        return ox.NamedNode(text)
    except ValueError as error:
        raise UsageError("--graph", f"no IRI: {error}", got=text, expected="an absolute IRI") from error


def _named(triples: set[ox.Triple], start: str | tuple[str, ...]) -> set[ox.NamedNode]:
    """What the triples lead to, of the IRIs that start so."""
    return {
        triple.object
        for triple in triples
        if isinstance(triple.object, ox.NamedNode) and triple.object.value.startswith(start)
    }


def _lines(triples: set[ox.Triple]) -> list[str]:
    return sorted(f"{triple} .\n" for triple in triples)
