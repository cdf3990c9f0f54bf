"""The store of a graph folder as it stands at one moment: it stays whole when a new build takes the folder's place."""

import os
import shutil
from contextlib import suppress
from hashlib import sha256
from itertools import count
from pathlib import Path
from secrets import token_hex
from typing import NamedTuple

from kg.errors import GraphError

__all__ = ["Mark", "Snapshot", "clear_snapshots", "find_mark", "take_snapshot"]


class Mark(NamedTuple):
    """What tells one build of a folder from the next: its manifest as a file."""

    inode: int
    changed_ns: int


class Snapshot(NamedTuple):
    """A store that nobody takes away, of which build it is, and the sha256 of that build's manifest."""

    store: Path
    mark: Mark
    digest: str
    #: By it others know that the folder is in use; None where the graph folder's own store serves.
    lock: "_Lock | None"

    def drop(self) -> None:
        """Takes the snapshot away, unless it is the graph folder's own store."""
        if self.lock is not None:
            shutil.rmtree(self.store, ignore_errors=True)
            self.lock.close()


class _Lock:
    """A folder's lock, the system's: it ends with the process, however that ends and wherever it runs."""

    def __init__(self, folder: Path) -> None:
        """Takes the lock.

        Raises:
            OSError: if another process has it, or there are no locks.
        """
        try:
            import fcntl
        except ImportError as error:  # Windows
            raise OSError("no locks here") from error
        self._open: int | None = os.open(folder, os.O_RDONLY)
        try:
            fcntl.flock(self._open, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            self.close()
            raise

    def close(self) -> None:
        """Gives the lock back."""
        if self._open is not None:
            os.close(self._open)
            self._open = None


def find_mark(folder: Path) -> Mark | None:
    """The build that stands in a folder now; None while there is none."""
    try:
        found = (folder / "manifest.json").stat()
    except OSError:
        return None
    return Mark(found.st_ino, found.st_mtime_ns)


_NUMBERS = count()


def take_snapshot(folder: Path) -> Snapshot:
    """Links the store's files into a hidden folder beside the graph's; where that cannot be, the store itself serves.

    Raises:
        GraphError: if no graph stands there.
    """
    mark = find_mark(folder)
    if mark is None or not (folder / "store").is_dir():
        raise GraphError(str(folder), "no graph here: there is no store", remedy="Build one with `kg build`.")
    digest = sha256((folder / "manifest.json").read_bytes()).hexdigest()
    name = f".{folder.absolute().name}.serving-{token_hex(4)}-{os.getpid()}-{next(_NUMBERS)}"
    target, lock = folder.absolute().with_name(name), None
    try:
        target.mkdir()
        lock = _Lock(target)
        shutil.copytree(folder / "store", target, copy_function=os.link, dirs_exist_ok=True)
    except (OSError, shutil.Error):
        shutil.rmtree(target, ignore_errors=True)
        if lock is not None:
            lock.close()
        target, lock = folder / "store", None
    snapshot = Snapshot(target, mark, digest, lock)
    if find_mark(folder) != mark:
        snapshot.drop()
        raise GraphError(str(folder), "a new build came while the graph was being opened", remedy="Try again.")
    return snapshot


def clear_snapshots(folder: Path) -> None:
    """Takes away what servers left that were killed."""
    folder = folder.absolute()
    for left in folder.parent.glob(f".{folder.name}.serving-*"):
        with suppress(OSError):
            lock = _Lock(left)
            shutil.rmtree(left, ignore_errors=True)
            lock.close()
