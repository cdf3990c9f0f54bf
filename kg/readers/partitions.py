"""Sources -> partitions: bounded pieces of input that any process can read, cut where the bytes say, not the workers.

Cutting needs no look at the records: a zip is cut by its directory, JSON lines at the first line end after so many
bytes, small files are taken together. What only one process can unpack (a large gzip) or split (a large page) is
unpacked or split here, and goes on as bytes.
"""

import gzip
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from io import BytesIO
from itertools import chain
from pathlib import Path
from typing import IO, Any, cast

import msgspec

from kg.errors import SourceError
from kg.finding import Finding
from kg.location import locate, open_bytes
from kg.readers import documents as docs
from kg.readers.directory import iter_members
from kg.readers.documents import Document, check_sources, fetch_document, find_files, open_stream
from kg.readers.members import Member, open_member, packed_bytes, unpack
from kg.readers.registry import study_number
from kg.readers.studies import decode_start, is_transcoded, split_studies

__all__ = ["Partition", "Studies", "iter_partition", "plan_partitions"]

#: Bytes of records in a partition. Smaller ones cost starting and merging, larger ones memory and balance.
_BYTES = 8 * 1024 * 1024
#: How much smaller records are when they are packed.
_PACKED = 8
#: A member of a zip that is larger is unpacked as a stream.
_LARGE = 64 * 1024 * 1024


class Studies(msgspec.Struct, frozen=True):
    """Studies of one page: their pointers within it, and their bytes."""

    name: str
    records: tuple[tuple[str, bytes], ...]
    transcoded: bool


class Files(msgspec.Struct, frozen=True, tag=True):
    """Whole files."""

    paths: tuple[str, ...]


class Members(msgspec.Struct, frozen=True, tag=True):
    """Members of a zip."""

    path: str
    members: tuple[Member, ...]


class Lines(msgspec.Struct, frozen=True, tag=True):
    """Lines of a file, the first with its number; `held` are their bytes, where they are not the file's own."""

    name: str
    first: int
    offset: int
    size: int
    held: bytes = b""


class Held(msgspec.Struct, frozen=True, tag=True):
    """What is here already."""

    documents: tuple[Document, ...] = ()
    studies: tuple[Studies, ...] = ()
    findings: tuple[Finding, ...] = ()


class Partition(msgspec.Struct, frozen=True):
    """A piece of input: the number of the source that it belongs to, and the bytes it takes on disk."""

    source: int
    weight: int
    part: Files | Members | Lines | Held

    def label(self) -> str:
        """What people call it."""
        match self.part:
            case Files(paths):
                return paths[0] if len(paths) == 1 else f"{paths[0]} to {paths[-1]}"
            case Members(path, members):
                return f"{path}!{members[0].name} to {members[-1].name}"
            case Lines(name, first):
                return f"{name}:{first}"
            case Held(documents, studies, findings):
                return next(
                    chain(
                        *([item.name for item in held] for held in (documents, studies)), (f.source for f in findings)
                    ),
                    "",
                )


def plan_partitions(sources: Sequence[Path]) -> Iterator[Partition]:
    """The partitions of all sources, in their order.

    Raises:
        SourceError: if a source does not exist.
        RegistryError: if the registry does not give the record of a number.
    """
    for number, source in enumerate(sources):
        check_sources([source])
        if study_number(source) is not None:
            fetched = fetch_document(source)
            part = Held(findings=(fetched,)) if isinstance(fetched, Finding) else Held((fetched,))
            yield Partition(number, 0, part)
        else:
            yield from _plan_files(number, find_files(source))


