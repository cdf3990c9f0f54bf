"""A row of a mapping set: a string of a kind, and the concept that it names, or does not name.

A row is keyed on (kind, normalised string), never on a part's number, which moves when a record changes. Empty kind or
trial: the row holds for every one.
"""

from typing import Any

import msgspec

from kg.concept import MentionKind, Relation
from kg.iris import compact
from kg.lexicon import fold, normalize
from kg.linking.sssom.slots import COLUMNS, CURATED, NEGATED, TRIAL

__all__ = ["KINDS", "PREDICATES", "MappingRow", "MappingSet", "string_key"]

#: Kinds of strings that a row may be about. What the registry derived is stated by itself.
KINDS: tuple[MentionKind, ...] = ("condition", "intervention", "keyword", "title")

#: Predicate -> the relation of the link that it makes.
PREDICATES: dict[str, Relation] = {"skos:exactMatch": "exact", "skos:broadMatch": "broad", "skos:closeMatch": "close"}


def string_key(text: str) -> str:
    """What makes two strings the same for a mapping set; empty for a string without any character but blanks.

    >>> string_key("Liver  Cancers") == string_key("liver cancer")
    True
    """
    return normalize(text) or fold(text)


class MappingRow(msgspec.Struct, frozen=True, kw_only=True):
    """One statement on a string. `concept` is an IRI; `slots` are the row's further cells, as they are written.

    Among these is `object_id` where the concept's IRI is under none of our prefixes.
    """

    text: str
    predicate: str
    concept: str
    justification: str
    kind: str = ""
    trial: str = ""
    negative: bool = False
    confidence: float | None = None
    slots: dict[str, str] = {}
    source: str = ""
    line: int = 0

    @property
    def key(self) -> tuple[str, str]:
        """(kind, normalised string)."""
        return self.kind, string_key(self.text)

    @property
    def curated(self) -> bool:
        """Whether a person answers for it."""
        return self.justification in CURATED

    @property
    def relation(self) -> Relation:
        """The relation of the link that it makes or forbids."""
        return PREDICATES[self.predicate]

    @property
    def rank(self) -> tuple[bool, bool, bool]:
        """The greater beats: a curated row a computed one, then one for a trial a general one, then one for a kind."""
        return self.curated, bool(self.trial), bool(self.kind)

    def cells(self) -> dict[str, str]:
        """The row as it is written: slot -> cell, without empty ones. The trial stands in `other`."""
        other = [f"{TRIAL}={self.trial}"] if self.trial else []
        found = self.slots | {
            "subject_label": self.text,
            "subject_category": self.kind,
            "subject_type": "rdfs literal",
            "predicate_id": self.predicate,
            "predicate_modifier": NEGATED if self.negative else "",
            "object_id": self.slots.get("object_id") or compact(self.concept),
            "mapping_justification": self.justification,
            "confidence": "" if self.confidence is None else f"{self.confidence:.3f}".rstrip("0").rstrip("."),
            "other": "|".join(filter(None, (*other, self.slots.get("other", "")))),
        }
        return {slot: found[slot] for slot in COLUMNS if found.get(slot)}


class MappingSet(msgspec.Struct, frozen=True, kw_only=True):
    """The rows of one file, what its header says, and the prefixes it declares."""

    rows: tuple[MappingRow, ...]
    header: dict[str, Any] = {}
    prefixes: dict[str, str] = {}
    source: str = ""
