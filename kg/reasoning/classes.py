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
from kg.vocab import expand

if TYPE_CHECKING:
    from rdflib import Graph
    from rdflib.term import Node

__all__ = ["Definition", "DrugClass", "Membership", "find_members", "read_classes"]


class Definition(msgspec.Struct, frozen=True, kw_only=True):
    """What one source says makes a member: an action that it has, or that it is one of these."""

    source: str
    action: str = ""
    members: tuple[str, ...] = ()


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
        OntologyError: if there is no such file, it is no Turtle, or defines no class.
    """
    from rdflib import Graph

    try:
        graph = Graph().parse(data=path.read_bytes(), format="turtle")
    except OSError as error:
        raise OntologyError(str(path), f"the file cannot be read ({error.strerror or error})") from error
    except (SyntaxError, ValueError) as error:
        raise OntologyError(str(path), "the file is no readable Turtle", expected="drug classes") from error
    classes = tuple(_iter_classes(graph))
    if not classes:
        expected = "subclasses a source of named classes, as in ontologies/classes.ttl"
        raise OntologyError(str(path), "the file defines no drug class", expected=expected)
    return classes


def _iter_classes(graph: "Graph") -> Iterator[DrugClass]:
    from rdflib import URIRef

    for iri in sorted(set(graph.objects(None, URIRef(expand("rdfs:subClassOf")))), key=str):
        narrower = sorted(graph.subjects(URIRef(expand("rdfs:subClassOf")), iri), key=str)
        label, comment = (_text(graph, iri, name) for name in ("rdfs:label", "rdfs:comment"))
        names = sorted(str(name) for name in graph.objects(iri, URIRef(expand("skos:altLabel"))))
        definitions = tuple(_definition(graph, node) for node in narrower)
        yield DrugClass(iri=str(iri), label=label, comment=comment, names=tuple(names), definitions=definitions)


def _text(graph: "Graph", subject: "Node", name: str) -> str:
    from rdflib import URIRef

    return str(graph.value(subject, URIRef(expand(name))) or "")


def _definition(graph: "Graph", subclass: "Node") -> Definition:
    from rdflib import URIRef
    from rdflib.collection import Collection as RdfList

    source = _text(graph, subclass, "dct:source").rpartition("/")[2]
    same = graph.value(subclass, URIRef(expand("owl:equivalentClass")))
    members = graph.value(same, URIRef(expand("owl:oneOf")))
    if members is not None:
        return Definition(source=source, members=tuple(str(member) for member in RdfList(graph, members)))
    return Definition(source=source, action=_text(graph, same, "owl:hasValue") if same is not None else "")


def find_members(classes: Iterable[DrugClass], concepts: Mapping[str, Concept]) -> dict[str, tuple[Membership, ...]]:
    """Concept -> its memberships, direct ones and those that an equal concept of another ontology has directly.

    A substance is a member if one of its actions is the class's, or stands under it. Roles hold for whatever is_a the
    substance (ChEBI), pharmacological actions do not (MeSH: everolimus stands under sirolimus).
    """
    direct: dict[str, set[Membership]] = defaultdict(set)
    bearers: dict[str, set[str]] = defaultdict(set)
    for iri, concept in concepts.items():
        for action in concept.actions:
            bearers[action].add(iri)
    for drug_class in classes:
        for definition in drug_class.definitions:
            for iri in _defined(definition, bearers, concepts):
                direct[iri].add(Membership(drug_class=drug_class.iri, source=definition.source))
    found = {iri: set(memberships) for iri, memberships in direct.items()}
    for iri, other in _bridges(direct, concepts):
        passed = {msgspec.structs.replace(membership, via=other) for membership in direct[other]}
        found.setdefault(iri, set()).update(passed)
    return {iri: tuple(sorted(memberships)) for iri, memberships in sorted(found.items())}


def _defined(
    definition: Definition, bearers: Mapping[str, Collection[str]], concepts: Mapping[str, Concept]
) -> Iterator[str]:
    yield from (iri for iri in definition.members if iri in concepts)
    narrower = [action for action in bearers if definition.action in _with_ancestors(action, concepts)]
    members = {iri for action in narrower for iri in bearers[action]}
    yield from members
    for iri, concept in concepts.items():
        if concept.source != "mesh" and not members.isdisjoint(concept.ancestors):
            yield iri


def _with_ancestors(iri: str, concepts: Mapping[str, Concept]) -> tuple[str, ...]:
    return (iri, *concepts[iri].ancestors) if iri in concepts else (iri,)


def _bridges(members: Mapping[str, object], concepts: Mapping[str, Concept]) -> Iterator[tuple[str, str]]:
    """Pairs of a concept and a member in another ontology that plainly are the same substance.

    Either their labels are equal, or one refers to the other and holds the other's label among its names: joined
    tables have put wrong references into ontologies, and wrong names, but seldom both to the same end.
    """
    labelled: dict[str, list[str]] = defaultdict(list)
    for iri in members:
        labelled[concepts[iri].label.casefold()].append(iri)
    for iri, concept in concepts.items():
        others = set(labelled.get(concept.label.casefold(), ()))
        for other in _referenced(concept, concepts):
            if other in members:
                others.add(other)
            if iri in members:
                yield other, iri
        yield from ((iri, other) for other in others if concepts[other].source != concept.source)


def _referenced(concept: Concept, concepts: Mapping[str, Concept]) -> Iterator[str]:
    names = {name.casefold() for name, _ in concept.names()} if concept.xrefs else set()
    for xref in concept.xrefs:
        with suppress(KeyError):
            other = concepts.get(expand(xref))
            if other and other.source != concept.source and other.label.casefold() in names:
                yield other.iri
