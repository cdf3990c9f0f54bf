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
from kg.readers.registry import fetch_study, study_number, study_url

__all__ = ["MAX_BYTES", "Document", "check_sources", "find_documents", "find_files", "iter_documents"]

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


def find_documents(path: Path, names: Collection[str]) -> Iterator[Document]:
    """The documents of one file that are called so; of a zip only their members are opened."""
    members = {name.partition("!")[2] for name in names}
    # A member's name may be followed by the number of a line.
    for document in _open(path, members | {_LINE.sub("", name) for name in members}):
        if isinstance(document, Document) and document.name in names:
            yield document


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


#: What damaged files and members raise; RuntimeError and NotImplementedError: encryption, compression that is unknown.
_DAMAGE = (OSError, EOFError, zlib.error, zipfile.BadZipFile, NotImplementedError, RuntimeError)


def _open(path: Path, members: Collection[str] = ()) -> Iterator[Document | Finding]:
    """The documents of a file; of a zip those of `members`, or of all if none is named."""
    try:
        if zipfile.is_zipfile(path):
            yield from _open_zip(path, members)
        else:
            with path.open("rb") as plain:
                if not _is_gzip(plain):
                    yield from _split(str(path), plain)
                    return
                with gzip.open(plain) as unpacked:
                    yield from _split(str(path), cast("IO[bytes]", unpacked))
    except _DAMAGE as error:
        yield _finding("unreadable", str(path), f"cannot be read: {error}")


def _is_gzip(stream: IO[bytes]) -> bool:
    start = stream.read(2)
    stream.seek(0)
    return start == b"\x1f\x8b"


def _finding(rule: str, source: str, message: str) -> Finding:
    return Finding(rule=rule, message=message, severity="violation", source=source)


def _split(name: str, stream: IO[bytes]) -> Iterator[Document | Finding]:
    """The lines of JSON lines, which are told from the name or their first line; else the whole as one document."""
    first = stream.readline(MAX_BYTES + 1)
    if name.removesuffix(".gz").endswith((".jsonl", ".ndjson")) or _is_study_line(first):
        yield from _split_lines(name, first, stream)
    elif len(first) > MAX_BYTES:
        yield _bounded(name, first)
    else:
        # Not held twice: the first line may be nearly all.
        del first
        stream.seek(0)
        yield _bounded(name, stream.read(MAX_BYTES + 1))


def _split_lines(name: str, first: bytes, stream: IO[bytes]) -> Iterator[Document | Finding]:
    number, held = 1, first
    while line := stream.readline(MAX_BYTES + 1):
        if held.strip():
            yield _bounded(f"{name}:{number}", held)
        number, held = number + 1, line
    # A study in one line is a document, not a list of one.
    if held.strip() or number == 1:
        yield _bounded(name if number == 1 else f"{name}:{number}", held)


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


def _bounded(name: str, data: bytes) -> Document | Finding:
    if len(data) > MAX_BYTES:
        return _finding("too-large", name, f"more than {MAX_BYTES:,} bytes in one document: not read")
    return Document(name, data)


def _open_zip(path: Path, members: Collection[str]) -> Iterator[Document | Finding]:
    with zipfile.ZipFile(path) as archive:
        for member in sorted(archive.infolist(), key=lambda info: info.filename):
            name = f"{path}!{member.filename}"
            if member.is_dir() or not member.filename.lower().endswith(SUFFIXES):
                continue
            if members and member.filename not in members:
                continue
            if member.filename.lower().endswith((".zip", ".gz")):
                yield _finding("nested-archive", name, "archives inside archives are not opened")
                continue
            try:
                with archive.open(member) as stream:
                    yield from _split(name, stream)
            except _DAMAGE as error:
                yield _finding("unreadable", name, f"cannot be read: {error}")
