"""`kg why`: text for people, JSON for programs, one line for mistakes."""

import json
from pathlib import Path

import pytest

from tests.commands import Kg

FLAGSHIP = "terminated-mtor-inhibitor-hcc-trials"


def test_text_says_whether_and_why(example_graph: Path, kg: Kg) -> None:
    """First the verdict, then what fails, then what holds."""
    ended = kg("why", "nct00355862", FLAGSHIP, "--graph", example_graph)
    assert (ended.code, ended.err) == (0, "")
    first, *lines = ended.out.splitlines()
    assert first.startswith("NCT00355862 (")
    assert first.endswith(f"is not in the answer of {FLAGSHIP}.")
    assert lines.index("What fails:") < lines.index("  ✗ overall status: Terminated") < lines.index("What holds:")


def test_parameters_are_taken_as_queries_take_them(example_graph: Path, kg: Kg) -> None:
    """By name; what they were taken for is told."""
    ended = kg("why", "NCT00355862", FLAGSHIP, "--graph", example_graph, "status=COMPLETED")
    assert "NCT00355862" in ended.out
    assert " is in the answer of " in ended.out
    assert "status = COMPLETED → Completed (status:COMPLETED)" in ended.out


def test_json_holds_triples_and_verdicts(example_graph: Path, kg: Kg) -> None:
    """Programs need not read the text."""
    ended = kg("why", "NCT00355862", FLAGSHIP, "--graph", example_graph, "--format", "json")
    told = json.loads(ended.out)
    assert told["in_answer"] is False
    (status,) = (step for step in told["steps"] if step["verdict"] == "fails")
    assert status["pattern"] == "study:NCT00355862 tg:overallStatus status:TERMINATED ."
    assert status["instead"][0]["triple"][2] == "<https://w3id.org/trialgraph/status/COMPLETED>"


@pytest.mark.parametrize(
    "words",
    [
        "NCT1 trials-by-drug drug=everolimus",
        "NCT99999999 trials-by-drug drug=everolimus",
        "NCT00355862 trials-by-drg",
        "NCT00355862 trials-by-drug",
        "NCT00355862 trials-by-drug everolimus",
        "NCT00355862 trials-by-drug drug=everolimus --format docx",
    ],
)
def test_mistakes_are_one_line_of_usage(words: str, example_graph: Path, kg: Kg) -> None:
    """Exit code 2, nothing on stdout."""
    ended = kg("why", *words.split(), "--graph", example_graph)
    assert (ended.code, ended.out) == (2, "")
    assert ended.err.startswith("kg: ")
    assert ended.err.count("\n") == 1
