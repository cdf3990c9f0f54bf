"""Where a concept stands below everything broader: a tree, in which what has several places is told in full once."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from kg.pages.asking import Row
from kg.pages.showing import Shown, shown

__all__ = ["Branch", "grow", "paths_of"]


class Branch(NamedTuple):
    """A concept in the tree, whether it is the one that is looked at, whether it stands before, what is below it."""

    concept: Shown
    is_here: bool
    is_repeated: bool
    below: Sequence["Branch"]


def grow(iri: str, edges: Iterable[Row]) -> list[Branch]:
    """The tree down to a concept from what has nothing broader; `edges` lead from `?o` to the broader `?up`."""
    names: dict[str, Shown] = {}
    below: dict[str, set[str]] = defaultdict(set)
    for row in edges:
        lower, upper = row["o"], row["up"]
        names[lower.value] = shown(lower, row["name"].value)
        names[upper.value] = shown(upper, row["up_name"].value)
        below[upper.value].add(lower.value)
    lowers = {lower for found in below.values() for lower in found}
    told: set[str] = set()
    tops = [upper for upper in below if upper not in lowers]
    return [_branch(top, iri, names, below, told) for top in _sorted(tops, names)]


def _branch(at: str, iri: str, names: Mapping[str, Shown], below: Mapping[str, set[str]], told: set[str]) -> Branch:
    # Also where a publisher's hierarchy runs in a ring, nothing is told twice.
    if at in told:
        return Branch(names[at], at == iri, at != iri, ())
    told.add(at)
    lower = _sorted(below.get(at, ()), names)
    return Branch(
        names[at], at == iri, is_repeated=False, below=[_branch(each, iri, names, below, told) for each in lower]
    )


def _sorted(iris: Iterable[str], names: Mapping[str, Shown]) -> list[str]:
    return sorted(iris, key=lambda iri: (names[iri].text.casefold(), iri))


def paths_of(branches: Iterable[Branch]) -> set[str]:
    """Where the concepts of a tree lead."""
    found: set[str] = set()
    for branch in branches:
        found |= {branch.concept.href} | paths_of(branch.below)
    return found
