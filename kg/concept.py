"""Concepts of ontologies, the strings of records that may name them, and the links between the two, with evidence."""

from collections.abc import Iterable
from typing import Literal

import msgspec

__all__ = ["Closure", "Concept", "Link", "Mention", "MentionKind", "NameKind", "Relation", "Role"]

#: What kind of name a name is, best first. `exact`: the publisher says that it means just this concept (MeSH entry
#: terms of a descriptor's concepts, OBO exact synonyms); `related`: the publisher says no more than that it is near;
#: `brand`: a trade name of what the concept is the ingredient of.
NameKind = Literal["label", "exact", "related", "brand"]

#: skos mapping relation of the string to the concept: the same; the string is narrower; nearly the same.
Relation = Literal["exact", "broad", "close"]

#: What an intervention is given for in its trial; UNKNOWN where the record has no arms.
Role = Literal["EXPERIMENTAL", "COMPARATOR", "BACKGROUND", "PLACEBO", "UNKNOWN"]

#: Where in a record a mention stands. `derived` is NLM's own term.
MentionKind = Literal["condition", "intervention", "keyword", "title", "derived"]


class Concept(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One concept as its publisher gives it.

    `broader` are the direct parents. `ancestors` are all broader concepts; for MeSH by tree number, since the closure
    of direct parents mixes tree positions (Everolimus would stand under Polyketides). `actions` are a substance's
    direct pharmacological actions (MeSH) or roles (ChEBI); `xrefs` are CURIEs under our prefixes where the prefix is
    one. `source` is the ontology's name: `mesh`, `mondo`, `doid`, `chebi`. `branches` are the roots of MeSH tree
    numbers (`C04`, `D02`), empty elsewhere. `brands` are trade names, where the publisher tells them from other names.
    """

    iri: str
    label: str
    source: str
    exact: tuple[str, ...] = ()
    related: tuple[str, ...] = ()
    broader: tuple[str, ...] = ()
    ancestors: tuple[str, ...] = ()
    actions: tuple[str, ...] = ()
    xrefs: tuple[str, ...] = ()
    notation: str = ""
    branches: tuple[str, ...] = ()
    brands: tuple[str, ...] = ()

    def names(self) -> Iterable[tuple[str, NameKind]]:
        """Every name with its kind, the label first."""
        yield self.label, "label"
        for name in self.exact:
            yield name, "exact"
        for name in self.related:
            yield name, "related"
        for name in self.brands:
            yield name, "brand"


class Mention(msgspec.Struct, frozen=True, kw_only=True):
    """A string of a record that may name concepts.

    `part` is the fragment of the part's IRI (`condition-1`), empty for the study's titles. `type` is the registry's
    intervention type (DRUG …). `identifier` is the concept that the registry gives itself (a MeSH identifier, no
    longer padded).
    """

    kind: MentionKind
    text: str
    part: str = ""
    type: str = ""
    identifier: str = ""


class Link(msgspec.Struct, frozen=True, kw_only=True):
    """One statement that a string names a concept, and why.

    The columns are SSSOM's (https://mapping-commons.github.io/sssom/). `tier` names the rule that found it (`exact
    label`, `related synonym` …); `matched` is the form of the string that matched; `field` is the CURIE of the
    concept's property that held the name.
    """

    kind: MentionKind
    part: str
    concept: str
    relation: Relation
    tier: str
    confidence: float
    matched: str
    field: str
    source: str


class Closure(msgspec.Struct, frozen=True, kw_only=True):
    """What the inferred layer says of one trial.

    `concepts`: property's CURIE -> IRIs of concepts and classes, all broader ones too; `roles` by intervention's part.
    """

    nct_id: str
    concepts: dict[str, tuple[str, ...]]
    roles: dict[str, Role]
