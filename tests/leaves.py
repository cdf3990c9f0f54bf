"""Which leaves of an API v2 study stand in its triples, as literal, code or label: the measure of "nothing lost"."""

import re
from collections.abc import Iterable, Iterator
from decimal import Decimal, InvalidOperation
from typing import Any

from kg import terms
from kg.vocab import CODES, ID

__all__ = ["iter_leaves", "missing_leaves", "values_in"]

#: Not mapped, for privacy.
PRIVATE = frozenset({"email", "phone", "phoneExt"})
#: Sections whose leaves are counted.
SECTIONS = ("protocolSection", "derivedSection")


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


def values_in(lines: Iterable[str]) -> set[str]:
    """The lexical form of every literal, and every code with its label, in lines of N-Triples."""
    values = set()
    for line in lines:
        if literal := _LITERAL.search(line):
            values.add(_number(terms.unescape(literal[1])))
        elif (code := _CODE.search(line)) and code[1] in CODES:
            values.update((code[2], CODES[code[1]].get(code[2], "")))
    return values


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
    """(how many leaves the study has, those that its triples lack)."""
    values = values_in(lines)
    leaves = [leaf for section in SECTIONS for leaf in iter_leaves(study.get(section, {}), section)]
    return len(leaves), [(path, value) for path, value in leaves if _stated(value) not in values]
