"""MeSH in NLM's RDF model (https://hhs.github.io/meshrdf/): descriptors and supplementary concepts as `Concept`s."""

import re
from collections.abc import Collection, Iterator

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
    trees = {iri: values(facts, ("meshv:treeNumber",), (iri,)) - ended for iri in iris}
    holders = {tree: iri for iri, held in trees.items() for tree in held}
    for iri, held in trees.items():
        label = min(facts["rdfs:label"][iri])
        paths = [list(above(tree)) for tree in held]
        registered = values(facts, ("meshv:registryNumber",), values(facts, ("meshv:preferredConcept",), (iri,)))
        yield Concept(
            iri=iri,
            label=label,
            source="mesh",
            exact=ordered(_names(facts, iri, ended) - {label}),
            broader=ordered({holders[path[0]] for path in paths if path and path[0] in holders} - {iri}),
            ancestors=ordered({holders[tree] for path in paths for tree in path if tree in holders} - {iri}),
            actions=ordered(_actions(facts, iri) - ended),
            xrefs=ordered({f"UNII:{number}" for number in registered if _UNII.fullmatch(number)}),
            notation=notation(iri),
            branches=ordered({tree.rpartition("/")[2].partition(".")[0] for tree in held}),
        )


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
    concepts, labels = concept_nodes(facts, iri, ended)
    named = values(facts, ("rdfs:label",), concepts) | values(facts, TERM_NAMES, labels)
    return named | values(facts, ("skos:altLabel",), (iri,))


def _actions(facts: Facts, iri: str) -> set[str]:
    return {node for node in values(facts, ("meshv:pharmacologicalAction",), (iri,)) if not node.startswith("_:")}