def _plan_files(number: int, paths: Iterable[Path]) -> Iterator[Partition]:
    small, held = list[str](), 0
    for path in paths:
        try:
            size = path.stat().st_size
        except OSError:
            # Whoever opens it will say what is wrong.
            size = 0
        if size > (_BYTES // _PACKED if path.name.endswith((".zip", ".gz")) else _BYTES):
            yield from (Partition(number, weight, part) for weight, part in _plan_large(path, size))
            continue
        if held + size > _BYTES and small:
            yield Partition(number, held, Files(tuple(small)))
            small, held = [], 0
        small.append(str(path))
        held += size
    if small:
        yield Partition(number, held, Files(tuple(small)))


def _plan_large(path: Path, size: int) -> Iterator[tuple[int, Any]]:
    """(bytes on disk, part) of one large file; what cannot be cut, for whatever reason, is one part."""
    try:
        with open_bytes(path) as stream:
            if zipfile.is_zipfile(stream):
                yield from _plan_zip(path)
                return
            stream.seek(0)
            if docs.is_gzip(stream):
                with gzip.open(stream) as unpacked:
                    yield from _plan_stream(str(path), cast("IO[bytes]", unpacked), size)
            elif docs.has_lines(str(path), stream):
                yield from _plan_lines(str(path), stream)
            else:
                yield from _plan_page(str(path), stream, size)
    except docs.DAMAGE as error:
        yield size, Held(findings=(docs.unreadable(str(path), error),))


def _plan_zip(path: Path) -> Iterator[tuple[int, Any]]:
    with open_bytes(path) as file:
        for group in _groups(member for member in iter_members(file) if docs.is_record(member.name)):
            weight = sum(member.packed for member in group)
            if group[0].size > _LARGE and not docs.is_archive(group[0].name):
                yield from _plan_member(path, group[0], weight)
            else:
                yield weight, Members(str(path), tuple(group))


def _plan_member(path: Path, member: Member, weight: int) -> Iterator[tuple[int, Any]]:
    name = f"{path}!{member.name}"
    try:
        with open_member(path, member) as stream:
            yield from _plan_stream(name, stream, weight)
    except docs.DAMAGE as error:
        yield 0, Held(findings=(docs.unreadable(name, error),))


def _groups(members: Iterable[Member]) -> Iterator[list[Member]]:
    group, held = list[Member](), 0
    for member in members:
        if held + member.size > _BYTES and group:
            yield group
            group, held = [], 0
        group.append(member)
        held += member.size
    if group:
        yield group


def _plan_stream(name: str, stream: IO[bytes], weight: int) -> Iterator[tuple[int, Any]]:
    """The parts of what has to be unpacked, with their bytes; the weight goes with the first."""
    if docs.has_lines(name, stream):
        for _, part in _plan_lines(name, stream, hold=True):
            yield weight, part
            weight = 0
    else:
        for _, part in _plan_page(name, stream, 0):
            yield weight, part
            weight = 0


def _plan_lines(name: str, stream: IO[bytes], *, hold: bool = False) -> Iterator[tuple[int, Any]]:
    first, offset, data = 1, 0, _whole_lines(stream)
    while data:
        following = _whole_lines(stream)
        if offset == 0 and not following and b"\n" not in data[:-1]:
            # One line is a document, not a list of one.
            yield len(data), Held((Document(name, data),))
        else:
            yield len(data), Lines(name, first, offset, len(data), data if hold else b"")
        first, offset, data = first + data.count(b"\n"), offset + len(data), following


def _whole_lines(stream: IO[bytes]) -> bytes:
    data = stream.read(_BYTES)
    return data + stream.readline(docs.MAX_BYTES + 1) if data and not data.endswith(b"\n") else data


def _plan_page(name: str, stream: IO[bytes], weight: int) -> Iterator[tuple[int, Any]]:
    """The studies of a page of the API, so many bytes of them at a time; any other document whole."""
    document = docs.bounded(name, stream.read(docs.MAX_BYTES + 1))
    if isinstance(document, Finding):
        yield weight, Held(findings=(document,))
        return
    try:
        page = decode_start(document.data[:4096]).lstrip()[:1] in {b"{", b"["}
        records = split_studies(document.data) if page else []
    except SourceError:
        records = []
    if len(records) < 2:  # noqa: PLR2004 - nothing to cut
        yield weight, Held((document,))
        return
    transcoded = is_transcoded(document.data)
    del document
    for group in _record_groups(records):
        yield weight, Held(studies=(Studies(name, tuple(group), transcoded),))
        weight = 0


def _record_groups(records: Iterable[tuple[str, bytes]]) -> Iterator[list[tuple[str, bytes]]]:
    group, held = list[tuple[str, bytes]](), 0
    for record in records:
        if held + len(record[1]) > _BYTES and group:
            yield group
            group, held = [], 0
        group.append(record)
        held += len(record[1])
    if group:
        yield group


def iter_partition(part: Any, told: Any) -> Iterator[Document | Studies | Finding]:
    """Everything in a part; `told` (a hash) first hears all the bytes that it is made of, in one go.

    What comes before the first item is read once, and is small.
    """
    match part:
        case Held(documents, studies, findings):
            told.update(msgspec.msgpack.encode(part))
            return iter((*documents, *studies, *findings))
        case Files(paths):
            return _read_files(paths, told)
        case Members(path, members):
            return _read_members(locate(path), members, told)
        case Lines(name, first, offset, size, held):
            return _read_lines(name, first, held or _slice(name, offset, size), told)
    raise TypeError(part)


def _slice(name: str, offset: int, size: int) -> bytes:
    with open_bytes(locate(name)) as stream:
        stream.seek(offset)
        return stream.read(size)


def _read_lines(name: str, first: int, data: bytes, told: Any) -> Iterator[Document | Finding]:
    told.update(f"{name}:{first}\n".encode("utf-8", "surrogateescape"))
    told.update(data)
    return docs.split_lines(name, BytesIO(data), first)


def _read_files(paths: Iterable[str], told: Any) -> Iterator[Document | Finding]:
    opened: list[tuple[str, bytes | OSError]] = []
    for path in paths:
        told.update(f"{path}\n".encode("utf-8", "surrogateescape"))
        try:
            data = locate(path).read_bytes()
            told.update(len(data).to_bytes(8, "big") + data)
            opened.append((path, data))
        except OSError as error:
            told.update(str(error).encode("utf-8", "surrogateescape"))
            opened.append((path, error))
    return _open_files(opened)


def _open_files(opened: Iterable[tuple[str, bytes | OSError]]) -> Iterator[Document | Finding]:
    for path, data in opened:
        if isinstance(data, OSError):
            yield docs.unreadable(path, data)
        else:
            yield from open_stream(path, BytesIO(data))


def _read_members(path: Path, members: Iterable[Member], told: Any) -> Iterator[Document | Finding]:
    packed: list[tuple[Member, bytes | Exception]] = []
    with open_bytes(path) as archive:
        for member in members:
            told.update(f"{path}!{member.name}\n{member.size}\n".encode("utf-8", "surrogateescape"))
            try:
                data = packed_bytes(archive, member)
                told.update(len(data).to_bytes(8, "big") + data)
                packed.append((member, data))
            except docs.DAMAGE as error:
                packed.append((member, error))
    return _open_members(path, packed)


def _open_members(path: Path, packed: Iterable[tuple[Member, bytes | Exception]]) -> Iterator[Document | Finding]:
    for member, data in packed:
        name = f"{path}!{member.name}"
        if docs.is_archive(member.name):
            yield docs.nested(name)
            continue
        try:
            if isinstance(data, Exception):
                raise data
            yield from docs.split(name, BytesIO(unpack(path, member, data)))
        except docs.DAMAGE as error:
            yield docs.unreadable(name, error)
