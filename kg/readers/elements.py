"""An XML document as the table of a format walks it."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache
from typing import Any

import msgspec

from kg.readers.format import Place
from kg.readers.routes import HERE, Route
from kg.readers.textblock import unwrap

__all__ = ["ElementTree", "Excerpt", "Run"]


class ElementTree:
    """lxml elements: paths are element names joined by slashes; places are XPaths.

    Between paths stands `|` where the first counts that has any elements, `+` where those of all do.
    """

    def find(self, node: Any, path: str) -> list[Any]:
        """The elements at `path`. The empty path is the element itself."""
        found: list[Any] = []
        for way in _ways(path):
            below = [node]
            for tag in way:
                below = [child for element in below for child in element.iterchildren(tag)]
            found += below
            if found and "+" not in path:
                break
        return found

    def looker(self, paths: Sequence[str | None]) -> Callable[[Any], list[Sequence[Any]]]:
        """`find` for many paths at once: each element's children are gone through once."""
        route = Route()
        ends, others = [], []
        for number, path in enumerate(paths):
            first, *more = [(HERE, None)] if path is None else [route.end(way) for way in _ways(path)]
            ends.append(first)
            others += [(number, "+" in (path or ""), *end) for end in more]
        opens = bool(route.steps or any(holder != HERE for holder, _ in ends))

        def look(node: Any) -> list[Sequence[Any]]:
            children = [_by_tag((node,)) if opens else {}]
            for holder, tag in route.steps:
                children.append(_by_tag(children[holder].get(tag, ())))
            children.append({"": [node]})
            found: list[Sequence[Any]] = [children[holder].get(tag, ()) for holder, tag in ends]
            for number, joined, holder, tag in others:
                more = children[holder].get(tag, ())
                found[number] = [*found[number], *more] if joined else found[number] or more
            return found

        return look

    def text(self, raw: Any) -> str | None:
        """The element's text on one line a paragraph, white space around it taken off."""
        if isinstance(raw, str):
            return unwrap(raw) or None
        # Most elements hold text and no more.
        return unwrap("".join(raw.itertext()) if len(raw) else raw.text or "") or None

    def stated_date(self, raw: Any) -> tuple[str | None, str | None]:
        """The text and the `type` attribute."""
        return self.text(raw), None if isinstance(raw, str) else raw.get("type")

    def place(self, node: Any, at: Place, path: str | None, index: int, raw: Any) -> str:  # noqa: ARG002 - elements know where they are
        """The XPath of what was found; of an excerpt, that of the element that holds it."""
        element = getattr(raw, "element", node if isinstance(raw, str) else raw)
        return str(element.getroottree().getpath(element))


@cache
def _ways(path: str) -> list[tuple[str, ...]]:
    """The element names of each path that `|` or `+` stand between."""
    return [tuple(way.split("/")) if way else () for way in re.split("[|+]", path)]


def _by_tag(elements: Iterable[Any]) -> dict[Any, list[Any]]:
    """The children of elements, in order, by their names."""
    found: dict[Any, list[Any]] = {}
    for element in elements:
        for child in element:
            tag = child.tag
            if tag in found:
                found[tag].append(child)
            else:
                found[tag] = [child]
    return found


class Excerpt(str):
    """Words of an element that says more than one thing."""

    __slots__ = ("element",)

    element: Any

    @classmethod
    def of(cls, words: str, element: Any) -> "Excerpt":
        """The words, with the element that holds them."""
        excerpt = cls(words)
        excerpt.element = element
        return excerpt


class Run(msgspec.Struct):
    """Some of an element's children that make one part; it stands where the first of them does."""

    element: Any
    elements: list[Any]

    def iterchildren(self, tag: str) -> Iterator[Any]:
        """The children of this name."""
        return (element for element in self.elements if element.tag == tag)

    def __iter__(self) -> Iterator[Any]:
        """The children, in order."""
        return iter(self.elements)
