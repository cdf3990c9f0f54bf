"""Records as bytes that can be edited at a place: every place is found here by means of this package's own.

Nothing of the readers is used: what they say of a place is checked against what was planted there. An edit touches one
value and keeps the layout around it, so that the lines of a record stay what they were.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol
from xml.parsers import expat
from xml.sax.saxutils import escape

__all__ = ["JsonSource", "PageSource", "Source", "XmlSource"]


class Source(Protocol):
    """A record in one format; a pattern is a place in which a list's position is left open."""

    data: bytes

    def find(self, pattern: str) -> list[str]:
        """The places that fit a pattern, in the record's order."""

    def text(self, place: str) -> str:
        """The words at a place; of what holds others, its source."""

    def replace(self, place: str, new: object) -> bytes:
        """The record with another value at a place."""

    def remove(self, place: str) -> bytes:
        """The record without what stands at a place."""

    def offset(self, place: str) -> int:
        """Where the words at a place begin, in bytes."""

    def line(self, place: str) -> int:
        """The line of a place, from 1."""

    def holder(self, place: str) -> str:
        """The place that holds this one and something more."""


@dataclass(frozen=True)
class Span:
    """Where a value stands: from `start` to `end`; its name or tag, if it has one, begins at `name`."""

    name: int
    start: int
    end: int


_STRING = re.compile(r'"(?:[^"\\]|\\.)*"')
_SCALAR = re.compile(r'"(?:[^"\\]|\\.)*"|[^\s,\]}]+')
_SPACE = re.compile(r"\s*")


class JsonSource:
    """API v2: places are JSON pointers; `*` in a pattern is any position of a list, `**` any steps."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.content = data.decode()

    @cached_property
    def spans(self) -> dict[str, Span]:
        """Pointer -> where its value stands."""
        found: dict[str, Span] = {}
        self._scan(self._skip(0), "", -1, found)
        return found

    def _skip(self, at: int) -> int:
        match = _SPACE.match(self.content, at)
        return match.end() if match else at

    def _scan(self, at: int, pointer: str, name: int, found: dict[str, Span]) -> int:
        """Notes the value at an offset and those in it; gives back where it ends."""
        opening = self.content[at]
        # A place in the dictionary before its parts: in the record's order.
        found[pointer] = Span(name, at, at)
        end = at
        if opening in "{[":
            end = self._skip(at + 1)
            index = 0
            while self.content[end] not in "}]":
                end, step, key_at = self._key(end, index) if opening == "{" else (end, str(index), -1)
                end = self._skip(self._scan(end, f"{pointer}/{step}", key_at, found))
                index += 1
                if self.content[end] == ",":
                    end = self._skip(end + 1)
            end += 1
        elif match := _SCALAR.match(self.content, at):
            end = match.end()
        found[pointer] = Span(name, at, end)
        return end

    def _key(self, at: int, _index: int) -> tuple[int, str, int]:
        match = _STRING.match(self.content, at)
        assert match, self.content[at : at + 40]
        key: str = json.loads(match[0])
        colon = self.content.index(":", match.end())
        return self._skip(colon + 1), key.replace("~", "~0").replace("/", "~1"), at

    def find(self, pattern: str) -> list[str]:
        """The pointers that fit."""
        form = re.compile(re.escape(pattern).replace(r"\*\*", ".*").replace(r"\*", r"\d+"))
        return [pointer for pointer in self.spans if form.fullmatch(pointer)]

    def text(self, place: str) -> str:
        """A string without its quotes; all else as written."""
        span = self.spans[place]
        written = self.content[span.start : span.end]
        return str(json.loads(written)) if written.startswith('"') else written

    def replace(self, place: str, new: object) -> bytes:
        """The value at a pointer becomes another."""
        span = self.spans[place]
        written = json.dumps(new, ensure_ascii=False)
        return (self.content[: span.start] + written + self.content[span.end :]).encode()

    def remove(self, place: str) -> bytes:
        """The member goes with the comma that parts it from its neighbour."""
        span = self.spans[place]
        start, end = max(span.name, 0) or span.start, span.end
        after = self._skip(end)
        if self.content[after] == ",":
            end = self._skip(after + 1)
        elif (before := self.content[:start].rstrip()).endswith(","):
            start = len(before) - 1
        return (self.content[:start] + self.content[end:]).encode()

    def insert(self, place: str, written: str) -> bytes:
        """Something more, as it is written, before the first member of the object or list at a pointer."""
        start = self.spans[place].start + 1
        return f"{self.content[:start]}{written},{self.content[start:]}".encode()

    def offset(self, place: str) -> int:
        """Behind the quote of a string."""
        start = self.spans[place].start
        return len(self.content[:start].encode()) + (self.content[start] == '"')

    def line(self, place: str) -> int:
        """The line on which the value begins."""
        return self.content.count("\n", 0, self.spans[place].start) + 1

    def holder(self, place: str) -> str:
        """The next object above that has another member."""
        above = place.rpartition("/")[0]
        beside = [p for p in self.spans if p.startswith(f"{above}/") and p != place and not p.startswith(f"{place}/")]
        return above if beside or not above else self.holder(above)


class XmlSource:
    """The registry's XML: places are XPaths with positions where an element has brothers of its name; `**` as above."""

    def __init__(self, data: bytes) -> None:
        self.data = data

    @cached_property
    def spans(self) -> dict[str, Span]:
        """XPath -> where the tag begins, and where the content does and ends."""
        elements = list(_elements(self.data))
        steps = [step for _, step in elements]
        many = {step.rpartition("[")[0] for step in steps if step.endswith("[2]")}
        return {_named(step, many): span for span, step in elements}

    def find(self, pattern: str) -> list[str]:
        """The XPaths that fit, whatever their positions."""
        form = re.compile(re.escape(pattern).replace(r"\*\*", ".*"))
        return [path for path in self.spans if form.fullmatch(re.sub(r"\[\d+\]", "", path))]

    def text(self, place: str) -> str:
        """The content, white space around it taken off."""
        span = self.spans[place]
        return self.data[span.start : span.end].decode().strip()

    def replace(self, place: str, new: object) -> bytes:
        """The content of an element becomes another."""
        span = self.spans[place]
        return self.data[: span.start] + escape(str(new)).encode() + self.data[span.end :]

    def remove(self, place: str) -> bytes:
        """The element goes, with its tags."""
        span = self.spans[place]
        end = self.data.index(b">", span.end) + 1 if span.end else span.start
        return self.data[: span.name] + self.data[end:]

    def offset(self, place: str) -> int:
        """Behind the start tag."""
        return self.spans[place].start

    def line(self, place: str) -> int:
        """The line on which the start tag ends."""
        return self.data.count(b"\n", 0, self.spans[place].start) + 1

    def holder(self, place: str) -> str:
        """The next element above that holds another one."""
        above = place.rpartition("/")[0]
        beside = [p for p in self.spans if p.startswith(f"{above}/") and p != place and not p.startswith(f"{place}/")]
        return above if beside or "/" not in above[1:] else self.holder(above)


