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
    "abbreviations",
    "find_in_title",
    "parts_in_brackets",
    "without_form",
    "without_qualifiers",
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


def exact_label(text: str, lexicon: Lexicon) -> Iterator[Candidate]:
    """The publisher's preferred name."""
    return _as_candidates(lexicon.find(text), _LABEL, fold(text), "exact label", 0.99)


def exact_synonym(text: str, lexicon: Lexicon) -> Iterator[Candidate]:
    """A name that the publisher gives as meaning the same."""
    return _as_candidates(lexicon.find(text), _EXACT, fold(text), "exact synonym", 0.98)


def normalized(text: str, lexicon: Lexicon) -> Iterator[Candidate]:
    """Either, but for spelling, punctuation, plural and the spaces in codes."""
    return _as_candidates(lexicon.find_normal(text), _SURE, normalize(text), "normalised form", 0.95)


def related_synonym(text: str, lexicon: Lexicon) -> Iterator[Candidate]:
    """A name of which the publisher says only that it is near: trusted where something else confirms it."""
    return _as_candidates(lexicon.find_normal(text), _RELATED, normalize(text), "related synonym", 0.85)


#: The rules for a whole string, best first.
TIERS: tuple[Tier, ...] = (exact_label, exact_synonym, normalized, related_synonym)

_BRACKETS = re.compile(r"([^()\[\]]+?)\s*[(\[]([^()\[\]]+)[)\]]\s*")


def parts_in_brackets(text: str) -> tuple[str, str] | None:
    """(what stands before the brackets, what stands in them) of "Temsirolimus (CCI-779)"; None for other forms."""
    match = _BRACKETS.fullmatch(text.strip())
    return (match[1].strip(), match[2].strip()) if match else None


_ABBREVIATION = re.compile(r"\(([A-Z][A-Za-z0-9-]{1,9})\)")


def abbreviations(texts: Iterable[str]) -> dict[str, str]:
    """Short form -> long form, where a text of the same record expands it: "hepatocellular carcinoma (HCC)"."""
    found: dict[str, str] = {}
    for text in texts:
        for match in _ABBREVIATION.finditer(text):
            long_form = _expansion(match[1], text[: match.start()])
            if long_form:
                found.setdefault(match[1], long_form)
    return found


def _expansion(short: str, before: str) -> str:
    """The words right before the brackets that the short form's letters come from, its first letter from a first one.

    The method is that of Schwartz and Hearst (2003), https://psb.stanford.edu/psb-online/proceedings/psb03/schwartz.pdf.
    """
    letters = [char.lower() for char in short if char.isalnum()]
    words = re.findall(r"[\w'-]+", before)[-min(len(letters) + 5, len(letters) * 2) :]
    text = " ".join(words)
    place = len(text)
    for number, letter in reversed(list(enumerate(letters))):
        place -= 1
        while place >= 0 and (text[place].lower() != letter or (number == 0 and text[place - 1 : place].strip(" -"))):
            place -= 1
        if place < 0:
            return ""
    return text[place:]


#: Words about stage, course, line of treatment and patients: no concepts of their own.
_QUALIFIERS = frozenset(
    "stage grade phase i ii iii iv iia iib iic iiia iiib iiic iva ivb ivc v a b c 0 1 2 3 4 ia ib ic or and "
    "advanced early late locally localized local regional metastatic nonmetastatic unresectable resectable resected "
    "inoperable operable recurrent relapsed relapsing refractory resistant progressive persistent residual "
    "untreated treated previously newly diagnosed first second third line adult adults childhood child children "
    "pediatric juvenile elderly older male female patients patient subjects with in primary secondary untreatable "
    "acute chronic mild moderate severe very high low intermediate risk symptomatic asymptomatic stable unstable "
    "suspected confirmed histologically proven unspecified nos other extensive limited platinum sensitive".split()
)


def without_qualifiers(text: str) -> str:
    """The string without words on stage, course or patients at either end; empty if none stood there, or alone.

    >>> without_qualifiers("Unresectable or Metastatic Hepatocellular Carcinoma")
    'Hepatocellular Carcinoma'
    """
    words = re.findall(r"[^\s,/;:()]+", text)
    first, last = 0, len(words)
    while first < last and words[first].lower() in _QUALIFIERS:
        first += 1
    while last > first and words[last - 1].lower() in _QUALIFIERS:
        last -= 1
    return " ".join(words[first:last]) if last - first < len(words) else ""


#: Words about dose, form and route at the end of a drug's name.
_FORMS = frozenset(
    "tablet tablets capsule capsules caplet caplets pill pills oral orally injection injections injectable "
    "infusion intravenous iv subcutaneous sc intramuscular im topical inhaled inhalation intranasal ophthalmic "
    "transdermal rectal vaginal solution suspension syrup cream gel ointment patch patches spray drops lotion "
    "powder extended release immediate delayed sustained er xr sr cr xl hfa liquid formulation dose doses daily "
    "mg mcg ug µg g kg ml iu mg/kg mg/m2 mg/ml mg/day monotherapy alone".split()
)
_DOSE = re.compile(r"[\d.,]+(?:mg|mcg|ug|µg|g|ml|iu|%)?(?:/(?:kg|m2|m\^2|day|d|ml))?", re.IGNORECASE)


def without_form(text: str) -> str:
    """The drug's name without dose, form and route at its end; empty if none stood there, or alone.

    >>> without_form("posaconazole 40 mg/mL oral suspension")
    'posaconazole'
    """
    words = text.split()
    last = len(words)
    while last and (words[last - 1].lower().strip(",.;") in _FORMS or _DOSE.fullmatch(words[last - 1].strip(",;"))):
        last -= 1
    return " ".join(words[:last]).rstrip(" ,;") if last < len(words) else ""


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
            for end in range(min(len(words), start + _MAX_WORDS), start, -1):
                key = " ".join(words[start:end])
                names = lexicon.find_key(key) if len(key) >= _MIN_WORD else ()
                sure = tuple(name for name in names if name.kind in _SURE)
                if sure:
                    yield key, sure
                    start = end - 1
                    break
            start += 1
