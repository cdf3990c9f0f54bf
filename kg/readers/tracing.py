"""The way back: (focus node, property) in the graph -> field of the model -> place and line in the source record.

Nothing of it is stored: the record is read once more, this time with a note of where each value stands. That is done
for records with findings only.
"""

import ast
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from inspect import getsource, getsourcefile
from pathlib import Path

import msgspec

from kg import model
from kg.finding import Finding
from kg.readers import read_notes
from kg.readers.documents import Document, find_documents
from kg.readers.format import Format
from kg.readers.lines import find_lines
from kg.readers.spots import Spot, find_spots
from kg.readers.studies import decode_start

__all__ = ["find_file", "find_rule", "trace_findings"]

#: `file`, `file:12` (JSON lines) or `zip!member`, and `#/studies/3` behind it where a document holds several records.
_SOURCE = re.compile(r"(?P<document>.+?)(?P<pointer>#(?:/studies)?/\d+)?", re.DOTALL)
_LINES = re.compile(r":(\d+)$")
#: A link's own node: `#link-` part `-` ontology `-` identifier.
_LINK = re.compile(r"#link-((?:[a-z]+-)+\d+|[a-z-]+?)-[A-Za-z]+-[^-]*$")
_STEP = re.compile(r"[./|]")
#: Where a record begins, if its place has a name.
_ROOTS = {"XML": "/clinical_study"}


class _Record(msgspec.Struct):
    """One record's values, in the order of the model."""

    format: Format
    spots: list[Spot]

    def find(self, finding: Finding) -> Spot:
        """The value that a finding of a shape is about; where it is missing, what holds its place."""
        here = [spot for spot in self.spots if spot.focus == finding.focus]
        said = [spot for spot in here if spot.path == finding.path]
        same = [spot for spot in said or here if finding.value and spot.value == finding.value]
        if same or said:
            return (same or said)[0]
        part = _part_of(finding.focus)
        holder = next((spot for spot in self.spots if spot.value == part), None)
        field = _find_field(holder.part if holder else "Trial", finding.path)
        if field:
            return Spot(finding.focus, finding.path, "", field, self.nearest(holder.place if holder else "", field))
        return holder or Spot(finding.focus, finding.path, "", "", "")

    def nearest(self, base: str, field: str) -> str:
        """The place that the record has nearest to where a field of a part would stand."""
        struct, _, name = field.partition(".")
        path = self.format.table.get(getattr(model, struct), {}).get(name)
        above = (base or _ROOTS.get(self.format.name, "")).split("/")
        wanted = [*above, *(_STEP.split(path) if isinstance(path, str) else ())]
        near = max((_shared(wanted, spot.place.split("/")) for spot in self.spots), default=0)
        return "/".join(wanted[: max(near, len(above))])


def _shared(one: list[str], other: list[str]) -> int:
    """How many steps two places have in common."""
    return next((n for n, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))


def _part_of(focus: str) -> str:
    """The part that a node of ours is about: itself, or of a link the part that is linked."""
    found = _LINK.search(focus)
    return f"{focus[: found.start()]}#{found[1]}" if found else focus


@cache
def _find_field(struct: str, path: str) -> str:
    """The model's field, as `Struct.name`, that becomes a property of the struct; empty if none does."""
    for field in model.describe(getattr(model, struct)):
        if path in [field.property.curie + suffix for suffix in field.property.suffixes]:
            return f"{struct}.{field.name}"
    return ""


@cache
def find_rule(field: str) -> str:
    """Where the mapping of a field stands, as `kg/model/trial.py:88`: the model's annotation is the rule."""
    struct, _, name = field.partition(".")
    target = getattr(model, struct, None)
    if not (isinstance(target, type) and issubclass(target, msgspec.Struct)):
        return ""
    file = Path(getsourcefile(target) or "")
    (tree,) = ast.parse(getsource(target)).body
    first = _first_line(file, struct)
    for node in tree.body if isinstance(tree, ast.ClassDef) else ():
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node.target.id == name:
            return f"kg/{file.parent.name}/{file.name}:{first + node.lineno - 1}"
    return ""


@cache
def _first_line(file: Path, struct: str) -> int:
    lines = file.read_text(encoding="utf-8").splitlines()
    return next(number for number, line in enumerate(lines, 1) if line.startswith(f"class {struct}("))


def trace_findings(findings: Iterable[Finding]) -> list[Finding]:
    """The findings, in their order, with place, line, field and mapping rule where they have one.

    A source that is no longer there leaves its findings as they are, but for the rule.
    """
    found = list(findings)
    wanted: dict[Path, set[str]] = defaultdict(set)
    by_document: dict[str, dict[int, Finding]] = defaultdict(dict)
    for index, finding in enumerate(found):
        name = _split(finding.source)[0]
        by_document[name][index] = finding
        if finding.source and (path := find_file(name)):
            wanted[path].add(name)
    traced = dict(enumerate(found))
    for path, names in wanted.items():
        for document in find_documents(path, names):
            traced.update(_trace(document, by_document[document.name]))
    return [msgspec.structs.replace(f, mapping=find_rule(f.field)) if f.field else f for f in traced.values()]


def _split(source: str) -> tuple[str, str]:
    match = _SOURCE.fullmatch(source)
    return (match["document"], (match["pointer"] or "").removeprefix("#")) if match else (source, "")


def find_file(name: str) -> Path | None:
    """The file that a document's or source's name begins with; None if there is none here."""
    name = _split(name)[0]
    for candidate in (name, name.partition("!")[0], _LINES.sub("", name)):
        if Path(candidate).is_file():
            return Path(candidate)
    return None


def _trace(document: Document, findings: Mapping[int, Finding]) -> Iterator[tuple[int, Finding]]:
    """Each finding about one document, with its place and line."""
    pointers = {_split(finding.source)[1] for finding in findings.values() if finding.focus}
    records = {
        pointer: _Record(notes.format, list(find_spots(trial, notes)))
        for pointer, trial, notes in read_notes(document, pointers)
    }
    placed = dict(findings)
    for index, finding in findings.items():
        if finding.focus and (record := records.get(_split(finding.source)[1])):
            spot = record.find(finding)
            placed[index] = msgspec.structs.replace(finding, place=spot.place, field=spot.field)
    wanted = {index: _within(finding) for index, finding in placed.items() if finding.place or finding.focus}
    lines = find_lines(decode_start(document.data), frozenset(wanted.values()))
    # Of JSON lines a document is one line of its file.
    before = int(member[1]) - 1 if (member := _LINES.search(document.name)) else 0
    for index, finding in placed.items():
        line = lines.get(wanted.get(index, "-"), 0)
        yield index, msgspec.structs.replace(finding, line=line + before if line else 0)


def _within(finding: Finding) -> str:
    """The place within the document, which may hold several records."""
    pointer = _split(finding.source)[1]
    return pointer + finding.place if finding.place[:1] in {"", "/"} else finding.place
