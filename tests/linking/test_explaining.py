"""Why a string links to what it does."""

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kg.concept import Mention, MentionKind
from kg.linking import Abstention
from kg.linking.explaining import explain
from tests.linking.small import LINKER

KINDS: tuple[MentionKind, ...] = ("condition", "intervention")


def test_link_is_explained_with_its_names() -> None:
    """Names that were looked at, of each ontology, and what was chosen by which rule."""
    found = explain(LINKER, "Hepatocellular carcinoma", "condition")
    assert {(c.concept, c.kind) for c in found.considered} == {
        *(("mesh:D006528", "label"), ("mesh:D006528", "exact"), ("MONDO:0007256", "label")),
    }
    assert {(x.concept, x.label, x.relation, x.tier) for x in found.links} == {
        ("mesh:D006528", "Carcinoma, Hepatocellular", "exact", "exact synonym"),
        ("MONDO:0007256", "hepatocellular carcinoma", "exact", "exact label"),
    }
    assert found.reason == ""


def test_abstention_is_explained_with_what_was_looked_at() -> None:
    """The reason, and the names that were not sure enough."""
    found = explain(LINKER, "LUMP", "condition")
    assert (found.links, found.reason) == ((), "only a related synonym")
    assert [(c.name, c.kind) for c in found.considered] == [("LUMPS", "related")]
    assert explain(LINKER, "no such thing", "condition").considered == ()


def test_type_of_the_intervention_counts() -> None:
    """As in a record."""
    assert explain(LINKER, "Questionnaires", "intervention").links
    assert explain(LINKER, "Questionnaires", "intervention", "DRUG").reason == "names nothing that is given"


def test_string_expands_its_own_abbreviation() -> None:
    """As if a record held nothing else."""
    assert explain(LINKER, "Myotonic Dystrophy (MYD)", "condition").links[0].relation == "exact"


@settings(deadline=None)
@given(st.text(), st.sampled_from(KINDS))
def test_explanation_is_what_linking_says(text: str, kind: MentionKind) -> None:
    """The same links, or the same reason, for any text; and it can be written as JSON where the text can."""
    explained = explain(LINKER, text, kind)
    found = LINKER.link(Mention(kind=kind, text=text, part=f"{kind}-1"))
    if isinstance(found, Abstention):
        assert (explained.reason, explained.links) == (found.reason, ())
    else:
        assert len(explained.links) == len(found)
    assert msgspec.json.decode(msgspec.json.encode(explained))["text"] == text


@pytest.mark.parametrize("text", ["liver cancer " * 80_000, "(" * 1_000_000, ""])
def test_any_length_is_explained(text: str) -> None:
    """A megabyte is prose."""
    assert explain(LINKER, text, "condition").reason
