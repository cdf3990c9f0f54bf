"""The registry's own zip of all studies as the base from which syncs go on: no page has to be asked for."""

import zipfile
import zlib
from datetime import date
from pathlib import Path

import msgspec

from kg.errors import SourceError
from kg.syncing.kept import Kept, Run
from kg.syncing.run import SyncReport, day_before

__all__ = ["take_zip"]

#: So many members are asked of when they are; the registry writes one date into all.
_SAMPLE = 100


class _Info(msgspec.Struct):
    versionHolder: str = ""  # noqa: N815 - the registry's name


class _Derived(msgspec.Struct):
    miscInfoModule: _Info = msgspec.field(default_factory=_Info)  # noqa: N815


class _Study(msgspec.Struct):
    """Where a record says of which day the registry's data are."""

    derivedSection: _Derived = msgspec.field(default_factory=_Derived)  # noqa: N815


def take_zip(kept: Kept, file: Path, since: str, report: SyncReport) -> None:
    """The zip is kept as the base of the records; the next sync asks from `since` on, or from the day of its data.

    Raises:
        SourceError: if it is no zip of studies.
    """
    names = _studies(file)
    last = kept.last
    run = Run(
        number=last.number + 1 if last else 1,
        query=kept.state.query,
        next_since=since or day_before(_day_of_data(file, names)),
        base=True,
        zip="studies.json.zip",
    )
    kept.begin(run)
    kept.keep_zip(run, file)
    kept.end(run, empty=False)
    report.next_since, report.studies, report.total = run.next_since, len(names), len(names)


def _studies(file: Path) -> list[str]:
    """The members that are studies."""
    try:
        with zipfile.ZipFile(file) as archive:
            names = sorted(name for name in archive.namelist() if name.endswith(".json"))
    except (OSError, zipfile.BadZipFile) as error:
        raise SourceError(str(file), f"no zip that can be read: {error}") from error
    if not names:
        raise SourceError(str(file), "a zip without studies", expected="the registry's zip of JSON, one file a study")
    return names


def _day_of_data(file: Path, names: list[str]) -> str:
    """The earliest day that studies of the zip name, or the latest on which a file was put into it."""
    days, packed = [], []
    with zipfile.ZipFile(file) as archive:
        for name in names[:: max(1, len(names) // _SAMPLE)]:
            year, month, day, *_ = archive.getinfo(name).date_time
            packed.append(f"{year:04d}-{month:02d}-{day:02d}")
            try:
                text = msgspec.json.decode(archive.read(name), type=_Study).derivedSection.miscInfoModule.versionHolder
                days.append(date.fromisoformat(text).isoformat())
            except (ValueError, RuntimeError, OSError, EOFError, zlib.error, zipfile.BadZipFile):
                continue  # told by the build, as of any broken record
    return min(days, default="") or min(packed)
