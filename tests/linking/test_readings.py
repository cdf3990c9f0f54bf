"""Each reading of a string that is no name: where it holds, what it leads to, and where it must abstain."""

from collections.abc import Callable, Iterator

import pytest

from kg.concept import MentionKind
from kg.linking import readings
from kg.linking.readings import Reading
from tests.linking.small import (
    AMODIAQUINE,
    ANEMIA,
    ANTIRETROVIRAL,
    ARTESUNATE,
    ASPIRIN,
    BACK_PAIN,
    CARCINOMA,
    CLAVULANIC,
    EVEROLIMUS,
    HCC,
    KIDNEY,
    LARYNX,
    MYOTONIC,
    PLACEBO,
    RAYNAUD,
    VACCINE,
    link,
)

BOTH = "amodiaquine, artesunate drug combination"
#: (kind, type of intervention, string) -> (first reading, relation, concepts in MeSH)
HOLDS: list[tuple[MentionKind, str, str, str, str, set[str]]] = [
    ("condition", "", "Anemia NOS", "without noise", "exact", {ANEMIA}),
    ("condition", "", "Anemia, N.O.S.", "without noise", "exact", {ANEMIA}),
    ("condition", "", "Kidney Cancer AJCC v8", "without noise", "exact", {KIDNEY}),
    ("condition", "", "Anemia - Category", "without noise", "exact", {ANEMIA}),
    ("intervention", "DRUG", "Drug: aspirin", "without noise", "exact", {ASPIRIN}),
    ("condition", "", "Myo-tonic Dystrophy", "hyphens", "exact", {MYOTONIC}),
    ("intervention", "DRUG", "Acetyl-salicylic acid", "hyphens", "exact", {ASPIRIN}),
    ("condition", "", "Refractory Anemia", "without qualifiers", "broad", {ANEMIA}),
    ("condition", "", "Anemia, Severe, in Children", "without qualifiers", "broad", {ANEMIA}),
    ("condition", "", "Stage IIIB Kidney Cancer", "without qualifiers", "broad", {KIDNEY}),
    ("condition", "", "Myotonic Congenital Dystrophy", "without qualifiers", "broad", {MYOTONIC}),
    ("condition", "", "Kidney Carcinoma", "other head", "close", {KIDNEY}),
    ("condition", "", "Kidney Tumours", "other head", "close", {KIDNEY}),
    ("condition", "", "Raynaud Syndrome", "other head", "close", {RAYNAUD}),
    ("condition", "", "Early Kidney Carcinoma", "without qualifiers", "broad", {KIDNEY}),
    ("condition", "", "Pain of the Back", "inverted", "exact", {BACK_PAIN}),
    ("condition", "", "Cancer of the Kidney", "inverted", "exact", {KIDNEY}),
    ("condition", "", "Carcinoma of the Larynx", "inverted", "close", {LARYNX}),
    ("condition", "", "Raynaud", "head left out", "exact", {RAYNAUD}),
    ("intervention", "BIOLOGICAL", "Rabies", "head left out", "exact", {VACCINE}),
    ("condition", "", "Myotonic Muscular Dystrophy", "inner word left out", "broad", {MYOTONIC}),
    ("condition", "", "Anemia and Back Pain", "list", "broad", {ANEMIA, BACK_PAIN}),
    ("condition", "", "Anemia; Back Pain, Raynaud Disease", "list", "broad", {ANEMIA, BACK_PAIN, RAYNAUD}),
    ("intervention", "DRUG", "Everolimus + Aspirin", "list", "broad", {EVEROLIMUS, ASPIRIN}),
    ("intervention", "DRUG", "Everolimus/Aspirin", "list", "broad", {EVEROLIMUS, ASPIRIN}),
    ("intervention", "DRUG", "everolimus-aspirin", "list", "broad", {EVEROLIMUS, ASPIRIN}),
    ("intervention", "DRUG", "combination of everolimus 5 mg and aspirin", "list", "broad", {EVEROLIMUS, ASPIRIN}),
    ("intervention", "DRUG", "aspirin vs. placebo", "list", "broad", {ASPIRIN, PLACEBO}),
    ("intervention", "DRUG", "Everolimus 2.5 mg tablets", "without form", "broad", {EVEROLIMUS}),
    ("intervention", "DRUG", "low-dose oral aspirin", "without form", "broad", {ASPIRIN}),
    ("intervention", "DRUG", "aspirin 325 mg/day", "without form", "broad", {ASPIRIN}),
    ("intervention", "DRUG", "Aspirin calcium", "without salt", "broad", {ASPIRIN}),
    ("intervention", "DRUG", "clavulanate", "acid for salt", "close", {CLAVULANIC}),
    ("intervention", "DRUG", "antiretroviral drugs", "other head", "close", {ANTIRETROVIRAL}),
    ("intervention", "DRUG", "Regime X - everolimus", "labelled", "broad", {EVEROLIMUS}),
    ("intervention", "DRUG", "Step Two: everolimus", "labelled", "broad", {EVEROLIMUS}),
    ("intervention", "DRUG", "everolimus for kidney patients", "without purpose", "broad", {EVEROLIMUS}),
    ("intervention", "DRUG", "artesunate plus amodiaquine", "list", "broad", {ARTESUNATE, AMODIAQUINE}),
    (
        "intervention",
        "DRUG",
        "amodiaquine, artesunate drug combination",
        "combination",
        "broad",
        {AMODIAQUINE, ARTESUNATE},
    ),
]


