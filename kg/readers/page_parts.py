"""Sections of a study page that hold several parts -> one `Part` each: outcomes, arms and interventions, officials.

What the page's layout leaves open (whether a line is a group's name or goes on with the text above) stays out, with a
finding.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from itertools import pairwise

import msgspec

from kg.readers.format import Reading
from kg.readers.page_lines import Line, join_lines
from kg.readers.page_sections import Section
from kg.vocab import find_code

__all__ = ["Part", "Stated", "split_arms", "split_head", "split_officials", "split_outcomes", "split_role"]


class Stated(msgspec.Struct, frozen=True):
    """A value as the page states it, the line where it stands, and the word for its kind (actual, estimated)."""

    text: str
    line: int
    kind: str | None = None


class Part(msgspec.Struct):
    """A part of the record, or the whole: the page's word for a value -> the values, in order."""

    line: int
    values: "dict[str, list[Stated | Part]]" = msgspec.field(default_factory=dict)

    def add(self, name: str, text: str, line: int, kind: str | None = None) -> None:
        """Adds a value, if there is one."""
        if text:
            self.values.setdefault(name, []).append(Stated(text, line, kind))


_TIME_FRAME = "[ Time Frame:"
_SAFETY = "[ Designated as safety issue:"


def split_outcomes(section: Section) -> list[Part]:
    """An outcome for each item of the section; text without bullets is one outcome."""
    margin = min((line.indent for line in section.lines if line.is_item), default=0)
    groups: list[list[Line]] = []
    for line in section.lines:
        if line.words.startswith("(submitted:") or not (line.words or groups):
            continue
        if not groups or (line.is_item and line.indent <= margin):
            groups.append([])
        groups[-1].append(line)
    return [_outcome(group) for group in groups]


def _outcome(lines: Sequence[Line]) -> Part:
    first, *below = lines
    text = first.item
    if below and below[0].words.startswith("["):
        text += " " + below.pop(0).words
    measure, frame, rest = _split_notes(text)
    part = Part(first.at)
    part.add("Measure", measure, first.at)
    part.add("Time Frame", frame, first.at)
    part.add("Description", join_lines([Line(first.number, rest, first.source), *below]), first.at)
    return part


def _split_notes(text: str) -> tuple[str, str, str]:
    """(what stands before the notes in square brackets, the time frame, what stands behind)."""
    measure, found, rest = text.partition(_TIME_FRAME)
    frame = ""
    if found:
        frame, _, rest = rest.partition(f" ] {_SAFETY}") if f" ] {_SAFETY}" in rest else rest.partition(" ]")
        rest = f"{_SAFETY}{rest}" if text.endswith(f" ] {_SAFETY}{rest}") else rest
    else:
        measure, found, rest = text.partition(_SAFETY)
        rest = found + rest
    if rest.lstrip().startswith(_SAFETY):
        rest = rest.partition("]")[2]
    return measure.strip(), frame.strip(), rest.strip()


#: The registry's limits for the names of arms and interventions: a longer line is prose.
_ARM_LABEL, _INTERVENTION_LABEL = 100, 200


def split_head(text: str) -> tuple[str, str] | None:
    """(type, name) of `Drug: temsirolimus`; None if the line names no intervention."""
    kind, colon, name = text.partition(": ")
    is_type = len(kind) < _ARM_LABEL and kind[:1].isupper() and find_code("interventionType", kind)
    return (kind, name.strip()) if colon and is_type and len(name) <= _INTERVENTION_LABEL else None


def _arm_head(text: str) -> tuple[str, str] | None:
    """(type, label) of `Experimental: high dose`, or of `high dose: Experimental` as pages before 2012 have it."""
    if len(text) > 2 * _ARM_LABEL:
        return None
    kind, colon, label = text.partition(": ")
    if colon and kind[:1].isupper() and find_code("armType", kind):
        return (kind, label.strip()) if len(label) <= _ARM_LABEL else None
    label, colon, kind = text.rpartition(": ")
    is_type = colon and kind[:1].isupper() and kind != "Other" and find_code("armType", kind)
    return (kind, label.strip()) if is_type and len(label) <= _ARM_LABEL else None


class _Entry(msgspec.Struct):
    """An arm, a group or an intervention, and the lines below it."""

    kind: str | None
    label: str
    line: int
    is_arm: bool
    below: list[Line] = msgspec.field(default_factory=list)
    names: list[Line] = msgspec.field(default_factory=list)

    @property
    def key(self) -> "_Key":
        """Type and name."""
        return self.kind, self.label

    @property
    def description(self) -> str:
        """The text below the name."""
        return join_lines(self.below)

    @property
    def details(self) -> tuple[str, tuple[str, ...]]:
        """The description and the other names."""
        return self.description, tuple(line.item for line in self.names)


