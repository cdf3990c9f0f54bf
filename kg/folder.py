"""A folder is replaced whole or not at all: the new one is made beside it and takes its place at the end."""

import errno
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from kg.errors import GraphError, NotWritable, UsageError

__all__ = ["check_graph", "keeping_pieces", "replacing", "uploading"]

#: What every graph folder has.
_MANIFEST = "manifest.json"
#: What a write fails with where there is no room, or no more is allowed.
_NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


@contextmanager
def replacing(out: Path, mark: str = _MANIFEST, kind: str = "graph folder") -> Iterator[Path]:
    """A new folder that takes the place of `out` when the block ends; if it ends by an error, or dies, `out` stays.

    So it does if the block takes the new folder away. Only one process does this at a time. A file of the name `mark`
    tells folders of that kind from others, which are not replaced.

    Raises:
        UsageError: if `out` is a folder of something else.
        NotWritable: if another process is at it, or there is no room.
    """
    out.parent.mkdir(parents=True, exist_ok=True)
    with _locked(out):
        # Whoever left something here is not at work any more: the lock is ours.
        _clear(out)
        _check_target(out, mark, kind)
        beside = out.with_name(f".{out.name}.building-{os.getpid()}")
        beside.mkdir()
        try:
            yield beside
            if beside.exists():
                _save(beside)
                _swap(beside, out)
                shutil.rmtree(_pieces(out), ignore_errors=True)
        except OSError as error:
            if error.errno not in _NO_ROOM:
                raise
            kept = "What was there stays as it was; make room, and run the same command again."
            raise NotWritable(str(out), f"cannot be written: {error.strerror}", remedy=kept) from error
        finally:
            shutil.rmtree(beside, ignore_errors=True)


@contextmanager
def uploading(out: Path) -> Iterator[Path]:
    """A folder here whose files go to `out`, a folder elsewhere, when the block ends by no error.

    No store of objects swaps folders: the manifest goes last, so that there is no graph until it is whole, and a graph
    that is there is never written over.

    Raises:
        UsageError: if there is a graph already.
    """
    if (out / _MANIFEST).exists():
        raise UsageError(str(out), "there is a graph here", remedy="Name another folder, such as one a release.")
    with TemporaryDirectory(prefix="trialgraph-") as folder:
        here = Path(folder) / "graph"
        yield here
        files = sorted((path for path in here.rglob("*") if path.is_file()), key=lambda path: path.name == _MANIFEST)
        for path in files:
            with path.open("rb") as source, (out / path.relative_to(here).as_posix()).open("wb") as target:
                shutil.copyfileobj(source, target, 1 << 20)


@contextmanager
def keeping_pieces(out: Path, recipe: str) -> Iterator[Path]:
    """A folder beside `out` for what builds of one recipe finish on the way.

    What is in it stays for the next build to go on with, until `replacing` has put a whole folder into the place of
    `out`. What was made by another recipe is of no use, and goes at once.
    """
    kept = _pieces(out)
    for other in kept.glob("*"):
        if other.name != recipe:
            shutil.rmtree(other, ignore_errors=True)
    folder = kept / recipe
    folder.mkdir(parents=True, exist_ok=True)
    for left in folder.glob(".*"):
        left.unlink(missing_ok=True)  # whoever writes it may be about to give it its name
    try:
        yield folder
    finally:
        for empty in (folder, kept):
            with suppress(OSError):
                empty.rmdir()


def _pieces(out: Path) -> Path:
    return out.with_name(f".{out.name}.pieces")


def check_graph(folder: Path) -> None:
    """Whether a folder is a graph's, with its layers; brings back one that a killed build had just set aside.

    Raises:
        GraphError: if it is none.
    """
    if any(_left(folder)):
        # Where somebody is at work it is not to be cleared; where we may not write it cannot be.
        with suppress(GraphError, OSError), _locked(folder):
            _clear(folder)
    if not (folder / _MANIFEST).is_file() or not (folder / "layers").is_dir():
        missing = _MANIFEST if not (folder / _MANIFEST).is_file() else "layers"
        raise GraphError(str(folder), f"no graph here: there is no {missing}", remedy="Build one with `kg build`.")


def _check_target(out: Path, mark: str, kind: str) -> None:
    if out.exists() and not (out / mark).is_file() and (not out.is_dir() or any(out.iterdir())):
        raise UsageError(
            str(out), f"not empty, and no {kind}", remedy="Name a new folder: this one would be overwritten."
        )


@contextmanager
def _locked(out: Path) -> Iterator[None]:
    """Nobody else replaces `out` meanwhile. The lock is the system's: it ends with the process, however that ends."""
    path = out.with_name(f".{out.name}.lock")
    try:
        import fcntl
    except ImportError:  # Windows, where nobody is kept out
        yield
        return
    while True:
        with path.open("a+", encoding="utf-8") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                file.seek(0)
                holder = file.read().strip() or "another process"
                remedy = "Wait for it to end, or end it."
                raise NotWritable(str(out), f"is being written by {holder}", remedy=remedy) from None
            if not _is_at(path, file.fileno()):
                continue  # whoever held it has just taken the file away
            file.truncate(0)
            file.write(f"process {os.getpid()} since {datetime.now().astimezone():%Y-%m-%d %H:%M:%S}\n")
            file.flush()
            try:
                yield
            finally:
                path.unlink(missing_ok=True)
            return


def _is_at(path: Path, file: int) -> bool:
    try:
        return os.path.samestat(path.stat(), os.fstat(file))
    except FileNotFoundError:
        return False


def _left(out: Path) -> Iterator[Path]:
    """What stands beside `out` while somebody is at it, or was killed at it: first what was set aside."""
    for kind in ("old", "building"):
        found = sorted(out.parent.glob(f".{out.name}.{kind}-*"))
        yield from (path for path in found if path.name.rpartition("-")[2].isdigit())


def _clear(out: Path) -> None:
    """Takes away what killed runs left beside `out`; a folder that one had just set aside comes back."""
    for left in _left(out):
        if ".old-" in left.name and not out.exists():
            left.rename(out)
        else:
            shutil.rmtree(left, ignore_errors=True)


def _save(folder: Path) -> None:
    """What was written is on the disk before the old folder goes, should the power fail."""
    for path in (*folder.rglob("*"), folder):
        _sync(path)


def _sync(path: Path) -> None:
    with suppress(PermissionError):
        handle = os.open(path, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _swap(new: Path, out: Path) -> None:
    old = out.with_name(f".{out.name}.old-{os.getpid()}")
    if out.exists() and _exchange(new, out):
        new.rename(old)
    else:
        _set_aside(new, out, old)
    _sync(out.parent)
    shutil.rmtree(old, ignore_errors=True)


def _set_aside(new: Path, out: Path, old: Path) -> None:
    if out.exists():
        out.rename(old)
    try:
        new.rename(out)
    except OSError:
        if old.exists():
            old.rename(out)
        raise


#: The flag by which Linux exchanges two names in one step, and the folder that relative names are of.
_EXCHANGE, _HERE = 2, -100


def _exchange(new: Path, out: Path) -> bool:
    """Exchanges two folders in one step, so that there is no moment without a graph; False where that cannot be."""
    import ctypes

    try:
        rename = ctypes.CDLL(None, use_errno=True).renameat2
    except (OSError, AttributeError):
        return False
    return bool(rename(_HERE, os.fsencode(new), _HERE, os.fsencode(out), _EXCHANGE) == 0)
