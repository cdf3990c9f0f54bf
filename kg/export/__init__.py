"""Layers -> files in the formats that people and catalogues take."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from kg.errors import GraphError
from kg.export.formats import FORMATS, Block, find_format, format_for, parse_lines, write_blocks
from kg.layers import LAYERS, layer_path, read_lines, read_partitions

__all__ = ["FORMATS", "Block", "export_graph", "export_to", "format_for", "parse_lines", "write_blocks"]

#: Layers that are no trial's: lines of one subject stand together in them.
_SHARED = ("ontology", "metadata")


def export_graph(folder: Path, target: Path, name: str | None = None, *, layers: tuple[str, ...] = LAYERS) -> None:
    """Writes the layers of a graph folder into one file, atomically; the suffix says the format if no name does.

    Raises:
        GraphError: if a layer is missing or broken.
        NotFound: if there is no format of this name.
        UsageError: if no name is given, and the suffix is none of ours.
    """
    name = name or format_for(target)
    beside = target.with_name(f".{target.name}.{os.getpid()}")
    try:
        with beside.open("wb") as stream:
            export_to(folder, stream, name, layers=layers)
        beside.replace(target)
    finally:
        beside.unlink(missing_ok=True)


def export_to(folder: Path, stream: IO[bytes], name: str, *, layers: tuple[str, ...] = LAYERS) -> None:
    """Writes the layers of a graph folder in the named format.

    Raises:
        GraphError: if a layer is missing or broken.
        NotFound: if there is no format of this name.
    """
    by_trial = find_format(name).by_trial
    for layer in layers:
        if not layer_path(folder, layer).is_file():
            raise GraphError(str(folder), f"no layer {layer!r}", remedy="Build the graph with `kg build`.")
    write_blocks(_trials(folder, layers) if by_trial else _layers(folder, layers), stream, name)


def _layers(folder: Path, layers: tuple[str, ...]) -> Iterator[Block]:
    for layer in layers:
        yield {layer: _lines(folder, layer)}


def _lines(folder: Path, layer: str) -> Iterator[str]:
    try:
        for line in read_lines(folder, layer):
            yield line.decode()
    except (OSError, EOFError, ValueError) as error:
        raise GraphError(str(layer_path(folder, layer)), f"broken: {error}") from error


def _trials(folder: Path, layers: tuple[str, ...]) -> Iterator[Block]:
    """Everything about one trial together, whoever says it; then what is about no trial."""
    try:
        for lines in read_partitions(folder, [layer for layer in layers if layer not in _SHARED], trials=1):
            yield {"": lines}
    except (OSError, EOFError, ValueError) as error:
        raise GraphError(str(folder), f"broken layers: {error}") from error
    yield from _layers(folder, tuple(layer for layer in layers if layer in _SHARED))
