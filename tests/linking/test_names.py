"""Whole strings: which candidate stands, which gives way, and the way from one ontology to another."""

from typing import Any

import pytest

from kg.concept import Concept
from kg.lexicon import Lexicon, normalize
from kg.linking.names import Names, Query
from tests.linking.small import (
    ASPIRIN,
    CHEBI_ASPIRIN,
    DOID_VARIANT,
    LINKER,
    LIVER,
    MESH,
    OBO,
    QUESTIONNAIRES,
    ROTAVIRUS,
    link,
    reason,
)


def _names(*concepts: Concept) -> Names:
    return Names(Lexicon(concepts))


def _decided(names: Names, text: str, kind: Any = "condition", **facts: str) -> dict[str, str]:
    """Concept -> tier."""
    return {c.name.concept: c.tier for c in names.decide(Query(text, kind, **facts)).candidates}


HEADING = Concept(iri=f"{MESH}D1", label="Alpha Disease", source="mesh", branches=("C01",), ancestors=("x:1", "x:2"))
ANIMAL = Concept(iri=f"{MESH}D2", label="Alpha Disease", source="mesh", branches=("B01",))
SUPPLEMENT = Concept(iri=f"{MESH}C3", label="Alpha Disease", source="mesh")


def test_heading_of_the_right_branch_is_rather_meant() -> None:
    """A condition is rather a disease than an animal, and rather a heading than a supplementary concept."""
    assert set(_decided(_names(HEADING, ANIMAL, SUPPLEMENT), "alpha disease")) == {HEADING.iri}
    assert set(_decided(_names(ANIMAL, SUPPLEMENT), "alpha disease")) == {ANIMAL.iri}


def test_two_that_fit_alike_are_ambiguous_in_their_ontology_only() -> None:
    """Neither is said, also not by a weaker rule; another ontology's one stands, and leads to neither."""
    twin = Concept(iri=f"{MESH}D4", label="Alpha Disease", source="mesh", branches=("C02",))
    names = _names(HEADING, twin)
    assert names.decide(Query("alpha disease", "condition")).reason == "ambiguous"
    other = Concept(iri=f"{OBO}DOID_1", label="alpha disease", source="doid", xrefs=("mesh:D1",))
    assert set(_decided(_names(HEADING, twin, other), "Alpha Disease")) == {other.iri}


def test_capitals_are_no_plural_of_a_word() -> None:
    """The animal is "bat", not "BAT"."""
    animal = Concept(iri=f"{MESH}D7", label="Bats", source="mesh", branches=("B01",))
    assert _decided(_names(animal), "BAT", "intervention") == {}
    assert set(_decided(_names(animal), "bat", "intervention")) == {animal.iri}


def test_code_in_capitals_is_spelt_in_any_way() -> None:
    """Digits make it a code, not a word."""
    code = Concept(iri=f"{OBO}CHEBI_1", label="alphamab", source="chebi", related=("AB 12",))
    for text in ("AB12", "AB-12", "AB 12"):
        assert set(_decided(_names(code), text, "intervention")) == {code.iri}


def test_short_related_synonym_needs_the_record() -> None:
    """Three letters name many things; the record's other texts say which."""
    concept = Concept(iri=f"{OBO}DOID_2", label="alpha beta gamma", source="doid", related=("ABG",))
    names = _names(concept)
    assert _decided(names, "ABG") == {}
    assert names.decide(Query("ABG", "condition")).reason == "only a related synonym"
    context = f" {normalize('A study of alpha beta gamma')} "
    assert set(_decided(names, "ABG", context=context)) == {concept.iri}


def test_related_synonym_beside_a_sure_name_of_something_else_gives_way() -> None:
    """Unless the record says that it is meant."""
    near = Concept(iri=f"{OBO}DOID_3", label="far thing", source="doid", related=("alpha disease",))
    assert set(_decided(_names(HEADING, near), "alpha disease")) == {HEADING.iri}


@pytest.mark.parametrize("type_code", ["DRUG", "BIOLOGICAL", "DIETARY_SUPPLEMENT"])
def test_method_is_nothing_that_is_given(type_code: str) -> None:
    """A drug named "Questionnaires" is none; as a behavioural intervention it is what it says."""
    assert reason("intervention", "Questionnaires", type=type_code) == "names nothing that is given"
    assert set(link("intervention", "Questionnaires", type="BEHAVIORAL")) == {QUESTIONNAIRES}


