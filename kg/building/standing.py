"""A graph that stands already, as an update sees it: its records one after the other, and what it says of each."""

import re
from array import array
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Self

import msgspec

from kg.building.changing import Old
from kg.building.writing import OF_RECORDS, Standing
from kg.errors import GraphError
from kg.layers import Entry, Footer, is_of_layers, iter_index, layer_path, read_footer, unpack_text

__all__ = ["OldGraph", "TrialTexts"]

_AGAIN = "Build it again with `kg build`."


class OldGraph:
    """The records of a graph folder, and the packed triples of each."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._footer = _footer(folder)
        try:
            self.standing = msgspec.msgpack.decode(self._footer.head, type=Standing)
        except msgspec.DecodeError as error:
            raise GraphError(str(folder), f"its index of records is damaged ({error})", remedy=_AGAIN) from error
        self._stack = ExitStack()
        self._files = {
            layer: self._stack.enter_context(layer_path(folder, layer).open("rb", buffering=1 << 20))
            for layer in OF_RECORDS
        }

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    def entries(self) -> Iterator[Entry]:
        """What the index holds."""
        return iter_index(self._folder, self._footer)

    def records(self) -> Iterator[Old]:
        """Every record in order, with its places in the layers."""
        at = {layer: self._footer.preambles.get(layer, (0, 0))[0] for layer in OF_RECORDS}
        for entry in self.entries():
            yield Old(entry, dict(at))
            for layer, (size, _) in entry.sizes.items():
                at[layer] += size

    def packed(self, record: Old) -> dict[str, bytes]:
        """The packed triples of a record, by layer."""
        return {layer: self._read(layer, record.places[layer], size) for layer, (size, _) in record.entry.sizes.items()}

    def concept_lines(self) -> list[str]:
        """What the inferred layer says of concepts, before the trials."""
        size, count = self._footer.preambles.get("inferred", (0, 0))
        return unpack_lines(self._read("inferred", 0, size)) if count else []

    def _read(self, layer: str, at: int, size: int) -> bytes:
        file = self._files[layer]
        if file.tell() != at:
            file.seek(at)
        return file.read(size)


def _footer(folder: Path) -> Footer:
    try:
        footer = read_footer(folder)
        is_fitting = is_of_layers(folder, footer)
    except FileNotFoundError as error:
        problem = "has no index of records, which an update needs; other drug classes (`kg reason`) leave none"
        raise GraphError(str(folder), problem, remedy=_AGAIN) from error
    except (OSError, ValueError, msgspec.DecodeError) as error:
        raise GraphError(str(folder), f"its index of records is damaged ({error})", remedy=_AGAIN) from error
    if not is_fitting:
        raise GraphError(str(folder), "its layers were written by something else since it was built", remedy=_AGAIN)
    return footer


def unpack_lines(packed: bytes) -> list[str]:
    """The lines of several gzip members."""
    from isal import igzip

    text: bytes = igzip.decompress(packed)  # type: ignore[no-untyped-call]
    return [f"{line}\n" for line in text.decode().split("\n")[:-1]]


def unpack_texts(packed: Mapping[str, bytes]) -> dict[str, str]:
    """The triples by layer, unpacked."""
    return {layer: unpack_text(text) for layer, text in packed.items()}


_NUMBER = re.compile(r"NCT(\d{8})")


class TrialTexts:
    """Where the trials of a layer stand; of hundreds of thousands, a few bytes each."""

    def __init__(self) -> None:
        self._numbers, self._places, self._sizes = array("I"), array("Q"), array("I")
        self._end = 0

    def add(self, trial: str, size: int) -> None:
        """Notes the next trial."""
        self._numbers.append(int(trial.removeprefix("NCT")))
        self._places.append(self._end)
        self._sizes.append(size)
        self._end += size

    def find_said(self, line: str, subjects: Iterable[str], layer: Path) -> bool:
        """Whether one of the trials that these IRIs are of says this line."""
        numbers = dict.fromkeys(int(found[1]) for found in map(_NUMBER.search, subjects) if found)
        with layer.open("rb") as file:
            for number in numbers:
                at = bisect_left(self._numbers, number)
                if at < len(self._numbers) and self._numbers[at] == number:
                    file.seek(self._places[at])
                    if line in unpack_text(file.read(self._sizes[at])):
                        return True
        return False
