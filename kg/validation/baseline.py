"""Findings that are known already: a file in version control, so that only new ones fail.

A finding is known again by its fingerprint: rule, trial, field (or place without numbers) and value. Lines, order and
the wording of messages are no part of it. The same fingerprint may stand for several findings: they are counted.
"""

import hashlib
import os
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from os.path import normpath, relpath
from pathlib import Path

import msgspec

from kg.errors import SourceError
from kg.finding import Finding
from kg.vocab import ID

__all__ = ["Baseline", "Compared", "compare", "fingerprint", "new_findings", "read_baseline", "write_baseline"]

_HEADER = "# trialgraph baseline, version "
_VERSION = "1"
_COLUMNS = "# fingerprint\tcount\trule\ttrial or source\tfield or place\n"
_ROW = re.compile(r"(?P<fingerprint>[0-9a-f]{32})\t(?P<count>[1-9][0-9]{0,8})\t[^\t]*\t[^\t]*\t[^\t]*")
_REMEDY = "Write it anew with --update-baseline, and read what changed."
#: Numbers of items in a JSON pointer, an XPath or a page: they change when an item is added before.
_NUMBERS = re.compile(r"(?<=/)\d+(?=/|$)|\[\d+\]|(?<=\bline )\d+")
#: The number of a record in its file: a line, a pointer.
_POSITION = re.compile(r"(:\d+)?(#(?:/studies)?/\d+)?$")
#: A node of ours for the nth part of a study.
_PART = re.compile(rf"({re.escape(ID)}study/[^#]*#[a-z-]+?)-\d+")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")


class Baseline(msgspec.Struct, frozen=True):
    """The fingerprints that are known, and how many findings each stands for."""

    counts: Counter[str]


class Compared(msgspec.Struct, frozen=True):
    """Findings held against a baseline; `gone` counts those that it knows and that are no more."""

    new: tuple[Finding, ...]
    known: tuple[Finding, ...]
    gone: int


def fingerprint(finding: Finding) -> str:
    """32 hexadecimal digits that stay when lines move, findings change their order or a message its words."""
    parts = (finding.rule, _subject(finding), _spot(finding), _stable_value(finding.value))
    return hashlib.sha256(msgspec.json.encode([_encodable(part) for part in parts])).hexdigest()[:32]


def _subject(finding: Finding) -> str:
    """The trial; the file, as seen from here, for what is about none."""
    if finding.trial or not finding.source or "://" in finding.source:
        return finding.trial or finding.source
    path = Path(_POSITION.sub("", finding.source))
    return Path(relpath(path) if path.is_absolute() else normpath(path)).as_posix()


def _spot(finding: Finding) -> str:
    return finding.field or finding.path or _NUMBERS.sub("", finding.place).strip()


def _stable_value(value: str) -> str:
    """The value without what is made anew in each run: labels of blank nodes, numbers of parts."""
    return "" if value.startswith("_:") else _PART.sub(r"\1", value)


def _encodable(text: str) -> str:
    return text.encode("utf-8", "replace").decode()


def read_baseline(file: Path) -> Baseline:
    """Reads what is known.

    Raises:
        SourceError: if there is no such file, it is of another version, or broken; says file and line.
    """
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", "") or "not in UTF-8"
        raise SourceError(str(file), f"no baseline: {reason}", remedy=_REMEDY) from error
    first = lines[0] if lines else ""
    if first != f"{_HEADER}{_VERSION}":
        problem = "a baseline of another version" if first.startswith(_HEADER) else "no baseline"
        raise SourceError(f"{file}:1", problem, got=first, expected=f"{_HEADER}{_VERSION}", remedy=_REMEDY)
    return Baseline(_read_rows(file, lines))


def _read_rows(file: Path, lines: list[str]) -> Counter[str]:
    counts: Counter[str] = Counter()
    for number, line in enumerate(lines[1:], 2):
        if not line or line.startswith("# "):
            continue
        row = _ROW.fullmatch(line)
        if not row or row["fingerprint"] in counts:
            problem = "the same fingerprint twice" if row else "a broken baseline"
            expected = "fingerprint, count, rule, trial, field, parted by tabs"
            raise SourceError(f"{file}:{number}", problem, got=line, expected=expected, remedy=_REMEDY)
        counts[row["fingerprint"]] = int(row["count"])
    return counts


def write_baseline(findings: Iterable[Finding], file: Path) -> None:
    """Makes these the known findings: a line a fingerprint, sorted; the file is replaced whole or not at all."""
    beside = file.with_name(f".{file.name}.{os.getpid()}")
    try:
        beside.write_text("".join(_lines(findings)), encoding="utf-8", newline="\n")
        beside.replace(file)
    finally:
        beside.unlink(missing_ok=True)


def _lines(findings: Iterable[Finding]) -> Iterator[str]:
    counts: Counter[tuple[str, str]] = Counter()
    told: dict[str, str] = {}
    for finding in findings:
        mark = fingerprint(finding)
        said = finding.rule, _subject(finding), _spot(finding)
        told.setdefault(mark, "\t".join(_CONTROL.sub(" ", cell) for cell in said))
        counts[told[mark], mark] += 1
    yield f"{_HEADER}{_VERSION}\n{_COLUMNS}"
    for (cells, mark), count in sorted(counts.items()):
        yield f"{mark}\t{count}\t{cells}\n"


def compare(findings: Iterable[Finding], baseline: Baseline) -> Compared:
    """The findings, in their order, parted in new and known ones; each known one takes one of its count."""
    left = Counter(baseline.counts)
    new, known = [], []
    for finding in findings:
        mark = fingerprint(finding)
        if left[mark] > 0:
            left[mark] -= 1
            known.append(finding)
        else:
            new.append(finding)
    return Compared(tuple(new), tuple(known), left.total())


def new_findings(findings: Iterable[Finding], baseline: Baseline) -> list[Finding]:
    """The findings that the baseline does not know."""
    return list(compare(findings, baseline).new)
