"""What a build said of itself: which software, files and ontologies made a graph."""

from pathlib import Path

import msgspec

from kg.errors import GraphError

__all__ = ["BuiltWith", "Manifest", "read_manifest"]


class BuiltWith(msgspec.Struct, frozen=True):
    """An ontology that a graph was built with."""

    name: str
    version: str
    licence: str
    sha256: str


class Manifest(msgspec.Struct, frozen=True):
    """Versions of software by name, hashes of inputs by name, and ontologies."""

    versions: dict[str, str]
    inputs: dict[str, str]
    ontologies: list[BuiltWith]


def read_manifest(folder: Path) -> Manifest:
    """The manifest of a graph folder.

    Raises:
        GraphError: if it cannot be read, or is not as a build writes it.
    """
    path = folder / "manifest.json"
    try:
        return msgspec.json.decode(path.read_bytes(), type=Manifest)
    except (OSError, msgspec.MsgspecError) as error:
        raise GraphError(str(path), f"cannot be read: {error}", remedy="Build the graph again.") from error
