"""The directory of a zip, read entry by entry: of a registry's half a million members a list takes half a gigabyte.

The format: section 4.3 of its APPNOTE (https://support.pkware.com/pkzip/appnote).
"""

import struct
from collections.abc import Iterator
from typing import IO
from zipfile import BadZipFile

from kg.readers.members import Member

__all__ = ["iter_members"]

_END, _END64, _LOCATOR = struct.Struct("<4s4H2LH"), struct.Struct("<4sQ2H2L4Q"), struct.Struct("<4sLQL")
_ENTRY = struct.Struct("<4s4B4H3L5H2L")
_EXTRA, _WIDE = struct.Struct("<2H"), struct.Struct("<Q")
#: The longest comment that may follow the end of a directory.
_COMMENT = 0xFFFF
#: What stands in a field of four bytes for a value that needs eight.
_TOO_LARGE = 0xFFFFFFFF
#: What stands before the values of eight bytes among an entry's extra fields.
_ID64 = 1
_UTF8 = 0x800


def iter_members(archive: IO[bytes]) -> Iterator[Member]:
    """The members of an archive in the order of its directory, which is mostly that in which they lie.

    Raises:
        BadZipFile: if it has no directory, or a damaged one.
    """
    at, end, before = _find_directory(archive)
    if at < 0:
        raise BadZipFile("Corrupt zip: the directory is larger than the file")
    archive.seek(at)
    while at < end:
        head = archive.read(_ENTRY.size)
        if len(head) < _ENTRY.size or not head.startswith(b"PK\x01\x02"):
            raise BadZipFile("Bad magic number for central directory")
        *_, flags, method, _, _, crc, packed, size = _ENTRY.unpack(head)[:12]
        name_size, extra_size, note_size, *_, offset = _ENTRY.unpack(head)[12:]
        name = archive.read(name_size).decode("utf-8" if flags & _UTF8 else "cp437", "replace")
        sizes = _widen((size, packed, offset), archive.read(extra_size))
        archive.read(note_size)
        yield Member(name.partition("\0")[0], sizes[2] + before, sizes[1], sizes[0], crc, method, flags)
        at += _ENTRY.size + name_size + extra_size + note_size


def _find_directory(archive: IO[bytes]) -> tuple[int, int, int]:
    """(where the directory begins, where it ends, bytes that stand before the archive, which its offsets leave out)."""
    length = archive.seek(0, 2)
    start = max(0, length - _END.size - _COMMENT)
    archive.seek(start)
    tail = archive.read()
    found = tail.rfind(b"PK\x05\x06")
    if found < 0 or len(tail) - found < _END.size:
        raise BadZipFile("File is not a zip file")
    end = start + found
    *_, size, offset, _ = _END.unpack_from(tail, found)
    archive.seek(max(0, end - _LOCATOR.size))
    locator = archive.read(_LOCATOR.size)
    if locator.startswith(b"PK\x06\x07"):
        end -= _LOCATOR.size + _END64.size
        archive.seek(max(0, end))
        record = archive.read(_END64.size)
        if not record.startswith(b"PK\x06\x06") or len(record) < _END64.size:
            raise BadZipFile("Corrupt zip: no end of a directory where one should be")
        *_, size, offset = _END64.unpack(record)
    return end - size, end, end - size - offset


def _widen(values: tuple[int, ...], extra: bytes) -> list[int]:
    """The values, of which those that four bytes cannot hold stand among the extra fields."""
    wide, at = b"", 0
    while at + _EXTRA.size <= len(extra):
        kind, size = _EXTRA.unpack_from(extra, at)
        if kind == _ID64:
            wide = extra[at + _EXTRA.size : at + _EXTRA.size + size]
        at += _EXTRA.size + size
    widened = []
    for value in values:
        if value == _TOO_LARGE and len(wide) >= _WIDE.size:
            widened.append(_WIDE.unpack_from(wide)[0])
            wide = wide[_WIDE.size :]
        else:
            widened.append(value)
    return widened
