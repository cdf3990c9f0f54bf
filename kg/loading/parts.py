"""What is sent: for each graph of the target the lines of N-Triples that it gets, always in the same order."""

import re
from collections import Counter
from collections.abc import Iterator
from hashlib import file_digest
from pathlib import Path
from typing import Any, NamedTuple

import pyoxigraph as ox

from kg import terms
from kg.errors import GraphError
from kg.layers import LAYERS, layer_path, read_lines
from kg.store import NAMED_LAYERS, EmbeddedStore
from kg.vocab import GRAPHS, ID

__all__ = ["Part", "Source", "build_identity"]

#: Blank nodes get an IRI on their way (https://www.w3.org/TR/rdf11-concepts/#section-skolemization): a batch that is
#: sent twice, or cut in two, would make more of them.
_SKOLEM = f"{ID}genid/"
#: What no line holds that could end its term, or the update that it stands in. A disk may hold anything.
_IRI = r'<[^\x00-\x20<>"{}|^`\\]+>'
_LINE = re.compile(
    rf"{_IRI} {_IRI} (?:{_IRI}"
    r'|"(?:[^"\\\n\r]|\\[tbnrf"\\]|\\u00(?:[0-9A-F]{2})|\\uFFF[EF])*"'
    rf"(?:@[A-Za-z]+(?:-[A-Za-z0-9]+)*|\^\^{_IRI})?) \.\n"
)


class Part(NamedTuple):
    """One graph: its name in the folder (empty for the default graph), and the layers that it is made of."""

    name: str
    layers: tuple[str, ...]


class Source:
    """A graph folder, to be sent."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._store = EmbeddedStore(folder / "store")
        named = [Part(GRAPHS[layer], (layer,)) for layer in NAMED_LAYERS]
        known = {part.name for part in named}
        others = sorted(str(graph.value) for graph in self._store.engine.named_graphs())
        self.parts = (Part("", LAYERS), *named, *(Part(name, ()) for name in others if name not in known))

    def count(self, part: Part) -> int:
        """How many different triples the graph has."""
        inner = f"GRAPH {terms.iri(part.name)} {{ ?s ?p ?o }}" if part.name else "?s ?p ?o"
        rows: Any = self._store.query(f"SELECT (COUNT(*) AS ?n) WHERE {{ {inner} }}")
        return int(next(rows)["n"].value)

    def lines(self, part: Part) -> Iterator[str]:
        """The triples of a graph, a line each, each of them one statement and nothing else.

        Raises:
            GraphError: if a layer holds a line that is none.
        """
        if not part.layers:
            yield from self._stored(part.name)
        for layer in part.layers:
            for number, line in enumerate(read_lines(self._folder, layer), 1):
                text = line.decode()
                if _LINE.fullmatch(text) is None:
                    where = f"{layer_path(self._folder, layer)}:{number}"
                    raise GraphError(where, "no triple as we write them", got=text, remedy="Build the graph anew.")
                yield text

    def _stored(self, graph: str) -> Iterator[str]:
        """The triples of a graph that stands in the store only."""
        numbers: Counter[str] = Counter()
        space = f"{_SKOLEM}{graph.rpartition('/')[2]}/"

        def written(term: object) -> str:
            match term:
                case ox.NamedNode():
                    return terms.iri(term.value)
                case ox.BlankNode():
                    return terms.iri(f"{space}{numbers.setdefault(term.value, len(numbers))}")
                case ox.Literal(language=str(language)):
                    return f"{terms.plain(term.value)}@{language}"
                case ox.Literal():
                    return f"{terms.plain(term.value)}^^{terms.iri(term.datatype.value)}"
            raise GraphError(graph, "holds what N-Triples has no form for", got=str(term))

        for quad in self._store.engine.quads_for_pattern(None, None, None, ox.NamedNode(graph)):
            yield f"{written(quad.subject)} {written(quad.predicate)} {written(quad.object)} .\n"


def build_identity(folder: Path) -> str:
    """What tells this build from every other: a hash over its manifest and layers."""
    found = []
    for file in (folder / "manifest.json", *(layer_path(folder, layer) for layer in LAYERS)):
        with file.open("rb") as stream:
            found.append(file_digest(stream, "sha256").hexdigest())
    return f"sha256:{'.'.join(digest[:16] for digest in found)}"
