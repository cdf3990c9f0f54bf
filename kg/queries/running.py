"""Runs saved queries and queries of the user's own, on the embedded store or an endpoint alike."""

from typing import Any

from kg.queries.binding import check_read_only, substitute
from kg.queries.catalogue import SavedQuery
from kg.queries.resolution import Graph, Resolved, resolve_all

__all__ = ["run_query", "run_text"]


def run_query(query: SavedQuery, values: dict[str, str], graph: Graph) -> tuple[Any, tuple[Resolved, ...]]:
    """The answer, and what each parameter was taken for.

    Raises:
        ParameterError: if a parameter is unknown, missing, or its value cannot be meant.
    """
    resolved = resolve_all(query, values, graph)
    variables = {param.name: param.variable for param in query.params}
    text = substitute(query.text, {variables[value.param]: value.term for value in resolved})
    return graph.query(text), resolved


def run_text(text: str, graph: Graph) -> Any:
    """The answer to a query of the user's own.

    Raises:
        QueryRefused: if it is no query that only reads this graph.
    """
    check_read_only(text)
    return graph.query(text)
