"""What a string names when it is more than a name: readings tried surest first, then the weaker rules.

A reading (`kg.linking.readings`) says which parts of a string must be names; the first whose parts all are decides.
MeSH is the hub: another ontology that knows the whole string keeps its concept, and MeSH is asked by the readings.
"""

from collections.abc import Iterator, Mapping

import msgspec

from kg.concept import Concept, Relation
from kg.lexicon import Lexicon, Name, normalize
from kg.linking import abbreviations, readings, tiers
from kg.linking.cover import Cover, cover, means
from kg.linking.names import NO_SUBSTANCE, Decided, Names, Query
from kg.linking.readings import Reading
from kg.linking.roles import is_placebo
from kg.linking.tiers import Candidate
from kg.linking.words import KINDS

__all__ = ["Phrases"]

#: How many readings may be nested: a list of drugs with doses is two.
_DEPTH = 3
#: Only a long string may be misspelt, or a code cut short, and still be sure.
_LONG, _LONG_CODE = 12, 7
#: Brands and codes have no more words than this.
_MAX_BRAND_WORDS = 2
#: Longest bracket content that is rather a short form than another name.
_SHORT = 6
#: What is left of the confidence where brackets hold another name of the same, and where they hold something unknown.
_AGREED, _ALONE = 0.98, 0.9
#: The relation of a string that was read in several steps is the weakest of them.
_WEAKER: dict[Relation, int] = {"exact": 0, "close": 1, "broad": 2}


