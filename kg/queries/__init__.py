"""Saved queries: plain `.rq` files with a header in grlc's form (https://github.com/CLARIAH/grlc#decorator-syntax).

Parameters are typed, and bound as terms, never pasted. A concept is given as IRI, CURIE or name, and the answer says
what it was taken for.
"""

from kg.queries.answers import ANSWER_FORMATS, check_format, write_answer
from kg.queries.binding import check_read_only, substitute
from kg.queries.catalogue import Parameter, SavedQuery, find_query, read_queries
from kg.queries.resolution import Graph, Resolved, resolve, resolve_all
from kg.queries.running import run_query, run_text

__all__ = [
    "ANSWER_FORMATS",
    "Graph",
    "Parameter",
    "Resolved",
    "SavedQuery",
    "check_format",
    "check_read_only",
    "find_query",
    "read_queries",
    "resolve",
    "resolve_all",
    "run_query",
    "run_text",
    "substitute",
    "write_answer",
]
