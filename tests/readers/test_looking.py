"""One look at a node finds what each path finds by itself, in records as they come and in damaged ones."""

import json
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from kg import model
from kg.readers import read_document
from kg.readers.api_v2 import API_V2
from kg.readers.documents import Document
from kg.readers.elements import ElementTree
from kg.readers.format import Format
from kg.readers.objects import JsonTree
from kg.readers.xml import XML


def assert_looks_as_it_finds(source_format: Format, node: Any) -> int:
    """All tables of the format, laid on the node: each path's finds, at once and alone. Gives how many found any."""
    count = 0
    for table in source_format.table.values():
        paths = [path if isinstance(path, str) else None for path in table.values()]
        for path, found in zip(paths, source_format.tree.looker(paths)(node), strict=True):
            assert list(found) == ([] if path is None else list(source_format.tree.find(node, path))), path
            count += bool(found)
    return count


def test_a_look_into_json_finds_what_paths_find(examples: Path) -> None:
    """In the examples of API v2."""
    records = sorted((examples / "api-v2").glob("*.json"))
    assert records
    assert all(assert_looks_as_it_finds(API_V2, json.loads(path.read_bytes())) > 30 for path in records)


def test_a_look_into_xml_finds_what_paths_find(examples: Path) -> None:
    """In the examples of XML."""
    records = sorted((examples / "xml").glob("*.xml"))
    assert records
    assert all(assert_looks_as_it_finds(XML, etree.fromstring(path.read_bytes())) >= 20 for path in records)


@pytest.mark.parametrize("node", [None, "text", 1, [], [{"a": 1}], {}, {"": 1}, {"a": None, "b": [None]}, {"a": {}}])
def test_a_look_at_damaged_json_finds_what_paths_find(node: Any) -> None:
    """Whatever stands where an object belongs: nothing is found below it, and nothing fails."""
    paths = ["a", "a.b", "a.b.c", "b", "", "z.y"]
    assert [list(found) for found in JsonTree().looker(paths)(node)] == [JsonTree().find(node, path) for path in paths]


def test_elements_between_paths() -> None:
    """`|` takes the first path that has any, `+` those of all; children of all elements of a name count, in order."""
    root = etree.fromstring("<r><b>1</b><a><c>2</c></a><x/><a><c>3</c><b>4</b></a><?x y?><!-- c --></r>")
    expected = {
        "z|b": ["1"], "b|a/c": ["1"], "a/c+b": ["2", "3", "1"], "b+a/c+z": ["1", "2", "3"], "a/c": ["2", "3"],
        "a/b": ["4"], "x/b": [], "z": [], "z|y": [],
    }  # fmt: skip
    looked = ElementTree().looker(list(expected))(root)
    assert [[element.text for element in found] for found in looked] == list(expected.values())
    assert [[e.text for e in ElementTree().find(root, path)] for path in expected] == list(expected.values())


def test_an_odd_value_is_told_each_time_it_stands(examples: Path) -> None:
    """Dates, codes and ages are worked out once; what is odd about them is told of each record, at its place."""
    study = json.loads((examples / "api-v2" / "NCT01079767.json").read_bytes())
    protocol = study["protocolSection"]
    protocol["statusModule"]["startDateStruct"] = {"date": "2020-02-30", "type": "GUESSED"}
    protocol["statusModule"]["completionDateStruct"] = {"date": "2020-02-30", "type": "GUESSED"}
    protocol["eligibilityModule"] |= {"minimumAge": "old", "maximumAge": "old", "sex": "SOME"}
    rules = {"bad-date", "bad-age", "unknown-code"}
    for _ in range(2):
        (outcome,) = read_document(Document("test", json.dumps(study).encode()))
        told = [(one.rule, one.place.rpartition("/")[2]) for one in outcome.findings if one.rule in rules]
        assert sorted(told) == [
            ("bad-age", "maximumAge"), ("bad-age", "minimumAge"), ("bad-date", "date"), ("bad-date", "date"),
            ("unknown-code", "sex"), ("unknown-code", "type"), ("unknown-code", "type"),
        ]  # fmt: skip
        assert isinstance(outcome.trial, model.Trial)
        assert outcome.trial.start_date is None
        assert outcome.trial.eligibility is not None
        assert outcome.trial.eligibility.sex == "SOME"
