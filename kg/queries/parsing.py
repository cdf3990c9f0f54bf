"""SPARQL -> the steps of `kg.queries.patterns`, by rdflib's parser (https://rdflib.readthedocs.io).

Its parse tree is read before rdflib orders it: BGPs keep the order in which a person wrote them.
"""

from collections.abc import Iterable, Iterator
from functools import partial
from typing import Any

from kg.errors import QueryRefused
from kg.queries.patterns import (
    Bind,
    Exists,
    Filter,
    Graph,
    Minus,
    Optional,
    Question,
    Select,
    Step,
    Triple,
    Union,
    Values,
    written,
)

__all__ = ["parse_question"]


def parse_question(text: str) -> Question:
    """The steps of a SELECT or ASK query.

    Raises:
        QueryRefused: if it is none, or uses what cannot be asked in part.
    """
    from pyparsing import ParseException
    from rdflib.plugins.sparql.algebra import translatePath, translatePName, translatePrologue, traverse
    from rdflib.plugins.sparql.parser import parseQuery

    try:
        parsed = parseQuery(text)
    except ParseException as error:
        raise QueryRefused("SPARQL", f"cannot be parsed: {error}") from error
    prologue = translatePrologue(parsed[0], None)
    tree = traverse(parsed[1], visitPost=partial(translatePName, prologue=prologue))
    tree = traverse(tree, visitPost=translatePath)
    if tree.name not in ("SelectQuery", "AskQuery"):
        raise QueryRefused("SPARQL", "only rows can be explained", got=tree.name, expected="SELECT")
    return _question(tree)


def _question(tree: Any) -> Question:
    steps = _steps(tree.where)
    shown = tuple(str(column.var if column.var is not None else column.evar) for column in tree.projection or ())
    if tree.having:
        keys = [_expression(key) for key in tree.groupby.condition] if tree.groupby else []
        if not all(key.startswith("?") for key in keys) or not keys:
            raise QueryRefused("SPARQL", "HAVING can be explained on groups by plain variables only")
        # That a group is kept is asked of the whole graph: the group holds more than the one trial.
        names = tuple(key[1:] for key in keys)
        steps = (*steps, Select(names, " ".join(keys), steps, _groups(tree), _measures(tree)))
    limits = tree.limitoffset
    return Question(steps, shown, limited=limits is not None)


def _steps(group: Any) -> tuple[Step, ...]:
    if group.name == "SubSelect":
        return (_select(group),)
    return tuple(step for part in group.part or () for step in _part(part))


def _part(part: Any) -> Iterator[Step]:  # noqa: C901 - one line a kind
    match part.name:
        case "TriplesBlock":
            yield from _triples(part.triples)
        case "Filter":
            yield _filter(part.expr)
        case "OptionalGraphPattern":
            yield Optional(_steps(part.graph))
        case "MinusGraphPattern":
            yield Minus(_steps(part.graph))
        case "GroupOrUnionGraphPattern":
            yield from _union([_steps(group) for group in part.graph])
        case "GraphGraphPattern":
            yield Graph(_term(part.term), _steps(part.graph))
        case "Bind":
            yield Bind(_expression(part.expr), str(part.var))
        case "InlineData":
            yield _values(part)
        case _:
            raise QueryRefused("SPARQL", "cannot be explained", got=part.name)


def _union(branches: list[tuple[Step, ...]]) -> Iterator[Step]:
    if len(branches) == 1 and len(branches[0]) == 1 and isinstance(branches[0][0], Select):
        yield branches[0][0]
    else:
        yield Union(tuple(branches))


def _triples(blocks: Iterable[Any]) -> Iterator[Triple]:
    for block in blocks:
        cells = list(block)
        for n in range(0, len(cells), 3):
            yield Triple(*(_term(cell) for cell in cells[n : n + 3]))


def _term(term: Any) -> str:
    from rdflib import BNode

    # A blank node of a query is a variable that is not shown.
    return f"?_blank_{term}" if isinstance(term, BNode) else str(term.n3())


def _filter(expression: Any) -> Step:
    inner = _alone(expression)
    name = getattr(inner, "name", "")
    if name in ("Builtin_EXISTS", "Builtin_NOTEXISTS"):
        return Exists(_steps(inner.graph), negated=name == "Builtin_NOTEXISTS")
    return Filter(_outer(_expression(expression)))


def _outer(text: str) -> str:
    """Without the parentheses that `_expression` puts around whatever has two sides."""
    return text[1:-1] if text.startswith("(") else text


def _values(part: Any) -> Values:
    names = [part.var] if not isinstance(part.var, Iterable) or isinstance(part.var, str) else list(part.var)
    rows = tuple(
        tuple(None if cell == "UNDEF" else _term(cell) for cell in ([row] if isinstance(row, str) else row))
        for row in part.value
    )
    return Values(tuple(str(name) for name in names), rows)


