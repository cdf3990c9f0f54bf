"""Changes as text, as JSON and as RDF, written while they are found."""

import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import IO

import msgspec

from kg.errors import NotFound
from kg.publishing.changes import FieldChange, LinkChange, TrialChange
from kg.vocab import ID

__all__ = ["CHANGE_FORMATS", "write_changes"]

#: The graphs of a difference as N-Quads: what a store drops, and what it takes in.
_REMOVED, _ADDED = (f"<{ID}graph/{name}>" for name in ("removed", "added"))
#: Characters of a value that text shows.
_SHOWN = 100
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
#: Characters before the place where two texts part.
_BEFORE = 20


def write_changes(
    changes: Iterable[TrialChange], stream: IO[bytes], name: str, builds: Sequence[FieldChange] = ()
) -> Counter[str]:
    """Writes changes in the named format; gives how many trials changed, and how.

    `builds` are versions that differ: text and JSON begin with them.

    Raises:
        NotFound: if there is no such format.
    """
    if name not in CHANGE_FORMATS:
        raise NotFound("--format", name, CHANGE_FORMATS)
    counts: Counter[str] = Counter()

    def counted() -> Iterable[TrialChange]:
        for change in changes:
            counts["trials"] += 1
            counts.update(change.kinds())
            yield change

    CHANGE_FORMATS[name](counted(), stream, counts, builds)
    return counts


def _write_text(
    changes: Iterable[TrialChange], stream: IO[bytes], counts: Counter[str], builds: Sequence[FieldChange]
) -> None:
    for build in builds:
        stream.write(f"version of {_field(build)}\n".encode())
    for change in changes:
        stream.write(("\n".join(_lines(change)) + "\n").encode("utf-8", "replace"))
    told = ", ".join(f"{name} {counts[name]:,}" for name in _KINDS if counts[name])
    number = counts["trials"]
    differ = "1 trial differs" if number == 1 else f"{number:,} trials differ"
    stream.write(f"{differ}{f': {told}' if told else ''}\n".encode())


_KINDS = ("added", "gone", "status", "dates", "other fields", "links gained", "links lost", "no field")


def _lines(change: TrialChange) -> Iterable[str]:
    mark = {"added": "+", "gone": "-"}.get(change.change, " ")
    yield f"{mark} {_plain(change.title) or change.trial}"
    if change.status:
        yield f"    status: {_values(change.status.old)} → {_values(change.status.new)}"
    yield from (f"    {_field(each)}" for each in change.dates + change.fields)
    yield from (f"    - link: {_link(each)}" for each in change.links_lost)
    yield from (f"    + link: {_link(each)}" for each in change.links_gained)
    if [*change.kinds()] == ["no field"]:
        added, removed = len(change.triples_added), len(change.triples_removed)
        yield f"    no field: inferences, or the record's hash (triples: {added} added, {removed} removed)"


def _field(change: FieldChange) -> str:
    where = f"{_values((change.part,))}: " if change.part else ""
    old, new = _joined(change.old), _joined(change.new)
    start = 0
    if max(len(old), len(new)) > _SHOWN:
        # Of long texts the place where they part is shown, from the word before it.
        same = next((i for i, (a, b) in enumerate(zip(old, new, strict=False)) if a != b), min(len(old), len(new)))
        start = old.rfind(" ", 0, max(same - _BEFORE, 0)) + 1
    return f"{where}{change.field}: {_cut(old, start)} → {_cut(new, start)}"


def _joined(values: tuple[str, ...]) -> str:
    return " | ".join(map(_plain, values)) or "–"


def _plain(value: str) -> str:
    """A value on one line, without what a terminal would obey."""
    return _CONTROL.sub("\ufffd", " ".join(value.split()))


def _cut(text: str, start: int = 0) -> str:
    end = start + _SHOWN
    return f"{'…' if start else ''}{text[start:end]}{'…' if len(text) > end else ''}"


def _values(values: tuple[str, ...]) -> str:
    return _cut(_joined(values))


def _link(change: LinkChange) -> str:
    matched = f" ({_values((change.matched,))})" if change.matched else ""
    return f"{change.kind} {_values((change.text,))}: {change.relation} {change.concept}{matched}"


def _write_json(
    changes: Iterable[TrialChange], stream: IO[bytes], counts: Counter[str], builds: Sequence[FieldChange]
) -> None:
    stream.write(b'{"versions": ' + msgspec.json.encode(builds) + b",\n")
    separator = b'"trials": [\n'
    for change in changes:
        bare = msgspec.structs.replace(change, triples_added=(), triples_removed=())
        stream.write(separator + msgspec.json.encode(bare))
        separator = b",\n"
    if separator != b",\n":
        stream.write(separator)
    stream.write(b'\n], "counts": ' + json.dumps(dict(counts)).encode() + b"}\n")


def _write_quads(
    changes: Iterable[TrialChange], stream: IO[bytes], _counts: Counter[str], _builds: Sequence[FieldChange]
) -> None:
    for change in changes:
        for graph, lines in ((_REMOVED, change.triples_removed), (_ADDED, change.triples_added)):
            stream.write("".join(f"{line[:-2]}{graph} .\n" for line in lines).encode())


_Writer = Callable[[Iterable[TrialChange], IO[bytes], Counter[str], Sequence[FieldChange]], None]
#: Name -> how changes are written.
CHANGE_FORMATS: dict[str, _Writer] = {
    "text": _write_text,
    "json": _write_json,
    "nquads": _write_quads,
}
