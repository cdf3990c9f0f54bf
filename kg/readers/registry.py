"""The registry's API v2 (https://clinicaltrials.gov/data-api/api): one answer, however often it has to be asked for.

A server that is busy, slow or breaks off is asked again, later each time and not before it wants to be.
"""

import os
import random
import zlib
from collections.abc import Callable, Mapping
from email.utils import parsedate_to_datetime
from http.client import HTTPException, HTTPResponse
from pathlib import Path
from time import monotonic, sleep, time
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import msgspec

from kg.errors import RegistryError, UsageError
from kg.iris import is_nct

__all__ = ["Answer", "ask", "fetch_study", "registry_url", "study_number", "study_url"]

#: Where the API stands unless the environment names another place, such as a mirror or a proxy.
_API = "https://clinicaltrials.gov/api/v2"
_VARIABLE = "TRIALGRAPH_REGISTRY_URL"

_ATTEMPTS = 5
#: Seconds for one attempt, for the first pause between two (doubled each time), and the longest pause.
_TIMEOUT_S, _PAUSE_S, _LONGEST_PAUSE_S = 60.0, 1.0, 120.0
#: A record larger than this is no record: the largest real one has 10 MB.
_MAX_BYTES = 256 * 1024 * 1024
_OK, _UNCHANGED, _NOT_FOUND = 200, 304, (400, 404)
_BUSY = (408, 425, 429, 500, 502, 503, 504)


class Answer(msgspec.Struct, frozen=True):
    """What the registry said: 200 with what was asked for; 304: it has not changed; 400, 404: why there is no such."""

    status: int
    body: bytes = b""
    etag: str = ""
    modified: str = ""


class _TroubleError(Exception):
    """An attempt failed. `asked_s` is the pause that the server asks for; `lasting`: waiting does not help."""

    def __init__(self, text: str, *, asked_s: float = 0.0, lasting: bool = False) -> None:
        super().__init__(text)
        self.asked_s = asked_s
        self.lasting = lasting or asked_s > _LONGEST_PAUSE_S


def study_number(source: Path) -> str | None:
    """The NCT number that a source is instead of a file, in capitals; a file of that name is a file."""
    number = str(source).upper()
    return number if is_nct(number) and not source.exists() else None


def registry_url(named: str | None = None) -> str:
    """Where the API stands, without a slash at its end: as named, or as the environment says, or the registry's own.

    Raises:
        UsageError: if that is no web address.
    """
    base = named or os.environ.get(_VARIABLE) or _API
    if not base.startswith(("https://", "http://")):
        where = "--registry" if named else _VARIABLE
        raise UsageError(where, "no place of an API", got=base, expected="an http or https URL")
    return base.rstrip("/")


def study_url(number: str) -> str:
    """Where the API gives the study of this number.

    Raises:
        UsageError: if the environment names a place that is no web address.
    """
    return f"{registry_url()}/studies/{number}"


def fetch_study(number: str) -> bytes | None:
    """The study's record as the API gives it; None if the registry has no study of this number.

    Former numbers are redirected by the registry to the study's present one.

    Raises:
        RegistryError: if the registry cannot be reached, or does not give the record however often it is asked.
    """
    remedy = "Try again later, or give the record as a file."
    answer = ask(study_url(number), "record", remedy, max_bytes=_MAX_BYTES, timeout_s=_TIMEOUT_S)
    return answer.body if answer.status == _OK else None


def ask(
    url: str,
    what: str,
    remedy: str,
    *,
    max_bytes: int,
    timeout_s: float,
    headers: Mapping[str, str] | None = None,
    check: Callable[[bytes], object] = lambda _: None,
) -> Answer:
    """The registry's answer; one that fails its `check` by a ValueError is asked for again.

    `what` and `remedy` are for the error; `timeout_s` is for the whole of one attempt.

    Raises:
        RegistryError: if the registry cannot be reached, or gives no whole answer however often it is asked.
    """
    asked = {"Accept": "application/json", "Accept-Encoding": "gzip", "User-Agent": "trialgraph", **(headers or {})}
    request = Request(url, headers=asked)  # noqa: S310 - http(s), see registry_url
    for attempt in range(1, _ATTEMPTS + 1):
        try:
            return _attempt(request, max_bytes, timeout_s, check)
        except _TroubleError as trouble:
            if trouble.lasting or attempt == _ATTEMPTS:
                raise RegistryError(url, f"the registry gives no {what}: {trouble}", remedy=remedy) from trouble
            pause_s = _PAUSE_S * 2 ** (attempt - 1) * random.uniform(0.75, 1.25)  # noqa: S311 - spreads, hides nothing
            sleep(max(trouble.asked_s, pause_s))
    raise AssertionError(url)


def _attempt(request: Request, max_bytes: int, timeout_s: float, check: Callable[[bytes], object]) -> Answer:
    try:
        answer = _get(request, max_bytes, timeout_s)
        check(answer.body)
    except HTTPError as error:
        with error:
            if error.code in (_UNCHANGED, *_NOT_FOUND):
                return Answer(error.code, _reason(error))
            raise _refusal(error) from error
    except (OSError, HTTPException, ValueError, zlib.error) as error:
        raise _TroubleError(" ".join(str(error).split()) or type(error).__name__) from error
    return answer


def _reason(error: HTTPError) -> bytes:
    try:
        return error.read(1000)
    except (OSError, HTTPException):
        return b""


def _refusal(error: HTTPError) -> _TroubleError:
    asked_s = _retry_after(error.headers.get("Retry-After", "")) if error.code in _BUSY else 0.0
    wish = f"; it asks to wait {asked_s:,.0f} s" if asked_s > _LONGEST_PAUSE_S else ""
    text = f"HTTP {error.code} {error.reason}{wish}"
    return _TroubleError(text, asked_s=asked_s, lasting=error.code not in _BUSY)


def _get(request: Request, max_bytes: int, timeout_s: float) -> Answer:
    """The whole answer, unpacked, within the time and size of one attempt."""
    deadline = monotonic() + timeout_s
    with urlopen(request, timeout=min(timeout_s, _TIMEOUT_S)) as response:  # noqa: S310 - http(s), see registry_url
        unpack = _unpacking(response.headers.get("Content-Encoding", ""))
        body, came = bytearray(), 0
        while chunk := _read_some(response):
            came += len(chunk)
            body += unpack.decompress(chunk, max_bytes + 1 - len(body)) if unpack else chunk
            if monotonic() > deadline:
                raise TimeoutError(f"no whole answer within {timeout_s:g} s")
            if len(body) > max_bytes:
                raise ValueError(f"an answer of more than {max_bytes:,} bytes")
        if response.length or (unpack and not unpack.eof):
            raise ValueError(f"the answer breaks off after {came:,} bytes")
        headers = response.headers
        return Answer(_OK, bytes(body), headers.get("ETag", ""), headers.get("Last-Modified", ""))


def _unpacking(encoding: str) -> "zlib._Decompress | None":
    # 31: the window of 15 bits, and gzip's frame.
    return zlib.decompressobj(31) if encoding.strip().lower() in ("gzip", "x-gzip") else None


def _read_some(response: HTTPResponse) -> bytes:
    # read() would wait for the whole amount, however slowly it comes.
    return response.read1(1 << 16)


def _retry_after(value: str) -> float:
    """Seconds from a Retry-After header: a number, or a date (RFC 9110, 10.2.3); 0 if it says neither."""
    if value.strip().isdigit():
        return float(value)
    try:
        return max(0.0, parsedate_to_datetime(value).timestamp() - time())
    except (TypeError, ValueError):
        return 0.0
