"""What a graph folder's layers hold, read back: lines, partitions of trials, and where each trial came from."""

import heapq
import json
import re
from collections.abc import Iterable, Iterator
from itertools import groupby
from pathlib import Path

from isal import igzip
from isal.igzip_lib import IsalError

from kg.layers.places import SOURCES, layer_path
from kg.vocab import expand

__all__ = ["read_build_findings", "read_lines", "read_partitions", "read_sources", "trial_of"]


def read_sources(folder: Path) -> dict[str, str]:
    """NCT number -> the input that its record was read from; empty where the folder does not say."""
    try:
        lines = (folder / SOURCES).read_text(encoding="utf-8").splitlines()
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


_NCT = re.compile(rb"NCT\d{8}")
#: The one triple of a trial that another trial is the subject of: an old number stands among its new one's lines.
_REPLACED = f" <{expand('dct:isReplacedBy')}> ".encode()


def trial_of(line: bytes, before: bytes) -> bytes:
    """The number of the trial that a line belongs to; that of the line before where its subject has none."""
    found = _NCT.search(line, 0, line.find(b">"))
    return found[0] if found and found[0] != before and _REPLACED not in line else before


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
        trial = trial_of(line, key)
        if trial != key:
            yield key, lines
            key, lines = trial, []
        lines.append(line.decode())
    yield key, lines


def read_lines(folder: Path, layer: str) -> Iterator[bytes]:
    """The triples of a layer, a line each.

    Raises:
        OSError: if the file is damaged.
        EOFError: if it is cut off.
    """
    with igzip.IGzipFile(layer_path(folder, layer)) as stream:  # type: ignore[no-untyped-call]
        try:
            yield from stream
        except IsalError as error:  # type: ignore[misc] # its stubs call it a function
            raise OSError(str(error)) from error
