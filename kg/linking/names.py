"""What a whole string names, ontology by ontology: the tiers over the lexicon, and the way from one to another.

A tier is a function of one string (`kg.linking.tiers`). Each ontology is decided by itself by the best tier that knows
the string; one that does not know it may be reached from another that does, by a cross-reference that both sides bear
out, or, for a disease, by the nearest broader concept that has one.
"""

from collections.abc import Iterable, Iterator

import msgspec

from kg.concept import Concept, MentionKind
from kg.iris import compact
from kg.lexicon import Lexicon, normalize
from kg.linking import tiers
from kg.linking.readings import with_other_head
from kg.linking.tiers import Candidate
from kg.vocab import expand

__all__ = ["NO_SUBSTANCE", "Decided", "Names", "Query"]

#: Where a kind of string may be looked up. Other ontologies than these serve both.
_NOT_FOR: dict[MentionKind, frozenset[str]] = {
    "condition": frozenset({"chebi", "rxnorm", "unii", "drugbank"}),
    "keyword": frozenset({"chebi", "rxnorm", "unii", "drugbank"}),
    "intervention": frozenset({"mondo", "doid"}),
    "derived": frozenset({"mondo", "doid", "chebi", "rxnorm", "unii", "drugbank"}),
    "title": frozenset(),
}
#: Types of interventions that are no substances: nothing of ChEBI.
NO_SUBSTANCE = frozenset({"PROCEDURE", "BEHAVIORAL", "DEVICE", "DIAGNOSTIC_TEST", "RADIATION"})
_SUBSTANCES = frozenset({"chebi", "rxnorm", "unii", "drugbank"})
#: Branches of MeSH that a string of a kind rather means, where it names several concepts.
_FIT: dict[str, tuple[str, ...]] = {"condition": ("C", "F03", "F01"), "intervention": ("D", "E02", "E04", "F04", "E")}
#: Types of interventions that give a substance, and the branches in which no such thing stands: methods, sciences,
#: people, places, publications.
_GIVEN = frozenset({"DRUG", "BIOLOGICAL", "DIETARY_SUPPLEMENT", "COMBINATION_PRODUCT"})
_NOT_GIVEN = ("E05", "H", "I", "K", "L", "M", "N", "V", "Z")
#: An abbreviation in capitals is no word: "BAT" is not the animal.
_SHORT = 6
#: How far above a disease its broader concepts are looked for.
_LEVELS = 3
#: More headings than these at once say that the way up has lost the disease.
_MOST_HEADINGS = 2
#: A heading with fewer above it is the name of a branch.
_LEAST_DEPTH = 1


class Query(msgspec.Struct, frozen=True):
    """A string that is looked up, and what it is in its record; `context` is the record's text, normalised."""

    text: str
    kind: MentionKind
    type: str = ""
    context: str = ""


class Decided(msgspec.Struct, frozen=True):
    """The concept of each ontology that a string names; where there is none, a reason."""

    candidates: tuple[Candidate, ...] = ()
    reason: str = ""


