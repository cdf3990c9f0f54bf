"""The embedded store (Oxigraph): the only module that opens one. Same questions as `kg.endpoint`.

The default graph is the union, physically: the engine's union option costs more than twice the query time. Layers
that a query may want apart (derived, links, metadata, each ontology) stand in a named graph as well.
"""

import gzip
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import pyoxigraph as ox

from kg.errors import GraphError, QueryRefused
from kg.vocab import GRAPHS

__all__ = ["NAMED_LAYERS", "Answer", "EmbeddedStore", "change_store", "copy_store", "load_store"]

#: Layers that stand in a named graph beside the default one.
NAMED_LAYERS = ("derived", "links", "metadata")

#: What a SELECT, an ASK or a CONSTRUCT gives.
Answer = ox.QuerySolutions | ox.QueryBoolean | ox.QueryTriples


class EmbeddedStore:
    """A graph folder's store, opened read-only: another process may read it at the same time."""

    def __init__(self, path: Path) -> None:
        if not path.is_dir():
            raise GraphError(str(path.parent), "no graph here: there is no store", remedy="Build one with `kg build`.")
        try:
            self._store = ox.Store.read_only(str(path))
        except (OSError, RuntimeError) as error:  # RuntimeError: corrupt files
            raise GraphError(str(path), f"the store cannot be opened: {error}") from error

    def query(self, text: str) -> Answer:
        """The answer to a SPARQL query that only reads.

        Raises:
            QueryRefused: if the engine cannot parse it, saying where, or it is no query.
        """
        try:
            return self._store.query(text)
        except SyntaxError as error:
            raise QueryRefused("SPARQL", f"cannot be parsed: {_one_line(error)}") from error
        except (OSError, ValueError) as error:
            raise QueryRefused("SPARQL", f"cannot be answered: {_one_line(error)}") from error

    def backup(self, target: Path) -> None:
        """Leaves a copy of the store in a new folder, which shares unchanged files with this one.

        Raises:
            GraphError: if it cannot be copied.
        """
        try:
            self._store.backup(str(target))
        except (OSError, RuntimeError) as error:
            raise GraphError(str(target), f"the store cannot be copied: {error}") from error

    def find_subjects(self, iri: str) -> Iterator[str]:
        """The IRIs of whatever refers to this one."""
        for quad in self._store.quads_for_pattern(None, None, ox.NamedNode(iri), ox.DefaultGraph()):
            if isinstance(quad.subject, ox.NamedNode):
                yield quad.subject.value

    def find_held(self, lines: Iterable[str]) -> set[str]:
        """Those of some lines of N-Triples that stand in the default graph."""
        return {line for line in lines if next(ox.parse(line, ox.RdfFormat.N_TRIPLES)) in self._store}

    @property
    def engine(self) -> ox.Store:
        """The engine's own store, for libraries that take one; it cannot be written to."""
        return self._store

    def __len__(self) -> int:
        return len(self._store)


#: Characters of the parser's message that are shown: it lists every token that might have followed.
_MAX_MESSAGE = 300


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())[:_MAX_MESSAGE]


def load_store(
    path: Path,
    layers: dict[str, Path],
    ontologies: dict[str, Path],
    told: Callable[[int, int], None] = lambda _done, _total: None,
) -> int:
    """Fills a new store at `path` with the layers and, a graph each, with the ontologies; gives the number of quads.

    `told` hears how many bytes of files are loaded, of all there are.

    Raises:
        GraphError: if a file cannot be loaded.
    """
    store = ox.Store(str(path))
    named = [(file, GRAPHS[layer]) for layer, file in layers.items() if layer in NAMED_LAYERS]
    files = [*((file, None) for file in layers.values()), *named]
    total = sum(file.stat().st_size for file in (*(file for file, _ in files), *ontologies.values()))
    done = 0
    for file, graph in files:
        for read in _load_layer(store, file, ox.NamedNode(graph) if graph else None):
            told(done + read, total)
        done += file.stat().st_size
    for graph, file in ontologies.items():
        _load(store, file, ox.NamedNode(graph))
        done += file.stat().st_size
        told(done, total)
    store.flush()
    store.optimize()
    return len(store)


