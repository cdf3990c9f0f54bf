"""A JSON document -> the bytes of each study in it: one study, a list of them, or a page `{"studies": […]}`.

Two faults of encoding are mended, since else every study of the document would be lost with them: UTF-16 and UTF-32,
and halves of surrogate pairs that stand alone, which JSON can spell and Unicode text cannot hold.
"""

import codecs
import re

import msgspec

from kg.errors import SourceError

__all__ = ["REPLACED", "decode_start", "find_break", "is_transcoded", "split_studies"]

#: Longest marks first: that of UTF-32 begins like that of UTF-16.
_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
#: What stands in a record for half of a surrogate pair.
REPLACED = rb"\ufffd"
_ESCAPE = re.compile(
    rb"\\(?:u[dD][89aAbB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|(u[dD][89a-fA-F][0-9a-fA-F]{2})|.)"
)


def decode_start(data: bytes) -> bytes:
    """Bytes in UTF-16 or UTF-32, as their mark says, in UTF-8; others as they are, without the mark of UTF-8."""
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return data.decode(encoding, errors="replace").encode()
    return data.removeprefix(codecs.BOM_UTF8)


def is_transcoded(data: bytes) -> bool:
    """Whether the bytes are in UTF-16 or UTF-32, as their mark says."""
    return data.startswith(tuple(mark for mark, _ in _MARKS))


_BYTE = re.compile(r"\(byte (\d+)\)")


def find_break(data: bytes, message: str) -> str:
    """The place, as `line N`, at which a decoder gave up; empty if neither the data nor its message tells."""
    data = decode_start(data)
    try:
        data.decode()
    except UnicodeDecodeError as error:
        offset = error.start
    else:
        match = _BYTE.search(message)
        if match is None:
            return ""
        offset = int(match[1])
    line = data.count(b"\n", 0, offset) + 1
    return f"line {line}"


class _Page(msgspec.Struct):
    """One page of the API's answer; each study keeps its bytes."""

    studies: list[msgspec.Raw]


def split_studies(data: bytes) -> list[tuple[str, bytes]]:
    """(pointer within the document, bytes) of each study; the pointer is empty where the document is the study.

    Raises:
        SourceError: if the document is no JSON.
    """
    data = decode_start(data)
    try:
        return _split(data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        mended = _ESCAPE.sub(lambda match: REPLACED if match[1] else match[0], data)
        if mended != data:
            return split_studies(mended)
        raise SourceError("JSON", f"cannot be read: {error}") from error


def _split(data: bytes) -> list[tuple[str, bytes]]:
    try:
        if data.lstrip()[:1] == b"[":
            studies, pointer = msgspec.json.decode(data, type=list[msgspec.Raw]), "#"
        else:
            studies, pointer = msgspec.json.decode(data, type=_Page).studies, "#/studies"
    except msgspec.ValidationError:
        return [("", data)]
    return [(f"{pointer}/{index}", bytes(study)) for index, study in enumerate(studies)]
