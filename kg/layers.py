"""Layers on disk: gzip'ed N-Triples sorted by trial, the same bytes whatever the order of records.

Mapped trials come in any order and go out sorted, by an external merge sort: sorted runs on disk, merged at the end, so
that memory does not grow with the number of trials. Of several records of one trial the best is kept.
"""

import gzip
import heapq
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from itertools import groupby
from pathlib import Path
from typing import IO, NamedTuple

import msgspec

from kg.vocab import expand

__all__ = [
    "LAYERS",
    "Block",
    "LayerWriter",
    "Superseded",
    "layer_path",
    "read_build_findings",
    "read_lines",
    "read_partitions",
    "read_sources",
    "write_layer",
]

#: The layers of a graph folder, in the order in which they are written and exported.
LAYERS = ("registry", "derived", "links", "inferred", "ontology", "metadata")

#: Measured on real layers: level 1 costs a third of level 6's time for a tenth more bytes.
_GZIP_LEVEL = 1
#: Bytes of text held in memory before they are written to a run.
_RUN_BYTES = 64 * 1024 * 1024
#: Which record each trial was mapped from: NCT number, and the input's name as JSON writes it. For the way back only.
_SOURCES = "sources.tsv"


class Block(msgspec.Struct, frozen=True, array_like=True):
    """The triples of one record. `rank` decides between records of one trial: the greatest wins."""

    key: str
    rank: tuple[str, str, int, str]
    source: str
    texts: dict[str, str]


class Superseded(NamedTuple):
    """A record that another of the same trial stands for."""

    trial: str
    source: str
    by: str


def layer_path(folder: Path, layer: str) -> Path:
    """Where a graph folder keeps a layer."""
    return folder / "layers" / f"{layer}.nt.gz"


class LayerWriter:
    """Collects the blocks of trials and writes the layers' files into `folder`."""

    def __init__(self, folder: Path, layers: tuple[str, ...]) -> None:
        self._folder = folder
        self._layers = layers
        self._runs: list[Path] = []
        self._held: list[Block] = []
        self._held_bytes = 0
        self.triples = dict.fromkeys(layers, 0)
        self.trials = 0
        self.superseded: list[Superseded] = []

    def add(self, block: Block) -> None:
        """Takes one record's triples."""
        self._held.append(block)
        self._held_bytes += sum(map(len, block.texts.values()))
        if self._held_bytes > _RUN_BYTES:
            self._write_run()

    def _write_run(self) -> None:
        path = self._folder / f"run-{len(self._runs)}.msgpack"
        encoder = msgspec.msgpack.Encoder()
        with path.open("wb") as stream:
            for block in sorted(self._held, key=_order):
                data = encoder.encode(block)
                stream.write(len(data).to_bytes(8, "big") + data)
        self._runs.append(path)
        self._held, self._held_bytes = [], 0

    def finish(self, preambles: Mapping[str, list[str]]) -> None:
        """Merges the runs into the layers' files; `preambles` are lines that stand before the trials."""
        (self._folder / "layers").mkdir(exist_ok=True)
        streams = [_read_run(run) for run in self._runs] + [iter(sorted(self._held, key=_order))]
        with ExitStack() as stack:
            sources = stack.enter_context((self._folder / _SOURCES).open("w", encoding="utf-8"))
            files = {layer: stack.enter_context(_open_layer(self._folder, layer)) for layer in self._layers}
            for layer, lines in preambles.items():
                self._write(files[layer], layer, "".join(lines))
            for _, blocks in groupby(heapq.merge(*streams, key=_order), key=lambda block: block.key):
                self._write_best(files, list(blocks), sources)
        for run in self._runs:
            run.unlink()

    def _write_best(self, files: dict[str, gzip.GzipFile], blocks: list[Block], sources: IO[str]) -> None:
        *others, best = blocks
        sources.write(f"{best.key}\t{json.dumps(best.source, ensure_ascii=False)}\n")
        self.trials += 1
        self.superseded.extend(Superseded(best.key, other.source, best.source) for other in others)
        for layer, text in best.texts.items():
            self._write(files[layer], layer, text)

    def _write(self, file: gzip.GzipFile, layer: str, text: str) -> None:
        file.write(text.encode())
        self.triples[layer] += text.count("\n")


def _order(block: Block) -> tuple[str, tuple[str, str, int, str]]:
    return block.key, block.rank


def _read_run(path: Path) -> Iterator[Block]:
    decoder = msgspec.msgpack.Decoder(Block)
    with path.open("rb") as stream:
        while size := stream.read(8):
            yield decoder.decode(stream.read(int.from_bytes(size, "big")))


@contextmanager
def _open_layer(folder: Path, layer: str) -> Iterator[gzip.GzipFile]:
    # No name and no time in the header: the same triples give the same bytes.
    with (
        layer_path(folder, layer).open("wb") as file,
        gzip.GzipFile(filename="", fileobj=file, mode="wb", compresslevel=_GZIP_LEVEL, mtime=0) as packed,
    ):
        yield packed


def read_sources(folder: Path) -> dict[str, str]:
    """NCT number -> the input that its record was read from; empty where the folder does not say."""
    try:
        lines = (folder / _SOURCES).read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return {}
    return {trial: str(json.loads(source)) for trial, _, source in (line.partition("\t") for line in lines)}


def read_build_findings(folder: Path) -> Iterator[bytes]:
    """The findings of the build that wrote the folder, each as JSON; none where it keeps none."""
    try:
        with (folder / "findings.jsonl").open("rb") as lines:
            yield from lines
    except FileNotFoundError:
        return


def write_layer(folder: Path, layer: str, lines: Iterator[str]) -> int:
    """Writes one layer from lines that come sorted; gives their number."""
    (folder / "layers").mkdir(exist_ok=True)
    count = 0
    with _open_layer(folder, layer) as file:
        for line in lines:
            file.write(line.encode())
            count += 1
    return count


_NCT = re.compile(rb"NCT\d{8}")
#: The one triple of a trial that another trial is the subject of: an old number stands among its new one's lines.
_REPLACED = f" <{expand('dct:isReplacedBy')}> ".encode()


def read_partitions(folder: Path, layers: Iterable[str], *, trials: int) -> Iterator[list[str]]:
    """The triples of several layers together, cut after every so many trials; what precedes the trials comes first."""
    merged = heapq.merge(*(_by_trial(folder, layer) for layer in layers), key=lambda block: block[0])
    held: list[str] = []
    for count, (_, blocks) in enumerate(groupby(merged, key=lambda block: block[0])):
        for _, lines in blocks:
            held.extend(lines)
        if count % trials == 0:
            yield held
            held = []
    if held:
        yield held


def _by_trial(folder: Path, layer: str) -> Iterator[tuple[bytes, list[str]]]:
    """(NCT number, lines) of each trial; lines whose subject has no number belong to the trial before them."""
    key, lines = b"", list[str]()
    for line in read_lines(folder, layer):
        found = _NCT.search(line, 0, line.find(b">"))
        if found and found[0] != key and _REPLACED not in line:
            yield key, lines
            key, lines = found[0], []
        lines.append(line.decode())
    yield key, lines


def read_lines(folder: Path, layer: str) -> Iterator[bytes]:
    """The triples of a layer, a line each."""
    with gzip.open(layer_path(folder, layer)) as stream:
        yield from stream
