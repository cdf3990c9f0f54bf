"""MeSH in NLM's RDF model (https://hhs.github.io/meshrdf/): descriptors and supplementary concepts as `Concept`s."""

import re
from collections.abc import Collection, Iterator, Mapping

from kg.concept import Concept
from kg.ontologies.facts import (
    MESH_TYPES,
    TERM_NAMES,
    TO_CONCEPTS,
    TO_TERMS,
    Facts,
    flagged,
    notation,
    ordered,
    values,
)

__all__ = ["above", "concept_nodes", "inactive", "is_mesh", "iter_concepts"]

#: Registry numbers are UNIIs, CAS or EC numbers, or 0 (https://hhs.github.io/meshrdf/concepts).
_UNII = re.compile(r"[0-9A-Z]{10}")


def is_mesh(facts: Facts) -> bool:
    """Whether the file is written in MeSH's model."""
    return any(not MESH_TYPES.isdisjoint(types) for types in facts["rdf:type"].values())


def inactive(facts: Facts) -> set[str]:
    """Whatever NLM has taken out of the current year, terms and tree numbers too."""
    return flagged(facts, "meshv:active", frozenset({"false", "0"}))


def iter_concepts(facts: Facts) -> Iterator[Concept]:
    """Every active, labelled descriptor and supplementary concept.

    What a supplementary concept is mapped to is a hint for indexing, no broader concept.
    """
    ended = inactive(facts)
    typed = (iri for iri in flagged(facts, "rdf:type", MESH_TYPES) - ended if not iri.startswith("_:"))
    iris = sorted(iri for iri in typed if iri in facts["rdfs:label"])
    trees = {iri: set(held) - ended for iri, held in facts["meshv:treeNumber"].items()}
    holders = {tree: iri for iri in iris for tree in trees.get(iri, ())}
    for iri in iris:
        label = min(facts["rdfs:label"][iri])
        broader, ancestors, branches = _place(iri, trees.get(iri), holders)
        yield Concept(
            iri=iri,
            label=label,
            source="mesh",
            exact=ordered(_names(facts, iri, ended) - {label}),
            broader=broader,
            ancestors=ancestors,
            actions=ordered(_actions(facts, iri) - ended),
            xrefs=_xrefs(facts, iri),
            notation=notation(iri),
            branches=branches,
        )


def _place(iri: str, trees: Collection[str] | None, holders: Mapping[str, str]) -> tuple[tuple[str, ...], ...]:
    """What is directly broader, all that is broader, and the branches; nothing for a supplementary concept."""
    if not trees:
        return (), (), ()
    paths = [list(above(tree)) for tree in trees]
    broader = {holders[path[0]] for path in paths if path and path[0] in holders}
    ancestors = {holders[tree] for path in paths for tree in path if tree in holders}
    branches = {tree.rpartition("/")[2].partition(".")[0] for tree in trees}
    return ordered(broader - {iri}), ordered(ancestors - {iri}), ordered(branches)


def above(tree: str) -> Iterator[str]:
    """The tree numbers above this one, nearest first.

    >>> list(above("http://id.nlm.nih.gov/mesh/C04.588.274"))
    ['http://id.nlm.nih.gov/mesh/C04.588', 'http://id.nlm.nih.gov/mesh/C04']
    """
    while "." in tree.rpartition("/")[2]:
        tree = tree.rpartition(".")[0]
        yield tree


def concept_nodes(facts: Facts, iri: str, ended: Collection[str]) -> tuple[set[str], set[str]]:
    """The concept nodes and the term nodes of a descriptor or supplementary concept, inactive ones left out."""
    concepts = values(facts, TO_CONCEPTS, (iri,)).difference(ended)
    return concepts, values(facts, TO_TERMS, (iri, *concepts)).difference(ended)


def _names(facts: Facts, iri: str, ended: Collection[str]) -> set[str]:
    named = values(facts, ("rdfs:label", "skos:altLabel"), (iri,))
    concepts, labels = concept_nodes(facts, iri, ended)
    if concepts or labels:
        named |= values(facts, ("rdfs:label",), concepts) | values(facts, TERM_NAMES, labels)
    return named


def _actions(facts: Facts, iri: str) -> set[str]:
    return {node for node in facts["meshv:pharmacologicalAction"].get(iri, ()) if not node.startswith("_:")}


def _xrefs(facts: Facts, iri: str) -> tuple[str, ...]:
    registered = values(facts, ("meshv:registryNumber",), facts["meshv:preferredConcept"].get(iri, ()))
    return ordered({f"UNII:{number}" for number in registered if _UNII.fullmatch(number)})
