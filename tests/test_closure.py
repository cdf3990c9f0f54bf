"""The closure at the trial: each kind of link goes to its property, with everything broader, and to no other."""

from collections.abc import Mapping

import pytest

from kg.concept import Closure, Concept, Link, MentionKind, Role
from kg.mapping import map_closure
from kg.reasoning.closure import broader, close_trial

CONCEPTS = {
    concept.iri: concept
    for concept in (
        Concept(iri="a:hcc", label="hcc", source="mesh", ancestors=("a:liver", "a:neoplasm")),
        Concept(iri="a:drug", label="drug", source="mesh", ancestors=("a:macrolide",), actions=("a:mtor",)),
        Concept(iri="a:other", label="other", source="chebi"),
        Concept(iri="a:mtor", label="mTOR inhibitor", source="mesh", ancestors=("a:kinase",)),
        Concept(iri="a:brand", label="brand", source="mesh", actions=("a:unheard-of",)),
    )
}
CLASSES = {"a:drug": ("class:x", "class:x-mesh")}
DRUG_AND_ALL = ("a:drug", "a:kinase", "a:macrolide", "a:mtor", "class:x", "class:x-mesh")


def link(kind: MentionKind, part: str, concept: str) -> Link:
    """A link of which nothing else matters."""
    return Link(
        kind=kind, part=part, concept=concept, relation="exact", tier="", confidence=1, matched="", field="", source=""
    )


def close(*links: Link, roles: Mapping[str, Role] | None = None) -> Closure:
    """The closure of a trial with these links."""
    return close_trial("NCT00000000", links, roles or {}, CONCEPTS, CLASSES)


@pytest.mark.parametrize(
    ("kind", "properties"),
    [
        ("condition", {"tg:studies"}),
        ("derived", {"tg:indexedWith"}),
        ("title", {"tg:mentions", "tg:titleMentions"}),
        ("keyword", {"tg:mentions", "tg:keywordMentions"}),
        ("intervention", {"tg:tests", "tg:involves"}),
    ],
)
def test_kind_of_link_decides_the_property(kind: MentionKind, properties: set[str]) -> None:
    """Kinds of evidence are never mixed."""
    closed = close(link(kind, f"{kind}-1", "a:hcc")).concepts
    assert set(closed) == properties
    assert set(closed.values()) == {("a:hcc", "a:liver", "a:neoplasm")}


@pytest.mark.parametrize(
    ("role", "properties"),
    [
        ("EXPERIMENTAL", {"tg:tests", "tg:involves"}),
        ("UNKNOWN", {"tg:tests", "tg:involves"}),
        ("COMPARATOR", {"tg:comparesWith", "tg:involves"}),
        ("BACKGROUND", {"tg:givesAsBackground", "tg:involves"}),
        ("PLACEBO", set()),
    ],
)
def test_role_decides_the_property_of_a_drug(role: Role, properties: set[str]) -> None:
    """Comparator, background and placebo are never what a trial tests."""
    closed = close(link("intervention", "intervention-1", "a:drug"), roles={"intervention-1": role}).concepts
    assert set(closed) == properties
    assert all(concepts == DRUG_AND_ALL for concepts in closed.values())


def test_ancestors_actions_and_classes_are_broader() -> None:
    """All that is broader than the concept, its actions with what is broader than they, its classes."""
    assert set(broader("a:drug", CONCEPTS, CLASSES)) == set(DRUG_AND_ALL) - {"a:drug"}


def test_what_no_ontology_knows_is_still_said() -> None:
    """A concept or action without entry has nothing broader, and is itself in the closure."""
    assert list(broader("a:nowhere", CONCEPTS, CLASSES)) == []
    assert close(link("derived", "derived-1", "a:nowhere")).concepts == {"tg:indexedWith": ("a:nowhere",)}
    assert set(broader("a:brand", CONCEPTS, CLASSES)) == {"a:unheard-of"}


def test_one_drug_given_twice_keeps_both_roles() -> None:
    """Experimental in one intervention, comparator in another: both are said, each once."""
    roles: dict[str, Role] = {"intervention-1": "EXPERIMENTAL", "intervention-2": "COMPARATOR"}
    links = [link("intervention", part, "a:drug") for part in (*roles, *roles)]
    closed = close(*links, roles=roles)
    assert closed.concepts["tg:tests"] == closed.concepts["tg:comparesWith"] == closed.concepts["tg:involves"]
    assert closed.concepts["tg:tests"] == DRUG_AND_ALL
    assert closed.roles == roles


def test_closure_is_the_same_for_any_order_of_links() -> None:
    """Properties and concepts come sorted."""
    links = [link("condition", "condition-1", "a:hcc"), link("title", "", "a:drug"), link("derived", "d-1", "a:other")]
    assert close(*links) == close(*reversed(links))
    assert map_closure(close(*links)) == map_closure(close(*reversed(links)))


def test_trial_without_links_has_an_empty_closure() -> None:
    """Nothing is made up."""
    assert close() == Closure(nct_id="NCT00000000", concepts={}, roles={})
