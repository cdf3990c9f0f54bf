"""Builds that are killed, or run out of room: the old graph answers, and the next build goes on where they were."""

import errno
import gzip
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterable
from pathlib import Path

import pytest

from kg import folder
from kg.build import build_graph
from kg.building import Totals, making
from kg.building.piece import write_piece
from kg.errors import GraphError
from kg.folder import replacing
from kg.layers import Packed
from kg.readers import partitions
from kg.store import EmbeddedStore
from tests.test_build import tree

#: A build with small pieces, as a program: sources..., out, jobs.
PROGRAM = """
import sys
from pathlib import Path
from kg.readers import partitions
partitions._BYTES = 100_000
from kg.build import build_graph
build_graph([Path(sys.argv[1])], Path(sys.argv[2]), jobs=int(sys.argv[3]))
"""
#: Seeds of moments to be killed at; all of them where many faults are asked for, as `make check-all` does.
SEEDS = range(30)
MOMENTS = SEEDS if os.environ.get("TRIALGRAPH_FAULTS_RECORDS") else SEEDS[:2]


def command(*arguments: object) -> list[str]:
    """A build as a process of its own."""
    return [sys.executable, "-P", "-c", PROGRAM, *map(str, arguments)]


@pytest.fixture(scope="module")
def environment() -> dict[str, str]:
    """Our package is found from wherever the process runs."""
    return {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}


@pytest.fixture(scope="module")
def seconds(examples: Path, tmp_path_factory: pytest.TempPathFactory, environment: dict[str, str]) -> float:
    """How long such a build takes here."""
    started = time.monotonic()
    subprocess.run(command(examples, tmp_path_factory.mktemp("timed") / "graph", 2), check=True, env=environment)
    return time.monotonic() - started


@pytest.fixture
def old(examples: Path, tmp_path: Path) -> Path:
    """A graph of a few records, to be replaced."""
    build_graph([examples / "page"], tmp_path / "graph")
    return tmp_path / "graph"


def answers(graph: Path) -> bool:
    """Whether the store is whole."""
    return bool(EmbeddedStore(graph / "store").query("ASK { ?s a ?class }"))


def left_beside(graph: Path) -> list[str]:
    """What stands beside a graph."""
    return sorted(path.name for path in graph.parent.iterdir() if path != graph)


@pytest.mark.parametrize("seed", MOMENTS)
def test_killed_build_leaves_the_old_graph_and_is_gone_on_with(
    seed: int, old: Path, examples: Path, example_graph: Path, seconds: float, environment: dict[str, str]
) -> None:
    """At a random moment, with all its processes; the next build gives the same bytes and clears what is left."""
    before = tree(old)
    started = subprocess.Popen(command(examples, old, 2), env=environment, start_new_session=True)
    try:
        started.wait(seconds * random.Random(seed).random())  # noqa: S311 - a moment, no secret
    except subprocess.TimeoutExpired:
        # Half of the times the others go with it, and half of the times they find out by themselves.
        kill = os.killpg if seed % 2 else os.kill
        kill(started.pid, signal.SIGKILL)
        started.wait()
        assert tree(old) in (before, tree(example_graph))
        assert answers(old)
    subprocess.run(command(examples, old, 1), check=True, env=environment)
    assert tree(old) == tree(example_graph)
    assert answers(old)
    assert left_beside(old) == []


