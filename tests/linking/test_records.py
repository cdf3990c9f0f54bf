"""Whole records: which strings are looked up, never a crash, and the links of the bundled examples."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg import model
from kg.concept import Mention, MentionKind
from kg.iris import compact
from kg.knowledge import Knowledge, load_knowledge
from kg.linking import Abstention, Linker, find_mentions, find_roles
from tests.linking.small import EVEROLIMUS, HCC, LINKER, MESH, ROLE, trial

TEXTS = st.text() | st.text(alphabet="()[]®™ \n-HCabc0+,;:", max_size=40)


def test_every_string_that_may_name_a_concept_is_a_mention() -> None:
    """Conditions, interventions, keywords, titles once, derived terms: in the record's order, with their parts."""
    found = find_mentions(
        trial(
            brief_title="T",
            official_title="T",
            conditions=(model.Condition(label="a"), model.Condition(label="b")),
            keywords=(model.Keyword(label="k"),),
            interventions=(model.Intervention(label="i", type="DRUG", other_names=("o",)),),
            derived_terms=(model.DerivedTerm(label="d", identifier="D000003920"),),
        )
    )
    assert list(found) == [
        Mention(kind="condition", text="a", part="condition-1"),
        Mention(kind="condition", text="b", part="condition-2"),
        Mention(kind="intervention", text="i", part="intervention-1", type="DRUG"),
        Mention(kind="keyword", text="k", part="keyword-1"),
        Mention(kind="title", text="T"),
        Mention(kind="derived", text="d", part="derived-1", identifier="D003920"),
    ]


@pytest.mark.parametrize(
    ("given_identifier", "expected"),
    [("D000003920", "D003920"), ("D000091203", "D000091203"), ("D003920", "D003920"), ("C000401859", "C401859")],
)
def test_padded_identifiers_of_the_registry_lead_to_the_descriptor(given_identifier: str, expected: str) -> None:
    """API v2 writes nine digits where MeSH has six, and nine where MeSH has nine."""
    found = LINKER.link_trial(trial(derived_terms=(model.DerivedTerm(label="x", identifier=given_identifier),)))
    assert [link.concept for link in found.links] == [MESH + expected]


def test_identifier_that_is_none_falls_back_to_the_name() -> None:
    """What has no form of MeSH's is looked up by its label."""
    found = LINKER.link_trial(trial(derived_terms=(model.DerivedTerm(label="Everolimus", identifier="?"),)))
    assert [(link.concept, link.tier) for link in found.links] == [(EVEROLIMUS, "exact label")]


@pytest.mark.parametrize(
    "name",
    [
        "m-TOR inhibitor free",
        "mTOR inhibitor free",
        "everolimus placebo",
        "Placebo (for Everolimus)",
        "Everolimus-free",
        "CNI, MMF, Steroids, Aza etc. (mTOR inhibitor free)",
    ],
)
def test_what_is_not_given_is_never_linked(name: str) -> None:
    """Neither the drug nor its class, whatever the arms say."""
    record = trial(
        arms=(model.Arm(label="A", type="EXPERIMENTAL"),),
        interventions=(model.Intervention(label=name, type="DRUG", arms=("A",)),),
    )
    assert {link.concept for link in LINKER.link_trial(record).links} & {EVEROLIMUS, ROLE} == set()


@given(TEXTS, TEXTS, TEXTS)
def test_linking_never_raises_and_is_deterministic(title: str, name: str, arm: str) -> None:
    """Any text is linked or abstained from, each time alike, and so are roles."""
    record = trial(
        brief_title=title,
        conditions=(model.Condition(label=name),),
        keywords=(model.Keyword(label=title),),
        arms=(model.Arm(label=arm), model.Arm(label=title, type="ACTIVE_COMPARATOR")),
        interventions=(
            model.Intervention(label=title, type="DRUG", arms=(arm,)),
            model.Intervention(label=name, arms=(title,), other_names=(arm,)),
        ),
        derived_terms=(model.DerivedTerm(label=name, identifier=arm),),
    )
    assert LINKER.link_trial(record) == LINKER.link_trial(record)
    assert find_roles(record) == find_roles(record)
    assert set(find_roles(record)) == {"intervention-1", "intervention-2"}


