"""What a source format is: how its records are walked, and the table that joins places with the model's fields."""

from collections.abc import Callable, Sequence
from typing import Any, Protocol

import msgspec

from kg.finding import Finding, Severity

__all__ = ["Format", "Notes", "Place", "Reading", "Rule", "Tree"]


#: Says where something stands in the source record; called only when a finding wants to know.
Place = Callable[[], str]


class Tree(Protocol):
    """How a format's record is walked: nodes of whatever kind, and what stands in them."""

    def find(self, node: Any, path: str) -> Sequence[Any]:
        """What stands at `path` below `node`, in the record's order."""

    def looker(self, paths: Sequence[str | None]) -> Callable[[Any], Sequence[Sequence[Any]]]:
        """`find` for many paths at once: a function of the node, which gives what stands at each; at None, nothing."""

    def text(self, raw: Any) -> str | None:
        """The text of what was found, without the layout around it; None if there is none."""

    def stated_date(self, raw: Any) -> tuple[str | None, str | None]:
        """The text of a date, and the word for its kind (actual, estimated)."""

    def place(self, node: Any, at: "Place", path: str | None, index: int, raw: Any) -> str:
        """Where `raw` stands, the `index`-th find at `path` below `node`, which stands at `at`.

        What a rule found has no path, and need not stand below the node as it is.
        """


class Notes(msgspec.Struct):
    """Where each value of a record was found: (part by identity) -> field -> the place of each value.

    Kept only where somebody asks for the way back: reading is twice as fast without.
    """

    format: "Format"
    by_part: dict[int, dict[str, list[str]]] = msgspec.field(default_factory=dict)
    #: Places of the field, and then of the fields of the part, that were read last.
    found: list[str] = msgspec.field(default_factory=list)
    fields: dict[str, list[str]] = msgspec.field(default_factory=dict)

    def of(self, part: Any, field: str) -> list[str]:
        """The places of a field's values, in order; none for what no rule of the table found."""
        return self.by_part.get(id(part), {}).get(field, [])


class Reading(msgspec.Struct):
    """One record being read, and what was found wrong with it so far."""

    format: "Format"
    source: str
    trial: str = ""
    findings: list[Finding] = msgspec.field(default_factory=list)
    notes: Notes | None = None

    def flag(
        self,
        rule: str,
        message: str,
        *,
        severity: Severity = "warning",
        field: str = "",
        place: str = "",
        value: str = "",
    ) -> None:
        """Adds a finding about this record."""
        self.findings.append(
            Finding(
                rule=rule,
                message=message,
                severity=severity,
                trial=self.trial,
                source=self.source,
                place=place,
                field=field,
                value=value,
            )
        )


#: Reads one field by code where a path cannot say it: (node, reading) -> what was found, as `Tree.find` would give it.
Rule = Callable[[Any, Reading], Sequence[Any]]


class Format(msgspec.Struct, frozen=True):
    """A source format: its name, how its records are walked, and its table (struct -> field -> path or rule)."""

    name: str
    tree: Tree
    table: dict[type[msgspec.Struct], dict[str, str | Rule]]

    def __hash__(self) -> int:
        return hash(self.name)
