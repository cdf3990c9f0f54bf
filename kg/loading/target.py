"""A store to be filled: by the Graph Store Protocol or by SPARQL Update, and asked by queries.

https://www.w3.org/TR/sparql11-http-rdf-update/, https://www.w3.org/TR/sparql11-update/.
"""

import json
import re
from collections.abc import Sequence

from kg import terms
from kg.endpoint import split_address
from kg.errors import EndpointError, UsageError
from kg.loading.sending import RequestRefusedError, Sender, check_address

__all__ = ["Target", "check_iri"]

#: Lines that are sent at once. Virtuoso's compiler takes no more than 4,990 triples of an update.
_UPDATE_LINES, _GSP_LINES = 1_000, 20_000
#: What a server says of a batch that it does not take; a smaller one it may.
_TOO_MUCH = (400, 413)
_NOT_FOUND = 404
_DEFAULT = "default-graph-uri"
_ABSOLUTE = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:.")


class Target:
    """A store behind addresses; without `gsp` and `update`, the address that takes queries takes updates as well."""

    def __init__(
        self, endpoint: str, *, gsp: str = "", update: str = "", batch: int = 0, timeout_s: float = 300
    ) -> None:
        for url in filter(None, (endpoint, gsp, update)):
            check_address(url)
        if gsp and update:
            raise UsageError("--gsp, --update", "name one of them", got="both")
        self._query, self.default_graph = _split(endpoint)
        self._gsp, self._update = gsp, update or self._query
        self._batch = batch or (_GSP_LINES if gsp else _UPDATE_LINES)
        self._sender = Sender(timeout_s)
        #: What names this target among others.
        self.name = f"{endpoint} {gsp or update}"

    @property
    def batch(self) -> int:
        """How many lines it is sent at once."""
        return self._batch

    def insert(self, graph: str, lines: Sequence[str]) -> None:
        """Adds triples to a graph (the default one if empty); what the server finds too much is sent in halves.

        Raises:
            EndpointError: if the server does not take them; of what it refuses, a single line is named.
        """
        try:
            self._insert(graph, "".join(lines))
        except RequestRefusedError as error:
            if error.status not in _TOO_MUCH:
                raise
            if len(lines) == 1:
                raise EndpointError(error.where, f"refuses a triple: {error.problem}", got=lines[0].strip()) from error
            middle = len(lines) // 2
            # Not tried again for the batches to come.
            self._batch = min(self._batch, max(middle, 1))
            self.insert(graph, lines[:middle])
            self.insert(graph, lines[middle:])

    def _insert(self, graph: str, lines: str) -> None:
        if self._gsp:
            # N-Triples are Turtle, and that each server takes.
            headers = {"Content-Type": "text/turtle; charset=utf-8"}
            self._sender.send("POST", self._gsp, lines.encode(), params=self._place(graph), headers=headers)
        else:
            place = self._named(graph)
            inner = f"GRAPH {terms.iri(place)} {{\n{lines}}}" if place else f"\n{lines}"
            self._obey(f"INSERT DATA {{ {inner} }}")

    def clear(self, graph: str) -> None:
        """Empties a graph."""
        if not self._gsp:
            place = self._named(graph)
            self._obey(f"CLEAR SILENT {f'GRAPH {terms.iri(place)}' if place else 'DEFAULT'}")
            return
        try:
            self._sender.send("DELETE", self._gsp, params=self._place(graph))
        except RequestRefusedError as error:
            if error.status != _NOT_FOUND:
                raise

    def is_empty(self, graph: str) -> bool:
        """Whether the graph holds nothing."""
        return not self._ask(f"SELECT ?s WHERE {self._pattern(graph)} LIMIT 1")

    def count(self, graph: str) -> int:
        """How many triples the graph holds."""
        rows = self._ask(f"SELECT (COUNT(*) AS ?n) WHERE {self._pattern(graph)}")
        try:
            return int(rows[0]["n"]["value"])
        except (IndexError, KeyError, ValueError, TypeError) as error:
            raise EndpointError(self._query, "does not count", expected="an answer to COUNT(*)") from error

    def _named(self, graph: str) -> str:
        return graph or self.default_graph

    def _place(self, graph: str) -> dict[str, str]:
        place = self._named(graph)
        return {"graph": place} if place else {"default": ""}

    def _pattern(self, graph: str) -> str:
        place = self._named(graph)
        return f"{{ GRAPH {terms.iri(place)} {{ ?s ?p ?o }} }}" if place else "{ ?s ?p ?o }"

    def _obey(self, update: str) -> None:
        headers = {"Content-Type": "application/sparql-update; charset=utf-8"}
        self._sender.send("POST", self._update, update.encode(), headers=headers)

    def _ask(self, query: str) -> list[dict[str, dict[str, str]]]:
        headers = {"Accept": "application/sparql-results+json"}
        body = self._sender.send("POST", self._query, {"query": query}, headers=headers)
        try:
            rows = json.loads(body)["results"]["bindings"]
        except (ValueError, KeyError, TypeError) as error:
            got = body[:80].decode("utf-8", "replace")
            raise EndpointError(self._query, "the answer is no SPARQL result", got=got) from error
        return list(rows)


def _split(endpoint: str) -> tuple[str, str]:
    """The address without the default graph that it names, and that graph's name; empty if it names none."""
    address, said = split_address(endpoint)
    graphs = [graph for name, graph in said if name == _DEFAULT]
    if len(graphs) > 1:
        raise UsageError(endpoint, "names several default graphs", expected="one, which is filled")
    for graph in graphs:
        check_iri(_DEFAULT, graph)
    return address, graphs[0] if graphs else ""


def check_iri(where: str, text: str) -> None:
    """Returns if that is an absolute IRI.

    Raises:
        UsageError: if it is none: a server would make another one of it.
    """
    if _ABSOLUTE.match(text) is None or terms.iri(text) != f"<{text}>":
        raise UsageError(where, "no absolute IRI", got=text, expected="e.g. https://example.org/graph/")
