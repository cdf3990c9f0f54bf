"""An XML document as the table of a format walks it."""

from collections.abc import Callable
from functools import partial
from typing import Any

import msgspec

from kg.readers.format import Place
from kg.readers.textblock import unwrap

__all__ = ["ElementTree", "Excerpt", "Run"]


class ElementTree:
    """lxml elements: paths are element names joined by slashes, `|` between alternatives; places are XPaths."""

    def find(self, node: Any, path: str) -> list[Any]:
        """The elements at `path`, of the first alternative that has any. The empty path is the element itself."""
        if not path:
            return [node]
        for alternative in path.split("|"):
            found = node.findall(alternative)
            if found:
                return list(found)
        return []

    def finder(self, path: str) -> Callable[[Any], list[Any]]:
        """`find` for one path."""
        return partial(self.find, path=path)

    def text(self, raw: Any) -> str | None:
        """The element's text on one line a paragraph, white space around it taken off."""
        text = raw if isinstance(raw, str) else "".join(raw.itertext())
        return unwrap(text) or None

    def stated_date(self, raw: Any) -> tuple[str | None, str | None]:
        """The text and the `type` attribute."""
        return self.text(raw), None if isinstance(raw, str) else raw.get("type")

    def place(self, node: Any, at: Place, path: str | None, index: int, raw: Any) -> str:  # noqa: ARG002 - elements know where they are
        """The XPath of what was found; of an excerpt, that of the element that holds it."""
        element = getattr(raw, "element", node if isinstance(raw, str) else raw)
        return str(element.getroottree().getpath(element))


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

    def findall(self, tag: str) -> list[Any]:
        """The children of this name."""
        return [element for element in self.elements if element.tag == tag]
