"""Members of a zip, read by where they lie: whoever knows that needs no directory of the archive, which may be long."""

import zipfile
import zlib
from pathlib import Path
from typing import IO

import msgspec

from kg.location import is_remote, open_bytes

__all__ = ["Member", "open_member", "packed_bytes", "unpack"]

#: Bytes of a local header before the member's name (section 4.3.7 of the format's APPNOTE).
_HEADER = 30
_ENCRYPTED = 0x1


class Member(msgspec.Struct, frozen=True, array_like=True):
    """Where a member of an archive lies, and what its directory says of it."""

    name: str
    offset: int
    packed: int
    size: int
    crc: int
    method: int
    flags: int


def packed_bytes(archive: IO[bytes], member: Member) -> bytes:
    """The bytes of a member as the archive holds them.

    Raises:
        BadZipFile: if no member begins there.
    """
    archive.seek(member.offset)
    header = archive.read(_HEADER)
    if not header.startswith(b"PK\x03\x04") or len(header) < _HEADER:
        raise zipfile.BadZipFile("Bad magic number for file header")
    archive.seek(int.from_bytes(header[26:28], "little") + int.from_bytes(header[28:30], "little"), 1)
    return archive.read(member.packed)


def unpack(archive: Path, member: Member, packed: bytes) -> bytes:
    """The content of a member.

    Raises:
        BadZipFile: if it is damaged.
        zlib.error: if it is damaged.
        RuntimeError: if it is encrypted.
    """
    plain = not member.flags & _ENCRYPTED
    if plain and member.method == zipfile.ZIP_STORED:
        data = packed
    elif plain and member.method == zipfile.ZIP_DEFLATED:
        # One byte more than there should be: what unpacks to more is damaged, and need not fill the memory.
        data = zlib.decompressobj(-15).decompress(packed, member.size + 1)
    else:
        with open_member(archive, member) as stream:
            return stream.read()
    if len(data) != member.size or zlib.crc32(data) != member.crc:
        raise zipfile.BadZipFile(f"Bad CRC-32 for file {member.name!r}")
    return data


def open_member(archive: Path, member: Member) -> IO[bytes]:
    """A member as a stream, by the directory: for those that are large, or packed in a rare way.

    Raises:
        BadZipFile: if it is damaged.
    """
    opened = zipfile.ZipFile(open_bytes(archive) if is_remote(archive) else archive)
    stream = opened.open(next(info for info in opened.infolist() if info.header_offset == member.offset))
    # The archive's file stays open for as long as a member is.
    opened.close()
    return stream
