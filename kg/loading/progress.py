"""How far a load has come: beside the graph folder, so that a killed one goes on where it stopped."""

import os
from hashlib import sha256
from pathlib import Path

import msgspec

__all__ = ["Progress", "progress_file", "read_progress", "write_progress"]


class Progress(msgspec.Struct):
    """Which build is sent where, and how many lines of each graph the target has confirmed."""

    build: str
    target: str
    sent: dict[str, int]
    is_counted: bool = False


def progress_file(folder: Path, target: str) -> Path:
    """Where it stands: one file for each target."""
    folder = folder.resolve()
    return folder.with_name(f".{folder.name}.load-{sha256(target.encode()).hexdigest()[:12]}.json")


def read_progress(file: Path, build: str, target: str) -> Progress | None:
    """How far this build has come at this target; None if it was never begun."""
    try:
        progress = msgspec.json.decode(file.read_bytes(), type=Progress)
    except (FileNotFoundError, msgspec.DecodeError):
        return None
    return progress if (progress.build, progress.target) == (build, target) else None


def write_progress(file: Path, progress: Progress) -> None:
    """Notes it: whole or not at all."""
    beside = file.with_name(f"{file.name}.{os.getpid()}")
    beside.write_bytes(msgspec.json.encode(progress))
    beside.replace(file)
