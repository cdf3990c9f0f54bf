"""The measures of linking: read, counted, weighed and written as they are defined."""

import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.errors import SourceError
from kg.linking.evaluation import (
    GoldString,
    Outcome,
    find_misses,
    measure,
    measure_all,
    predict,
    read_gold,
    write_predictions,
)
from tests.linking.small import LINKER


def _string(*, number: int = 1, **facts: Any) -> GoldString:
    return GoldString(**{"id": f"G{number}", "kind": "condition", "raw": "x", **facts})


def _outcome(predicted: str, gold: str = "", acceptable: str = "", **facts: Any) -> Outcome:
    string = _string(gold=frozenset(gold.split()), acceptable=frozenset(acceptable.split()), **facts)
    return Outcome(string=string, predicted=frozenset(predicted.split()), tier="exact label" if predicted else "")


def _gold(folder: Path, text: str) -> Path:
    path = folder / "gold.tsv"
    path.write_bytes(text.encode())
    return path


def test_gold_is_read_with_its_columns(tmp_path: Path) -> None:
    """In any order, with others beside; sets by bars; a weight that is no number counts once."""
    head = "raw\tid\tkind\tgold\tacceptable\trelation\tstratum\tsubset\tw_string\tw_mention\tnotes\n"
    row = 'a "quoted"\tG1\tcondition\tD1|D2\tD3\texact\thard\tcondition\t2.5\tmany\tx\n'
    (read,) = read_gold(_gold(tmp_path, head + row))
    assert read == GoldString(
        id="G1",
        kind="condition",
        raw='a "quoted"',
        relation="exact",
        stratum="hard",
        subset="condition",
        gold=frozenset({"D1", "D2"}),
        acceptable=frozenset({"D3"}),
        by_string=2.5,
        by_mention=1.0,
    )


@pytest.mark.parametrize("weight", ["nan", "inf", "-1", "", "much", "1e999"])
def test_weight_that_is_none_counts_once(weight: str, tmp_path: Path) -> None:
    """A figure must not become no number."""
    (read,) = read_gold(_gold(tmp_path, f"id\tkind\traw\tgold\tw_string\nG1\tcondition\tx\tD1\t{weight}\n"))
    assert read.by_string == 1.0


@pytest.mark.parametrize(
    "raw", ["x" * 300_000, 'one " quote', "line\u2028separator", "form\x0cfeed", "nul\x00", "\x85", "=cmd()"]
)
def test_any_string_is_one_row(raw: str, tmp_path: Path) -> None:
    """However long, and whatever it holds but tab and line end."""
    text = f"id\tkind\traw\r\nG1\tcondition\t{raw}\r\n\r\nG2\tcondition\ty\r\n"
    assert [read.raw for read in read_gold(_gold(tmp_path, text))] == [raw, "y"]


def test_rows_may_be_short_and_without_judgement(tmp_path: Path) -> None:
    """What is missing is empty; where there is no column `gold` no curator has looked."""
    (short,) = read_gold(_gold(tmp_path, "\ufeffid\tkind\traw\tgold\nG1\tcondition\n"))
    assert (short.raw, short.gold, short.judged) == ("", frozenset(), True)
    (bare,) = read_gold(_gold(tmp_path, "id\tkind\traw\nG1\tcondition\tx\n"))
    assert not bare.judged
    assert measure_all([Outcome(string=bare, predicted=frozenset({"D1"}))]) == []
    assert find_misses([Outcome(string=bare, predicted=frozenset({"D1"}))]) == []


@pytest.mark.parametrize("column", ["id", "kind", "raw"])
def test_missing_column_is_told(column: str, tmp_path: Path) -> None:
    """By its name, with the file's."""
    head = "\t".join({"id", "kind", "raw", "gold"} - {column})
    with pytest.raises(SourceError, match=rf"gold\.tsv.*no column {column}"):
        read_gold(_gold(tmp_path, f"{head}\n"))


def test_file_that_is_no_text_or_not_there_is_told(tmp_path: Path) -> None:
    """In one line."""
    path = tmp_path / "gold.tsv"
    for content in (b"\xff\xfe\x00\x01", b"", None):
        path.unlink(missing_ok=True)
        if content is not None:
            path.write_bytes(content)
        with pytest.raises(SourceError) as told:
            read_gold(path)
        assert "\n" not in str(told.value)


@pytest.mark.parametrize(
    ("outcome", "right", "found"),
    [
        (_outcome("D1", "D1"), True, True),
        (_outcome("D1 D2", "D1", "D2"), True, True),
        (_outcome("D2", "D1", "D2"), True, False),
        (_outcome("D1 D3", "D1", "D2"), False, True),
        (_outcome("D3", "D1"), False, False),
        (_outcome("", "D1"), True, False),
        (_outcome(""), True, False),
    ],
)
def test_string_is_right_and_found_as_defined(outcome: Outcome, right: bool, found: bool) -> None:  # noqa: FBT001 - a row of the table
    """Right if all that is said may be said; found if something of the gold is said."""
    assert (outcome.is_right, outcome.is_found) == (right, found)


