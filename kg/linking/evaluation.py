"""Measures linking against gold: precision, recall, coverage and right abstention, with bootstrap intervals.

The measures are those of curated sets of strings with the MeSH concepts that they state: a linked string is right if
all its predictions are in `gold` or `acceptable`; a string with gold is found if at least one of its gold concepts is
predicted; where nothing fits (`relation` none) staying unlinked is right.
"""

import math
import os
import random
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import msgspec

from kg.concept import Link, Mention, MentionKind
from kg.errors import SourceError
from kg.linking.abbreviations import find_expansions
from kg.linking.linker import Abstention, Linker, as_context
from kg.vocab import PREFIXES

__all__ = [
    "GoldString",
    "Measure",
    "Miss",
    "Outcome",
    "find_misses",
    "measure",
    "measure_all",
    "predict",
    "read_gold",
    "write_predictions",
]

_NEEDED = ("id", "kind", "raw")
#: Resamples of each interval, and its two ends: 95 %.
_RESAMPLES, _LOW, _HIGH = 1000, 0.025, 0.975


class GoldString(msgspec.Struct, frozen=True, kw_only=True):
    """One string of a record, and what a curator says that it states. `judged` is False where no curator looked."""

    id: str
    kind: str
    raw: str
    type: str = ""
    context: str = ""
    stratum: str = ""
    subset: str = ""
    relation: str = ""
    gold: frozenset[str] = frozenset()
    acceptable: frozenset[str] = frozenset()
    by_string: float = 1.0
    by_mention: float = 1.0
    judged: bool = True


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """What linking says of a gold string: the MeSH identifiers, the tier, or the reason for abstaining."""

    string: GoldString
    predicted: frozenset[str]
    tier: str = ""
    reason: str = ""

    @property
    def rule(self) -> str:
        """The first step of the tier: the reading that led to the names."""
        return self.tier.partition(":")[0]

    @property
    def is_right(self) -> bool:
        """Whether all that is predicted may be said; True for nothing."""
        return self.predicted <= self.string.gold | self.string.acceptable

    @property
    def is_found(self) -> bool:
        """Whether something of the gold is predicted."""
        return bool(self.predicted & self.string.gold)


