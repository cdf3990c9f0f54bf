"""A fault put into a copy of our folders."""

from collections.abc import Iterable
from pathlib import Path

import msgspec

from kg.agreement import Checked, Places


class Copy(msgspec.Struct, frozen=True):
    """A copy of our folders below `root`."""

    root: Path
    places: Places

    def plant(self, name: str, old: str, new: str) -> int:
        """Replaces the first `old` of a file (appends if `old` is empty); gives the line on which `new` begins."""
        path = self.root / name
        text = path.read_text(encoding="utf-8")
        assert old in text, f"{name} has no {old!r}"
        start = text.index(old) if old else len(text)
        path.write_text(text[:start] + new + text[start + len(old) :], encoding="utf-8")
        return text[:start].count("\n") + 1


def told(checked: Checked, rules: Iterable[str] = ()) -> list[tuple[str, str, str, int]]:
    """(rule, value, name of the file, line) of each finding, of these rules if any are given."""
    return [
        (finding.rule.removeprefix("check/"), finding.value, Path(finding.source).name, finding.line)
        for finding in checked.findings
        if not list(rules) or finding.rule.removeprefix("check/") in rules
    ]
