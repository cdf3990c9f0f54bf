"""`--only`: shapes, classes and rules by their names."""

import re
from collections.abc import Iterator, Sequence

from kg.errors import NotFound
from kg.iris import compact
from kg.validation.shapes_graph import Shape, ShapesGraph
from kg.vocab import PREFIXES

__all__ = ["select_shapes"]

_SH = PREFIXES["sh"]
_PROPERTY = f"<{_SH}property>"
_TARGETS = tuple(f"<{_SH}target{kind}>" for kind in ("Class", "Node", "SubjectsOf", "ObjectsOf", ""))


def select_shapes(graph: ShapesGraph, only: Sequence[str]) -> ShapesGraph:
    """The graph without what no name asks for; the whole of it if there are no names.

    A name is a shape's (`Study-status`, `Study`), a class's (`tg:Study`, `Study`) or a rule's (`Study-status/In`).

    Raises:
        NotFound: if a name is none of them.
    """
    if not only:
        return graph
    known = _known(graph)
    rules: set[str] = set()
    for name in only:
        if name not in known:
            raise NotFound("--only", name, known)
        rules |= known[name]
    return ShapesGraph(tuple(_cut(graph, rules)), graph.shapes, frozenset(rules))


def _known(graph: ShapesGraph) -> dict[str, set[str]]:
    """Every name that can be asked for -> the rules that it means."""
    known: dict[str, set[str]] = {}
    for shape in graph.shapes.values():
        rules = _rules(graph, shape)
        classes = [form for name in shape.classes for form in (name, re.split(r"[/#:]", name)[-1])]
        for name in {shape.name, compact(shape.iri), *classes}:
            known.setdefault(name, set()).update(rules)
        for rule in shape.rules():
            known.setdefault(rule, set()).add(rule)
    return known


def _rules(graph: ShapesGraph, shape: Shape) -> set[str]:
    """The rules of a shape and of the property shapes in it; shapes may hold one another."""
    waiting, seen = [shape.iri], set[str]()
    for iri in waiting:
        if iri not in seen and iri in graph.shapes:
            seen.add(iri)
            waiting.extend(graph.shapes[iri].properties)
    return {rule for iri in seen for rule in graph.shapes[iri].rules()}


def _cut(graph: ShapesGraph, rules: set[str]) -> Iterator[str]:
    """The triples, but no target of a shape and no property shape that the rules do not need."""
    needed = {f"<{iri}>" for iri, shape in graph.shapes.items() if _rules(graph, shape) & rules}
    triples = [(*line.split(" ", 2)[:2], line) for line in graph.lines]
    names = {f"<{iri}>" for iri in graph.shapes}
    # A shape that another refers to decides there by all of its parts.
    referred = {
        line.split(" ", 2)[2].removesuffix(" .\n") for _, predicate, line in triples if predicate != _PROPERTY
    } & names
    roots = {f"<{iri}>" for iri, shape in graph.shapes.items() if shape.has_target} - referred
    for subject, predicate, line in triples:
        idle_target = predicate in _TARGETS and subject not in needed
        idle_property = predicate == _PROPERTY and subject in roots and line.split(" ", 3)[2] not in needed
        if not idle_target and not idle_property:
            yield line
