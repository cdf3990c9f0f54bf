"""Turtle in stable blocks: a block a subject, its type first, a line for each value, so that releases can be compared.

The grammar: https://www.w3.org/TR/turtle/#sec-grammar. A literal of N-Triples is one of Turtle; IRIs become short where
that is safe.
"""

import re
from collections.abc import Iterable
from functools import lru_cache

from kg.publishing.words import NAMESPACES

__all__ = ["prefix_lines", "turtle_blocks"]

#: Namespace -> prefix. Of those inside another only the outer one is used, so that each IRI has one short form.
_PREFIX = {
    namespace: prefix
    for prefix, namespace in sorted(NAMESPACES.items())
    if prefix not in ("ncit", "NCIT", "MONDO", "DOID", "CHEBI", "graph") and namespace[-1] in "/#"
}
#: Local names that need no escape (https://www.w3.org/TR/turtle/#grammar-production-PN_LOCAL), and none that a reader
#: of the file would stumble over.
_SHORT = re.compile(r"<([^>]*[/#])([A-Za-z0-9_](?:[A-Za-z0-9_-]*[A-Za-z0-9_])?)>")
_TYPE = f"<{NAMESPACES['rdf']}type>"


def prefix_lines() -> str:
    """The head of a file: every prefix that blocks may use, sorted."""
    ordered = sorted((prefix, namespace) for namespace, prefix in _PREFIX.items())
    return "".join(f"@prefix {prefix}: <{namespace}> .\n" for prefix, namespace in ordered) + "\n"


@lru_cache(maxsize=1 << 16)
def _short(term: str) -> str:
    match = _SHORT.fullmatch(term)
    prefix = _PREFIX.get(match[1]) if match else None
    return f"{prefix}:{match[2]}" if match and prefix else term


#: An escape in a literal; a line's end becomes one in the file, so that texts can be read and compared line by line.
_ESCAPE = re.compile(r"\\(.)")


def _object(term: str) -> str:
    if term[0] == "<":
        return _short(term)
    if term[-1] == ">":
        text, _, datatype = term.rpartition("^^")
        term = f"{text}^^{_short(datatype)}"
    if "\\n" not in term:
        return term
    body, _, rest = term[1:].rpartition('"')
    lines = _ESCAPE.sub(lambda match: "\n" if match[1] == "n" else match[0], body)
    return f'"""{lines}"""{rest}'


def turtle_blocks(lines: Iterable[str]) -> str:
    r"""The lines of N-Triples as blocks of Turtle: subjects and properties in the order in which they first come.

    >>> print(turtle_blocks(['<http://a/s> <http://a/p> "1" .\n', '<http://a/s> <http://a/p> "2" .\n']), end="")
    <http://a/s>
        <http://a/p> "1",
            "2" .
    <BLANKLINE>
    """
    subjects: dict[str, dict[str, dict[str, None]]] = {}
    for line in lines:
        subject, predicate, rest = line.split(" ", 2)
        subjects.setdefault(subject, {}).setdefault(predicate, {})[rest.rstrip()[:-1].rstrip()] = None
    return "".join(_block(subject, facts) for subject, facts in subjects.items())


def _block(subject: str, facts: dict[str, dict[str, None]]) -> str:
    types = facts.pop(_TYPE, None)
    written = [f"{_short(name)} {_values(values)}" for name, values in facts.items()]
    head = f"{_short(subject)}"
    if types:
        head += f" a {', '.join(map(_object, types))}"
        head += " ;" if written else ""
    body = " ;".join(f"\n    {fact}" for fact in written)
    return f"{head}{body} .\n\n"


def _values(values: Iterable[str]) -> str:
    return ",\n        ".join(map(_object, values))
