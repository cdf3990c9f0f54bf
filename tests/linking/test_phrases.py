"""Strings as a whole: brackets, nesting, the weakest rules; and what holds of any string."""

import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kg.concept import Concept, Link, Mention, MentionKind
from kg.lexicon import Lexicon, Name
from kg.linking import Abstention, Linker, tiers
from tests.linking.small import (
    ANEMIA,
    ASPIRIN,
    BACK_PAIN,
    EVEROLIMUS,
    HCC,
    KIDNEY,
    LINKER,
    LIVER,
    MESH,
    PANCREATITIS,
    PLACEBO,
    link,
)

KINDS: tuple[MentionKind, ...] = ("condition", "intervention", "keyword", "title", "derived")
#: Words of the lexicon and of the readings, mixed with what hostile records hold.
PIECES = st.sampled_from(
    [
        *("anemia", "back pain", "aspirin", "everolimus", "cancer", "carcinoma", "of the", "kidney", "and", "with"),
        *("stage IV", "severe", "tablet", "5 mg", "(", ")", "[", "]", "+", "/", "-", ",", ";", ":", "for", "placebo"),
        *("HCC", "NOS", "RAD001", "XY-123", "®", "\x00", "\x85", "\u2028", "\ud800", "\U0010ffff", "\u202e", "é", "İ"),
    ]
)
TEXTS = st.lists(PIECES, max_size=30).map(" ".join) | st.text(max_size=200) | st.text(alphabet="()[]-,;:/+&. \t\n")
#: Words that say something more, for either kind.
MORE = {
    "condition": ("stage IV", "severe", "recurrent", "childhood", "refractory"),
    "intervention": ("5 mg", "oral", "tablets", "sodium", "weekly", "intravenous", "high dose"),
}


class Counting(Lexicon):
    """Counts what it is asked."""

    calls = 0

    def find_key(self, key: str) -> tuple[Name, ...]:
        """As `Lexicon.find_key`."""
        self.calls += 1
        return super().find_key(key)


def _links(kind: MentionKind, text: str, type_code: str = "") -> list[Link]:
    found = LINKER.link(Mention(kind=kind, text=text, part="x-1", type=type_code))
    return [] if isinstance(found, Abstention) else found


@pytest.mark.parametrize(
    ("kind", "text", "relation", "expected"),
    [
        ("intervention", "aspirin (Aspro)", "exact", {ASPIRIN}),
        ("intervention", "aspirin [AX-4711]", "exact", {ASPIRIN}),
        ("intervention", "aspirin [AX-4711; Aspro]", "exact", {ASPIRIN}),
        ("intervention", "aspirin (unheardol)", "broad", {ASPIRIN}),
        ("intervention", "XZ-99 (aspirin)", "broad", {ASPIRIN}),
        ("intervention", "Aspirin (Aspro) tablets", "broad", {ASPIRIN}),
        ("condition", "Anemia (Adult)", "broad", {ANEMIA}),
        ("condition", "Hepatocellular carcinoma (HCC)", "exact", {HCC}),
        ("condition", "Hepatoma (Carcinoma, Hepatocellular)", "exact", {HCC}),
    ],
)
def test_brackets_that_agree_are_exact_and_others_are_not(
    kind: MentionKind, text: str, relation: str, expected: set[str]
) -> None:
    """Of words that are not known it is not known what they add."""
    found = {c: r for c, (r, _) in link(kind, text).items() if c.startswith(MESH)}
    assert found == dict.fromkeys(expected, relation)


@pytest.mark.parametrize(
    "text", ["aspirin (everolimus)", "aspirin [AX-4711; everolimus]", "aspirin (everolimus) tablets"]
)
def test_brackets_that_disagree_are_not_one_of_them(text: str) -> None:
    """Two drugs are never exactly one; both may be part of what is given."""
    assert "exact" not in {relation for relation, _ in link("intervention", text).values()}


def test_agreement_is_surer() -> None:
    """Brackets that bear the name out leave more confidence than brackets that hold something unknown."""
    agreed, alone = (_links("intervention", text)[0].confidence for text in ("aspirin (Aspro)", "aspirin (unheardol)"))
    assert alone < agreed


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("A (B) C", ("A", "B", "C")),
        (" A [B] C ", ("A", "B", "C")),
        ("A (B)", None),
        ("(B) C", None),
        ("A (B) C (D)", None),
        ("A (B C", None),
        ("plain", None),
    ],
)
def test_brackets_inside_are_split(text: str, expected: tuple[str, str, str] | None) -> None:
    """Any other form is left alone."""
    assert tiers.brackets_inside(text) == expected


