"""One record by its number, from the registry's API v2 (https://clinicaltrials.gov/data-api/api).

A server that is busy, slow or breaks off is asked again, later each time and not before it wants to be.
"""

import os
import random
from email.utils import parsedate_to_datetime
from http.client import HTTPException, HTTPResponse
from pathlib import Path
from time import monotonic, sleep, time
from urllib.error import HTTPError
from urllib.request import Request, urlopen

from kg.errors import RegistryError, UsageError
from kg.iris import is_nct

__all__ = ["fetch_study", "study_number", "study_url"]

#: Where the API stands unless the environment names another place, such as a mirror or a proxy.
_API = "https://clinicaltrials.gov/api/v2"
_VARIABLE = "TRIALGRAPH_REGISTRY_URL"

_ATTEMPTS = 5
#: Seconds for one attempt, for the first pause between two (doubled each time), and the longest pause.
_TIMEOUT_S, _PAUSE_S, _LONGEST_PAUSE_S = 60.0, 1.0, 120.0
#: A record larger than this is no record: the largest real one has 10 MB.
_MAX_BYTES = 256 * 1024 * 1024
_NOT_FOUND, _BUSY = (400, 404), (408, 425, 429, 500, 502, 503, 504)


def study_number(source: Path) -> str | None:
    """The NCT number that a source is instead of a file, in capitals; a file of that name is a file."""
    number = str(source).upper()
    return number if is_nct(number) and not source.exists() else None


def study_url(number: str) -> str:
    """Where the API gives the study of this number.

    Raises:
        UsageError: if the environment names a place that is no web address.
    """
    base = os.environ.get(_VARIABLE) or _API
    if not base.startswith(("https://", "http://")):
        raise UsageError(_VARIABLE, "no place of an API", got=base, expected="an http or https URL")
    return f"{base.rstrip('/')}/studies/{number}"


def fetch_study(number: str) -> bytes | None:
    """The study's record as the API gives it; None if the registry has no study of this number.

    Former numbers are redirected by the registry to the study's present one.

    Raises:
        RegistryError: if the registry cannot be reached, or does not give the record however often it is asked.
    """
    url = study_url(number)
    request = Request(url, headers={"Accept": "application/json", "User-Agent": "trialgraph"})  # noqa: S310 - http(s)
    trouble = ""
    for attempt in range(_ATTEMPTS):
        try:
            return _get(request)
        except HTTPError as error:
            error.close()
            if error.code in _NOT_FOUND:
                return None
            trouble = f"HTTP {error.code} {error.reason}"
            if error.code not in _BUSY:
                break
            asked = _retry_after(error.headers.get("Retry-After", ""))
        except (OSError, HTTPException, ValueError) as error:
            trouble, asked = " ".join(str(error).split()) or type(error).__name__, 0.0
        if asked > _LONGEST_PAUSE_S:
            trouble += f"; it asks to wait {asked:,.0f} s"
            break
        if attempt < _ATTEMPTS - 1:
            sleep(max(asked, _PAUSE_S * 2**attempt * random.uniform(0.75, 1.25)))  # noqa: S311 - spreads, hides nothing
    raise RegistryError(
        url, f"the registry gives no record: {trouble}", remedy="Try again later, or give the record as a file."
    )


def _get(request: Request) -> bytes:
    """The body of the answer, within the time and size of one attempt."""
    deadline = monotonic() + _TIMEOUT_S
    with urlopen(request, timeout=_TIMEOUT_S) as response:  # noqa: S310 - http(s), see study_url
        body = bytearray()
        while chunk := _read_some(response):
            body += chunk
            if monotonic() > deadline:
                raise TimeoutError(f"no whole answer within {_TIMEOUT_S:g} s")
            if len(body) > _MAX_BYTES:
                raise ValueError(f"an answer of more than {_MAX_BYTES:,} bytes")
        if response.length:
            raise ValueError(f"the answer breaks off after {len(body):,} bytes")
        return bytes(body)


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
