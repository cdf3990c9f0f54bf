"""The graph that a worker asks, with the dataset that a request may choose.

https://www.w3.org/TR/sparql11-protocol/#dataset
"""

import re
from typing import Any

import pyoxigraph as ox

from kg.endpoint import Endpoint
from kg.errors import QueryRefused
from kg.store import EmbeddedStore

__all__ = ["RemoteGraph", "StoreGraph"]

#: Graphs by name; None leaves the dataset to the query.
Names = tuple[str, ...] | None


class StoreGraph(EmbeddedStore):
    """The embedded store, asked for one request after another."""

    def ask(self, text: str, default: Names, named: Names, base: str | None) -> Any:
        """The answer to a query over the graphs that are named, or over all.

        Raises:
            QueryRefused: if the engine cannot parse it, saying where.
        """
        if default is None and named is None:
            return self._query(text, base_iri=base)
        graphs = [[ox.NamedNode(_checked(name)) for name in names or ()] for names in (default, named)]
        return self._query(text, base_iri=base, default_graph=graphs[0], named_graphs=graphs[1])

    def _query(self, text: str, **dataset: Any) -> Any:
        try:
            return self._store.query(text, **dataset)
        except SyntaxError as error:
            raise QueryRefused("SPARQL", f"cannot be parsed: {_one_line(error)}") from error
        except (ValueError, RuntimeError) as error:  # RuntimeError: a function that there is not
            raise QueryRefused("SPARQL", f"cannot be answered: {_one_line(error)}") from error


class RemoteGraph(Endpoint):
    """An endpoint, asked in our client's stead."""

    _default: Names = None
    _named: Names = None

    def ask(self, text: str, default: Names, named: Names, _base: str | None) -> Any:
        """The answer to a query over the graphs that are named, or over those that the endpoint takes.

        Raises:
            QueryRefused: if the endpoint says that it cannot parse it.
            EndpointError: if it cannot be reached, or answers with what is no SPARQL result.
            DeadlineExceeded: if it takes longer than the timeout.
        """
        self._default, self._named = default, named
        try:
            return self.query(text)
        finally:
            self._default = self._named = None

    def _wrapper(self, text: str) -> Any:
        wrapper = super()._wrapper(text)
        for name in self._default or ():
            wrapper.addDefaultGraph(_checked(name))
        for name in self._named or ():
            wrapper.addNamedGraph(_checked(name))
        return wrapper


_IRI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^<>\"{}|^`\\\x00-\x20]*")


def _checked(name: str) -> str:
    if _IRI.fullmatch(name) is None:
        raise QueryRefused("graph of the dataset", "no IRI", got=name, expected="an absolute IRI")
    return name


#: Characters of the parser's message that are shown: it lists every token that might have followed.
_MAX_MESSAGE = 300


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())[:_MAX_MESSAGE]
