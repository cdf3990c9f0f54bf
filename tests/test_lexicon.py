"""The lexicon: two keys a name, the same for the same name however it is spelt, and every name found by them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.concept import Concept
from kg.lexicon import Lexicon, Name, Recorder, fold, normalize

CONCEPTS = [
    Concept(iri="a:1", label="Carcinoma, Hepatocellular", source="one", exact=("Hepatoma",), related=("HCC",)),
    Concept(iri="a:2", label="hepatoma", source="two"),
    Concept(iri="a:3", label="Endeavor™", source="two", related=("RAD-001",)),
]


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("Liver  Cancer ", "liver cancer"),
        ("LIVER\tCANCER\n", "liver cancer"),
        ("liver\u00a0cancer", "liver cancer"),
        ("\ufb01broma", "fibroma"),
        ("Stra\u00dfe", "strasse"),
        ("cafe\u0301", "caf\u00e9"),
        ("", ""),
        (" ", ""),
    ],
)
def test_fold_takes_case_and_space_away(text: str, key: str) -> None:
    """Case, compatibility forms and surplus white space make no other name."""
    assert fold(text) == key


def test_fold_keeps_what_tells_names_apart() -> None:
    """Punctuation, order and plural stay: `normalize` is for those."""
    assert fold("RAD-001") != fold("RAD001")
    assert fold("Carcinoma, Hepatocellular") != fold("hepatocellular carcinoma")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("RAD-001", "RAD001"),
        ("RAD 001", "rad001"),
        ("AG-013736", "AG013736"),
        ("Tumours", "tumor"),
        ("Tumours, Brain", "brain tumor"),
        ("Carcinoma, Hepatocellular", "hepatocellular carcinomas"),
        ("Leukaemia", "leukemia"),
        ("oesophageal oedema", "esophageal edema"),
        ("Haemophilia", "hemophilia"),
        ("Torisel®", "torisel"),
        ("Endeavor™ stent", "Endeavor stents"),
        ("Alzheimer's Disease", "Alzheimer Disease"),
        ("Non-Hodgkin Lymphoma", "Non Hodgkin Lymphoma"),
        ("pregnancies", "pregnancy"),
        ("GRAFT_vs_HOST", "graft vs host"),
    ],
)
def test_spellings_of_one_name_have_one_key(one: str, other: str) -> None:
    """Code spacing, plural, British spelling, inverted order and signs make no difference."""
    assert normalize(one) == normalize(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("sirolimus", "temsirolimus"),
        ("Type 1 diabetes", "Type 2 diabetes"),
        ("hyperglycemia", "hypoglycemia"),
        ("virus", "vir"),
        ("gas", "ga"),
        ("abscess", "absces"),
        ("RAD001", "RAD0011"),
        ("Neoplasms, Liver, Cystic", "Liver Neoplasms Cystic"),
    ],
)
def test_different_names_keep_different_keys(one: str, other: str) -> None:
    """Nothing that tells two names apart is taken away."""
    assert normalize(one) != normalize(other)


@given(st.text())
def test_keys_of_any_text_are_stable(text: str) -> None:
    """Folding twice changes nothing more; surplus white space changes no key."""
    assert fold(fold(text)) == fold(text)
    assert normalize(f"  {text}\n") == normalize(text)


@given(st.text(min_size=1))
def test_any_name_is_found_by_itself(text: str) -> None:
    """Whatever a concept is called, that text leads to it by both keys, unless nothing is left of it."""
    lexicon = Lexicon([Concept(iri="a:1", label=text, source="one")])
    expected = ["a:1"] if normalize(text) else []
    assert [name.concept for name in lexicon.find(text)] == expected
    assert [name.concept for name in lexicon.find_normal(text)] == expected


def test_every_kind_of_name_is_found_with_its_kind() -> None:
    """Label, exact and related synonym are told apart."""
    lexicon = Lexicon(CONCEPTS)
    assert lexicon.find("carcinoma,  hepatocellular") == (Name("Carcinoma, Hepatocellular", "label", "a:1", "one"),)
    assert lexicon.find("hcc") == (Name("HCC", "related", "a:1", "one"),)
    assert lexicon.find("Hepatoma") == (
        Name("Hepatoma", "exact", "a:1", "one"),
        Name("hepatoma", "label", "a:2", "two"),
    )


def test_normal_form_finds_what_folding_does_not() -> None:
    """Inverted order, plural, code spacing and trademark signs on either side lead to the same names."""
    lexicon = Lexicon(CONCEPTS)
    assert lexicon.find("hepatocellular carcinomas") == ()
    assert [name.concept for name in lexicon.find_normal("hepatocellular carcinomas")] == ["a:1"]
    assert [name.concept for name in lexicon.find_normal("RAD 001")] == ["a:3"]
    assert [name.concept for name in lexicon.find_normal("Endeavor")] == ["a:3"]
    assert [name.concept for name in lexicon.find_normal("endeavor®")] == ["a:3"]


@pytest.mark.parametrize("text", ["", " ", "®", "--", "no such name"])
def test_nothing_is_found_for_no_name(text: str) -> None:
    """A key of nothing names nothing, also where a concept's name has an empty key."""
    lexicon = Lexicon([*CONCEPTS, Concept(iri="a:4", label="(-)", source="one")])
    assert lexicon.find_normal(text) == ()
    assert lexicon.find_key("") == ()


def test_lexicon_tells_what_it_holds() -> None:
    """Every concept, by its IRI."""
    lexicon = Lexicon(CONCEPTS)
    assert set(lexicon.concepts) == {"a:1", "a:2", "a:3"}


def test_recorder_remembers_what_was_touched_and_answers_alike() -> None:
    """Every look-up that hits is remembered, whichever key it went by; a miss is not."""
    recorder, lexicon = Recorder(CONCEPTS), Lexicon(CONCEPTS)
    assert recorder.touched == set()
    assert recorder.find("no such name") == ()
    assert recorder.touched == set()
    assert recorder.find("hcc") == lexicon.find("hcc")
    assert recorder.touched == {"a:1"}
    assert recorder.find_normal("RAD 001") == lexicon.find_normal("RAD 001")
    assert recorder.touched == {"a:1", "a:3"}
    assert recorder.find_key("hepatoma") == lexicon.find_key("hepatoma")
    assert recorder.touched == {"a:1", "a:2", "a:3"}