@pytest.mark.parametrize(
    ("kind", "type_code", "text", "tier", "relation", "expected"),
    HOLDS,
    ids=lambda v: str(sorted(v) if isinstance(v, set) else v)[:40],
)
def test_reading_leads_to_its_concepts(
    kind: MentionKind, type_code: str, text: str, tier: str, relation: str, expected: set[str]
) -> None:
    """The reading that covers the phenomenon decides, with the relation that it has."""
    found = {c: held for c, held in link(kind, text, type=type_code).items() if "/mesh/" in c}
    assert set(found) == expected
    assert {held_relation for held_relation, _ in found.values()} == {relation}
    assert {by.partition(":")[0] for _, by in found.values()} == {tier}


@pytest.mark.parametrize(
    ("kind", "type_code", "text"),
    [
        ("condition", "", "Stage IIIB"),
        ("condition", "", "Anemia; Unheard Malady"),
        ("condition", "", "Kidney Feeling"),
        ("condition", "", "Pain of the Larynx"),
        ("condition", "", "RAYNAUD"),
        ("condition", "", "Myotonic Very Unheard Of Dystrophy"),
        ("condition", "", "Larynx Something"),
        ("intervention", "DRUG", "everolimusol"),
        ("intervention", "DRUG", "tablet, 5 mg, oral"),
        ("intervention", "DRUG", "plate"),
        ("intervention", "DRUG", "Rabies"),
        ("intervention", "DRUG", "unheardol/unheardine"),
        ("intervention", "DRUG", "unheardol for anemia"),
    ],
)
def test_where_a_part_is_no_name_nothing_is_said(kind: MentionKind, type_code: str, text: str) -> None:
    """A reading whose parts are not all names is none."""
    assert link(kind, text, type=type_code) == {}


def test_tumour_at_a_site_is_the_tumour_and_the_organ() -> None:
    """Both, where a heading says which tumour; a bare head states the organ's tumours only, another disease neither."""
    found = link("condition", "Hepatoma of the Kidney")
    assert {found[HCC][0], found[KIDNEY][0]} == {"broad"}
    assert found[KIDNEY][1].startswith("tumour at a site")
    assert CARCINOMA not in link("condition", "Carcinoma of the Kidney")
    assert KIDNEY not in link("condition", "Anemia of the Kidney")


@pytest.mark.parametrize(
    ("read", "text", "expected"),
    [
        (readings.without_noise, "Anemia", []),
        (readings.without_noise, "NOS", []),
        (readings.without_noise, "compound I 131x", []),
        (readings.without_noise, "iodine I 131", ["iodine-131"]),
        (readings.without_noise, "Nosebleed", []),
        (readings.without_noise, "Brand® name™", ["Brand name"]),
        (readings.joined, "anemia", []),
        (readings.joined, "schizo-typal", ["schizotypal"]),
        (readings.joined, "Nonunion", ["non-union"]),
        (readings.joined, "heart and lung failure", ["heart lung failure"]),
    ],
)
def test_reading_gives_these_parts(read: Callable[[str], Iterator[Reading]], text: str, expected: list[str]) -> None:
    """What it does not cover it leaves alone."""
    assert [part.lower() for reading in read(text) for part in reading.parts] == [part.lower() for part in expected]


