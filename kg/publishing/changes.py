"""`kg diff`: two graph folders -> what changed, trial by trial, while both are read once, side by side."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path

import msgspec

from kg.publishing.chunks import TRIAL_LAYERS, check_layers, merge_chunks
from kg.publishing.manifest import Manifest, read_manifest
from kg.publishing.told import Fields, Link, Told, kind_of, read_told

__all__ = ["FieldChange", "LinkChange", "TrialChange", "compare_builds", "compare_graphs", "compare_trials"]

#: The field whose change comes first.
_STATUS = "overallStatus"
#: Where two parts of a kind differ, that which tells people which one it is.
_NAMES = ("label", "identifier", "citation", "pmid", "filename", "url")


class FieldChange(msgspec.Struct, frozen=True):
    """A field's values before and after; `part` says what it belongs to, and is empty for the study itself."""

    field: str
    old: tuple[str, ...]
    new: tuple[str, ...]
    part: str = ""


class LinkChange(msgspec.Struct, frozen=True, order=True):
    """A string's link to a concept; `matched` is the name of the concept that matched, which others may have too."""

    kind: str
    text: str
    relation: str
    concept: str
    matched: str = ""


class TrialChange(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What changed of a trial. `change` is added, gone or changed; `added` and `gone` are triples in all its layers."""

    trial: str
    change: str
    title: str
    status: FieldChange | None = None
    dates: tuple[FieldChange, ...] = ()
    fields: tuple[FieldChange, ...] = ()
    links_gained: tuple[LinkChange, ...] = ()
    links_lost: tuple[LinkChange, ...] = ()
    triples_added: tuple[str, ...] = ()
    triples_removed: tuple[str, ...] = ()

    def kinds(self) -> Iterator[str]:
        """What kinds of change it is, for a summary."""
        if self.change != "changed":
            yield self.change
            return
        named = {
            "status": self.status,
            "dates": self.dates,
            "other fields": self.fields,
            "links gained": self.links_gained,
            "links lost": self.links_lost,
        }
        found = [name for name, value in named.items() if value]
        yield from found or ("no field",)


#: Layers that say something about a trial by themselves; the others follow from these.
_COMPARED = frozenset(("registry", "derived", "links"))
_NCT = re.compile(r"NCT\d{8}")
#: (trial, lines by layer).
_Pieces = tuple[str, list[tuple[str, list[str]]]]


def compare_graphs(old: Path, new: Path) -> Iterator[TrialChange]:
    """The trials that differ between two graph folders, by number.

    Raises:
        GraphError: if a folder is no graph, or a layer of it is missing or broken.
    """
    for folder in (old, new):
        check_layers(folder, TRIAL_LAYERS)
    for trial, before, after in _side_by_side(_trials(old), _trials(new)):
        if before != after and (change := compare_trials(trial, before, after)):
            yield change


def compare_builds(old: Path, new: Path) -> tuple[FieldChange, ...]:
    """Versions of the software and of ontologies that differ: reasons why links may have changed, and no record has.

    Raises:
        GraphError: if a folder has no manifest.
    """
    return tuple(_fields(_versions(read_manifest(old)), _versions(read_manifest(new))))


def _versions(manifest: Manifest) -> Fields:
    versions = {ontology.name: ontology.version for ontology in manifest.ontologies}
    versions["trialgraph"] = manifest.versions.get("trialgraph", "")
    return {name: (version,) for name, version in versions.items() if version}


def _trials(folder: Path) -> Iterator[_Pieces]:
    return (piece for piece in merge_chunks(folder, TRIAL_LAYERS) if piece[0])


def _side_by_side(
    old: Iterator[_Pieces], new: Iterator[_Pieces]
) -> Iterator[tuple[str, dict[str, list[str]], dict[str, list[str]]]]:
    before, after = next(old, None), next(new, None)
    while before or after:
        trial = min(piece[0] for piece in (before, after) if piece)
        is_old, is_new = before is not None and before[0] == trial, after is not None and after[0] == trial
        yield trial, dict(before[1]) if before and is_old else {}, dict(after[1]) if after and is_new else {}
        before = next(old, None) if is_old else before
        after = next(new, None) if is_new else after


def compare_trials(trial: str, old: dict[str, list[str]], new: dict[str, list[str]]) -> TrialChange | None:
    """What changed of one trial, from its lines by layer; None if nothing did."""
    before, after = ({line for lines in layers.values() for line in lines} for layers in (old, new))
    if before == after:
        return None
    was, now = (read_told(_lines(layers)) for layers in (old, new))
    change = "changed" if old and new else "added" if new else "gone"
    found = TrialChange(
        trial=trial,
        change=change,
        title=now.title or was.title,
        triples_added=tuple(sorted(after - before)),
        # What is said of an organisation may still be said in other records: it is never taken away.
        triples_removed=tuple(sorted(line for line in before - after if _NCT.search(line, 0, line.index(" ")))),
    )
    return _compared(found, was, now) if change == "changed" else found


def _lines(layers: dict[str, list[str]]) -> Iterator[str]:
    for layer, lines in layers.items():
        if layer in _COMPARED:
            yield from lines


def _compared(found: TrialChange, was: Told, now: Told) -> TrialChange:
    fields = list(_fields(was.fields, now.fields))
    return msgspec.structs.replace(
        found,
        status=next((change for change in fields if change.field == _STATUS), None),
        dates=tuple(_fields(was.dates, now.dates)),
        fields=(*(change for change in fields if change.field != _STATUS), *_parts(was.parts, now.parts)),
        links_gained=_links(now.links, was.links),
        links_lost=_links(was.links, now.links),
    )


def _links(links: Mapping[Link, str], others: Mapping[Link, str]) -> tuple[LinkChange, ...]:
    """The links that the others lack; other evidence makes no other link."""
    return tuple(sorted(LinkChange(*link, matched) for link, matched in links.items() if link not in others))


def _fields(old: Fields, new: Fields, part: str = "") -> Iterator[FieldChange]:
    for name in sorted({*old, *new}):
        before, after = old.get(name, ()), new.get(name, ())
        if before != after:
            yield FieldChange(name, before, after, part)


def _parts(old: dict[str, Fields], new: dict[str, Fields]) -> Iterator[FieldChange]:
    """Parts that differ: those of one kind and name field by field, others as gone or come."""
    for kind in sorted({kind_of(name) for name in (*old, *new)}):
        before, after = (_named(parts, kind) for parts in (old, new))
        gone, come = _rest(before, after), _rest(after, before)
        for name in sorted({*gone, *come}):
            pairs = list(zip(gone.get(name, []), come.get(name, []), strict=False))
            for one, other in pairs:
                yield from _fields(one, other, f"{kind} {name}".strip())
            lost, won = len(gone.get(name, [])) - len(pairs), len(come.get(name, [])) - len(pairs)
            if lost or won:
                yield FieldChange(kind, (name,) * lost, (name,) * won)


def _named(parts: dict[str, Fields], kind: str) -> dict[str, list[Fields]]:
    """The parts of a kind by what people call them."""
    found: dict[str, list[Fields]] = {}
    for part, fields in parts.items():
        if kind_of(part) == kind:
            # What there is one of needs no name: whatever changes of it, it stays the same part.
            name = next((fields[name][0] for name in _NAMES if name in fields and part != kind), "")
            found.setdefault(name, []).append(fields)
    return found


def _rest(parts: dict[str, list[Fields]], others: dict[str, list[Fields]]) -> dict[str, list[Fields]]:
    """What of the parts has no equal among the others."""
    rest = {}
    for name, held in parts.items():
        taken = Counter(map(_key, others.get(name, [])))
        left = []
        for fields in held:
            if taken[_key(fields)]:
                taken[_key(fields)] -= 1
            else:
                left.append(fields)
        if left:
            rest[name] = left
    return rest


def _key(fields: Fields) -> tuple[tuple[str, tuple[str, ...]], ...]:
    return tuple(sorted(fields.items()))
