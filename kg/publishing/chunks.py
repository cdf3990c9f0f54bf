"""Layers in pieces that can be held: everything about one trial, or everything about one subject that is no trial's."""

import gzip
import heapq
import io
import re
import zlib
from collections.abc import Iterable, Iterator
from itertools import groupby
from pathlib import Path
from typing import NamedTuple

from kg.errors import GraphError
from kg.layers import layer_path
from kg.vocab import expand

__all__ = ["SHARED_LAYERS", "TRIAL_LAYERS", "Chunk", "check_layers", "merge_chunks", "read_chunks"]

#: Layers that are sorted by trial, and those that are no trial's.
TRIAL_LAYERS = ("registry", "derived", "links", "inferred")
SHARED_LAYERS = ("ontology", "metadata")

_NCT = re.compile(r"NCT\d{8}")
#: The one triple of a trial that another trial is the subject of: an old number stands among its new one's lines.
_REPLACED = f" <{expand('dct:isReplacedBy')}> "


class Chunk(NamedTuple):
    """Lines of one layer that belong together: a trial's (`trial` is its number), or one subject's (it is empty)."""

    trial: str
    lines: list[str]


def check_layers(folder: Path, layers: Iterable[str] = (*TRIAL_LAYERS, *SHARED_LAYERS)) -> None:
    """Returns if a graph folder has these layers.

    Raises:
        GraphError: if one is missing.
    """
    for layer in layers:
        if not layer_path(folder, layer).is_file():
            raise GraphError(str(folder), f"no layer {layer!r}", remedy="Build the graph with `kg build`.")


def read_chunks(folder: Path, layer: str) -> Iterator[Chunk]:
    """A layer's chunks in order. Lines without a number, once a trial has begun, are that trial's: its organisations.

    Raises:
        GraphError: if the layer is broken.
    """
    try:
        # Text in large pieces: a line at a time out of the packed file takes twice as long.
        with (
            gzip.open(layer_path(folder, layer)) as packed,
            io.TextIOWrapper(io.BufferedReader(packed, 1 << 20), encoding="utf-8", newline="\n") as lines,
        ):
            yield from _chunks(lines)
    except (OSError, EOFError, ValueError, zlib.error) as error:
        raise GraphError(str(layer_path(folder, layer)), f"broken: {error}", remedy="Build the graph again.") from error


def _chunks(lines: Iterable[str]) -> Iterator[Chunk]:
    trial, last = "", ""
    held: list[str] = []
    for line in lines:
        subject, predicate, rest = line.split(" ", 2)
        if not (predicate.endswith(">") and rest.endswith(" .\n")):
            raise ValueError(f"no N-Triples: {line[:100]!r}")
        if subject != last:
            found = _NCT.search(subject)
            is_new = found is not None and found[0] != trial and _REPLACED not in line
            if is_new and found and found[0] < trial:
                raise ValueError(f"{found[0]} comes after {trial}")
            if held and (is_new or not trial):
                yield Chunk(trial, held)
                held = []
            trial = found[0] if found and is_new else trial
            last = subject
        held.append(line)
    if held:
        yield Chunk(trial, held)


def merge_chunks(folder: Path, layers: Iterable[str]) -> Iterator[tuple[str, list[tuple[str, list[str]]]]]:
    """(trial, its lines by layer) over several layers that are sorted by trial; what is before the trials comes first.

    Raises:
        GraphError: if a layer is broken.
    """
    streams = [_named(folder, layer) for layer in layers]
    for trial, pieces in groupby(heapq.merge(*streams, key=lambda piece: piece[0]), key=lambda piece: piece[0]):
        if trial:
            yield trial, [(layer, lines) for _, layer, lines in pieces]
        else:
            yield from (("", [(layer, lines)]) for _, layer, lines in pieces)


def _named(folder: Path, layer: str) -> Iterator[tuple[str, str, list[str]]]:
    for chunk in read_chunks(folder, layer):
        yield chunk.trial, layer, chunk.lines
