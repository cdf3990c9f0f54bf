"""What a string names, kept from record to record: registries repeat their strings.

A record may have a say in it: by an abbreviation that it states, or by its text. What was decided with a record's help
is not kept, and what was kept is not used where another record states an abbreviation that would have been looked at.
"""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, Self

from kg.concept import Mention
from kg.linking.names import Decided

__all__ = ["Memory"]

#: Strings that are kept; the oldest goes.
_KEPT = 1 << 15


class _Kept(NamedTuple):
    """A decision, and the words that would have changed it, had the record stated their meaning."""

    decided: Decided
    looked_at: frozenset[str]


class _Meanings(dict[str, str]):
    """A record's abbreviations, which note what they are asked for."""

    def __init__(self, stated: Mapping[str, str]) -> None:
        super().__init__(stated)
        self.looked_at: set[str] = set()

    def __contains__(self, word: object) -> bool:
        self.looked_at.add(str(word))
        return super().__contains__(word)

    def get(self, word: str, default: Any = None) -> Any:
        self.looked_at.add(word)
        return super().get(word, default)


class _Text(str):
    """A record's text, which notes whether something was looked for in it."""

    __slots__ = ("asked",)

    def __new__(cls, text: str) -> Self:
        made = super().__new__(cls, text)
        made.asked = False
        return made

    def __contains__(self, piece: object) -> bool:
        self.asked = True
        return super().__contains__(str(piece))


#: What decides a mention, given its record's abbreviations and text.
_Decide = Callable[[Mention, Mapping[str, str], str], Decided]


class Memory:
    """Decides by a function, once for strings that its records repeat."""

    def __init__(self, decide: _Decide) -> None:
        self._decide = decide
        self._kept: dict[tuple[str, str, str], _Kept] = {}

    def decide(self, mention: Mention, expansions: Mapping[str, str], context: str) -> Decided:
        """What the function decides of this mention in this record."""
        key = (mention.text, mention.kind, mention.type)
        kept = self._kept.get(key)
        if kept is not None and (not expansions or kept.looked_at.isdisjoint(expansions)):
            return kept.decided
        meanings, text = _Meanings(expansions), _Text(context)
        decided = self._decide(mention, meanings, text)
        if not text.asked and meanings.looked_at.isdisjoint(expansions):
            if len(self._kept) >= _KEPT:
                del self._kept[next(iter(self._kept))]
            self._kept[key] = _Kept(decided, frozenset(meanings.looked_at))
        return decided
