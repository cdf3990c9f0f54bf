"""The mapping that rivals are measured with says what ours says."""

import importlib
import json
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"
pytestmark = pytest.mark.skipif(not BENCHMARKS.is_dir(), reason="benchmarks stand in the checkout only")


@pytest.fixture
def rivals(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The module, with the examples as its sample."""
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    monkeypatch.delenv("TRIALGRAPH_DATA", raising=False)
    return importlib.import_module("against_rivals")


def test_flat_tables_and_their_mapping_make_our_triples(rivals: ModuleType, tmp_path: Path) -> None:
    """rdflib, following the tables' mapping, writes the triples that our reader and mapping write, all of them."""
    rivals.prepare(tmp_path, 60)
    (tmp_path / "out").mkdir()
    for name, more in (("kg", ["2"]), ("rdflib", [])):
        script = BENCHMARKS / f"rival_{name}.py"
        command = [sys.executable, str(script), str(tmp_path), str(tmp_path / "out" / name), *more]
        ran = subprocess.run(command, check=True, capture_output=True, text=True)
        assert json.loads(ran.stdout)["seconds"] > 0
    ours, theirs = rivals.triples(tmp_path, "kg"), rivals.triples(tmp_path, "rdflib")
    assert ours == theirs
    assert rivals.check_same(tmp_path, ["rdflib"]) == len(ours) > 2_000


def test_other_triples_of_a_rival_end_the_comparison(rivals: ModuleType, tmp_path: Path) -> None:
    """A rival that leaves one out, or says more, is not measured."""
    (tmp_path / "out").mkdir()
    line = '<urn:a> <urn:b> "1.50"^^<http://www.w3.org/2001/XMLSchema#decimal> .\n'
    (tmp_path / "out" / "kg.0.nt").write_text(line)
    (tmp_path / "out" / "maplib.0.nt").write_text(line.replace("1.50", "1.5"))
    assert rivals.check_same(tmp_path, ["maplib"]) == 1
    for other in ("", line + line.replace("urn:a", "urn:c")):
        (tmp_path / "out" / "rdflib.0.nt").write_text(other)
        with pytest.raises(SystemExit, match="rdflib made other triples"):
            rivals.check_same(tmp_path, ["rdflib"])