#: A graph (the default one if None) and two files of N-Triples: what goes from it, and what comes.
Change = tuple[str | None, Path, Path]


def copy_store(source: Path, target: Path, changes: Iterable[Change]) -> int:
    """Leaves at `target` the store at `source` with these changes; gives the number of quads.

    Unchanged parts are shared on disk: a copy takes no time and little room.

    Raises:
        GraphError: if the store cannot be opened, copied or changed.
    """
    return len(_change(source, target, changes))


def change_store(source: Path, target: Path, changes: Iterable[Change]) -> None:
    """As `copy_store`, without a count, which takes a look at every quad.

    Raises:
        GraphError: if the store cannot be opened, copied or changed.
    """
    _change(source, target, changes)


def _change(source: Path, target: Path, changes: Iterable[Change]) -> ox.Store:
    EmbeddedStore(source).backup(target)
    try:
        store = ox.Store(str(target))
        for name, removed, added in changes:
            graph = ox.NamedNode(name) if name else ox.DefaultGraph()
            for quad in ox.parse(path=str(removed), format=ox.RdfFormat.N_TRIPLES):
                store.remove(ox.Quad(quad.subject, quad.predicate, quad.object, graph))
            _load(store, added, ox.NamedNode(name) if name else None)
        store.flush()
    except (OSError, SyntaxError, ValueError) as error:
        raise GraphError(str(target), f"the store cannot be changed: {error}") from error
    return store


#: Bytes of a layer that are loaded at once. The engine sorts what it is given in memory: of a whole file it takes a
#: million lines, and four times the memory, for no less work than this (decisions/0015).
_LOAD_BYTES = 32 * 1024 * 1024


def _load_layer(store: ox.Store, file: Path, graph: ox.NamedNode | None) -> Iterator[int]:
    """Loads a layer piece by piece: it has no blank nodes, whose names would hold within a piece only.

    Tells how many bytes of the file are read.
    """
    from isal import igzip, igzip_lib

    damage = (OSError, SyntaxError, ValueError, EOFError, igzip_lib.IsalError)
    try:
        with file.open("rb") as packed, igzip.open(packed) as stream:  # type: ignore[no-untyped-call]
            rest = b""
            while data := stream.read(_LOAD_BYTES):
                lines, end, rest = (rest + data).rpartition(b"\n")
                store.bulk_load(lines + end, ox.RdfFormat.N_TRIPLES, to_graph=graph, lenient=True)
                yield packed.tell()
            store.bulk_load(rest, ox.RdfFormat.N_TRIPLES, to_graph=graph, lenient=True)
    except damage as error:  # type: ignore[misc] # the stubs of one call it a function
        raise GraphError(str(file), f"cannot be loaded into the store: {error}") from error


def _load(store: ox.Store, file: Path, graph: ox.NamedNode | None) -> None:
    try:
        with _opened(file) as stream:
            store.bulk_load(stream, _format(file), to_graph=graph, lenient=True)
    except (OSError, SyntaxError, ValueError, EOFError) as error:
        raise GraphError(str(file), f"cannot be loaded into the store: {error}") from error


def _format(file: Path) -> ox.RdfFormat:
    """The format by the content: a file's name may say anything."""
    with _opened(file) as stream:
        start = stream.read(4096).removeprefix(b"\xef\xbb\xbf").lstrip()
    if start.startswith((b"<?xml", b"<rdf:RDF", b"<!DOCTYPE")):
        return ox.RdfFormat.RDF_XML
    return ox.RdfFormat.N_TRIPLES if ".nt" in file.suffixes else ox.RdfFormat.TURTLE


@contextmanager
def _opened(file: Path) -> Iterator[IO[bytes]]:
    with file.open("rb") as start:
        compressed = start.read(2) == b"\x1f\x8b"
    with gzip.open(file) if compressed else file.open("rb") as stream:
        yield stream  # type: ignore[misc]
