"""The OWL module of a graph's drugs: what a reasoner can decide about drug classes, and no more.

MeSH's descriptors are individuals and ChEBI's entries are classes: over both as published nothing follows. Here
substances, actions and conditions are individuals, kinds that exclude each other (without that, "consistent" would say
nothing), and every class is the union of one class a source: of whatever `hasAction` relates to the source's action.
That holds what four chains of properties give:

    statesAction ∘ broaderAction                       what the substance's own ontology states of it
    kindOf ∘ statesAction ∘ broaderAction              or, in ChEBI, of what it is a kind of
    bridgedTo ∘ statesAction ∘ broaderAction           what another ontology states of the same substance:
    bridgedTo ∘ kindOf ∘ statesAction ∘ broaderAction  one hop, and no owl:sameAs

`broaderAction` relates an action to itself and to all that is above it. It is not applied again: places in MeSH's trees
do not add up (what is above a tubulin modulator in one place, and above that in another, would make colchicine an
antineoplastic agent). The chains are written out, because HermiT 1.3.8 loses what a chain gives to a property below.
"""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from itertools import combinations

import msgspec

from kg import terms
from kg.concept import Concept
from kg.finding import Finding
from kg.iris import compact
from kg.reasoning.classes import DrugClass, iter_bridges, kinds, stated_actions
from kg.reasoning.concepts import ACTION_BRANCH, above_action
from kg.vocab import ID, expand

__all__ = ["Module", "find_contradictions", "is_condition", "module_lines", "select"]

#: The module's own IRI.
_MODULE = f"{ID}reasoning"
#: MeSH's branches of diseases and mental disorders, and the ontologies of nothing else.
_CONDITION_BRANCH = re.compile(r"C\d\d|F03")
_CONDITION_SOURCES = frozenset({"mondo", "doid"})

#: Object properties: (name, domain, range). Kinds of things exclude each other.
_PROPERTIES = (
    ("tg:statesAction", "tg:Substance", "tg:Action"),
    ("tg:hasAction", "tg:Substance", "tg:Action"),
    ("tg:broaderAction", "tg:Action", "tg:Action"),
    ("tg:kindOf", "tg:Substance", "tg:Substance"),
    ("tg:bridgedTo", "tg:Substance", "tg:Substance"),
)
_CHAINS = (
    ("tg:statesAction", "tg:broaderAction"),
    ("tg:kindOf", "tg:statesAction", "tg:broaderAction"),
    ("tg:bridgedTo", "tg:statesAction", "tg:broaderAction"),
    ("tg:bridgedTo", "tg:kindOf", "tg:statesAction", "tg:broaderAction"),
)
#: Kinds, which exclude each other. `tg:Condition` is a part of a record; the conditions here are concepts.
_LABELS = {"tg:Substance": "a substance", "tg:Action": "an action", "tg:ConditionConcept": "a condition"}


class Module(msgspec.Struct, frozen=True):
    """Individuals by kind, what is said of them (pairs a property), and the action that defines each class's source.

    `members` are the drugs that are asked about: those that occur and that something is known of.
    """

    members: tuple[str, ...]
    kinds: dict[str, tuple[str, ...]]
    statements: dict[str, tuple[tuple[str, str], ...]]
    definitions: dict[str, tuple[tuple[str, str], ...]]


def select(classes: Collection[DrugClass], concepts: Mapping[str, Concept], occurring: Collection[str]) -> Module:
    """The module of the concepts that occur: those with an action, and what decides about them."""
    stated, listed, defined = stated_actions(concepts), _listed(classes), _definitions(classes)
    known = {*stated, *(iri for iri, _ in listed)} & concepts.keys()
    bridges = sorted({pair for pair in iter_bridges(known, concepts) if pair[0] in occurring})
    members = sorted({*known.intersection(occurring), *(iri for iri, _ in bridges)})
    substances = {*members, *(other for _, other in bridges)}
    bearers = {iri for iri in stated if concepts[iri].actions}
    near = {iri: concepts[iri] for iri in substances}
    parents = sorted((iri, parent) for iri, above in kinds(near, bearers) for parent in above)
    substances |= {parent for _, parent in parents}
    states = {(iri, action) for iri in bearers & substances for action in concepts[iri].actions}
    states |= {(iri, action) for iri, action in listed if iri in substances}
    actions = {*(action for _, action in states), *(action for pairs in defined.values() for _, action in pairs)}
    above = _broader(actions, _codes(classes), concepts)
    actions |= {iri for pair in above for iri in pair}
    conditions = [iri for iri in substances | actions if iri in concepts and is_condition(concepts[iri])]
    found = substances, actions, conditions
    return Module(
        members=tuple(members),
        kinds={kind: tuple(sorted(iris)) for kind, iris in zip(_LABELS, found, strict=True)},
        statements={
            "tg:statesAction": tuple(sorted(states)),
            "tg:kindOf": tuple(parents),
            "tg:bridgedTo": tuple(bridges),
            "tg:broaderAction": tuple(sorted(above)),
        },
        definitions=defined,
    )


def is_condition(concept: Concept) -> bool:
    """Whether its ontology has the concept among diseases and disorders; what MeSH has among actions, too, is none."""
    if ACTION_BRANCH in concept.branches:
        return False
    return concept.source in _CONDITION_SOURCES or any(map(_CONDITION_BRANCH.fullmatch, concept.branches))


