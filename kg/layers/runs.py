"""Sorted runs of packed blocks on disk, and their merge: an external sort, in memory that does not grow."""

import heapq
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from io import BytesIO
from itertools import groupby
from pathlib import Path
from typing import IO

import msgspec

from kg.layers.packing import Packed, order

__all__ = ["encode_blocks", "merge_runs", "read_run", "write_blocks", "write_run"]

#: Runs that are merged at a time: each is an open file, and holds a block and a buffer.
_FAN_IN = 128
_BUFFER = 32 * 1024


def write_run(path: Path, blocks: Iterable[Packed]) -> None:
    """Leaves the blocks at `path` in order, without a head."""
    path.write_bytes(bytes(8) + encode_blocks(blocks))


def encode_blocks(blocks: Iterable[Packed]) -> bytes:
    """The blocks in order, as they stand in a run after its head (the length of that, and what the caller says)."""
    stream = BytesIO()
    write_blocks(stream, sorted(blocks, key=order))
    return stream.getvalue()


def write_blocks(stream: IO[bytes], blocks: Iterable[Packed]) -> None:
    """Writes blocks that come in order."""
    encoder = msgspec.msgpack.Encoder()
    for block in blocks:
        data = encoder.encode(block)
        stream.write(len(data).to_bytes(8, "big"))
        stream.write(data)


def read_run(stream: IO[bytes]) -> Iterator[Packed]:
    """The blocks of a run, from after its head."""
    decoder = msgspec.msgpack.Decoder(Packed)
    while size := stream.read(8):
        yield decoder.decode(stream.read(int.from_bytes(size, "big")))


def merge_runs(runs: Sequence[Path], scratch: Path) -> Iterator[list[Packed]]:
    """The blocks of each trial, from all runs, the best one last; first those of no trial, each alone.

    `scratch` is a folder for runs of runs.
    """
    level, made = 0, list[Path]()
    while len(runs) > _FAN_IN:
        merged = []
        for start in range(0, len(runs), _FAN_IN):
            some, target = runs[start : start + _FAN_IN], scratch / f"merged-{level}-{start}.run"
            with target.open("wb") as stream:
                stream.write(bytes(8))
                write_blocks(stream, _merge(some))
            merged.append(target)
        _remove(made)
        runs, made, level = merged, merged, level + 1
    for key, blocks in groupby(_merge(runs), key=lambda block: block.entry.key):
        if key:
            yield list(blocks)
        else:
            yield from ([block] for block in blocks)
    _remove(made)


def _merge(runs: Iterable[Path]) -> Iterator[Packed]:
    with ExitStack() as stack:
        streams = [stack.enter_context(run.open("rb", buffering=_BUFFER)) for run in runs]
        for stream in streams:
            stream.seek(int.from_bytes(stream.read(8), "big"), 1)
        yield from heapq.merge(*map(read_run, streams), key=order)


def _remove(paths: Iterable[Path]) -> None:
    for path in paths:
        path.unlink()
