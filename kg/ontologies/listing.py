"""What is at hand of each ontology: the bundled slice, the fetched release, what is decoded in the cache."""

from collections.abc import Iterable, Iterator

import msgspec

from kg.ontologies.cache import Loaded, read_loaded
from kg.ontologies.catalogue import default_files, find_file, load_told
from kg.ontologies.fetched import Record, find_fetched, read_record
from kg.ontologies.sources import Source, read_sources

__all__ = ["Listed", "list_ontologies", "load_all"]


class Listed(Source, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An entry of the catalogue, with what is at hand of it."""

    bundled: bool
    fetched: Record | None
    loaded: tuple[Loaded, ...]

    def at_hand(self) -> str:
        """One line of it for people."""
        told = ["slice"] if self.bundled else []
        if self.fetched:
            told.append(f"fetched {self.fetched.fetched[:10]} ({self.fetched.size / 1e6:,.1f} MB)")
        told += sorted({f"loaded {one.version or one.file} ({one.concepts:,} concepts)" for one in self.loaded})
        return "; ".join(told) or ("-" if self.download else f"{len(self.codes)} codes, nothing to fetch")


def list_ontologies() -> list[Listed]:
    """Every entry of the catalogue, with what is at hand of it. Decoded slices are not told: they are bundled."""
    slices = {file.stem for file in default_files()}
    bundled_files = {file.name for file in default_files()}
    loaded = [one for one in read_loaded() if one.file not in bundled_files]
    return [_listed(source, slices, loaded) for source in read_sources()]


def _listed(source: Source, slices: set[str], loaded: list[Loaded]) -> Listed:
    file = find_fetched(source.name)
    return Listed(
        **msgspec.structs.asdict(source),
        bundled=source.name in slices,
        fetched=read_record(file) if file else None,
        loaded=tuple(one for one in loaded if one.name == source.name),
    )


def load_all(names: Iterable[str]) -> Iterator[tuple[Loaded, tuple[str, ...]]]:
    """Loads the ontologies of these names or files one after the other; gives what is told of each, and its remarks.

    Raises:
        NotFound, OntologyError: see `find_file` and `load`.
    """
    for name in names:
        told, ontology = load_told(find_file(name))
        yield told, ontology.remarks
