"""Partitions: every record in one of them, whatever holds the records and wherever it is cut."""

import gzip
import json
import zipfile
from collections import Counter
from collections.abc import Callable, Iterable
from hashlib import sha256
from pathlib import Path

import msgspec
import pytest

from kg.readers import Outcome, iter_partition, partitions, plan_partitions, read_found, read_records
from kg.readers.directory import iter_members
from kg.readers.members import Member
from kg.readers.partitions import Partition


def records_of(examples: Path) -> list[bytes]:
    """The API's records of the examples, a line each."""
    paths = sorted((examples / "api-v2").glob("NCT*.json"))
    return [json.dumps(json.loads(path.read_bytes())).encode() for path in paths]


def _zip(path: Path, members: Iterable[tuple[str, bytes]], method: int = zipfile.ZIP_DEFLATED) -> Path:
    with zipfile.ZipFile(path, "w", method) as archive:
        archive.writestr("README.md", "no record")
        for name, data in members:
            archive.writestr(name, data)
    return path


def _written(path: Path, data: bytes) -> Path:
    path.write_bytes(data)
    return path


def _page(records: list[bytes]) -> bytes:
    return b'{"totalCount": 1, "studies": [' + b",\n".join(records) + b"]}"


def _named(records: list[bytes]) -> list[tuple[str, bytes]]:
    return [(f"{number}.json", record) for number, record in enumerate(records)]


Make = Callable[[Path, list[bytes]], Path]
CONTAINERS: dict[str, Make] = {
    "JSON lines": lambda folder, records: _written(folder / "a.jsonl", b"\n".join(records)),
    "JSON lines with empty ones": lambda folder, records: _written(folder / "a.json", b"\n\n".join(records) + b"\n"),
    "gzip of JSON lines": lambda folder, records: _written(folder / "a.jsonl.gz", gzip.compress(b"\n".join(records))),
    "page": lambda folder, records: _written(folder / "a.json", _page(records)),
    "page in UTF-16": lambda folder, records: _written(folder / "a.json", _page(records).decode().encode("utf-16")),
    "gzip of a page": lambda folder, records: _written(folder / "a.json.gz", gzip.compress(_page(records))),
    "zip": lambda folder, records: _zip(folder / "a.zip", _named(records)),
    "zip that does not pack": lambda folder, records: _zip(folder / "a.zip", _named(records), zipfile.ZIP_STORED),
    "zip that packs by LZMA": lambda folder, records: _zip(folder / "a.zip", _named(records), zipfile.ZIP_LZMA),
    "zip of JSON lines": lambda folder, records: _zip(folder / "a.zip", [("a.jsonl", b"\n".join(records))]),
    "zip of a page": lambda folder, records: _zip(folder / "a.zip", [("a.json", _page(records))]),
    "zip of a gzip": lambda folder, records: _zip(folder / "a.zip", [("a.json.gz", gzip.compress(records[0]))]),
    "zip of nothing": lambda folder, _: _zip(folder / "a.zip", []),
    "no record": lambda folder, _: _written(folder / "a.json", b'{"no": "study"}' * 9000),
}


def told(outcomes: Iterable[Outcome]) -> Counter[bytes]:
    """Trials and findings, however often."""
    return Counter(msgspec.json.encode([outcome.trial, outcome.findings], enc_hook=str) for outcome in outcomes)


def outcomes(planned: Iterable[Partition]) -> Iterable[Outcome]:
    """Every record of some partitions, after a journey to another process."""
    for partition in planned:
        arrived = msgspec.msgpack.decode(msgspec.msgpack.encode(partition), type=Partition)
        assert arrived.label()
        for found in iter_partition(arrived.part, sha256()):
            yield from read_found(found)


