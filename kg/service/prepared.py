"""Saved queries with values for their parameters: names are looked up once, as long as the graph is the same."""

import json
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import NamedTuple

from kg.errors import NotFound
from kg.queries import Graph, Resolved, SavedQuery, resolve_all, substitute

__all__ = ["Prepared", "Preparer"]

#: Queries with their values that are remembered; a value is no longer than the head of a request.
_REMEMBERED = 256


class Prepared(NamedTuple):
    """A query as it is asked, and what its parameters were taken for: for the answer, and as a header's text."""

    text: str
    resolved: dict[str, dict[str, str]]
    header: str


class Preparer:
    """Prepares queries for one graph; if the graph stays as it is, it remembers what it prepared."""

    def __init__(self, graph: Graph, queries: Mapping[str, SavedQuery], *, stays: bool) -> None:
        self._graph = graph
        self._queries = queries
        self._prepared = lru_cache(_REMEMBERED)(self._prepare) if stays else self._prepare

    def prepare(self, name: str, values: Mapping[str, str]) -> Prepared:
        """A query with these values.

        Raises:
            NotFound: if there is no query of that name.
            ParameterError: if a parameter is unknown, missing, or its value cannot be meant.
        """
        return self._prepared(name, tuple(values.items()))

    def _prepare(self, name: str, values: tuple[tuple[str, str], ...]) -> Prepared:
        if name not in self._queries:
            raise NotFound("saved query", name, self._queries)
        query = self._queries[name]
        resolved = resolve_all(query, dict(values), self._graph)
        variables = {param.name: param.variable for param in query.params}
        text = substitute(query.text, {variables[value.param]: value.term for value in resolved})
        told = _told(resolved)
        return Prepared(text, told, json.dumps(told, ensure_ascii=True))


def _told(resolved: Iterable[Resolved]) -> dict[str, dict[str, str]]:
    return {value.param: {"given": value.given, "term": value.term, "label": value.label} for value in resolved}
