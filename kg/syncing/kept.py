"""What has come from the registry, on disk beside the graph: run by run, page by page, each file whole or not there.

    graph.records/
        sync.state                 the query and the runs
        0001/page-00001.jsonl.gz   the records of a page, one a line
        0001/page-00001.note       what was asked, what the registry said, and which page is next

A page counts when its note is there, which is written last: who is killed in between asks for that page again.
"""

import errno
import gzip
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec

from kg.errors import GraphError, NotWritable
from kg.finding import Finding

__all__ = ["Kept", "Note", "Run", "State", "records_folder"]

_STATE = "sync.state"
#: What a write fails with where there is no room, or no more is allowed.
_NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
#: The pace at which pages are asked for leaves the time to pack them well.
_LEVEL = 6


class Run(msgspec.Struct, kw_only=True):
    """One sync: what was asked from when on, how it ended, and whether the graph has its records.

    `next_since` is the day from which on the next one has to ask. A `base` has all that the query finds, so that
    nothing before it counts; `zip` is the file in its folder that it came in, if it did not come in pages.
    """

    number: int
    registry: str = ""
    query: dict[str, str] = {}
    since: str = ""
    next_since: str = ""
    data_version: str = ""
    base: bool = False
    zip: str = ""
    finished: bool = False
    in_graph: bool = False

    @property
    def folder(self) -> str:
        """The name of its folder."""
        return f"{self.number:04d}"


class State(msgspec.Struct, kw_only=True):
    """The query that a folder of records is of, what its graph is linked with, and its runs, the oldest first."""

    query: dict[str, str] = {}
    linking: dict[str, list[str]] = {}
    runs: list[Run] = []


class Note(msgspec.Struct, kw_only=True):
    """What is known of a page: its address and validators, its records' numbers, the next one's token."""

    url: str
    token: str
    next_token: str
    etag: str = ""
    modified: str = ""
    total: int | None = None
    numbers: list[int] = []
    findings: list[Finding] = []


def records_folder(graph: Path) -> Path:
    """Where the records of a graph are kept: beside it, since the graph's folder is replaced whole."""
    return graph.with_name(f"{graph.name}.records")


