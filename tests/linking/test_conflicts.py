"""Conflicts: concepts of one string that refer to different headings are told; finer and coarser ones are not."""

import pytest

from kg.concept import Concept, Link
from kg.linking import find_conflicts

MESH = "http://id.nlm.nih.gov/mesh/"
CONCEPTS = {
    c.iri: c
    for c in (
        Concept(iri=f"{MESH}D1", label="Liver Diseases", source="mesh"),
        Concept(iri=f"{MESH}D2", label="Hepatitis", source="mesh", ancestors=(f"{MESH}D1",)),
        Concept(iri=f"{MESH}D3", label="Asthma", source="mesh"),
        Concept(iri="m:same", label="hepatitis", source="mondo", xrefs=("mesh:D2",)),
        Concept(iri="m:coarse", label="hepatitis", source="mondo", xrefs=("mesh:D1",)),
        Concept(iri="m:wrong", label="hepatitis", source="mondo", xrefs=("mesh:D3",)),
        Concept(iri="m:none", label="hepatitis", source="mondo"),
        Concept(iri="m:gone", label="hepatitis", source="mondo", xrefs=("mesh:D999999",)),
    )
}


def link(concept: str, relation: str = "exact") -> Link:
    """A link of the first condition to a concept."""
    return Link(
        kind="condition",
        part="condition-1",
        concept=concept,
        relation="broad" if relation == "broad" else "exact",
        tier="exact label",
        confidence=0.9,
        matched="hepatitis",
        field="rdfs:label",
        source=CONCEPTS[concept].source,
    )


@pytest.mark.parametrize(
    ("other", "relation", "told"),
    [
        ("m:same", "exact", 0),
        ("m:coarse", "exact", 0),
        ("m:wrong", "exact", 1),
        ("m:wrong", "broad", 0),
        ("m:none", "exact", 0),
        ("m:gone", "exact", 0),
    ],
)
def test_only_what_disagrees_is_told(other: str, relation: str, told: int) -> None:
    """A reference to another heading, neither broader nor narrower, of an exact link."""
    found = list(find_conflicts("NCT00000000", [link(f"{MESH}D2"), link(other, relation)], CONCEPTS))
    assert len(found) == told
    for finding in found:
        assert (finding.rule, finding.severity) == ("concepts-disagree", "info")
        assert finding.focus.endswith("NCT00000000#condition-1")
        assert finding.value == "mesh:D2 Hepatitis; mesh:D3 Asthma"


def test_strings_are_judged_one_by_one() -> None:
    """Two conditions with different headings are no conflict."""
    import msgspec

    second = msgspec.structs.replace(link("m:wrong"), part="condition-2")
    assert list(find_conflicts("NCT00000000", [link(f"{MESH}D2"), second], CONCEPTS)) == []
