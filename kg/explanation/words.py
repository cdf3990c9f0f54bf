"""A step of a query in words, and in SPARQL with CURIEs."""

import re
from collections.abc import Iterable

from kg import iris
from kg.explanation.asking import Asker
from kg.queries.patterns import (
    Bind,
    Exists,
    Filter,
    Graph,
    Minus,
    Optional,
    Select,
    Step,
    Triple,
    Union,
    Values,
    written,
)

__all__ = ["pattern_of", "words"]

_IRI = re.compile(r"<[^<>\s]+>")
_NUMBER = re.compile(r'"(-?[0-9.]+|true|false)"\^\^<[^>]+>')
_TYPED = re.compile(r'"([^"\\]*)"\^\^<[^>]+>')
#: More of what is given is not told.
_ROWS_TOLD = 8


def pattern_of(step: Step) -> str:
    """A step in SPARQL, with CURIEs for people; whole IRIs where none of our prefixes fits."""
    text = _NUMBER.sub(r"\1", written([step]))
    return _IRI.sub(lambda match: _compacted(match[0]), text)


def _compacted(term: str) -> str:
    curie = iris.compact(term[1:-1])
    return curie if curie != term[1:-1] else term


def words(step: Step, asker: Asker) -> str:  # noqa: C901, PLR0911 - one line a kind
    """A step as people would say it, with the names that the graph has for things."""
    match step:
        case Triple():
            return _triple(step, asker)
        case Filter(expression):
            return _named(expression, asker)
        case Exists(steps, negated):
            return f"{'there is no' if negated else 'there is'} {_all(steps, asker)}"
        case Minus(steps):
            return f"not {_all(steps, asker)}"
        case Optional(steps):
            return f"if there is one: {_all(steps, asker)}"
        case Union(branches):
            return f"one of {len(branches)}" if len(branches) > 1 else "all of"
        case Graph(name, steps):
            return f"in {asker.name(name)}: {_all(steps, asker)}"
        case Bind(expression, variable):
            return f"?{variable} is {_named(expression, asker)}"
        case Values():
            return _values(step, asker)
        case Select(_, _, _, tail) if "HAVING" in tail:
            return _named(tail[tail.index("HAVING") :], asker).replace("HAVING", "of all trials together:")
        case Select():
            return "all of"


def _triple(step: Triple, asker: Asker) -> str:
    said = f"{_named(step.predicate, asker)}: {asker.name(step.object)}"
    return said if step.subject.startswith("<https://clinicaltrials.gov/") else f"{asker.name(step.subject)} – {said}"


def _all(steps: Iterable[Step], asker: Asker) -> str:
    return "; ".join(words(step, asker) for step in steps)


def _named(text: str, asker: Asker) -> str:
    found = _IRI.findall(text)
    asker.learn(found)
    return _IRI.sub(lambda match: asker.name(match[0]), _TYPED.sub(r"\1", text))


def _values(step: Values, asker: Asker) -> str:
    asker.learn(cell for row in step.rows for cell in row if cell)
    rows = [", ".join("anything" if cell is None else asker.name(cell) for cell in row) for row in step.rows]
    if len(rows) > _ROWS_TOLD:
        rows[_ROWS_TOLD:] = [f"and {len(rows) - _ROWS_TOLD} more"]
    return f"{', '.join(f'?{name}' for name in step.variables)} is one of: {'; '.join(rows)}"
