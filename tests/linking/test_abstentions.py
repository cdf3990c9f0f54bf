"""What is not sure is not said: the linker abstains, with the reason."""

import pytest

from kg import model
from kg.concept import MentionKind
from tests.linking.small import HCC, LINKER, PLACEBO, link, reason, trial


@pytest.mark.parametrize(
    ("kind", "text", "expected"),
    [
        ("condition", "xy", "too short"),
        ("condition", "", "too short"),
        ("keyword", "--- a1 ---", "too short"),
        ("condition", "LUMP", "only a related synonym"),
        ("condition", "Stage III", "names nothing of its own"),
        ("condition", "Syndromes", "names nothing of its own"),
        ("intervention", "25 mg oral tablet", "names nothing of its own"),
        ("condition", "sea " * 101, "prose, no name"),
        ("intervention", "BAT", "only a related synonym"),
        ("condition", "no such disease", "unknown"),
        ("intervention", "m-TOR inhibitor free", "says what is not given"),
        ("intervention", "mTOR inhibitor-free regimen", "says what is not given"),
        ("intervention", "CNI, MMF, Steroids, Aza etc. (mTOR inhibitor free)", "says what is not given"),
        ("intervention", "without everolimus", "says what is not given"),
        ("intervention", "No Everolimus", "says what is not given"),
        ("intervention", "everolimus withdrawal", "says what is not given"),
    ],
)
def test_what_is_not_sure_is_not_said(kind: MentionKind, text: str, expected: str) -> None:
    """It abstains, with the reason."""
    assert reason(kind, text) == expected


@pytest.mark.parametrize("kind", ["condition", "keyword", "derived"])
def test_two_concepts_of_one_name_are_ambiguous(kind: MentionKind) -> None:
    """No link to an ontology that has the name twice; another ontology's single concept stands."""
    found = link(kind, "twin syndrome")
    if kind == "derived":
        assert reason(kind, "twin syndrome") == "ambiguous"
    else:
        assert set(found) == {"http://purl.obolibrary.org/obo/DOID_0000001"}


def test_two_meanings_of_a_drugs_name_are_ambiguous() -> None:
    """Where nothing else knows the name, the reason is told."""
    assert reason("intervention", "Twin Syndrome") == "ambiguous"


@pytest.mark.parametrize(
    ("text", "relation"),
    [
        ("Placebo", "exact"),
        ("placebos", "exact"),
        (" PLACEBO ", "exact"),
        ("everolimus placebo", "broad"),
        ("Placebo (for temsirolimus)", "broad"),
        ("Placebo to match Everolimus", "broad"),
        ("Sham everolimus", "broad"),
    ],
)
def test_placebo_for_something_is_a_placebo_and_nothing_else(text: str, relation: str) -> None:
    """By itself it is exactly that; for something it says more."""
    assert {concept: found for concept, (found, _) in link("intervention", text).items()} == {PLACEBO: relation}


def test_brackets_that_name_something_else_are_never_exact() -> None:
    """Of "A (B)" with two different concepts it is not one of them."""
    found = link("condition", "Liver Cancer (Hepatocellular Carcinoma)")
    assert "exact" not in {relation for relation, _ in found.values()}


def test_two_drugs_by_brackets_are_none() -> None:
    """Of "A (B)" with two different drugs neither is said."""
    assert reason("intervention", "Everolimus (temsirolimus)") == "brackets name something else"


def test_abstentions_of_a_trial_keep_the_mention() -> None:
    """Who counts abstentions knows the string and where it stood."""
    found = LINKER.link_trial(trial(conditions=(model.Condition(label="no such disease"), model.Condition(label="xy"))))
    assert [(a.mention.part, a.mention.text, a.reason) for a in found.abstentions] == [
        ("condition-1", "no such disease", "unknown"),
        ("condition-2", "xy", "too short"),
    ]
    assert found.links == ()


def test_abbreviation_is_expanded_in_its_own_record_only() -> None:
    """A short form is what the record says that it is."""
    alone = (model.Condition(label="HEPCA"),)
    assert LINKER.link_trial(trial(conditions=alone)).links == ()
    told = LINKER.link_trial(trial(conditions=alone, brief_title="A hepatocellular carcinoma (HEPCA) study"))
    found = {x.concept: x for x in told.links if x.kind == "condition"}
    assert HCC in found
    assert found[HCC].tier == "abbreviation: exact synonym"
    assert found[HCC].relation == "exact"
    assert LINKER.link_trial(trial(conditions=alone)).links == ()
