"""Names inside a string: all words are accounted for, or told."""

import pytest

from kg.concept import Concept, MentionKind
from kg.lexicon import Lexicon
from kg.linking.cover import cover, means
from tests.linking.small import ANEMIA, ASPIRIN, CONCEPTS, GP120, LINKER, link

LEXICON = LINKER.lexicon


@pytest.mark.parametrize(
    ("kind", "text", "keys", "unknown"),
    [
        ("condition", "severe anemia", ["anemia"], []),
        ("condition", "anemia with back pain", ["anemia", "back pain"], []),
        ("condition", "anemia of sailors", ["anemia"], ["sailor"]),
        ("condition", "sailors ashore", [], ["sailor", "ashore"]),
        ("condition", "", [], []),
        ("condition", "()--", [], []),
        ("condition", "anemia (ABC)", ["anemia"], []),
        ("intervention", "aspirin 5 mg tablets", ["aspirin"], []),
        ("intervention", "aspirin F19", ["aspirin"], []),
        ("intervention", "aspirin everolimus", ["aspirin", "everolimus"], []),
        ("intervention", "unheard aspirin", ["aspirin"], ["unheard"]),
        ("intervention", "rgp120", ["rgp120"], []),
        ("condition", "rgp120", [], ["rgp120"]),
        ("condition", "pancreattis", ["pancreattis"], []),
    ],
)
def test_words_are_names_or_idle_or_unknown(kind: MentionKind, text: str, keys: list[str], unknown: list[str]) -> None:
    """Nothing is passed over in silence."""
    found = cover(text, kind, LEXICON)
    assert [key for key, _ in found.names] == keys
    assert list(found.unknown) == unknown


def test_longest_name_is_taken() -> None:
    """In "back pain" there is one name, not the back, and the pain."""
    more = [*CONCEPTS, Concept(iri="a:1", label="Pain", source="mesh", branches=("C23",))]
    assert [key for key, _ in cover("acute back pain", "condition", Lexicon(more)).names] == ["back pain"]


@pytest.mark.parametrize(("text", "ends"), [("unheard anemia", True), ("anemia unheard", False), ("unheard", False)])
def test_head_of_the_phrase_is_known(text: str, ends: bool) -> None:  # noqa: FBT001 - a row of the table
    """English has its heads at the end."""
    assert cover(text, "condition", LEXICON).ends_in_name is ends


def test_very_long_string_is_cut() -> None:
    """No more than a sentence is read."""
    assert len(cover("anemia " * 5000, "condition", LEXICON).names) < 100


@pytest.mark.parametrize(
    ("branches", "kind", "type_code", "expected"),
    [
        (("C15",), "condition", "", True),
        (("F03",), "condition", "", True),
        (("A07",), "condition", "", False),
        (("D02",), "intervention", "", True),
        (("E04",), "intervention", "", True),
        (("C15",), "intervention", "", False),
        (("A11",), "intervention", "", False),
        (("A11",), "intervention", "BIOLOGICAL", True),
        (("D26",), "intervention", "", False),
        (("A07", "C14"), "condition", "", True),
        ((), "condition", "", True),
    ],
)
def test_concept_must_be_what_the_string_states(
    branches: tuple[str, ...],
    kind: MentionKind,
    type_code: str,
    expected: bool,  # noqa: FBT001 - a row of the table
) -> None:
    """A condition states a disease, an intervention something done or given; organs only say where."""
    assert means(Concept(iri="a:1", label="x", source="mesh", branches=branches), kind, type_code) is expected


def test_placebos_are_meant_and_other_ontologies_are_not_judged() -> None:
    """MeSH's branches say nothing of other ontologies."""
    assert means(Concept(iri="a:1", label="Placebos", source="mesh", branches=("D26",)), "intervention")
    assert means(Concept(iri="a:1", label="x", source="chebi"), "condition")


def test_words_lead_to_broad_links() -> None:
    """What is found inside a string is never exactly the string."""
    assert link("intervention", "rgp120") == {GP120: ("broad", "words")}
    assert link("condition", "Sailors' Anemia") == {ANEMIA: ("broad", "head of the phrase")}


def test_unknown_words_stop_drugs() -> None:
    """A drug of one word behind an unknown one may be anything."""
    assert link("intervention", "unheard aspirin") == {}
    assert ASPIRIN in link("intervention", "generic aspirin")
