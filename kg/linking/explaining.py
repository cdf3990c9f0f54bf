"""Why a string links to what it does, or to nothing: its candidates, the rule that chose, the reason for abstaining."""

import msgspec

from kg.concept import Link, Mention, MentionKind, NameKind
from kg.iris import compact
from kg.linking.abbreviations import find_expansions
from kg.linking.linker import Abstention, Linker, as_context

__all__ = ["Considered", "Explanation", "explain"]


class Considered(msgspec.Struct, frozen=True):
    """A name that the whole string may be: whose it is, what kind of name, and of which concept."""

    name: str
    kind: NameKind
    concept: str
    label: str


class Chosen(msgspec.Struct, frozen=True):
    """A link, as people read it."""

    concept: str
    label: str
    relation: str
    tier: str
    confidence: float
    matched: str


class Explanation(msgspec.Struct, frozen=True):
    """What linking says of one string, and what it looked at; `reason` where it abstains."""

    text: str
    kind: MentionKind
    considered: tuple[Considered, ...]
    links: tuple[Chosen, ...]
    reason: str = ""


def explain(linker: Linker, text: str, kind: MentionKind, type_code: str = "") -> Explanation:
    """What one string names, as if a record held nothing else."""
    mention = Mention(kind=kind, text=text, part=f"{kind}-1", type=type_code)
    found = linker.link(mention, find_expansions([text]), as_context([text]))
    concepts = linker.lexicon.concepts
    considered = tuple(
        Considered(name.text, name.kind, compact(name.concept), concepts[name.concept].label)
        for name in linker.lexicon.find_normal(text[:_LONGEST])
    )
    if isinstance(found, Abstention):
        return Explanation(text, kind, considered, (), found.reason)
    return Explanation(text, kind, considered, tuple(_chosen(link, concepts[link.concept].label) for link in found))


#: More of a string is not looked up.
_LONGEST = 400


def _chosen(link: Link, label: str) -> Chosen:
    return Chosen(compact(link.concept), label, link.relation, link.tier, link.confidence, link.matched)
