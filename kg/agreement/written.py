"""Which terms the files of the mapping write, and on which line: Turtle, SPARQL in files and in shapes, Python.

What is used is told by real parsers; tokens only tell the line.
"""

import ast
import re
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

import msgspec

from kg.agreement.places import read_text
from kg.errors import KgError
from kg.ontologies.turtle import read_prefixes, read_tokens
from kg.vocab import PREFIXES, expand

__all__ = [
    "Statement",
    "TurtleFile",
    "Use",
    "find_lines",
    "python_uses",
    "query_terms",
    "read_file",
    "saved_query_uses",
    "sparql_of",
    "sparql_prefixes",
    "turtle_uses",
]

#: Properties of SHACL-SPARQL whose values are queries (https://www.w3.org/TR/shacl/#sparql-constraints).
_QUERIES = frozenset(expand(name) for name in ("sh:select", "sh:ask", "sh:construct"))
_DECLARES = (expand("sh:prefix"), expand("sh:namespace"))
_CURIE = re.compile(r"([A-Za-z]+):([A-Za-z0-9_](?:[\w.-]*[\w-])?)", re.ASCII)


class Use(msgspec.Struct, frozen=True, order=True):
    """That a file writes a term (by IRI), and on which line first."""

    iri: str
    source: str
    line: int = 0


class Statement(msgspec.Struct, frozen=True):
    """One triple of a Turtle file; of a literal only `text` is kept, of a blank node its name."""

    subject: str
    predicate: str
    object: str
    text: str = ""


class TurtleFile(msgspec.Struct, frozen=True):
    """One Turtle file: its triples, its text, the first line of each term, and the line of each statement's subject."""

    path: Path
    statements: list[Statement]
    text: str
    lines: dict[str, int]
    subjects: dict[str, int]


def read_file(path: Path) -> TurtleFile:
    """The Turtle file at a path.

    Raises:
        KgError: if it cannot be read or is no Turtle.
    """
    text = read_text(path)
    statements = _statements(path, text)
    return TurtleFile(path, statements, text, find_lines(text), _subject_lines(text))


def _statements(path: Path, text: str) -> list[Statement]:
    import pyoxigraph as ox

    try:
        quads = list(ox.parse(text, format=ox.RdfFormat.TURTLE))
    except SyntaxError as error:
        raise KgError(str(path), f"no Turtle: {error}") from error
    return [
        Statement(
            _name(quad.subject),
            quad.predicate.value,
            "" if isinstance(quad.object, ox.Literal) else _name(quad.object),
            quad.object.value if isinstance(quad.object, ox.Literal) else "",
        )
        for quad in quads
    ]


def _name(term: Any) -> str:
    import pyoxigraph as ox

    return f"_:{term.value}" if isinstance(term, ox.BlankNode) else str(term.value)


def find_lines(text: str, prefixes: Mapping[str, str] | None = None) -> dict[str, int]:
    """IRI -> the first line that writes it, of Turtle or SPARQL; queries in strings of Turtle are read, too."""
    found: dict[str, int] = {}
    known = {**(prefixes or PREFIXES), **read_prefixes(text)}
    for iri, line in _written(text, 1, known):
        found.setdefault(iri, line)
    return found


def _subject_lines(text: str) -> dict[str, int]:
    """IRI -> the line on which the first statement about it begins."""
    found: dict[str, int] = {}
    prefixes = read_prefixes(text)
    depth, begins = 0, True
    for token in read_tokens(text):
        if token.kind == "comment":
            continue
        if begins and depth == 0:
            for iri, line in _written(token.text, token.line, prefixes):
                found.setdefault(iri, line)
        depth += (token.text in ("[", "(")) - (token.text in ("]", ")"))
        begins = token.text == "." and depth == 0
    return found


def _written(text: str, first: int, prefixes: Mapping[str, str]) -> Iterator[tuple[str, int]]:
    declared = ""
    for token in read_tokens(text, first):
        if token.kind == "iri" and declared.lower() not in ("@prefix", "prefix"):
            yield token.text[1:-1], token.line
        elif token.kind == "prefixed":
            prefix, _, local = token.text.partition(":")
            if prefix in prefixes and local:
                yield prefixes[prefix] + local.replace("\\", ""), token.line
            continue
        elif token.kind == "string" and "\n" in token.text:
            yield from _written(token.text.strip("\"'"), token.line, prefixes)
        declared = token.text if token.kind in ("at", "word") else ""


