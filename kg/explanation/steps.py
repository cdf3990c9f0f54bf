"""The steps of a query, tried on one trial -> what came of each."""

from collections.abc import Iterable, Sequence

from kg.explanation.asking import Asker, Row
from kg.explanation.evidence import CLOSURES, because, is_concept_property, linked
from kg.explanation.outcomes import MORE, Fact, Outcome, Verdict
from kg.explanation.words import pattern_of, words
from kg.queries.binding import substitute, variables
from kg.queries.patterns import Bind, Exists, Filter, Graph, Minus, Select, Step, Triple, Union, Values, uses, written
from kg.queries.relaxing import Relaxed, relax

__all__ = ["Explainer"]

#: Facts that are shown of one step.
_SHOWN = 4
#: A variable that no query of ours has.
_INSTEAD = "_instead"


class Explainer:
    """Tells of one trial, by asking one graph; `anchor` is what stands in the query for the trial."""

    def __init__(self, asker: Asker, anchor: str) -> None:
        self._asker, self._anchor = asker, anchor

    def explain(self, steps: Sequence[Step], context: str = "") -> tuple[tuple[Outcome, ...], Relaxed]:
        """What came of the steps, and which they are; `context` is what stands outside of them, and holds."""
        relaxed = relax(steps, lambda text: self._asker.has(self._inside(context, text)), self._anchor)
        before = dict(relaxed.tried)
        whole = self._text(steps, relaxed.holds, context)
        outcomes = []
        for place, step in enumerate(steps):
            if place in relaxed.holds:
                rest = self._text(steps, (n for n in relaxed.holds if n != place), context)
                outcomes.append(self._holding(step, whole, rest))
            elif place in relaxed.fails:
                outcomes.append(self._failing(step, self._text(steps, before[place], context)))
            elif place in relaxed.hangs:
                outcomes.append(self._outcome(step, "hangs"))
        return tuple(outcomes), relaxed

    def _text(self, steps: Sequence[Step], places: Iterable[int], context: str) -> str:
        return self._inside(context, written(steps[n] for n in sorted(places)))

    @staticmethod
    def _inside(context: str, text: str) -> str:
        return f"{context} {{ {text} }}" if context else text

    def _outcome(
        self,
        step: Step,
        verdict: Verdict,
        found: Iterable[Fact] = (),
        instead: Iterable[Fact] = (),
        branches: Iterable[tuple[Outcome, ...]] = (),
    ) -> Outcome:
        return Outcome(
            kind=type(step).__name__.lower(),
            pattern=pattern_of(step),
            text=words(step, self._asker),
            verdict=verdict,
            found=tuple(found),
            instead=tuple(instead),
            branches=tuple(branches),
        )

    def _holding(self, step: Step, whole: str, rest: str) -> Outcome:
        match step:
            case Triple():
                return self._outcome(step, "holds", self._triples([step], whole))
            case Filter() | Bind():
                return self._outcome(step, "holds", self._values(step, whole))
            case Exists(_, True) | Minus() | Values():
                return self._outcome(step, "holds")
            case _:
                return self._outcome(step, "holds", branches=self._branches(step, rest))

    def _failing(self, step: Step, before: str) -> Outcome:
        match step:
            case Triple():
                return self._outcome(step, "fails", instead=self._instead(step, before))
            case Filter():
                return self._outcome(step, "fails", instead=self._values(step, before))
            case Exists(steps, True) | Minus(steps):
                inner = [each for each in steps if isinstance(each, Triple)]
                pattern = f"{before} {written(steps)}"
                return self._outcome(step, "fails", instead=self._triples(inner, pattern))
            case Select(measures=measures) if measures:
                return self._outcome(step, "fails", instead=self._measured(step, before))
            case _:
                return self._outcome(step, "fails", branches=self._branches(step, before))

    def _branches(self, step: Step, context: str) -> list[tuple[Outcome, ...]]:
        match step:
            case Union(branches):
                return [self.explain(branch, context)[0] for branch in branches]
            case Select(steps=steps):
                # What is inside does not see what is outside.
                return [self.explain(steps)[0]] if self._anchor in written(steps) else []
            case Graph(name, steps):
                return [self.explain([Graph(name, (each,)) for each in steps], context)[0]] if len(steps) > 1 else []
            case Exists(steps, False):
                return [self.explain(steps, context)[0]]
        return []

    def _triples(self, patterns: Sequence[Triple], pattern: str) -> list[Fact]:
        """The triples that satisfy triple patterns, as far as they are shown."""
        names = sorted({name for each in patterns for name in variables(written([each]))})
        rows: list[Row] = self._asker.rows(names, pattern, _SHOWN + 1) if names else [{}]
        found = dict.fromkeys(
            tuple(substitute(cell, row) for cell in (each.subject, each.predicate, each.object))
            for row in rows
            for each in patterns
        )
        self._asker.learn(cell for triple in found for cell in triple)
        facts = [self._fact((triple[0], triple[1], triple[2])) for triple in list(found)[:_SHOWN]]
        return facts if len(found) <= _SHOWN else [*facts, Fact(text=MORE)]

    def _fact(self, triple: tuple[str, str, str]) -> Fact:
        reasons = because(self._asker, *triple)
        return Fact(text=words(Triple(*triple), self._asker), triple=triple, because=tuple(reasons))

    def _values(self, step: Step, pattern: str) -> list[Fact]:
        """What the variables of a condition stand for."""
        names = sorted(uses(step))
        rows = self._asker.rows(names, pattern, _SHOWN) if names else []
        self._asker.learn(term for row in rows for term in row.values())
        shown = (
            ", ".join(f"{name}: {self._asker.name(row[name]) if name in row else 'nothing'}" for name in names)
            for row in rows
        )
        return [Fact(text=text) for text in shown]

    def _measured(self, step: Select, before: str) -> list[Fact]:
        """What the aggregates of a HAVING come to for the group that the trial is in."""
        heads = " ".join(f"({measure} AS ?_measure{n})" for n, measure in enumerate(step.measures))
        tail = step.tail.partition(" HAVING ")[0]
        grouped = f"{{ SELECT {step.head} {heads} WHERE {{ {written(step.steps)} }} {tail} }}"
        names = [f"_measure{n}" for n in range(len(step.measures))]
        rows = self._asker.rows(names, f"{before} {grouped}", _SHOWN)
        return [
            Fact(text=", ".join(f"{m}: {self._asker.name(row[n])}" for n, m in zip(names, step.measures, strict=True)))
            for row in rows
            if len(row) == len(names)
        ]

    def _instead(self, step: Triple, before: str) -> list[Fact]:
        """What is there where a triple pattern asks for something else."""
        if step.predicate in CLOSURES and step.subject == self._anchor:
            return [Fact(text=line) for line in linked(self._asker, step.subject, step.predicate)]
        if is_concept_property(step.predicate) and step.subject.startswith("?"):
            # Everything broader would be told: what is asked about says more.
            rows = self._asker.rows([step.subject[1:]], before, _SHOWN) if before else []
            return [Fact(text=self._asker.name(row[step.subject[1:]])) for row in rows if row]
        other = Triple(step.subject, step.predicate, f"?{_INSTEAD}")
        return self._triples([other], f"{before} {written([other])}")
