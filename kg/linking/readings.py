"""Ways to read a string that is no name itself: each says which parts of it must be names, and what follows from that.

A reading names the phenomenon it covers. The linker takes the first whose parts all are names; readings are tried
surest first.
"""

import re
from collections.abc import Callable, Iterator
from itertools import islice

import msgspec

from kg.concept import Relation
from kg.linking import words
from kg.linking.words import words_of

__all__ = [
    "LEAVES",
    "Reading",
    "completed",
    "drugs_of",
    "joined",
    "lists",
    "of_condition",
    "of_intervention",
    "says_nothing",
    "with_other_head",
    "without_noise",
]

#: Readings whose parts must be names as they stand.
LEAVES = frozenset(
    (
        *("without qualifiers", "without form", "without salt", "other head", "head left out", "hyphens", "placebo"),
        *("acid for salt", "inner word left out"),
    )
)


class Reading(msgspec.Struct, frozen=True):
    """The parts that must be names, the relation of the string to what they name, and how much confidence is left."""

    tier: str
    parts: tuple[str, ...]
    relation: Relation
    factor: float


#: What registries append: a classification's edition, "not otherwise specified", a code of a subtype.
_NOISE = re.compile(
    r"\s*(?:^(?i:drug|device|procedure|biological|behavioral|radiation|dietary supplement):"
    r"|,?\s*\bN\.?O\.?S\.?\b|\bAJCC v\d\b|- Category$|\bProtocol Specific\b"
    r"|,\s*(?:unspecified|not otherwise specified)|\((?:M\d[a-z]?|NOS|r|R|TM|tm)\)|[®™*])\s*",
)
#: "iodine I 131": the element, its symbol, and the mass number.
_ISOTOPE = re.compile(r"\b([a-z]{4,})[ -][A-Z][a-z]?[ -]?(\d{2,3})\b")


def without_noise(text: str) -> Iterator[Reading]:
    """For example "Low-Grade Astrocytoma, Nos" -> "Low-Grade Astrocytoma"."""
    core = _ISOTOPE.sub(r"\1-\2", _NOISE.sub(" ", text)).strip(" ,;-")
    if core and core != text.strip():
        yield Reading("without noise", (core,), "exact", 0.97)


_SEPARATORS = re.compile(
    r"\s*(?:;|\+|\bplus\b|\bfollowed by\b|&|\band/or\b|,\s*and\b|\band\b|\bor\b|,|/|\bwith\b|\bversus\b"
    r"|\bvs\.?(?=\s)|\bin combination with\b)\s*"
)
_HYPHEN = re.compile(r"(?<=[a-z])\s*[-–/]\s*(?=[a-z])")
_LIST_LEAD = re.compile(r"^(?:combination of|combined|both|fixed combination of)\s+", re.IGNORECASE)
#: Longest list that is read; longer ones are prose.
_MOST_PARTS = 8
_SHORTEST = 3
#: Most words taken off at one end, and most heads that are exchanged; a string with more is prose.
_MOST_OFF, _MOST_HEADS = 8, 4
#: Words of a string of which one may be left out.
_FEW = range(3, 5)


def lists(text: str, *, hyphens: bool) -> Iterator[Reading]:
    """For example "A + B", "A/B", "A and B", "A; B, C": every part is a name, and none is the whole."""
    body = _LIST_LEAD.sub("", text)
    for separators in (_SEPARATORS, _HYPHEN) if hyphens else (_SEPARATORS,):
        parts = [part for part in (part.strip(" .") for part in separators.split(body)) if part]
        said = all(sum(c.isalnum() for c in part) >= _SHORTEST and not says_nothing(part) for part in parts)
        if said and 1 < len(parts) <= _MOST_PARTS:
            yield Reading("list", tuple(parts), "broad", 0.95)


def _without_qualifiers(text: str) -> Iterator[Reading]:
    """Without words on stage, course or patients at its ends, the fewest first.

    >>> [reading.parts[0] for reading in _without_qualifiers("Acute Low Back Pain")]
    ['Low Back Pain', 'Back Pain']
    """
    tokens = words_of(text)
    front, back = _idle_ends(tokens, _is_qualifier, _is_qualifier)
    for first, last in sorted(_cuts(tokens, front, back), key=lambda cut: (sum(cut), cut[1])):
        yield Reading("without qualifiers", (" ".join(tokens[first : len(tokens) - last]),), "broad", 0.92)
    middle = [token for token in tokens if not _is_qualifier(token)]
    if 1 < len(middle) < len(tokens) - front - back:
        yield Reading("without qualifiers", (" ".join(middle),), "broad", 0.88)


