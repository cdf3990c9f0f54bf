"""`kg why`: text for people, JSON for programs, one line for mistakes."""

import json
from pathlib import Path

import pytest

from kg.explanation import explain, read_aloud
from kg.queries import find_query
from kg.store import EmbeddedStore
from tests.commands import Kg

#: What might get out of a term.
HOSTILE = [
    *(
        'a"b',
        "\\",
        "\\u0041",
        "\\\\u0022 . ?s ?p ?o",
        "a\nb",
        "a\rb\x1b[31m",
        "?trial",
        "$_words",
        "# x",
        "}",
        "{ ?s ?p ?o",
    ),
    *('"""', "'" * 3, "<http://e/a>", "\u2028", "\ud800", "x" * 5000, "@en", "\\U0001F600", "\x00", "\u202e"),
]

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


@pytest.mark.parametrize("value", HOSTILE)
def test_any_value_is_one_term(value: str, example_store: EmbeddedStore) -> None:
    """No value of a parameter ends its literal, is decoded twice, or says something to a terminal."""
    for name, param in (("trials-by-outcome", "words"), ("trial-by-identifier", "identifier")):
        told = explain(find_query(name), {param: value}, "NCT01379521", example_store)
        assert not told.in_answer
        text = read_aloud(told)
        assert all(char.isprintable() or char == "\n" for char in text)
