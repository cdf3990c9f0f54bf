"""Media types, and which of them a client gets (https://www.rfc-editor.org/rfc/rfc9110#name-accept)."""

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import NamedTuple

from kg.errors import NotFound
from kg.service.problems import Refused
from kg.service.wire import Choice, Format

__all__ = ["BOOLEAN", "GRAPH", "ROWS", "SUFFIXES", "choose", "graph_format", "negotiate"]

#: Format of rows -> its media types, its own first; the first format is what a client gets that does not mind.
ROWS: Mapping[str, tuple[str, ...]] = {
    "json": ("application/sparql-results+json", "application/json"),
    "xml": ("application/sparql-results+xml", "application/xml", "text/xml"),
    "csv": ("text/csv",),
    "tsv": ("text/tab-separated-values",),
}
#: A yes or no has no form in CSV and TSV.
BOOLEAN: Mapping[str, tuple[str, ...]] = {name: ROWS[name] for name in ("json", "xml")}
#: Format of triples -> its media types.
GRAPH: Mapping[str, tuple[str, ...]] = {
    "turtle": ("text/turtle", "application/x-turtle"),
    "ntriples": ("application/n-triples", "text/plain"),
    "jsonld": ("application/ld+json", "application/json"),
    "rdfxml": ("application/rdf+xml", "application/xml", "text/xml"),
}
#: Format of triples -> how the address of a document in it ends.
SUFFIXES: Mapping[str, str] = {"turtle": ".ttl", "jsonld": ".jsonld", "ntriples": ".nt", "rdfxml": ".rdf"}

#: The first media type of each format.
_OFFERED = ", ".join(media_types[0] for kind in (ROWS, GRAPH) for media_types in kind.values())

#: Names that clients give to formats in the parameter `format`, beside our own and the media types.
_NAMES = {
    "xml": ("xml", "rdfxml"),
    "json": ("json", "jsonld"),
    "rdf+xml": ("rdfxml",),
    "rdf": ("rdfxml",),
    "n3": ("turtle",),
    "ttl": ("turtle",),
    "nt": ("ntriples",),
    "n-triples": ("ntriples",),
    "json-ld": ("jsonld",),
}


#: Accept headers that are remembered: most clients send one of a few.
_REMEMBERED = 256
#: How closely a range fits that is a media type's whole name.
_BY_NAME = 3


class _Range(NamedTuple):
    kind: str
    subtype: str
    quality: float

    def fits(self, media_type: str) -> int:
        """How closely it names a media type: 0 not at all, 3 by its whole name."""
        kind, _, subtype = media_type.partition("/")
        if (self.kind, self.subtype) == ("*", "*"):
            return 1
        if self.kind != kind:
            return 0
        return _BY_NAME if self.subtype == subtype else 2 if self.subtype == "*" else 0


def _ranges(accept: str) -> list[_Range]:
    found = []
    for part in accept.split(","):
        media_range, *parameters = (piece.strip().lower() for piece in part.split(";"))
        kind, slash, subtype = media_range.partition("/")
        if slash and kind and subtype:
            found.append(_Range(kind, subtype, _quality(parameters)))
    return found


def _quality(parameters: Iterable[str]) -> float:
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip() == "q":
            try:
                return min(max(float(value), 0.0), 1.0)
            except ValueError:
                return 0.0
    return 1.0


def negotiate(accept: str, offered: Mapping[str, tuple[str, ...]]) -> Format | None:
    """The offered format that an Accept header likes best; None if it takes none of them.

    >>> negotiate("text/csv;q=0.5, application/sparql-results+xml", ROWS)
    Format(name='xml', media_type='application/sparql-results+xml')
    """
    return _negotiated(accept, tuple(offered.items()))


@lru_cache(_REMEMBERED)
def _negotiated(accept: str, offered: tuple[tuple[str, tuple[str, ...]], ...]) -> Format | None:
    ranges = _ranges(accept) or [_Range("*", "*", 1.0)]
    best: tuple[float, Format | None] = (0.0, None)
    for name, media_types in offered:
        for media_type in media_types:
            closeness, quality = max((found.fits(media_type), found.quality) for found in ranges)
            # Other names of a format count only where they are named: text/* does not ask for what text/xml is.
            if closeness >= (1 if media_type == media_types[0] else _BY_NAME) and quality > best[0]:
                best = quality, Format(name, media_type)
    return best[1]


def graph_format(accept: str) -> Format:
    """The format of triples that an Accept header likes best.

    Raises:
        Refused: if it takes none.
    """
    found = negotiate(accept, GRAPH)
    if found is None:
        expected = ", ".join(media_types[0] for media_types in GRAPH.values())
        raise Refused(406, "not-acceptable", "Accept", "these are triples", got=accept, expected=expected)
    return found


def choose(accept: str, name: str | None) -> Choice:
    """The formats for each kind of answer, by the parameter `format` if there is one, else by the Accept header.

    Raises:
        Refused: if no format has that name, or none fits any kind of answer.
    """
    if name is not None:
        return Choice(*(_named(name, kind) for kind in (ROWS, BOOLEAN, GRAPH)))
    choice = Choice(*(negotiate(accept, kind) for kind in (ROWS, BOOLEAN, GRAPH)))
    if choice.rows is choice.graph is None:
        problem = "none of these media types is offered"
        raise Refused(406, "not-acceptable", "Accept", problem, got=accept, expected=_OFFERED)
    return choice


def _named(name: str, offered: Mapping[str, tuple[str, ...]]) -> Format | None:
    asked = name.strip().lower()
    meant = _NAMES.get(asked, (asked,))
    known = {*_NAMES, *ROWS, *GRAPH, *(each for kind in (ROWS, GRAPH) for types in kind.values() for each in types)}
    if asked not in known:
        remedy = NotFound("format", name, sorted(known)).remedy
        raise Refused(400, "format", "format", "no such format", got=name, expected=_OFFERED, remedy=remedy)
    for each, media_types in offered.items():
        if each in meant or asked in media_types:
            return Format(each, media_types[0])
    return None
