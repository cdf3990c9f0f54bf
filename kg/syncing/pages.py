"""One page of the registry's answer: asked for at a polite pace, and taken apart into records."""

import json
import re
from time import monotonic, sleep

import msgspec

from kg.errors import RegistryError
from kg.finding import Finding
from kg.iris import is_nct
from kg.readers.registry import Answer, ask
from kg.readers.studies import split_studies

__all__ = ["Pace", "Page", "ask_page", "read_page"]

#: A page of a thousand records, results and all, has some 30 MB; it may come slowly.
_MAX_BYTES, _TIMEOUT_S = 1 << 30, 600.0
_REMEDY = "What has come is kept: run it again, and it goes on at this page."


class Pace:
    """So many requests a minute, and no more."""

    def __init__(self, per_minute: float) -> None:
        self._gap_s = 60.0 / per_minute
        self._next = 0.0

    def wait(self) -> None:
        """Returns when the next request may be sent."""
        wait_s = self._next - monotonic()
        if wait_s > 0:
            sleep(wait_s)
        self._next = monotonic() + self._gap_s


class _Envelope(msgspec.Struct):
    """What stands around the studies of a page."""

    studies: list[msgspec.Raw]
    nextPageToken: str | None = None  # noqa: N815 - the API's name
    totalCount: int | None = None  # noqa: N815


class _Identified(msgspec.Struct):
    nctId: str  # noqa: N815


class _Protocol(msgspec.Struct):
    identificationModule: _Identified  # noqa: N815


class _Study(msgspec.Struct):
    """Where a record says which study it is of."""

    protocolSection: _Protocol  # noqa: N815


class Page(msgspec.Struct, frozen=True):
    """The records of a page, each on one line; their numbers; the next page's token, if there is one; the total."""

    lines: list[bytes]
    numbers: list[str]
    token: str
    total: int | None
    findings: list[Finding]


def ask_page(url: str, known: tuple[str, str] = ("", "")) -> Answer:
    """The answer with a page; without a body if it still has the ETag or the date that are `known`.

    Raises:
        RegistryError: if the registry gives none however often it is asked.
    """
    etag, modified = known
    headers = {"If-None-Match": etag} if etag else {"If-Modified-Since": modified} if modified else {}
    return ask(url, "page", _REMEDY, max_bytes=_MAX_BYTES, timeout_s=_TIMEOUT_S, headers=headers, check=_check_envelope)


def _check_envelope(body: bytes) -> None:
    try:
        _open(body)
    except ValueError as error:
        start = " ".join(body[:80].decode("utf-8", errors="replace").split())
        raise ValueError(f"no page of studies: {error}; it begins {start!r}") from error


def _open(body: bytes) -> _Envelope:
    try:
        return msgspec.json.decode(body, type=_Envelope)
    except msgspec.ValidationError:
        raise
    except msgspec.DecodeError:
        # Perhaps it is but half of a surrogate pair, which the reader of studies mends.
        around = json.loads(body)
        studies = [msgspec.Raw(study) for pointer, study in split_studies(body) if pointer]
        return _Envelope(studies, around.get("nextPageToken"), around.get("totalCount"))


def read_page(url: str, body: bytes) -> Page:
    """What stands in a page; what is no record of a study is a finding.

    Raises:
        RegistryError: if it is no page at all.
    """
    try:
        envelope = _open(body)
    except ValueError as error:
        raise RegistryError(url, f"no page of studies: {error}") from error
    page = Page([], [], envelope.nextPageToken or "", envelope.totalCount, [])
    for position, study in enumerate(envelope.studies):
        record = _SPACE.sub(b" ", bytes(study))
        number = _number(record)
        if number:
            page.lines.append(record + b"\n")
            page.numbers.append(number)
        else:
            page.findings.append(_no_record(url, position, record))
    return page


#: In JSON, line ends can stand between tokens only.
_SPACE = re.compile(rb"[\r\n]+")


def _number(record: bytes) -> str:
    """The study's number; empty if the record says none."""
    try:
        number = msgspec.json.decode(record, type=_Study).protocolSection.identificationModule.nctId
    except (ValueError, RecursionError):
        return ""
    return number if is_nct(number) else ""


def _no_record(url: str, position: int, record: bytes) -> Finding:
    return Finding(
        rule="no-record",
        message="the registry sends something that is no record of a study: left out",
        severity="violation",
        source=url,
        place=f"/studies/{position}",
        value=record[:200].decode("utf-8", errors="replace"),
    )
