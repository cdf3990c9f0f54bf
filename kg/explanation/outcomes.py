"""What is said of a trial and a query."""

from typing import Literal

import msgspec

from kg.queries import Resolved

__all__ = ["MORE", "Explanation", "Fact", "Outcome", "Verdict"]

#: What stands for facts beyond those that are shown.
MORE = "and more"

#: Whether a step has an answer with those that hold before it; `hangs` where what it needs has failed.
Verdict = Literal["holds", "fails", "hangs"]


class Fact(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Something the graph says: in words, as a triple or a value of a variable, and what stands behind it."""

    text: str
    triple: tuple[str, str, str] | None = None
    because: tuple[str, ...] = ()


class Outcome(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What came of one step: its SPARQL, its words, what satisfies it, what is there instead, and what is inside it.

    `branches` are those of a UNION, each step by step; one only for other groups.
    """

    kind: str
    pattern: str
    text: str
    verdict: Verdict
    found: tuple[Fact, ...] = ()
    instead: tuple[Fact, ...] = ()
    branches: "tuple[tuple[Outcome, ...], ...]" = ()


class Explanation(msgspec.Struct, frozen=True, kw_only=True):
    """Why a trial is in the answer of a saved query, or is not.

    `relaxed` is the pattern of the query, in SPARQL, without the steps that fail and those that hang on them.
    """

    trial: str
    title: str
    query: str
    summary: str
    parameters: tuple[Resolved, ...]
    in_answer: bool
    steps: tuple[Outcome, ...]
    relaxed: str
    note: str = ""

    @property
    def failing(self) -> tuple[Outcome, ...]:
        """The steps that fail, in the order of the query."""
        return tuple(step for step in self.steps if step.verdict == "fails")
