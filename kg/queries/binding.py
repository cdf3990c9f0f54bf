"""Terms in the place of variables: done on SPARQL's tokens, so that no text gets out of its term."""

import re
from collections.abc import Iterator, Mapping

from kg.errors import QueryRefused

__all__ = ["check_read_only", "substitute", "variables"]

#: What may hold a `?` or a `#` that is none of SPARQL's own, in the order in which the grammar reads it
#: (https://www.w3.org/TR/sparql11-query/#rIRIREF and the string literals below it); then variables and words.
_TOKEN = re.compile(
    r"""(?P<iri><[^<>"{}|^`\\\x00-\x20]*>)
      | (?P<long>\"\"\"(?:(?:"|"")?(?:[^"\\]|\\.))*\"\"\"|'''(?:(?:'|'')?(?:[^'\\]|\\.))*''')
      | (?P<string>"(?:[^"\\\n\r]|\\.)*"|'(?:[^'\\\n\r]|\\.)*')
      | (?P<comment>\#[^\n]*)
      | (?P<variable>[?$]\w+)
      | (?P<language>@[A-Za-z][\w-]*)
      | (?P<prefixed>(?:[^\W\d][\w.-]*)?:(?:[\w.:%-]|\\[^\s\w])*)
      | (?P<word>[^\W\d]\w*)""",
    re.VERBOSE | re.DOTALL,
)


def substitute(query: str, terms: Mapping[str, str]) -> str:
    """The query with each variable of `terms` (by name, without `?`) replaced by its N-Triples term.

    >>> substitute("SELECT ?s { ?s ?p ?_x } # ?_x", {"_x": '"a"'})
    'SELECT ?s { ?s ?p "a" } # ?_x'
    """

    def replace(match: re.Match[str]) -> str:
        name = (match["variable"] or "")[1:]
        return terms.get(name, match[0]) if name else match[0]

    return _TOKEN.sub(replace, query)


def variables(query: str) -> Iterator[str]:
    """The names of the variables that stand in a query, in order, again where they stand again."""
    for match in _TOKEN.finditer(query):
        if match["variable"]:
            yield match["variable"][1:]


#: How an update begins (https://www.w3.org/TR/sparql11-query/#rUpdate1); other first words are the engine's to judge.
_UPDATES = frozenset("INSERT DELETE LOAD CLEAR CREATE DROP COPY MOVE ADD WITH".split())
#: SPARQL lets any character be written so, even in keywords (https://www.w3.org/TR/sparql11-query/#codepointEscape).
_CODEPOINT = re.compile(r"\\u([0-9A-Fa-f]{4})|\\U(000[0-9A-Fa-f]{5}|0010[0-9A-Fa-f]{4})")


def check_read_only(query: str) -> None:
    """Returns if the query calls no other service and begins no update; whether it is a query is the engine's to say.

    Raises:
        QueryRefused: if it has a SERVICE clause, which would make this machine ask another, or is an update.
    """
    for text in (query, _CODEPOINT.sub(lambda match: chr(int(match[1] or match[2], 16)), query)):
        words = [match["word"].upper() for match in _TOKEN.finditer(text) if match["word"]]
        if "SERVICE" in words:
            raise QueryRefused("SPARQL", "SERVICE is refused: this graph is asked alone", remedy="Take the clause out.")
        first = next((word for word in words if word not in ("BASE", "PREFIX")), "")
        if first in _UPDATES:
            raise QueryRefused("SPARQL", "updates are refused: a graph is only read here", got=first)
