"""What curators' rows do to the links of a string."""

from typing import Any

import pytest

from kg.concept import Concept, Link, Mention
from kg.linking.curated import Curated
from kg.linking.sssom import MappingRow
from kg.linking.sssom.slots import NO_TERM

MESH, OBO = "http://id.nlm.nih.gov/mesh/", "http://purl.obolibrary.org/obo/"
A, B, MONDO = f"{MESH}D000001", f"{MESH}D000002", f"{OBO}MONDO_0000001"
CONCEPTS = {
    A: Concept(iri=A, label="A", source="mesh"),
    B: Concept(iri=B, label="B", source="mesh"),
    MONDO: Concept(iri=MONDO, label="M", source="mondo"),
}
TRIAL, OTHER = "NCT00000001", "NCT00000002"
MENTION = Mention(kind="condition", text="Rare Diseases", part="condition-3")


def row(concept: str = A, **facts: Any) -> MappingRow:
    """A curator's row: this condition means exactly the concept."""
    return MappingRow(
        **{
            "text": "rare disease",
            "kind": "condition",
            "predicate": "skos:exactMatch",
            "concept": concept,
            "justification": "semapv:ManualMappingCuration",
            **facts,
        }
    )


def computed(concept: str = A, source: str = "mesh", **facts: Any) -> Link:
    """What a rule found."""
    return Link(
        **{
            "kind": "condition",
            "part": "condition-3",
            "concept": concept,
            "relation": "exact",
            "tier": "exact label",
            "confidence": 0.99,
            "matched": "rare disease",
            "field": "rdfs:label",
            "source": source,
            **facts,
        }
    )


def apply(*rows: MappingRow, links: tuple[Link, ...] = (), trial: str = TRIAL, mention: Mention = MENTION) -> list[str]:
    """The concepts that are linked in the end, with the tier."""
    found = Curated(rows, CONCEPTS).apply(mention, links, trial)
    return [f"{link.concept.rpartition('/')[2]} {link.relation}: {link.tier}" for link in found]


NOT: dict[str, Any] = {"negative": True}
LEXICAL: dict[str, Any] = {"justification": "semapv:LexicalMatching"}


def test_without_a_row_on_the_string_links_stay() -> None:
    """Rows on other strings and kinds do nothing."""
    others = (row(B, text="other"), row(B, kind="intervention"), row(B, trial=OTHER))
    assert apply(*others, links=(computed(),)) == ["D000001 exact: exact label"]


def test_curated_row_overrides_its_ontology_and_no_other() -> None:
    """MONDO's link stands."""
    links = (computed(A), computed(MONDO, "mondo"))
    assert apply(row(B), links=links) == ["D000002 exact: curated", "MONDO_0000001 exact: exact label"]


def test_curated_row_links_what_was_abstained_from() -> None:
    """By the string's normalised form, whatever the part's number."""
    found = Curated([row(confidence=0.8)], CONCEPTS).apply(MENTION, [], TRIAL)
    assert found == [computed(tier="curated", confidence=0.8, field="")]


def test_negative_row_forbids_whoever_says_it() -> None:
    """A computed negation, too."""
    assert apply(row(**NOT), links=(computed(),)) == []
    assert apply(row(**NOT, **LEXICAL), links=(computed(),)) == []


def test_negative_row_forbids_what_it_says_alone() -> None:
    """Not the same is no word against broader; not even close is one against the same."""
    broad = computed(relation="broad")
    assert apply(row(**NOT), links=(broad,)) == ["D000001 broad: exact label"]
    assert apply(row(predicate="skos:closeMatch", **NOT), links=(computed(),)) == []


def test_curator_may_weaken_a_link() -> None:
    """Not exact, but broader."""
    rows = (row(**NOT), row(predicate="skos:broadMatch"))
    assert apply(*rows, links=(computed(),)) == ["D000001 broad: curated"]


@pytest.mark.parametrize(
    ("weaker", "stronger"),
    [
        (row(A), row(B, trial=TRIAL)),
        (row(A, trial=TRIAL, **LEXICAL), row(B)),
        (row(A, kind=""), row(B)),
        (row(A, kind="", trial=TRIAL), row(B, trial=TRIAL)),
    ],
    ids=["one trial", "curated", "kind", "kind in one trial"],
)
def test_greater_rank_beats(weaker: MappingRow, stronger: MappingRow) -> None:
    """In whatever order the rows stand."""
    expected = ["D000002 exact: curated"]
    assert apply(weaker, stronger, links=(computed(),)) == expected
    assert apply(stronger, weaker, links=(computed(),)) == expected


def test_negation_for_one_trial_beats_a_general_row_there_alone() -> None:
    """In other trials the row holds."""
    rows = (row(), row(trial=TRIAL, **NOT))
    assert apply(*rows) == []
    assert apply(*rows, trial=OTHER) == ["D000001 exact: curated"]


def test_curated_row_beats_a_computed_negation() -> None:
    """A person answers for the one."""
    assert apply(row(), row(trial=TRIAL, **NOT, **LEXICAL)) == ["D000001 exact: curated"]


def test_computed_row_fills_what_is_left_open_alone() -> None:
    """It says how it came about, and gives way to our own rules."""
    assert apply(row(B, **LEXICAL)) == ["D000002 exact: imported: LexicalMatching"]
    assert apply(row(B, **LEXICAL), links=(computed(),)) == ["D000001 exact: exact label"]


def test_row_without_kind_is_about_every_kind_but_titles() -> None:
    """A title mentions many things; a row on titles names its kind."""
    keyword = Mention(kind="keyword", text="Rare disease", part="keyword-1")
    title = Mention(kind="title", text="Rare disease")
    assert apply(row(kind=""), mention=keyword) == ["D000001 exact: curated"]
    assert apply(row(kind=""), mention=title) == []
    assert apply(row(kind="title"), mention=title) == ["D000001 exact: curated"]


def test_what_the_registry_derived_is_its_own() -> None:
    """No mapping set changes it."""
    derived = Mention(kind="derived", text="Rare Diseases", part="derived-1")
    assert apply(row(B, kind=""), links=(computed(),), mention=derived) == ["D000001 exact: exact label"]


def test_no_term_found_forbids_in_its_ontology() -> None:
    """Named by its source, else in all."""
    links = (computed(A), computed(MONDO, "mondo"))
    nothing = row(NO_TERM, slots={"object_source": "obo:mondo.owl"})
    assert apply(nothing, links=links) == ["D000001 exact: exact label"]
    assert apply(row(NO_TERM), links=links) == []


def test_concept_that_no_ontology_knows_is_a_finding() -> None:
    """Its row makes no link."""
    curated = Curated([row(f"{MESH}D999999", line=7, source="set.tsv")], CONCEPTS)
    assert curated.apply(MENTION, [], TRIAL) == []
    (finding,) = curated.findings
    assert (finding.rule, finding.place, finding.value) == ("mapping-concept-unknown", "line 7", f"{MESH}D999999")
