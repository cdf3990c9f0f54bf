"""Decides, for each string of a record, which concept of each ontology it names, or that it names none for sure."""

from collections.abc import Iterator, Mapping
from functools import lru_cache

import msgspec

from kg.concept import Concept, Link, Mention, MentionKind
from kg.lexicon import Lexicon, Name, normalize
from kg.linking import abbreviations, tiers
from kg.linking.curated import Curated
from kg.linking.memory import Memory
from kg.linking.mentions import find_mentions
from kg.linking.names import Decided, Query
from kg.linking.phrases import Phrases
from kg.linking.readings import says_nothing
from kg.linking.roles import names_absence
from kg.linking.tiers import Candidate
from kg.model import Trial
from kg.vocab import PREFIXES

__all__ = ["Abstention", "LinkedTrial", "Linker", "as_context"]

#: Branches of MeSH whose headings are worth finding in a title: diseases, mental disorders, substances.
_TITLE_BRANCHES = ("C", "D", "F03")

#: Kind of name -> the property that held it, for the evidence.
_FIELDS = {
    "label": "rdfs:label",
    "exact": "skos:altLabel",
    "related": "oboInOwl:hasRelatedSynonym",
    "brand": "skos:altLabel",
}
#: No name is longer; what is, is prose.
_LONGEST = 400


class Abstention(msgspec.Struct, frozen=True):
    """A string that got no link, and why: counted in the manifest, shown by `kg link`."""

    mention: Mention
    reason: str


class LinkedTrial(msgspec.Struct, frozen=True):
    """What linking says of one trial."""

    links: tuple[Link, ...]
    abstentions: tuple[Abstention, ...]


class Linker:
    """Links strings by one lexicon; what mapping sets say of a string goes before."""

    def __init__(self, lexicon: Lexicon, curated: Curated | None = None) -> None:
        self.lexicon = lexicon
        self.curated = curated
        self.phrases = Phrases(lexicon)
        self._memory = Memory(self._decide)

    def link_trial(self, trial: Trial) -> LinkedTrial:
        """Every link of a trial with its evidence, in the record's order, and what it abstained from."""
        mentions = list(find_mentions(trial))
        texts = [mention.text for mention in mentions]
        expansions, context = abbreviations.find_expansions(texts), as_context(texts)
        links: dict[tuple[str, str], Link] = {}
        abstentions = []
        for mention in mentions:
            found = self._curate(mention, self.link(mention, expansions, context), trial.nct_id)
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

    def link(
        self, mention: Mention, expansions: Mapping[str, str] | None = None, context: str = ""
    ) -> list[Link] | Abstention:
        """The links of one string; `expansions` are its record's own abbreviations, `context` the record's text."""
        if mention.kind == "title":
            return [self._as_link(mention, candidate) for candidate in self._in_title(mention)]
        if mention.kind == "derived":
            return self._derived(mention)
        if reason := _unfit(mention.text, mention.kind):
            return Abstention(mention, reason)
        decided = self._memory.decide(mention, expansions or {}, context)
        if not decided.candidates:
            return Abstention(mention, decided.reason or "unknown")
        return [self._as_link(mention, candidate) for candidate in decided.candidates]

    def _decide(self, mention: Mention, expansions: Mapping[str, str], context: str) -> Decided:
        """A keyword may be a condition or an intervention; the first that it names counts."""
        if mention.kind != "keyword":
            return self.phrases.read(Query(mention.text, mention.kind, mention.type, context), expansions)
        decided = self.phrases.read(Query(mention.text, "condition", "", context), expansions)
        if decided.candidates:
            return decided
        return self.phrases.read(Query(mention.text, "intervention", "", context), expansions)

    def _derived(self, mention: Mention) -> list[Link] | Abstention:
        """NLM's term: by its identifier where the record gives it, else by its name, which is a MeSH heading."""
        if mention.identifier:
            name = Name(mention.text, "label", PREFIXES["mesh"] + mention.identifier, "mesh")
            link = self._as_link(mention, Candidate(name, "exact", "given identifier", 1.0, mention.identifier))
            return [msgspec.structs.replace(link, field="dct:identifier")]
        decided = self.phrases.names.decide(Query(mention.text, "derived"))
        if not decided.candidates:
            return Abstention(mention, decided.reason or "unknown")
        return [self._as_link(mention, candidate) for candidate in decided.candidates]

    def _in_title(self, mention: Mention) -> Iterator[Candidate]:
        """Names in a title: diseases and substances, one concept an ontology."""
        for key, names in tiers.find_in_title(mention.text, self.lexicon):
            by_source: dict[str, set[Name]] = {}
            for name in names:
                if _worth_a_mention(self.lexicon.concepts[name.concept]):
                    by_source.setdefault(name.source, set()).add(name)
            for found in by_source.values():
                if len({name.concept for name in found}) == 1:
                    yield Candidate(min(found, key=lambda n: n.kind), "exact", "title mention", 0.85, key)

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


def as_context(texts: list[str]) -> str:
    """The texts of a record in the form in which abbreviations are looked for in it."""
    return f" {normalize(' . '.join(texts))} "


@lru_cache(1 << 15)
def _unfit(text: str, kind: MentionKind) -> str:
    """Why a string is not looked up at all; empty where it is."""
    if sum(char.isalnum() for char in text) < tiers.MIN_LENGTH:
        return "too short"
    if len(text) > _LONGEST:
        return "prose, no name"
    if kind == "intervention" and names_absence(text):
        return "says what is not given"
    if says_nothing(text) and kind != "keyword":
        return "names nothing of its own"
    return ""


def _worth_a_mention(concept: Concept) -> bool:
    return concept.source != "mesh" or any(b.startswith(_TITLE_BRANCHES) for b in concept.branches or ("D",))
