"""Answers -> text: SPARQL's own formats for programs (https://www.w3.org/TR/sparql11-overview/), tables for people."""

import io
import json
from collections.abc import Iterable
from typing import IO, Any

import pyoxigraph as ox

from kg import iris
from kg.errors import NotFound, UsageError
from kg.queries.resolution import Resolved
from kg.vocab import PREFIXES

__all__ = ["ANSWER_FORMATS", "cells", "check_format", "write_answer"]

_RESULTS: dict[str, ox.QueryResultsFormat] = {
    "csv": ox.QueryResultsFormat.CSV,
    "tsv": ox.QueryResultsFormat.TSV,
    "json": ox.QueryResultsFormat.JSON,
    "xml": ox.QueryResultsFormat.XML,
}
#: Names of the formats, as the command line takes them.
ANSWER_FORMATS = ("table", *_RESULTS, "markdown")


def check_format(name: str) -> None:
    """Returns if there is such a format, so that nothing is asked before a name turns out to be wrong.

    Raises:
        NotFound: if there is none.
    """
    if name not in ANSWER_FORMATS:
        raise NotFound("format", name, ANSWER_FORMATS)


def write_answer(answer: Any, stream: IO[bytes], name: str, resolved: Iterable[Resolved] = ()) -> None:
    """Writes an answer in one of SPARQL's result formats, or as a Markdown table; triples as Turtle.

    JSON answers of saved queries say in `resolved` what each parameter was taken for.

    Raises:
        NotFound: if there is no such format.
        UsageError: if it does not fit the kind of answer.
    """
    check_format(name)
    if not isinstance(answer, ox.QuerySolutions | ox.QueryBoolean):
        ox.serialize(answer, stream, ox.RdfFormat.TURTLE, prefixes=dict(PREFIXES))
    elif name == "markdown":
        stream.write(_markdown(answer).encode())
    elif name == "json":
        _write_json(answer, stream, tuple(resolved))
    elif isinstance(answer, ox.QueryBoolean) and name in ("csv", "tsv"):
        raise UsageError("--format", f"{name} holds no yes or no", expected="json, xml or table")
    else:
        answer.serialize(stream, _RESULTS[name])


def _write_json(answer: Any, stream: IO[bytes], resolved: tuple[Resolved, ...]) -> None:
    if not resolved:
        answer.serialize(stream, _RESULTS["json"])
        stream.write(b"\n")
        return
    buffer = io.BytesIO()
    answer.serialize(buffer, _RESULTS["json"])
    whole = json.loads(buffer.getvalue())
    told = {r.param: {"given": r.given, "term": r.term, "label": r.label} for r in resolved}
    # Before the rows: parsers that stream take nothing after them.
    whole = {"head": whole.pop("head"), "resolved": told, **whole}
    stream.write(json.dumps(whole, ensure_ascii=False).encode() + b"\n")


def cells(answer: ox.QuerySolutions) -> tuple[list[str], list[list[str]]]:
    """(the columns, the rows) of an answer as people read them: CURIEs, and literals without their datatypes."""
    columns = [variable.value for variable in answer.variables]
    return columns, [[_shown(row[column]) for column in columns] for row in answer]


def _shown(term: Any) -> str:
    if term is None:
        return ""
    if isinstance(term, ox.NamedNode):
        study = PREFIXES["study"]
        return term.value[len(study) :] if term.value.startswith(study) else iris.compact(term.value)
    return str(getattr(term, "value", term))


def _markdown(answer: Any) -> str:
    if isinstance(answer, ox.QueryBoolean):
        return f"{'yes' if answer else 'no'}\n"
    columns, rows = cells(answer)
    lines = [columns, ["---"] * len(columns), *rows]
    escaped = (" | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in line) for line in lines)
    return "".join(f"| {line} |\n" for line in escaped)
