"""Decides, for each string of a record, which concept of each ontology it names, or that it names none for sure."""

from collections.abc import Iterable, Iterator

import msgspec

from kg.concept import Concept, Link, Mention, MentionKind, Relation
from kg.iris import compact
from kg.lexicon import Lexicon, Name, fold, normalize
from kg.linking import tiers
from kg.linking.curated import Curated
from kg.linking.mentions import find_mentions
from kg.linking.roles import is_placebo, names_absence
from kg.linking.tiers import Candidate
from kg.model import Trial
from kg.vocab import PREFIXES

__all__ = ["Abstention", "LinkedTrial", "Linker"]

#: Where a kind of string may be looked up. Other ontologies than these four may serve both.
_NOT_FOR: dict[MentionKind, frozenset[str]] = {
    "condition": frozenset({"chebi"}),
    "keyword": frozenset({"chebi"}),
    "intervention": frozenset({"mondo", "doid"}),
    "derived": frozenset({"mondo", "doid", "chebi"}),
    "title": frozenset(),
}
#: Types of interventions that are no substances: nothing of ChEBI.
_NO_SUBSTANCE = frozenset({"PROCEDURE", "BEHAVIORAL", "DEVICE", "DIAGNOSTIC_TEST", "RADIATION"})
#: Branches of MeSH whose headings are worth finding in a title: diseases, mental disorders, substances.
_TITLE_BRANCHES = ("C", "D", "F03")

#: Kind of name -> the property that held it, for the evidence.
_FIELDS = {"label": "rdfs:label", "exact": "skos:altLabel", "related": "oboInOwl:hasRelatedSynonym"}


class Abstention(msgspec.Struct, frozen=True):
    """A string that got no link, and why: counted in the manifest, shown by `kg link`."""

    mention: Mention
    reason: str


class LinkedTrial(msgspec.Struct, frozen=True):
    """What linking says of one trial."""

    links: tuple[Link, ...]
    abstentions: tuple[Abstention, ...]


