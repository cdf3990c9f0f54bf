"""The store of a graph folder as it stands at one moment: it stays whole when a new build takes the folder's place."""

import os
import shutil
from hashlib import sha256
from itertools import count
from pathlib import Path
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

    def drop(self) -> None:
        """Takes the snapshot away, unless it is the graph folder's own store."""
        if ".serving-" in self.store.name:
            shutil.rmtree(self.store, ignore_errors=True)


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
    target = folder.absolute().with_name(f".{folder.absolute().name}.serving-{os.getpid()}-{next(_NUMBERS)}")
    try:
        shutil.copytree(folder / "store", target, copy_function=os.link)
    except (OSError, shutil.Error):
        shutil.rmtree(target, ignore_errors=True)
        target = folder / "store"
    snapshot = Snapshot(target, mark, digest)
    if find_mark(folder) != mark:
        snapshot.drop()
        raise GraphError(str(folder), "a new build came while the graph was being opened", remedy="Try again.")
    return snapshot


def clear_snapshots(folder: Path) -> None:
    """Takes away what servers left that were killed."""
    folder = folder.absolute()
    for left in folder.parent.glob(f".{folder.name}.serving-*"):
        pid = left.name.split("-")[-2]
        if pid.isdigit() and not _is_running(int(pid)):
            shutil.rmtree(left, ignore_errors=True)


def _is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
