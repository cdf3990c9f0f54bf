"""Plants faults in records, has them validated, and judges what was found against what was planted."""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path
from random import Random

import kg
from kg.checks import validate_paths
from kg.finding import Finding
from kg.validation import EngineSpec
from tests.faults.kinds import KINDS
from tests.faults.planting import Kind, Plant, Spot
from tests.faults.sources import JsonSource, PageSource, Source, XmlSource

__all__ = [
    "PACKAGES",
    "Check",
    "Record",
    "Verdict",
    "check_files",
    "faults_of",
    "find_missed",
    "format_scores",
    "plant_and_judge",
]

_SOURCES: dict[str, type[JsonSource | XmlSource | PageSource]] = {
    "api-v2": JsonSource,
    "xml": XmlSource,
    "page": PageSource,
}
_SUFFIXES = {"api-v2": ".json", "xml": ".xml", "page": ".txt"}
# Rules are named from the folder above the package, which is no checkout where the wheel is tested.
PACKAGES = Path(kg.__file__).parents[1]


@dataclass(frozen=True)
class Record:
    """A good record: its format, its name, its bytes."""

    format: str
    name: str
    data: bytes


@dataclass(frozen=True)
class Planted:
    """A fault in a file."""

    kind: Kind
    record: Record
    plant: Plant
    file: Path


@dataclass
class Verdict:
    """What became of one planted fault: `new` are the findings of its rules that the good record does not have."""

    planted: Planted
    new: list[Finding]
    others: list[Finding]

    @property
    def found(self) -> bool:
        """Whether a rule of the kind tells of it."""
        return bool(self.new)

    @property
    def placed(self) -> bool:
        """Whether place, line, field, mapping rule and value are right as well, in whatever was found."""
        spots = self.planted.plant.spots
        return self.found and all(any(not faults_of(finding, spot) for spot in spots) for finding in self.new)

    def text(self) -> str:
        """What was planted, and what was said of it instead."""
        wanted = self.planted.plant.spots[0]
        head = f"{self.planted.kind.name} in {self.planted.record.name} ({self.planted.record.format}): {wanted}"
        said = [
            f"    {'/'.join(faults_of(f, wanted))}: {f.text()} line={f.line} {f.field} {f.mapping}" for f in self.new
        ]
        return "\n".join([head, *said, *(f"    other: {f.text()}" for f in (() if said else self.others))])


def faults_of(finding: Finding, spot: Spot) -> list[str]:
    """What of a finding does not fit a spot."""
    # A fault of the document may have its place in the line alone.
    placed = finding.place == spot.place or (spot.place.startswith("line ") and not spot.field and not finding.place)
    value = finding.value.rpartition("/")[2] if finding.value.startswith("https://w3id.org/") else finding.value
    field = finding.field or "one of the model" if spot.field == "*" else spot.field
    return [
        name
        for name, right in (
            ("place", placed),
            ("line", finding.line == spot.line),
            ("field", finding.field == field),
            ("mapping", maps(finding.mapping, field)),
            ("value", not spot.values or value in spot.values),
        )
        if not right
    ]


@cache
def maps(mapping: str, name: str) -> bool:
    """Whether a mapping rule, `file:line`, is the annotation of a field; none is asked for where there is no field."""
    if not name:
        return not mapping
    file, _, number = mapping.rpartition(":")
    if not file or not number.isdigit():
        return False
    struct, _, field_name = name.partition(".")
    lines = (PACKAGES / file).read_text(encoding="utf-8").splitlines()
    above = [line for line in lines[: int(number)] if line.startswith("class ")]
    return "".join(above[-1:]).startswith(f"class {struct}(") and bool(
        re.match(rf"    {field_name}: Annotated\[", lines[int(number) - 1])
    )


#: Finds what is wrong with files, as told of each: (files, folder to work in) -> file -> findings.
Check = Callable[[Sequence[Path], Path], Mapping[Path, Sequence[Finding]]]


def check_files(files: Sequence[Path], folder: Path, spec: EngineSpec | None = None) -> dict[Path, list[Finding]]:
    """The files as they stand in their folder, validated in one run."""
    said: dict[Path, list[Finding]] = {file: [] for file in files}
    for finding in validate_paths([folder], spec):
        said[Path(finding.source)].append(finding)
    return said


def plant_and_judge(
    records: Iterable[Record], folder: Path, seed: int, kinds: Sequence[Kind] = KINDS, check: Check = check_files
) -> list[Verdict]:
    """What became of one fault of every kind in each of the records that have a place for it."""
    records = list(records)
    planted = [found for record in records for found in _plant(record, folder, seed, kinds)]
    good = {record: _write(folder / "good", record, record.data) for record in records}
    said = check([*good.values(), *(one.file for one in planted)], folder)
    return [_judge(one, said[one.file], said[good[one.record]]) for one in planted]


def _write(folder: Path, record: Record, data: bytes) -> Path:
    file = folder / record.format / (record.name + _SUFFIXES[record.format])
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(data)
    return file


def _plant(record: Record, folder: Path, seed: int, kinds: Sequence[Kind]) -> Iterable[Planted]:
    source: Source = _SOURCES[record.format](record.data)
    for kind in kinds:
        sow = kind.sow.get(record.format)
        plant = sow(source, Random(f"{seed} {kind.name} {record.name}")) if sow else None  # noqa: S311 - not for secrets
        if plant is not None:
            assert plant.data != record.data, f"{kind.name} changed nothing in {record.name}"
            yield Planted(kind, record, plant, _write(folder / kind.name.replace(" ", "-"), record, plant.data))


def _judge(planted: Planted, said: Sequence[Finding], good: Sequence[Finding]) -> Verdict:
    before = Counter((f.rule, f.place, f.value) for f in good)
    fresh = [f for f in said if not before[f.rule, f.place, f.value]]
    fitting = [f for f in fresh if any(fnmatchcase(f.rule, rule) for rule in planted.kind.rules)]
    return Verdict(planted, fitting, [f for f in fresh if f not in fitting])


@dataclass
class Score:
    """How many faults of a kind were planted, found, and placed."""

    planted: int = 0
    found: int = 0
    placed: int = 0


def score(verdicts: Iterable[Verdict]) -> dict[str, Score]:
    """Kind -> its score."""
    scores: dict[str, Score] = {}
    for verdict in verdicts:
        one = scores.setdefault(verdict.planted.kind.name, Score())
        one.planted += 1
        one.found += verdict.found
        one.placed += verdict.placed
    return scores


def find_missed(verdicts: Iterable[Verdict]) -> set[str]:
    """The kinds of which a fault was not found, or not placed."""
    return {verdict.planted.kind.name for verdict in verdicts if not verdict.placed}


def format_scores(verdicts: Sequence[Verdict], *, examples: int = 0) -> str:
    """The scores as a table, and below it some faults of each kind that were not found or placed."""
    scores = score(verdicts)
    lines = [f"{'kind':48} {'planted':>7} {'found':>6} {'placed':>6} {'%':>6}"]
    for name, one in scores.items():
        lines.append(f"{name:48} {one.planted:7} {one.found:6} {one.placed:6} {100 * one.placed / one.planted:6.1f}")
    for name in scores:
        missed = [verdict for verdict in verdicts if verdict.planted.kind.name == name and not verdict.placed]
        lines += [verdict.text() for verdict in missed[:examples]]
    return "\n".join(lines)