def test_measures_are_weighted_shares() -> None:
    """Precision over the linked, recall over those with gold, coverage over all, abstention where nothing fits."""
    outcomes = [
        _outcome("D1", "D1", by_string=3.0),
        _outcome("D9", "D1", by_string=1.0),
        _outcome("", "D1", by_string=4.0),
        _outcome("", relation="none", by_string=1.0),
        _outcome("D9", relation="none", by_string=1.0),
    ]
    found = measure("all", outcomes, lambda string: string.by_string)
    assert found.strings == 5
    assert found.precision is not None
    assert found.recall is not None
    assert found.coverage is not None
    assert found.right_abstention is not None
    assert found.precision[0] == pytest.approx(3 / 5)
    assert found.recall[0] == pytest.approx(3 / 8)
    assert found.coverage[0] == pytest.approx(5 / 10)
    assert found.right_abstention[0] == pytest.approx(1 / 2)


def test_nothing_measured_is_none() -> None:
    """Not zero, nor one."""
    empty = measure("none", [], lambda _: 1.0)
    assert (empty.precision, empty.recall, empty.coverage, empty.right_abstention) == (None, None, None, None)


@given(st.lists(st.tuples(st.booleans(), st.floats(0, 100)), min_size=1, max_size=20))
def test_interval_holds_the_share_and_repeats(held: list[tuple[bool, float]]) -> None:
    """Within 0 and 1, low before high, the same each time."""
    outcomes = [_outcome("D1" if right else "D9", "D1", by_string=weight) for right, weight in held]
    one, two = (measure("g", outcomes, lambda string: string.by_string) for _ in range(2))
    assert one == two
    assert one.precision is not None
    share, low, high = one.precision
    assert 0 <= low <= high <= 1 + 1e-9
    assert math.isfinite(share)
    assert json.loads(json.dumps(one.precision)) == list(one.precision)


def test_groups_are_kinds_strata_and_rules() -> None:
    """Each once, the rules last."""
    outcomes = [
        _outcome("D1", "D1", stratum="hard"),
        _outcome("D1", "D1", kind="intervention", subset="nondrug", stratum="exact"),
    ]
    assert [found.group for found in measure_all(outcomes)] == [
        *("condition, by mention", "condition, by string", "condition, hard"),
        *("nondrug, by mention", "nondrug, by string", "nondrug, exact"),
        "rule: exact label",
    ]


def test_misses_are_wrong_first_then_not_found() -> None:
    """What is right is not among them, nor a right abstention."""
    outcomes = [
        _outcome("", "D1", number=1),
        _outcome("D9", "D1", number=2),
        _outcome("D1", "D1", number=3),
        _outcome("", relation="none", number=4),
        _outcome("D9", relation="none", number=5),
    ]
    assert [(miss.id, miss.fault) for miss in find_misses(outcomes)] == [
        ("G2", "wrong"),
        ("G5", "wrong"),
        ("G1", "not found"),
    ]


def test_prediction_knows_the_record_of_the_string() -> None:
    """Its context expands abbreviations; its type closes ontologies; what is no condition is an intervention."""
    alone, told, drug, method = predict(
        LINKER,
        [
            _string(raw="HEPCA"),
            _string(raw="HEPCA", context="title: Drugs for hepatocellular carcinoma (HEPCA) || conditions: a; b"),
            _string(raw="Aspro", kind="intervention", type="Drug"),
            _string(raw="Questionnaires", kind="intervention", type="Dietary Supplement"),
        ],
    )
    assert (alone.predicted, alone.reason) == (frozenset(), "unknown")
    assert (told.predicted, told.rule) == (frozenset({"D006528"}), "abbreviation")
    assert drug.predicted == {"D900010"}
    assert method.reason == "names nothing that is given"


def test_predictions_are_written_whole_or_not_at_all(tmp_path: Path) -> None:
    """One row a string, empty where it abstained; what stood there before stays where writing fails."""
    path = tmp_path / "predictions.tsv"
    write_predictions([_outcome("D2 D1"), _outcome("")], path)
    assert path.read_text() == "id\tuis\nG1\tD1|D2\nG1\t\n"
    (tmp_path / "folder").mkdir()
    broken = Outcome(string=_string(id="\ud800"), predicted=frozenset())
    fail: list[Callable[[], None]] = [
        lambda: write_predictions([broken], path),
        lambda: write_predictions([], tmp_path / "folder"),
    ]
    for attempt in fail:
        with pytest.raises((OSError, UnicodeEncodeError)):
            attempt()
    assert path.read_text() == "id\tuis\nG1\tD1|D2\nG1\t\n"
    assert {found.name for found in tmp_path.iterdir()} == {"predictions.tsv", "folder"}
