"""Decoded concepts on disk, under the checksum of the file they came from: an answer for the same bytes, or none."""

import os
from array import array
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

import msgspec

from kg.concept import Concept
from kg.ontologies.facts import Stated

__all__ = ["read_cache", "write_beside", "write_cache"]

#: The layout of what is stored; a change of what is decoded needs a new number.
_FORMAT = 3
_Names = tuple[str, ...]
#: Label, notation, exact, related, brands, xrefs, branches; places of broader, ancestors and actions among the IRIs.
_Row = tuple[str, str, _Names, _Names, _Names, _Names, _Names, bytes, bytes, bytes]


class _Cached(msgspec.Struct, frozen=True, array_like=True):
    """Concepts as stored. IRIs stand once in a table, so that in memory they are shared; row N is of IRI N."""

    stated: Stated
    iris: list[str]
    rows: list[_Row]


def _file(sha256: str) -> Path:
    root = Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache").expanduser()
    return root / "trialgraph" / "ontologies" / f"{sha256}-{_FORMAT}.msgpack"


def read_cache(sha256: str) -> tuple[Stated, dict[str, Concept]] | None:
    """What was decoded before from the file with this checksum; None if that is not there or not readable."""
    try:
        cached = msgspec.msgpack.decode(_file(sha256).read_bytes(), type=_Cached)
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


def write_cache(sha256: str, stated: Stated, concepts: Mapping[str, Concept]) -> None:
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
        write_beside(_file(sha256), msgspec.msgpack.encode(_Cached(stated, list(places), rows)))


def write_beside(path: Path, data: bytes) -> None:
    """Writes the file beside its place and renames it, so that nobody ever sees half of it.

    Raises:
        OSError: if the folder cannot be made or written.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        beside.write_bytes(data)
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)
