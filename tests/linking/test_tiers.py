"""Each rule for whole strings by itself, with the relation and the evidence that it leaves."""

import pytest

from kg.concept import Concept, Mention, MentionKind
from kg.lexicon import Lexicon
from kg.linking import Abstention, Linker, tiers
from tests.linking.small import CHEBI, DRUG, EVEROLIMUS, HCC, LINKER, LIVER, MESH, MONDO, MONDO_LIVER, NEOPLASMS, link

LEXICON = LINKER.lexicon


@pytest.mark.parametrize(
    ("tier", "text", "expected"),
    [
        (tiers.exact_label, " temsirolimus", {DRUG, CHEBI}),
        (tiers.exact_label, "hepatoma", set()),
        (tiers.exact_synonym, "HEPATOMA", {HCC}),
        (tiers.exact_synonym, "temsirolimus", set()),
        (tiers.normalized, "Hepatocellular Carcinomas", {HCC, MONDO}),
        (tiers.normalized, "Torisel", set()),
        (tiers.related_synonym, "cci 779", {CHEBI}),
        (tiers.related_synonym, "temsirolimus", set()),
    ],
)
def test_tier_finds_its_kind_of_name_only(tier: tiers.Tier, text: str, expected: set[str]) -> None:
    """A rule says all that it finds, and nothing that is another rule's."""
    assert {candidate.name.concept for candidate in tier(text, LEXICON)} == expected


def test_better_rules_are_surer() -> None:
    """Confidence falls from rule to rule, within 0 and 1."""
    concept = Concept(
        iri="a:1", label="label", exact=("synonym",), brands=("brand",), related=("AB-12", "near"), source="mesh"
    )
    texts = ("label", "synonym", "labels", "brand", "AB 12", "near")
    lexicon = Lexicon([concept])
    sure = [next(iter(tier(text, lexicon))).confidence for text, tier in zip(texts, tiers.TIERS, strict=True)]
    assert sure == sorted(sure, reverse=True)
    assert len(set(sure)) == len(sure)
    assert all(0 < confidence < 1 for confidence in sure)


@pytest.mark.parametrize(
    ("kind", "text", "expected"),
    [
        ("condition", "liver neoplasms", {LIVER: ("exact", "exact label")}),
        ("condition", "Hepatoma", {HCC: ("exact", "exact synonym")}),
        ("condition", "Hepatomas", {HCC: ("exact", "normalised form")}),
        (
            "condition",
            "hepatocellular carcinoma",
            {HCC: ("exact", "exact synonym"), MONDO: ("exact", "exact label")},
        ),
        (
            "intervention",
            "Temsirolimus (CCI-779)",
            {DRUG: ("exact", "parenthesised: exact label"), CHEBI: ("exact", "parenthesised: exact label")},
        ),
        (
            "intervention",
            "Everolimus [RAD001]",
            {EVEROLIMUS: ("exact", "parenthesised: exact label")},
        ),
        (
            "condition",
            "Hepatocellular carcinoma (HCC)",
            {
                HCC: ("exact", "abbreviation: parenthesised: exact synonym"),
                MONDO: ("exact", "abbreviation: parenthesised: exact label"),
            },
        ),
        (
            "condition",
            "HC (Hepatocellular Carcinoma)",
            {HCC: ("exact", "parenthesised: exact synonym"), MONDO: ("exact", "parenthesised: exact label")},
        ),
        ("intervention", "XY-123 (Everolimus)", {EVEROLIMUS: ("broad", "parenthesised: exact label")}),
        (
            "intervention",
            "Torisel",
            {CHEBI: ("exact", "related synonym"), DRUG: ("exact", "cross-reference: related synonym")},
        ),
        (
            "intervention",
            "temsirolimus 25 mg injection",
            {DRUG: ("broad", "without form: exact label"), CHEBI: ("broad", "without form: exact label")},
        ),
        (
            "intervention",
            "Everolimus (Afinitor) tablets",
            {EVEROLIMUS: ("broad", "parenthesised: without form: exact label")},
        ),
        (
            "keyword",
            "advanced adult primary liver cancer",
            {
                LIVER: ("broad", "without qualifiers: exact synonym"),
                MONDO_LIVER: ("broad", "without qualifiers: exact label"),
            },
        ),
        ("condition", "Metastatic Cancer", {NEOPLASMS: ("broad", "without qualifiers: exact synonym")}),
        ("derived", "Carcinoma, Hepatocellular", {HCC: ("exact", "exact label")}),
    ],
)
def test_rule_links(kind: MentionKind, text: str, expected: dict[str, tuple[str, str]]) -> None:
    """Each rule names its concepts, with a relation that tells the truth."""
    assert link(kind, text) == expected


@pytest.mark.parametrize("text", ["Stage IV Liver Cancer", "Recurrent Hepatoma", "liver cancer, metastatic"])
def test_what_says_more_than_the_concept_is_never_exact(text: str) -> None:
    """A string with a qualifier is narrower than the concept."""
    found = link("condition", text)
    assert found
    assert {relation for relation, _ in found.values()} == {"broad"}


def test_evidence_says_what_matched_and_where() -> None:
    """A link keeps the form that matched, the property that held the name, and the ontology."""
    found = LINKER.link(Mention(kind="intervention", text="Torisel®", part="intervention-1"))
    assert not isinstance(found, Abstention)
    torisel = found[0]
    assert (torisel.matched, torisel.field, torisel.source) == ("torisel", "oboInOwl:hasRelatedSynonym", "chebi")
    assert (torisel.kind, torisel.part) == ("intervention", "intervention-1")
    assert 0 < torisel.confidence < 1


