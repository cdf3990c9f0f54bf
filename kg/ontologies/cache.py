"""Decoded concepts on disk, under the checksum of the file they came from: an answer for the same bytes, or none."""

import os
from array import array
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path

import msgspec

from kg.concept import Concept
from kg.ontologies.facts import Stated

__all__ = ["Loaded", "place", "read_cache", "read_loaded", "write_beside", "write_cache", "write_loaded"]

#: The layout of what is stored; a change of what is decoded needs a new number.
_FORMAT = 3
_Names = tuple[str, ...]
#: Label, notation, exact, related, brands, xrefs, branches; places of broader, ancestors and actions among the IRIs.
_Row = tuple[str, str, _Names, _Names, _Names, _Names, _Names, bytes, bytes, bytes]


class Loaded(msgspec.Struct, frozen=True, kw_only=True):
    """What is told of an ontology in the cache without reading its concepts."""

    name: str
    version: str
    concepts: int
    names: int
    file: str
    sha256: str


class _Cached(msgspec.Struct, frozen=True, array_like=True):
    """Concepts as stored. IRIs stand once in a table, so that in memory they are shared; row N is of IRI N."""

    stated: Stated
    iris: list[str]
    rows: list[_Row]


def place(name: str) -> Path:
    """The folder of this name in our cache."""
    return Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache").expanduser() / "trialgraph" / name


def _file(key: str, end: str = "msgpack") -> Path:
    return place("ontologies") / f"{key}-{_FORMAT}.{end}"


def read_loaded() -> list[Loaded]:
    """What the cache holds decoded, by name and version."""
    found = []
    for path in place("ontologies").glob(f"*-{_FORMAT}.json"):
        with suppress(OSError, ValueError):
            found.append(msgspec.json.decode(path.read_bytes(), type=Loaded))
    return sorted(found, key=lambda loaded: (loaded.name, loaded.version, loaded.file))


def write_loaded(key: str, loaded: Loaded) -> None:
    """Keeps what is told of it. Where that cannot be written the list is shorter, which is no error."""
    with suppress(OSError):
        write_beside(_file(key, "json"), msgspec.json.encode(loaded))


def read_cache(key: str) -> tuple[Stated, dict[str, Concept]] | None:
    """What was decoded before under this key; None if that is not there or not readable."""
    try:
        cached = msgspec.msgpack.decode(_file(key).read_bytes(), type=_Cached)
        rows = zip(cached.iris, cached.rows, strict=False)
        return cached.stated, {iri: _unpack(iri, row, cached) for iri, row in rows}
    except (OSError, RuntimeError, ValueError, IndexError):
        return None


def _unpack(iri: str, row: _Row, cached: _Cached) -> Concept:
    label, notation, exact, related, brands, xrefs, branches, *places = row
    broader, ancestors, actions = (tuple(map(cached.iris.__getitem__, array("I", held))) for held in places)
    return Concept(
        iri=iri,
        label=label,
        source=cached.stated.name,
        exact=exact,
        related=related,
        broader=broader,
        ancestors=ancestors,
        actions=actions,
        xrefs=xrefs,
        notation=notation,
        branches=branches,
        brands=brands,
    )


def write_cache(key: str, stated: Stated, concepts: Mapping[str, Concept]) -> None:
    """Keeps what was decoded. Where that cannot be written the next load decodes again, which is no error."""
    places = {iri: place for place, iri in enumerate(concepts)}

    def pack(iris: tuple[str, ...]) -> bytes:
        return array("I", [places.setdefault(iri, len(places)) for iri in iris]).tobytes()

    rows: list[_Row] = [
        (
            *(c.label, c.notation, c.exact, c.related, c.brands, c.xrefs, c.branches),
            *(pack(c.broader), pack(c.ancestors), pack(c.actions)),
        )
        for c in concepts.values()
    ]
    with suppress(OSError, RuntimeError):
        write_beside(_file(key), msgspec.msgpack.encode(_Cached(stated, list(places), rows)))


def write_beside(path: Path, data: bytes | Iterable[bytes]) -> None:
    """Writes the file beside its place and renames it, so that nobody ever sees half of it.

    Raises:
        OSError: if the folder cannot be made or written.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with beside.open("wb") as stream:
            stream.writelines((data,) if isinstance(data, bytes) else data)
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)
