"""Layers written: gzip'ed N-Triples sorted by trial, the same bytes whatever the order of records.

A layer is a series of gzip members, as its format allows: one for each trial, so that a trial's triples are put in, and
taken out, without a look at the others.
"""

import json
import shutil
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import IO, NamedTuple, Self

import msgspec

from kg.layers.index import Footer, IndexWriter
from kg.layers.packing import Block, Entry, Packed, pack, pack_text
from kg.layers.places import SOURCES, layer_path
from kg.layers.reading import trial_of
from kg.layers.runs import merge_runs, write_run

__all__ = ["LayerFiles", "LayerWriter", "Superseded", "write_layer"]

#: Bytes held in memory before they are written to a run.
_RUN_BYTES = 16 * 1024 * 1024
#: Lines of a member that belong to no trial.
_MEMBER_LINES = 5_000


class Superseded(NamedTuple):
    """A record that another of the same trial stands for."""

    trial: str
    source: str
    by: str


class LayerFiles:
    """The layers' files of a folder, and which record each trial came from; trials are added in order."""

    def __init__(self, folder: Path, layers: Iterable[str]) -> None:
        (folder / "layers").mkdir(exist_ok=True)
        self._folder = folder
        self._stack = ExitStack()
        self._files = {name: self._stack.enter_context(layer_path(folder, name).open("wb")) for name in layers}
        self._sources = self._stack.enter_context((folder / SOURCES).open("w", encoding="utf-8"))
        self._index = self._stack.enter_context(IndexWriter(folder))
        self.preambles: dict[str, tuple[int, int]] = {}
        self.triples = dict.fromkeys(layers, 0)
        self.trials = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            for layer, count in self.triples.items():
                _end(self._files[layer], count)
        self._stack.close()

    def write(self, layer: str, lines: Iterable[str]) -> None:
        """Writes lines that stand before the trials."""
        file = self._files[layer]
        count = _write(file, lines)
        self.preambles[layer] = (file.tell(), count)
        self.triples[layer] += count

    def put_before(self, layer: str, lines: Iterable[str]) -> None:
        """Writes lines that stand before the trials, when these are written already."""
        body = layer_path(self._folder, layer)
        self._files[layer].flush()
        aside = body.with_name(f".{layer}")
        body.rename(aside)
        self._files[layer] = self._stack.enter_context(body.open("wb"))
        self.write(layer, lines)
        with aside.open("rb") as written:
            shutil.copyfileobj(written, self._files[layer], 1 << 20)
        aside.unlink()

    def note(self, entry: Entry) -> None:
        """Keeps what is known of a record that has no triples here."""
        self._index.add(msgspec.structs.replace(entry, sizes={}, checked=b"") if entry.sizes else entry)

    def add(self, entry: Entry, texts: Mapping[str, bytes]) -> None:
        """Writes the triples of one trial."""
        self._sources.write(f"{entry.key}\t{json.dumps(entry.source, ensure_ascii=False)}\n")
        self._index.add(entry)
        self.trials += 1
        for layer, text in texts.items():
            self._files[layer].write(text)
            self.triples[layer] += entry.sizes[layer][1]

    def close_index(self, head: bytes) -> None:
        """Ends the index of records with what is to be known of them all."""
        self._index.close(Footer(self.preambles, head))


class LayerWriter:
    """Collects the blocks of trials in any order and writes the layers' files into `folder`."""

    def __init__(self, folder: Path, layers: tuple[str, ...]) -> None:
        self._folder = folder
        self._layers = layers
        self._runs: list[Path] = []
        self._held: list[Packed] = []
        self._held_bytes = 0
        self.triples = dict.fromkeys(layers, 0)
        self.trials = 0
        self.superseded: list[Superseded] = []

    def add(self, block: Block) -> None:
        """Takes one record's triples."""
        packed = pack(block)
        self._held.append(packed)
        self._held_bytes += sum(map(len, packed.texts.values()))
        if self._held_bytes > _RUN_BYTES:
            self._write_run()

    def _write_run(self) -> None:
        path = self._folder / f"run-{len(self._runs)}"
        write_run(path, self._held)
        self._runs.append(path)
        self._held, self._held_bytes = [], 0

    def finish(self, preambles: Mapping[str, list[str]]) -> None:
        """Merges the runs into the layers' files; `preambles` are lines that stand before the trials."""
        self._write_run()
        with LayerFiles(self._folder, self._layers) as files:
            for layer, lines in preambles.items():
                files.write(layer, lines)
            for *others, best in merge_runs(self._runs, self._folder):
                entry = best.entry
                self.superseded.extend(Superseded(entry.key, o.entry.source, entry.source) for o in others)
                files.add(entry, best.texts)
        self.triples, self.trials = files.triples, files.trials
        for run in self._runs:
            run.unlink()


def write_layer(folder: Path, layer: str, lines: Iterable[str]) -> int:
    """Writes one layer from lines that come sorted; gives their number."""
    (folder / "layers").mkdir(exist_ok=True)
    with layer_path(folder, layer).open("wb") as file:
        count = _write(file, lines)
        _end(file, count)
    return count


def _write(file: IO[bytes], lines: Iterable[str]) -> int:
    count = 0
    for member in _members(lines):
        file.write(pack_text("".join(member)))
        count += len(member)
    return count


def _members(lines: Iterable[str]) -> Iterator[list[str]]:
    """The lines of one trial together; of those that belong to none, so many."""
    trial, held = b"", list[str]()
    for line in lines:
        of = trial_of(line.encode(), trial)
        if held and (of != trial or (not of and len(held) == _MEMBER_LINES)):
            yield held
            held = []
        trial = of
        held.append(line)
    if held:
        yield held


def _end(file: IO[bytes], count: int) -> None:
    """A layer without triples is a file of gzip all the same."""
    if not count:
        file.write(pack_text(""))
