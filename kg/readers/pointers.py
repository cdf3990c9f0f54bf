"""JSON pointers (RFC 6901) of the values of a record that rules have found, and no path says where."""

from collections.abc import Iterator
from typing import Any, NamedTuple

__all__ = ["Pointers", "token"]


class _Index(NamedTuple):
    """Pointers by the identity of values (the first in the document); objects by that of their first value."""

    node: Any
    pointers: dict[int, str]
    objects: dict[int, list[tuple[str, dict[str, Any]]]]


class Pointers:
    """Finds pointers below a node. The last node's are kept: of one record many are asked for, one after the other."""

    def __init__(self) -> None:
        self._index = _Index(None, {}, {})

    def find(self, node: Any, raw: Any) -> str:
        """The pointer below `node` to `raw`: that very value, or one that a rule added something to; empty if none."""
        index = self._index
        if index.node is not node:
            self._index = index = _index(node)
        found = index.pointers.get(id(raw))
        if found is None and isinstance(raw, dict):
            found = next(_grown(index, raw), None)
        return found or ""


def _index(node: Any) -> _Index:
    index = _Index(node, {}, {})
    for pointer, value in _values(node, ""):
        index.pointers.setdefault(id(value), pointer)
        if isinstance(value, dict) and value:
            index.objects.setdefault(id(next(iter(value.values()))), []).append((pointer, value))
    return index


def _values(node: Any, pointer: str) -> Iterator[tuple[str, Any]]:
    """(pointer, value) of the node and everything below it, in the document's order."""
    yield pointer, node
    children = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for key, child in children:
        yield from _values(child, f"{pointer}/{token(str(key))}")


def _grown(index: _Index, raw: dict[str, Any]) -> Iterator[str]:
    """The pointers of objects all of whose values `raw` has."""
    for value in raw.values():
        for pointer, held in index.objects.get(id(value), ()):
            if all(raw.get(key) is said for key, said in held.items()):
                yield pointer


def token(key: str) -> str:
    """A key as a pointer writes it."""
    return key.replace("~", "~0").replace("/", "~1")
