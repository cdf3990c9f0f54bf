"""An explanation as text for people."""

from collections.abc import Iterable, Iterator

from kg.explanation.outcomes import MORE, Explanation, Fact, Outcome, Verdict
from kg.validation.reports.report import visible

__all__ = ["read_aloud"]

_SIGNS = {"holds": "✓", "fails": "✗", "hangs": "·"}


def read_aloud(explanation: Explanation) -> str:
    """The whole explanation, line by line: what fails before what holds; what stands behind a fact once."""
    return "".join(f"{visible(line)}\n" for line in _Reader(explanation).lines())


class _Reader:
    def __init__(self, explanation: Explanation) -> None:
        self._explanation = explanation
        self._told: set[str] = set()

    def lines(self) -> Iterator[str]:
        told = self._explanation
        title = f" ({told.title})" if told.title else ""
        yield f"{told.trial}{title} {'is' if told.in_answer else 'is not'} in the answer of {told.query}."
        yield f"  {told.summary}"
        yield from (f"  {value.line()}" for value in told.parameters)
        yield from ([f"  {told.note}"] if told.note else [])
        sections: tuple[tuple[Verdict, str], ...]
        sections = (("fails", "What fails:"), ("hangs", "What hangs on that:"), ("holds", "What holds:"))
        for verdict, heading in sections:
            lines = list(self._steps((step for step in told.steps if step.verdict == verdict), "  "))
            if lines:
                yield from ("", heading, *lines)

    def _steps(self, steps: Iterable[Outcome], indent: str) -> Iterator[str]:
        for step in steps:
            if not _goes_without_saying(step):
                yield f"{indent}{_SIGNS[step.verdict]} {step.text}"
                yield from self._inside(step, f"{indent}    ")

    def _inside(self, step: Outcome, indent: str) -> Iterator[str]:
        if step.verdict == "fails" and step.kind in ("triple", "filter") and not step.instead:
            yield f"{indent}it has: nothing there"
        # Parts of a trial may be called alike.
        for fact in {fact.text: fact for fact in step.instead}.values():
            yield from self._fact(fact, "" if fact.text == MORE else "it has: ", indent)
        for fact in {fact.text: fact for fact in step.found}.values():
            yield from self._fact(fact, "", indent, step.text)
        for branch in step.branches:
            # A branch holds as a whole or not: of one that fails, what fails is enough.
            failing = [each for each in branch if each.verdict == "fails"]
            yield from self._steps(failing or branch, indent)

    def _fact(self, fact: Fact, lead: str, indent: str, said: str = "") -> Iterator[str]:
        if fact.text != said:
            yield f"{indent}{lead}{fact.text}"
            indent += "    "
        for line in fact.because:
            if line not in self._told:
                yield f"{indent}{line}"
                self._told.add(line)


def _goes_without_saying(step: Outcome) -> bool:
    """That things have names, and what a query computes of what it found."""
    named = step.kind == "triple" and " rdfs:label " in step.pattern
    return step.verdict == "holds" and (step.kind == "bind" or named)