def _elements(data: bytes) -> Iterator[tuple[Span, str]]:
    """Every element, and its path with a position at each step."""
    found: list[tuple[Span, str]] = []
    open_: list[tuple[int, str, dict[str, int]]] = [(0, "", {})]
    parser = expat.ParserCreate()

    def start(name: str, _attributes: dict[str, str]) -> None:
        brothers = open_[-1][2]
        brothers[name] = brothers.get(name, 0) + 1
        path = f"{open_[-1][1]}/{name}[{brothers[name]}]"
        found.append((Span(parser.CurrentByteIndex, 0, 0), path))
        open_.append((len(found) - 1, path, {}))

    def end(_name: str) -> None:
        index, path, _ = open_.pop()
        begun = found[index][0].name
        content = data.index(b">", begun) + 1
        closing = parser.CurrentByteIndex
        found[index] = Span(begun, content, max(closing, content)), path

    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.Parse(data, True)
    yield from found


def _named(path: str, many: set[str]) -> str:
    """The path without the positions of elements that have no brothers."""
    named, walked = "", ""
    for step in path.split("/")[1:]:
        walked += f"/{step}"
        bare = walked.rpartition("[")[0]
        named += f"/{step}" if bare in many else f"/{step.partition('[')[0]}"
    return named


class PageSource:
    """A study page as text: a pattern is a regular expression whose group is the value; places are `line N`."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.content = data.decode()
        self.spans: dict[str, Span] = {}

    def find(self, pattern: str) -> list[str]:
        """The lines whose value fits."""
        found = []
        for match in re.finditer(pattern, self.content, re.MULTILINE):
            place = f"line {self.content.count(chr(10), 0, match.start(1)) + 1}"
            self.spans[place] = Span(match.start(), match.start(1), match.end(1))
            found.append(place)
        return found

    def text(self, place: str) -> str:
        """The value that was found on a line."""
        span = self.spans[place]
        return self.content[span.start : span.end]

    def replace(self, place: str, new: object) -> bytes:
        """The value on a line becomes another."""
        span = self.spans[place]
        return (self.content[: span.start] + str(new) + self.content[span.end :]).encode()

    def remove(self, place: str) -> bytes:
        """The value goes, its label stays."""
        return self.replace(place, "")

    def offset(self, place: str) -> int:
        """Behind the label."""
        return len(self.content[: self.spans[place].start].encode())

    def line(self, place: str) -> int:
        """The number in the place."""
        return int(place.removeprefix("line "))

    def holder(self, place: str) -> str:
        """The line itself: a page has nothing that holds its lines."""
        return place
