"""Builds in several processes: the same bytes as in one; a process that dies is survived, once."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from kg.build import build_graph
from kg.errors import KgError
from kg.readers import partitions
from tests.test_build import tree


@pytest.mark.parametrize(("jobs", "size"), [(2, 300_000), (3, 100_000)])
def test_graph_is_the_same_for_any_number_of_processes(
    jobs: int, size: int, examples: Path, example_graph: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Layers, findings, sources and manifest, whatever the order of sources and the size of pieces."""
    monkeypatch.setattr(partitions, "_BYTES", size)
    folders = sorted(path for path in examples.iterdir() if path.is_dir())
    build_graph(folders[::-1], tmp_path / "graph", jobs=jobs)
    assert tree(tmp_path / "graph") == tree(example_graph)
    assert [path.name for path in tmp_path.iterdir()] == ["graph"]


def test_zip_in_several_processes_gives_the_layers_of_its_records(
    examples: Path, example_graph: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same triples by another way of reading."""
    monkeypatch.setattr(partitions, "_BYTES", 300_000)
    with zipfile.ZipFile(tmp_path / "all.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for path in examples.rglob("NCT*"):
            archive.write(path, str(path.relative_to(examples)))
    report = build_graph([tmp_path / "all.zip"], tmp_path / "graph", jobs=2)
    assert report.counts["records"] == 73
    layers = {name: digest for name, digest in tree(example_graph).items() if name.startswith("layers/")}
    assert layers.items() <= tree(tmp_path / "graph").items()


#: What a process runs first if PYTHONPATH leads to it: the first ones that make pieces end in the midst of the work.
_KILLER = """
import os, pathlib, sys
import kg.building.making as making
from kg.building import worker
made = worker.make_piece
def die(*arguments):
    for number in range({times}):
        try:
            os.close(os.open({folder!r} + f"/died-{{number}}", os.O_CREAT | os.O_EXCL))
        except FileExistsError:
            continue
        os.kill(os.getpid(), 9)
    return made(*arguments)
worker.make_piece = die
"""


@pytest.mark.parametrize("times", [1, 100])
def test_process_that_is_killed_is_started_again_once(
    times: int, examples: Path, example_graph: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its piece is made by the next; where that dies, too, the build says so and what it was mapping."""
    monkeypatch.setattr(partitions, "_BYTES", 300_000)
    deaths = tmp_path / "deaths"
    deaths.mkdir()
    code = _KILLER.format(times=times, folder=str(deaths))
    monkeypatch.setattr("kg.building.pool._SERVE", f"{code}\nworker.serve()")
    if times == 1:
        build_graph([examples], tmp_path / "graph", jobs=2)
        assert tree(tmp_path / "graph")["layers/registry.nt.gz"] == tree(example_graph)["layers/registry.nt.gz"]
        assert len(list(deaths.iterdir())) == 1
    else:
        with pytest.raises(KgError, match=r"killed \(signal 9\), 2 times.*run the same command again"):
            build_graph([examples], tmp_path / "graph", jobs=2)
        assert not (tmp_path / "graph").exists()


def test_processes_end_with_the_build_that_started_them(examples: Path, tmp_path: Path) -> None:
    """Also where it is a program without a guard around its main part."""
    program = (
        "from pathlib import Path\nfrom kg.build import build_graph\nfrom kg.readers import partitions\n"
        f"partitions._BYTES = 300_000\nbuild_graph([Path({str(examples)!r})], Path('graph'), jobs=2)\n"
        "import os; print(*Path(f'/proc/self/task/{os.getpid()}/children').read_text().split())\n"
    )
    (tmp_path / "program.py").write_text(program)
    root = str(Path(__file__).parents[2])
    done = subprocess.run(
        [sys.executable, "program.py"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": root},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == "\n"
