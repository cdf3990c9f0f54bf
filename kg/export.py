"""Layers -> files in the formats that people and catalogues take."""

import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO

import pyoxigraph as ox

from kg.errors import GraphError, NotFound, UsageError
from kg.layers import LAYERS, layer_path, read_lines
from kg.vocab import PREFIXES

__all__ = ["FORMATS", "export_graph", "format_for", "write_triples"]

#: Name of a format -> how it is written; the names of the command line.
FORMATS: dict[str, ox.RdfFormat] = {
    "turtle": ox.RdfFormat.TURTLE,
    "ntriples": ox.RdfFormat.N_TRIPLES,
}
_SUFFIXES = {".ttl": "turtle", ".nt": "ntriples"}

#: Prefixes written into Turtle: none inside another but by its separator, so that each IRI has one short form.
_WRITTEN = {
    prefix: namespace
    for prefix, namespace in sorted(PREFIXES.items())
    if prefix not in ("ncit", "NCIT", "MONDO", "DOID", "CHEBI", "graph")
}


class _SortedPrefixes:
    """A stream that writes our prefixes in order and drops the writer's own, which come in a new order each run."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self._head: bytes | None = b""
        for prefix, namespace in _WRITTEN.items():
            stream.write(f"@prefix {prefix}: <{namespace}> .\n".encode())

    def write(self, data: bytes) -> int:
        if self._head is None:
            self._stream.write(data)
            return len(data)
        *lines, rest = (self._head + data).split(b"\n")
        kept = [line for line in lines if not line.startswith(b"@prefix ")]
        if kept:
            self._head = None
            self._stream.write(b"\n".join([*kept, rest]))
        else:
            self._head = rest
        return len(data)

    def flush(self) -> None:
        if self._head:
            self._stream.write(self._head)
        self._head = b"" if self._head is not None else None
        self._stream.flush()


def format_for(path: Path) -> str:
    """The format that a file's suffix asks for.

    Raises:
        UsageError: if no format has it.
    """
    try:
        return _SUFFIXES[path.suffix]
    except KeyError:
        known = ", ".join(sorted(_SUFFIXES))
        raise UsageError(str(path), "no RDF format has this suffix", got=path.suffix, expected=known) from None


def write_triples(triples: Iterable[ox.Triple], stream: IO[bytes], name: str) -> None:
    """Writes triples in the named format, in the order in which they come: the same triples, the same bytes.

    Raises:
        NotFound: if there is no such format.
    """
    if name not in FORMATS:
        raise NotFound("format", name, FORMATS)
    if name == "ntriples":
        ox.serialize(triples, stream, FORMATS[name])
    else:
        sorted_stream = _SortedPrefixes(stream)
        ox.serialize(triples, sorted_stream, FORMATS[name], prefixes=_WRITTEN)  # type: ignore[arg-type]
        sorted_stream.flush()


def parse_lines(lines: Iterable[str]) -> Iterator[ox.Triple]:
    """The triples of N-Triples text."""
    for quad in ox.parse("".join(lines), ox.RdfFormat.N_TRIPLES):
        yield quad.triple


def export_graph(folder: Path, target: Path, *, layers: tuple[str, ...] = LAYERS) -> None:
    """Writes the layers of a graph folder into one file, whose suffix says the format; atomically.

    Raises:
        GraphError: if a layer is missing or broken.
        UsageError: if the suffix is none of ours.
    """
    name = format_for(target)
    for layer in layers:
        if not layer_path(folder, layer).is_file():
            raise GraphError(str(folder), f"no layer {layer!r}", remedy="Build the graph with `kg build`.")
    beside = target.with_name(f".{target.name}.{os.getpid()}")
    try:
        with beside.open("wb") as stream:
            write_triples(_layer_triples(folder, layers), stream, name)
        beside.replace(target)
    finally:
        beside.unlink(missing_ok=True)


def _layer_triples(folder: Path, layers: tuple[str, ...]) -> Iterator[ox.Triple]:
    for layer in layers:
        try:
            for line in read_lines(folder, layer):
                yield from (quad.triple for quad in ox.parse(line, ox.RdfFormat.N_TRIPLES))
        except (OSError, EOFError, SyntaxError) as error:
            raise GraphError(str(layer_path(folder, layer)), f"broken: {error}") from error
