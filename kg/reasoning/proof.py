"""What the reasoner's answer is worth: held against the closure, contradictions named, members counted."""

from collections.abc import Collection, Iterable, Iterator, Mapping

import msgspec

from kg.concept import Concept
from kg.finding import Finding
from kg.iris import compact
from kg.reasoning.classes import DrugClass, Membership, find_members
from kg.reasoning.hermit import Classification
from kg.reasoning.module import Module, find_contradictions

__all__ = ["ClassCount", "count_members", "judge", "memberships", "same_drugs"]


class ClassCount(msgspec.Struct, frozen=True, kw_only=True):
    """How many drugs are in a class, in all and by each source; a drug that two ontologies have counts once."""

    drug_class: str
    label: str
    drugs: int
    by_source: dict[str, int]


def memberships(
    classes: Iterable[DrugClass], module: Module, found: Classification
) -> dict[str, tuple[Membership, ...]]:
    """Drug -> the classes that the reasoner found it in, each with the source that says so."""
    named = {
        f"{c.iri}-{d.source}": Membership(drug_class=c.iri, source=d.source) for c in classes for d in c.definitions
    }
    return {
        iri: tuple(sorted(named[name] for name in named.keys() & set(found.types.get(iri, ()))))
        for iri in module.members
    }


def judge(
    classes: Collection[DrugClass], module: Module, found: Classification, concepts: Mapping[str, Concept]
) -> Iterator[Finding]:
    """What is wrong: contradictions, a closure that says otherwise, classes over actions that no ontology holds."""
    for drug_class in classes:
        for definition in drug_class.definitions:
            if definition.action and definition.action not in concepts:
                yield Finding(
                    rule="unknown-action",
                    message=f"no ontology of the graph holds the action of {drug_class.label!r} by {definition.source}",
                    severity="info",
                    focus=drug_class.iri,
                    path=definition.action,
                )
    if found.consistent:
        yield from _differences(classes, module, found, concepts)
        return
    known = list(find_contradictions(module, concepts))
    yield from known
    if not known:
        message = "the reasoner finds a contradiction, but no concept of two kinds; look into the module"
        yield Finding(rule="contradiction", message=message, severity="violation")


def _differences(
    classes: Collection[DrugClass], module: Module, found: Classification, concepts: Mapping[str, Concept]
) -> Iterator[Finding]:
    closed = find_members(classes, concepts)
    for iri, reasoned in memberships(classes, module, found).items():
        plain = {msgspec.structs.replace(membership, via="") for membership in closed.get(iri, ())}
        for membership in sorted(plain.symmetric_difference(reasoned)):
            who = "the closure, not the reasoner," if membership in plain else "the reasoner, not the closure,"
            yield Finding(
                rule="closure-differs",
                message=f"{who} has {concepts[iri].label!r} in {compact(membership.drug_class)} by {membership.source}",
                severity="violation",
                focus=iri,
                path=iri,
            )


def count_members(
    classes: Iterable[DrugClass], module: Module, members: Mapping[str, Iterable[Membership]]
) -> Iterator[ClassCount]:
    """Every class, also one without members, with the number of its drugs."""
    same = same_drugs(module)
    by_class: dict[Membership, set[str]] = {}
    for iri, found in members.items():
        for membership in found:
            by_class.setdefault(membership, set()).add(same[iri])
    for drug_class in classes:
        sources = {
            definition.source: by_class.get(Membership(drug_class=drug_class.iri, source=definition.source), set())
            for definition in drug_class.definitions
        }
        yield ClassCount(
            drug_class=drug_class.iri,
            label=drug_class.label,
            drugs=len(set().union(*sources.values())),
            by_source={source: len(drugs) for source, drugs in sources.items()},
        )


def same_drugs(module: Module) -> dict[str, str]:
    """Drug -> the one that stands for it and for all that it is bridged to."""
    stands = {iri: iri for iri in module.members}

    def first(iri: str) -> str:
        while stands.setdefault(iri, iri) != iri:
            iri = stands[iri]
        return iri

    for one, other in module.statements["tg:bridgedTo"]:
        low, high = sorted((first(one), first(other)))
        stands[high] = low
    return {iri: first(iri) for iri in module.members}
