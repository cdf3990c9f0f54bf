"""A place of a record -> the line of its source that it stands on."""

import re
from collections.abc import Collection, Iterator
from typing import Any

__all__ = ["find_lines", "walk_json"]

#: What JSON is made of (RFC 8259): strings, punctuation, and numbers or words.
_TOKEN = re.compile(rb'"(?:[^"\\]|\\.)*"|[{}\[\],:]|[^\s"{}\[\],:]+')
#: An XPath that readers write: names and positions only, so that nothing else is ever evaluated.
_STEPS = re.compile(r"(?:/[\w.-]+(?:\[\d+\])?)+")


def find_lines(data: bytes, places: Collection[str]) -> dict[str, int]:
    """The lines, from 1, on which places stand in a document: JSON pointers, XPaths or `line N`.

    What does not stand there is left out. Of a JSON pointer it is the line of the value; of an XPath, that on which the
    element's start tag ends.
    """
    lines = {place: int(place[5:]) for place in places if place.startswith("line ") and place[5:].isdigit()}
    others = [place for place in places if place not in lines]
    if "" in others:
        lines[""] = 1
    if not any(others):
        return lines
    if data.lstrip()[:1] in (b"{", b"["):
        return lines | _find_values(data, frozenset(others))
    return lines | _find_elements(data, others)


def _find_elements(data: bytes, paths: Collection[str]) -> dict[str, int]:
    from lxml import etree

    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True)
    try:
        root = etree.fromstring(data, parser)
    except (etree.LxmlError, ValueError):
        return {}
    lines = {}
    for path in paths:
        found: Any = root.xpath(path) if _STEPS.fullmatch(path) else []
        if found and found[0].sourceline:
            lines[path] = found[0].sourceline
    return lines


def _find_values(data: bytes, pointers: Collection[str]) -> dict[str, int]:
    """Of a key that is said twice, the line of the last value, as readers take it."""
    offsets = {pointer: offset for pointer, offset in walk_json(data) if pointer in pointers}
    lines, line, counted = {}, 1, 0
    for pointer, offset in sorted(offsets.items(), key=lambda found: found[1]):
        line += data.count(b"\n", counted, offset)
        counted = offset
        lines[pointer] = line
    return lines


def walk_json(data: bytes) -> Iterator[tuple[str, int]]:
    """(JSON pointer, offset) of every value; what is no JSON gives what it gives."""
    above = [_Open("", is_list=False)]
    for match in _TOKEN.finditer(data):
        token, inside = match[0], above[-1]
        if token == b",":
            inside.index += 1
            inside.key = None
        elif token in b"}]":
            del above[max(len(above) - 1, 1) :]
        elif token != b":":
            if len(above) > 1 and not inside.is_list and inside.key is None:
                inside.key = _key(token)
                continue
            here = inside.pointer if len(above) == 1 else f"{inside.pointer}/{inside.step}"
            yield here, match.start()
            if token in b"{[":
                above.append(_Open(here, is_list=token == b"["))


class _Open:
    """An object or list that is not closed yet: its pointer, and the key or index that its next value has."""

    __slots__ = ("index", "is_list", "key", "pointer")

    def __init__(self, pointer: str, *, is_list: bool) -> None:
        self.pointer = pointer
        self.is_list = is_list
        self.key: str | None = None
        self.index = 0

    @property
    def step(self) -> str:
        return str(self.index) if self.is_list else str(self.key)


def _key(token: bytes) -> str:
    import msgspec

    try:
        text: str = msgspec.json.decode(token, type=str)
    except msgspec.DecodeError:
        text = token.decode(errors="replace")
    return text.replace("~", "~0").replace("/", "~1")
