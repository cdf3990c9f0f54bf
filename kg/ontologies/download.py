"""One file from one address, however often the connection breaks.

What has come stands in `FILE.part`, with the server's validator beside it: a later attempt, in this run or in another,
asks for the rest on condition that the file is still the same (RFC 9110, 13.1.5 If-Range), and else begins anew.
"""

import random
from collections.abc import Callable
from email.utils import parsedate_to_datetime
from http.client import HTTPException, HTTPResponse
from pathlib import Path
from time import sleep, time
from typing import IO, NoReturn
from urllib.error import HTTPError
from urllib.request import Request, build_opener

import msgspec

from kg.errors import OntologyError
from kg.ontologies.cache import write_beside

__all__ = ["Answer", "Progress", "download", "forget_part", "part_path"]

#: Bytes that have come, bytes that there are (0 if the server does not say).
Progress = Callable[[int, int], None]

#: Attempts in a row that may bring nothing new, and attempts in all.
_ATTEMPTS, _ALL_ATTEMPTS = 5, 1000
#: Seconds of silence that end an attempt; the first pause between two (doubled each time), and the longest pause.
_TIMEOUT_S, _PAUSE_S, _LONGEST_PAUSE_S = 60.0, 1.0, 120.0
#: More than this is no ontology: the largest, NCIt in OWL, has under one GB.
_MAX_BYTES = 16 * 1024**3
_CHUNK = 1 << 18
_BUSY = (408, 425, 429, 500, 502, 503, 504)
_PARTIAL, _UNCHANGED, _NO_SUCH_RANGE = 206, 304, 416


class Answer(msgspec.Struct, frozen=True):
    """What the server said of the file: where it stood in the end, its size (0 if not told), and its validators."""

    url: str
    size: int = 0
    etag: str = ""
    modified: str = ""

    @property
    def validator(self) -> str:
        """What a request for the rest names the file by; empty if nothing is sure to change with its bytes."""
        return self.modified if self.etag.startswith("W/") else self.etag or self.modified


class _TroubleError(Exception):
    """An attempt failed; `pause_s` is what the server asked for."""

    def __init__(self, text: str, pause_s: float = 0.0) -> None:
        super().__init__(text)
        self.pause_s = pause_s


def part_path(file: Path) -> Path:
    """Where a file stands while it is not whole."""
    return file.with_name(f"{file.name}.part")


def forget_part(file: Path) -> None:
    """Nothing is left of what has come of this file."""
    part_path(file).unlink(missing_ok=True)
    _note_path(file).unlink(missing_ok=True)


def _note_path(file: Path) -> Path:
    """Where it stands what the server said of the part."""
    return file.with_name(f"{file.name}.part.json")


def download(url: str, file: Path, progress: Progress, *, size: int = 0, known: Answer | None = None) -> Answer | None:
    """The whole file stands in `part_path(file)`; None if it is still what `known` says, and was not sent again.

    `size` is that of the pinned release: more is not read.

    Raises:
        OntologyError: if the server does not have it, or does not send the whole however often it is asked.
        OSError: if it cannot be written.
    """
    furthest, failures, attempts = 0, 0, 0
    while True:
        attempts += 1
        try:
            return _attempt(url, file, progress, size or _MAX_BYTES, known)
        except _TroubleError as error:
            trouble, asked_s = str(error), error.pause_s
        reached = _size(part_path(file))
        failures = 1 if reached > furthest else failures + 1
        furthest = max(furthest, reached)
        if failures >= _ATTEMPTS or attempts >= _ALL_ATTEMPTS or asked_s > _LONGEST_PAUSE_S:
            remedy = "What has come is kept: run it again later, or fetch it otherwise and give it with --from."
            raise OntologyError(url, f"the download fails: {trouble}", remedy=remedy)
        pause_s = min(_PAUSE_S * 2 ** (failures - 1), _LONGEST_PAUSE_S) * random.uniform(0.75, 1.25)  # noqa: S311 - spreads, hides nothing
        sleep(max(asked_s, pause_s))


def _size(path: Path) -> int:
    return path.stat().st_size if path.is_file() else 0


