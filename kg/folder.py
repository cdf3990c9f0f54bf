"""A graph's folder is replaced whole or not at all: the new one is made beside it and takes its place at the end."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from kg.errors import GraphError, UsageError

__all__ = ["check_graph", "clear_leftovers", "keeping_pieces", "replacing"]

#: What every graph folder has.
_MANIFEST = "manifest.json"


@contextmanager
def replacing(out: Path) -> Iterator[Path]:
    """A new folder that takes the place of `out` when the block ends; if it ends by an error, or dies, `out` stays.

    So it does if the block takes the new folder away.

    Raises:
        UsageError: if `out` is a folder of something else.
    """
    clear_leftovers(out)
    _check_target(out)
    beside = out.with_name(f".{out.name}.building-{os.getpid()}")
    beside.mkdir(parents=True)
    try:
        yield beside
        if beside.exists():
            _swap(beside, out)
    finally:
        shutil.rmtree(beside, ignore_errors=True)


@contextmanager
def keeping_pieces(out: Path, recipe: str) -> Iterator[Path]:
    """A folder beside `out` for what builds of one recipe finish on the way.

    It stays if the block ends by an error, or dies, for the next build to go on with; else it is taken away. What was
    made by another recipe is of no use, and goes at once.
    """
    kept = out.with_name(f".{out.name}.pieces")
    for other in kept.glob("*"):
        if other.name != recipe:
            shutil.rmtree(other, ignore_errors=True)
    folder = kept / recipe
    folder.mkdir(parents=True, exist_ok=True)
    for left in folder.glob(".*"):
        left.unlink()
    yield folder
    shutil.rmtree(kept, ignore_errors=True)


def check_graph(folder: Path) -> None:
    """Whether a folder is a graph's, with its layers; brings back one that a killed build had just set aside.

    Raises:
        GraphError: if it is none.
    """
    clear_leftovers(folder)
    if not (folder / _MANIFEST).is_file() or not (folder / "layers").is_dir():
        missing = _MANIFEST if not (folder / _MANIFEST).is_file() else "layers"
        raise GraphError(str(folder), f"no graph here: there is no {missing}", remedy="Build one with `kg build`.")


def _check_target(out: Path) -> None:
    if out.exists() and not (out / _MANIFEST).is_file() and (not out.is_dir() or any(out.iterdir())):
        raise UsageError(
            str(out), "not empty, and no graph folder", remedy="Name a new folder: this one would be overwritten."
        )


def clear_leftovers(out: Path) -> None:
    """Takes away what killed runs left beside `out`; a graph that one had just set aside comes back."""
    for kind in ("old", "building"):
        for left in sorted(out.parent.glob(f".{out.name}.{kind}-*")):
            pid = left.name.rpartition("-")[2]
            if pid.isdigit() and not _is_running(int(pid)):
                if kind == "old" and not out.exists():
                    left.rename(out)
                else:
                    shutil.rmtree(left, ignore_errors=True)


def _is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _swap(new: Path, out: Path) -> None:
    old = out.with_name(f".{out.name}.old-{os.getpid()}")
    if out.exists():
        out.rename(old)
    try:
        new.rename(out)
    except OSError:
        if old.exists():
            old.rename(out)
        raise
    shutil.rmtree(old, ignore_errors=True)
