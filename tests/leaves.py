"""Which leaves of an API v2 study stand in its triples, as literal, code or label: the measure of "nothing lost"."""

import re
from collections.abc import Iterable, Iterator
from decimal import Decimal, InvalidOperation
from functools import cache
from typing import Any

from kg import terms
from kg.checks import read_mapping
from kg.vocab import CODES, ID, expand

__all__ = ["iter_leaves", "missing_leaves", "properties_of", "values_in"]

#: Not mapped, for privacy.
PRIVATE = frozenset({"email", "phone", "phoneExt"})
#: Sections whose leaves are counted.
SECTIONS = ("protocolSection", "derivedSection")
_LABEL = expand("rdfs:label")


def iter_leaves(node: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """(path, value) of every leaf but e-mail and phone, list items under one path."""
    if isinstance(node, dict):
        for key, value in node.items():
            if key not in PRIVATE:
                yield from iter_leaves(value, f"{path}.{key}")
    elif isinstance(node, list):
        for value in node:
            yield from iter_leaves(value, f"{path}[]")
    elif node is not None:
        yield path.removeprefix("."), node


_LITERAL = re.compile(r'> (".*")(?:@en|\^\^<[^>]*>)? \.$', re.DOTALL)
_CODE = re.compile(rf"<{re.escape(ID)}(\w+)/(\w+)> \.$")


def values_in(lines: Iterable[str]) -> dict[str, set[str]]:
    """Property -> the lexical form of each literal, each code with its label, and each registry identifier there."""
    values: dict[str, set[str]] = {}
    for line in lines:
        held = values.setdefault(line.split("> <", 1)[1].split("> ", 1)[0], set())
        if literal := _LITERAL.search(line):
            held.add(_number(terms.unescape(literal[1])))
        elif (code := _CODE.search(line)) and code[1] in CODES:
            held.update((code[2], CODES[code[1]].get(code[2], "")))
    return values


@cache
def properties_of(path: str) -> frozenset[str]:
    """The properties that the registry field at a path becomes, as the mapping's table says."""
    return _properties().get(path.replace("[]", ""), frozenset())


@cache
def _properties() -> dict[str, frozenset[str]]:
    found = {row.path: frozenset(map(expand, row.property.split())) for row in read_mapping()}
    # Which arms get an intervention is said by their IRIs: the words are the arms' labels.
    return {path: named | {_LABEL} if expand("tg:arm") in named else named for path, named in found.items()}


def _number(text: str) -> str:
    """One form for a number, however many zeros it is written with."""
    try:
        return f"{Decimal(text).normalize():f}" if re.fullmatch(r"-?\d{1,15}(\.\d{1,15})?", text) else text
    except InvalidOperation:
        return text


def _stated(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return _number(str(value))


def missing_leaves(study: dict[str, Any], lines: Iterable[str]) -> tuple[int, list[tuple[str, Any]]]:
    """(how many leaves the study has, those that its triples lack at the properties that their fields become)."""
    values = values_in(lines)
    leaves = [leaf for section in SECTIONS for leaf in iter_leaves(study.get(section, {}), section)]
    return len(leaves), [
        (path, value)
        for path, value in leaves
        # What is no field of the registry's, but was added on the way here, may stand anywhere.
        if not any(_stated(value) in values.get(name, ()) for name in properties_of(path) or values)
    ]
