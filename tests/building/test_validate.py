"""`kg build --validate`: what shapes say is what `kg validate` says, whoever checks, and follows updates."""

import json
import shutil
from collections import Counter
from pathlib import Path

import pytest

from kg.build import build_graph
from kg.checks import validate_paths
from kg.errors import KgError
from kg.finding import Finding
from kg.readers import partitions
from kg.update import update_graph
from tests.commands import Kg
from tests.test_build import tree


def broken(examples: Path, folder: Path) -> Path:
    """Records, some of which end before they start, in two formats."""
    shutil.copytree(examples / "api-v2", folder / "api-v2")
    shutil.copytree(examples / "xml", folder / "xml")
    for number in ("NCT01379521", "NCT01079767"):
        path = folder / "api-v2" / f"{number}.json"
        record = json.loads(path.read_bytes())
        record["protocolSection"]["statusModule"]["completionDateStruct"] = {"date": "1990-01", "type": "ACTUAL"}
        path.write_text(json.dumps(record))
    return folder


def said(graph: Path) -> Counter[tuple[str, str, str, str]]:
    """What the build noted of shapes."""
    lines = map(json.loads, (graph / "validation.jsonl").read_text(encoding="utf-8").splitlines())
    return Counter((line["rule"], line["trial"], line["focus"], line.get("path", "")) for line in lines)


def shown(findings: list[Finding]) -> Counter[tuple[str, str, str, str]]:
    """The same of `kg validate`, of which what the build had found is left out."""
    return Counter((f.rule, f.trial, f.focus, f.path) for f in findings if f.path or "/" in f.rule)


def test_build_says_what_validation_says(examples: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In one process and in two, of the best record of each trial; and so does an update."""
    source = broken(examples, tmp_path / "in")
    report = build_graph([source], tmp_path / "graph", validate=True)
    expected = shown(validate_paths([tmp_path / "graph"]))
    assert said(tmp_path / "graph") == expected
    assert len({trial for rule, trial, *_ in expected if rule.startswith("Study-")}) >= 2
    assert sum(report.counts["validation"].values()) == sum(expected.values())
    monkeypatch.setattr(partitions, "_BYTES", 300_000)
    build_graph([source], tmp_path / "two", validate=True, jobs=2)
    assert tree(tmp_path / "two") == tree(tmp_path / "graph")
    build_graph([source / "xml"], tmp_path / "updated", validate=True)
    update_graph(tmp_path / "updated", [source], complete=True)
    assert tree(tmp_path / "updated") == tree(tmp_path / "graph")


def test_without_it_nothing_is_said(example_graph: Path) -> None:
    """No file, no count."""
    assert not (example_graph / "validation.jsonl").exists()
    assert "validation" not in json.loads((example_graph / "manifest.json").read_text())["counts"]


def test_engine_that_breaks_ends_the_build(examples: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing passes as checked that was not."""

    def breaks(*_: object) -> None:
        raise MemoryError

    monkeypatch.setattr("kg.validation.rust_engine.ShaclRust.validate", breaks)
    with pytest.raises(KgError, match=r"shapes.*engine broke"):
        build_graph([examples / "page"], tmp_path / "graph", validate=True)
    assert not (tmp_path / "graph").exists()


def test_command_fails_on_violations(examples: Path, tmp_path: Path, kg: Kg) -> None:
    """Exit code 1, and how many there are."""
    source = broken(examples, tmp_path / "in")
    good = kg("build", examples / "api-v2", "--out", tmp_path / "good", "--validate", "--jobs", 1)
    assert good.code == 0
    assert "shapes: 0 violation" in good.out
    bad = kg("build", source, "--out", tmp_path / "bad", "--validate", "--jobs", 1)
    assert bad.code == 1
    assert "validation.jsonl" in bad.out
