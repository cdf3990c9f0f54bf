"""What stands behind a closure: the link of a part, and the way up, step by step as the graph has it."""

from itertools import pairwise

import pytest

from kg.explanation import explain
from kg.queries import find_query
from kg.store import EmbeddedStore

NEOPLASMS = {"condition": "neoplasms"}


def test_way_up_is_told_from_the_concept_to_what_is_asked_for(example_store: EmbeddedStore) -> None:
    """Each step of it a direct one."""
    told = explain(find_query("enrollment-of-trials"), NEOPLASMS, "NCT01379521", example_store)
    link, way, *_ = told.steps[0].found[0].because
    assert link.startswith("condition “Hepatocellular Carcinoma” → Carcinoma, Hepatocellular (mesh:D006528): matched ")
    steps = [name.rpartition("(mesh:")[2].rstrip(")") for name in way.strip().split(" → ")]
    assert (steps[0], steps[-1]) == ("D006528", "D009369")
    assert len(steps) > 2
    mesh, broader = "http://id.nlm.nih.gov/mesh/", "<https://w3id.org/trialgraph/vocab#broader>"
    for low, high in pairwise(steps):
        assert example_store.query(f"ASK {{ <{mesh}{low}> {broader} <{mesh}{high}> }}")


@pytest.mark.parametrize(("trial", "sources"), [("NCT01079767", {"ATC", "MeSH"}), ("NCT00328770", {"ATC", "ChEBI"})])
def test_class_is_told_by_each_source_that_says_so(trial: str, sources: set[str], example_store: EmbeddedStore) -> None:
    """No source says it of every drug: MeSH not of sirolimus, ChEBI not of temsirolimus."""
    told = explain(find_query("trials-by-drug-class"), {"class": "mTOR inhibitor"}, trial, example_store)
    ways = [line for line in told.steps[0].found[0].because if line.startswith(" ")]
    assert {way.partition("mTOR inhibitor, by ")[2].partition(" ")[0] for way in ways} == sources


def test_role_is_minded(example_store: EmbeddedStore) -> None:
    """A drug that is only compared with is not what the trial tests instead."""
    values = {"drug": "temsirolimus", "comparator": "everolimus"}
    told = explain(find_query("trials-comparing-drugs"), values, "NCT01865747", example_store)
    tests, compares = told.steps[:2]
    assert (tests.verdict, compares.verdict) == ("fails", "holds")
    assert all("cabozantinib" in fact.text.lower() for fact in tests.instead)
    assert any("everolimus" in line.lower() for line in compares.found[0].because)