def _attempt(url: str, file: Path, progress: Progress, limit: int, known: Answer | None) -> Answer | None:
    begun = _begun(url, file)
    have = _size(part_path(file)) if begun else 0
    try:
        with build_opener().open(_request(url, have, begun, known), timeout=_TIMEOUT_S) as response:
            answer, start = _understood(response, file, have, begun)
            if start == 0:
                _begin(url, file, answer)
            _receive(response, part_path(file), start, answer, limit, progress)
            return answer
    except HTTPError as error:
        with error:
            if error.code == _UNCHANGED:
                return None
            if error.code == _NO_SUCH_RANGE and begun and have == begun.size:
                return begun
            _refuse(url, error, file)
    except (OSError, HTTPException) as error:
        if isinstance(error, OSError) and error.filename:  # of our disk, not of the connection
            raise
        raise _TroubleError(" ".join(str(error).split()) or type(error).__name__) from error


def _begun(url: str, file: Path) -> Answer | None:
    """What the server said when the part was begun; None unless the rest can be asked for."""
    try:
        address, answer = msgspec.json.decode(_note_path(file).read_bytes(), type=tuple[str, Answer])
    except (OSError, ValueError):
        return None
    return answer if address == url and answer.validator and part_path(file).is_file() else None


def _begin(url: str, file: Path, answer: Answer) -> None:
    # The old note first: a part never stands beside what was said of another.
    forget_part(file)
    part_path(file).write_bytes(b"")
    write_beside(_note_path(file), msgspec.json.encode((url, answer)))


def _request(url: str, have: int, begun: Answer | None, known: Answer | None) -> Request:
    # What is packed on the way would have other ranges.
    request = Request(url, headers={"User-Agent": "trialgraph", "Accept-Encoding": "identity"})  # noqa: S310 - http(s), see sources
    if begun and have:
        request.add_header("Range", f"bytes={have}-")
        request.add_header("If-Range", begun.validator)
    elif known and known.etag:
        request.add_header("If-None-Match", known.etag)
    elif known and known.modified:
        request.add_header("If-Modified-Since", known.modified)
    return request


def _understood(response: HTTPResponse, file: Path, have: int, begun: Answer | None) -> tuple[Answer, int]:
    """What the server says of the file, and the place of the first byte that it sends."""
    headers, length = response.headers, response.length or 0
    etag, modified = headers.get("ETag", ""), headers.get("Last-Modified", "")
    if response.status != _PARTIAL:
        return Answer(response.url, length, etag, modified), 0
    unit, _, span = headers.get("Content-Range", "").partition(" ")
    total = span.rpartition("/")[2]
    answer = Answer(response.url, int(total) if total.isdecimal() else have + length, etag, modified)
    changed = begun and ((answer.etag or begun.etag) != begun.etag or (begun.size and answer.size != begun.size))
    if unit != "bytes" or span.partition("-")[0] != str(have) or changed:
        forget_part(file)
        raise _TroubleError(f"the server sends another range than was asked for, or of another file ({unit} {span})")
    return answer, have


def _receive(response: HTTPResponse, part: Path, start: int, answer: Answer, limit: int, progress: Progress) -> None:
    have = start
    with part.open("r+b") as stream:
        stream.seek(start)
        stream.truncate()
        while max(have, answer.size) <= limit and (chunk := response.read1(_CHUNK)):
            have += len(chunk)
            _write(stream, chunk, part)
            progress(have, answer.size)
    if max(have, answer.size) > limit:
        problem, got = "the server sends more than the file has", f"{max(have, answer.size):,} bytes"
        remedy = "It may be another release than the one that is pinned."
        raise OntologyError(response.url, problem, got=got, expected=f"{limit:,}", remedy=remedy)
    if response.length or (answer.size and have != answer.size):
        raise _TroubleError(f"the connection breaks after {have:,} of {answer.size:,} bytes")


def _write(stream: IO[bytes], chunk: bytes, part: Path) -> None:
    try:
        stream.write(chunk)
    except OSError as error:  # such as a full disk, which names no file
        raise OSError(error.errno, error.strerror, str(part)) from error


def _refuse(url: str, error: HTTPError, file: Path) -> NoReturn:
    trouble = f"HTTP {error.code} {error.reason}"
    if error.code == _NO_SUCH_RANGE:
        forget_part(file)
    elif error.code not in _BUSY:
        remedy = "Look on the publisher's page for the file, and give it with --from."
        raise OntologyError(url, f"the server does not give the file: {trouble}", remedy=remedy)
    raise _TroubleError(trouble, _retry_after(error.headers.get("Retry-After", "")))


def _retry_after(value: str) -> float:
    """Seconds from a Retry-After header: a number, or a date (RFC 9110, 10.2.3); 0 if it says neither."""
    if value.strip().isdecimal():
        return float(value)
    try:
        return max(0.0, parsedate_to_datetime(value).timestamp() - time())
    except (TypeError, ValueError):
        return 0.0
