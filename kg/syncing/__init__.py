"""A graph that follows the registry: its records fetched page by page, kept beside the graph, and brought into it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec

from kg.errors import UsageError
from kg.readers.registry import registry_url
from kg.syncing.fetching import Progress
from kg.syncing.into_graph import Building, build_kept, check_graph
from kg.syncing.kept import Kept, records_folder
from kg.syncing.pages import Pace
from kg.syncing.questions import AREAS, parse_since, read_query
from kg.syncing.run import Syncing, SyncReport, bind
from kg.syncing.zipped import take_zip

__all__ = [
    "AREAS",
    "PER_MINUTE",
    "Building",
    "SyncReport",
    "Wish",
    "bring_in",
    "fetch",
    "fetch_zip",
    "records_folder",
    "sync",
]

#: Requests a minute: one page in three seconds is little for a registry, and all of it is there in half an hour.
PER_MINUTE = 20.0


class Wish(msgspec.Struct, frozen=True, kw_only=True):
    """What is wanted of a registry: studies that have changed `since` a day (of the last sync if it is empty).

    `query` are its search expressions; none: those of earlier syncs of the folder. `full` asks for everything again;
    what the registry has no more goes. `registry` is where the API stands, unless it is the usual place.
    """

    since: str = ""
    query: tuple[str, ...] = ()
    registry: str = ""
    full: bool = False
    per_minute: float = PER_MINUTE


def fetch(graph: Path, wish: Wish | None = None, *, progress: Progress = lambda _have, _total: None) -> SyncReport:
    """The records beside the graph are what the registry has; the graph stays as it is: the next sync brings them in.

    Raises:
        UsageError: if the query is another than that of the records that are kept, or the day is none.
        RegistryError: if the registry does not give a page; what has come is kept.
        GraphError: if another sync is at work, or what is kept cannot be read.
    """
    with _opened(graph) as (kept, report):
        _fetch(kept, wish or Wish(), progress, report)
    return report


def fetch_zip(graph: Path, file: Path, *, since: str = "") -> SyncReport:
    """The records beside the graph are those of the registry's zip, and no others; the next sync brings them in.

    `since` is the day of the zip, if it shall not be read from its records: later syncs ask for what has changed since.

    Raises:
        SourceError: if the file is no zip of studies.
        UsageError: if the records that are kept are those of a query, or the day is none.
        GraphError: if another sync is at work, or what is kept cannot be read.
    """
    day = parse_since(since)
    with _opened(graph) as (kept, report):
        if kept.state.query:
            raise UsageError("--from-zip", f"the zip has everything, and the records in {kept.folder} are of a query")
        take_zip(kept, file, day, report)
    return report


def bring_in(graph: Path, report: SyncReport, building: Building | None = None) -> SyncReport:
    """The graph has the records that are kept beside it; the report says what the graph has now.

    Raises:
        UsageError: if something else is there.
        GraphError: if another sync is at work, or what is kept cannot be read.
    """
    with _opened(graph) as (kept, _):
        brought = build_kept(graph, kept, building or Building())
    if brought is None:
        return report
    told = [*report.findings, *brought.findings]
    return msgspec.structs.replace(report, counts=brought.counts, changes=brought.changes, findings=told)


def sync(
    graph: Path,
    wish: Wish | None = None,
    building: Building | None = None,
    *,
    progress: Progress = lambda _have, _total: None,
) -> SyncReport:
    """The graph has what the registry has: at first all that the query finds, then what has changed.

    A sync that was broken off goes on at the page where it stopped.

    Raises:
        UsageError: if the query is another than that of the records that are kept, or the day is none.
        RegistryError: if the registry does not give a page; what has come is kept.
        GraphError: if another sync is at work, or what is kept cannot be read.
    """
    return bring_in(graph, fetch(graph, wish, progress=progress), building)


@contextmanager
def _opened(graph: Path) -> Iterator[tuple[Kept, SyncReport]]:
    """The records of a graph, which nobody else syncs meanwhile."""
    kept = Kept(graph)
    check_graph(graph, kept)
    with kept.locked():
        yield kept, SyncReport(graph=str(graph), records=str(kept.folder))


def _fetch(kept: Kept, wish: Wish, progress: Progress, report: SyncReport) -> None:
    asked, day, registry = read_query(wish.query), parse_since(wish.since), registry_url(wish.registry)
    if day and wish.full:
        raise UsageError("--full, --since", "name one of them", got="both")
    bind(kept, asked, full=wish.full)
    report.registry, report.query = registry, kept.state.query
    Syncing(kept, registry, Pace(wish.per_minute), progress, report).run(day, full=wish.full)
