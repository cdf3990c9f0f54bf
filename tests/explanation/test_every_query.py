"""Every saved query is explained on every case of the examples, and what is explained is true."""

import gzip
from collections.abc import Iterable
from pathlib import Path

import pyoxigraph as ox
import pytest

from kg import assets
from kg.explanation import Explanation, explain, read_aloud
from kg.layers import layer_path
from kg.queries import SavedQuery, find_query, run_query
from kg.queries.cases import find_cases, read_case
from kg.store import EmbeddedStore
from kg.vocab import PREFIXES

FILES = find_cases(assets.folder("queries"))
#: Cases whose rows are trials.
OF_TRIALS = [file for file in FILES if "trial" in find_query(file.parent.name).returns]
#: Trials that are in no answer are many: so many of each case are explained.
OUTSIDE = 3


class Editable:
    """The examples in memory, where triples may come and go."""

    def __init__(self, layers: Iterable[Path]) -> None:
        self._store = ox.Store()
        for layer in layers:
            self._store.bulk_load(gzip.decompress(layer.read_bytes()), ox.RdfFormat.N_TRIPLES, lenient=True)

    def query(self, text: str) -> ox.QuerySolutions | ox.QueryBoolean | ox.QueryTriples:
        """As a graph answers."""
        return self._store.query(text)

    def change(self, verb: str, pattern: str) -> None:
        """Inserts or deletes a triple that is written with our prefixes."""
        prologue = "".join(f"PREFIX {prefix}: <{space}> " for prefix, space in PREFIXES.items())
        self._store.update(f"{prologue} {verb} DATA {{ {pattern} }}")


@pytest.fixture(scope="module")
def editable(example_graph: Path) -> Editable:
    """The examples, to be left as they were."""
    names = ("registry", "derived", "links", "inferred", "ontology")
    return Editable(layer_path(example_graph, name) for name in names)


@pytest.fixture(scope="module")
def trials(example_store: EmbeddedStore) -> list[str]:
    """The NCT numbers of the examples."""
    answer = example_store.query(f"SELECT ?trial {{ ?trial a <{PREFIXES['tg']}Study> }} ORDER BY ?trial")
    return [_number(row["trial"]) for row in answer]  # type: ignore[union-attr]


def _number(term: ox.NamedNode) -> str:
    return term.value.removeprefix(PREFIXES["study"])


def _answer(query: SavedQuery, values: dict[str, str], graph: EmbeddedStore | Editable) -> set[str]:
    return {_number(row["trial"]) for row in run_query(query, values, graph)[0]}


def _chosen(trials: list[str], inside: set[str], seed: int) -> list[str]:
    outside = [trial for trial in trials if trial not in inside]
    step = max(1, len(outside) // OUTSIDE)
    return sorted(inside) + outside[seed % step :: step][:OUTSIDE]


def test_examples_hold_answers_to_be_explained() -> None:
    """Each saved query has a case."""
    assert {file.parent.name for file in FILES} == {path.stem for path in assets.folder("queries").glob("*.rq")}


@pytest.mark.parametrize("file", FILES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_what_is_explained_is_true(file: Path, example_store: EmbeddedStore, trials: list[str]) -> None:
    """In the answer all holds; else something fails, and without what fails the trial is in the answer."""
    query, values = find_query(file.parent.name), read_case(file).values
    shows_trials = "trial" in query.returns
    inside = _answer(query, values, example_store) if shows_trials else set(trials[:OUTSIDE])
    for trial in _chosen(trials, inside, len(file.stem)):
        told = explain(query, values, trial, example_store)
        assert not shows_trials or told.in_answer == (trial in inside)
        assert told.in_answer == all(step.verdict == "holds" for step in told.steps)
        assert told.in_answer == (not told.failing)
        assert example_store.query(f"ASK {{ {told.relaxed} }}")
        _check_facts(told, example_store)
        assert read_aloud(told).startswith(trial)


def _check_facts(told: Explanation, store: EmbeddedStore) -> None:
    """Every triple that is shown stands in the graph, whichever step shows it."""
    steps = list(told.steps)
    while steps:
        step = steps.pop()
        steps += [each for branch in step.branches for each in branch]
        for fact in (*step.found, *step.instead):
            if fact.triple:
                assert store.query(f"ASK {{ {' '.join(fact.triple)} }}"), fact


@pytest.mark.parametrize("file", OF_TRIALS, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_changing_what_is_named_changes_the_answer(file: Path, editable: Editable, trials: list[str]) -> None:
    """A triple that fails, added, brings the trial into the answer; one that holds, taken away, takes it out."""
    query, values = find_query(file.parent.name), read_case(file).values
    inside = _answer(query, values, editable)
    for trial in _chosen(trials, inside, 1):
        told = explain(query, values, trial, editable)
        steps = told.steps if told.in_answer else told.failing
        triples = [step.pattern for step in steps if step.kind == "triple" and "?" not in step.pattern]
        if not told.in_answer and len(triples) < len([step for step in told.steps if step.verdict != "holds"]):
            continue
        verbs = ("DELETE", "INSERT") if told.in_answer else ("INSERT", "DELETE")
        for pattern in triples[:1] if told.in_answer else [" ".join(triples)]:
            editable.change(verbs[0], pattern)
            assert (trial in _answer(query, values, editable)) != told.in_answer
            editable.change(verbs[1], pattern)
    assert _answer(query, values, editable) == inside
