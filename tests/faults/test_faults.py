"""Every planted fault is found and placed: in real records chosen by chance, in the examples; the judge can say no."""

import json
import os
from collections import Counter
from functools import partial
from pathlib import Path
from typing import Any

import msgspec
import pytest
from lxml import etree

from kg.finding import Finding
from kg.validation import EngineSpec
from tests.faults.containers import CONTAINERS, check_graph
from tests.faults.judging import (
    PACKAGES,
    Record,
    Verdict,
    check_files,
    faults_of,
    find_missed,
    format_scores,
    plant_and_judge,
)
from tests.faults.kinds import KINDS
from tests.faults.planting import Spot
from tests.faults.records import example_records, real_records
from tests.faults.sources import JsonSource, XmlSource

#: Other seeds choose other records, other places in them, and must do as well.
SEED = int(os.environ.get("TRIALGRAPH_FAULTS_SEED", "20100303"))
#: 200 for the promise; fewer keep the tests short.
RECORDS = int(os.environ.get("TRIALGRAPH_FAULTS_RECORDS", "8"))

#: Kinds after which a container is none any more, or one in which no record can be told from another.
BROKEN = {"broken in the middle", "bytes that are no UTF-8"}


def _assert_all_placed(verdicts: list[Verdict]) -> None:
    assert not find_missed(verdicts), "\n" + format_scores(verdicts, examples=3)


def test_there_are_more_kinds_than_promised() -> None:
    """Twenty kinds are promised in each format of records; every kind has a name of its own."""
    assert len({kind.name for kind in KINDS}) == len(KINDS)
    assert all(count >= 20 for name, count in Counter(f for k in KINDS for f in k.sow).items() if name != "page")


@pytest.mark.data
def test_faults_in_real_records_are_found_where_they_were_planted(data: Path, tmp_path: Path) -> None:
    """Place, line, field, rule and value are those of the fault, and the record without it has no such finding."""
    verdicts = plant_and_judge(real_records(data, RECORDS, SEED), tmp_path, SEED, KINDS)
    _assert_all_placed(verdicts)
    if RECORDS >= 200:
        assert {verdict.planted.kind.name for verdict in verdicts} == {kind.name for kind in KINDS}


def test_faults_in_examples_are_found_where_they_were_planted(examples: Path, tmp_path: Path) -> None:
    """The same holds of the bundled records, every eighth of them, in all formats."""
    records = example_records(examples)
    verdicts = plant_and_judge(records[SEED % 8 :: 8], tmp_path, SEED, KINDS)
    assert {verdict.planted.record.format for verdict in verdicts} == {"api-v2", "xml", "page"}
    _assert_all_placed(verdicts)


@pytest.mark.parametrize("container", CONTAINERS)
def test_faults_in_containers_are_found_where_they_were_planted(examples: Path, tmp_path: Path, container: str) -> None:
    """The same holds of records in zips, gzips, pages of the API and JSON lines: the line is that of the file."""
    formats = {"api-v2"} if container in {"page of the API", "JSON lines"} else {"api-v2", "xml", "page"}
    records = [record for record in example_records(examples)[SEED % 20 :: 20] if record.format in formats]
    kinds = [kind for kind in KINDS if kind.name not in BROKEN]
    _assert_all_placed(plant_and_judge(records, tmp_path, SEED, kinds, CONTAINERS[container]))


def test_faults_are_placed_from_the_graph_that_was_built(examples: Path, tmp_path: Path) -> None:
    """What shapes find in a graph folder has its place in the record that the graph was built from."""
    records = [record for record in example_records(examples)[:30:3] if record.format == "api-v2"]
    kinds = [kind for kind in KINDS if kind.name in {"start after completion", "brief title missing"}]
    for kind in kinds:
        _assert_all_placed(plant_and_judge(records, tmp_path / kind.name, SEED, [kind], check_graph))


def _finding() -> tuple[Finding, Spot]:
    spot = Spot("/a/0", 3, "Trial.brief_title", ("x",))
    mapping = "kg/model/trial.py:" + str(_line_of_brief_title())
    return Finding(rule="r", message="m", place="/a/0", line=3, field=spot.field, mapping=mapping, value="x"), spot


def _line_of_brief_title() -> int:
    lines = (PACKAGES / "kg/model/trial.py").read_text(encoding="utf-8").splitlines()
    return next(number for number, line in enumerate(lines, 1) if line.startswith("    brief_title:"))


@pytest.mark.parametrize(
    "wrong",
    [
        {"place": "/a/1"},
        {"line": 4},
        {"field": "Trial.acronym"},
        {"mapping": "kg/model/trial.py:1"},
        {"mapping": ""},
        {"value": "y"},
    ],
    ids=str,
)
def test_judge_says_what_does_not_fit(wrong: dict[str, str | int]) -> None:
    """A finding that is right passes; with one thing wrong it does not."""
    finding, spot = _finding()
    assert faults_of(finding, spot) == []
    assert set(faults_of(msgspec.structs.replace(finding, **wrong), spot)) >= wrong.keys()


def test_fault_that_nobody_looks_for_is_missed(examples: Path, tmp_path: Path) -> None:
    """Without the shapes of studies the judge misses what only they tell of, and still sees what readers do."""
    record = Record("api-v2", "NCT01079767", (examples / "api-v2" / "NCT01079767.json").read_bytes())
    check = partial(check_files, spec=EngineSpec(only=("Condition",)))
    verdicts = plant_and_judge([record], tmp_path, SEED, KINDS, check)
    missed = find_missed(verdicts)
    assert "brief title missing" in missed
    assert "enrolment in words" not in missed


@pytest.mark.parametrize("record", ["NCT01079767", "NCT01797120"])
def test_places_of_json_are_those_of_its_values(examples: Path, record: str) -> None:
    """Every pointer leads to the value that Python's own parser has there, and its line to where that begins."""
    source = JsonSource((examples / "api-v2" / f"{record}.json").read_bytes())
    for pointer, span in source.spans.items():
        value = json.loads(source.data)
        for step in pointer.split("/")[1:]:
            value = value[int(step)] if isinstance(value, list) else value[step]
        assert json.loads(source.content[span.start : span.end]) == value
        assert source.content.splitlines()[source.line(pointer) - 1].strip()


@pytest.mark.parametrize("record", ["NCT01079767", "NCT01797120"])
def test_places_of_xml_are_those_of_its_elements(examples: Path, record: str) -> None:
    """Every XPath leads to one element, on whose line its start tag ends."""
    source = XmlSource((examples / "xml" / f"{record}.xml").read_bytes())
    root: Any = etree.fromstring(source.data)
    elements = list(root.iter("*"))
    assert [root.getroottree().getpath(element) for element in elements] == list(source.spans)
    lines = {root.getroottree().getpath(element): element.sourceline for element in elements}
    assert lines == {path: source.line(path) for path in source.spans}
