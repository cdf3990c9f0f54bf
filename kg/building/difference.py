"""What an update takes from a store, and brings to it: as files of triples, since it may be much.

The store's default graph is the union of all layers and trials. A triple about something that trials share, such as a
sponsor's name, goes only when nobody says it any more.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Self

__all__ = ["Difference"]

#: Graph -> its layers; the default graph has those of all records.
_GRAPHS: dict[str, tuple[str, ...]] = {
    "": ("registry", "derived", "links", "inferred"),
    "derived": ("derived",),
    "links": ("links",),
}


#: Which of some lines stand somewhere.
Find = Callable[[set[str]], set[str]]


class Difference:
    """Collects the differences of trials, and of lines that belong to none."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._stack = ExitStack()
        self._files = {
            (graph, kind): self._stack.enter_context(self.path(graph, kind).open("w", encoding="utf-8"))
            for graph in (*_GRAPHS, "metadata")
            for kind in ("removed", "added")
        }
        self._shared_removed: dict[str, None] = {}
        self._shared_added: dict[str, None] = {}
        #: By how many quads the store grows.
        self.growth = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    def path(self, graph: str, kind: str) -> Path:
        """The file of what is removed from, or added to, a graph (a layer, or nothing for the default one)."""
        return self._folder / f".{graph or 'all'}-{kind}.nt"

    def note(self, trial: str, old: Mapping[str, str], new: Mapping[str, str]) -> None:
        """Notes what a trial said by layer, and what it says."""
        for graph, layers in _GRAPHS.items():
            removed, added = _differ(*(_lines(texts, layers) for texts in (old, new)))
            if not graph:
                self._shared_removed |= dict.fromkeys(line for line in removed if not _is_of(line, trial))
                self._shared_added |= dict.fromkeys(line for line in added if not _is_of(line, trial))
                removed, added = (lines & {line for line in lines if _is_of(line, trial)} for lines in (removed, added))
            self._write(graph, removed, added)

    def note_statements(self, graph: str, old: Iterable[str], new: Iterable[str]) -> None:
        """Notes what a layer that is in a graph of its own says beside the trials."""
        removed, added = _differ(set(old), set(new))
        self._write(graph, removed, added)
        self._write("", removed, added)

    def note_concepts(self, old: Iterable[str], new: Iterable[str], find_said: Find, find_stored: Find) -> None:
        """Notes what was and is said of concepts, which the ontology layer may say, too."""
        removed, added = _differ(set(old), set(new))
        self._write("", removed - find_said(removed), added - find_stored(added))

    def settle(self, find_said: Find, find_stored: Find) -> None:
        """Decides about what trials share: which of what was removed others say still, which was said before."""
        removed = {line for line in self._shared_removed if line not in self._shared_added}
        added = {line for line in self._shared_added if line not in self._shared_removed}
        self._write("", removed - find_said(removed), added - find_stored(added))

    def _write(self, graph: str, removed: set[str], added: set[str]) -> None:
        self.growth += len(added) - len(removed)
        self._files[graph, "removed"].writelines(sorted(removed))
        self._files[graph, "added"].writelines(sorted(added))

    def changes(self) -> Iterator[tuple[str, Path, Path]]:
        """(graph, file of what goes, file of what comes), once all is noted."""
        self._stack.close()
        for graph in (*_GRAPHS, "metadata"):
            yield graph, self.path(graph, "removed"), self.path(graph, "added")


def _differ(old: set[str], new: set[str]) -> tuple[set[str], set[str]]:
    return old - new, new - old


def _lines(texts: Mapping[str, str], layers: Iterable[str]) -> set[str]:
    # Of all that Unicode calls the end of a line, only this one is not within a literal.
    return {f"{line}\n" for layer in layers for line in texts.get(layer, "").split("\n")[:-1]}


def _is_of(line: str, trial: str) -> bool:
    """Whether the subject is the trial, its record, or one of its parts."""
    return trial in line[: line.find(">")]