@pytest.mark.parametrize(
    ("text", "starts"),
    [
        ("Placebo for aspirin", True),
        ("matching placebo", True),
        ("(placebo) tablets", True),
        ("aspirin placebo", False),
        ("aspirin or placebo", False),
        ("placebos", False),
    ],
)
def test_placebo_first_is_known(text: str, starts: bool) -> None:  # noqa: FBT001 - a row of the table
    """What follows the word is not given."""
    assert tiers.starts_with_placebo(text) is starts


def test_what_is_compared_with_placebo_is_said_beside_it() -> None:
    """A list with a placebo in it has the drug; a placebo for something has not."""
    assert {ASPIRIN, PLACEBO} <= set(link("intervention", "aspirin or placebo"))
    assert set(link("intervention", "placebo for aspirin")) == {PLACEBO}


def test_readings_may_be_nested() -> None:
    """A list of drugs with doses; brackets before a form."""
    found = link("intervention", "everolimus 5 mg tablets + oral aspirin")
    assert found[EVEROLIMUS] == ("broad", "list: without form: exact label")
    assert found[ASPIRIN] == ("broad", "list: without form: exact label")


@pytest.mark.parametrize("text", ["Pancreattis", "Pancretitis", "pacnreatitis"])
def test_misspelt_long_word_is_found_but_not_as_exact(text: str) -> None:
    """One letter wrong, one concept near."""
    found = link("condition", text)
    assert set(found) == {PANCREATITIS}
    assert {relation for relation, _ in found.values()} <= {"close", "broad"}


@pytest.mark.parametrize("text", ["Bancreatitis", "Panceatits", "Anemai", "Raynad disease"])
def test_what_is_too_far_or_too_short_is_not_guessed(text: str) -> None:
    """Another first letter, two wrong letters, a short word."""
    assert link("condition", text) == {}


def test_two_near_names_are_not_guessed_between() -> None:
    """A misspelt string between two concepts is neither."""
    lexicon = Lexicon(
        Concept(iri=f"{MESH}D{n}", label=label, source="mesh", branches=("C01",), ancestors=("x:1", "x:2"))
        for n, label in enumerate(("hypertensina", "hypertensino"))
    )
    assert isinstance(Linker(lexicon).link(Mention(kind="condition", text="hypertensin")), Abstention)


def test_code_cut_short_leads_to_the_one_that_goes_on() -> None:
    """Only where it is long, has digits, and only one concept goes on from it."""
    lexicon = Lexicon(
        [
            Concept(iri=f"{MESH}C1", label="alphamab", source="mesh", exact=("QX-204711 chloride",)),
            Concept(iri=f"{MESH}C2", label="betamab", source="mesh", exact=("QY-204711 A", "QY-204712")),
            Concept(iri=f"{MESH}C3", label="gammamab", source="mesh", exact=("QY-204711 B",)),
        ]
    )
    linker = Linker(lexicon)
    found = linker.link(Mention(kind="intervention", text="QX-204711"))
    assert not isinstance(found, Abstention)
    assert [(x.concept, x.relation, x.tier) for x in found] == [(f"{MESH}C1", "close", "code cut short")]
    assert isinstance(linker.link(Mention(kind="intervention", text="QY-20471")), Abstention)
    assert isinstance(linker.link(Mention(kind="intervention", text="QX-2")), Abstention)


def test_known_part_of_a_list_is_said_as_a_part() -> None:
    """A drug beside an unknown one is given all the same; of conditions it is not said."""
    assert link("intervention", "aspirin and unheardol") == {ASPIRIN: ("broad", "part of a list: exact label")}
    assert link("condition", "anemia and unheardness") == {}


def test_keyword_is_read_as_either_kind() -> None:
    """First as a condition, then as an intervention."""
    assert set(link("keyword", "severe anemia")) == {ANEMIA}
    assert set(link("keyword", "aspirin 5 mg")) == {ASPIRIN}