def test_supplementary_disease_that_says_more_is_not_meant() -> None:
    """The name "alpha disease" is not of the rare kind that has it among its names."""
    kind = Concept(iri=f"{MESH}C5", label="Alpha Disease, Recessive", source="mesh", exact=("Alpha Disease",))
    assert _decided(_names(kind), "alpha disease") == {}
    assert set(_decided(_names(kind), "Alpha Disease, Recessive")) == {kind.iri}


def test_cross_reference_leads_on_where_it_is_borne_out() -> None:
    """ChEBI's references to MeSH hold where the label is a name of its own; disease ontologies' are reviewed."""
    assert link("intervention", "AX-4711")[ASPIRIN] == ("exact", "cross-reference: research code")
    wrong = Concept(iri=f"{OBO}CHEBI_2", label="betamide", source="chebi", xrefs=("mesh:D1",))
    assert set(_decided(_names(HEADING, wrong), "betamide", "intervention")) == {wrong.iri}
    right = Concept(iri=f"{OBO}DOID_4", label="beta disease", source="doid", xrefs=("mesh:D1",))
    assert set(_decided(_names(HEADING, right), "beta disease")) == {right.iri, HEADING.iri}


@pytest.mark.parametrize("xref", ["mesh:D999999", "nosuchprefix:1", "plain", "", "mesh:"])
def test_reference_to_nothing_leads_nowhere(xref: str) -> None:
    """Unknown prefixes and missing concepts are passed over."""
    concept = Concept(iri=f"{OBO}DOID_5", label="beta disease", source="doid", xrefs=(xref,))
    assert set(_decided(_names(HEADING, concept), "beta disease")) == {concept.iri}


def test_other_source_leads_on_less_surely() -> None:
    """A step to another ontology costs confidence."""
    found = {
        c.name.source: c.confidence for c in LINKER.phrases.names.decide(Query("AX-4711", "intervention")).candidates
    }
    assert found["mesh"] < found["chebi"]
    assert CHEBI_ASPIRIN in link("intervention", "AX-4711")


def test_disease_that_mesh_lacks_has_a_broader_heading() -> None:
    """The nearest concept above that has one; never as the same."""
    found = link("condition", "fibrous liver lump")
    assert found[DOID_VARIANT] == ("exact", "exact label")
    assert found[LIVER] == ("broad", "broader concept: exact label")


def test_way_up_ends() -> None:
    """Cycles, missing parents, roots and too many headings lead to nothing."""
    ring = [
        Concept(iri=f"{OBO}DOID_{n}", label=f"ring {n}", source="doid", broader=(f"{OBO}DOID_{10 + (n + 1) % 2}",))
        for n in (10, 11)
    ]
    lost = Concept(iri=f"{OBO}DOID_12", label="lost", source="doid", broader=(f"{OBO}DOID_99",))
    root = Concept(iri=f"{MESH}D6", label="Root Diseases", source="mesh", branches=("C01",))
    under = Concept(iri=f"{OBO}DOID_13", label="under", source="doid", broader=(f"{OBO}DOID_14",))
    above = Concept(iri=f"{OBO}DOID_14", label="root diseases", source="doid", xrefs=("mesh:D6",))
    names = _names(*ring, lost, root, under, above)
    for text in ("ring 10", "lost", "under"):
        query = Query(text, "condition")
        assert list(names.above(query, names.decide(query).candidates)) == []


def test_organism_as_a_condition_is_the_infection() -> None:
    """Close to it, not the same; as an intervention it stays the organism."""
    assert link("condition", "Rotavirus") == {ROTAVIRUS: ("close", "organism: exact label")}
    assert ROTAVIRUS not in link("intervention", "Rotavirus")


def test_undecided_string_has_a_reason_or_no_candidate() -> None:
    """A string that no rule knows has no reason of its own."""
    decided = _names(HEADING).decide(Query("nothing like it", "condition"))
    assert decided.candidates == ()
    assert decided.reason == ""
