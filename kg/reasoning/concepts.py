"""What reasoning needs of a concept beside its plain triples, written into the ontology layer and read back from it.

A graph folder is then enough to reason again: no ontology has to be at hand. What is read back leads to the same
memberships as the ontologies that it was built from.
"""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from itertools import groupby

import msgspec

from kg import terms
from kg.concept import Concept
from kg.iris import compact
from kg.vocab import PREFIXES, expand

__all__ = ["ACTION_BRANCH", "above_action", "read_concepts", "reasoning_lines"]

#: MeSH's branch of "Chemical Actions and Uses": what stands in it is an action.
ACTION_BRANCH = "D27"

_BRANCH, _ABOVE, _REFERS = (terms.iri(expand(name)) for name in ("tg:branch", "tg:broaderAction", "tg:crossReference"))


def above_action(iri: str, concepts: Mapping[str, Concept]) -> tuple[str, ...]:
    """All actions that an action stands under: in MeSH's trees of actions only, since some are substances elsewhere.

    Immunoconjugates are immunoglobulins by another tree, and those are given to patients.
    """
    concept = concepts.get(iri)
    if concept is None or concept.source != "mesh":
        return concept.ancestors if concept else ()
    if ACTION_BRANCH not in concept.branches:
        return ()
    return tuple(i for i in concept.ancestors if i in concepts and ACTION_BRANCH in concepts[i].branches)


def reasoning_lines(concept: Concept, concepts: Mapping[str, Concept]) -> Iterator[str]:
    """The concept's branches, the actions that it stands under as an action, and the concepts that it refers to.

    By `tg:broader` alone PCSK9 inhibitors would stand under poisons: a parent has places that are not the child's.
    """
    subject = terms.iri(concept.iri)
    for branch in concept.branches:
        yield f"{subject} {_BRANCH} {terms.plain(branch)} .\n"
    if ACTION_BRANCH in concept.branches:
        for above in above_action(concept.iri, concepts):
            yield f"{subject} {_ABOVE} {terms.iri(above)} .\n"
    for xref in concept.xrefs:
        with suppress(KeyError):
            yield f"{subject} {_REFERS} {terms.iri(expand(xref))} .\n"


#: Predicate as it stands in a layer -> the field that its values go to.
_FIELDS = {
    terms.iri(expand(curie)).encode(): field
    for curie, field in {
        "tg:inOntology": "source",
        "rdfs:label": "label",
        "skos:altLabel": "related",
        "tg:broader": "broader",
        "tg:hasAction": "actions",
        "tg:branch": "branches",
        "tg:broaderAction": "ancestors",
        "tg:crossReference": "xrefs",
    }.items()
}


def read_concepts(lines: Iterable[bytes]) -> dict[str, Concept]:
    """The concepts of an ontology layer, with what reasoning needs of them.

    Names are kept only of concepts that refer to another: they are what a reference is judged by.
    """
    concepts: dict[str, Concept] = {}
    for subject, group in groupby(lines, key=_subject):
        found: dict[str, list[bytes]] = {}
        for line in group:
            _, predicate, rest = line.split(b" ", 2)
            if field := _FIELDS.get(predicate):
                found.setdefault(field, []).append(rest[: rest.rindex(b" .")])
        if "source" in found and "label" in found:
            concept = _concept(subject[1:-1].decode(), found)
            concepts[concept.iri] = concept
    return _with_ancestors(concepts)


def _subject(line: bytes) -> bytes:
    return line.partition(b" ")[0]


def _concept(iri: str, found: Mapping[str, list[bytes]]) -> Concept:
    def iris(field: str) -> tuple[str, ...]:
        return tuple(value[1:-1].decode() for value in found.get(field, ()))

    def texts(field: str) -> tuple[str, ...]:
        return tuple(terms.unescape(value.decode()) for value in found.get(field, ()))

    xrefs = tuple(compact(reference) for reference in iris("xrefs"))
    return Concept(
        iri=iri,
        label=texts("label")[0],
        source=iris("source")[0].removeprefix(f"{PREFIXES['graph']}ontology/"),
        related=texts("related") if xrefs else (),
        broader=iris("broader"),
        ancestors=iris("ancestors"),
        actions=iris("actions"),
        xrefs=xrefs,
        branches=texts("branches"),
    )


def _with_ancestors(concepts: Mapping[str, Concept]) -> dict[str, Concept]:
    """The concepts with all that they stand under: by is_a, or what MeSH's tree numbers say of its actions."""
    return {
        iri: concept
        if concept.source == "mesh" or not concept.broader
        else msgspec.structs.replace(concept, ancestors=_above(iri, concepts))
        for iri, concept in concepts.items()
    }


def _above(iri: str, concepts: Mapping[str, Concept]) -> tuple[str, ...]:
    """All that is above; a circle in the hierarchy ends where it began, and nothing is above itself."""
    found: set[str] = set()
    waiting = [iri]
    while waiting:
        for parent in concepts[waiting.pop()].broader:
            if parent in concepts and parent not in found:
                found.add(parent)
                waiting.append(parent)
    return tuple(sorted(found - {iri}))
