"""The formats, and how N-Triples text becomes each of them: the same triples, the same bytes."""

import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import IO, NamedTuple

import pyoxigraph as ox

from kg.errors import GraphError, NotFound, UsageError
from kg.export.jsonld import write_jsonld
from kg.vocab import GRAPHS, ID, PREFIXES

__all__ = ["FORMATS", "Block", "Format", "find_format", "format_for", "parse_lines", "write_blocks"]

#: Layer -> its lines of N-Triples: a whole layer, or what several of them say of one trial.
Block = Mapping[str, Iterable[str]]


class Format(NamedTuple):
    """How files of a format end, what it is to the parser, whether it keeps layers apart or a trial together."""

    suffix: str
    rdf: ox.RdfFormat
    has_graphs: bool = False
    by_trial: bool = False


#: Name -> format; the names of the command line.
FORMATS: dict[str, Format] = {
    "turtle": Format(".ttl", ox.RdfFormat.TURTLE),
    "ntriples": Format(".nt", ox.RdfFormat.N_TRIPLES),
    "nquads": Format(".nq", ox.RdfFormat.N_QUADS, has_graphs=True),
    "trig": Format(".trig", ox.RdfFormat.TRIG, has_graphs=True),
    "jsonld": Format(".jsonld", ox.RdfFormat.JSON_LD, by_trial=True),
    "rdfxml": Format(".rdf", ox.RdfFormat.RDF_XML),
}

#: Prefixes that are written: none inside another but by its separator, so that each IRI has one short form.
_WRITTEN = {
    prefix: namespace
    for prefix, namespace in sorted(PREFIXES.items())
    if prefix not in ("ncit", "NCIT", "MONDO", "DOID", "CHEBI", "graph")
}


def find_format(name: str) -> Format:
    """The format of this name.

    Raises:
        NotFound: if there is none.
    """
    if name not in FORMATS:
        raise NotFound("format", name, FORMATS)
    return FORMATS[name]


def format_for(path: Path) -> str:
    """The name of the format that a file's suffix asks for.

    Raises:
        UsageError: if no format has it.
    """
    for name, found in FORMATS.items():
        if found.suffix == path.suffix:
            return name
    known = ", ".join(found.suffix for found in FORMATS.values())
    raise UsageError(str(path), "no RDF format has this suffix", got=path.suffix, expected=known)


def write_blocks(blocks: Iterable[Block], stream: IO[bytes], name: str) -> None:
    """Writes triples in the named format, in the order in which they come.

    Formats with graphs keep the layers apart. RDF/XML cannot hold control characters: they become U+FFFD there.

    Raises:
        NotFound: if there is no such format.
    """
    found = find_format(name)
    if name in ("ntriples", "nquads"):
        for line in _lines(blocks, has_graphs=found.has_graphs):
            stream.write(line.encode())
    elif name == "jsonld":
        write_jsonld((parse_lines(_chain(block)) for block in blocks), stream)
    elif name == "rdfxml":
        ox.serialize(map(_for_xml, _triples(blocks)), stream, found.rdf, prefixes=_WRITTEN)
    else:
        sorted_stream = _SortedPrefixes(stream)
        terms = _quads(blocks) if found.has_graphs else _triples(blocks)
        ox.serialize(terms, sorted_stream, found.rdf, prefixes=_WRITTEN)  # type: ignore[arg-type]
        sorted_stream.flush()


def _chain(block: Block) -> Iterator[str]:
    for lines in block.values():
        yield from lines


def _graph(layer: str) -> str:
    return GRAPHS.get(layer, f"{ID}graph/{layer}")


def _lines(blocks: Iterable[Block], *, has_graphs: bool) -> Iterator[str]:
    for block in blocks:
        for layer, lines in block.items():
            ending = f" <{_graph(layer)}> .\n" if has_graphs else " .\n"
            for line in lines:
                yield line.rstrip().removesuffix(".").rstrip() + ending


def _triples(blocks: Iterable[Block]) -> Iterator[ox.Triple]:
    for block in blocks:
        yield from parse_lines(_chain(block))


def _quads(blocks: Iterable[Block]) -> Iterator[ox.Quad]:
    for block in blocks:
        for layer, lines in block.items():
            graph = ox.NamedNode(_graph(layer))
            for triple in parse_lines(lines):
                yield ox.Quad(triple.subject, triple.predicate, triple.object, graph)


#: Lines parsed at once: enough to be fast, few enough to be held.
_BATCH = 1000


def parse_lines(lines: Iterable[str]) -> Iterator[ox.Triple]:
    """The triples of N-Triples text.

    Raises:
        GraphError: if a line is none.
    """
    rest = iter(lines)
    while batch := "".join(islice(rest, _BATCH)):
        try:
            for quad in ox.parse(batch, ox.RdfFormat.N_TRIPLES):
                yield quad.triple
        except SyntaxError as error:
            raise GraphError("N-Triples", f"broken: {error}") from error


#: What XML 1.0 cannot carry, not even escaped (https://www.w3.org/TR/xml/#charsets).
_NOT_IN_XML = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


def _for_xml(triple: ox.Triple) -> ox.Triple:
    value = triple.object
    if not isinstance(value, ox.Literal) or not _NOT_IN_XML.search(value.value):
        return triple
    text = _NOT_IN_XML.sub("\ufffd", value.value)
    literal = ox.Literal(text, language=value.language) if value.language else ox.Literal(text, datatype=value.datatype)
    return ox.Triple(triple.subject, triple.predicate, literal)


class _SortedPrefixes:
    """A stream that writes our prefixes in order and drops the writer's own, which come in a new order each run."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self._head: bytes | None = b""
        for prefix, namespace in _WRITTEN.items():
            stream.write(f"@prefix {prefix}: <{namespace}> .\n".encode())

    def write(self, data: bytes) -> int:
        if self._head is None:
            self._stream.write(data)
            return len(data)
        *lines, rest = (self._head + data).split(b"\n")
        kept = [line for line in lines if not line.startswith(b"@prefix ")]
        if kept:
            self._head = None
            self._stream.write(b"\n".join([*kept, rest]))
        else:
            self._head = rest
        return len(data)

    def flush(self) -> None:
        if self._head:
            self._stream.write(self._head)
        self._head = b"" if self._head is not None else None
        self._stream.flush()
