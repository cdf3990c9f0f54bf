"""The gate of accuracy: our own gold on the bundled slices, curated gold on whole releases."""

import csv
from pathlib import Path

import pytest

from kg.knowledge import Knowledge, load_knowledge
from kg.linking import Linker
from kg.linking.evaluation import Measure, Outcome, find_misses, measure_all, predict, read_gold
from kg.vocab import PREFIXES

GOLD = Path(__file__).parent / "gold.tsv"
#: Group -> (precision, recall) that stay reached on our own gold.
REACHED = {
    "condition, by mention": (1.0, 1.0),
    "condition, hard": (1.0, 1.0),
    "condition, exact": (1.0, 1.0),
    "intervention, by mention": (1.0, 0.96),
    "intervention, hard": (1.0, 0.95),
    "intervention, exact": (1.0, 1.0),
}
#: Group -> (precision, recall) that must be reached on the curated gold with whole releases.
CURATED = {
    "condition, by mention": (0.98, 0.92),
    "condition, hard": (0.93, 0.70),
    "intervention, by mention": (0.98, 0.90),
    "intervention, hard": (0.93, 0.70),
}


@pytest.fixture(scope="module")
def knowledge() -> Knowledge:
    """The bundled slices."""
    return load_knowledge()


def _must_reach(measures: list[Measure], least: dict[str, tuple[float, float]], outcomes: list[Outcome]) -> None:
    found = {measured.group: measured for measured in measures}
    for group, (precision, recall) in least.items():
        measured = found[group]
        assert measured.precision is not None
        assert measured.recall is not None
        assert measured.precision[0] >= precision, (group, find_misses(outcomes))
        assert measured.recall[0] >= recall, (group, find_misses(outcomes))


def test_accuracy_on_our_own_gold_does_not_fall(knowledge: Knowledge) -> None:
    """Precision and recall of each kind, and of the hard strings, on what the package brings."""
    outcomes = predict(Linker(knowledge.lexicon), read_gold(GOLD))
    _must_reach(measure_all(outcomes), REACHED, outcomes)
    nothing = [outcome for outcome in outcomes if outcome.string.relation == "none"]
    assert len(nothing) >= 7
    assert all(outcome.is_right for outcome in nothing)


def test_our_own_gold_is_whole(knowledge: Knowledge) -> None:
    """Every concept is in the slices; every string once; a relation fits its gold."""
    with GOLD.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream, delimiter="\t", quoting=csv.QUOTE_NONE))
    assert len(rows) >= 60
    assert len({row["raw"].casefold() for row in rows}) == len({row["id"] for row in rows}) == len(rows)
    for row in rows:
        for identifier in filter(None, f"{row['gold']}|{row['acceptable']}".split("|")):
            assert PREFIXES["mesh"] + identifier in knowledge.lexicon.concepts, row
        assert row["relation"] in ("exact", "broader", "none")
        assert (row["relation"] == "none") == (not row["gold"])
        assert row["stratum"] in ("exact", "hard")


def test_gate_fails_where_linking_gets_worse(knowledge: Knowledge) -> None:
    """A linker that says nothing, or the same of all, does not pass."""
    outcomes = predict(Linker(knowledge.lexicon), read_gold(GOLD))
    for predicted in (frozenset[str](), frozenset({"D009369"})):
        worse = [Outcome(string=outcome.string, predicted=predicted, tier="x") for outcome in outcomes]
        with pytest.raises(AssertionError):
            _must_reach(measure_all(worse), REACHED, worse)


@pytest.mark.data
def test_accuracy_on_curated_gold(data: Path) -> None:
    """Whole releases of four ontologies; at most one in six strings that state nothing is linked."""
    releases = ("mesh2024.nt.gz", "mondo.owl.gz", "doid.owl.gz", "chebi.owl.gz")
    linker = Linker(load_knowledge(str(data / "ontologies" / release) for release in releases).lexicon)
    outcomes = predict(linker, read_gold(data / "eval" / "linking-curated.tsv"))
    _must_reach(measure_all(outcomes), CURATED, outcomes)
    nothing = [outcome for outcome in outcomes if outcome.string.relation == "none"]
    assert nothing
    assert sum(not outcome.is_right for outcome in nothing) * 6 <= len(nothing)


@pytest.mark.data
def test_our_own_gold_has_other_strings(data: Path) -> None:
    """A gate on the strings that rules were made with would hold nothing."""
    curated = {string.raw.casefold() for string in read_gold(data / "eval" / "linking-curated.tsv")}
    assert not curated & {string.raw.casefold() for string in read_gold(GOLD)}