def _select(tree: Any) -> Select:
    heads, names = [], []
    for column in tree.projection or ():
        if column.evar is not None:
            heads.append(f"({_expression(column.expr)} AS ?{column.evar})")
            names.append(str(column.evar))
        else:
            heads.append(f"?{column.var}")
            names.append(str(column.var))
    modifier = f"{tree.modifier} " if tree.modifier else ""
    steps = _steps(tree.where)
    if not heads:
        raise QueryRefused("SPARQL", "a query in the query must name what it shows", got="SELECT *")
    return Select(tuple(names), modifier + " ".join(heads), steps, _tail(tree), _measures(tree))


def _groups(tree: Any) -> str:
    parts = []
    if tree.groupby:
        parts.append("GROUP BY " + " ".join(_key(key) for key in tree.groupby.condition))
    if tree.having:
        parts.append("HAVING " + " ".join(f"({_outer(_expression(each))})" for each in tree.having.condition))
    return " ".join(parts)


def _measures(tree: Any) -> tuple[str, ...]:
    """The aggregates of a HAVING."""
    from rdflib.plugins.sparql.algebra import traverse

    found: list[str] = []

    def look(node: Any) -> None:
        if str(getattr(node, "name", "")).startswith("Aggregate_"):
            found.append(_expression(node))

    if tree.having:
        traverse(tree.having, visitPre=look)
    return tuple(dict.fromkeys(found))


def _tail(tree: Any) -> str:
    parts = [_groups(tree)]
    if tree.limitoffset:
        order = tree.orderby.condition if tree.orderby else ()
        if order:
            parts.append("ORDER BY " + " ".join(f"{each.order or 'ASC'}({_expression(each.expr)})" for each in order))
        limits = ("LIMIT", tree.limitoffset.limit), ("OFFSET", tree.limitoffset.offset)
        parts += [f"{word} {number}" for word, number in limits if number is not None]
    return " ".join(parts)


def _key(key: Any) -> str:
    if getattr(key, "name", "") == "GroupAs":
        return f"({_expression(key.expr)} AS ?{key.var})"
    text = _expression(key)
    return text if text.startswith("?") else f"({_outer(text)})"


#: Nodes of the tree that join an expression with others -> the sign between them, if the tree does not keep it.
_JOINED = {"ConditionalOrExpression": "||", "ConditionalAndExpression": "&&"}
_SIGNS = {"UnaryNot": "!", "UnaryMinus": "-", "UnaryPlus": "+"}


def _alone(node: Any) -> Any:
    """What an expression comes to, without the levels of the grammar that hold only one."""
    while getattr(node, "name", "").endswith("Expression") and node.other is None:
        node = node.expr
    return node


def _expression(node: Any) -> str:
    node = _alone(node)
    name = getattr(node, "name", "")
    if not name:
        return _term(node)
    if name in _SIGNS:
        return f"{_SIGNS[name]}{_expression(node.expr)}"
    if name == "RelationalExpression":
        return f"({_expression(node.expr)} {node.op} {_other(node.other)})"
    if name.endswith("Expression"):
        signs = [_JOINED[name]] * len(node.other) if name in _JOINED else list(node.op)
        rest = (f" {sign} {_expression(each)}" for sign, each in zip(signs, node.other, strict=True))
        return f"({_expression(node.expr)}{''.join(rest)})"
    return _call(node, name)


def _other(other: Any) -> str:
    if isinstance(other, list):
        return f"({', '.join(_outer(_expression(each)) for each in other)})"
    return _expression(other)


def _call(node: Any, name: str) -> str:
    kind, _, called = name.partition("_")
    if called in ("EXISTS", "NOTEXISTS"):
        return f"{called.replace('NOT', 'NOT ')} {{ {written(_steps(node.graph))} }}"
    if kind == "Aggregate":
        return _aggregate(node, called)
    if name == "Function":
        return f"{_term(node.iri)}({_arguments(node.expr)})"
    return f"{called}({', '.join(_arguments(value) for value in node.values())})"


def _arguments(value: Any) -> str:
    values = value if isinstance(value, list) else [value]
    return ", ".join(_outer(_expression(each)) for each in values)


def _aggregate(node: Any, called: str) -> str:
    function = "GROUP_CONCAT" if called == "GroupConcat" else called.upper()
    over = "*" if isinstance(node.vars, str) and str(node.vars) == "*" else _outer(_expression(node.vars))
    distinct = "DISTINCT " if node.distinct else ""
    separator = f"; SEPARATOR={_term(node.separator)}" if node.separator is not None else ""
    return f"{function}({distinct}{over}{separator})"