@pytest.mark.parametrize(
    ("text", "hyphens", "expected"),
    [
        ("alpha + beta", False, ("alpha", "beta")),
        ("alpha, beta, and gamma", False, ("alpha", "beta", "gamma")),
        ("alpha and/or beta", False, ("alpha", "beta")),
        ("alpha-beta", True, ("alpha", "beta")),
        ("alpha-beta", False, None),
        ("alpha", True, None),
        ("alpha + b", False, None),
        ("alpha + 5 mg", False, None),
        ("stage and grade", False, None),
        (" + ".join(["alpha"] * 9), False, None),
        ("sandalwood", True, None),
        ("", True, None),
    ],
)
def test_list_has_parts_that_could_be_names(text: str, hyphens: bool, expected: tuple[str, ...] | None) -> None:  # noqa: FBT001 - a row of the table
    """Not a dose, not a letter, not prose; and its relation is never exact."""
    found = list(readings.lists(text, hyphens=hyphens))
    assert [reading.parts for reading in found] == ([expected] if expected else [])
    assert {reading.relation for reading in found} <= {"broad"}


@pytest.mark.parametrize(
    ("text", "nothing"),
    [
        ("Stage III", True),
        ("disorders", True),
        ("oral tablet", True),
        ("5 mg/kg", True),
        ("advanced disease", True),
        ("", True),
        ("anemia", False),
        ("oral aspirin", False),
        ("stage fright", False),
    ],
)
def test_what_names_nothing_is_known(text: str, nothing: bool) -> None:  # noqa: FBT001 - a row of the table
    """Stage words, forms and doses, and the word for illness, by themselves."""
    assert readings.says_nothing(text) is nothing


@pytest.mark.parametrize(
    ("label", "expected"),
    [
        ("amodiaquine, artesunate drug combination", ("amodiaquine", "artesunate")),
        ("alpha, beta, gamma, drug combination", ("alpha", "beta", "gamma")),
        ("Drug Combinations", ()),
        ("aspirin", ()),
    ],
)
def test_combination_is_taken_apart(label: str, expected: tuple[str, ...]) -> None:
    """As MeSH names them."""
    assert readings.drugs_of(label) == expected


@pytest.mark.parametrize(
    ("text", "kind", "type_code", "expected"),
    [
        ("Raynaud", "condition", "", ["Raynaud disease", "Raynaud syndrome", "Raynaud infection"]),
        ("RAYNAUD", "condition", "", []),
        ("severe", "condition", "", []),
        ("Rabies", "intervention", "BIOLOGICAL", ["Rabies vaccine", "Rabies antigen"]),
        ("EPOCH", "intervention", "DRUG", ["EPOCH protocol"]),
        ("Music", "intervention", "BEHAVIORAL", ["Music therapy"]),
        ("tablet", "intervention", "DRUG", []),
    ],
)
def test_heads_that_are_left_out(text: str, kind: str, type_code: str, expected: list[str]) -> None:
    """By what the string is in its record; nothing is made of what names nothing."""
    assert [reading.parts[0] for reading in readings.completed(text, kind, type_code)] == expected


@pytest.mark.parametrize("word", ["carcinoma ", "stage ", "of ", "mg ", "cancer of "])
def test_readings_of_a_long_string_are_few(word: str) -> None:
    """What is taken off, and exchanged, is bounded: a long string costs no more than a page of look-ups."""
    text = (word * 400)[:400]
    assert len(list(readings.of_condition(text))) < 1000
    assert len(list(readings.of_intervention(text))) < 1000


def test_what_takes_words_off_is_not_exact() -> None:
    """Readings that lose words are marked broad or close; only noise and spelling are the same name."""
    same = {"without noise", "hyphens", "inverted", "head left out"}
    texts = ("Acute Back Pain - B", "aspirin 5 mg sodium for pain", "A cancer of b, c and other", "Arm: clavulanate")
    for text in texts:
        found = [*readings.of_condition(text), *readings.of_intervention(text), *readings.without_noise(text)]
        assert {reading.tier for reading in found if reading.relation == "exact"} <= same
        assert all(0 < reading.factor < 1 for reading in found)
