"""Saved queries as examples of SPARQL in the form of SIB (https://github.com/sib-swiss/sparql-examples), one file.

A parameter is bound to its default or its example, so that each example can be run as it stands. What names a concept
is bound to the concept that this graph knows by that name; the parameter stays free where it knows none.
"""

import re
from collections.abc import Iterator

from kg import terms
from kg.errors import KgError
from kg.publishing.facts import Facts, link
from kg.publishing.words import NAMESPACES
from kg.queries import Graph, SavedQuery, read_queries, resolve, substitute
from kg.vocab import ID, PREFIXES

__all__ = ["example_lines"]

_HEADER = re.compile(r"^#\+.*\n", re.MULTILINE)
_PREFIX = re.compile(r"^\s*PREFIX\s+(\w+):\s*<[^>]*>\s*\n", re.MULTILINE | re.IGNORECASE)
_KINDS = {"SELECT": "sh:SPARQLSelectExecutable", "ASK": "sh:SPARQLAskExecutable"}


def example_lines(graph: Graph, base: str, endpoint: str = "") -> list[str]:
    """The examples as lines of N-Triples, each named `base` and the query's name."""
    facts = Facts()
    used: set[str] = set()
    for name, query in read_queries().items():
        node = f"{base}{name}"
        text = _HEADER.sub("", substitute(query.text, dict(_bound(query, graph))))
        used.update(_PREFIX.findall(text))
        form = "ASK" if re.search(r"^\s*ASK\b", text, re.MULTILINE | re.IGNORECASE) else "SELECT"
        facts.classify(node, "sh:SPARQLExecutable", _KINDS[form])
        facts.say(
            node,
            rdfs__label=terms.text(name),
            rdfs__comment=terms.text(query.summary),
            schema__description=terms.text(query.description),
            schema__keywords=[terms.plain(tag) for tag in query.tags],
            schema__target=link(endpoint) if endpoint else "",
            sh__prefixes=link(f"{ID}prefixes"),
            **{f"sh__{form.lower()}": terms.plain(text.strip() + "\n")},
        )
    _state_prefixes(facts, used)
    return facts.lines()


def _bound(query: SavedQuery, graph: Graph) -> Iterator[tuple[str, str]]:
    for param in query.params:
        try:
            yield param.variable, resolve(param, param.default or param.example, graph).term
        except KgError:
            continue


def _state_prefixes(facts: Facts, used: set[str]) -> None:
    owner = f"{ID}prefixes"
    facts.classify(owner, "owl:Ontology")
    for prefix in sorted(used & PREFIXES.keys()):
        declared = f"{owner}#{prefix}"
        facts.say(owner, sh__declare=link(declared))
        facts.say(
            declared,
            sh__prefix=terms.plain(prefix),
            sh__namespace=terms.url(NAMESPACES[prefix]),
        )