def _listing(drug_class: DrugClass, source: str) -> str:
    """The action of whatever a source lists as a member, of which it says no more."""
    return f"{drug_class.iri}-{source}-listed"


def _definitions(classes: Iterable[DrugClass]) -> dict[str, tuple[tuple[str, str], ...]]:
    return {
        drug_class.iri: tuple(
            (f"{drug_class.iri}-{definition.source}", definition.action or _listing(drug_class, definition.source))
            for definition in drug_class.definitions
        )
        for drug_class in classes
    }


def _listed(classes: Iterable[DrugClass]) -> set[tuple[str, str]]:
    """(member, its code, or the listing where it has none)."""
    found = set()
    for drug_class in classes:
        for definition in drug_class.definitions:
            coded = {member for member, _ in definition.codes}
            plain = (member for member in definition.members if member not in coded)
            found |= {*definition.codes, *((member, _listing(drug_class, definition.source)) for member in plain)}
    return found


def _codes(classes: Iterable[DrugClass]) -> dict[str, set[str]]:
    """Code -> the listings that it stands under, a withdrawn code as well as its successor."""
    found: dict[str, set[str]] = {}
    for drug_class in classes:
        for definition in drug_class.definitions:
            for _, code in definition.codes:
                found.setdefault(code, set()).add(_listing(drug_class, definition.source))
    return found


def _broader(
    actions: Iterable[str], codes: Mapping[str, Collection[str]], concepts: Mapping[str, Concept]
) -> set[tuple[str, str]]:
    """Each action with itself and everything above it."""
    found = {(action, above) for action in actions for above in (action, *codes.get(action, ()))}
    return found | {(action, above) for action in actions for above in above_action(action, concepts)}


def find_contradictions(module: Module, concepts: Mapping[str, Concept]) -> Iterator[Finding]:
    """Whatever is of two kinds that exclude each other, with a statement that makes it so."""
    for one, other in combinations(module.kinds, 2):
        for iri in sorted(set(module.kinds[one]).intersection(module.kinds[other])):
            label = concepts[iri].label if iri in concepts else iri
            said = next(_statements(module, iri), "")
            yield Finding(
                rule="contradiction",
                message=f"{label!r} is {_LABELS[one]} and {_LABELS[other]} at once{said and f': {said}'}",
                severity="violation",
                focus=iri,
                path=iri,
            )


def _statements(module: Module, iri: str) -> Iterator[str]:
    for name, pairs in module.statements.items():
        yield from (f"{compact(s)} {name} {compact(o)}" for s, o in pairs if iri in (s, o))
    for pairs in module.definitions.values():
        yield from (f"{compact(s)} is defined by {compact(o)}" for s, o in pairs if iri == o)


def module_lines(module: Module) -> Iterator[str]:
    """The module as N-Triples (https://www.w3.org/TR/owl2-mapping-to-rdf/), in the same order for the same graph."""
    yield _line(_MODULE, "rdf:type", "owl:Ontology")
    yield from _axioms()
    for kind, iris in module.kinds.items():
        yield from (line for iri in iris for line in _typed(iri, "owl:NamedIndividual", kind))
    for name, pairs in module.statements.items():
        yield from (_line(subject, name, value) for subject, value in pairs)
    for number, (drug_class, definitions) in enumerate(sorted(module.definitions.items())):
        yield _line(drug_class, "rdf:type", "owl:Class")
        for place, (subclass, action) in enumerate(definitions):
            has = terms.blank(f"c{number}x{place}")
            yield _line(subclass, "rdf:type", "owl:Class")
            yield _line(subclass, "rdfs:subClassOf", drug_class)
            yield _line(subclass, "owl:equivalentClass", has)
            yield _line(has, "rdf:type", "owl:Restriction")
            yield _line(has, "owl:onProperty", "tg:hasAction")
            yield _line(has, "owl:hasValue", action)


def _typed(iri: str, *types: str) -> Iterator[str]:
    return (_line(iri, "rdf:type", name) for name in types)


def _axioms() -> Iterator[str]:
    for kind in _LABELS:
        yield _line(kind, "rdf:type", "owl:Class")
    for one, other in combinations(_LABELS, 2):
        yield _line(one, "owl:disjointWith", other)
    for name, domain, values in _PROPERTIES:
        yield _line(name, "rdf:type", "owl:ObjectProperty")
        yield _line(name, "rdfs:domain", domain)
        yield _line(name, "rdfs:range", values)
    for number, chain in enumerate(_CHAINS):
        nodes = [terms.blank(f"p{number}x{place}") for place in range(len(chain))]
        yield _line("tg:hasAction", "owl:propertyChainAxiom", nodes[0])
        for node, name, rest in zip(nodes, chain, [*nodes[1:], "rdf:nil"], strict=True):
            yield _line(node, "rdf:first", name)
            yield _line(node, "rdf:rest", rest)


def _line(subject: str, name: str, value: str) -> str:
    return f"{_term(subject)} {terms.iri(expand(name))} {_term(value)} .\n"


def _term(name: str) -> str:
    """A blank node, an IRI, or the IRI of a CURIE of RDF, OWL or our vocabulary."""
    if name.startswith("_:"):
        return name
    return terms.iri(expand(name) if name.startswith(("tg:", "owl:", "rdf:", "rdfs:")) else name)