class Phrases:
    """Reads strings by one lexicon."""

    def __init__(self, lexicon: Lexicon) -> None:
        self.lexicon = lexicon
        self.names = Names(lexicon)

    def read(self, query: Query, expansions: Mapping[str, str], depth: int = _DEPTH) -> Decided:
        """What a string names: as it stands, else by the first reading whose parts all are names."""
        whole = self.names.decide(query)
        if not depth or _has_mesh(whole.candidates):
            return self._meant(query, whole)
        decided = self._by_readings(query, expansions, depth)
        if query.kind == "condition" and not _has_mesh(decided):
            decided = tuple(self.names.above(query, (*whole.candidates, *decided))) or decided
        if not decided and depth >= _DEPTH - 1:
            if self._brackets_disagree(query):
                return Decided(whole.candidates, "brackets name something else")
            decided = tuple(self._last(query, expansions))
        known = {c.name.source for c in whole.candidates}
        return Decided((*whole.candidates, *(c for c in decided if c.name.source not in known)), whole.reason)

    def _by_readings(self, query: Query, expansions: Mapping[str, str], depth: int) -> tuple[Candidate, ...]:
        """By the first reading that leads to MeSH; where none does, by the first that leads anywhere."""
        elsewhere: tuple[Candidate, ...] = ()
        for reading in self._readings(query, expansions, depth):
            parts = []
            for part in reading.parts:
                within = 0 if reading.tier in readings.LEAVES else depth - 1
                parts.append(self.read(msgspec.structs.replace(query, text=part), expansions, within))
                if not self._stands(parts[-1], query, reading):
                    break
            else:
                found = tuple(_renamed(reading, parts))
                if _has_mesh(found):
                    return found
                elsewhere = elsewhere or found
        return elsewhere

    def _stands(self, part: Decided, query: Query, reading: Reading) -> bool:
        """Whether a part names something, and something that this kind of string may state."""
        concepts = [self.lexicon.concepts[c.name.concept] for c in part.candidates]
        if reading.tier == "tumour at a site":
            in_mesh = [c for c, concept in zip(part.candidates, concepts, strict=True) if "C04" in concept.branches]
            return bool(in_mesh) and all(c.relation == "exact" for c in in_mesh)
        if reading.tier == "inner word left out":
            return any(concept.source == "mesh" and len(concept.ancestors) > 1 for concept in concepts)
        if len(reading.parts) == 1:
            return bool(concepts)
        return any(means(concept, query.kind, query.type) for concept in concepts)

    def _readings(self, query: Query, expansions: Mapping[str, str], depth: int) -> Iterator[Reading]:
        text = query.text
        if query.kind == "intervention" and is_placebo(text):
            if not tiers.starts_with_placebo(text):
                yield from readings.lists(text, hyphens=False)
            yield Reading("placebo", ("placebo",), "broad", 0.95)
            return
        for written in abbreviations.expand(text, query.kind, expansions):
            yield Reading("abbreviation", (written,), "exact", 0.94)
        yield from self._in_brackets(query)
        yield from readings.without_noise(text)
        yield from readings.joined(text)
        yield from readings.of_intervention(text) if query.kind == "intervention" else readings.of_condition(text)
        if depth == _DEPTH:
            yield from readings.completed(text, query.kind, query.type)

    def _in_brackets(self, query: Query) -> Iterator[Reading]:
        """For "A (B)": A, unless B names something else; B where A is only its abbreviation, brand or code.

        It is exactly A where B is known to be the same: of other words it is not known what they add.
        """
        found = tiers.parts_in_brackets(query.text)
        if found is None:
            yield from self._brackets_inside(query)
            return
        before, inside = found
        outer, inner = (self.read(msgspec.structs.replace(query, text=text), {}, 1) for text in (before, inside))
        same = self._same(outer, inner)
        if outer.candidates and inner.candidates and not same and not _is_short_form(inside):
            return
        if outer.candidates:
            agreed = same or inside in abbreviations.find_expansions([query.text])
            yield Reading("parenthesised", (before,), "exact" if agreed else "broad", _AGREED if agreed else _ALONE)
        expanded = before in abbreviations.find_expansions([f"{inside} ({before})"])
        named_so = query.kind == "intervention" and self._is_named_so(before, inside, inner)
        if inner.candidates and (expanded or named_so):
            yield Reading("parenthesised", (inside,), "exact" if expanded else "broad", 0.9)

    def _brackets_disagree(self, query: Query) -> bool:
        """Whether a string is "A (B)" where A and B are names of different things: which is meant, it does not say."""
        found = tiers.parts_in_brackets(query.text)
        if found is None or _is_short_form(found[1]):
            return False
        outer, inner = (self.read(msgspec.structs.replace(query, text=text), {}, 0) for text in found)
        return bool(outer.candidates and inner.candidates) and not self._same(outer, inner)

    def _brackets_inside(self, query: Query) -> Iterator[Reading]:
        """For example "Aspirin (acetylsalicylic acid) tablets" -> "Aspirin tablets", where both name the same."""
        found = tiers.brackets_inside(query.text)
        if found is None:
            return
        before, inside, after = found
        outer, inner = (self.read(msgspec.structs.replace(query, text=text), {}, 1) for text in (before, inside))
        if self._same(outer, inner):
            yield Reading("parenthesised", (f"{before} {after}",), "exact", _AGREED)

    def _is_named_so(self, before: str, inside: str, inner: Decided) -> bool:
        """Whether the brackets explain a brand or code: "AG-013736 (axitinib)", not "Immune Serum Globulin (Human)"."""
        if len(before.split()) > _MAX_BRAND_WORDS or _is_short_form(inside):
            return False
        return any(_is_substance(self.lexicon.concepts[c.name.concept]) for c in inner.candidates)

    def _same(self, some: Decided, others: Decided) -> bool:
        """Whether two parts name the same, and the second nothing beside."""
        known = {candidate.name.source: candidate.name.concept for candidate in some.candidates}
        if any(known.get(c.name.source, c.name.concept) != c.name.concept for c in others.candidates):
            return False
        concepts = self.lexicon.concepts
        return any(
            one.name.concept == other.name.concept
            or self.names.agree(concepts[one.name.concept], concepts[other.name.concept])
            for one in some.candidates
            for other in others.candidates
        )

    def _meant(self, query: Query, whole: Decided) -> Decided:
        """An organism named as a condition means the infection; a combination without a heading, the drugs in it."""
        for candidate in whole.candidates:
            concept = self.lexicon.concepts[candidate.name.concept]
            drugs = readings.drugs_of(concept.label) if concept.source == "mesh" and not concept.branches else ()
            parts = [self.names.decide(msgspec.structs.replace(query, text=drug)) for drug in drugs]
            if parts and all(part.candidates for part in parts):
                return Decided(tuple(_renamed(Reading("combination", drugs, "broad", 0.95), parts)))
            if query.kind == "condition" and concept.branches and all(b.startswith("B0") for b in concept.branches):
                infection = self.names.decide(msgspec.structs.replace(query, text=f"{concept.label} infections"))
                if infection.candidates:
                    return Decided(tuple(_renamed(Reading("organism", (), "close", 0.9), [infection])))
        return whole

    def _last(self, query: Query, expansions: Mapping[str, str]) -> Iterator[Candidate]:
        """The weakest rules: the parts of a list that are known, words, a misspelt name, a code cut short."""
        found = tuple(self._part_of_list(query, expansions)) if query.kind == "intervention" else ()
        found = found or tuple(self._covered(query))
        yield from found
        if _has_mesh(found):
            return
        key = normalize(query.text)
        near = self.lexicon.find_near(key) if len(key) >= _LONG else ()
        tier = "misspelt"
        if not near and len(key) >= _LONG_CODE and any(char.isdigit() for char in key):
            near, tier = self.lexicon.find_continued(key), "code cut short"
        if near and (name := self._one(near, query)):
            yield Candidate(name, "close", tier, 0.7, key)

    def _part_of_list(self, query: Query, expansions: Mapping[str, str]) -> Iterator[Candidate]:
        if "," in query.text:
            return
        for reading in readings.lists(query.text, hyphens=False):
            parts = [self.read(msgspec.structs.replace(query, text=part), expansions, 1) for part in reading.parts]
            known = [part for part in parts if self._stands(part, query, reading)]
            yield from _renamed(Reading("part of a list", (), "broad", 0.8), known)

    def _covered(self, query: Query) -> Iterator[Candidate]:
        """The names inside a string all of whose words are accounted for; else its head, where that is sure."""
        found = cover(query.text, query.kind, self.lexicon)
        chosen = [(key, self._one(names, query)) for key, names in found.names]
        meant = [(key, name) for key, name in chosen if name is not None and self._is_meant(name, query)]
        if len(meant) > 1:
            meant = [(key, name) for key, name in meant if key not in KINDS] or meant
        if found.unknown:
            meant = meant[-1:] if meant and self._is_head(query, found, *meant[-1]) else []
        tier, confidence = ("head of the phrase", 0.75) if found.unknown else ("words", 0.85)
        once = {name.concept: (key, name) for key, name in reversed(meant)}
        for key, name in reversed(once.values()):
            yield Candidate(name, "broad", tier, confidence, key)

    def _is_meant(self, name: Name, query: Query) -> bool:
        concept = self.lexicon.concepts[name.concept]
        deep = concept.source != "mesh" or not concept.branches or len(concept.ancestors) > 1
        return deep and means(concept, query.kind, query.type)

    def _is_head(self, query: Query, found: Cover, key: str, name: Name) -> bool:
        """Whether a string with unknown words before its last name is a kind of what that names.

        Not for tumours: what stands before "lymphoma" says which of many headings is meant.
        """
        concept = self.lexicon.concepts[name.concept]
        if not found.ends_in_name or found.names[-1][0] != key or concept.source != "mesh" or "C04" in concept.branches:
            return False
        return query.kind == "condition" or " " in key or query.type in NO_SUBSTANCE

    def _one(self, names: tuple[Name, ...], query: Query) -> Name | None:
        decided = self.names.decide(msgspec.structs.replace(query, text=names[0].text)).candidates
        return next((c.name for c in sorted(decided, key=lambda c: c.name.source != "mesh")), None)


def _has_mesh(candidates: tuple[Candidate, ...]) -> bool:
    return any(candidate.name.source == "mesh" for candidate in candidates)


def _is_substance(concept: Concept) -> bool:
    return concept.source == "chebi" or any(branch.startswith("D") for branch in concept.branches or ("D",))


def _is_short_form(text: str) -> bool:
    return len(text) <= _SHORT and text != text.lower()


def _renamed(reading: Reading, parts: list[Decided]) -> Iterator[Candidate]:
    """The same candidates, each once, under the reading that led to them."""
    seen = set()
    for c in (candidate for part in parts for candidate in part.candidates):
        if c.name.concept not in seen:
            seen.add(c.name.concept)
            relation = max(reading.relation, c.relation, key=_WEAKER.__getitem__)
            confidence = round(reading.factor * c.confidence, 4)
            yield Candidate(c.name, relation, f"{reading.tier}: {c.tier}", confidence, c.matched)
