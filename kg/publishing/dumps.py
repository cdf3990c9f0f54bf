"""The graph as files for download: each layer by itself, and all of them as quads; written in one pass over the layers.

What an ontology's publisher says is a part of its own, because it has a licence of its own.
"""

import gzip
import io
import re
import shutil
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from hashlib import file_digest
from pathlib import Path
from typing import IO, NamedTuple, Self

from kg.errors import NotFound
from kg.export import export_to
from kg.layers import layer_path
from kg.publishing.blocks import prefix_lines, turtle_blocks
from kg.publishing.chunks import SHARED_LAYERS, TRIAL_LAYERS, check_layers, merge_chunks, read_chunks
from kg.publishing.statistics import Statistics
from kg.publishing.words import term
from kg.vocab import GRAPHS, ID

__all__ = ["DUMP_FORMATS", "USUAL_FORMATS", "VOCABULARY", "Dump", "write_dumps"]


class DumpFormat(NamedTuple):
    """How files of a format end, what they are called on the web, and whether all layers are in one."""

    suffix: str
    media_type: str
    is_whole: bool


#: Name -> format (https://www.iana.org/assignments/media-types/).
DUMP_FORMATS: dict[str, DumpFormat] = {
    "ntriples": DumpFormat("nt", "application/n-triples", is_whole=False),
    "turtle": DumpFormat("ttl", "text/turtle", is_whole=False),
    "nquads": DumpFormat("nq", "application/n-quads", is_whole=True),
    "trig": DumpFormat("trig", "application/trig", is_whole=True),
    "jsonld": DumpFormat("jsonld", "application/ld+json", is_whole=True),
}
#: What is written if nobody asks for more.
USUAL_FORMATS = ("ntriples", "turtle", "nquads")
#: The part that holds our own terms, codes and drug classes: what of the layer `ontology` is no publisher's.
VOCABULARY = "vocabulary"

#: The stem of files that hold all layers.
_WHOLE = "trialgraph"
_LEVEL = 6
_IN_ONTOLOGY = re.compile(rf" {re.escape(term('tg:inOntology'))} <[^>]*/([^/>]+)> ")


class Dump(NamedTuple):
    """A file of the bundle: its path below the folder, which part it holds (all if empty), its size and SHA-256."""

    path: str
    part: str
    format: str
    size: int
    sha256: str


def write_dumps(folder: Path, out: Path, formats: Sequence[str], statistics: Statistics) -> list[Dump]:
    """Writes the dumps of a graph folder into `out`, and counts what passes.

    Raises:
        NotFound: if there is no such format.
        GraphError: if a layer is missing or broken.
    """
    for name in formats:
        if name not in DUMP_FORMATS:
            raise NotFound("--format", name, DUMP_FORMATS)
    check_layers(folder)
    out.mkdir(parents=True, exist_ok=True)
    with _Files(out, formats) as files:
        _pass(folder, files, statistics)
    if "ntriples" in formats:
        for layer in {*_COPIED} & {*statistics.parts}:
            shutil.copyfile(layer_path(folder, layer), out / f"{layer}.nt.gz")
    if "jsonld" in formats:
        with _packed(out / f"{_WHOLE}.jsonld.gz") as stream:
            export_to(folder, stream, "jsonld")
    return list(_described(out, formats, statistics.parts))


def _pass(folder: Path, files: "_Files", statistics: Statistics) -> None:
    for trial, pieces in merge_chunks(folder, TRIAL_LAYERS):
        _add(statistics, trial, pieces)
        for layer, lines in pieces:
            files.write(layer, layer, lines)
    for layer in SHARED_LAYERS:
        for part, lines in _parts(folder, layer):
            statistics.add_shared(part, lines)
            files.write(part, layer, lines)


#: Layers that are published as they lie in the graph folder.
_COPIED = (*TRIAL_LAYERS, "metadata")


def _add(statistics: Statistics, trial: str, pieces: list[tuple[str, list[str]]]) -> None:
    if trial:
        statistics.add_trial(trial, pieces)
    else:
        for layer, lines in pieces:
            statistics.add_shared(layer, lines)


def _parts(folder: Path, layer: str) -> Iterator[tuple[str, list[str]]]:
    for _, lines in read_chunks(folder, layer):
        found = next(filter(None, map(_IN_ONTOLOGY.search, lines)), None) if layer == "ontology" else None
        yield (f"ontology-{found[1]}" if found else VOCABULARY if layer == "ontology" else layer), lines


@contextmanager
def _packed(path: Path) -> Iterator[IO[bytes]]:
    """A gzip file without name and time in its head: the same text gives the same bytes."""
    with (
        path.open("wb") as file,
        gzip.GzipFile(filename="", fileobj=file, mode="wb", compresslevel=_LEVEL, mtime=0) as packed,
        io.BufferedWriter(packed, 1 << 20) as stream,
    ):
        yield stream


class _Files:
    """The files that are written line by line: opened when their first lines come."""

    def __init__(self, out: Path, formats: Sequence[str]) -> None:
        self._out = out
        self._formats = formats
        self._open: dict[str, IO[bytes]] = {}
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self._stack.close()

    def write(self, part: str, layer: str, lines: list[str]) -> None:
        """Writes the lines of a chunk into every file that holds them."""
        blocks = turtle_blocks(lines) if {"turtle", "trig"} & {*self._formats} else ""
        graph = f"<{GRAPHS.get(layer, f'{ID}graph/{layer}')}>"
        for name in self._formats:
            match name:
                case "ntriples" if layer not in _COPIED:
                    self._file(f"{part}.nt").write("".join(lines).encode())
                case "turtle":
                    self._file(f"{part}.ttl").write(blocks.encode())
                case "trig":
                    self._file(f"{_WHOLE}.trig").write(f"{graph} {{\n\n{blocks}}}\n\n".encode())
                case "nquads":
                    # No text of N-Triples has a line's end inside.
                    text = "".join(lines).replace(" .\n", f" {graph} .\n")
                    self._file(f"{_WHOLE}.nq").write(text.encode())

    def _file(self, name: str) -> IO[bytes]:
        if name not in self._open:
            self._open[name] = self._stack.enter_context(_packed(self._out / f"{name}.gz"))
            if name.endswith((".ttl", ".trig")):
                self._open[name].write(prefix_lines().encode())
        return self._open[name]


def _described(out: Path, formats: Sequence[str], parts: Sequence[str]) -> Iterator[Dump]:
    for name in formats:
        found = DUMP_FORMATS[name]
        for part in ("",) if found.is_whole else parts:
            path = out / f"{part or _WHOLE}.{found.suffix}.gz"
            with path.open("rb") as stream:
                digest = file_digest(stream, "sha256").hexdigest()
            yield Dump(f"{out.name}/{path.name}", part, name, path.stat().st_size, digest)
