"""What stands around a trial, as a picture: conditions on its left; its drugs, their roles and classes on its right."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from kg.pages.asking import Row
from kg.pages.showing import shown
from kg.pages.study import Evidence, Study

__all__ = ["Edge", "Neighbourhood", "Node", "make_neighbourhood"]

#: Left edges of the four columns, their width, the height of a node, the gap between two.
_COLUMNS, _WIDE, _HIGH, _GAP = (0, 236, 472, 708), 192, 40, 14
#: Nodes of a column, and letters of a line in one.
_MOST, _LETTERS = 6, 23


class Node(NamedTuple):
    """A thing in the picture: what kind it is of, its name, what stands below the name, where it leads."""

    kind: str
    text: str
    below: str
    whole: str
    href: str
    x: float
    y: float


class Edge(NamedTuple):
    """A line between two things, as a path of SVG."""

    path: str


class Neighbourhood(NamedTuple):
    """The picture, and the same in one sentence."""

    width: int
    height: float
    wide: int
    high: int
    nodes: Sequence[Node]
    edges: Sequence[Edge]
    told: str


class _Thing(NamedTuple):
    kind: str
    name: str
    below: str
    href: str


def make_neighbourhood(study: Study) -> Neighbourhood | None:
    """The picture; None if the trial stands alone."""
    conditions = [_part(study, part, "condition", "") for part in _parts(study, "tg:condition")]
    drugs = {part: _part(study, part, "drug", study.text("tg:role", part)) for part in _parts(study, "tg:intervention")}
    classes, of_class = _classes(study.classes, study, drugs)
    sponsors = [
        _Thing("sponsor", value.name, "Lead sponsor", shown(value.term, value.name).href)
        for value in study.values("tg:leadSponsor")
    ]
    if not (conditions or drugs or sponsors):
        return None
    centre = _Thing("trial", study.number, study.text("tg:overallStatus"), "")
    columns = [_cut(conditions), [centre, *sponsors[:1]], _cut(list(drugs.values())), _cut(list(classes.values()))]
    nodes = _placed(columns)
    edges = _edges(nodes, list(drugs), list(classes), of_class)
    height = max(node.y for node in nodes) + _HIGH + 2
    width = max(node.x for node in nodes) + _WIDE
    return Neighbourhood(int(width), height, _WIDE, _HIGH, nodes, edges, _sentence(study, columns))


def _parts(study: Study, curie: str) -> list[str]:
    return [study.fragment(value.term.value) for value in study.values(curie)]


def _part(study: Study, part: str, kind: str, below: str) -> _Thing:
    """A part of the trial; it leads to the concept that it is surest linked to."""
    best = min(study.evidence.get(part, ()), key=_rank, default=None)
    href = shown(best.concept, best.name).href if best else ""
    if kind == "condition":
        below = best.name if best else "no concept"
    return _Thing(kind, study.text("rdfs:label", part) or part, below, href or f"#{part}")


def _rank(link: Evidence) -> tuple[bool, bool]:
    return link.kind != "tg:conceptExact", "mesh" not in link.concept.value


def _classes(
    rows: Iterable[Row], study: Study, drugs: dict[str, _Thing]
) -> tuple[dict[str, _Thing], set[tuple[str, str]]]:
    classes: dict[str, _Thing] = {}
    pairs: set[tuple[str, str]] = set()
    for row in sorted(rows, key=lambda row: row["name"].value.casefold()):
        part, iri = study.fragment(row["s"].value), row["class"].value
        if part in drugs:
            classes[iri] = _Thing("class", row["name"].value, "Drug class", shown(row["class"], row["name"].value).href)
            pairs.add((part, iri))
    return classes, pairs


def _cut(things: list[_Thing]) -> list[_Thing]:
    if len(things) <= _MOST:
        return things
    return [*things[: _MOST - 1], _Thing("rest", f"and {len(things) - _MOST + 1} more", "", "")]


def _placed(columns: Sequence[Sequence[_Thing]]) -> list[Node]:
    most = max(len(column) for column in columns)
    nodes = []
    left = 0 if columns[0] else _COLUMNS[1]
    for x, column in zip(_COLUMNS, columns, strict=True):
        top = (most - len(column)) * (_HIGH + _GAP) / 2 + 1
        for row, thing in enumerate(column):
            y = top + row * (_HIGH + _GAP)
            text, below = _short(thing.name), _short(thing.below, 4)
            nodes.append(Node(thing.kind, text, below, thing.name, thing.href, x - left, y))
    return nodes


def _short(text: str, more: int = 0) -> str:
    return text if len(text) <= _LETTERS + more else text[: _LETTERS + more - 1].rstrip() + "…"


def _edges(nodes: list[Node], drugs: list[str], classes: list[str], pairs: set[tuple[str, str]]) -> list[Edge]:
    by_kind: dict[str, list[Node]] = {}
    columns = {_COLUMNS[2] - _COLUMNS[0]: "drug", _COLUMNS[3] - _COLUMNS[0]: "class"}
    offset = nodes[0].x if nodes[0].kind == "trial" else _COLUMNS[1]
    for node in nodes:
        kind = node.kind
        if kind == "rest":
            kind = columns.get(int(node.x - offset + _COLUMNS[1]), "condition")
        by_kind.setdefault(kind, []).append(node)
    trial = by_kind["trial"][0]
    found = [_line(node, trial) for node in by_kind.get("condition", [])]
    found += [_line(trial, node) for node in by_kind.get("drug", [])]
    for drug, node in zip(drugs, by_kind.get("drug", []), strict=False):
        found += [
            _line(node, other)
            for iri, other in zip(classes, by_kind.get("class", []), strict=False)
            if (drug, iri) in pairs and "rest" not in (node.kind, other.kind)
        ]
    found += [_down(trial, node) for node in by_kind.get("sponsor", [])]
    return found


def _line(left: Node, right: Node) -> Edge:
    x1, y1, x2, y2 = left.x + _WIDE, left.y + _HIGH / 2, right.x, right.y + _HIGH / 2
    middle = (x1 + x2) / 2
    return Edge(f"M{x1:g} {y1:g}C{middle:g} {y1:g} {middle:g} {y2:g} {x2:g} {y2:g}")


def _down(upper: Node, lower: Node) -> Edge:
    x = upper.x + _WIDE / 2
    return Edge(f"M{x:g} {upper.y + _HIGH:g}V{lower.y:g}")


def _sentence(study: Study, columns: Sequence[Sequence[_Thing]]) -> str:
    conditions, middle, drugs, classes = ([thing.name for thing in column] for column in columns)
    told = f"{study.number}"
    told += f" studies {', '.join(conditions)}" if conditions else " registers no condition"
    told += f"; given or done: {', '.join(drugs)}" if drugs else ""
    told += f"; drug classes: {', '.join(classes)}" if classes else ""
    return told + (f"; lead sponsor: {middle[1]}." if middle[1:] else ".")
