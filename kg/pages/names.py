"""Names that may be searched for, as one is typed: concepts by any of their names, sponsors, countries, NCT numbers.

A table in memory, made once for a build: names by the words in them, sorted, so that what begins with some letters is
found without a pass over all.
"""

import re
import unicodedata
from array import array
from bisect import bisect_left
from collections.abc import Collection, Iterable, Sequence
from difflib import get_close_matches
from functools import lru_cache
from itertools import accumulate

import msgspec

from kg.lexicon import normalize

__all__ = ["KINDS", "Entry", "Match", "Names", "merged", "words"]

#: What a name may be of -> the heading over such names.
KINDS = {
    "condition": "Conditions",
    "drug": "Drugs",
    "class": "Drug classes",
    "sponsor": "Sponsors",
    "country": "Countries",
}


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """What can be found: its kind, its IRI (none for a country), its name and other names, trials that have it.

    `curie` is given where a query would take the name for something else.
    """

    kind: str
    iri: str
    label: str
    trials: int
    others: tuple[str, ...] = ()
    curie: str = ""

    @property
    def value(self) -> str:
        """What to ask a saved query with."""
        return self.curie or self.label


class Match(msgspec.Struct, frozen=True):
    """An entry, and the one of its names that fits best."""

    entry: Entry
    name: str


#: What splits into a letter and a mark is found without the mark, in a name and in what is looked up.
_MARKS = re.compile(r"[\u0300-\u036f]")
_WORD = re.compile(r"\w+")


def words(text: str) -> list[str]:
    """The words of a text as they are compared.

    >>> words("Sjögren's syndrome")
    ['sjogren', 's', 'syndrome']
    """
    plain = text if text.isascii() else _MARKS.sub("", unicodedata.normalize("NFKD", text))
    return _WORD.findall(plain.casefold())


def merged(entries: Iterable[Entry], spaces: Sequence[str]) -> list[Entry]:
    """One entry for what several ontologies have, with the names of all: the one that the name is taken for in a query.

    It is that of the first of `spaces`, beginnings of IRIs; what is in none of them is left out.
    """
    found = sorted(entries, key=lambda entry: (-entry.trials, entry.iri))
    kept: list[Entry] = []
    names: list[dict[str, None]] = []
    by_key: dict[str, int] = {}
    for space in spaces:
        first = len(kept)
        for entry in found:
            if entry.iri.startswith(space):
                place = by_key.get(normalize(entry.label), len(kept))
                if place == len(kept):
                    kept.append(entry)
                    names.append({})
                names[place] |= dict.fromkeys((entry.label, *entry.others))
        for is_label in (True, False):
            for place in range(first, len(kept)):
                for name in (kept[place].label,) if is_label else names[place]:
                    by_key.setdefault(normalize(name), place)
    return [
        msgspec.structs.replace(entry, others=tuple(name for name in known if name != entry.label))
        for entry, known in zip(kept, names, strict=True)
    ]


#: Characters and words of a question that are looked at.
_MAX_TEXT, _MAX_WORDS = 200, 8


