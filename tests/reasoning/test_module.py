"""The OWL module: what is in it, and which contradictions are seen without a reasoner."""

import pyoxigraph as ox
import pytest

from kg.concept import Concept
from kg.reasoning.module import Module, find_contradictions, is_condition, module_lines, select
from kg.vocab import expand
from tests.reasoning.small import CONCEPTS, KINASE, MTOR, by_iri, concept, drug_class

CLASSES = (KINASE, MTOR)


def pairs(module: Module, name: str) -> set[tuple[str, str]]:
    """What a property relates, by local names."""
    return {(one.rpartition("/")[2], other.rpartition("/")[2]) for one, other in module.statements[name]}


def test_module_holds_the_drugs_that_occur_and_what_decides_about_them() -> None:
    """The drug, its partner, what that is a kind of, their actions; no condition, and no drug that does not occur."""
    module = select(CLASSES, CONCEPTS, {expand("mesh:C3"), expand("mesh:D6")})
    assert module.members == (expand("mesh:C3"),)
    assert pairs(module, "tg:bridgedTo") == {("C3", "CHEBI_3")}
    assert pairs(module, "tg:kindOf") == {("CHEBI_3", "CHEBI_1")}
    assert pairs(module, "tg:statesAction") == {("CHEBI_1", "CHEBI_10")}
    assert {iri.rpartition("/")[2] for iri in module.kinds["tg:Substance"]} == {"C3", "CHEBI_3", "CHEBI_1"}
    assert module.kinds["tg:ConditionConcept"] == ()


def test_old_and_new_codes_lead_to_the_same_listing() -> None:
    """A code that was withdrawn makes a member as its successor does; without a code the list itself does."""
    module = select(CLASSES, CONCEPTS, {expand("mesh:D1"), expand("mesh:C4")})
    assert {("OLD", "Mtor-atc-listed"), ("NEW", "Mtor-atc-listed")} < pairs(module, "tg:broaderAction")
    assert {("D1", "OLD"), ("D1", "NEW"), ("C4", "Mtor-atc-listed")} < pairs(module, "tg:statesAction")
    assert ("D1", "Mtor-atc-listed") not in pairs(module, "tg:statesAction")


def test_module_is_valid_and_the_same_for_any_order() -> None:
    """N-Triples with a blank node an expression, sorted."""
    occurring = [*CONCEPTS]
    text = "".join(module_lines(select(CLASSES, CONCEPTS, set(occurring))))
    triples = list(ox.parse(text.encode(), format=ox.RdfFormat.N_TRIPLES))
    assert len(triples) == len(set(triples)) == text.count("\n")
    backwards = {iri: CONCEPTS[iri] for iri in reversed(occurring)}
    assert "".join(module_lines(select(CLASSES[::-1], backwards, set(occurring)))) == text


def test_no_statement_says_that_two_things_are_the_same() -> None:
    """Bridges are a property of ours."""
    assert "sameAs" not in "".join(module_lines(select(CLASSES, CONCEPTS, set(CONCEPTS))))


@pytest.mark.parametrize(
    ("source", "branches", "expected"),
    [
        ("mesh", ("C04",), True),
        ("mesh", ("F03", "D12"), True),
        ("mesh", ("F01",), False),
        ("mesh", ("C25", "D27"), False),
        ("mondo", (), True),
        ("doid", (), True),
        ("chebi", (), False),
    ],
)
def test_conditions_are_told_by_their_ontology(source: str, branches: tuple[str, ...], *, expected: bool) -> None:
    """MeSH has "Metabolic Side Effects of Drugs" among disorders and among actions: an action."""
    assert is_condition(Concept(iri="a:b", label="", source=source, branches=branches)) is expected


CANCER_DRUG = concept("CHEBI:9", "liver cancer", actions=("CHEBI:10",))
CANCER_REFERENCE = concept("CHEBI:9", "y", related=("liver cancer",), xrefs=("mesh:D6",), actions=("CHEBI:10",))
SICK = concept("mesh:D6", "Liver Cancer", branches=("C04",), actions=("mesh:D10",))
SOURCES = {
    "a drug that bears a disease's name": (CLASSES, by_iri(CANCER_DRUG), "mesh:D6", "a substance and a condition"),
    "a drug that refers to a disease": (CLASSES, by_iri(CANCER_REFERENCE), "mesh:D6", "a substance and a condition"),
    "a disease with an action": (CLASSES, by_iri(SICK), "mesh:D6", "a substance and a condition"),
    "a disease as an action": (
        CLASSES,
        by_iri(concept("mesh:C9", "z", actions=("mesh:D6",))),
        "mesh:D6",
        "an action and a condition",
    ),
    "a class of a disease": ((*CLASSES, drug_class("Bad", mesh="mesh:D6")), {}, "mesh:D6", "an action and a condition"),
    "a class of a drug": ((*CLASSES, drug_class("Bad", mesh="mesh:C4")), {}, "mesh:C4", "a substance and an action"),
}


@pytest.mark.parametrize("name", SOURCES)
def test_contradictions_are_named(name: str) -> None:
    """With the concept, its two kinds, and a statement that makes it so."""
    classes, more, curie, kinds = SOURCES[name]
    concepts = CONCEPTS | more
    (finding,) = find_contradictions(select(classes, concepts, set(concepts)), concepts)
    assert finding.severity == "violation"
    assert finding.focus == expand(curie)
    assert f"is {kinds} at once: " in finding.message


def test_what_hangs_together_is_no_contradiction() -> None:
    """Drugs, actions and a disease that nothing is said of."""
    assert list(find_contradictions(select(CLASSES, CONCEPTS, set(CONCEPTS)), CONCEPTS)) == []


def test_class_without_members_is_in_the_module() -> None:
    """A graph without drugs has a module, too: nothing is asked of it."""
    module = select(CLASSES, CONCEPTS, set())
    assert module.members == ()
    assert expand("class:Kinase") in "".join(module_lines(module))