class Kept:
    """The folder with the records of one graph.

    Raises:
        GraphError: if what is written there of its runs cannot be read.
    """

    def __init__(self, graph: Path) -> None:
        self.folder = records_folder(Path(os.path.abspath(graph)))  # noqa: PTH100 - links stay, `..` goes
        self.state = self._read_state()

    def _read_state(self) -> State:
        path = self.folder / _STATE
        try:
            return msgspec.json.decode(path.read_bytes(), type=State)
        except FileNotFoundError:
            return State()
        except ValueError as error:
            remedy = "Move the folder away, and sync anew."
            raise GraphError(str(path), f"cannot be read: {error}", remedy=remedy) from error

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Nobody else syncs this folder meanwhile.

        Raises:
            GraphError: if somebody does.
        """
        try:
            import fcntl
        except ImportError:  # no such locks on this system
            yield
            return
        self.folder.mkdir(parents=True, exist_ok=True)
        with (self.folder / "sync.lock").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError as error:
                raise GraphError(str(self.folder), "another sync is at work here", remedy="Wait for it.") from error
            self.state = self._read_state()
            yield

    def save(self) -> None:
        """What is known of the runs is on disk."""
        self.folder.mkdir(parents=True, exist_ok=True)
        _write(self.folder / _STATE, msgspec.json.format(msgspec.json.encode(self.state), indent=1) + b"\n")

    def begin(self, run: Run) -> None:
        """A run that nothing has come of; what an unfinished one left is taken away."""
        for old in [run for run in self.state.runs if not run.finished]:
            shutil.rmtree(self.folder / old.folder, ignore_errors=True)
        self.state.runs = [run for run in self.state.runs if run.finished]
        # Left by who was killed before the run was known.
        shutil.rmtree(self.folder / run.folder, ignore_errors=True)
        (self.folder / run.folder).mkdir(parents=True)
        self.state.runs.append(run)
        self.save()

    @property
    def last(self) -> Run | None:
        """The last run that is finished."""
        return next((run for run in reversed(self.state.runs) if run.finished), None)

    def end(self, run: Run, *, empty: bool) -> None:
        """The run is finished; one that brought nothing new is none, but for the day from which the next one asks."""
        run.finished = True
        before = [old for old in self.state.runs if old is not run]
        if empty and before and not run.base:
            before[-1].next_since, before[-1].data_version = run.next_since, run.data_version
            self.state.runs = before
        self.save()
        if run not in self.state.runs:
            shutil.rmtree(self.folder / run.folder, ignore_errors=True)

    def note(self, run: Run, number: int) -> Note:
        """What is known of a page."""
        path = self._page(run, number, "note")
        try:
            return msgspec.json.decode(path.read_bytes(), type=Note)
        except ValueError as error:
            remedy = "Move the folder away, and sync anew."
            raise GraphError(str(path), f"cannot be read: {error}", remedy=remedy) from error

    def notes(self, run: Run) -> Iterator[Note]:
        """What is known of each page of a run that is there, in order."""
        number = 1
        while self._page(run, number, "note").is_file():
            yield self.note(run, number)
            number += 1

    def keep(self, run: Run, number: int, lines: list[bytes], note: Note) -> None:
        """The page is on disk; if it has no records, only what is known of it."""
        self._page(run, number, "jsonl.gz").unlink(missing_ok=True)
        if lines:
            _write(self._page(run, number, "jsonl.gz"), gzip.compress(b"".join(lines), _LEVEL, mtime=0))
        _write(self._page(run, number, "note"), msgspec.json.encode(note))

    def keep_zip(self, run: Run, file: Path) -> None:
        """The zip is on disk as the run's records: a copy, for whoever gave it may write over it."""
        with _writing(self.folder / run.folder / run.zip) as beside:
            shutil.copyfile(file, beside)

    def keep_again(self, run: Run, number: int, old: tuple[Run, int], note: Note) -> None:
        """The page of an older run, which has not changed, is one of this run too."""
        if (file := self._page(*old, "jsonl.gz")).is_file():
            _place(file, self._page(run, number, "jsonl.gz"))
        _write(self._page(run, number, "note"), msgspec.json.encode(note))

    def sources(self) -> list[Path]:
        """The records that count, from the last base on."""
        return [source for run in self._split()[1] for source in self.sources_of(run)]

    def _split(self) -> tuple[list[Run], list[Run]]:
        """Finished runs that a later base has made superfluous, and those that count."""
        runs = [run for run in self.state.runs if run.finished]
        start = max((index for index, run in enumerate(runs) if run.base), default=0)
        return runs[:start], runs[start:]

    def sources_of(self, run: Run) -> list[Path]:
        """The records of one run."""
        if run.zip:
            return [self.folder / run.folder / run.zip]
        return sorted((self.folder / run.folder).glob("page-*.jsonl.gz"))

    def forget_superseded(self) -> None:
        """Only what counts is left on disk."""
        gone, _ = self._split()
        self.state.runs = [run for run in self.state.runs if run not in gone]
        self.save()
        for run in gone:
            shutil.rmtree(self.folder / run.folder, ignore_errors=True)

    def _page(self, run: Run, number: int, kind: str) -> Path:
        return self.folder / run.folder / f"page-{number:05d}.{kind}"


def _place(file: Path, target: Path) -> None:
    """The file stands under another name too: as a link where the disk can, else as a copy."""
    with _writing(target) as beside:
        try:
            beside.hardlink_to(file)
        except OSError:
            shutil.copyfile(file, beside)


def _write(path: Path, data: bytes) -> None:
    with _writing(path) as beside:
        beside.write_bytes(data)


@contextmanager
def _writing(path: Path) -> Iterator[Path]:
    """Another name for what is written: it gets its own when it is whole, and on the disk.

    Raises:
        NotWritable: if there is no room.
    """
    beside = _beside(path)
    beside.unlink(missing_ok=True)
    try:
        yield beside
        with beside.open("rb") as stream:
            os.fsync(stream.fileno())
        beside.replace(path)
    except OSError as error:
        beside.unlink(missing_ok=True)
        if error.errno not in _NO_ROOM:
            raise
        remedy = "What has come is kept: make room, and run it again."
        raise NotWritable(str(path), f"cannot be written: {error.strerror}", remedy=remedy) from error


def _beside(path: Path) -> Path:
    # Always the same name, since nobody else is at work: what a killed sync left there is overwritten.
    return path.with_name(f".{path.name}.part")
