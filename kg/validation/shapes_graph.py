"""Shapes as every engine gets them: checked for syntax, each shape with a name, cut down to those asked for.

Engines name results by the node of the shape. A shape without an IRI gets one here, from the shape that holds it and
the property that it is about, so that its findings are called the same by every engine and in every run.
"""

import itertools
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from kg import assets
from kg.errors import KgError
from kg.iris import compact
from kg.validation.shape_queries import projected, write_prefixes
from kg.validation.shape_triples import ShapeTriples
from kg.vocab import ID, PREFIXES

__all__ = ["Shape", "ShapesGraph", "component", "read_shapes", "shape_files"]

_SH = PREFIXES["sh"]
_TYPE = f"{PREFIXES['rdf']}type"
#: Whose objects are shapes; the last three hold lists of them (https://www.w3.org/TR/shacl/#core-components).
_HOLDERS = ("property", "node", "not", "qualifiedValueShape", "and", "or", "xone")
_TARGETS = ("targetClass", "targetNode", "targetSubjectsOf", "targetObjectsOf", "target")
#: Parameters of SHACL that make a constraint of their own; others only say more about one of these.
_CONSTRAINTS = (
    "and class closed datatype disjoint equals hasValue in languageIn lessThan lessThanOrEquals maxCount maxExclusive "
    "maxInclusive maxLength minCount minExclusive minInclusive minLength node nodeKind not or pattern "
    "qualifiedMaxCount qualifiedMinCount sparql uniqueLang xone"
).split()
#: Messages in the reader's language first; ours are in English.
_ENGLISH = ("en", "")


class Shape(msgspec.Struct, frozen=True):
    """What findings say of a shape.

    `constraints` are its components as findings' rules name them; `queries` the messages of its SPARQL constraints,
    `projected` which of ?path and ?value these give; `classes` those that it is for, `properties` the shapes that it
    holds by `sh:property`.
    """

    iri: str
    name: str
    path: str = ""
    messages: tuple[str, ...] = ()
    constraints: tuple[str, ...] = ()
    queries: tuple[str, ...] = ()
    projected: frozenset[str] = frozenset()
    classes: tuple[str, ...] = ()
    properties: tuple[str, ...] = ()
    has_target: bool = False

    def rules(self) -> frozenset[str]:
        """The names of its constraints, as findings' `rule` gives them."""
        return frozenset(f"{self.name}/{constraint}" for constraint in self.constraints)


class ShapesGraph(NamedTuple):
    """The triples (N-Triples text), the shapes by IRI, and the rules asked for: all of them if None."""

    lines: tuple[str, ...]
    shapes: dict[str, Shape]
    rules: frozenset[str] | None = None


def shape_files(path: Path | None) -> list[Path]:
    """The Turtle file, or every one of the folder; our own shapes if `path` is None.

    Raises:
        KgError: if there is none.
    """
    folder = path or assets.folder("shapes")
    files = sorted(folder.glob("*.ttl")) if folder.is_dir() else [folder]
    if not files or not files[0].is_file():
        raise KgError(str(path), "no shapes", expected="a Turtle file, or a folder of them")
    return files


def read_shapes(path: Path | None = None) -> ShapesGraph:
    """Reads shapes from a Turtle file, or every one of a folder; our own if `path` is None.

    Raises:
        KgError: if there are no shapes, or one is no Turtle; says file and line.
    """
    triples = ShapeTriples(_parse(shape_files(path)))
    _name_anonymous(triples)
    write_prefixes(triples)
    found = {shape.iri: shape for shape in map(_Reading(triples).read, _shapes(triples))}
    if not found:
        raise KgError(str(path), "no shape is in it", expected="shapes in SHACL (https://www.w3.org/TR/shacl/#shapes)")
    return ShapesGraph(triples.lines(), found)


def _parse(files: list[Path]) -> Iterator[Any]:
    import pyoxigraph as ox

    for file in files:
        try:
            # Labels of blank nodes hold for one file.
            yield from ox.parse(path=str(file), format=ox.RdfFormat.TURTLE, rename_blank_nodes=len(files) > 1)
        except SyntaxError as error:
            raise KgError(f"{file}:{error.lineno or 1}", f"no Turtle: {error.msg}") from error


