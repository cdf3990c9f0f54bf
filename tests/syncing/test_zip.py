"""The registry's zip of all studies is a base like any other: later syncs ask for what has changed since."""

import errno
import json
import shutil
import zipfile
from pathlib import Path
from typing import Any

import pytest

from kg.errors import NotWritable, SourceError, UsageError
from kg.syncing import bring_in, fetch_zip
from tests.commands import Kg
from tests.syncing.conftest import Sync
from tests.syncing.registry_server import Registry, study


def write_zip(file: Path, *studies: dict[str, Any], day: str = "2025-06-01") -> Path:
    """A zip as the registry makes it: a file a study, all with the day of the data."""
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for record in studies:
            number = record["protocolSection"]["identificationModule"]["nctId"]
            text = json.dumps(
                record | {"derivedSection": {"miscInfoModule": {"versionHolder": day}}} if day else record
            )
            archive.writestr(zipfile.ZipInfo(f"{number}.json", (2025, 5, 20, 1, 2, 4)), text)
    return file


def test_zip_is_the_base_and_later_syncs_ask_for_what_has_changed(
    syncing: Sync, registry: Registry, tmp_path: Path
) -> None:
    """From the day before that of its data on; the zip itself may go."""
    file = write_zip(tmp_path / "ctg-studies.json.zip", *registry.studies)
    report = bring_in(syncing.graph, fetch_zip(syncing.graph, file))
    assert (report.studies, report.next_since, registry.asked) == (5, "2025-05-31", [])
    file.unlink()
    registry.studies.append(study(6, "2025-06-02"))
    report = syncing()
    assert (report.since, report.studies) == ("2025-05-31", 1)
    assert report.counts is not None
    assert report.counts["trials"] == 6


def test_zip_without_a_day_is_of_the_day_it_was_packed(syncing: Sync, registry: Registry, tmp_path: Path) -> None:
    """Unless the user names one."""
    file = write_zip(tmp_path / "studies.zip", *registry.studies, day="")
    assert fetch_zip(syncing.graph, file).next_since == "2025-05-19"
    assert fetch_zip(syncing.graph, file, since="2025-04-01").next_since == "2025-04-01"
    registry.version = ""
    assert syncing().since == "2025-04-01"
    assert [path.name for path in syncing.records.iterdir() if path.is_dir()] == ["0002"]


def test_zip_that_is_written_over_leaves_the_base(syncing: Sync, registry: Registry, tmp_path: Path) -> None:
    """As a download under the same name does, which begins by emptying the file."""
    file = write_zip(tmp_path / "ctg-studies.json.zip", *registry.studies)
    fetch_zip(syncing.graph, file)
    with file.open("r+b") as stream:
        stream.truncate(0)
    report = syncing()
    assert report.counts is not None
    assert report.counts["trials"] == 5


def test_no_room_for_the_zip_is_told(
    syncing: Sync, registry: Registry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is as large as all records; the next sync begins where this one did."""

    def fill(_: Path, target: Path) -> None:
        target.write_bytes(b"half")
        raise OSError(errno.ENOSPC, "No space left on device")

    file = write_zip(tmp_path / "ctg-studies.json.zip", *registry.studies)
    with monkeypatch.context() as patched:
        patched.setattr(shutil, "copyfile", fill)
        with pytest.raises(NotWritable, match="No space left"):
            fetch_zip(syncing.graph, file)
    assert not list(syncing.records.rglob("*.part"))
    assert fetch_zip(syncing.graph, file).studies == 5


@pytest.mark.parametrize("content", [b"no zip", b""])
def test_file_that_is_no_zip_of_studies_is_refused(content: bytes, syncing: Sync, tmp_path: Path) -> None:
    """Nothing is left behind that a later sync would go on from."""
    file = tmp_path / "studies.zip"
    file.write_bytes(content)
    with pytest.raises(SourceError, match=r"studies\.zip"):
        fetch_zip(syncing.graph, file)
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("README", "no studies")
    with pytest.raises(SourceError, match="without studies"):
        fetch_zip(syncing.graph, file)
    assert syncing.fetch().studies == 5


def test_zip_is_not_mixed_with_the_records_of_a_query(syncing: Sync, registry: Registry, tmp_path: Path) -> None:
    """It has everything."""
    syncing.fetch(query=("trial",))
    with pytest.raises(UsageError, match="of a query"):
        fetch_zip(syncing.graph, write_zip(tmp_path / "studies.zip", *registry.studies))


def test_command_takes_a_zip_and_nothing_beside_it(syncing: Sync, registry: Registry, tmp_path: Path, kg: Kg) -> None:
    """A query would be passed over."""
    file = write_zip(tmp_path / "studies.zip", *registry.studies)
    assert kg("sync", syncing.graph, "--from-zip", file, "--query", "asthma").code == 2
    ended = kg("sync", syncing.graph, "--from-zip", file)
    assert ended.code == 0
    assert "5 trials in" in ended.out
    assert "changed since 2025-05-31" in ended.out
