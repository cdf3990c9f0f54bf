"""Linking: each rule by itself on a small lexicon, what is abstained from, and roles."""

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg import model
from kg.concept import Concept, Link, Mention, MentionKind
from kg.lexicon import Lexicon, fold, normalize
from kg.linking import Abstention, Linker, find_roles, tiers
from kg.reasoning.closure import close_trial

MESH, OBO = "http://id.nlm.nih.gov/mesh/", "http://purl.obolibrary.org/obo/"
LIVER, HCC, DRUG, ROLE = f"{MESH}D008113", f"{MESH}D006528", f"{MESH}C401859", f"{MESH}D000091203"
CHEBI, MONDO = f"{OBO}CHEBI_79699", f"{OBO}MONDO_0007256"

CONCEPTS = [
    Concept(iri=LIVER, label="Liver Neoplasms", source="mesh", exact=("Liver Cancer",), branches=("C04",)),
    Concept(
        iri=HCC,
        label="Carcinoma, Hepatocellular",
        source="mesh",
        exact=("Hepatocellular Carcinoma", "Hepatoma"),
        ancestors=(LIVER,),
        branches=("C04",),
    ),
    Concept(iri=DRUG, label="temsirolimus", source="mesh", actions=(ROLE,)),
    Concept(iri=f"{MESH}D010919", label="Placebos", source="mesh", exact=("Placebo",), branches=("D26",)),
    Concept(iri=f"{MESH}D002685", label="Chiroptera", source="mesh", exact=("Bats",), branches=("B01",)),
    Concept(iri=CHEBI, label="temsirolimus", source="chebi", related=("Torisel", "CCI-779"), xrefs=("mesh:C401859",)),
    Concept(
        iri=MONDO,
        label="hepatocellular carcinoma",
        source="mondo",
        related=("liver cancer", "HCC", "liver carcinoma"),
        xrefs=("mesh:D006528",),
    ),
    Concept(iri=f"{OBO}MONDO_0002691", label="liver cancer", source="mondo", xrefs=("mesh:D008113",)),
]
LINKER = Linker(Lexicon(CONCEPTS))


def link(kind: MentionKind, text: str, **facts: str) -> dict[str, tuple[str, str]]:
    """Concept -> (relation, tier) of what a string links to; empty where it abstains."""
    found = LINKER.link(Mention(kind=kind, text=text, part=f"{kind}-1", **facts))  # type: ignore[arg-type]
    return {} if isinstance(found, Abstention) else {x.concept: (x.relation, x.tier) for x in found}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("RAD-001", "RAD001"),
        ("Tumours", "tumor"),
        ("Carcinoma, Hepatocellular", "hepatocellular carcinomas"),
        ("Leukaemia", "leukemia"),
    ],
)
def test_spellings_of_one_name_have_one_key(one: str, other: str) -> None:
    """Code spacing, plural, British spelling and inverted order make no difference."""
    assert normalize(one) == normalize(other)


@given(st.text())
def test_keys_of_any_text_are_stable(text: str) -> None:
    """Folding twice changes nothing more."""
    assert fold(fold(text)) == fold(text)
    assert isinstance(normalize(text), str)


@pytest.mark.parametrize(
    ("kind", "text", "expected"),
    [
        ("condition", "liver neoplasms", {LIVER: ("exact", "exact label")}),
        ("condition", "Hepatoma", {HCC: ("exact", "exact synonym")}),
        ("condition", "Hepatomas", {HCC: ("exact", "normalised form")}),
        (
            "intervention",
            "Temsirolimus (CCI-779)",
            {DRUG: ("exact", "parenthesised: exact label"), CHEBI: ("exact", "parenthesised: exact label")},
        ),
        ("intervention", "Torisel", {CHEBI: ("exact", "related synonym")}),
        (
            "intervention",
            "temsirolimus 25 mg injection",
            {DRUG: ("broad", "without form: exact label"), CHEBI: ("broad", "without form: exact label")},
        ),
        (
            "keyword",
            "advanced adult primary liver cancer",
            {
                LIVER: ("broad", "without qualifiers: exact synonym"),
                f"{OBO}MONDO_0002691": ("broad", "without qualifiers: exact label"),
            },
        ),
        (
            "title",
            "CCI-779: Temsirolimus in Hepatocellular Carcinoma (HCC)",
            {
                DRUG: ("exact", "title mention"),
                CHEBI: ("exact", "title mention"),
                HCC: ("exact", "title mention"),
                MONDO: ("exact", "title mention"),
            },
        ),
    ],
)
def test_rule_links(kind: MentionKind, text: str, expected: dict[str, tuple[str, str]]) -> None:
    """Each rule names its concepts, with a relation that tells the truth."""
    assert link(kind, text) == expected


def test_label_of_one_ontology_beats_related_synonym_of_another_concept() -> None:
    """A name ("liver cancer") may be the label of one concept of MONDO and only near another."""
    assert set(link("condition", "Liver Cancer")) == {LIVER, f"{OBO}MONDO_0002691"}


def test_given_identifier_is_taken_as_it_is() -> None:
    """NLM's own identifier needs no look-up."""
    assert link("derived", "Whatever", identifier="D006528") == {HCC: ("exact", "given identifier")}


