"""SPARQL texts of shapes: with the prefixes that they use written into them.

Engines differ in where they look for declarations, and one passes over a text whose prefixes it does not find.
"""

import re
from collections.abc import Iterator
from typing import Any

from kg.validation.shape_triples import ShapeTriples
from kg.vocab import PREFIXES

__all__ = ["named_iris", "projected", "write_prefixes"]

_IMPORTS = f"{PREFIXES['owl']}imports"
_TEXTS = tuple(f"{PREFIXES['sh']}{name}" for name in ("select", "ask"))
_PREFIX = re.compile(r"PREFIX\s+([\w.-]*):\s*<([^<>]*)>", re.IGNORECASE)
#: `<iri>` or `prefix:name`.
_NAME = re.compile(r"<([^<>\s\"{}|\\^`]+)>|\b([A-Za-z][\w-]*):([A-Za-z][\w-]*)")


def write_prefixes(triples: ShapeTriples) -> None:
    """Puts the declarations that a query refers to before its text (https://www.w3.org/TR/shacl/#sparql-prefixes)."""
    import pyoxigraph as ox

    for node, said in triples.by_subject.items():
        declared = dict(_declared(triples, node))
        head = "".join(f"PREFIX {prefix}: <{namespace}>\n" for prefix, namespace in sorted(declared.items()))
        if head:
            said[:] = [
                (predicate, ox.Literal(head + value.value) if predicate in _TEXTS else value)
                for predicate, value in said
            ]


def _declared(triples: ShapeTriples, node: Any) -> Iterator[tuple[str, str]]:
    """(prefix, namespace) of what a query refers to, and of what that imports."""
    waiting = triples.objects(node, "prefixes")
    for source in waiting:
        waiting += [imported for imported in triples.objects(source, _IMPORTS) if imported not in waiting]
        for declaration in triples.objects(source, "declare"):
            for prefix in triples.objects(declaration, "prefix"):
                for namespace in triples.objects(declaration, "namespace"):
                    yield prefix.value, namespace.value


def projected(text: str) -> list[str]:
    """Which of `path` and `value` a query gives."""
    head = re.split(r"\bwhere\b|\{", _PREFIX.sub("", text), maxsplit=1, flags=re.IGNORECASE)[0]
    return ["path", "value"] if "*" in head else re.findall(r"[?$](path|value)\b", head)


def named_iris(text: str) -> Iterator[str]:
    """Every IRI that a query names."""
    prefixes = dict(_PREFIX.findall(text))
    for iri, prefix, local in _NAME.findall(_PREFIX.sub("", text)):
        if iri:
            yield iri
        elif prefix in prefixes:
            yield prefixes[prefix] + local