@settings(deadline=None)
@given(TEXTS, st.sampled_from(KINDS), st.sampled_from(["", "DRUG", "BIOLOGICAL", "PROCEDURE", "no such type"]))
def test_any_text_is_linked_or_abstained_from(text: str, kind: MentionKind, type_code: str) -> None:
    """Without an exception, each time alike, by a linker that has seen other strings or none."""
    mention = Mention(kind=kind, text=text, part="x-1", type=type_code)
    found = LINKER.link(mention)
    assert found == LINKER.link(mention) == Linker(LINKER.lexicon).link(mention)
    if isinstance(found, Abstention):
        assert found.reason
    else:
        assert all(0 < x.confidence < 1 and x.tier and x.matched for x in found)
        assert len({x.concept for x in found}) == len(found) or kind == "title"


@settings(deadline=None)
@given(
    st.sampled_from(["anemia", "back pain", "kidney cancer", "hepatoma", "pancreatitis"]),
    st.lists(st.sampled_from(MORE["condition"]), max_size=3),
    st.lists(st.sampled_from(MORE["condition"]), max_size=3),
)
def test_condition_with_words_off_is_never_exact(name: str, before: list[str], after: list[str]) -> None:
    """A string that says more than the concept is narrower."""
    found = _links("condition", " ".join((*before, name, *after)))
    assert found
    assert {x.relation == "exact" for x in found} == {not (before or after)}


@settings(deadline=None)
@given(
    st.sampled_from(["aspirin", "everolimus", "RAD001", "Aspro"]),
    st.lists(st.sampled_from(MORE["intervention"]), max_size=3),
    st.lists(st.sampled_from(MORE["intervention"]), max_size=3),
)
def test_drug_with_words_off_is_never_exact(name: str, before: list[str], after: list[str]) -> None:
    """Dose, route, form and salt say more than the substance."""
    found = _links("intervention", " ".join((*before, name, *after)))
    assert found
    assert {x.relation == "exact" for x in found} == {not (before or after)}


@settings(deadline=None)
@given(st.lists(PIECES, min_size=2, max_size=8).map(" ".join), st.sampled_from(["condition", "intervention"]))
def test_exact_links_account_for_every_word(text: str, kind: MentionKind) -> None:
    """A string of two names, or of a name and something else that means something, is not exactly one of them."""
    parts = {"anemia", "back pain", "aspirin", "everolimus"}
    if sum(part in text for part in parts) > 1:
        assert [x.tier for x in _links(kind, text) if x.relation == "exact" and not x.tier.startswith("placebo")] == []


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "text",
    [
        "liver cancer " * 80_000,
        "(" * 1_000_000,
        ",;-(" * 250_000,
        "\x00\x01\x1b" * 300_000,
        "\ud800\udfff" * 500_000,
        "(HCC) " * 160_000,
        "a" * 1_000_000,
        "\u0301" * 1_000_000,
    ],
    ids=["names", "brackets", "punctuation", "control", "surrogates", "abbreviations", "one word", "marks"],
)
def test_a_megabyte_is_read_once(kind: MentionKind, text: str) -> None:
    """Whatever it holds: no more look-ups than a title of so many words needs, and then an end."""
    counting = Counting(LINKER.lexicon.concepts.all())
    Linker(counting).link(Mention(kind=kind, text=text, part="x-1"))
    assert counting.calls <= 8 * len(text.split()) + 100


@pytest.mark.parametrize(
    "word", ["cancer of ", "stage ", "carcinoma ", "mg ", "anemia and ", "a (b) ", "a-", "for ", "x: ", "HCC "]
)
def test_longest_string_that_is_read_has_few_look_ups(word: str) -> None:
    """Readings within readings are bounded: some thousand look-ups, not their product."""
    counting = Counting(LINKER.lexicon.concepts.all())
    linker = Linker(counting)
    for kind in KINDS[:2]:
        linker.link(Mention(kind=kind, text=(word * 200)[:399], part="x-1"))
    assert counting.calls < 60_000


def test_deep_brackets_need_no_stack() -> None:
    """Nesting is no recursion."""
    text = "(" * 190 + "anemia" + ")" * 190
    assert sys.getrecursionlimit() < 10_000
    assert isinstance(LINKER.link(Mention(kind="condition", text=text)), Abstention | list)


def test_title_and_condition_lead_to_the_same_concept() -> None:
    """A name is a name wherever it stands."""
    assert {KIDNEY} <= set(link("title", "Kidney cancer and liver cancer")) & set(link("condition", "Kidney Cancer"))
    assert LIVER in link("title", "Kidney cancer and liver cancer")
    assert BACK_PAIN in link("title", "On back pain")