@pytest.mark.parametrize("size", [1, 100_000, 1 << 30])
@pytest.mark.parametrize("container", CONTAINERS)
def test_every_record_is_in_one_partition(
    container: str, size: int, examples: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Under the same name, with the same findings, as where the source is read as a whole."""
    monkeypatch.setattr(partitions, "_BYTES", size)
    monkeypatch.setattr(partitions, "_LARGE", size)
    source = CONTAINERS[container](tmp_path, records_of(examples))
    planned = list(plan_partitions([source]))
    expected = told(read_records([source]))
    if container == "zip of nothing":
        assert sum(1 for _ in outcomes(planned)) == 0
        return
    assert told(outcomes(planned)) == expected
    assert size > 1 or container in {"no record", "zip of a gzip"} or len(planned) >= len(records_of(examples))


@pytest.mark.parametrize("before", [b"", b"#!/bin/sh a program that unpacks itself"])
@pytest.mark.parametrize("comment", [b"", b"x" * 0xFFFF])
@pytest.mark.parametrize("force", ["", "wide"])
def test_directory_is_read_as_the_standard_library_reads_it(
    force: str, comment: bytes, before: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Names in any script, comments, archives behind something else, and sizes of eight bytes."""
    if force:
        # What is larger is written with eight bytes: of these members all, and their directory.
        monkeypatch.setattr(zipfile, "ZIP64_LIMIT", 10)
        monkeypatch.setattr(zipfile, "ZIP_FILECOUNT_LIMIT", 1)
    with (tmp_path / "a.zip").open("wb") as file:
        file.write(before)
        with zipfile.ZipFile(file, "w") as archive:
            archive.comment = comment
            for name in ("a.json", "ä/β.json", "folder/", "no extension"):
                info = zipfile.ZipInfo(name)
                info.comment = b"of a member"
                archive.writestr(info, name * 100)
    with (tmp_path / "a.zip").open("rb") as made, zipfile.ZipFile(made) as archive:
        expected = [
            Member(i.filename, i.header_offset, i.compress_size, i.file_size, i.CRC, i.compress_type, i.flag_bits)
            for i in archive.infolist()
        ]
        assert list(iter_members(made)) == expected


def test_archive_is_cut_though_it_is_small_on_disk(
    examples: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What counts is what has to be mapped."""
    monkeypatch.setattr(partitions, "_BYTES", 100_000)
    source = _zip(tmp_path / "a.zip", _named(records_of(examples) * 3))
    assert source.stat().st_size > 100_000 / 8
    planned = list(plan_partitions([source]))
    assert len(planned) > 3


def test_damaged_directory_is_told(examples: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A finding, never more."""
    monkeypatch.setattr(partitions, "_BYTES", 1000)
    source = _zip(tmp_path / "a.zip", _named(records_of(examples)[:3]))
    whole = source.read_bytes()
    with zipfile.ZipFile(source) as archive:
        start = archive.start_dir
    for damage in (whole[:start] + b"x" + whole[start + 1 :], whole[:-10] + b"\xff" * 4 + whole[-6:]):
        source.write_bytes(damage)
        said = list(outcomes(plan_partitions([source])))
        assert [[finding.rule for finding in outcome.findings] for outcome in said] == [["unreadable"]]


def test_folder_is_cut_between_files(examples: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Small files are taken together, up to so many bytes."""
    monkeypatch.setattr(partitions, "_BYTES", 200_000)
    planned = list(plan_partitions([examples]))
    assert 1 < len(planned) < 40
    assert told(outcomes(planned)) == told(read_records([examples]))
    total = sum(
        path.stat().st_size for path in examples.rglob("*") if path.suffix in {".json", ".xml", ".txt", ".html"}
    )
    assert sum(partition.weight for partition in planned) == total


def test_name_of_a_partition_changes_with_every_byte_and_name(examples: Path, tmp_path: Path) -> None:
    """Another record, another name of the file, another line: another hash."""
    records = records_of(examples)[:3]

    def name(source: Path) -> str:
        (partition,) = plan_partitions([source])
        hashed = sha256()
        iter_partition(partition.part, hashed)
        return hashed.hexdigest()

    for make in (_page, b"\n".join):
        names = {
            name(_written(tmp_path / "a.json", make(records))),
            name(_written(tmp_path / "b.json", make(records))),
            name(_written(tmp_path / "b.json", make(records[:2]))),
            name(_written(tmp_path / "b.json", make(records[::-1]))),
        }
        assert len(names) == 4
        assert name(_written(tmp_path / "a.json", make(records))) in names


@pytest.mark.parametrize("damage", ["flipped byte", "cut off", "no header", "encrypted"])
def test_damaged_member_is_told_and_the_others_are_read(
    damage: str, examples: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A finding that names it, as where the archive is read as a whole."""
    source = _zip(tmp_path / "a.zip", _named(records_of(examples)[:3]))
    data = bytearray(source.read_bytes())
    with zipfile.ZipFile(source) as archive:
        info = archive.getinfo("1.json")
        directory = archive.start_dir
    if damage == "flipped byte":
        data[info.header_offset + 300] ^= 255
    elif damage == "no header":
        data[info.header_offset] = 0
    elif damage == "encrypted":
        at = data.index(b"1.json", directory) - 46 + 8
        data[at] |= 1
        data[info.header_offset + 6] |= 1
    else:
        data[info.header_offset + 300 : directory] = bytes(directory - info.header_offset - 300)
    source.write_bytes(data)
    monkeypatch.setattr(partitions, "_BYTES", 1000)
    said = list(outcomes(plan_partitions([source])))
    bad = {f"{source}!1.json"} | ({f"{source}!2.json"} if damage == "cut off" else set())
    assert {f.source for o in said if o.trial is None for f in o.findings if f.rule == "unreadable"} == bad
    assert sum(outcome.trial is not None for outcome in said) == 3 - len(bad)
