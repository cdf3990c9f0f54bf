"""What a query asks for, step by step, each with the SPARQL that it stands for: so that a query can be asked in part.

Steps keep the order in which they are written: OPTIONAL, BIND and MINUS mean what stands before them.
"""

from collections.abc import Iterable, Mapping
from typing import Any, TypeAlias

import msgspec

from kg.queries.binding import substitute, variables

__all__ = [
    "Bind",
    "Exists",
    "Filter",
    "Graph",
    "Minus",
    "Optional",
    "Question",
    "Select",
    "Step",
    "Triple",
    "Union",
    "Values",
    "bind",
    "binds",
    "fill",
    "uses",
    "written",
]


class Triple(msgspec.Struct, frozen=True):
    """A triple pattern; the predicate may be a property path."""

    subject: str
    predicate: str
    object: str


class Filter(msgspec.Struct, frozen=True):
    """A condition on values."""

    expression: str


class Exists(msgspec.Struct, frozen=True):
    """That there is, or is not, something."""

    steps: "tuple[Step, ...]"
    negated: bool


class Minus(msgspec.Struct, frozen=True):
    """What is taken away; `given` stands on both sides, since MINUS minds only variables that both have."""

    steps: "tuple[Step, ...]"
    given: "tuple[Step, ...]" = ()


class Optional(msgspec.Struct, frozen=True):
    """What is added where it is there; never takes a row away."""

    steps: "tuple[Step, ...]"


class Union(msgspec.Struct, frozen=True):
    """One of several groups; of one only, where a group just stands in braces."""

    branches: "tuple[tuple[Step, ...], ...]"


class Graph(msgspec.Struct, frozen=True):
    """What stands in a named graph."""

    name: str
    steps: "tuple[Step, ...]"


class Bind(msgspec.Struct, frozen=True):
    """A value that is computed."""

    expression: str
    variable: str


class Values(msgspec.Struct, frozen=True):
    """Rows that are given; None where a cell is left open."""

    variables: tuple[str, ...]
    rows: tuple[tuple[str | None, ...], ...]


class Select(msgspec.Struct, frozen=True):
    """A query in the query: what it projects (names, and as written), its pattern, and what follows the pattern.

    `measures` are the aggregates that its HAVING looks at.
    """

    projected: tuple[str, ...]
    head: str
    steps: "tuple[Step, ...]"
    tail: str
    measures: tuple[str, ...] = ()


Step: TypeAlias = "Triple | Filter | Exists | Minus | Optional | Union | Graph | Bind | Values | Select"


class Question(msgspec.Struct, frozen=True):
    """A whole query: its pattern, the variables it shows or groups by, and whether rows may be cut off (LIMIT)."""

    steps: tuple[Step, ...]
    shown: tuple[str, ...]
    limited: bool = False


def written(steps: Iterable[Step]) -> str:
    """The steps as SPARQL, without braces around.

    >>> written([Triple("?s", "<p:a>", "?o"), Filter("?o > 1")])
    '?s <p:a> ?o . FILTER(?o > 1)'
    """
    return " ".join(_written(step) for step in steps)


def _written(step: Step) -> str:  # noqa: C901, PLR0911 - one line a kind
    match step:
        case Triple(subject, predicate, object_):
            return f"{subject} {predicate} {object_} ."
        case Filter(expression):
            return f"FILTER({expression})"
        case Exists(steps, negated):
            return f"FILTER {'NOT ' if negated else ''}EXISTS {{ {written(steps)} }}"
        case Minus(steps, given):
            return f"{written(given)} MINUS {{ {written((*given, *steps))} }}".lstrip()
        case Optional(steps):
            return f"OPTIONAL {{ {written(steps)} }}"
        case Union(branches):
            return " UNION ".join(f"{{ {written(branch)} }}" for branch in branches)
        case Graph(name, steps):
            return f"GRAPH {name} {{ {written(steps)} }}"
        case Bind(expression, variable):
            return f"BIND({expression} AS ?{variable})"
        case Values():
            return _written_values(step)
        case Select(_, head, steps, tail):
            return f"{{ SELECT {head} WHERE {{ {written(steps)} }} {tail} }}"


def _written_values(step: Values) -> str:
    rows = " ".join(f"({' '.join(cell or 'UNDEF' for cell in row)})" for row in step.rows)
    return f"VALUES ({' '.join(f'?{name}' for name in step.variables)}) {{ {rows} }}"


