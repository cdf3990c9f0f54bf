"""Names inside a string: all its words are accounted for, as names or as words that say nothing of their own.

The last resort for strings that state several things or wrap a name in prose. A word that is neither is told.
"""

import re

import msgspec

from kg.concept import Concept, MentionKind
from kg.lexicon import Lexicon, Name, normalize
from kg.linking import words

__all__ = ["Cover", "cover", "means"]

_MOST_WORDS = 40
_LONGEST_CODE = 8
#: Only a long word may be misspelt and still be sure.
_LONG_WORD = 9
#: A name that its publisher calls only related must be this long inside a string.
_LONG_RELATED = 6
_SHORT_BRACKETS = re.compile(r"\s*[(\[][A-Za-z0-9-]{1,7}[)\]]")
#: A dose goes first: normalised, its number would grow onto the word before it.
_DOSES = re.compile(r"(?<![\w-])\d[\d.,]*\s*(?:mg|mcg|µg|g|ml|iu|%)(?:/\w+)*(?![\w-])", re.IGNORECASE)
_LONGEST_NAME = 9
#: A name of one word must be this long: shorter ones are abbreviations of many things.
_SHORTEST = 4
_SURE = frozenset({"label", "exact", "brand"})
#: Branches of MeSH in which a string of a kind finds its meaning, and those that only say where (organs, cells).
_MEANING: dict[str, tuple[str, ...]] = {
    "condition": ("C", "F03", "F01"),
    "intervention": ("D", "E02", "E04", "F04"),
}


class Cover(msgspec.Struct, frozen=True):
    """The names found, from the left; `unknown` are the words that are neither names nor without meaning."""

    names: tuple[tuple[str, tuple[Name, ...]], ...]
    unknown: tuple[str, ...]
    ends_in_name: bool


def cover(text: str, kind: MentionKind, lexicon: Lexicon) -> Cover:
    """Reads a string from the right, where English has its heads, the longest names first."""
    capitals = {normalize(word) for word in re.split(r"[^A-Za-z0-9]+", text) if word.isupper()}
    bare = _SHORT_BRACKETS.sub(" ", text)
    tokens = normalize(_DOSES.sub(" ", bare) if kind == "intervention" else bare).split()[:_MOST_WORDS]
    known = _idle(kind)
    names: list[tuple[str, tuple[Name, ...]]] = []
    unknown: list[str] = []
    end, head = len(tokens), False
    while end:
        for start in range(max(0, end - _LONGEST_NAME), end):
            key = " ".join(tokens[start:end])
            if end - start == 1 and (key in known or len(key) < (_SHORTEST - 1 if key in capitals else _SHORTEST)):
                continue
            found = tuple(name for name in lexicon.find_key(key) if _fits(name, key, kind))
            if found:
                head = head or not (names or unknown)
                names.insert(0, (key, found))
                end = start
                break
        else:
            end -= 1
            near = lexicon.find_near(tokens[end]) if len(tokens[end]) >= _LONG_WORD else ()
            if not near and kind == "intervention":
                # "rgp120" is recombinant gp120.
                near = lexicon.find_code(tokens[end]) or lexicon.find_code(tokens[end].removeprefix("r"))
            if near:
                names.insert(0, (tokens[end], near))
            elif not (tokens[end] in known or words.DOSE.fullmatch(tokens[end]) or _is_code(tokens[end], kind)):
                unknown.insert(0, tokens[end])
    return Cover(tuple(names), tuple(unknown), head)


def _fits(name: Name, key: str, kind: MentionKind) -> bool:
    return name.kind in _SURE or (kind == "intervention" and name.source == "chebi" and len(key) >= _LONG_RELATED)


def _is_code(token: str, kind: MentionKind) -> bool:
    """A product's code beside its kind: "monoclonal antibody F19"."""
    return kind == "intervention" and any(char.isdigit() for char in token) and len(token) <= _LONGEST_CODE


def _idle(kind: MentionKind) -> frozenset[str]:
    if kind == "intervention":
        return _IDLE_DRUG
    return _IDLE_CONDITION


def _normal(*sets: frozenset[str]) -> frozenset[str]:
    return frozenset(normalize(word) for group in sets for word in group) | frozenset().union(*sets)


_IDLE_DRUG = _normal(words.FORMS, words.ROUTES, words.SALTS, words.FUNCTION_WORDS, words.GENERIC)
_IDLE_CONDITION = _normal(words.QUALIFIERS, words.FUNCTION_WORDS, words.GENERIC, words.ILLNESS)


def means(concept: Concept, kind: MentionKind, type_code: str = "") -> bool:
    """Whether a concept is what a string of this kind may state."""
    fit = _MEANING.get(kind, ("C", "D", "F03"))
    if type_code == "BIOLOGICAL":
        fit = (*fit, "A11")
    if concept.branches == ("D26",) and concept.label != "Placebos":
        return False
    if concept.source == "mesh":
        return not concept.branches or any(branch.startswith(fit) for branch in concept.branches)
    return True
