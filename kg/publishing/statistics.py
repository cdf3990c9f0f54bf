"""What VoID tells of a dataset (https://www.w3.org/TR/void/#statistics), counted while the triples pass by once.

Of a trial's own nodes everything is known when its chunk has passed. What several trials may say (an organisation's
name) and the objects, which may be anything, are counted by `Distinct`. The counts are those of SPARQL: a triple that a
layer says twice is one.
"""

from collections import Counter
from collections.abc import Iterable
from functools import lru_cache

import msgspec

from kg.iris import compact
from kg.publishing.distinct import Distinct
from kg.publishing.words import term

__all__ = ["LINK_PROPERTIES", "Counts", "Statistics"]

_TYPE = term("rdf:type")
#: Properties that lead from a record to a concept, each the predicate of linksets.
LINK_PROPERTIES = tuple(map(term, ("tg:concept", "tg:titleConcept", "tg:registryConcept")))
#: The date by which a release can be told: every record states it.
_UPDATED = term("tg:lastUpdateSubmitted")


class Counts(msgspec.Struct):
    """The numbers of one dataset. Classes count their members, properties their triples; terms are N-Triples text.

    `links` counts triples by predicate and by the prefix of what they lead to.
    """

    triples: int = 0
    entities: int = 0
    subjects: int = 0
    objects: int = 0
    classes: Counter[str] = msgspec.field(default_factory=Counter)
    properties: Counter[str] = msgspec.field(default_factory=Counter)
    links: Counter[tuple[str, str]] = msgspec.field(default_factory=Counter)


class Statistics:
    """Counts the parts of a graph, and all of them together."""

    def __init__(self) -> None:
        self._own: dict[str, Counts] = {}
        #: What several parts say of one trial: counted in each, and once too often in the sum.
        self._twice = Counts()
        self._shared = Distinct()
        self.trials = 0
        self._latest = ""

    def close(self) -> None:
        """Gives up what is on disk."""
        self._shared.close()

    def add_trial(self, trial: str, pieces: Iterable[tuple[str, list[str]]]) -> None:
        """Counts what the parts say of one trial, all of it at once."""
        self.trials += 1
        seen: set[str] = set()
        nodes, typed = Counter[str](), Counter[str]()
        for part, lines in pieces:
            different = set(lines)
            counts = self._own.setdefault(part, Counts())
            tally = _Tally(counts)
            tally.add(trial, different)
            counts.subjects += len(tally.subjects)
            counts.entities += len(tally.typed)
            nodes.update(tally.subjects)
            typed.update(tally.typed)
            self._shared.add((part, "object"), tally.objects)
            self._latest = max(self._latest, *tally.updated)
            if tally.others:
                self.add_shared(part, tally.others)
            if not seen.isdisjoint(different):
                _Tally(self._twice).add(trial, different & seen)
            seen |= different
        self._twice.subjects += nodes.total() - len(nodes)
        self._twice.entities += typed.total() - len(typed)

    def add_shared(self, part: str, lines: Iterable[str]) -> None:
        """Counts lines whose subjects are no trial's own: another chunk may say the same."""
        self._own.setdefault(part, Counts())
        for line in lines:
            subject, predicate, rest = line.split(" ", 2)
            self._shared.add((part, "triple"), (line,))
            self._shared.add((part, "subject"), (subject,))
            self._shared.add((part, "object"), (rest,))
            self._shared.add((part, predicate), (line,))
            if predicate == _TYPE:
                self._shared.add((part, "entity"), (subject,))
                self._shared.add((part, "class", rest[:-3]), (subject,))

    @property
    def parts(self) -> tuple[str, ...]:
        """The parts of which something was counted, in order."""
        return tuple(self._own)

    @property
    def latest(self) -> str:
        """The day of the last update of a record, as ISO 8601; empty where no record says one."""
        return self._latest

    def counts(self, only: str = "") -> Counts:
        """The numbers of one part: of all of them together, if none is named."""
        chosen = (only,) if only else self.parts
        found = Counts()
        for part in chosen:
            _add(found, self._own[part])
        if not only:
            _add(found, self._twice, sign=-1)
        shared = self._shared
        for name, kind in (
            ("triples", "triple"),
            ("subjects", "subject"),
            ("entities", "entity"),
            ("objects", "object"),
        ):
            setattr(found, name, getattr(found, name) + shared.count(*((part, kind) for part in chosen)))
        for key in {kind[1:] for kind in shared.kinds() if kind[0] in chosen and kind[1][0] in "<c"}:
            counter, name = (found.properties, key[0]) if len(key) == 1 else (found.classes, key[1])
            counter[name] += shared.count(*((part, *key) for part in chosen))
        return found


def _add(total: Counts, counts: Counts, sign: int = 1) -> None:
    total.triples += sign * counts.triples
    total.subjects += sign * counts.subjects
    total.entities += sign * counts.entities
    for name in ("classes", "properties", "links"):
        counter = getattr(total, name)
        for key, number in getattr(counts, name).items():
            counter[key] += sign * number


class _Tally:
    """Counts different lines of one trial into `counts`, and gathers what is counted elsewhere."""

    def __init__(self, counts: Counts) -> None:
        self._counts = counts
        self.subjects: set[str] = set()
        self.typed: set[str] = set()
        self.objects: list[str] = []
        self.others: list[str] = []
        self.updated: list[str] = [""]

    def add(self, trial: str, lines: Iterable[str]) -> None:
        """Counts the lines whose subject is the trial or a part of it; others are kept apart."""
        counts, properties = self._counts, self._counts.properties
        for line in lines:
            subject, predicate, rest = line.split(" ", 2)
            if trial not in subject:
                self.others.append(line)
                continue
            counts.triples += 1
            properties[predicate] += 1
            self.subjects.add(subject)
            self.objects.append(rest)
            if predicate == _TYPE:
                self.typed.add(subject)
                counts.classes[rest[:-3]] += 1
            elif predicate in LINK_PROPERTIES:
                counts.links[predicate, _target(rest)] += 1
            elif predicate == _UPDATED:
                self.updated.append(rest[1:11])


@lru_cache(maxsize=1 << 16)
def _target(rest: str) -> str:
    return compact(rest[1 : rest.index(">")]).partition(":")[0]