@pytest.mark.parametrize(
    ("kind", "text", "reason"),
    [
        ("condition", "Liver Carcinoma", "only a related synonym"),
        ("condition", "xy", "too short"),
        ("intervention", "everolimus placebo", "placebo for something"),
        ("intervention", "Placebo (for temsirolimus)", "placebo for something"),
        ("intervention", "m-TOR inhibitor free", "says what is not given"),
        ("intervention", "CNI, MMF, Steroids, Aza etc. (mTOR inhibitor free)", "says what is not given"),
        ("intervention", "BAT", "only a related synonym"),
        ("condition", "no such disease", "unknown"),
    ],
)
def test_what_is_not_sure_is_not_said(kind: MentionKind, text: str, reason: str) -> None:
    """It abstains, with the reason."""
    found = LINKER.link(Mention(kind=kind, text=text, part="x-1"))
    assert isinstance(found, Abstention)
    assert found.reason == reason


def test_two_concepts_of_one_name_are_ambiguous() -> None:
    """No link where an ontology has the name twice."""
    twice = [Concept(iri=f"{MESH}D00000{n}", label="Twin", source="mesh") for n in (1, 2)]
    found = Linker(Lexicon(twice)).link(Mention(kind="condition", text="twin"))
    assert isinstance(found, Abstention)
    assert found.reason == "ambiguous"


def test_abbreviation_is_expanded_in_its_own_record_only() -> None:
    """HCC is what the record says that it is."""
    record = model.Record()
    alone = model.Trial(nct_id="NCT00000000", conditions=(model.Condition(label="HCC"),), record=record)
    told = model.Trial(
        nct_id="NCT00000000",
        brief_title="A hepatocellular carcinoma (HCC) study",
        conditions=alone.conditions,
        record=record,
    )
    assert LINKER.link_trial(alone).links == ()
    assert HCC in {x.concept for x in LINKER.link_trial(told).links if x.kind == "condition"}


@given(st.text(), st.text())
def test_linking_never_raises_and_is_deterministic(title: str, name: str) -> None:
    """Any text is linked or abstained from, each time alike."""
    trial = model.Trial(
        nct_id="NCT00000000",
        brief_title=title,
        conditions=(model.Condition(label=name or "x"),),
        interventions=(model.Intervention(label=title or "x", type="DRUG"),),
        record=model.Record(),
    )
    assert LINKER.link_trial(trial) == LINKER.link_trial(trial)


def test_qualifiers_and_forms_are_taken_off_only_at_the_ends() -> None:
    """What is left is a name, or nothing."""
    assert tiers.without_qualifiers("Stage IV Lung Cancer") == "Lung Cancer"
    assert tiers.without_qualifiers("Lung Cancer") == tiers.without_qualifiers("stage iv") == ""
    assert tiers.without_form("aspirin 81mg daily") == "aspirin"
    assert tiers.without_form("oral") == ""


def roles(arms: Mapping[str, str | None], **given_in: str) -> list[str]:
    """Roles of interventions, each named with the letters of its arms."""
    trial = model.Trial(
        nct_id="NCT00000000",
        arms=tuple(model.Arm(label=label, type=kind) for label, kind in arms.items()),
        interventions=tuple(model.Intervention(label=name, arms=tuple(letters)) for name, letters in given_in.items()),
        record=model.Record(),
    )
    return list(find_roles(trial).values())


def test_roles_follow_from_arms() -> None:
    """Experimental, comparator, background, placebo, and unknown where there are no arms."""
    experiment = {"A": "EXPERIMENTAL", "B": "ACTIVE_COMPARATOR"}
    assert roles(experiment, drug="A", other="B") == ["EXPERIMENTAL", "COMPARATOR"]
    assert roles(experiment, both="AB", drug="A") == ["BACKGROUND", "EXPERIMENTAL"]
    assert roles(experiment, dose="AB") == ["EXPERIMENTAL"]
    assert roles({"A": None, "B": None}, both="AB", drug="A") == ["BACKGROUND", "EXPERIMENTAL"]
    assert roles({"A": "ACTIVE_COMPARATOR", "B": "PLACEBO_COMPARATOR"}, drug="A", placebo="B") == [
        "EXPERIMENTAL",
        "PLACEBO",
    ]
    assert roles({"A": "OTHER"}, drug="A") == ["EXPERIMENTAL"]
    assert roles({}, drug="") == ["UNKNOWN"]


def test_closure_keeps_kinds_of_evidence_and_roles_apart() -> None:
    """Each link goes to its property with all that is broader; a comparator is never tested."""

    def made(kind: MentionKind, part: str, concept: str) -> Link:
        return Link(
            kind=kind,
            part=part,
            concept=concept,
            relation="exact",
            tier="",
            confidence=1,
            matched="",
            field="",
            source="",
        )

    links = [
        made("condition", "condition-1", HCC),
        made("derived", "derived-1", LIVER),
        made("title", "", HCC),
        made("intervention", "intervention-1", DRUG),
        made("intervention", "intervention-2", CHEBI),
        made("intervention", "intervention-3", ROLE),
    ]
    concepts = {concept.iri: concept for concept in CONCEPTS}
    given_as = {"intervention-1": "EXPERIMENTAL", "intervention-2": "COMPARATOR", "intervention-3": "PLACEBO"}
    closed = close_trial("NCT00000000", links, given_as, concepts, {DRUG: ("class:x",)}).concepts  # type: ignore[arg-type]
    assert set(closed["tg:studies"]) == set(closed["tg:titleMentions"]) == {HCC, LIVER}
    assert set(closed["tg:indexedWith"]) == {LIVER}
    assert set(closed["tg:tests"]) == {DRUG, ROLE, "class:x"}
    assert set(closed["tg:comparesWith"]) == {CHEBI}
    assert set(closed["tg:involves"]) == {DRUG, ROLE, "class:x", CHEBI}
