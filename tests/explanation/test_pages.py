"""The flagship question explained on the examples: what a person reads, as a file a trial."""

import json
from pathlib import Path

import pytest

from kg.build import build_graph
from kg.explanation import explain, read_aloud
from kg.queries import find_query
from kg.store import EmbeddedStore

FLAGSHIP = "terminated-mtor-inhibitor-hcc-trials"
PAGES = Path(__file__).parent / "pages"
#: Trial -> why it is looked at.
EXPLAINED = {
    "NCT01079767": "terminated; the disease stands in its title and keywords only",
    "NCT01379521": "terminated; registered for the disease",
    "NCT00355862": "completed",
    "NCT00005113": "another disease, another status",
    "NCT00034333": "another drug",
    "NCT01374750": "the drug class stands in the name of its other arm",
}


@pytest.mark.parametrize("trial", EXPLAINED)
def test_flagship_is_explained_as_the_page_says(
    trial: str, example_store: EmbeddedStore, request: pytest.FixtureRequest
) -> None:
    """Word for word."""
    page = PAGES / f"{trial}.txt"
    text = read_aloud(explain(find_query(FLAGSHIP), {}, trial, example_store))
    if request.config.getoption("--update-goldens"):
        page.write_text(text, encoding="utf-8")
    assert text == page.read_text(encoding="utf-8")


def test_every_page_is_compared() -> None:
    """No page is left of a trial that nobody asks for."""
    assert {page.stem for page in PAGES.glob("*.txt")} == set(EXPLAINED)


@pytest.fixture
def evolve(examples: Path, tmp_path: Path) -> EmbeddedStore:
    """A record in the way of EVOLVE-1: completed, registered for "Carcinoma", the disease in the title."""
    record = json.loads((examples / "api-v2" / "NCT01379521.json").read_text(encoding="utf-8"))
    protocol = record["protocolSection"]
    protocol["identificationModule"]["nctId"] = "NCT01035229"
    protocol["identificationModule"]["briefTitle"] = "Everolimus in Adult Patients With Hepatocellular Carcinoma"
    protocol["statusModule"]["overallStatus"] = "COMPLETED"
    protocol["statusModule"].pop("whyStopped", None)
    protocol["conditionsModule"] = {"conditions": ["Carcinoma"], "keywords": ["liver cancer"]}
    record["derivedSection"].pop("conditionBrowseModule", None)
    (tmp_path / "record.json").write_text(json.dumps(record), encoding="utf-8")
    build_graph([tmp_path / "record.json"], tmp_path / "graph")
    return EmbeddedStore(tmp_path / "graph" / "store")


def test_a_trial_like_evolve_1_is_out_by_its_status_and_about_the_disease_by_its_title_only(
    evolve: EmbeddedStore,
) -> None:
    """What fails is named with what is there instead, also in the parts of what holds."""
    told = explain(find_query(FLAGSHIP), {}, "NCT01035229", evolve)
    assert not told.in_answer
    (status,) = told.failing
    assert status.text == "overall status: Terminated"
    assert [fact.text for fact in status.instead] == ["overall status: Completed"]
    (places,) = (step for step in told.steps if step.kind == "union")
    studies, indexed, title, keyword = (branch[0] for branch in places.branches)
    assert [step.verdict for step in (studies, indexed, title, keyword)] == ["fails", "fails", "holds", "fails"]
    assert studies.instead[0].text.startswith("condition “Carcinoma” → ")
    assert "matched “hepatocellular carcinoma”, title mention" in title.found[0].because[0]


def test_strict_evidence_fails_by_the_condition(evolve: EmbeddedStore) -> None:
    """Another query says what is registered instead."""
    values = {"condition": "hepatocellular carcinoma"}
    told = explain(find_query("enrollment-of-trials"), values, "NCT01035229", evolve)
    assert [step.text for step in told.failing] == ["studies: Carcinoma, Hepatocellular (mesh:D006528)"]
    assert all(fact.text.startswith("condition “Carcinoma” → ") for fact in told.failing[0].instead)
