"""Inputs behind URLs are read as files are: the same documents, the same partitions, from any file system of fsspec."""

import gzip
import zipfile
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import pytest

from kg.errors import SourceError, UsageError
from kg.location import is_remote, locate
from kg.readers import iter_partition, plan_partitions, read_records

pytest.importorskip("upath")


@pytest.fixture
def elsewhere() -> Iterator[Path]:
    """A folder in fsspec's memory."""
    folder = locate("memory://records")
    folder.mkdir(parents=True, exist_ok=True)
    yield folder
    folder.rmdir()


def _fill(folder: Path, examples: Path) -> None:
    """A zip, a gzip, JSON lines and a file of the examples' records, some a folder down; and what is not looked at."""
    records = sorted(examples.rglob("*.json"))[:6]
    below = folder / "below"
    below.mkdir()
    with (folder / "some.zip").open("wb") as file, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for record in records[:2]:
            archive.writestr(record.name, record.read_bytes())
    (below / "one.json.gz").write_bytes(gzip.compress(records[2].read_bytes(), mtime=0))
    (below / "more.jsonl").write_bytes(b"".join(b"".join(r.read_bytes().splitlines()) + b"\n" for r in records[3:5]))
    (below / "last.json").write_bytes(records[5].read_bytes())
    (below / ".hidden.json").write_bytes(b"{")
    (below / "notes.md").write_bytes(b"nothing")


def test_what_lies_elsewhere_gives_the_same_trials(elsewhere: Path, examples: Path, tmp_path: Path) -> None:
    """A folder behind a URL gives the trials and findings of the same folder here."""
    _fill(tmp_path, examples)
    _fill(elsewhere, examples)
    here, there = list(read_records([tmp_path])), list(read_records([elsewhere]))
    assert len([outcome for outcome in here if outcome.trial]) == 6
    assert [outcome.trial.record.sha256 for outcome in here if outcome.trial] == [
        outcome.trial.record.sha256 for outcome in there if outcome.trial
    ]
    assert [outcome.trial.record.source for outcome in there if outcome.trial][-1] == "memory://records/some.zip!" + (
        sorted(examples.rglob("*.json"))[1].name
    )


def test_partitions_elsewhere_are_read_by_their_names(
    elsewhere: Path, examples: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Partitions of a large zip and of large JSON lines are opened again from what they say of themselves."""
    monkeypatch.setattr("kg.readers.partitions._BYTES", 3_000)
    _fill(elsewhere, examples)
    partitions = list(plan_partitions([elsewhere]))
    assert len(partitions) > 2
    found = [item for partition in partitions for item in iter_partition(partition.part, sha256())]
    assert len(found) == 6


@pytest.mark.parametrize(
    ("name", "error"),
    [("nothing-known://a/b", UsageError), ("memory://records/none.json", SourceError)],
)
def test_what_cannot_be_had_is_told(name: str, error: type[Exception]) -> None:
    """A scheme that nobody knows, and a file that is not there, are errors for people."""
    with pytest.raises(error, match=name.rpartition("/")[2]):
        list(read_records([locate(name)]))


def test_paths_stay_paths() -> None:
    """What is no URL is a path of this machine, whatever is in its name."""
    for name in ("a.json", "/a/b.json", "C:/a.json", "NCT01079767", "a:b"):
        assert not is_remote(locate(name))
        assert locate(name) == Path(name)
