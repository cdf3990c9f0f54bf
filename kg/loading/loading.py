"""The steps of a load: look whether there is room, send what is not sent yet, count."""

from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path

import msgspec

from kg.errors import GraphError
from kg.finding import Finding
from kg.folder import check_graph
from kg.loading.parts import Part, Source, build_identity
from kg.loading.progress import Progress, progress_file, read_progress, write_progress
from kg.loading.target import Target, check_iri
from kg.vocab import GRAPHS

__all__ = ["Loaded", "LoadedGraph", "load_graph"]

#: What the names of all graphs begin with.
_PREFIX = f"{GRAPHS['registry'].rpartition('/')[0]}/"


class LoadedGraph(msgspec.Struct, frozen=True):
    """A graph of the target (the default one if empty): triples that it should have, and has; lines sent this time."""

    graph: str
    expected: int
    found: int
    sent: int


class Loaded(msgspec.Struct, frozen=True):
    """What a load did: which build it sent, whether it went on with an earlier one, and what does not add up."""

    build: str
    resumed: bool
    graphs: tuple[LoadedGraph, ...]
    findings: tuple[Finding, ...]


class _Run:
    """One load of one folder."""

    def __init__(self, folder: Path, target: Target, prefix: str) -> None:
        self._folder = folder
        self._source = Source(folder)
        self._target = target
        self._prefix = prefix
        name = f"{target.name} {prefix}"
        self._file = progress_file(folder, name)
        build = build_identity(folder)
        found = read_progress(self._file, build, name)
        self.resumed = found is not None and not any(
            lines and target.is_empty(graph) for graph, lines in found.sent.items()
        )
        self.progress = found if found is not None and self.resumed else Progress(build, name, {})
        self._lines = dict.fromkeys(map(self._graph, self._source.parts), 0)

    def _graph(self, part: Part) -> str:
        """What the part is called at the target; the default graph as the endpoint's address calls it."""
        if not part.name:
            return self._target.default_graph
        return f"{self._prefix}{part.name.removeprefix(_PREFIX)}" if self._prefix else part.name

    def make_room(self, *, replace: bool) -> None:
        """Sees to it that the graphs are empty.

        Raises:
            GraphError: if one is not, and may not be emptied.
        """
        for graph in self._lines:
            if not self._target.is_empty(graph):
                if not replace:
                    raise GraphError(
                        graph or "the default graph",
                        "holds triples already, and not from a load of this build",
                        remedy="Empty it with --replace, or fill others: see --graph-prefix and --endpoint.",
                    )
                self._target.clear(graph)
        self.progress.sent.update(dict.fromkeys(self._lines, 0))
        self.progress.is_counted = False
        write_progress(self._file, self.progress)

    def send(self, show: Callable[[int], None]) -> None:
        """Sends what the target has not confirmed yet."""
        passed = 0
        for part in self._source.parts:
            graph = self._graph(part)
            done = self.progress.sent.get(graph, 0)
            lines = islice(self._source.lines(part), done, None)
            passed += done
            for batch in self._batches(lines):
                self._target.insert(graph, batch)
                self._lines[graph] += len(batch)
                self.progress.sent[graph] = done + self._lines[graph]
                write_progress(self._file, self.progress)
                show(passed + self._lines[graph])
            passed += self._lines[graph]

    def _batches(self, lines: Iterator[str]) -> Iterator[list[str]]:
        # Anew for each: the target may have turned out to take less.
        while batch := list(islice(lines, self._target.batch)):
            yield batch

    def count(self) -> tuple[LoadedGraph, ...]:
        """What each graph has now; if that is what it should have, the load is done.

        Raises:
            GraphError: if another graph stands in the folder by now.
        """
        if build_identity(self._folder) != self.progress.build:
            self._file.unlink(missing_ok=True)
            remedy = "What the store has is of two builds: send it anew with --replace."
            raise GraphError(str(self._folder), "was built anew while it was sent", remedy=remedy)
        counted = tuple(
            LoadedGraph(graph, self._source.count(part), self._target.count(graph), self._lines[graph])
            for part in self._source.parts
            for graph in (self._graph(part),)
        )
        self.progress.is_counted = all(graph.found == graph.expected for graph in counted)
        if self.progress.is_counted:
            write_progress(self._file, self.progress)
        else:
            # What was confirmed is not there: it can only be sent anew.
            self._file.unlink(missing_ok=True)
        return counted


def load_graph(
    folder: Path,
    target: Target,
    *,
    graph_prefix: str = "",
    replace: bool = False,
    show: Callable[[int], None] = lambda _: None,
) -> Loaded:
    """Sends a graph folder to a store, and counts there what has come; a killed load goes on where it stopped.

    `graph_prefix` is what the names of graphs begin with in the store; `replace` allows to empty them first. `show`
    gets the number of lines that are sent.

    Raises:
        UsageError: if the prefix begins no IRI.
        GraphError: if the folder is no graph, or a graph of the store is not empty and may not be emptied.
        EndpointError: if the store does not take it.
    """
    check_graph(folder)
    if graph_prefix:
        check_iri("--graph-prefix", graph_prefix)
    run = _Run(folder, target, graph_prefix)
    counted: tuple[LoadedGraph, ...] = ()
    if run.progress.is_counted:
        counted = run.count()
    if not run.progress.is_counted:
        if counted or not run.resumed:
            run.make_room(replace=replace)
        run.send(show)
        counted = run.count()
    findings = tuple(_difference(graph) for graph in counted if graph.found != graph.expected)
    return Loaded(run.progress.build, run.resumed, counted, findings)


def _difference(graph: LoadedGraph) -> Finding:
    return Finding(
        rule="load-count",
        message=f"the store has {graph.found:,} triples where the folder has {graph.expected:,}: send with --replace",
        severity="violation",
        source=graph.graph or "the default graph",
    )
