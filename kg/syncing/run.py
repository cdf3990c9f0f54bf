"""A graph that follows the registry: what has changed since the last sync is fetched, kept, and brought into the graph.

The day from which the next sync asks is one before that of the registry's data when this one began: days are its own
measure, in its own time zone, and a record that comes twice does no harm.
"""

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec

from kg.errors import RegistryError, UsageError
from kg.finding import Finding
from kg.readers.registry import ask, registry_url
from kg.syncing.fetching import Fetched, Progress, TokenForgottenError
from kg.syncing.kept import Kept, Run
from kg.syncing.pages import Pace
from kg.syncing.questions import parse_since, read_query

__all__ = ["PER_MINUTE", "SyncReport", "sync"]

#: Requests a minute: the registry bears some fifty from one address.
PER_MINUTE = 20.0


class SyncReport(msgspec.Struct, kw_only=True):
    """What a sync did: what it asked, what came, and what the graph has now (None if it stayed as it was)."""

    graph: str
    records: str
    registry: str = ""
    query: dict[str, str] = {}
    since: str = ""
    next_since: str = ""
    resumed: bool = False
    pages: int = 0
    unchanged_pages: int = 0
    studies: int = 0
    total: int | None = None
    findings: list[Finding] = []
    counts: dict[str, Any] | None = None


def sync(
    graph: Path,
    *,
    since: str | None = None,
    query: Iterable[str] = (),
    registry: str | None = None,
    full: bool = False,
    per_minute: float = PER_MINUTE,
    progress: Progress = lambda _have, _total: None,
) -> SyncReport:
    """The graph has what the registry has: all that the query finds, or what has changed since the last sync.

    A sync that was broken off goes on at the page where it stopped. `full` asks for everything again; what the registry
    has no more goes.

    Raises:
        UsageError: if the query is another than that of the records that are kept, or the day is none.
        RegistryError: if the registry does not give a page; what has come is kept.
        GraphError: if another sync is at work, or what is kept cannot be read.
    """
    asked = read_query(query)
    day = parse_since(since).isoformat() if since else None
    base = registry_url(registry)
    kept = Kept(graph)
    _check_graph(graph, kept)
    with kept.locked():
        _bind(kept, asked, full=full)
        syncing = _Syncing(kept, base, Pace(per_minute), progress)
        report = syncing.run(day, full=full)
        bring_in(graph, kept, report)
    return report


def _check_graph(graph: Path, kept: Kept) -> None:
    """The graph is of the records that are kept, or still to be built."""
    if any(run.in_graph for run in kept.state.runs) or not graph.exists():
        return
    if not graph.is_dir() or any(graph.iterdir()):
        remedy = f"Name a new folder, or move {kept.folder} back."
        raise UsageError(str(graph), "holds something that no sync has brought here", remedy=remedy)


def _bind(kept: Kept, asked: dict[str, str], *, full: bool) -> None:
    """The records are those of the query: of the one that they are kept for if none is named."""
    bound = kept.state.query
    if kept.state.runs and asked and asked != bound and not full:
        words = " and ".join(f"{name}={value}" for name, value in bound.items()) or "everything"
        remedy = "Name another folder, or begin anew with --full."
        raise UsageError("--query", f"the records in {kept.folder} are those of another query: {words}", remedy=remedy)
    if asked != bound and (asked or not kept.state.runs):
        # An unfinished run has asked for something else.
        kept.state.runs = [run for run in kept.state.runs if run.finished]
        kept.state.query = asked


class _Syncing:
    """One sync of one folder, which is locked."""

    def __init__(self, kept: Kept, registry: str, pace: Pace, progress: Progress) -> None:
        self._kept, self._registry, self._pace, self._progress = kept, registry, pace, progress
        self._report = SyncReport(graph="", records=str(kept.folder), registry=registry, query=kept.state.query)

    def run(self, since: str | None, *, full: bool) -> SyncReport:
        """What has come is on disk."""
        run = self._unfinished(since, full=full)
        self._report.resumed = run is not None
        if run is None:
            run = self._new(since, full=full)
            if since is None and not full and self._has_all(run):
                self._report.since, self._report.next_since = run.since, run.since
                return self._report
            self._kept.begin(run)
        try:
            fetched = self._fetch(run)
        except TokenForgottenError:
            run = msgspec.structs.replace(run)
            self._kept.begin(run)
            fetched = self._fetch_anew(run)
        self._end(run, fetched)
        return self._report

    def _unfinished(self, since: str | None, *, full: bool) -> Run | None:
        """The run to go on with, if it asked for the same."""
        for run in self._kept.state.runs:
            same = run.since == since if since else not full or run.base
            if not run.finished and run.registry == self._registry and same:
                return run
        return None

    def _new(self, since: str | None, *, full: bool) -> Run:
        finished = [run for run in self._kept.state.runs if run.finished]
        start = "" if full else since or (finished[-1].next_since if finished else "")
        version = self._data_version()
        return Run(
            number=finished[-1].number + 1 if finished else 1,
            registry=self._registry,
            since=start,
            next_since=_day_before(version),
            data_version=version,
            base=not start,
        )

    def _has_all(self, run: Run) -> bool:
        """Whether the registry's data are still those of the last sync."""
        last = [old for old in self._kept.state.runs if old.finished][-1:]
        return bool(run.data_version) and any(old.data_version == run.data_version for old in last)

    def _data_version(self) -> str:
        """When the registry's data were made, as it says itself; empty if it does not say."""
        self._pace.wait()
        answer = ask(f"{self._registry}/version", "version", "Try again later.", max_bytes=1 << 20, timeout_s=60.0)
        try:
            version = msgspec.json.decode(answer.body, type=dict[str, Any]).get("dataTimestamp")
        except ValueError:
            return ""
        return version if isinstance(version, str) else ""

    def _fetch(self, run: Run) -> Fetched:
        fetched = Fetched(self._kept, run)
        fetched.fetch(self._pace, self._progress)
        return fetched

    def _fetch_anew(self, run: Run) -> Fetched:
        try:
            return self._fetch(run)
        except TokenForgottenError as error:
            raise RegistryError(str(error), "the registry does not know the token that it just gave") from error

    def _end(self, run: Run, fetched: Fetched) -> None:
        if not fetched.is_whole():
            run.base, run.next_since, run.data_version = False, run.since, ""
        run.finished = True
        self._kept.save()
        report = self._report
        report.since, report.next_since = run.since, run.next_since
        report.pages, report.unchanged_pages = fetched.pages, fetched.unchanged
        report.studies, report.total = len(fetched.studies), fetched.total
        report.findings = fetched.findings


def _day_before(version: str) -> str:
    today = datetime.now(UTC).date()
    try:
        made = min(today, date.fromisoformat(version[:10]))
    except ValueError:
        made = today
    return (made - timedelta(days=1)).isoformat()


def bring_in(graph: Path, kept: Kept, report: SyncReport) -> None:
    """The graph has the records that are kept."""
    from kg.build import build_graph

    report.graph = str(graph)
    new = [run for run in kept.state.runs if run.finished and not run.in_graph]
    if not (graph / "manifest.json").is_file() or new:
        report.counts = build_graph(kept.sources(), graph).counts
        for run in new:
            run.in_graph = True
        kept.save()
    kept.forget_superseded()
