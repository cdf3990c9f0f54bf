"""One thing that is wrong with the data: a value, never an exception, so that one bad record stops no run."""

from typing import Literal

import msgspec

__all__ = ["SEVERITIES", "Finding", "Severity", "is_at_least"]

Severity = Literal["violation", "warning", "info"]

#: Worst first, as in SHACL (https://www.w3.org/TR/shacl/#severity).
SEVERITIES: tuple[Severity, ...] = ("violation", "warning", "info")


class Finding(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One thing wrong: where it stands, which rule says so, how bad it is.

    `source` names the input (file, or zip and member), `place` the spot in it: a JSON pointer for API v2, an XPath for
    XML, `line N` for a page; `line` is the line of that file (from 1; 0 if unknown). `focus` and `path` name the same
    spot in the graph, for findings of shapes. `field` is the model's field, `mapping` the file and line that map it.
    """

    rule: str
    message: str
    severity: Severity = "warning"
    trial: str = ""
    source: str = ""
    place: str = ""
    field: str = ""
    value: str = ""
    focus: str = ""
    path: str = ""
    line: int = 0
    mapping: str = ""

    def text(self) -> str:
        """The finding on one line, as people and logs read it."""
        where = " ".join(part for part in (self.trial or self.source, self.place or self.path) if part)
        got = f"; got {self.value[:120]!r}" if self.value else ""
        return f"{self.severity}: {where or '-'}: {self.message}{got} [{self.rule}]"


def is_at_least(severity: Severity, threshold: Severity) -> bool:
    """Whether `severity` is as bad as `threshold`, or worse."""
    return SEVERITIES.index(severity) <= SEVERITIES.index(threshold)
