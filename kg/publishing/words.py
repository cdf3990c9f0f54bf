"""Namespaces of catalogues, beside those of the graph itself: a graph's own files never hold them."""

from kg.vocab import PREFIXES

__all__ = ["NAMESPACES", "term"]

#: Prefix -> namespace, in descriptions of datasets.
NAMESPACES: dict[str, str] = PREFIXES | {
    "dctypes": "http://purl.org/dc/dcmitype/",
    "sd": "http://www.w3.org/ns/sparql-service-description#",
    "spdx": "http://spdx.org/rdf/terms#",
    "vann": "http://purl.org/vocab/vann/",
}


def term(curie: str) -> str:
    """The IRI of a CURIE, in angle brackets.

    >>> term("spdx:Checksum")
    '<http://spdx.org/rdf/terms#Checksum>'
    """
    prefix, _, local = curie.partition(":")
    return f"<{NAMESPACES[prefix]}{local}>"