class Names:
    """Decides what whole strings name."""

    def __init__(self, lexicon: Lexicon) -> None:
        self.lexicon = lexicon

    def decide(self, query: Query) -> Decided:
        """The one concept of each ontology that the string names by the best rule that knows it; else a reason."""
        decided: dict[str, Candidate] = {}
        closed = set(_NOT_FOR[query.kind]) | (_SUBSTANCES if query.type in NO_SUBSTANCE else set())
        reason = ""
        for tier in tiers.TIERS:
            by_source: dict[str, dict[str, Candidate]] = {}
            for candidate in tier(query.text, self.lexicon):
                if candidate.name.source not in closed:
                    by_source.setdefault(candidate.name.source, {}).setdefault(candidate.name.concept, candidate)
            for source, found in by_source.items():
                beside = [c for other, held in by_source.items() if other != source for c in held.values()]
                fit, why = self._fit(query, list(found.values()), [*decided.values(), *beside])
                reason = reason or why
                if fit is not None:
                    decided[source] = fit
                if fit is not None or why == "ambiguous":
                    closed.add(source)
        decided |= {c.name.source: c for c in self._bridged(decided.values()) if c.name.source not in closed}
        return Decided(tuple(decided.values()), "" if decided else reason)

    def _fit(self, query: Query, found: list[Candidate], beside: list[Candidate]) -> tuple[Candidate | None, str]:
        fit = [c for c in found if self._trusted(query, c, beside)]
        if not fit:
            return None, "only a related synonym"
        fit = self._rather(query.kind, fit)
        if len(fit) > 1:
            return None, "ambiguous"
        if self._names_no_thing_given(query, fit[0]):
            return None, "names nothing that is given"
        return fit[0], ""

    def _rather(self, kind: MentionKind, found: list[Candidate]) -> list[Candidate]:
        """Of several: those of a branch that fits, then descriptors before supplementary concepts."""
        if len(found) == 1:
            return found
        fit = _FIT.get(kind, ())
        concepts = self.lexicon.concepts
        in_branch = [c for c in found if any(b.startswith(fit) for b in concepts[c.name.concept].branches)]
        if in_branch:
            return in_branch
        return [c for c in found if concepts[c.name.concept].branches] or found

    def _names_no_thing_given(self, query: Query, candidate: Candidate) -> bool:
        branches = self.lexicon.concepts[candidate.name.concept].branches
        wrong = query.kind == "intervention" and query.type in _GIVEN and branches
        return bool(wrong) and all(branch.startswith(_NOT_GIVEN) for branch in branches)

    def _trusted(self, query: Query, candidate: Candidate, beside: list[Candidate]) -> bool:
        """Whether a candidate may stand: a related synonym needs another source, or to be the sure name of a drug."""
        text = query.text
        concept = self.lexicon.concepts[candidate.name.concept]
        if text.isupper() and text.isalpha() and len(text) <= _SHORT and candidate.name.text.strip() != text.strip():
            # "BAT" is not the animal, nor "ACE" the buffer ACES.
            return candidate.name.kind == "related" and self._in_context(concept, query.context)
        if candidate.name.kind != "related":
            return not (query.kind == "condition" and self._says_more(concept, text))
        if query.kind == "condition" and self._is_tumour_of_a_site(text):
            return False
        others = [self.lexicon.concepts[other.name.concept] for other in beside]
        if any(self.agree(concept, other) for other in others):
            return True
        if others:
            return self._in_context(concept, query.context)
        long = len(candidate.matched) > tiers.MIN_LENGTH or (
            query.kind == "intervention" and any(map(str.isdigit, text))
        )
        return long or self._in_context(concept, query.context)

    def _in_context(self, concept: Concept, context: str) -> bool:
        """Whether the record says elsewhere what an abbreviation stands for."""
        keys = (normalize(name) for name, _ in concept.names())
        return any(len(key) > _SHORT and f" {key} " in context for key in keys)

    def _is_tumour_of_a_site(self, text: str) -> bool:
        """Whether MeSH has a site's tumours under another head.

        "Liver carcinoma" is near hepatocellular carcinoma for some publishers; who writes it means liver cancer.
        """
        others = (name for reading in with_other_head(text) for name in self.lexicon.find_normal(reading.parts[0]))
        return any(name.source == "mesh" and name.kind in ("label", "exact") for name in others)

    def _says_more(self, concept: Concept, text: str) -> bool:
        """Whether a supplementary disease is a kind of what the string says: "Leukemia, Acute, X-Linked"."""
        if concept.source != "mesh" or concept.branches:
            return False
        return set(normalize(text).split()) < set(normalize(concept.label).replace(",", " ").split())

    def agree(self, one: Concept, other: Concept) -> bool:
        """Whether two concepts of different ontologies mean the same: by cross-reference, or by equal labels."""
        if compact(other.iri) in one.xrefs or compact(one.iri) in other.xrefs:
            return True
        return normalize(one.label) == normalize(other.label)

    def _bridged(self, decided: Iterable[Candidate]) -> Iterator[Candidate]:
        """Concepts of other ontologies that a decided one plainly is: by its label there, or a reference borne out."""
        seen = {candidate.name.source for candidate in decided}
        for candidate in decided:
            concept = self.lexicon.concepts[candidate.name.concept]
            for other in self._same(concept):
                if other.source not in seen:
                    seen.add(other.source)
                    name = msgspec.structs.replace(candidate.name, concept=other.iri, source=other.source)
                    yield Candidate(
                        name,
                        candidate.relation,
                        f"cross-reference: {candidate.tier}",
                        round(candidate.confidence * 0.97, 4),
                        candidate.matched,
                    )

    def _same(self, concept: Concept) -> Iterator[Concept]:
        for iri in self._references(concept):
            other = self.lexicon.concepts.get(iri)
            if other is not None and self._borne_out(concept, other) and not self._says_more(other, concept.label):
                yield other
        for name in self.lexicon.find_normal(concept.label):
            if name.source == "mesh" and name.kind != "related":
                other = self.lexicon.concepts[name.concept]
                if not self._says_more(other, concept.label):
                    yield other

    def _references(self, concept: Concept) -> Iterator[str]:
        for xref in concept.xrefs:
            try:
                yield expand(xref)
            except KeyError:
                continue

    def _borne_out(self, concept: Concept, other: Concept) -> bool:
        """Joined tables have put wrong references into ontologies: the other's label must be a name of this one."""
        if concept.source in ("mondo", "doid"):
            return True
        label = normalize(other.label)
        return any(normalize(name) == label for name, _ in concept.names())

    def above(self, query: Query, decided: Iterable[Candidate]) -> Iterator[Candidate]:
        """MeSH headings of the nearest concepts broader than a disease that MeSH does not have."""
        for candidate in decided:
            headings = self._headings(candidate.name.concept, _LEVELS)
            concepts = self.lexicon.concepts
            narrowest = headings - {above for iri in headings for above in concepts[iri].ancestors}
            kept = {iri for iri in narrowest if not self._is_wide(concepts[iri], query.text, alone=len(narrowest) == 1)}
            if 0 < len(kept) <= _MOST_HEADINGS:
                for iri in sorted(kept):
                    name = msgspec.structs.replace(candidate.name, concept=iri, source="mesh")
                    confidence = round(candidate.confidence * 0.9, 4)
                    yield Candidate(name, "broad", f"broader concept: {candidate.tier}", confidence, candidate.matched)
                return

    def _headings(self, iri: str, levels: int) -> set[str]:
        """The first MeSH heading on each way up from a concept."""
        found: set[str] = set()
        for parent in self.lexicon.concepts[iri].broader:
            above = self.lexicon.concepts.get(parent)
            if above is None:
                continue
            same = {other.iri for other in self._same(above) if other.source == "mesh"}
            found |= same or (self._headings(parent, levels - 1) if levels > 1 else set())
        return found

    def _is_wide(self, heading: Concept, text: str, *, alone: bool) -> bool:
        """Whether a heading says less than a curator would take: a root of a branch, or beside others the bare head."""
        if len(heading.ancestors) < _LEAST_DEPTH or not heading.branches:
            return True
        return not alone and normalize(heading.label) == normalize(text).rpartition(" ")[2]