_Key = tuple[str | None, str]
#: An intervention as the table of arms has it, and the arm above it.
_Use = tuple[_Entry, _Entry | None]


def split_arms(
    arms: Sequence[Section], groups: Sequence[Section], stated: Sequence[Line], reading: Reading
) -> tuple[list[Part], list[Part]]:
    """The arms or groups, and the interventions with the arms that get them.

    `stated` are the lines that name the interventions elsewhere on the page, in the record's order.
    """
    heads = {line.words for line in stated}
    entries: list[_Entry] = []
    for section in arms:
        entries += _entries(section, heads) if _has_types(section, heads) else _group_entries(section, heads, reading)
    _find_other_arms(entries, [line.words for line in stated])
    for section in groups:
        entries += _group_entries(section, heads, reading)
    named = [_Entry(*_typed(line.words), line.at, is_arm=False) for line in stated]
    found = [_arm(entry) for entry in entries if entry.is_arm]
    return found, _interventions(named, entries)


def _typed(text: str) -> tuple[str | None, str]:
    return split_head(text) or (None, text)


def _arm(entry: _Entry) -> Part:
    part = Part(entry.line)
    part.add("Label", entry.label, entry.line)
    part.add("Type", entry.kind or "", entry.line)
    part.add("Description", entry.description, entry.line)
    return part


def _entries(section: Section, heads: set[str]) -> Iterator[_Entry]:
    """What a table of arms and interventions, or a list of interventions, holds."""
    has_arms = section.key != "Intervention Details"
    entry: _Entry | None = None
    arm_open = not has_arms
    in_names = False
    for line in section.lines:
        words = line.item
        started = _start(line, heads, has_arms=has_arms, arm_open=arm_open)
        if started:
            if entry:
                yield entry
            entry, in_names = started, False
            arm_open = arm_open or started.is_arm
        elif words in {"Intervention:", "Interventions:"} or entry is None:
            continue
        elif words.startswith(("Other Name:", "Other Names:")):
            in_names = True
            entry.names.append(Line(line.number, words.partition(":")[2], line.source))
        else:
            (entry.names if in_names else entry.below).append(line)
    if entry:
        yield entry


def _find_other_arms(entries: Sequence[_Entry], stated: Sequence[str]) -> None:
    """Makes `Other: x` an arm where `x` is given below it: an arm gets an intervention once."""
    below: dict[_Key, _Entry] = {}
    times = Counter(stated)
    for entry in entries:
        if entry.is_arm:
            below.clear()
        elif entry.key in below and times[f"{entry.kind}: {entry.label}"] == 1:
            below.pop(entry.key).is_arm = True
        elif entry.kind == "Other":
            below[entry.key] = entry


def _start(line: Line, heads: set[str], *, has_arms: bool, arm_open: bool) -> _Entry | None:
    """The arm or intervention that a line begins. `Other: x` is either: an intervention if the page names it so."""
    words = line.item.removeprefix("Intervention: ")
    arm = _arm_head(words) if has_arms else None
    named = split_head(words)
    if words in heads and (arm_open or not arm):
        return _Entry(*_typed(words), line.at, is_arm=False)
    if arm:
        return _Entry(*arm, line.at, is_arm=True)
    return _Entry(*named, line.at, is_arm=False) if named and not heads else None


def _has_types(section: Section, heads: set[str]) -> bool:
    """Whether the section shows types, or begins with an intervention: arms without types look like groups."""
    if section.key == "Intervention Details" or any(_arm_head(line.item) for line in section.filled):
        return True
    return _start(section.filled[0], heads, has_arms=True, arm_open=False) is not None


def _group_entries(section: Section, heads: set[str], reading: Reading) -> Iterator[_Entry]:
    """Groups have no type before their name: only a page that keeps its cells apart says what is a name."""
    lines = section.lines
    apart = len(lines) > 1 and not lines[0].words and not lines[1].words
    if not apart and len(section.filled) > 1:
        place = f"line {section.filled[0].at}"
        reading.flag("unsure", "groups run into their descriptions: left out", severity="info", place=place)
        return
    entry: _Entry | None = None
    for index, line in enumerate(lines):
        starts = not index or not lines[index - 1].words or line.is_item
        if not line.words:
            continue
        if starts:
            if entry:
                yield entry
            is_head = line.item in heads
            kind, label = _typed(line.item) if is_head else (None, line.item)
            entry = _Entry(kind, label, line.at, is_arm=not is_head)
        elif entry:
            _continue_group(entry, line)
    if entry:
        yield entry


def _continue_group(entry: _Entry, line: Line) -> None:
    if line.words.startswith(("Other Name:", "Other Names:")) or entry.names:
        entry.names.append(
            Line(line.number, line.item.partition(":")[2] if not entry.names else line.item, line.source)
        )
    else:
        entry.below.append(line)


