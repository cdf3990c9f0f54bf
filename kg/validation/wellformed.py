"""Shapes are checked before any data is: an engine may pass over what it does not understand, and find nothing."""

import re
from pathlib import Path
from typing import Any

from kg.errors import KgError
from kg.validation.shapes_graph import ShapesGraph, shape_files

__all__ = ["check_shapes"]


def check_shapes(graph: ShapesGraph, path: Path | None) -> None:
    """Builds every constraint with the reference engine, and parses every SPARQL text.

    Raises:
        KgError: if one cannot be meant; says the file and the line where the shape stands.
    """
    from pyshacl.errors import ReportableRuntimeError
    from pyshacl.shapes_graph import ShapesGraph as ReferenceShapes

    from kg.validation.pyshacl_engine import rdflib_graph

    try:
        shapes = ReferenceShapes(rdflib_graph(graph.lines)).shapes
    except (ReportableRuntimeError, ValueError) as error:
        raise _error(path, str(error), _named(graph, str(error))) from error
    for shape in shapes:
        try:
            _check_terms(shape)
            _check(shape)
            _check_validators(shape)
        except (ReportableRuntimeError, NotImplementedError, SyntaxError, ValueError, re.error) as error:
            raise _error(path, str(error), str(shape.node)) from error


#: What takes a list: https://www.w3.org/TR/shacl/#syntax-rules
_LISTS = ("in", "languageIn", "ignoredProperties", "and", "or", "xone")


def _check_terms(shape: Any) -> None:
    """Refuses a path that is a literal, and what is no list where one belongs: engines pass over either."""
    from pyshacl.consts import SH
    from rdflib import RDF, Literal, URIRef
    from rdflib.collection import Collection

    graph = shape.sg.graph
    if any(isinstance(path, Literal) for path in graph.objects(shape.node, URIRef(f"{SH}path"))):
        raise ValueError("sh:path is a literal, which is no path")
    for name in _LISTS:
        for node in graph.objects(shape.node, URIRef(f"{SH}{name}")):
            if node != RDF.nil and (node, RDF.first, None) not in graph:
                raise ValueError(f"sh:{name} has no list")
            # A list that bites its tail raises a ValueError.
            list(Collection(graph, node))


def _check(shape: Any) -> None:
    from pyshacl.constraints import CONSTRAINT_PARAMETERS_MAP
    from pyshacl.errors import ConstraintLoadWarning
    from rdflib import URIRef

    for parameter in {p for p, _ in shape.sg.predicate_objects(shape.node) if p in CONSTRAINT_PARAMETERS_MAP}:
        try:
            constraint = CONSTRAINT_PARAMETERS_MAP[parameter](shape)
        except ConstraintLoadWarning:
            continue
        for query in getattr(constraint, "sparql_constraints", ()):
            # The node stands for any focus node: what is bound does not change whether the text is SPARQL.
            _, text = query.pre_bind_variables(URIRef("urn:x-trialgraph:focus"))
            _parse(text)


def _check_validators(shape: Any) -> None:
    """Refuses what a component of the user's own may not ask; its value is bound before."""
    from pyshacl.consts import SH
    from pyshacl.helper.sparql_query_helper import SPARQLQueryHelper
    from rdflib import URIRef

    for node, text in shape.sg.graph.subject_objects(URIRef(f"{SH}ask")):
        helper: Any = SPARQLQueryHelper
        helper(None, node, str(text)).check_invalid_sparql(str(text), valuenode=True)


def _parse(sparql: str) -> None:
    import pyoxigraph as ox

    ox.Store().query(sparql)


def _named(graph: ShapesGraph, message: str) -> str:
    return next((iri for iri in sorted(graph.shapes, key=len, reverse=True) if iri in message), "")


def _error(path: Path | None, message: str, iri: str) -> KgError:
    problem = " ".join(message.split())
    name = re.split(r"[/#]", iri)[-1]
    # A shape without an IRI is called after the one that holds it.
    for part in (name, name.partition(".")[0]):
        for file in shape_files(path):
            for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), start=1):
                if part and re.match(rf"\S*\b{re.escape(part)}>?(?![\w.-])", line):
                    return KgError(f"{file}:{number}", f"the shape {name} cannot be meant: {problem}")
    return KgError(str(path or "shapes"), f"the shape {name or '?'} cannot be meant: {problem}")