def _idle_ends(
    tokens: list[str], is_idle_first: Callable[[str], bool], is_idle_last: Callable[[str], bool]
) -> tuple[int, int]:
    """How many words at either end say nothing of their own, so many as are looked at."""
    front = 0
    while front < min(len(tokens), _MOST_OFF) and is_idle_first(tokens[front]):
        front += 1
    back = 0
    while back < min(len(tokens) - front, _MOST_OFF) and is_idle_last(tokens[-1 - back]):
        back += 1
    return front, back


def _cuts(tokens: list[str], front: int, back: int) -> Iterator[tuple[int, int]]:
    """How many words to take off at either end: all ways that take off some, and leave some."""
    ways = ((first, last) for first in range(front + 1) for last in range(back + 1))
    return (cut for cut in ways if 0 < sum(cut) < len(tokens))


def _is_qualifier(word: str) -> bool:
    pieces = re.split(r"[-/]", word.lower())
    return all(piece in words.QUALIFIERS for piece in pieces if piece)


#: Heads that registrants use for one another; MeSH has most diseases under one of them only.
_HEADS = (
    ("carcinoma", "cancer", "neoplasm", "tumor", "malignancy"),
    ("disorder", "disease", "syndrome", "dysfunction"),
)
_HEAD = re.compile(
    r"\b(carcinoma|cancer|neoplasm|tumor|tumour|malignanc(?:y|ie)|disorder|disease|syndrome|dysfunction)(?:s|es)?\b",
    re.IGNORECASE,
)


def with_other_head(text: str) -> Iterator[Reading]:
    """For example "kidney carcinoma" -> "kidney neoplasm": heads that stand for one another."""
    for found in islice(_HEAD.finditer(text), _MOST_HEADS):
        stem = found[1].lower().replace("tumour", "tumor").replace("malignancie", "malignancy")
        others = (other for group in _HEADS if stem in group for other in group if other != stem)
        for other in others:
            yield Reading("other head", (text[: found.start()] + other + text[found.end() :],), "close", 0.85)


_OF = re.compile(r"(.+?)\s+of\s+(?:the\s+)?(.+)", re.IGNORECASE)


def _inverted(text: str) -> Iterator[Reading]:
    """For example "Adenocarcinoma of the Colon" -> "Colon Adenocarcinoma"."""
    found = _OF.fullmatch(text.strip())
    if found:
        yield Reading("inverted", (f"{found[2]} {found[1]}",), "exact", 0.95)


def _without_form(text: str) -> Iterator[Reading]:
    """A drug without dose, route, form or salt around it, the fewest words off first; last without those inside."""
    tokens = words_of(text)
    front, back = _idle_ends(tokens, _is_form, _is_form_or_salt)
    for first, last in sorted(_cuts(tokens, front, back), key=lambda cut: (sum(cut), cut[0])):
        off = (*tokens[:first], *tokens[len(tokens) - last :])
        tier = "without salt" if all(word.lower() in words.SALTS for word in off) else "without form"
        yield Reading(tier, (" ".join(tokens[first : len(tokens) - last]),), "broad", 0.93)
    middle = [word for word in tokens if not _is_form_or_salt(word)]
    if 0 < len(middle) < len(tokens) - front - back:
        yield Reading("without form", (" ".join(middle),), "broad", 0.88)


def _is_form_or_salt(word: str) -> bool:
    return _is_form(word) or word.lower() in words.SALTS


def _says_form_only(text: str) -> bool:
    return all(_is_form(word) for word in words_of(text))


def says_nothing(text: str) -> bool:
    """Whether a string has no word that could name something: "Stage III", "oral tablet", "disorders"."""
    tokens = words_of(text)
    return _says_form_only(text) or all(_is_qualifier(word) or word.lower() in words.ILLNESS for word in tokens)


def _is_form(word: str) -> bool:
    low = word.lower()
    if words.DOSE.fullmatch(word):
        return True
    pieces = [piece for piece in re.split(r"[-/]", low) if piece]
    return low in _IDLE or (bool(pieces) and all(piece in _IDLE or words.DOSE.fullmatch(piece) for piece in pieces))


_IDLE = words.FORMS | words.ROUTES | words.FUNCTION_WORDS | words.GENERIC


def _without_inner_word(text: str) -> Iterator[Reading]:
    """For example "Myotonic muscular dystrophy" -> "myotonic dystrophy": one word inside that the name does without."""
    tokens = words_of(text)
    if len(tokens) in _FEW:
        for number in range(1, len(tokens) - 1):
            yield Reading("inner word left out", (" ".join(tokens[:number] + tokens[number + 1 :]),), "broad", 0.85)


_LABELLED = re.compile(r"\s+[-–—]+\s+|:\s+|\s*=\s*")


