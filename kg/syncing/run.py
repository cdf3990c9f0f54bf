"""One run of a sync: what has changed since the last one is fetched and kept, or all there is.

The day from which the next sync asks is one before that of the registry's data when this one began: days are its own
measure, in its own time zone, and a record that comes twice does no harm.
"""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import msgspec

from kg.errors import RegistryError, UsageError
from kg.finding import Finding
from kg.readers.registry import ask
from kg.syncing.fetching import Fetched, Progress, TokenForgottenError
from kg.syncing.kept import Kept, Run
from kg.syncing.pages import Pace

__all__ = ["SyncReport", "Syncing", "bind", "day_before"]


class SyncReport(msgspec.Struct, kw_only=True):
    """What a sync did: what it asked, what came, what the graph has now (`counts`; None if it stayed as it was).

    `changes` says what happened to how many trials. `resumed`: it went on with one that was broken off; `unchanged`:
    the registry's data are those of the last one.
    """

    graph: str
    records: str
    registry: str = ""
    query: dict[str, str] = {}
    since: str = ""
    next_since: str = ""
    resumed: bool = False
    unchanged: bool = False
    pages: int = 0
    unchanged_pages: int = 0
    studies: int = 0
    total: int | None = None
    findings: list[Finding] = []
    counts: dict[str, Any] | None = None
    changes: dict[str, int] = {}


def bind(kept: Kept, asked: dict[str, str], *, full: bool) -> None:
    """The records are those of the query: of the one that they are kept for if none is named.

    Raises:
        UsageError: if they are those of another query, and shall not be fetched anew.
    """
    bound = kept.state.query
    if kept.last and asked and asked != bound and not full:
        words = " and ".join(f"{name}={value}" for name, value in bound.items()) or "everything"
        remedy = "Name another folder, or begin anew with --full."
        raise UsageError("--query", f"the records in {kept.folder} are those of another query: {words}", remedy=remedy)
    if asked != bound and (asked or not kept.state.runs):
        # An unfinished run has asked for something else.
        kept.state.runs = [run for run in kept.state.runs if run.finished]
        kept.state.query = asked


class Syncing:
    """One sync of one folder, which is locked; `report` says what it did."""

    def __init__(self, kept: Kept, registry: str, pace: Pace, progress: Progress, report: SyncReport) -> None:
        self._kept, self._registry, self._pace, self._progress = kept, registry, pace, progress
        self._report = report

    def run(self, since: str, *, full: bool) -> None:
        """All that was asked for is on disk.

        Raises:
            RegistryError: if the registry does not give a page.
        """
        run = self._unfinished(since, full=full)
        self._report.resumed = run is not None
        if run is None:
            run = self._new(since, full=full)
            if not since and not full and self._has_all(run):
                self._report.since = self._report.next_since = run.since
                self._report.unchanged = True
                return
            self._kept.begin(run)
        try:
            fetched = self._fetch(run)
        except TokenForgottenError:
            run = msgspec.structs.replace(run)
            self._kept.begin(run)
            fetched = self._fetch_anew(run)
        self._end(run, fetched)

    def _unfinished(self, since: str, *, full: bool) -> Run | None:
        """The run to go on with, if it asked for the same."""
        for run in self._kept.state.runs:
            same = run.since == since if since else run.base or not full
            if not run.finished and run.registry == self._registry and same:
                return run
        return None

    def _new(self, since: str, *, full: bool) -> Run:
        version = self._data_version()
        next_since = day_before(version)
        start = "" if full else since
        last = self._kept.last
        # What an older query found is no base for what this one finds.
        if last and last.query == self._kept.state.query and not full:
            start = since or last.next_since
            if start > last.next_since:
                # In between nobody has asked: the next sync does, if it is not told otherwise.
                next_since, version = last.next_since, ""
        elif last:
            start = ""
        return Run(
            number=last.number + 1 if last else 1,
            registry=self._registry,
            query=self._kept.state.query,
            since=start,
            next_since=next_since,
            data_version=version,
            base=not start,
        )

    def _has_all(self, run: Run) -> bool:
        """Whether the registry's data are still those of the last sync."""
        last = self._kept.last
        return bool(last and run.data_version and last.data_version == run.data_version and run.since)

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
        self._kept.end(run, empty=not fetched.studies)
        report = self._report
        report.since, report.next_since = run.since, run.next_since
        report.pages, report.unchanged_pages = fetched.pages, fetched.unchanged
        report.studies, report.total = len(fetched.studies), fetched.total
        report.findings = fetched.findings


def day_before(version: str) -> str:
    """The day before that of a version of the registry's data, or before today if it names none."""
    today = datetime.now(UTC).date()
    try:
        made = min(today, date.fromisoformat(version[:10]))
    except ValueError:
        made = today
    return (made - timedelta(days=1)).isoformat()
