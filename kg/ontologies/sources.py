"""Which ontologies we know: where their publishers keep them, and on what terms.

The catalogue is `ontologies/sources.toml`. An environment variable may name a second one, whose entries add to it or
take an entry's place: an ontology in OWL, OBO-in-OWL or SKOS needs no more than an entry.
"""

import os
import re
import tomllib
from pathlib import Path
from typing import Any

import msgspec

from kg import assets
from kg.errors import NotFound, OntologyError

__all__ = ["Source", "find_source", "read_sources", "source_named"]

#: Names the file of further sources.
_VARIABLE = "TRIALGRAPH_SOURCES"
#: A name is the name of a folder, of a graph and of a concept's source.
_NAME = re.compile(r"[a-z][a-z0-9_-]{0,40}")
_SHA256 = re.compile(r"(?:[0-9a-f]{64})?")


class Source(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One entry of the catalogue.

    `download` is empty where there is nothing to fetch; `codes` are then all that we may know of it. `tested` says
    whether the loader has read a release, not only our own small files in its format. `iri` is what the file calls
    itself, where that does not end in the entry's name; `namespace` is what the IRIs of its own concepts begin with,
    where a release holds others' too and is no OBO ontology. `size` and `sha256` pin one release.
    """

    name: str
    title: str
    homepage: str
    download: str
    version_pattern: str
    format: str
    licence: str
    licence_url: str
    permits: str
    citation: str
    tested: bool = False
    iri: str = ""
    namespace: str = ""
    size: int = 0
    sha256: str = ""
    codes: dict[str, str] = {}


def read_sources(path: Path | None = None) -> tuple[Source, ...]:
    """The ontologies of the catalogue at `path`; of ours, and of the one that the environment names, if there is none.

    Raises:
        OntologyError: if a catalogue is not there, or an entry is not as it should be.
    """
    if path is not None:
        return tuple(_read(path))
    sources = {source.name: source for source in _read(assets.folder("ontologies") / "sources.toml")}
    if further := os.environ.get(_VARIABLE):
        sources |= {source.name: source for source in _read(Path(further))}
    return tuple(sources.values())


def find_source(name: str) -> Source | None:
    """The entry of this name; None if there is none."""
    return next((source for source in read_sources() if source.name == name), None)


def source_named(name: str) -> Source:
    """The entry of this name.

    Raises:
        NotFound: if there is none.
    """
    known = {source.name: source for source in read_sources()}
    if name not in known:
        raise NotFound("ontology", name, known)
    return known[name]


def _read(path: Path) -> list[Source]:
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise OntologyError(str(path), f"the catalogue cannot be read ({error.strerror or error})") from error
    except ValueError as error:  # no TOML, or not in UTF-8
        raise OntologyError(str(path), f"the catalogue is no TOML ({error})") from error
    return [_entry(path, name, table) for name, table in tables.items()]


def _entry(path: Path, name: str, table: Any) -> Source:
    where = f"{path} [{name}]"
    if not _NAME.fullmatch(name) or not isinstance(table, dict):
        raise OntologyError(where, "no entry of a catalogue", expected="a table with a name in lower-case letters")
    try:
        source = msgspec.convert({**table, "name": name}, Source)
        groups = re.compile(source.version_pattern).groups
    except (msgspec.ValidationError, re.error) as error:
        raise OntologyError(where, f"the entry is not as it should be ({error})") from error
    if groups != 1:
        expected = "one pair of parentheses around the version"
        raise OntologyError(
            where, "the version_pattern finds no version", got=source.version_pattern, expected=expected
        )
    if source.download and not source.download.startswith(("https://", "http://")):
        raise OntologyError(where, "the download is no address", got=source.download, expected="an http or https URL")
    if not _SHA256.fullmatch(source.sha256) or source.size < 0:
        raise OntologyError(where, "the pinned release has no such checksum or size", got=source.sha256 or "size < 0")
    return source