def _labelled(text: str) -> Iterator[Reading]:
    """For example "Capecitabine - Dose B", "Arm 2: everolimus": a name beside a label."""
    parts = [part.strip() for part in _LABELLED.split(text) if part.strip()]
    if len(parts) > 1:
        for part in parts:
            if not _says_form_only(part):
                yield Reading("labelled", (part,), "broad", 0.9)


_FOR = re.compile(r"(.{4,}?)\s+(?:for|against|to treat|in patients? with|in the treatment of)\s+.+", re.IGNORECASE)


def _without_purpose(text: str) -> Iterator[Reading]:
    """For example "Gene therapy for X" -> "Gene therapy": what it is given for is no part of what is given."""
    found = _FOR.fullmatch(text)
    if found:
        yield Reading("without purpose", (found[1],), "broad", 0.9)


def completed(text: str, kind: str, type_code: str) -> Iterator[Reading]:
    """For example "Raynaud" -> "Raynaud disease", "EPOCH" -> "EPOCH protocol": the head that is left out."""
    if says_nothing(text):
        return
    if kind == "condition":
        heads: tuple[str, ...] = () if text.isupper() else ("disease", "syndrome", "infection")
    elif type_code == "BIOLOGICAL":
        heads = ("vaccine", "antigen")
    else:
        heads = ("protocol",) if text.isupper() else ("therapy",)
    for head in heads:
        yield Reading("head left out", (f"{text} {head}",), "exact", 0.88)


_KINDS = re.compile(
    r"(.{3,}?)\s+(medications?|drugs?|therap(?:y|ies)|treatments?|agents?|supplements?|prophylaxis|regimens?|protocols?)",
    re.IGNORECASE,
)


def _of_other_kind(text: str) -> Iterator[Reading]:
    """For example "antiretroviral medications" -> "antiretroviral agents"."""
    found = _KINDS.fullmatch(text)
    if found:
        for head in ("agents", "drugs", "therapy", "protocol"):
            yield Reading("other head", (f"{found[1]} {head}",), "close", 0.85)


def joined(text: str) -> Iterator[Reading]:
    """For example "Schizo-affective" -> "schizoaffective", "nonproliferative" -> "non-proliferative"."""
    for other in (
        text.replace("-", ""),
        re.sub(r"\s+and\s+", " ", text),
        re.sub(r"\bnon(?=[a-z]{4})", "non-", text, flags=re.IGNORECASE),
    ):
        if other != text:
            yield Reading("hyphens", (other,), "exact", 0.95)


def _at_site(text: str) -> Iterator[Reading]:
    """For example "Squamous cell carcinoma of the larynx": the tumour, and the tumours of the organ.

    Not for "cancer of the larynx", which says no more than the organ.
    """
    found = _OF.fullmatch(text.strip())
    if found and not _HEAD.fullmatch(found[1].strip()):
        for head in ("neoplasms", "cancer"):
            yield Reading("tumour at a site", (found[1], f"{found[2]} {head}"), "broad", 0.9)


_ANION = re.compile(r"\b([a-z]{4,})ate\b", re.IGNORECASE)


def _as_acid(text: str) -> Iterator[Reading]:
    """For example "clavulanate" -> "clavulanic acid": a drug's acid and its salts bear either name."""
    other = _ANION.sub(r"\1ic acid", text)
    if other != text:
        yield Reading("acid for salt", (other,), "close", 0.9)


_COMBINATION = re.compile(r"(.+?),? drug combination", re.IGNORECASE)


def drugs_of(label: str) -> tuple[str, ...]:
    """The drugs of a combination that is named by them, as MeSH does; empty for other names.

    >>> drugs_of("amodiaquine, artesunate drug combination")
    ('amodiaquine', 'artesunate')
    """
    found = _COMBINATION.fullmatch(label)
    return tuple(part.strip() for part in found[1].split(",")) if found else ()


def of_intervention(text: str) -> Iterator[Reading]:
    """The readings of drugs and other interventions, surest first."""
    yield from _without_form(text)
    yield from _as_acid(text)
    yield from _of_other_kind(text)
    yield from lists(text, hyphens=True)
    yield from _labelled(text)
    yield from _without_purpose(text)


def of_condition(text: str) -> Iterator[Reading]:
    """The readings of conditions, surest first."""
    yield from _at_site(text)
    yield from _inverted(text)
    stripped = list(_without_qualifiers(text))
    yield from stripped
    yield from with_other_head(text)
    for reading in stripped:
        for other in with_other_head(reading.parts[0]):
            yield Reading("without qualifiers", other.parts, "broad", 0.8)
    yield from lists(text, hyphens=False)
    yield from _without_inner_word(text)