def turtle_uses(files: Iterable[TurtleFile]) -> Iterator[Use]:
    """The properties and values of the files' triples, and the terms of queries in shapes."""
    files = list(files)
    prefixes = sparql_prefixes(files)
    for file in files:
        for statement in file.statements:
            for iri in (statement.predicate, statement.object):
                if iri and not iri.startswith("_:"):
                    yield Use(iri, str(file.path), file.lines.get(iri, 0))
        for statement in sparql_of(file.statements):
            yield from _query_uses(statement.text, file.path, file.lines, prefixes)


def sparql_prefixes(files: Iterable[TurtleFile]) -> dict[str, str]:
    """Prefix -> namespace, as shapes declare them for their queries (https://www.w3.org/TR/shacl/#sparql-prefixes)."""
    said = {(s.subject, s.predicate): s.text for file in files for s in file.statements if s.predicate in _DECLARES}
    prefix, namespace = _DECLARES
    return {text: said.get((node, namespace), "") for (node, name), text in said.items() if name == prefix}


def sparql_of(statements: Iterable[Statement]) -> Iterator[Statement]:
    """Those whose text is a query: `sh:select` and its like."""
    yield from (statement for statement in statements if statement.predicate in _QUERIES)


def saved_query_uses(folder: Path) -> Iterator[Use]:
    """The terms of the saved queries in a folder."""
    for path in sorted(folder.glob("*.rq")):
        text = read_text(path)
        yield from _query_uses(text, path, find_lines(text), {})


def _query_uses(text: str, path: Path, lines: Mapping[str, int], prefixes: Mapping[str, str]) -> Iterator[Use]:
    try:
        yield from (Use(iri, str(path), lines.get(iri, 0)) for iri in sorted(query_terms(text, prefixes)))
    except SyntaxError:
        return  # told by the check of queries, and by the engine that loads the shapes


def query_terms(text: str, prefixes: Mapping[str, str] | None = None) -> frozenset[str]:
    """The IRIs in the algebra of a query: also those of paths, functions and datatypes.

    Raises:
        SyntaxError: if it is no SPARQL.
    """
    return _query_terms(text, tuple(sorted((prefixes or {}).items())))


@lru_cache(maxsize=512)  # several checks ask for the same queries, and rdflib's parser is slow
def _query_terms(text: str, prefixes: tuple[tuple[str, str], ...]) -> frozenset[str]:
    from pyparsing import ParseException
    from rdflib import URIRef
    from rdflib.plugins.sparql.algebra import translateQuery
    from rdflib.plugins.sparql.parser import parseQuery

    try:
        algebra = translateQuery(parseQuery(text), initNs=dict(prefixes)).algebra
    except ParseException as error:
        raise SyntaxError(f"line {error.lineno}: {error.msg}") from error
    except Exception as error:  # rdflib raises bare exceptions for prefixes and scopes
        raise SyntaxError(str(error)) from error
    found: set[str] = set()
    waiting: list[Any] = [algebra]
    while waiting:
        node = waiting.pop()
        if isinstance(node, URIRef):
            found.add(str(node))
        else:
            waiting.extend(_parts(node))
    return frozenset(found)


def _parts(node: Any) -> Iterable[Any]:
    """What a node of rdflib's algebra consists of."""
    from rdflib import Literal
    from rdflib.paths import Path as PropertyPath

    if isinstance(node, Literal):
        return [node.datatype]
    if isinstance(node, PropertyPath):
        return vars(node).values()
    if isinstance(node, Mapping):
        return node.values()
    return node if isinstance(node, list | tuple | set | frozenset) else ()


@lru_cache(maxsize=8)  # code does not change while it runs
def python_uses(package: Path) -> tuple[Use, ...]:
    """The terms that string constants of the code name: those whose words are all CURIEs of our prefixes."""
    found: dict[tuple[str, str], int] = {}
    for path in sorted(package.rglob("*.py")):
        if "_assets" in path.parts:
            continue
        tree = ast.parse(path.read_bytes(), str(path))
        # The pieces of f-strings are no whole names.
        pieces = {piece for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for piece in node.values}
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and node not in pieces:
                for iri in _named(node.value):
                    found.setdefault((iri, str(path)), node.lineno)
    return tuple(Use(iri, source, line) for (iri, source), line in sorted(found.items()))


def _named(text: str) -> Iterator[str]:
    matches = [_CURIE.fullmatch(word) for word in text.split()]
    if all(match and match[1] in PREFIXES for match in matches):
        yield from (expand(match[0]) for match in matches if match)
