"""A query asked step by step: which of its steps hold together, which fail, and which hang on those that fail.

The steps that hold are a largest set: with any of those that fail it would have no answer. So what fails is enough to
leave out, or to mend, for the query to have one.
"""

from collections.abc import Callable, Sequence

import msgspec

from kg.queries.patterns import Bind, Exists, Filter, Minus, Optional, Step, Values, binds, uses, written

__all__ = ["Ask", "Relaxed", "relax"]

#: Whether steps, given as SPARQL, have an answer together.
Ask = Callable[[str], bool]


class Relaxed(msgspec.Struct, frozen=True):
    """Places of steps: those that hold, that fail, and that cannot be told, since what they hang on fails.

    `tried` are the steps in the order of trying, each with the places of those that held before it.
    """

    holds: tuple[int, ...]
    fails: tuple[int, ...]
    hangs: tuple[int, ...]
    tried: tuple[tuple[int, tuple[int, ...]], ...]


def relax(steps: Sequence[Step], ask: Ask, anchor: str) -> Relaxed:
    """Tries the steps one by one, each joined to those that hold; `anchor` is the text that names what is asked about.

    Steps come as they are written, but only when something is known of their variables; conditions when nothing more
    can be.
    """
    return _Relaxing(steps, ask, anchor).run()


class _Relaxing:
    def __init__(self, steps: Sequence[Step], ask: Ask, anchor: str) -> None:
        self._steps, self._ask, self._anchor = steps, ask, anchor
        self._uses = [uses(step) for step in steps]
        self._binds = [binds(step) for step in steps]
        self._known: set[str] = set()
        self._lost: set[str] = set()
        self._holds: list[int] = []
        self._fails: list[int] = []
        self._hangs: list[int] = []
        self._tried: list[tuple[int, tuple[int, ...]]] = []

    def run(self) -> Relaxed:
        pending = self._needed()
        while pending:
            place = self._next(pending)
            pending.remove(place)
            self._try(place)
        return Relaxed(
            tuple(sorted(self._holds)), tuple(sorted(self._fails)), tuple(sorted(self._hangs)), tuple(self._tried)
        )

    def _needed(self) -> list[int]:
        """Every step but OPTIONALs that no other step looks at: they take no row away."""
        needed = [n for n, step in enumerate(self._steps) if not isinstance(step, Optional)]
        looked_at = frozenset[str]().union(*(self._uses[n] for n in needed))
        optional = [n for n, step in enumerate(self._steps) if isinstance(step, Optional) and n not in needed]
        for n in reversed(optional):
            others = (self._binds[m] for m in needed if m != n)
            if (self._binds[n] & looked_at) - frozenset[str]().union(*others):
                needed.append(n)
                looked_at |= self._uses[n]
        return sorted(needed)

    def _next(self, pending: list[int]) -> int:
        to_come = {n: frozenset[str]().union(*(self._binds[m] for m in pending if m != n)) for n in pending}
        ready = [n for n in pending if self._is_ready(n, to_come[n])]
        binding = [n for n in pending if self._binds[n]]
        return (ready or binding or pending)[0]

    def _is_ready(self, place: int, to_come: frozenset[str]) -> bool:
        step, used = self._steps[place], self._uses[place]
        if isinstance(step, Filter | Exists | Minus):
            return not used & to_come
        if isinstance(step, Bind) and not (used - self._binds[place]) & to_come:
            return True
        return isinstance(step, Values) or self._is_known(place)

    def _is_known(self, place: int) -> bool:
        used = self._uses[place]
        return not used or bool(used & self._known) or self._anchor in written([self._steps[place]])

    def _try(self, place: int) -> None:
        step, used = self._steps[place], self._uses[place]
        lost = used & (self._lost - self._known)
        condition = isinstance(step, Filter | Exists | Minus)
        if lost and (condition or not self._is_known(place)):
            self._hangs.append(place)
            self._lost |= self._binds[place]
            return
        self._tried.append((place, tuple(sorted(self._holds))))
        if self._ask(written(self._steps[n] for n in sorted([*self._holds, place]))):
            self._holds.append(place)
            self._known |= self._binds[place]
        else:
            self._fails.append(place)
            self._lost |= self._binds[place]
