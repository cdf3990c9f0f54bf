"""A study in JSON as the table of a format walks it."""

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

from kg.readers.format import Place
from kg.readers.pointers import Pointers, token
from kg.readers.routes import HERE, Route

__all__ = ["ADDED", "JsonTree"]

#: The key that a rule adds to a value: what a term is derived for, which the record says by the name of the module.
ADDED = "for"


@cache
def _keys(path: str) -> tuple[str, ...]:
    return tuple(path.split(".")) if path else ()


_EMPTY: dict[str | None, Any] = {}


class JsonTree:
    """Decoded JSON: paths are keys joined by dots, places are JSON pointers (RFC 6901)."""

    def __init__(self) -> None:
        self._pointers = Pointers()

    def find(self, node: Any, path: str) -> list[Any]:
        """What stands at `path`; a list there gives its items, an absent key nothing. The empty path is the node."""
        for key in _keys(path):
            if not isinstance(node, dict):
                return []
            node = node.get(key)
        if node is None:
            return []
        return node if isinstance(node, list) else [node]

    def looker(self, paths: Sequence[str | None]) -> Callable[[Any], list[Sequence[Any]]]:
        """`find` for many paths at once: each object on the way is opened once."""
        route = Route()
        ends = [(HERE, None) if path is None else route.end(_keys(path)) for path in paths]

        def look(node: Any) -> list[Sequence[Any]]:
            objects = [node if isinstance(node, dict) else _EMPTY]
            for holder, key in route.steps:
                below = objects[holder].get(key)
                objects.append(below if isinstance(below, dict) else _EMPTY)
            objects.append({"": node})
            return [
                () if (value := objects[holder].get(key)) is None else value if isinstance(value, list) else (value,)
                for holder, key in ends
            ]

        return look

    def text(self, raw: Any) -> str | None:
        """The string as it stands; numbers and truth values as JSON writes them."""
        if isinstance(raw, str):
            return raw if raw and not raw.isspace() else None
        if isinstance(raw, bool):
            return "true" if raw else "false"
        return str(raw) if isinstance(raw, int | float) else None

    def stated_date(self, raw: Any) -> tuple[str | None, str | None]:
        """A date struct `{date, type}` or a bare string."""
        if isinstance(raw, dict):
            kind = raw.get("type")
            return self.text(raw.get("date")), kind if isinstance(kind, str) else None
        return self.text(raw), None

    def place(self, node: Any, at: Place, path: str | None, index: int, raw: Any) -> str:
        """The JSON pointer of what was found; of a date struct that of its date."""
        pointer = self._pointer(node, at, path, index, raw)
        is_date = isinstance(raw, dict) and "date" in raw and raw.keys() <= {"date", "type"}
        return f"{pointer}/date" if is_date else pointer

    def _pointer(self, node: Any, at: Place, path: str | None, index: int, raw: Any) -> str:
        if path is None:
            return at() + self._pointers.find(node, raw)
        if path == ADDED:
            return at()
        target = node
        for key in _keys(path):
            target = target.get(key) if isinstance(target, dict) else None
        pointer = "/".join([at(), *map(token, _keys(path))])
        return f"{pointer}/{index}" if isinstance(target, list) else pointer