class Names:
    """The table."""

    def __init__(
        self,
        entries: Iterable[Entry] = (),
        numbers: Iterable[str] = (),
        *,
        leading: Collection[str] = (),
        is_ready: bool = True,
    ) -> None:
        #: IRIs of what most trials name themselves: what is broader than these has more trials, and says less.
        self.leading = frozenset(leading)
        #: Whether it is the table, and not what stands for it while that is made.
        self.is_ready = is_ready
        self._entries = sorted(entries, key=lambda entry: (-entry.trials, entry.label, entry.iri))
        self._names: list[tuple[int, str]] = []
        owners: dict[str, list[int]] = {}
        for place, entry in enumerate(self._entries):
            for name in (entry.label, *entry.others):
                for word in set(words(name)):
                    owners.setdefault(word, []).append(len(self._names))
                self._names.append((place, name))
        self._words = sorted(owners)
        #: Names that have the words, word by word, and where those of each word begin.
        self._owners = array("L", (owner for word in self._words for owner in owners[word]))
        self._starts = array("L", accumulate((len(owners[word]) for word in self._words), initial=0))
        self._numbers = sorted(set(numbers))
        # Bound to the table, so that it goes with it.
        self._find = lru_cache(maxsize=4096)(self._found)

    def __len__(self) -> int:
        return len(self._entries)

    @property
    def trials(self) -> int:
        """How many NCT numbers there are."""
        return len(self._numbers)

    def most(self, kind: str, count: int, among: Collection[str] | None = None) -> list[Entry]:
        """The entries of a kind that most trials have, among these IRIs."""
        of_kind = (entry for entry in self._entries if entry.kind == kind and (among is None or entry.iri in among))
        return [entry for _, entry in zip(range(count), of_kind, strict=False)]

    def numbers(self, begin: str, count: int) -> list[str]:
        """The first NCT numbers that begin so."""
        start = bisect_left(self._numbers, begin)
        return [number for number in self._numbers[start : start + count] if number.startswith(begin)]

    def find(self, text: str, kind: str = "", count: int = 10) -> list[Match]:
        """What has a name in which a word begins with each of the given ones: best names first, then most trials."""
        asked = tuple(words(text[:_MAX_TEXT])[:_MAX_WORDS])
        return list(self._find(asked, kind)[:count]) if asked else []

    def nearest(self, text: str, kind: str = "", count: int = 3) -> list[Match]:
        """What is found if the words that nobody knows are taken for known ones that look like them."""
        asked = words(text[:_MAX_TEXT])[:_MAX_WORDS]
        likely = [self._likely(word) for word in asked]
        known = [word for word in likely if word]
        for n in range(len(known), 0, -1):
            # The words in which most is said are kept longest.
            tried = sorted(sorted(known, key=len)[-n:], key=known.index)
            if found := self._find(tuple(tried), kind)[:count]:
                return list(found)
        return []

    def _likely(self, word: str) -> str:
        place = bisect_left(self._words, word)
        if self._words[place : place + 1] and self._words[place].startswith(word):
            return word
        near = get_close_matches(word, self._alike(word), n=1, cutoff=0.7)
        return near[0] if near else ""

    def _alike(self, word: str) -> list[str]:
        """Words of about this length that share a few letters in a row with it: few, for each is compared."""
        pieces = {word[n : n + 3] for n in range(len(word) - 2)}
        shortest, longest = len(word) - 2, len(word) + 2
        return [
            known
            for known in self._words
            if shortest <= len(known) <= longest and any(piece in known for piece in pieces)
        ]

    def _found(self, asked: tuple[str, ...], kind: str) -> tuple[Match, ...]:
        best: dict[int, tuple[int, int]] = {}
        for owner in self._candidates(asked, kind):
            place, name = self._names[owner]
            rank = self._rank(name, asked, is_label=name == self._entries[place].label)
            if rank is not None and (place not in best or rank < best[place][0]):
                best[place] = rank, owner
        order = sorted(best, key=lambda place: (best[place][0], place))[:_MAX_FOUND]
        return tuple(Match(self._entries[place], self._names[best[place][1]][1]) for place in order)

    def _candidates(self, asked: tuple[str, ...], kind: str) -> Iterable[int]:
        """Names with a word that begins like the asked one of which there are fewest; of very many the first."""
        ranges = [(self._start(word), self._start(word + _LAST)) for word in asked]
        start, end = min(ranges, key=lambda span: span[1] - span[0])
        owners: Iterable[int] = self._owners[start:end]
        if kind:
            owners = [owner for owner in owners if self._entries[self._names[owner][0]].kind == kind]
        found = set(owners)
        if len(found) <= _MAX_COMPARED:
            return found
        # In the order of entries those with most trials are first; a word of its own is what is meant, whoever has it.
        whole = {
            owner for word in asked for owner in self._owners[self._start(word) : self._start(word + "\0")]
        } & found
        return [*sorted(whole)[:_MAX_COMPARED], *sorted(found - whole)[:_MAX_COMPARED]]

    def _start(self, word: str) -> int:
        return self._starts[bisect_left(self._words, word)]

    @staticmethod
    def _rank(name: str, asked: tuple[str, ...], *, is_label: bool) -> int | None:
        """0 the whole name, 1 all its words, 2 or 3 it begins so, 4 or 5 somewhere in it; None if a word is missing."""
        inverted = _INVERTED.fullmatch(name)
        found = words(f"{inverted[2]} {inverted[1]}" if inverted else name)
        if found == list(asked):
            return 0
        if sorted(found) == sorted(asked):
            return 1
        if not all(any(word.startswith(each) for word in found) for each in asked):
            return None
        begins = " ".join(found).startswith(" ".join(asked))
        return (2 if begins else 4) + (not is_label)


#: Stands behind every letter: what begins with a word ends before the word and this.
_LAST = "\U0010ffff"
#: As indexes have it: "Carcinoma, Hepatocellular".
_INVERTED = re.compile(r"([^,]+), ([^,]+)")
#: Names that are compared with what is asked, one by one, of those that begin so.
_MAX_COMPARED = 2000
#: More is never shown.
_MAX_FOUND = 100
