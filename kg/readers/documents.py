"""Files, folders, zips, gzips, JSON lines and NCT numbers -> documents, one in memory at a time.

Nothing is unpacked to disk; the record of an NCT number comes from the registry.
"""

import codecs
import gzip
import os
import re
import zipfile
import zlib
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path
from typing import IO, cast

import msgspec

from kg.errors import SourceError
from kg.finding import Finding
from kg.location import is_remote, open_bytes
from kg.readers.registry import fetch_study, study_number, study_url

__all__ = [
    "DAMAGE",
    "MAX_BYTES",
    "Document",
    "bounded",
    "check_sources",
    "fetch_document",
    "find_documents",
    "find_files",
    "has_lines",
    "is_archive",
    "is_gzip",
    "is_record",
    "iter_documents",
    "nested",
    "nothing_here",
    "open_stream",
    "split",
    "split_lines",
    "unreadable",
]

#: A document larger than this is not read: the largest real record has 10 MB, results included.
MAX_BYTES = 256 * 1024 * 1024
_LINE = re.compile(r":\d+$")

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
        if not _exists(source) and study_number(source) is None:
            raise SourceError(str(source), "no such file or folder")


def _exists(source: Path) -> bool:
    try:
        return source.exists()
    except Exception as error:
        # A service elsewhere has errors of its own.
        if not is_remote(source):
            raise
        raise SourceError(str(source), f"cannot be reached: {' '.join(str(error).split())}") from error


def iter_documents(sources: Iterable[Path]) -> Iterator[Document | Finding]:
    """Every document in the sources, folders and zips in the order of their names.

    Raises:
        SourceError: if a source does not exist.
        RegistryError: if the registry does not give the record of a number.
    """
    for source in sources:
        check_sources([source])
        if study_number(source) is not None:
            yield fetch_document(source)
            continue
        opened = 0
        for path in find_files(source):
            for document in _open(path):
                opened += 1
                yield document
        if not opened:
            yield nothing_here(source)


def nothing_here(source: Path) -> Finding:
    """Says of a source that nothing in it was opened."""
    return _finding("no-records", str(source), "nothing here that could hold a record")


def find_documents(path: Path, names: Collection[str]) -> Iterator[Document]:
    """The documents of one file that are called so; of a zip only their members are opened."""
    members = {name.partition("!")[2] for name in names}
    # A member's name may be followed by the number of a line.
    for document in _open(path, members | {_LINE.sub("", name) for name in members}):
        if isinstance(document, Document) and document.name in names:
            yield document


def fetch_document(source: Path) -> Document | Finding:
    """The registry's record of a source that is an NCT number.

    Raises:
        RegistryError: if the registry does not give it.
    """
    number = study_number(source) or ""
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
    for folder, folders, names in _walk(source):
        folders[:] = [name for name in folders if not name.startswith(".") and not _is_graph(folder / name)]
        found += [folder / name for name in names if name.endswith(SUFFIXES) and not name.startswith(".")]
    return sorted(found)


def _walk(source: Path) -> Iterator[tuple[Path, list[str], list[str]]]:
    if is_remote(source):
        yield from source.walk()  # type: ignore[attr-defined]
        return
    for folder, folders, names in os.walk(source):
        yield Path(folder), folders, names


def _is_graph(folder: Path) -> bool:
    return (folder / "manifest.json").is_file() and (folder / "layers").is_dir()


#: What damaged files and members raise; RuntimeError and NotImplementedError: encryption, compression that is unknown.
DAMAGE = (OSError, EOFError, zlib.error, zipfile.BadZipFile, NotImplementedError, RuntimeError)


def _open(path: Path, members: Collection[str] = ()) -> Iterator[Document | Finding]:
    """The documents of a file; of a zip those of `members`, or of all if none is named."""
    try:
        with open_bytes(path) as stream:
            yield from open_stream(str(path), stream, members)
    except OSError as error:
        yield unreadable(str(path), error)