def test_a_swap_that_fails_leaves_the_pieces(
    examples: Path, old: Path, example_graph: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All is made, but cannot take its place: the next build has only to put it together."""

    def fail(*_: Path) -> None:
        raise OSError(errno.EIO, "the disk is broken")

    before = tree(old)
    with monkeypatch.context() as patched:
        patched.setattr(folder, "_swap", fail)
        with pytest.raises(OSError, match="broken"):
            build_graph([examples], old)
    assert tree(old) == before
    assert left_beside(old) == [".graph.pieces"]
    monkeypatch.setattr(making, "_blocks", None)
    build_graph([examples], old)
    assert tree(old) == tree(example_graph)
    assert left_beside(old) == []


def test_finished_pieces_are_not_made_again(
    examples: Path, example_graph: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only those that are missing or damaged are, wherever the sources stand in the order."""
    monkeypatch.setattr(partitions, "_BYTES", 100_000)
    folders = sorted(path for path in examples.iterdir() if path.is_dir())
    out = tmp_path / "graph"
    made: list[Path] = []

    def note(path: Path, blocks: Iterable[Packed], opened: int, totals: Totals) -> None:
        made.append(path)
        write_piece(path, blocks, opened, totals)

    def fail(*_: object) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(making, "write_piece", note)
    with monkeypatch.context() as full:
        full.setattr("kg.store.load_store", fail)
        with pytest.raises(GraphError, match="No space"):
            build_graph(folders, out)
    assert len(made) > 5
    first, missing, cut, zeros = sorted(made)[:4]
    missing.unlink()
    cut.write_bytes(cut.read_bytes()[:-100])
    zeros.write_bytes(bytes(zeros.stat().st_size))
    made.clear()
    build_graph(folders[::-1], out)
    assert sorted(made) == sorted([missing, cut, zeros])
    assert not first.exists()
    assert tree(out) == tree(example_graph)


def test_pieces_of_other_code_ontologies_or_mappings_are_not_used(
    examples: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They go at once, so that they take no room."""

    def fail(*_: object) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("kg.store.load_store", fail)
    kept = tmp_path / ".graph.pieces"
    recipes = set()
    for code, names in (("a", ["mesh"]), ("b", ["mesh"]), ("b", ["mesh", "doid"])):
        monkeypatch.setattr("kg.building.recipe._code_digest", lambda code=code: code)
        with pytest.raises(GraphError):
            build_graph([examples / "page"], tmp_path / "graph", ontology_names=names)
        (recipe,) = kept.iterdir()
        recipes.add(recipe.name)
        assert len(list(recipe.iterdir())) == 1
    assert len(recipes) == 3


@pytest.mark.parametrize("room", [20_000, 200_000, 1_500_000])
def test_disk_that_is_full_is_told_and_the_old_graph_answers(
    room: int, old: Path, examples: Path, example_graph: Path, environment: dict[str, str]
) -> None:
    """No file may grow beyond so many bytes: in a piece, in a layer, in the store; with room, the same command ends."""
    before = tree(old)
    script = (
        "import resource, sys\n"
        f"resource.setrlimit(resource.RLIMIT_FSIZE, ({room}, {room}))\n"
        "sys.dont_write_bytecode = True\nfrom kg import cli\nsys.argv[0] = 'kg'\ncli.main()\n"
    )
    build = ["build", str(examples), "--out", str(old), "--jobs", "2"]
    ended = subprocess.run(
        [sys.executable, "-P", "-c", script, *build], env=environment, capture_output=True, text=True, check=False
    )
    assert ended.returncode == 3, ended.stderr
    assert "Traceback" not in ended.stderr
    assert "large" in ended.stderr or "space" in ended.stderr
    assert tree(old) == before
    assert answers(old)
    assert [name for name in left_beside(old) if ".pieces" not in name] == []
    subprocess.run([sys.executable, "-P", "-c", "from kg import cli; cli.main()", *build], env=environment, check=False)
    assert tree(old) == tree(example_graph)
    assert left_beside(old) == []


@pytest.mark.skipif(os.geteuid() != 0 or not shutil.which("mount"), reason="mounting a small disk needs root")
def test_small_disk_is_told_and_the_old_graph_answers(examples: Path, tmp_path: Path) -> None:
    """A file system of few megabytes, really full."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=12m", "tmpfs", disk], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip("this machine allows no mounts")
    try:
        build_graph([examples / "page" / "NCT01379521.txt"], disk / "graph", ontology_names=["doid"])
        before = tree(disk / "graph")
        (disk / "filler").write_bytes(bytes(2_000_000))
        with pytest.raises(GraphError, match=r"No space|space|cannot be"):
            build_graph([examples], disk / "graph")
        assert tree(disk / "graph") == before
        assert answers(disk / "graph")
    finally:
        subprocess.run(["umount", "-l", disk], check=True)


def test_source_that_cannot_be_read_is_a_finding(examples: Path, tmp_path: Path) -> None:
    """A file whose reading fails, in whatever way; the others are in the graph."""
    source = tmp_path / "in"
    source.mkdir()
    (source / "a.json").symlink_to("/proc/self/mem")
    (source / "b.json").symlink_to(tmp_path / "nowhere")
    (source / "c.json.gz").write_bytes(gzip.compress(os.urandom(2000))[:1000])
    shutil.copy(examples / "api-v2" / "NCT01379521.json", source / "d.json")
    report = build_graph([source], tmp_path / "graph")
    assert report.counts["trials"] == 1
    assert report.counts["findings"]["violation"] == 3
    assert report.inputs[str(source / "b.json")] == ""


def test_two_builds_of_one_folder_keep_off_each_other(old: Path, examples: Path, environment: dict[str, str]) -> None:
    """The second says who is at it, and touches nothing; when the first is killed, the folder is free."""
    script = (
        "import sys, time; from pathlib import Path; from kg.folder import replacing\n"
        "with replacing(Path(sys.argv[1])):\n    print('in', flush=True)\n    time.sleep(600)\n"
    )
    before = tree(old)
    first = subprocess.Popen(
        [sys.executable, "-P", "-c", script, str(old)], env=environment, stdout=subprocess.PIPE, text=True
    )
    try:
        assert first.stdout is not None
        assert first.stdout.readline() == "in\n"
        with pytest.raises(GraphError, match=rf"is being written by process {first.pid} since"):
            build_graph([examples / "page"], old)
    finally:
        first.kill()
        first.wait()
        first.stdout.close()  # type: ignore[union-attr]
    assert tree(old) == before
    with replacing(old) as beside:
        shutil.rmtree(beside)
    assert left_beside(old) == []
    assert tree(old) == before