def _interventions(named: Sequence[_Entry], entries: Sequence[_Entry]) -> list[Part]:
    """The interventions in the record's order, with what the table of arms says of them."""
    told: dict[_Key, list[_Use]] = {}
    arm: _Entry | None = None
    for entry in entries:
        if entry.is_arm:
            arm = entry
        else:
            told.setdefault(entry.key, []).append((entry, arm))
    stated = named or [uses[0][0] for uses in told.values()]
    same = Counter(entry.key for entry in stated)
    turns = {key: iter(_turns(told.get(key, []), count)) for key, count in same.items()}
    return [_intervention(entry, next(turns[entry.key], [])) for entry in stated]


def _turns(told: list[_Use], same: int) -> list[list[_Use]]:
    """What is told of each of `same` interventions with one name; nothing if they cannot be told apart."""
    if same == 1:
        return [told]
    if len(told) == same:
        return [[use] for use in told]
    different: dict[tuple[str, tuple[str, ...]], list[_Use]] = {}
    for use in told:
        different.setdefault(use[0].details, []).append(use)
    return list(different.values()) if len(different) == same else []


def _intervention(entry: _Entry, uses: Sequence[_Use]) -> Part:
    part = Part(entry.line)
    part.add("Name", entry.label, entry.line)
    part.add("Type", entry.kind or "", entry.line)
    for told, _ in [use for use in uses if any(use[0].details)][:1]:
        part.add("Description", told.description, told.line)
        for name in told.names:
            part.add("Other Names", name.item, name.at)
    for arm in {id(arm): arm for _, arm in uses if arm}.values():
        part.add("Arms", arm.label, arm.line)
    return part


#: What stands behind a name: degrees, of which the last ends the name.
_DEGREE = re.compile(
    r", ?(?:M\.?D\.?|Ph\.?D\.?|M\.?Sc?\.?|M\.?P\.?H\.?|Dr\.?|Prof\.?|D\.?O\.?|R\.?N\.?|Pharm\.?D\.?)(?=[ ,]|$)"
)
#: Longer than a name and an affiliation together.
_OFFICIAL = 500
#: A line of more words, without degrees, may hold more than a name.
_NAME_WORDS = 3


def split_officials(
    lines: Sequence[Line], known: AbstractSet[str], reading: Reading, *, has_columns: bool
) -> list[Part]:
    """An official for each role; where columns are lost, `known` organisations and degrees tell where a name ends."""
    groups: list[tuple[str, list[str], int]] = []
    by_line = _is_line_each(lines)
    for line in lines:
        role, rest = split_role(line.words)
        cells = [cell.strip() for cell in rest.split("\t") if cell.strip()]
        if role or not groups or by_line:
            groups.append((role, cells, line.at))
        else:
            groups[-1][1].extend(cells)
    parts = []
    for role, cells, number in groups:
        named = cells if has_columns or len(cells) != 1 else _split_name(cells[0], known)
        if named:
            parts.append(_official(role, named, number))
        else:
            message = "where the name ends and the affiliation begins is not to be seen: left out"
            reading.flag("unsure", message, severity="info", place=f"line {number}", value=" ".join(cells))
    return parts


def split_role(text: str) -> tuple[str, str]:
    """(role, the rest) of `Principal Investigator: Jane Doe`; no role where the line begins with none."""
    role, colon, rest = text.partition(":")
    is_role = bool(colon) and len(role) < _ARM_LABEL and find_code("officialRole", role) is not None
    return (role, rest) if is_role else ("", text)


def _is_line_each(lines: Sequence[Line]) -> bool:
    """Whether each official has one line: columns are tabs, or there are neither roles nor blank lines between."""
    if any("\t" in line.words for line in lines):
        return True
    together = all(after.number == line.number + 1 for line, after in pairwise(lines))
    return together and not any(split_role(line.words)[0] for line in lines)


def _official(role: str, cells: Sequence[str], line: int) -> Part:
    part = Part(line)
    part.add("Name", cells[0], line)
    part.add("Role", role, line)
    part.add("Affiliation", cells[1] if len(cells) > 1 else "", line)
    return part


def _split_name(text: str, known: AbstractSet[str]) -> list[str]:
    """Name and affiliation of `Jane Doe, MD Some Hospital`; nothing where they cannot be told apart."""
    text = text[:_OFFICIAL]
    for space in re.finditer(" ", text):
        if text[space.end() :] in known:
            return [text[: space.start()].strip(" ,"), text[space.end() :]]
    degrees = list(_DEGREE.finditer(text))
    if degrees:
        end = degrees[-1].end()
        return [cell for cell in (text[:end], text[end:].strip(" ,")) if cell]
    return [text] if len(text.split()) <= _NAME_WORDS else []