def open_stream(name: str, stream: IO[bytes], members: Collection[str] = ()) -> Iterator[Document | Finding]:
    """The documents of a file that is open, or in memory; of a zip those of `members`, or of all if none is named."""
    try:
        if zipfile.is_zipfile(stream):
            yield from _open_zip(name, stream, members)
            return
        stream.seek(0)
        if is_gzip(stream):
            with gzip.open(stream) as unpacked:
                yield from split(name, cast("IO[bytes]", unpacked))
        else:
            yield from split(name, stream)
    except DAMAGE as error:
        yield unreadable(name, error)


def is_gzip(stream: IO[bytes]) -> bool:
    """Whether a stream, which stays at its beginning, is one of gzip."""
    start = stream.read(2)
    stream.seek(0)
    return start == b"\x1f\x8b"


def unreadable(name: str, error: Exception) -> Finding:
    """Says of a file or member that it is damaged, and how."""
    return _finding("unreadable", name, f"cannot be read: {error}")


def nested(name: str) -> Finding:
    """Says of a member that it is left closed."""
    return _finding("nested-archive", name, "archives inside archives are not opened")


def _finding(rule: str, source: str, message: str) -> Finding:
    return Finding(rule=rule, message=message, severity="violation", source=source)


def split(name: str, stream: IO[bytes]) -> Iterator[Document | Finding]:
    """The lines of JSON lines; else the whole as one document."""
    if has_lines(name, stream):
        yield from split_lines(name, stream)
    else:
        yield bounded(name, stream.read(MAX_BYTES + 1))


def has_lines(name: str, stream: IO[bytes]) -> bool:
    """Whether a stream, which stays at its beginning, is of JSON lines: by the name, or by its first line."""
    if name.removesuffix(".gz").endswith((".jsonl", ".ndjson")):
        return True
    found = _is_study_line(stream.readline(MAX_BYTES + 1))
    stream.seek(0)
    return found


def split_lines(name: str, stream: IO[bytes], first: int | None = None) -> Iterator[Document | Finding]:
    """Each line of JSON lines, under its number; `first` is that of the first, where others stand before or after."""
    number = first or 1
    held = stream.readline(MAX_BYTES + 1)
    while line := stream.readline(MAX_BYTES + 1):
        if held.strip():
            yield bounded(f"{name}:{number}", held)
        number, held = number + 1, line
    # A study in one line is a document, not a list of one.
    alone = first is None and number == 1
    if held.strip() or alone:
        yield bounded(name if alone else f"{name}:{number}", held)


def _is_study_line(line: bytes) -> bool:
    """Whether a line is one whole JSON object."""
    line = line.removeprefix(codecs.BOM_UTF8)
    if not (line.startswith(b"{") and line.rstrip().endswith(b"}")):
        return False
    try:
        msgspec.json.decode(line, type=msgspec.Raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return False
    return True


def bounded(name: str, data: bytes) -> Document | Finding:
    """A document, unless it is too large to be one."""
    if len(data) > MAX_BYTES:
        return _finding("too-large", name, f"more than {MAX_BYTES:,} bytes in one document: not read")
    return Document(name, data)


def is_record(name: str) -> bool:
    """Whether a member of a zip, which may be a folder, is looked at."""
    return name.lower().endswith(SUFFIXES)


def is_archive(name: str) -> bool:
    """Whether a member is one more archive, by its name."""
    return name.lower().endswith((".zip", ".gz"))


def _open_zip(path: str, stream: IO[bytes], members: Collection[str]) -> Iterator[Document | Finding]:
    with zipfile.ZipFile(stream) as archive:
        records = (member for member in archive.infolist() if is_record(member.filename))
        for member in sorted(records, key=lambda info: info.filename):
            name = f"{path}!{member.filename}"
            if members and member.filename not in members:
                continue
            if is_archive(member.filename):
                yield nested(name)
                continue
            try:
                with archive.open(member) as opened:
                    yield from split(name, opened)
            except DAMAGE as error:
                yield unreadable(name, error)
