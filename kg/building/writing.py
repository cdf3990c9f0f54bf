"""Records, trial by trial, become a graph folder's files: layers, index, sources and findings."""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Self

import msgspec

from kg.building.piece import Totals, encode_findings
from kg.building.recipe import Recipe
from kg.finding import SEVERITIES, Finding
from kg.layers import Entry, LayerFiles

__all__ = ["CHECKED", "OF_RECORDS", "GraphFiles", "Standing"]

#: What shapes say of a graph's records, a finding a line.
CHECKED = "validation.jsonl"
#: The layers that records are mapped to.
OF_RECORDS = ("registry", "derived", "links", "inferred")


class Standing(msgspec.Struct, frozen=True):
    """What must be known of a graph to change it: how it was made, and the sums over its records."""

    recipe: Recipe
    totals: bytes

    def encode(self) -> bytes:
        """For the index's end."""
        return msgspec.msgpack.encode(self)


class GraphFiles:
    """Writes the files of a new graph folder. Entries come in order: those of no trial, then trial by trial."""

    def __init__(self, folder: Path, *, validated: bool = False) -> None:
        self._stack = ExitStack()
        self._checked = self._stack.enter_context((folder / CHECKED).open("wb")) if validated else None
        #: What shapes say, by how bad it is; empty if they were not asked.
        self.checked: dict[str, int] = dict.fromkeys(SEVERITIES, 0) if validated else {}
        self._findings = self._stack.enter_context((folder / "findings.jsonl").open("wb"))
        self.layers = self._stack.enter_context(LayerFiles(folder, OF_RECORDS))
        #: What is found here: of records that others stand for.
        self.told = Totals()
        self.superseded = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.__exit__(kind, error, trace)

    def tell(self, findings: Iterable[Finding]) -> None:
        """Writes findings that belong to no record."""
        self._findings.write(encode_findings(findings, self.told.severities))

    def add_loose(self, entry: Entry) -> None:
        """Writes what was found in something that is no record of a trial."""
        self._findings.write(entry.findings)
        self.layers.note(entry)

    def add(self, others: Sequence[Entry], best: Entry, texts: Mapping[str, bytes]) -> None:
        """Writes one trial: the records that another stands for, and that one with its triples."""
        for entry in (*others, best):
            self._findings.write(entry.findings)
        for entry in others:
            self.superseded += 1
            self.tell([_duplicate(best.key, entry.source, best.source)])
            self.layers.note(entry)
        self.layers.add(best, texts)
        if self._checked is not None and best.checked:
            self._checked.write(best.checked)
            for line in best.checked.splitlines():
                self.checked[msgspec.json.decode(line, type=Finding).severity] += 1


def _duplicate(trial: str, source: str, by: str) -> Finding:
    return Finding(
        rule="superseded-record",
        message=f"another record of this trial is newer or in a better format: {by}",
        severity="info",
        trial=trial,
        source=source,
    )
