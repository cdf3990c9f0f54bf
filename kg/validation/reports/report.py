"""What a report is about: findings, the rules that ran, what the baseline knows; and its summary."""

from collections import Counter
from collections.abc import Iterable
from functools import cache, cached_property

import msgspec

from kg.finding import SEVERITIES, Finding, Severity, is_at_least
from kg.validation.rules import Rule, find_rule, shape_name

__all__ = ["Counts", "Report", "shown", "visible"]


class Counts(msgspec.Struct):
    """How many findings of each severity a shape has, and in how many trials."""

    shape: str
    violation: int = 0
    warning: int = 0
    info: int = 0
    trials: int = 0


class Report(msgspec.Struct, frozen=True, kw_only=True, dict=True):
    """What a run found.

    `findings` are the new ones if there is a baseline, whose others are `known` (None: no baseline); `rules` are those
    that ran, each with its texts; `most` is how many findings are shown, the worst first; `fail_on` the severity from
    which a finding fails the run.
    """

    findings: tuple[Finding, ...] = ()
    known: tuple[Finding, ...] | None = None
    rules: tuple[Rule, ...] = ()
    most: int | None = None
    fail_on: Severity = "violation"

    @cached_property
    def ordered(self) -> tuple[Finding, ...]:
        """All findings, worst first, else in their order."""
        return tuple(sorted(self.findings, key=lambda finding: SEVERITIES.index(finding.severity)))

    @property
    def shown(self) -> tuple[Finding, ...]:
        """The findings that the report names."""
        return self.ordered if self.most is None else self.ordered[: max(self.most, 0)]

    @property
    def unshown(self) -> int:
        """How many more there are."""
        return len(self.findings) - len(self.shown)

    @property
    def fails(self) -> bool:
        """Whether the run fails: shown or not, some finding is as bad as `fail_on`, or worse."""
        return any(is_at_least(finding.severity, self.fail_on) for finding in self.findings)

    @property
    def is_whole(self) -> bool:
        """Whether everything was checked: no rule of the run itself found something."""
        return not any(finding.rule.startswith("run/") for finding in self.findings)

    @cached_property
    def described(self) -> dict[str, Rule]:
        """The rules that ran, by name."""
        return {rule.name: rule for rule in self.rules}

    def rule(self, name: str) -> Rule:
        """What is known of a rule."""
        return find_rule(name, self.described)

    def severities(self) -> dict[Severity, int]:
        """How many findings there are of each severity, shown or not."""
        counts = Counter(finding.severity for finding in self.findings)
        return {severity: counts[severity] for severity in SEVERITIES}

    def trials(self) -> int:
        """How many trials have findings."""
        return len({finding.trial for finding in self.findings if finding.trial})

    def by_rule(self) -> dict[str, int]:
        """How many findings each rule has, by name."""
        return dict(sorted(Counter(finding.rule for finding in self.findings).items()))

    def by_shape(self) -> list[Counts]:
        """The summary: shapes with findings, those with the most of the worst first."""
        counts: dict[str, Counts] = {}
        trials: dict[str, set[str]] = {}
        for finding in self.findings:
            shape = shape_name(finding.rule)
            row = counts.setdefault(shape, Counts(shape))
            setattr(row, finding.severity, getattr(row, finding.severity) + 1)
            trials.setdefault(shape, set()).add(finding.trial)
        for shape, row in counts.items():
            row.trials = len(trials[shape] - {""})
        return sorted(counts.values(), key=lambda row: (-row.violation, -row.warning, -row.info, row.shape))

    def totals(self) -> str:
        """The summary's last line."""
        found = ", ".join(f"{count:,} {severity}" for severity, count in self.severities().items())
        return f"{found}; {self.trials():,} trials affected"

    def remarks(self) -> list[str]:
        """What the report leaves out."""
        remarks = [f"{self.unshown:,} more findings are not shown, none of them worse."] if self.unshown else []
        if self.known:
            remarks.append(f"{len(self.known):,} findings that the baseline knows are not counted.")
        return remarks

    def cleaned(self) -> "Report":
        """The same without what no UTF-8 can hold: each lone surrogate becomes U+FFFD."""
        known = None if self.known is None else tuple(_cleaned(self.known))
        return msgspec.structs.replace(self, findings=tuple(_cleaned(self.findings)), known=known)


def _cleaned(findings: Iterable[Finding]) -> Iterable[Finding]:
    for finding in findings:
        texts = {name: text for name in finding.__struct_fields__ if isinstance(text := getattr(finding, name), str)}
        broken = {name: _replaced(text) for name, text in texts.items() if not text.isascii()}
        yield msgspec.structs.replace(finding, **broken) if broken else finding


def _replaced(text: str) -> str:
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def visible(text: str, *, keep: str = "") -> str:
    r"""The text on one line, with nothing that a terminal, a log or XML would obey or refuse.

    >>> print(visible("a\nb\x1b[31m"))
    a\nb\x1b[31m
    """
    return text if text.isprintable() else text.translate(_Written.keeping(keep))


class _Written(dict[int, str]):
    """Character -> how it is shown, noted when it is met."""

    def __init__(self, keep: str) -> None:
        self._keep = keep + "\xa0"

    @classmethod
    @cache
    def keeping(cls, keep: str) -> "_Written":
        """The table that leaves some characters as they are."""
        return cls(keep)

    def __missing__(self, code: int) -> str:
        char = chr(code)
        plain = char.isprintable() or char in self._keep
        self[code] = char if plain else char.encode("unicode_escape").decode()
        return self[code]


#: Characters of a value that reports for people show; those for programs give all.
_MAX_SHOWN = 120


def shown(value: str) -> str:
    """A value as people read it: quoted, on one line, not too long."""
    return repr(value if len(value) <= _MAX_SHOWN else f"{value[:_MAX_SHOWN]}…")
