"""The rules by which a string names a concept, best first. Each is a function: (text, lexicon) -> candidates.

A rule says all that it finds; the linker decides whether that is one concept of an ontology, or too many.
"""

import re
from collections.abc import Callable, Iterable, Iterator

import msgspec

from kg.concept import NameKind, Relation
from kg.lexicon import Lexicon, Name, fold, normalize

__all__ = [
    "TIERS",
    "Candidate",
    "Tier",
    "brackets_inside",
    "find_in_title",
    "parts_in_brackets",
    "starts_with_placebo",
]


class Candidate(msgspec.Struct, frozen=True):
    """A concept that a string may name, the rule that says so, and how sure the rule is (0..1)."""

    name: Name
    relation: Relation
    tier: str
    confidence: float
    matched: str


Tier = Callable[[str, Lexicon], Iterable[Candidate]]

#: What is shorter than this (without spaces) names too many things.
MIN_LENGTH = 3


def _as_candidates(
    names: Iterable[Name], kinds: frozenset[NameKind], matched: str, tier: str, confidence: float
) -> Iterator[Candidate]:
    for name in names:
        if name.kind in kinds:
            yield Candidate(name, "exact", tier, confidence, matched)


_LABEL: frozenset[NameKind] = frozenset({"label"})
_EXACT: frozenset[NameKind] = frozenset({"exact"})
_SURE: frozenset[NameKind] = frozenset({"label", "exact"})
_RELATED: frozenset[NameKind] = frozenset({"related"})
_BRAND: frozenset[NameKind] = frozenset({"brand"})
#: Letters, then digits: "RAD001", "CCI-779", "BMS-247550", "LY 293111".
_CODE = re.compile(r"[A-Za-z]{1,6}[- ]?\d{2,}(?:[-,. ]?\d+)*[A-Za-z]{0,3}")


def exact_label(text: str, lexicon: Lexicon) -> Iterator[Candidate]:
    """The publisher's preferred name."""
    return _as_candidates(lexicon.find(text), _LABEL, fold(text), "exact label", 0.99)


def exact_synonym(text: str, lexicon: Lexicon) -> Iterator[Candidate]:
    """A name that the publisher gives as meaning the same."""
    return _as_candidates(lexicon.find(text), _EXACT, fold(text), "exact synonym", 0.98)


def normalized(text: str, lexicon: Lexicon) -> Iterator[Candidate]:
    """Either, but for spelling, punctuation, plural and the spaces in codes."""
    return _as_candidates(lexicon.find_normal(text), _SURE, normalize(text), "normalised form", 0.95)


def brand(text: str, lexicon: Lexicon) -> Iterator[Candidate]:
    """A trade name, of the ingredient that is sold under it."""
    return _as_candidates(lexicon.find_normal(text), _BRAND, normalize(text), "brand", 0.93)


def research_code(text: str, lexicon: Lexicon) -> Iterator[Candidate]:
    """A sponsor's code for a substance, which its publishers give among the related names: "CCI-779"."""
    if _CODE.fullmatch(text.strip()):
        yield from _as_candidates(lexicon.find_normal(text), _RELATED, normalize(text), "research code", 0.9)


def related_synonym(text: str, lexicon: Lexicon) -> Iterator[Candidate]:
    """A name of which the publisher says only that it is near: trusted where something else confirms it."""
    return _as_candidates(lexicon.find_normal(text), _RELATED, normalize(text), "related synonym", 0.85)


#: The rules for a whole string, best first.
TIERS: tuple[Tier, ...] = (exact_label, exact_synonym, normalized, brand, research_code, related_synonym)

_BRACKETS = re.compile(r"([^()\[\]]+?)\s*[(\[]([^()\[\]]+)[)\]]\s*")


def parts_in_brackets(text: str) -> tuple[str, str] | None:
    """(what stands before the brackets, what stands in them) of "Temsirolimus (CCI-779)"; None for other forms."""
    match = _BRACKETS.fullmatch(text.strip())
    return (match[1].strip(), match[2].strip()) if match else None


_BRACKETS_INSIDE = re.compile(_BRACKETS.pattern + r"([^()\[\]]+)")


def brackets_inside(text: str) -> tuple[str, str, str] | None:
    """(what stands before the brackets, in them, after them) of "Aspirin (ASA) tablets"; None for other forms."""
    match = _BRACKETS_INSIDE.fullmatch(text.strip())
    return (match[1].strip(), match[2].strip(), match[3].strip()) if match else None


_PLACEBO_FIRST = re.compile(r"^\W*(?:matching\s+|matched\s+|oral\s+)?(?:placebo|sham|dummy|vehicle)\b", re.IGNORECASE)


def starts_with_placebo(text: str) -> bool:
    """Whether a name is that of a placebo from its first word on: what follows is not given."""
    return _PLACEBO_FIRST.match(text) is not None


#: What ends a run of words in a title: a name does not go across it.
_BOUNDARY = re.compile(r"[:;()\[\]?!/]|\.(?:\s|$)|,\s| - | vs\.? | versus ")
#: No name of a concept has more words, but for a few of chemistry.
_MAX_WORDS = 8
#: A single word of a title must be this long to be taken for a name.
_MIN_WORD = 5


def find_in_title(text: str, lexicon: Lexicon) -> Iterator[tuple[str, tuple[Name, ...]]]:
    """Names that stand in a title, the longest from the left, none inside another."""
    for run in _BOUNDARY.split(text):
        words = normalize(run).split()
        start = 0
        while start < len(words):
            most = min(lexicon.longest(words[start]), _MAX_WORDS)
            for end in range(min(len(words), start + most), start, -1):
                key = " ".join(words[start:end])
                names = lexicon.find_key(key) if len(key) >= _MIN_WORD else ()
                sure = tuple(name for name in names if name.kind in _SURE)
                if sure:
                    yield key, sure
                    start = end - 1
                    break
            start += 1
