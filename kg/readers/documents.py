"""Files, folders, zips, gzips, JSON lines and NCT numbers -> documents, one in memory at a time.

Nothing is unpacked to disk; the record of an NCT number comes from the registry.
"""

import gzip
import os
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path

import msgspec

from kg.errors import SourceError
from kg.finding import Finding
from kg.readers.registry import fetch_study, study_number, study_url

__all__ = ["MAX_BYTES", "Document", "check_sources", "find_files", "iter_documents"]

#: A document larger than this is not read: the largest real record has 10 MB, results included.
MAX_BYTES = 256 * 1024 * 1024

#: What is looked at in a folder or zip; other files there (READMEs, checksums) are passed over.
SUFFIXES = (".json", ".jsonl", ".ndjson", ".xml", ".txt", ".html", ".htm", ".gz", ".zip")


class Document(msgspec.Struct, frozen=True):
    """Bytes to read records from, and what they are called in findings: `file`, `zip!member` or `file:line`."""

    name: str
    data: bytes


def check_sources(sources: Iterable[Path]) -> None:
    """Returns if every source is there, so that nothing is written before a name turns out to be wrong.

    Whether the registry has a study of a number is not asked here.

    Raises:
        SourceError: if a source does not exist.
    """
    for source in sources:
        if not source.exists() and study_number(source) is None:
            raise SourceError(str(source), "no such file or folder")


def iter_documents(sources: Iterable[Path]) -> Iterator[Document | Finding]:
    """Every document in the sources, folders and zips in the order of their names.

    Raises:
        SourceError: if a source does not exist.
        RegistryError: if the registry does not give the record of a number.
    """
    for source in sources:
        check_sources([source])
        number = study_number(source)
        if number is not None:
            yield _fetch(number)
            continue
        opened = 0
        for path in find_files(source):
            for document in _open(path):
                opened += 1
                yield document
        if not opened:
            yield _finding("no-records", str(source), "nothing here that could hold a record")


def _fetch(number: str) -> Document | Finding:
    body = fetch_study(number)
    if body is None:
        return _finding("not-in-registry", study_url(number), "the registry has no study of this number")
    return Document(study_url(number), body)


def find_files(source: Path) -> list[Path]:
    """The files of a source that are looked into, in order: a file is its own; a folder's by their suffixes.

    An NCT number has none. Hidden files are passed over, and so are graph folders of ours: a graph may stand among
    its records.
    """
    if not source.is_dir():
        return [] if study_number(source) else [source]
    found = []
    for folder, folders, names in os.walk(source):
        folders[:] = [name for name in folders if not name.startswith(".") and not _is_graph(Path(folder, name))]
        found += [Path(folder, name) for name in names if name.endswith(SUFFIXES) and not name.startswith(".")]
    return sorted(found)


def _is_graph(folder: Path) -> bool:
    return (folder / "manifest.json").is_file() and (folder / "layers").is_dir()


def _open(path: Path) -> Iterator[Document | Finding]:
    try:
        if zipfile.is_zipfile(path):
            yield from _open_zip(path)
        elif path.name.endswith((".jsonl", ".ndjson", ".jsonl.gz", ".ndjson.gz")):
            yield from _open_lines(path)
        else:
            yield _open_file(path)
    except (OSError, EOFError, zlib.error, zipfile.BadZipFile, NotImplementedError, RuntimeError) as error:
        # RuntimeError and NotImplementedError: encrypted members, unknown compression (documented by zipfile).
        yield _finding("unreadable", str(path), f"cannot be read: {error}")


def _finding(rule: str, source: str, message: str) -> Finding:
    return Finding(rule=rule, message=message, severity="violation", source=source)


def _open_file(path: Path) -> Document | Finding:
    if path.name.endswith(".gz"):
        with gzip.open(path) as stream:
            data = stream.read(MAX_BYTES + 1)
    else:
        with path.open("rb") as plain:
            data = plain.read(MAX_BYTES + 1)
    return _bounded(str(path), data)


def _bounded(name: str, data: bytes) -> Document | Finding:
    if len(data) > MAX_BYTES:
        return _finding("too-large", name, f"more than {MAX_BYTES:,} bytes in one document: not read")
    return Document(name, data)


def _open_lines(path: Path) -> Iterator[Document | Finding]:
    with gzip.open(path) if path.name.endswith(".gz") else path.open("rb") as stream:
        number = 0
        while line := stream.readline(MAX_BYTES + 1):
            number += 1
            if line.strip():
                yield _bounded(f"{path}:{number}", line)


def _open_zip(path: Path) -> Iterator[Document | Finding]:
    with zipfile.ZipFile(path) as archive:
        for member in sorted(archive.infolist(), key=lambda info: info.filename):
            name = f"{path}!{member.filename}"
            if member.is_dir() or not member.filename.lower().endswith(SUFFIXES):
                continue
            if member.filename.lower().endswith((".zip", ".gz")):
                yield _finding("nested-archive", name, "archives inside archives are not opened")
                continue
            with archive.open(member) as stream:
                yield _bounded(name, stream.read(MAX_BYTES + 1))
