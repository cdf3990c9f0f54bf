"""Names of concepts -> concepts: one table over all loaded ontologies, for linking and for the parameters of queries.

Two keys a name: `fold` (case and white space) and `normalize` (spelling, punctuation, plural, spaces in codes). Both
are applied alike to names and to what is looked up, so that a key need not be a word, only the same for the same word.
"""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable
from functools import lru_cache

import msgspec

from kg.concept import Concept, NameKind

__all__ = ["Lexicon", "Name", "Recorder", "fold", "normalize"]

_SPACE = re.compile(r"\s+")
_PUNCTUATION = re.compile(r"[^\w\s]|_")
_SPLIT_CODE = re.compile(r"(?<=[a-z]) (?=\d)|(?<=\d) (?=[a-z]\b)")
_INVERTED = re.compile(r"([^,]+), ([^,]+)")

#: British spelling -> American, as parts of words (the registry's records hold both, MeSH the American).
_AMERICAN = {
    "oesoph": "esoph",
    "oedema": "edema",
    "diarrhoea": "diarrhea",
    "dyspnoea": "dyspnea",
    "apnoea": "apnea",
    "foetal": "fetal",
    "foetus": "fetus",
    "haem": "hem",
    "aemia": "emia",
    "anaes": "anes",
    "paed": "ped",
    "gynaec": "gynec",
    "caecal": "cecal",
    "tumour": "tumor",
    "fibre": "fiber",
    "sulph": "sulf",
    "behaviour": "behavior",
}
_BRITISH = re.compile("|".join(_AMERICAN))


def fold(text: str) -> str:
    """The text without case, compatibility forms and surplus white space.

    >>> fold("Liver  Cancer ")
    'liver cancer'
    """
    if text.isascii():
        return " ".join(text.lower().split())
    return _SPACE.sub(" ", unicodedata.normalize("NFKC", text)).strip().casefold()


def normalize(text: str) -> str:
    """The text reduced to what makes it the same name: American spelling, no punctuation, singular, codes in one piece.

    >>> normalize("RAD-001") == normalize("rad001"), normalize("Tumours, Brain") == normalize("brain tumor")
    (True, True)
    """
    folded = fold(text.replace("®", " ").replace("™", " "))
    inverted = _INVERTED.fullmatch(folded)
    if inverted:
        folded = f"{inverted[2]} {inverted[1]}"
    american = _BRITISH.sub(lambda match: _AMERICAN[match[0]], folded)
    plain = _PUNCTUATION.sub(" ", american.replace("'s ", " ").replace("'", ""))
    joined = _SPLIT_CODE.sub("", " ".join(plain.split()))
    return " ".join(_singular(word) for word in joined.split())


@lru_cache(maxsize=1 << 18)
def _singular(word: str) -> str:
    if len(word) <= 3 or word.endswith(("ss", "us", "is")):  # noqa: PLR2004 - "gas", "AIDS" stay as they are
        return word
    if word.endswith("ies"):
        return word[:-3] + "y"
    return word.removesuffix("s")


class Name(msgspec.Struct, frozen=True):
    """One name of one concept."""

    text: str
    kind: NameKind
    concept: str
    source: str


class Lexicon:
    """Every name of every loaded concept, by its keys."""

    def __init__(self, concepts: Iterable[Concept]) -> None:
        self.concepts: dict[str, Concept] = {}
        self._folded: dict[str, list[Name]] = defaultdict(list)
        self._normal: dict[str, list[Name]] = defaultdict(list)
        for concept in concepts:
            self.concepts[concept.iri] = concept
            for text, kind in concept.names():
                self._add(Name(text, kind, concept.iri, concept.source))

    def _add(self, name: Name) -> None:
        self._folded[fold(name.text)].append(name)
        # Of the name, not of its folded form: folding makes letters of the trademark sign.
        self._normal[normalize(name.text)].append(name)

    def find(self, text: str) -> tuple[Name, ...]:
        """The names that equal `text` but for case and white space."""
        return tuple(self._folded.get(fold(text), ()))

    def find_normal(self, text: str) -> tuple[Name, ...]:
        """The names that equal `text` but for spelling, punctuation and plural."""
        return self.find_key(normalize(text))

    def find_key(self, key: str) -> tuple[Name, ...]:
        """The names that `normalize` gives this key."""
        return tuple(self._normal.get(key, ())) if key else ()


class Recorder(Lexicon):
    """A lexicon that remembers which concepts it was asked for by any of their names."""

    def __init__(self, concepts: Iterable[Concept]) -> None:
        super().__init__(concepts)
        self.touched: set[str] = set()

    def find(self, text: str) -> tuple[Name, ...]:
        """As `Lexicon.find`."""
        return self._touch(super().find(text))

    def find_key(self, key: str) -> tuple[Name, ...]:
        """As `Lexicon.find_key`."""
        return self._touch(super().find_key(key))

    def _touch(self, names: tuple[Name, ...]) -> tuple[Name, ...]:
        self.touched.update(name.concept for name in names)
        return names
