"""What rules mean, for those who read a finding: title, help, severity, and the page that defines them.

Shapes document their constraints themselves; the rules of readers, linkers, runs and checks stand in `rules.tsv`.
"""

import csv
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import msgspec

from kg.finding import Severity
from kg.validation.shape_selection import select_shapes
from kg.validation.shapes_graph import Shape, ShapesGraph, read_shapes, shape_files
from kg.vocab import PREFIXES

__all__ = ["TABLE_FILE", "Rule", "find_rule", "known_rules", "read_rules", "shape_name"]

_TABLE = Path(__file__).with_name("rules.tsv")
#: The table as findings name our own files.
TABLE_FILE = "kg/validation/rules.tsv"
_SH, _SEE_ALSO = PREFIXES["sh"], f"<{PREFIXES['rdfs']}seeAlso>"
_SEVERITIES: dict[str, Severity] = {f"<{_SH}Warning>": "warning", f"<{_SH}Info>": "info"}
#: What stands before the slash in rules that are no constraints of a shape: those of runs and of `kg check`.
_NO_SHAPES = ("check", "run")
#: The part of a shape's IRI that its name is; in Turtle after a prefix, or in angle brackets.
_SUBJECT = re.compile(r"(?:<[^<>\s]*[/#]|[\w-]*:)(?P<name>[\w.-]+)>?(?=\s|;|$)")


class Rule(msgspec.Struct, frozen=True, kw_only=True):
    """A rule, and what one has to know of it.

    `name` is that of findings (`Study-status/In`), or of a whole shape (`Study-status`); `shape` the shape's name,
    empty where there is none; `file` and `line` tell where the rule is said.
    """

    name: str
    title: str
    help: str
    severity: Severity = "violation"
    see_also: str = ""
    shape: str = ""
    iri: str = ""
    file: str = ""
    line: int = 0


def read_rules(shapes: Path | None = None, only: Sequence[str] = ()) -> dict[str, Rule]:
    """The shapes' rules by name: each shape that has constraints, and each of these.

    The shapes are those of a Turtle file or of a folder, ours if `shapes` is None; `only` names some of them.

    Raises:
        KgError: if there are no shapes, or one is no Turtle; says file and line.
        NotFound: if `only` names no shape, class or rule.
    """
    graph = select_shapes(read_shapes(shapes), only)
    said, lines = _said(graph), _find_lines(shape_files(shapes))
    found: dict[str, Rule] = {}
    for shape in sorted(_reporting(graph.shapes), key=lambda shape: shape.name):
        wanted = sorted(name for name in shape.rules() if graph.rules is None or name in graph.rules)
        if wanted:
            # A shape without a name of its own stands within the one that it is called after.
            place = lines.get(shape.name) or lines.get(shape.name.partition(".")[0], ("", 0))
            rule = _of_shape(shape, said.get(f"<{shape.iri}>", {}), place)
            found[shape.name] = rule
            found.update((name, _of_constraint(rule, name)) for name in wanted)
    return found


def _reporting(shapes: Mapping[str, Shape]) -> list[Shape]:
    """The shapes whose constraints report by themselves, and do not only decide for another (`sh:or`, `sh:node`)."""
    waiting = [shape.iri for shape in shapes.values() if shape.has_target]
    seen: dict[str, Shape] = {}
    for iri in waiting:
        if iri in shapes and iri not in seen:
            seen[iri] = shapes[iri]
            waiting.extend(shapes[iri].properties)
    return list(seen.values())


def _said(graph: ShapesGraph) -> dict[str, dict[str, str]]:
    """Shape -> property -> one object, as N-Triples text."""
    found: dict[str, dict[str, str]] = {}
    for line in graph.lines:
        subject, predicate, rest = line.split(" ", 2)
        found.setdefault(subject, {}).setdefault(predicate, rest.removesuffix(" .\n"))
    return found


def _of_shape(shape: Shape, said: Mapping[str, str], place: tuple[str, int]) -> Rule:
    title = _text(said.get(f"<{_SH}name>", "")) or shape.path or shape.name
    messages = shape.messages or shape.queries
    return Rule(
        name=shape.name,
        title=title,
        help=messages[0] if messages else f"What the shape {shape.name} asks for.",
        severity=_SEVERITIES.get(said.get(f"<{_SH}severity>", ""), "violation"),
        see_also=said.get(_SEE_ALSO, "").strip("<>"),
        shape=shape.name,
        iri=shape.iri,
        file=place[0],
        line=place[1],
    )


def _of_constraint(rule: Rule, name: str) -> Rule:
    constraint = name.removeprefix(f"{rule.shape}/")
    term = "sparql" if constraint == "SPARQL" else f"{constraint[0].lower()}{constraint[1:]}"
    text = f"{rule.help} The constraint is sh:{term} of the shape {rule.shape}."
    return msgspec.structs.replace(rule, name=name, title=f"{rule.title} ({constraint})", help=text)


def _text(literal: str) -> str:
    import pyoxigraph as ox

    if not literal.startswith('"'):
        return ""
    (quad,) = ox.parse(f"<a:> <a:> {literal} .", ox.RdfFormat.N_TRIPLES)
    value: Any = quad.object
    return str(value.value)


def _find_lines(files: Iterable[Path]) -> dict[str, tuple[str, int]]:
    """Name -> the file and line where a statement about it begins."""
    found: dict[str, tuple[str, int]] = {}
    for file in files:
        for number, line in enumerate(file.read_text(encoding="utf-8", errors="replace").splitlines(), 1):
            if match := _SUBJECT.match(line):
                found.setdefault(match["name"], (f"{file.parent.name}/{file.name}", number))
    return found


@cache
def known_rules() -> dict[str, Rule]:
    """The rules that are no shapes', by name; `rules.tsv` holds them, a line each."""
    return {rule.name: rule for rule in _read_table()}


def _read_table() -> Iterator[Rule]:
    with _TABLE.open(encoding="utf-8", newline="") as stream:
        for row in csv.DictReader(stream, delimiter="\t", quoting=csv.QUOTE_NONE):
            yield msgspec.convert({**row, "file": TABLE_FILE}, Rule)


def shape_name(rule: str) -> str:
    """The shape that a rule is of; of other rules the whole name.

    >>> shape_name("Study-status/In"), shape_name("check/field-gone"), shape_name("bad-date")
    ('Study-status', 'check/field-gone', 'bad-date')
    """
    shape, slash, _ = rule.rpartition("/")
    return shape if slash and shape not in _NO_SHAPES else rule


def find_rule(name: str, rules: Mapping[str, Rule]) -> Rule:
    """The rule of that name, or what can be said of one that nobody described."""
    known = rules.get(name) or known_rules().get(name)
    if known:
        return known
    shape = shape_name(name)
    if shape in rules:
        return _of_constraint(rules[shape], name)
    return Rule(name=name, title=name, help=name, shape=shape if shape != name else "", file=TABLE_FILE)