def read_gold(path: Path) -> list[GoldString]:
    """The strings of a gold file (tab-separated; columns id, kind, raw, and those that judge).

    Raises:
        SourceError: if it cannot be read, or lacks a column.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise SourceError(str(path), f"cannot be read: {error}") from error
    # Split by hand: a string may hold quotes, be of any length, and have line separators that are no line ends.
    head, *rows = (line.removesuffix("\r").split("\t") for line in text.split("\n"))
    missing = [name for name in _NEEDED if name not in head]
    if missing:
        raise SourceError(str(path), "no gold set", got=f"no column {missing[0]}", expected="id, kind, raw, gold …")
    blank = dict.fromkeys(head, "")
    return [_gold_string(blank | dict(zip(head, row, strict=False))) for row in rows if any(row)]


def _gold_string(given: dict[str, str]) -> GoldString:
    texts = {name: given.get(name, "") for name in ("id", "kind", "raw", "type", "context", "stratum", "subset")}
    return GoldString(
        **texts,
        relation=given.get("relation", ""),
        gold=frozenset(filter(None, given.get("gold", "").split("|"))),
        acceptable=frozenset(filter(None, given.get("acceptable", "").split("|"))),
        by_string=_weight(given.get("w_string", "")),
        by_mention=_weight(given.get("w_mention", "")),
        judged="gold" in given,
    )


def _weight(text: str) -> float:
    try:
        weight = float(text)
    except ValueError:
        return 1.0
    return weight if math.isfinite(weight) and weight >= 0 else 1.0


def predict(linker: Linker, strings: Iterable[GoldString]) -> list[Outcome]:
    """What linking says of each string, in the context of its record as far as that is given."""
    return [_predict(linker, string) for string in strings]


def _predict(linker: Linker, string: GoldString) -> Outcome:
    kind: MentionKind = "intervention" if string.kind.startswith("intervention") else "condition"
    type_code = string.type.upper().replace(" ", "_") if kind == "intervention" else ""
    mention = Mention(kind=kind, text=string.raw, part=f"{kind}-1", type=type_code)
    context = [piece.partition(": ")[2] for piece in string.context.split(" || ")]
    texts = [string.raw, *(text for piece in context for text in piece.split("; "))]
    found = linker.link(mention, find_expansions(texts), as_context(texts))
    if isinstance(found, Abstention):
        return Outcome(string=string, predicted=frozenset(), reason=found.reason)
    return Outcome(string=string, predicted=_mesh(found), tier=next(iter(found)).tier, reason="")


def _mesh(links: Iterable[Link]) -> frozenset[str]:
    return frozenset(x.concept.removeprefix(PREFIXES["mesh"]) for x in links if x.source == "mesh")


class Measure(msgspec.Struct, frozen=True, kw_only=True):
    """The figures of one group of strings; each with the ends of its 95 % interval, None where nothing is measured."""

    group: str
    strings: int
    precision: tuple[float, float, float] | None
    recall: tuple[float, float, float] | None
    coverage: tuple[float, float, float] | None
    right_abstention: tuple[float, float, float] | None


def measure(group: str, outcomes: Sequence[Outcome], weight: Callable[[GoldString], float]) -> Measure:
    """The measures of some outcomes, each string weighing `weight`."""
    linked = [o for o in outcomes if o.predicted]
    stated = [o for o in outcomes if o.string.gold]
    nothing = [o for o in outcomes if o.string.relation == "none"]
    return Measure(
        group=group,
        strings=len(outcomes),
        precision=_share(linked, lambda o: o.is_right, weight),
        recall=_share(stated, lambda o: o.is_found, weight),
        coverage=_share(outcomes, lambda o: bool(o.predicted), weight),
        right_abstention=_share(nothing, lambda o: o.is_right, weight),
    )


def _share(
    outcomes: Sequence[Outcome], holds: Callable[[Outcome], bool], weight: Callable[[GoldString], float]
) -> tuple[float, float, float] | None:
    """(the weighted share for which it holds, low end, high end of the bootstrap interval)."""
    if not outcomes:
        return None
    pairs = [(weight(outcome.string), holds(outcome)) for outcome in outcomes]
    source = random.Random(len(pairs))  # noqa: S311 - resampling, no secret; seeded so that a report repeats
    shares = sorted(_of(source.choices(pairs, k=len(pairs))) for _ in range(_RESAMPLES))
    return _of(pairs), shares[int(_LOW * _RESAMPLES)], shares[int(_HIGH * _RESAMPLES) - 1]


def _of(pairs: Sequence[tuple[float, bool]]) -> float:
    return sum(weight for weight, held in pairs if held) / (sum(weight for weight, _ in pairs) or 1.0)


def measure_all(outcomes: Sequence[Outcome]) -> list[Measure]:
    """The measures by kind (a mention counts as often as it occurs, then a string once), by stratum, and by rule."""
    judged = [outcome for outcome in outcomes if outcome.string.judged]
    groups: dict[tuple[str, Callable[[GoldString], float]], list[Outcome]] = {}

    def put(group: str, weight: Callable[[GoldString], float], outcome: Outcome) -> None:
        groups.setdefault((group, weight), []).append(outcome)

    for outcome in judged:
        kind = outcome.string.subset or outcome.string.kind
        put(f"{kind}, by mention", _by_mention, outcome)
        put(f"{kind}, by string", _by_string, outcome)
        if outcome.string.stratum:
            put(f"{kind}, {outcome.string.stratum}", _equally, outcome)
    for outcome in sorted(judged, key=lambda o: o.rule):
        if outcome.predicted:
            put(f"rule: {outcome.rule}", _equally, outcome)
    return [measure(group, found, weight) for (group, weight), found in groups.items()]


def _by_mention(string: GoldString) -> float:
    return string.by_mention


def _by_string(string: GoldString) -> float:
    return string.by_string


def _equally(_: GoldString) -> float:
    return 1.0


class Miss(msgspec.Struct, frozen=True):
    """A string with a wrong prediction, or with none of what it states."""

    id: str
    fault: str
    kind: str
    raw: str
    predicted: str
    gold: str
    why: str


def find_misses(outcomes: Iterable[Outcome]) -> list[Miss]:
    """What is wrong first, then what was not found."""
    found = [
        Miss(
            outcome.string.id,
            "not found" if outcome.is_right else "wrong",
            outcome.string.subset or outcome.string.kind,
            outcome.string.raw,
            "|".join(sorted(outcome.predicted)),
            "|".join(sorted(outcome.string.gold)),
            outcome.tier or outcome.reason,
        )
        for outcome in outcomes
        if outcome.string.judged and (not outcome.is_right or (outcome.string.gold and not outcome.is_found))
    ]
    return sorted(found, key=lambda miss: (miss.fault != "wrong", miss.id))


def write_predictions(outcomes: Iterable[Outcome], path: Path) -> None:
    """Writes `id` and `uis`, whole or not at all: MeSH identifiers joined by `|`, empty where linking abstained."""
    lines = ["id\tuis\n", *(f"{o.string.id}\t{'|'.join(sorted(o.predicted))}\n" for o in outcomes)]
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        beside.write_text("".join(lines), encoding="utf-8")
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)