def uses(step: Step) -> frozenset[str]:
    """The variables that stand in a step and mean the same outside."""
    if isinstance(step, Select):
        return frozenset(step.projected)
    return frozenset(variables(_written(step)))


def binds(step: Step) -> frozenset[str]:
    """The variables that a step may give a value."""
    match step:
        case Filter() | Exists() | Minus():
            return frozenset()
        case Bind(_, variable):
            return frozenset({variable})
        case Union(branches):
            return frozenset().union(*(_all_bound(branch) for branch in branches))
        case Optional(steps):
            return _all_bound(steps)
        case Graph(name, steps):
            return _all_bound(steps) | frozenset(variables(name))
        case _:
            return uses(step)


def _all_bound(steps: Iterable[Step]) -> frozenset[str]:
    return frozenset().union(*(binds(step) for step in steps))


def fill(steps: Iterable[Step], terms: Mapping[str, str]) -> tuple[Step, ...]:
    r"""The steps with terms in the place of a query's parameters, wherever these stand.

    So a value never comes before the parser, which decodes `\u0041` before it looks for the ends of strings.
    """
    return tuple(_filled(step, terms) for step in steps)


def _filled(part: Any, terms: Mapping[str, str]) -> Any:
    if isinstance(part, str):
        # Plain names of variables have no `?`, and stay as they are.
        return substitute(part, terms)
    if isinstance(part, tuple):
        return tuple(_filled(each, terms) for each in part)
    if isinstance(part, msgspec.Struct):
        return type(part)(*(_filled(getattr(part, name), terms) for name in part.__struct_fields__))
    return part


def bind(steps: Iterable[Step], name: str, term: str) -> tuple[Step, ...]:
    """The steps with a term in the place of a variable; what gave the variable a value must now give this one.

    >>> written(bind([Values(("s", "n"), (("<p:a>", "1"), ("<p:b>", "2")))], "s", "<p:b>"))
    'VALUES (?n) { (2) }'
    """
    bound, known = [], False
    for step in steps:
        new = _bound(step, name, term)
        if isinstance(new, Minus) and known and name in uses(step):
            new = Minus(new.steps, (Values((name,), ((term,),)),))
        bound.append(new)
        known = known or name in binds(step)
    return tuple(bound)


def _bound(step: Step, name: str, term: str) -> Step:  # noqa: C901, PLR0911 - one line a kind
    def put(text: str) -> str:
        return substitute(text, {name: term}).replace(f"BOUND({term})", "true")

    match step:
        case Triple(subject, predicate, object_):
            return Triple(put(subject), put(predicate), put(object_))
        case Filter(expression):
            return Filter(put(expression))
        case Exists(steps, negated):
            return Exists(bind(steps, name, term), negated)
        case Minus(steps):
            return Minus(bind(steps, name, term))
        case Optional(steps):
            return Optional(bind(steps, name, term))
        case Union(branches):
            return Union(tuple(bind(branch, name, term) for branch in branches))
        case Graph(graph, steps):
            return Graph(put(graph), bind(steps, name, term))
        case Bind(expression, variable) if variable == name:
            return Filter(f"sameTerm({put(expression)}, {term})")
        case Bind(expression, variable):
            return Bind(put(expression), variable)
        case Values(names) if name in names:
            return _bound_values(step, names.index(name), term)
        case Select(projected) if name in projected:
            return _bound_select(step, name, term)
        case _:
            return step


def _bound_select(step: Select, name: str, term: str) -> Step:
    given = Values((name,), ((term,),))
    if "LIMIT" in step.tail or "OFFSET" in step.tail:
        # Which rows there are depends on the others.
        return Union(((given, step),))
    if list(variables(f"{step.head} {step.tail.partition('HAVING')[2]}")).count(name) > 1:
        # It is counted, too: so it must stay a variable.
        return msgspec.structs.replace(step, steps=(given, *step.steps))
    # The variable stays in the head, without value: a row without it joins with every value.
    return msgspec.structs.replace(step, steps=bind(step.steps, name, term))


def _bound_values(step: Values, column: int, term: str) -> Values:
    rows = [row for row in step.rows if row[column] in (None, term)]
    return Values(
        step.variables[:column] + step.variables[column + 1 :],
        tuple(row[:column] + row[column + 1 :] for row in rows),
    )