class Linker:
    """Links strings by one lexicon."""

    def __init__(self, lexicon: Lexicon, curated: Curated | None = None) -> None:
        self.lexicon = lexicon
        self.curated = curated

    def link_trial(self, trial: Trial) -> LinkedTrial:
        """Every link of a trial with its evidence, in the record's order, and what it abstained from."""
        mentions = list(find_mentions(trial))
        expansions = tiers.abbreviations(mention.text for mention in mentions)
        links: dict[tuple[str, str], Link] = {}
        abstentions = []
        for mention in mentions:
            found = self._curate(mention, self.link(mention, expansions), trial.nct_id)
            if isinstance(found, Abstention):
                abstentions.append(found)
                continue
            for link in found:
                links.setdefault((link.part, link.concept), link)
        return LinkedTrial(tuple(links.values()), tuple(abstentions))

    def _curate(self, mention: Mention, found: list[Link] | Abstention, trial: str) -> list[Link] | Abstention:
        """What mapping sets leave of it, or say instead."""
        if self.curated is None:
            return found
        links = [] if isinstance(found, Abstention) else found
        kept = self.curated.apply(mention, links, trial)
        return Abstention(mention, "forbidden by a mapping set") if links and not kept else kept or found

    def link(self, mention: Mention, expansions: dict[str, str] | None = None) -> list[Link] | Abstention:
        """The links of one string; `expansions` are the record's own abbreviations."""
        if mention.kind == "title":
            return [self._as_link(mention, candidate) for candidate in self._in_title(mention)]
        if mention.kind == "derived":
            return self._derived(mention)
        reason = self._unfit(mention)
        if reason:
            return Abstention(mention, reason)
        decided, reason = self._decide(mention, mention.text)
        decided = decided or self._by_form(mention, expansions or {})
        if not decided:
            return Abstention(mention, reason or "unknown")
        return [self._as_link(mention, candidate) for candidate in decided]

    def _unfit(self, mention: Mention) -> str:
        text = mention.text
        if len("".join(char for char in text if char.isalnum())) < tiers.MIN_LENGTH:
            return "too short"
        if mention.kind == "intervention":
            if names_absence(text):
                return "says what is not given"
            if is_placebo(text) and normalize(text) != "placebo":
                return "placebo for something"
        return ""

    def _decide(self, mention: Mention, text: str) -> tuple[list[Candidate], str]:
        """The one concept of each ontology that a whole string names, by the best rule that knows it; else a reason."""
        decided: dict[str, Candidate] = {}
        closed: set[str] = set(_NOT_FOR[mention.kind])
        if mention.type in _NO_SUBSTANCE:
            closed.add("chebi")
        reason = ""
        for tier in tiers.TIERS:
            by_source: dict[str, dict[str, Candidate]] = {}
            for candidate in tier(text, self.lexicon):
                if candidate.name.source not in closed:
                    by_source.setdefault(candidate.name.source, {}).setdefault(candidate.name.concept, candidate)
            for source, candidates in by_source.items():
                fit = [c for c in candidates.values() if self._trusted(mention.kind, text, c, decided.values())]
                if len(fit) == 1:
                    decided[source] = fit[0]
                    closed.add(source)
                elif len(fit) > 1:
                    closed.add(source)
                    reason = "ambiguous"
                else:
                    reason = reason or "only a related synonym"
        return list(decided.values()), reason

    def _trusted(self, kind: MentionKind, text: str, candidate: Candidate, decided: Iterable[Candidate]) -> bool:
        """Whether a candidate may stand: a related synonym needs another source, or to be the sure name of a drug."""
        if text.isupper() and len(text) <= _SHORT and not candidate.name.text.isupper():
            # "BAT" is an abbreviation of something, not the animal.
            return False
        if candidate.name.kind != "related":
            return True
        concept = self.lexicon.concepts[candidate.name.concept]
        others = [self.lexicon.concepts[other.name.concept] for other in decided]
        if any(self.agree(concept, other) for other in others):
            return True
        return kind == "intervention" and not others and len(candidate.matched) > tiers.MIN_LENGTH

    def agree(self, one: Concept, other: Concept) -> bool:
        """Whether two concepts of different ontologies mean the same: by cross-reference, or by equal labels."""
        if compact(other.iri) in one.xrefs or compact(one.iri) in other.xrefs:
            return True
        return normalize(one.label) == normalize(other.label)

    def _by_form(self, mention: Mention, expansions: dict[str, str]) -> list[Candidate]:
        """What the string names once brackets, the record's abbreviations, or qualifiers are taken into account."""
        if mention.text in expansions:
            found, _ = self._decide(mention, expansions[mention.text])
            return _renamed(found, "abbreviation of the record", "exact", 0.94)
        in_brackets = tiers.parts_in_brackets(mention.text)
        if in_brackets:
            found = self._in_brackets(mention, *in_brackets)
            if found:
                return found
        if mention.kind == "intervention":
            return self._without_form(mention, tiers.without_form(mention.text))
        core = tiers.without_qualifiers(mention.text)
        return _renamed(self._decide(mention, core)[0], "without qualifiers", "broad", 0.9) if core else []

    def _without_form(self, mention: Mention, core: str) -> list[Candidate]:
        """A drug whose name says dose, form or route, too: the drug is broader than that."""
        if not core:
            return []
        found, _ = self._decide(mention, core)
        in_brackets = tiers.parts_in_brackets(core)
        if not found and in_brackets:
            found = self._in_brackets(mention, *in_brackets)
        return _renamed(found, "without form", "broad", 0.92)

    def _in_brackets(self, mention: Mention, before: str, inside: str) -> list[Candidate]:
        """For "A (B)": A, unless B names something else; B where A is only its abbreviation."""
        outer, _ = self._decide(mention, before)
        inner, _ = self._decide(mention, inside)
        if outer and inner and not self._same(outer, inner) and not _is_short_form(inside):
            return []
        if outer:
            return _renamed(outer, "parenthesised", "exact", 0.93)
        expanded = before in tiers.abbreviations([f"{inside} ({before})"])
        if inner and (expanded or (mention.kind == "intervention" and self._is_named_so(before, inside, inner))):
            return _renamed(inner, "parenthesised", "exact" if expanded else "broad", 0.9)
        return []

    def _is_named_so(self, before: str, inside: str, inner: list[Candidate]) -> bool:
        """Whether the brackets explain a brand or code: "AG-013736 (axitinib)", not "Immune Serum Globulin (Human)"."""
        if len(before.split()) > _MAX_BRAND_WORDS or _is_short_form(inside):
            return False
        return any(self._is_substance(self.lexicon.concepts[candidate.name.concept]) for candidate in inner)

    def _is_substance(self, concept: Concept) -> bool:
        return concept.source == "chebi" or any(branch.startswith("D") for branch in concept.branches or ("D",))

    def _same(self, some: list[Candidate], others: list[Candidate]) -> bool:
        concepts = self.lexicon.concepts
        return any(
            one.name.concept == other.name.concept
            or self.agree(concepts[one.name.concept], concepts[other.name.concept])
            for one in some
            for other in others
        )

    def _derived(self, mention: Mention) -> list[Link] | Abstention:
        """NLM's term: by its identifier where the record gives it, else by its name, which is a MeSH heading."""
        if mention.identifier:
            name = Name(mention.text, "label", PREFIXES["mesh"] + mention.identifier, "mesh")
            link = self._as_link(mention, Candidate(name, "exact", "given identifier", 1.0, mention.identifier))
            return [msgspec.structs.replace(link, field="dct:identifier")]
        decided, reason = self._decide(mention, mention.text)
        if not decided:
            return Abstention(mention, reason or "unknown")
        return [self._as_link(mention, candidate) for candidate in decided]

    def _in_title(self, mention: Mention) -> Iterator[Candidate]:
        """Names in a title: diseases and substances, one concept an ontology."""
        for key, names in tiers.find_in_title(mention.text, self.lexicon):
            by_source: dict[str, set[Name]] = {}
            for name in names:
                if self._worth_a_mention(self.lexicon.concepts[name.concept]):
                    by_source.setdefault(name.source, set()).add(name)
            for found in by_source.values():
                if len({name.concept for name in found}) == 1:
                    yield Candidate(min(found, key=lambda n: n.kind), "exact", "title mention", 0.85, key)

    def _worth_a_mention(self, concept: Concept) -> bool:
        return concept.source != "mesh" or any(
            branch.startswith(_TITLE_BRANCHES) for branch in concept.branches or ("D",)
        )

    def _as_link(self, mention: Mention, candidate: Candidate) -> Link:
        return Link(
            kind=mention.kind,
            part=mention.part,
            concept=candidate.name.concept,
            relation=candidate.relation,
            tier=candidate.tier,
            confidence=candidate.confidence,
            matched=candidate.matched,
            field=_FIELDS[candidate.name.kind],
            source=candidate.name.source,
        )


#: Brands and codes have no more words than this.
_MAX_BRAND_WORDS = 2
#: Longest bracket content that is rather a short form than another name.
_SHORT = 6


def _is_short_form(text: str) -> bool:
    return len(text) <= _SHORT and fold(text) != text


def _renamed(candidates: list[Candidate], tier: str, relation: Relation, confidence: float) -> list[Candidate]:
    """The same candidates, under the rule that led to them."""
    return [
        Candidate(c.name, relation, f"{tier}: {c.tier}", round(confidence * c.confidence, 4), c.matched)
        for c in candidates
    ]