@given(TEXTS, st.sampled_from(["condition", "intervention", "keyword"]))
def test_every_mention_is_linked_or_has_a_reason(text: str, kind: MentionKind) -> None:
    """Nothing is dropped without a word; one ontology is not linked twice by one string."""
    found = LINKER.link(Mention(kind=kind, text=text, part="x-1"))
    if isinstance(found, Abstention):
        assert found.reason
        return
    assert found
    assert len({link.source for link in found}) == len(found)
    assert all(0 < link.confidence < 1 and link.matched and link.tier for link in found)


@pytest.fixture(scope="module")
def knowledge() -> Knowledge:
    """The bundled slices."""
    return load_knowledge()


#: (kind, string) -> the concepts that the bundled slices must lead to.
EXAMPLES: dict[tuple[MentionKind, str], set[str]] = {
    ("condition", "Hepatocellular Carcinoma"): {"mesh:D006528", "MONDO:0007256", "DOID:684"},
    ("condition", "Carcinoma, Hepatocellular"): {"mesh:D006528", "MONDO:0007256", "DOID:684"},
    ("condition", "Liver Cancer"): {"mesh:D008113", "MONDO:0002691", "DOID:3571"},
    ("condition", "Metastatic Cancer"): {"mesh:D009369", "DOID:162"},
    ("condition", "Renal Cell Carcinoma"): {"mesh:D002292", "MONDO:0005086", "DOID:4450"},
    ("condition", "Metastatic Breast Cancer"): {"mesh:D001943", "MONDO:0007254", "DOID:1612"},
    ("condition", "Kidney Transplantation"): {"mesh:D016030"},
    ("condition", "Outcome After Kidney Transplantation"): set(),
    ("intervention", "temsirolimus"): {"mesh:C401859", "CHEBI:79699"},
    ("intervention", "everolimus"): {"mesh:D000068338", "CHEBI:68478"},
    ("intervention", "RAD001"): {"mesh:D000068338", "CHEBI:68478"},
    ("intervention", "RAD-001"): {"mesh:D000068338", "CHEBI:68478"},
    ("intervention", "Everolimus (Afinitor) tablets"): {"mesh:D000068338", "CHEBI:68478"},
    ("intervention", "Sirolimus"): {"mesh:D020123", "CHEBI:9168"},
    ("intervention", "Cabozantinib tablets"): {"mesh:C558660", "CHEBI:72317"},
    ("intervention", "CellCept"): {"mesh:D009173"},
    ("intervention", "everolimus placebo"): {"mesh:D010919"},
    ("intervention", "Placebo (for Everolimus)"): {"mesh:D010919"},
    ("intervention", "m-TOR inhibitor free"): set(),
    ("intervention", "CNI, MMF, Steroids, Aza etc. (mTOR inhibitor free)"): set(),
    ("intervention", "EndeavorTM (Zotarolimus-Eluting Stent)"): set(),
    ("keyword", "HCC"): {"mesh:D006528", "MONDO:0007256", "DOID:684"},
    ("keyword", "adult primary hepatocellular carcinoma"): {"mesh:D006528"},
    ("title", "RAD001 in Advanced Hepatocellular Carcinoma"): {
        *("mesh:D000068338", "mesh:D006528", "MONDO:0007256", "DOID:684"),
    },
}


@pytest.mark.parametrize(("kind", "text"), EXAMPLES, ids=str)
def test_bundled_slices_lead_to_the_right_concepts(kind: MentionKind, text: str, knowledge: Knowledge) -> None:
    """Strings of real records: just these headings, and of other ontologies, whose slices grow, at least these."""
    found = Linker(knowledge.lexicon).link(Mention(kind=kind, text=text, part="x-1"))
    concepts = set() if isinstance(found, Abstention) else {compact(link.concept) for link in found}
    linked = {concept.replace("obo:", "").replace("_", ":") for concept in concepts}
    expected = EXAMPLES[kind, text]
    assert expected <= linked
    assert {c for c in linked if c.startswith("mesh:")} == {c for c in expected if c.startswith("mesh:")}
    assert expected or not linked


def test_temsirolimus_is_not_sirolimus(knowledge: Knowledge) -> None:
    """A prodrug's functional parent is no broader concept."""
    found = knowledge.lexicon.concepts[f"{MESH}C401859"]
    assert f"{MESH}D020123" not in found.ancestors
    assert HCC not in found.ancestors
