"""The index of a graph's records: what each was made of, so that an update need not make it again."""

from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Self

import msgspec

from kg.layers.packing import Entry
from kg.layers.places import layer_path

__all__ = ["INDEX", "Footer", "IndexWriter", "is_of_layers", "iter_index", "read_footer"]

#: The index's file in a graph folder.
INDEX = "records.index"
#: Bytes of the footer's length, which the file ends with.
_LENGTH = 8


class Footer(msgspec.Struct, frozen=True, array_like=True):
    """What stands before the trials of each layer (bytes, lines), and what the builder knows of all records."""

    preambles: dict[str, tuple[int, int]]
    head: bytes
    #: Bytes of the entries, and of each layer.
    entries: int = 0
    layers: dict[str, int] = {}


class IndexWriter:
    """Writes the entries of records as they come: by trial, the best record of each last. Without an end, no index."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._file = (folder / INDEX).open("wb")
        self._encoder = msgspec.msgpack.Encoder()
        self._layers: dict[str, int] = {}
        self._is_closed = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()
        if not self._is_closed:
            (self._folder / INDEX).unlink(missing_ok=True)

    def add(self, entry: Entry) -> None:
        """Writes one entry."""
        data = self._encoder.encode(entry)
        self._file.write(len(data).to_bytes(4, "big"))
        self._file.write(data)
        for layer, (size, _) in entry.sizes.items():
            self._layers[layer] = self._layers.get(layer, 0) + size

    def close(self, footer: Footer) -> None:
        """Ends the index."""
        layers = dict(self._layers)
        for layer, (size, _) in footer.preambles.items():
            layers[layer] = layers.get(layer, 0) + size
        data = self._encoder.encode(
            msgspec.structs.replace(footer, entries=self._file.tell(), layers=dict(sorted(layers.items())))
        )
        self._file.write(data + len(data).to_bytes(_LENGTH, "big"))
        self._is_closed = True


def read_footer(folder: Path) -> Footer:
    """What the index says of all records.

    Raises:
        OSError: if there is no index.
        ValueError: if it is damaged.
    """
    with (folder / INDEX).open("rb") as file:
        end = file.seek(0, 2)
        file.seek(max(end - _LENGTH, 0))
        size = int.from_bytes(file.read(_LENGTH), "big")
        if size > end - _LENGTH:
            raise ValueError("its footer is cut off")
        file.seek(end - _LENGTH - size)
        return msgspec.msgpack.decode(file.read(size), type=Footer)


def is_of_layers(folder: Path, footer: Footer) -> bool:
    """Whether the layers are those that the index is of: something else may have written them since."""
    # A layer without triples is not an empty file: gzip has a head.
    return all(not size or layer_path(folder, layer).stat().st_size == size for layer, size in footer.layers.items())


def iter_index(folder: Path, footer: Footer) -> Iterator[Entry]:
    """The entries of all records: by trial, the best record of each last."""
    decoder = msgspec.msgpack.Decoder(Entry)
    with (folder / INDEX).open("rb") as file:
        while file.tell() < footer.entries:
            yield decoder.decode(file.read(int.from_bytes(file.read(4), "big")))
