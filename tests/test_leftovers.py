"""What earlier runs left, and folders in which there is nothing: told, cleared, never taken for something else."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from kg.build import build_graph
from kg.checks import validate_paths
from kg.errors import ParameterError
from kg.folder import check_graph, replacing
from kg.queries import find_query, run_query
from kg.readers import read_records
from kg.store import EmbeddedStore


def dead_pid() -> int:
    """The number of a process that has ended."""
    ended = subprocess.run([sys.executable, "-c", "import os; print(os.getpid())"], capture_output=True, check=True)
    return int(ended.stdout)


def test_a_graph_among_its_records_is_not_read_as_records(examples: Path, tmp_path: Path) -> None:
    """Building twice over the folder that holds the graph gives the same graph, without findings."""
    (tmp_path / "a.xml").write_bytes((examples / "xml" / "NCT01079767.xml").read_bytes())
    (tmp_path / ".hidden.xml").write_text("<a/>")
    reports = [build_graph([tmp_path], tmp_path / "graph") for _ in range(2)]
    assert reports[0] == reports[1]
    assert list(reports[1].inputs) == [str(tmp_path / "a.xml")]
    assert reports[1].counts["findings"] == {"violation": 0, "warning": 0, "info": 0}


def test_a_folder_without_records_is_a_finding(tmp_path: Path) -> None:
    """Nothing to check is not the same as nothing wrong."""
    (tmp_path / "README.md").write_text("no record")
    (outcome,) = read_records([tmp_path])
    assert [finding.rule for finding in outcome.findings] == ["no-records"]
    assert [(f.rule, f.severity) for f in validate_paths([tmp_path])] == [("no-records", "violation")]


def test_what_a_killed_build_left_is_cleared(examples: Path, tmp_path: Path) -> None:
    """Who reads takes away what nobody is at; who builds has the lock, and does the same."""
    graph = tmp_path / "graph"
    build_graph([examples / "xml" / "NCT01079767.xml"], graph)
    left = tmp_path / f".graph.building-{dead_pid()}"
    with replacing(graph) as beside:
        check_graph(graph)
        assert beside.is_dir()
        shutil.rmtree(beside)
    for clear in (lambda: check_graph(graph), lambda: build_graph([examples / "xml" / "NCT01079767.xml"], graph)):
        (left / "layers").mkdir(parents=True)
        clear()
        assert [path.name for path in tmp_path.iterdir()] == ["graph"]


def test_a_graph_set_aside_by_a_killed_build_comes_back(examples: Path, tmp_path: Path) -> None:
    """Killed between the two renames of the swap: the old graph is there again, though the next build fails."""
    out = tmp_path / "graph"
    build_graph([examples / "xml" / "NCT01079767.xml"], out)
    out.rename(tmp_path / f".graph.old-{dead_pid()}")
    with pytest.raises(LookupError):
        build_graph([examples / "xml"], out, ontology_names=["no-such-ontology"])
    assert len(EmbeddedStore(out / "store")) > 0
    assert [path.name for path in tmp_path.iterdir()] == ["graph"]


def test_an_identifier_that_the_graph_lacks_is_said_to_be_unknown(example_store: EmbeddedStore) -> None:
    """An empty answer says why."""
    _, (resolved,) = run_query(find_query("trials-by-drug"), {"drug": "mesh:D000000"}, example_store)
    assert "knows nothing" in resolved.line()


def test_a_huge_value_is_not_repeated_whole(example_store: EmbeddedStore) -> None:
    """The message stays readable, the error keeps the value."""
    with pytest.raises(ParameterError) as raised:
        run_query(find_query("trials-by-drug"), {"drug": "a" * 20_000}, example_store)
    assert len(str(raised.value)) < 1_000
    assert len(raised.value.got) == 20_000