def _shapes(triples: ShapeTriples) -> list[Any]:
    """The nodes of all shapes, each once; those that another holds come after it."""
    found: dict[Any, None] = {}
    waiting = [node for node in triples.by_subject if _is_shape(triples, node)]
    for node in waiting:
        if node not in found:
            found[node] = None
            waiting.extend(_held(triples, node))
    return list(found)


def _is_shape(triples: ShapeTriples, node: Any) -> bool:
    types = {getattr(value, "value", "") for value in triples.objects(node, _TYPE)}
    names = {predicate.removeprefix(_SH) for predicate, _ in triples.by_subject[node] if predicate.startswith(_SH)}
    return bool(types & {f"{_SH}NodeShape", f"{_SH}PropertyShape"} or names & {*_TARGETS, *_CONSTRAINTS, "property"})


def _held(triples: ShapeTriples, node: Any) -> Iterator[Any]:
    for name in _HOLDERS:
        for value in triples.objects(node, name):
            yield from triples.items(value) if name in ("and", "or", "xone") else (value,)


def _name_anonymous(triples: ShapeTriples) -> None:
    """Gives every shape without an IRI one made of its holder's and its path's."""
    import pyoxigraph as ox

    shapes = _shapes(triples)
    names: dict[Any, Any] = {}
    taken = {node.value for node in shapes}
    holders = {held: node for node in reversed(shapes) for held in _held(triples, node)}
    for node in (node for node in shapes if isinstance(node, ox.BlankNode)):
        # A holder stands before what it holds, so that it has its name; but for shapes that hold one another.
        holder = names.get(holders.get(node), holders.get(node))
        base = holder.value if isinstance(holder, ox.NamedNode) else f"{ID}shape/anonymous"
        path = next((value for value in triples.objects(node, "path") if isinstance(value, ox.NamedNode)), None)
        names[node] = ox.NamedNode(_free(base, _local(path.value) if path else "", taken))
    triples.rename(names)


def _free(base: str, name: str, taken: set[str]) -> str:
    """The IRI `base.name`, with a number where that is taken, or where there is no name."""
    numbered = (f"{base}.{name}.{count}" if name else f"{base}.{count}" for count in itertools.count(2 if name else 1))
    iri = next(iri for iri in itertools.chain([f"{base}.{name}"] if name else [], numbered) if iri not in taken)
    taken.add(iri)
    return iri


class _Reading:
    """Shapes out of their triples."""

    def __init__(self, triples: ShapeTriples) -> None:
        self._triples = triples

    def read(self, node: Any) -> Shape:
        """What findings say of one shape."""
        objects = self._triples.objects
        predicates = {predicate.removeprefix(_SH) for predicate, _ in self._triples.by_subject.get(node, ())}
        queries = objects(node, "sparql")
        return Shape(
            iri=node.value,
            name=_local(node.value),
            path="".join(self._triples.path_text(path) for path in objects(node, "path")[:1]),
            messages=_english_first(objects(node, "message")),
            constraints=tuple(component(name) for name in _CONSTRAINTS if name in predicates),
            queries=_english_first(message for query in queries for message in objects(query, "message")),
            projected=frozenset(
                name for query in queries for text in objects(query, "select") for name in projected(text.value)
            ),
            classes=tuple(compact(value.value) for value in objects(node, "targetClass")),
            properties=tuple(value.value for value in objects(node, "property")),
            has_target=any(name in predicates for name in _TARGETS),
        )


def component(parameter: str) -> str:
    """What findings call the constraint of a parameter: `minCount` is `MinCount`, `sparql` is `SPARQL`."""
    return "SPARQL" if parameter == "sparql" else parameter[0].upper() + parameter[1:]


def _local(iri: str) -> str:
    return re.split(r"[/#]", iri.rstrip("/#"))[-1]


def _english_first(messages: Iterable[Any]) -> tuple[str, ...]:
    """English or of no language first, then by text: the order of a file means nothing in RDF."""
    ordered = sorted(messages, key=lambda literal: ((literal.language or "") not in _ENGLISH, literal.value))
    return tuple(literal.value for literal in ordered)
