"""Drug classes (`ontologies/classes.ttl`) and their members: which concept belongs to which class, and by whose word.

No source is complete, so a class is a union and every membership keeps its source. From one ontology to another a
membership passes once, and only between concepts that are plainly the same substance.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from kg.concept import Concept
from kg.errors import OntologyError
from kg.reasoning.concepts import ACTION_BRANCH, above_action
from kg.vocab import PREFIXES, expand

if TYPE_CHECKING:
    from rdflib import Graph
    from rdflib.term import Node

__all__ = [
    "Definition",
    "DrugClass",
    "Membership",
    "actions_of",
    "find_members",
    "iter_bridges",
    "kinds",
    "read_classes",
    "stated_actions",
]


class Definition(msgspec.Struct, frozen=True, kw_only=True):
    """What one source says makes a member: an action that it has, or that it is one of these.

    `codes` are (member, code) where the source is a list of codes: why the members are members.
    """

    source: str
    action: str = ""
    members: tuple[str, ...] = ()
    codes: tuple[tuple[str, str], ...] = ()


class DrugClass(msgspec.Struct, frozen=True, kw_only=True):
    """One class of drugs, with all the definitions of which any one suffices."""

    iri: str
    label: str
    comment: str
    names: tuple[str, ...]
    definitions: tuple[Definition, ...]


class Membership(msgspec.Struct, frozen=True, kw_only=True, order=True):
    """That a concept is in a class, by whose word; `via` is the concept of another ontology that it was said of."""

    drug_class: str
    source: str
    via: str = ""


def read_classes(path: Path) -> tuple[DrugClass, ...]:
    """The drug classes that a Turtle file defines (https://www.w3.org/TR/owl2-primer/#Property_Restrictions).

    Raises:
        OntologyError: if there is no such file, it is no Turtle, defines no class, or one in a form that is not ours.
    """
    from rdflib import Graph

    try:
        graph = Graph().parse(data=path.read_bytes(), format="turtle")
    except OSError as error:
        raise OntologyError(str(path), f"the file cannot be read ({error.strerror or error})") from error
    except (SyntaxError, ValueError) as error:
        line = getattr(error, "lines", None)
        where = f"{path}:{line + 1}" if isinstance(line, int) else str(path)
        raise OntologyError(where, "the file is no readable Turtle", expected="drug classes") from error
    classes = tuple(_iter_classes(graph, path))
    if not classes:
        expected = "subclasses a source of named classes, as in ontologies/classes.ttl"
        raise OntologyError(str(path), "the file defines no drug class", expected=expected)
    return classes


def _iter_classes(graph: "Graph", path: Path) -> Iterator[DrugClass]:
    from rdflib import URIRef

    below = URIRef(expand("rdfs:subClassOf"))
    nested = sorted(set(graph.objects(None, below)) & set(graph.subjects(below, None)), key=str)
    if nested:
        remedy = "Classes stand side by side, each with one subclass a source: no deeper, and in no circle."
        raise OntologyError(str(path), "a class is both above and below another", got=str(nested[0]), remedy=remedy)
    for iri in sorted(set(graph.objects(None, below)), key=str):
        if not str(iri).startswith(PREFIXES["class"]):
            raise OntologyError(str(path), "a class under a name not ours", got=str(iri), expected=PREFIXES["class"])
        narrower = sorted(graph.subjects(below, iri), key=str)
        label, comment = (_text(graph, iri, name) for name in ("rdfs:label", "rdfs:comment"))
        names = sorted(str(name) for name in graph.objects(iri, URIRef(expand("skos:altLabel"))))
        definitions = tuple(_definition(graph, node, str(iri), path) for node in narrower)
        yield DrugClass(iri=str(iri), label=label, comment=comment, names=tuple(names), definitions=definitions)


def _text(graph: "Graph", subject: "Node", name: str) -> str:
    from rdflib import URIRef

    return str(graph.value(subject, URIRef(expand(name))) or "")


def _definition(graph: "Graph", subclass: "Node", above: str, path: Path) -> Definition:
    from rdflib import URIRef
    from rdflib.collection import Collection as RdfList

    source = _text(graph, subclass, "dct:source").rpartition("/")[2]
    if not source or str(subclass) != f"{above}-{source}":
        expected = f"{above}-SOURCE with dct:source <{expand('graph:ontology/SOURCE')}>"
        raise OntologyError(str(path), "a subclass not named by its source", got=str(subclass), expected=expected)
    same = graph.value(subclass, URIRef(expand("owl:equivalentClass")))
    listed = graph.value(same, URIRef(expand("owl:oneOf")))
    action = _text(graph, same, "owl:hasValue") if same is not None else ""
    if listed is None and not action:
        expected = "owl:equivalentClass with an owl:hasValue or an owl:oneOf"
        raise OntologyError(str(path), "a subclass that nothing defines", got=str(subclass), expected=expected)
    if listed is None:
        return Definition(source=source, action=action)
    coded = URIRef(expand("tg:hasAtcCode"))
    members = tuple(str(member) for member in RdfList(graph, listed))
    codes = sorted((str(member), str(code)) for member, code in graph.subject_objects(coded) if str(member) in members)
    return Definition(source=source, members=members, codes=tuple(codes))


def find_members(classes: Iterable[DrugClass], concepts: Mapping[str, Concept]) -> dict[str, tuple[Membership, ...]]:
    """Concept -> its memberships, direct ones and those that an equal concept of another ontology has directly.

    A substance is a member if one of its actions is the class's, or stands under it. Roles hold for whatever is_a the
    substance (ChEBI), pharmacological actions do not (MeSH: everolimus stands under sirolimus).
    """
    direct = _direct_members(tuple(classes), concepts)
    found = {iri: set(memberships) for iri, memberships in direct.items()}
    for iri, other in iter_bridges(direct, concepts):
        passed = {msgspec.structs.replace(membership, via=other) for membership in direct[other]}
        found.setdefault(iri, set()).update(passed)
    return {iri: tuple(sorted(memberships)) for iri, memberships in sorted(found.items())}


def _direct_members(
    classes: Collection[DrugClass], concepts: Mapping[str, Concept]
) -> dict[str, frozenset[Membership]]:
    defined: dict[str, list[Membership]] = defaultdict(list)
    found: dict[str, set[Membership]] = defaultdict(set)
    for drug_class in classes:
        for definition in drug_class.definitions:
            membership = Membership(drug_class=drug_class.iri, source=definition.source)
            if definition.action:
                defined[definition.action].append(membership)
            for iri in definition.members:
                if iri in concepts:
                    found[iri].add(membership)
    given = {
        action: frozenset(m for above in (action, *above_action(action, concepts)) for m in defined.get(above, ()))
        for action in actions_of(concepts)
    }
    for iri, actions in stated_actions(concepts).items():
        if memberships := frozenset().union(*(given[action] for action in actions)):
            found[iri].update(memberships)
    return {iri: frozenset(memberships) for iri, memberships in found.items()}


def actions_of(concepts: Mapping[str, Concept]) -> frozenset[str]:
    """Whatever some concept has as its action, or MeSH has among actions: never a substance itself."""
    used = {action for concept in concepts.values() for action in concept.actions}
    return frozenset(used.union(iri for iri, concept in concepts.items() if ACTION_BRANCH in concept.branches))


def stated_actions(concepts: Mapping[str, Concept]) -> dict[str, frozenset[str]]:
    """Substance -> the actions that its own ontology states of it or, in ChEBI, of what it is a kind of.

    MeSH has a few actions that have an action ("Leukotriene Antagonists"): groups of drugs, no substances.
    """
    used = actions_of(concepts)
    own = {iri: concept.actions for iri, concept in concepts.items() if concept.actions and iri not in used}
    stated = {iri: set(actions) for iri, actions in own.items()}
    for iri, parents in kinds(concepts, own):
        stated.setdefault(iri, set()).update(action for parent in parents for action in own[parent])
    return {iri: frozenset(actions) for iri, actions in stated.items()}


def kinds(concepts: Mapping[str, Concept], bearers: Collection[str]) -> Iterator[tuple[str, tuple[str, ...]]]:
    """(concept, the bearers that it is a kind of): by is_a, which MeSH's trees are not."""
    for iri, concept in concepts.items():
        if concept.source != "mesh":
            parents = tuple(ancestor for ancestor in concept.ancestors if ancestor in bearers)
            if parents:
                yield iri, parents


def iter_bridges(members: Collection[str], concepts: Mapping[str, Concept]) -> Iterator[tuple[str, str]]:
    """Pairs of a concept and a member in another ontology that plainly are the same substance.

    Either their labels are equal, or one refers to the other and holds the other's label among its names: joined
    tables have put wrong references into ontologies, and wrong names, but seldom both to the same end. An action is no
    substance, whatever bears its name.
    """
    labelled: dict[str, list[str]] = defaultdict(list)
    for iri in members:
        labelled[concepts[iri].label.casefold()].append(iri)
    actions = actions_of(concepts)
    for iri, concept in concepts.items():
        others = set(labelled.get(concept.label.casefold(), ()))
        referenced = set(_referenced(concept, concepts))
        pairs = {(iri, other) for other in others | ({name for name in referenced if name in members})}
        pairs |= {(other, iri) for other in referenced if iri in members}
        for one, other in sorted(pairs):
            if concepts[one].source != concepts[other].source and one not in actions:
                yield one, other


def _referenced(concept: Concept, concepts: Mapping[str, Concept]) -> Iterator[str]:
    names = {name.casefold() for name, _ in concept.names()} if concept.xrefs else set()
    for xref in concept.xrefs:
        with suppress(KeyError):
            other = concepts.get(expand(xref))
            if other and other.source != concept.source and other.label.casefold() in names:
                yield other.iri