def test_rule_upon_rule_is_less_sure() -> None:
    """What took a step to find is less certain than the name itself."""
    confidences = []
    for text in ("everolimus", "XY-123 (everolimus)", "everolimus 5 mg tablet"):
        found = LINKER.link(Mention(kind="intervention", text=text))
        assert not isinstance(found, Abstention)
        confidences.append(found[0].confidence)
    assert confidences[0] > max(confidences[1:])


def test_label_of_one_ontology_beats_related_synonym_of_another_concept() -> None:
    """A name ("liver cancer") may be the label of one concept of MONDO and only near another."""
    assert set(link("condition", "Liver Cancer")) == {LIVER, MONDO_LIVER}


def test_related_synonym_counts_where_another_source_confirms_it() -> None:
    """By cross-reference, or by equal labels; beside another concept of the name it gives way."""
    near = Concept(iri="a:2", label="beta disease", source="mondo", related=("alpha disease",), xrefs=("mesh:D000009",))
    sure = Concept(iri=f"{MESH}D000009", label="Alpha Disease", source="mesh")
    other = Concept(iri=f"{MESH}D000008", label="Alpha Disease", source="mesh")
    mention = Mention(kind="condition", text="alpha disease")
    for concepts, expected in (([near, sure], {"a:2", sure.iri}), ([near, other], {other.iri}), ([near], {"a:2"})):
        found = Linker(Lexicon(concepts)).link(mention)
        assert (set() if isinstance(found, Abstention) else {x.concept for x in found}) == expected


@pytest.mark.parametrize(
    ("kind", "text", "facts", "expected"),
    [
        ("condition", "temsirolimus", {}, {DRUG}),
        ("keyword", "water", {}, {"http://purl.obolibrary.org/obo/CHEBI_15377"}),
        ("condition", "water", {}, set()),
        ("intervention", "water", {}, {"http://purl.obolibrary.org/obo/CHEBI_15377"}),
        ("intervention", "water", {"type": "DRUG"}, {"http://purl.obolibrary.org/obo/CHEBI_15377"}),
        ("intervention", "water", {"type": "PROCEDURE"}, set()),
        ("intervention", "liver cancer", {}, {LIVER}),
        ("derived", "temsirolimus", {}, {DRUG}),
    ],
)
def test_strings_are_looked_up_where_they_belong(
    kind: MentionKind, text: str, facts: dict[str, str], expected: set[str]
) -> None:
    """No ChEBI for conditions and procedures, no MONDO for drugs, MeSH alone for NLM's terms."""
    assert set(link(kind, text, **facts)) == expected


def test_given_identifier_is_taken_as_it_is() -> None:
    """NLM's own identifier needs no look-up, also where no ontology knows it."""
    assert link("derived", "Whatever", identifier="D006528") == {HCC: ("exact", "given identifier")}
    assert link("derived", "Whatever", identifier="C999999") == {f"{MESH}C999999": ("exact", "given identifier")}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Temsirolimus (CCI-779)", ("Temsirolimus", "CCI-779")),
        ("Everolimus [RAD001]", ("Everolimus", "RAD001")),
        ("  A (B)  ", ("A", "B")),
        ("A (B) C", None),
        ("A (B) (C)", None),
        ("(B)", None),
        ("A ()", None),
        ("A (B", None),
        ("plain", None),
    ],
)
def test_brackets_are_split_where_they_end_the_string(text: str, expected: tuple[str, str] | None) -> None:
    """Any other form is left alone."""
    assert tiers.parts_in_brackets(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("CCI-779: Temsirolimus in Hepatocellular Carcinoma (HCC)", {DRUG, CHEBI, HCC, MONDO}),
        ("Everolimus for liver cancers", {EVEROLIMUS, LIVER, MONDO_LIVER}),
        ("Metastatic Liver Cancer of the Liver", {LIVER, MONDO_LIVER}),
        ("Cancer of Liver", {LIVER}),
        ("A Trial About the Liver: Cancer", {NEOPLASMS}),
        ("Liver (Cancer)", {NEOPLASMS}),
        ("Liver vs. Cancer", {NEOPLASMS}),
        ("Liver - Cancer", {NEOPLASMS}),
        ("Torisel in Patients", set()),
        ("Bats and Twin Syndrome", {"http://purl.obolibrary.org/obo/DOID_0000001"}),
        ("", set()),
    ],
)
def test_titles_name_the_longest_concepts_within_a_phrase(text: str, expected: set[str]) -> None:
    """No name inside another or across a boundary, no related synonym, no animal, nothing ambiguous."""
    assert set(link("title", text)) == expected


def test_names_in_a_title_do_not_overlap() -> None:
    """What a name has taken is no part of the next."""
    lexicon = Lexicon(
        Concept(iri=f"a:{n}", label=label, source="mondo")
        for n, label in enumerate(["alpha beta gamma", "gamma delta", "alpha beta", "delta epsilon"])
    )
    found = [key for key, _ in tiers.find_in_title("Alpha beta gamma delta epsilon", lexicon)]
    assert found == ["alpha beta gamma", "delta epsilon"]


def test_short_words_of_a_title_are_no_names() -> None:
    """What is short names too many things in running text."""
    lexicon = Lexicon(
        [Concept(iri="a:1", label="ALS", source="mondo"), Concept(iri="a:2", label="Lupus", source="mondo")]
    )
    assert [key for key, _ in tiers.find_in_title("ALS or Lupus", lexicon)] == ["lupus"]
