"""Layers on disk: sorted, complete, the best record of each trial, and the same bytes whatever the order and memory."""

import gzip
import hashlib
import itertools
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg import layers
from kg.layers import Block, LayerWriter, layer_path, read_lines, read_partitions, write_layer, writing

#: Old NCT number -> the number that replaced it, of the examples.
FORMER = {"NCT00052819": "NCT00034333", "NCT02380456": "NCT02300909"}

BLOCKS = [
    Block(key, ("", "", rank, ""), f"{key}{rank}", {"registry": f"{key}{rank}\n", "links": f"{key}{rank} l\n" * 2})
    for key, rank in (("b", 1), ("a", 1), ("c", 1), ("a", 2), ("a", 0))
]


def write(folder: Path, blocks: list[Block]) -> LayerWriter:
    """The layers of some blocks."""
    folder.mkdir(exist_ok=True)
    writer = LayerWriter(folder, ("registry", "links"))
    for block in blocks:
        writer.add(block)
    writer.finish({"registry": ["first\n"]})
    return writer


@pytest.mark.parametrize("run_bytes", [0, 1, 5, 50, 10_000])
def test_runs_of_any_size_merge_to_the_same_layer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, run_bytes: int
) -> None:
    """Trials come out sorted, the best record of each, however little fits into memory; no run is left."""
    monkeypatch.setattr(writing, "_RUN_BYTES", run_bytes)
    writer = write(tmp_path, BLOCKS)
    assert list(read_lines(tmp_path, "registry")) == [b"first\n", b"a2\n", b"b1\n", b"c1\n"]
    assert list(read_lines(tmp_path, "links")) == [b"a2 l\n"] * 2 + [b"b1 l\n"] * 2 + [b"c1 l\n"] * 2
    assert [(s.trial, s.source, s.by) for s in writer.superseded] == [("a", "a0", "a2"), ("a", "a1", "a2")]
    assert (writer.trials, writer.triples) == (3, {"registry": 4, "links": 6})
    assert sorted(path.name for path in tmp_path.iterdir()) == ["layers", "sources.tsv"]
    assert layers.read_sources(tmp_path) == {"a": "a2", "b": "b1", "c": "c1"}


def test_bytes_are_the_same_for_any_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """All orders of the records, in one run or many."""
    digests = set()
    for number, blocks in enumerate(itertools.permutations(BLOCKS)):
        monkeypatch.setattr(writing, "_RUN_BYTES", 30 if number % 2 else 10_000)
        write(tmp_path / str(number), list(blocks))
        digest = hashlib.sha256()
        for layer in ("registry", "links"):
            digest.update(layer_path(tmp_path / str(number), layer).read_bytes())
        digests.add(digest.hexdigest())
    assert len(digests) == 1


RANKS = st.tuples(
    st.sampled_from(["", "2019-01-01", "2020-01-01"]),
    st.sampled_from(["", "2021-01-01"]),
    st.sampled_from([0, -1, -2]),
    st.text("0123456789abcdef", min_size=4, max_size=4),
)


@given(st.lists(st.tuples(st.sampled_from(["NCT1", "NCT2"]), RANKS), min_size=1))
def test_greatest_rank_wins_whatever_came_first(
    tmp_path_factory: pytest.TempPathFactory, records: list[tuple[str, tuple[str, str, int, str]]]
) -> None:
    """One record of each trial stays, and all the others are told."""
    folder = tmp_path_factory.mktemp("ranks")
    blocks = [Block(key, rank, "", {"registry": f"{key} {rank}\n", "links": ""}) for key, rank in records]
    writer = write(folder, blocks)
    best = {key: max(rank for other, rank in records if other == key) for key, _ in records}
    expected = [f"{key} {rank}\n".encode() for key, rank in sorted(best.items())]
    assert list(read_lines(folder, "registry"))[1:] == expected
    assert len(writer.superseded) == len(records) - len(best)


def test_file_says_neither_name_nor_time(tmp_path: Path) -> None:
    """Gzip's header holds nothing of the run that wrote it."""
    write(tmp_path, BLOCKS)
    head = layer_path(tmp_path, "registry").read_bytes()[:10]
    assert head[3] == 0
    assert head[4:8] == b"\0\0\0\0"


def test_layer_without_triples_is_a_file_all_the_same(tmp_path: Path) -> None:
    """No record, no triple, but a layer that can be read."""
    write(tmp_path, [])
    assert list(read_lines(tmp_path, "links")) == []
    assert write_layer(tmp_path, "metadata", iter(())) == 0
    assert gzip.decompress(layer_path(tmp_path, "metadata").read_bytes()) == b""


def test_lines_are_counted_as_they_are_written(tmp_path: Path) -> None:
    """The number of triples is that of the lines."""
    lines = [f"<a:s> <a:p> <a:{number}> .\n" for number in range(1000)]
    assert write_layer(tmp_path, "ontology", iter(lines)) == 1000
    assert [line.decode() for line in read_lines(tmp_path, "ontology")] == lines


@pytest.mark.parametrize("trials", [1, 2, 3, 100])
def test_partitions_hold_every_triple_once_and_no_trial_twice(example_graph: Path, trials: int) -> None:
    """However they are cut, the parts are the whole, and all layers of a trial stand together."""
    names = ("registry", "links", "inferred")
    parts = list(read_partitions(example_graph, names, trials=trials))
    whole = sorted(line.decode() for name in names for line in read_lines(example_graph, name))
    assert sorted(line for part in parts for line in part) == whole
    where: dict[str, set[int]] = {}
    for number, part in enumerate(parts):
        for line in part:
            if "/study/NCT" in line.partition(" ")[0]:
                where.setdefault(line.partition("/study/")[2][:11], set()).add(number)
    for old, new in FORMER.items():
        assert where.pop(old) == where[new]
    assert len(where) == 37
    assert all(len(numbers) == 1 for numbers in where.values())


def test_what_precedes_the_trials_stands_in_the_first_partition(example_graph: Path) -> None:
    """The closure of concepts goes with the first trials."""
    first, *others = read_partitions(example_graph, ("inferred",), trials=1)
    assert any("/study/NCT" not in line for line in first)
    assert all("/study/NCT" in line.partition(" ")[0] for part in others for line in part)
