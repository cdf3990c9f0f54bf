"""One request to a store, however often it takes: what passes is tried again, and who we are is said if it asks."""

import os
import random
from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from time import sleep, time
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from kg.endpoint import PASSWORD, USER
from kg.errors import EndpointError, UsageError

if TYPE_CHECKING:
    from requests import Response

__all__ = ["RequestRefusedError", "Sender"]

_ATTEMPTS = 6
_PAUSE_S, _LONGEST_PAUSE_S = 0.5, 120.0
#: What passes: timeouts, haste, and all that a server has to say of its own failures but "not implemented".
_PASSING = (408, 425, 429, 500, 502, 503, 504, 507, 509)
_UNAUTHORIZED, _ERRORS = 401, 300
_MAX_MESSAGE = 300


class RequestRefusedError(EndpointError):
    """A request that the server understood and does not obey; asking again would change nothing."""

    def __init__(self, where: str, problem: str, status: int, *, remedy: str = "") -> None:
        self.status = status
        super().__init__(where, problem, remedy=remedy)


class _TroubleError(Exception):
    """An attempt failed; `pause_s` is what the server asked for."""

    def __init__(self, text: str, pause_s: float = 0.0) -> None:
        super().__init__(text)
        self.pause_s = pause_s


class Sender:
    """Requests over one connection that is kept."""

    def __init__(self, timeout_s: float) -> None:
        from requests import Session

        self._session = Session()
        self._session.headers["User-Agent"] = "trialgraph"
        self._timeout_s = timeout_s

    def send(
        self,
        method: str,
        url: str,
        data: bytes | Mapping[str, str] = b"",
        *,
        params: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> bytes:
        """The body of the answer.

        Raises:
            RequestRefusedError: if the server does not obey.
            EndpointError: if it gives no answer however often it is asked.
        """
        for attempt in range(_ATTEMPTS):
            try:
                return self._attempt(method, url, data=data, params=params, headers=headers)
            except _TroubleError as error:
                trouble = error
            if attempt == _ATTEMPTS - 1 or trouble.pause_s > _LONGEST_PAUSE_S:
                break
            pause_s = _PAUSE_S * 2**attempt * random.uniform(0.75, 1.25)  # noqa: S311 - spreads, hides nothing
            sleep(max(trouble.pause_s, pause_s))
        raise EndpointError(url, f"gives up: {trouble}", remedy="What was sent is noted: run it again to go on.")

    def _attempt(self, method: str, url: str, **request: Any) -> bytes:
        answer = self._ask(method, url, **request)
        if answer.status_code == _UNAUTHORIZED and self._session.auth is None:
            self._session.auth = _credentials(url, answer.headers.get("WWW-Authenticate", ""))
            answer = self._ask(method, url, **request)
        return _understood(url, answer)

    def _ask(self, method: str, url: str, **request: Any) -> "Response":
        from requests import RequestException

        try:
            # Not redirected: a POST would become a GET, and a password go elsewhere.
            return self._session.request(method, url, timeout=self._timeout_s, allow_redirects=False, **request)
        except (RequestException, OSError) as error:
            raise _TroubleError(_one_line(str(error))) from error


def check_address(url: str) -> None:
    """Returns if that is the address of a server.

    Raises:
        UsageError: if it is none, or holds a password.
    """
    try:
        parts = urlsplit(url)
        is_address = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:  # brackets of IPv6 without end, ports that are no numbers
        is_address = False
    if not is_address:
        raise UsageError(url, "no endpoint", expected="an http or https URL")
    if parts.username is not None:
        shown = parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()
        raise UsageError(shown, "an address that holds a password", remedy=f"Set {USER} and {PASSWORD} instead.")


def _credentials(url: str, challenge: str) -> Any:
    from requests.auth import HTTPBasicAuth, HTTPDigestAuth

    user, password = os.environ.get(USER), os.environ.get(PASSWORD)
    if user is None or password is None:
        raise RequestRefusedError(url, "asks who you are", _UNAUTHORIZED, remedy=f"Set {USER} and {PASSWORD}.")
    return (HTTPDigestAuth if "digest" in challenge.lower() else HTTPBasicAuth)(user, password)


def _understood(url: str, answer: "Response") -> bytes:
    status = answer.status_code
    if status < _ERRORS:
        return answer.content
    said = f"{status} {answer.reason or ''}: {_one_line(answer.text)}"
    if status in _PASSING:
        raise _TroubleError(said, _asked_pause(answer.headers.get("Retry-After", "")))
    remedy = ""
    if status == _UNAUTHORIZED:
        remedy = f"Are {USER} and {PASSWORD} right?"
    elif "location" in answer.headers:
        remedy = f"It stands at {answer.headers['location']}: name that."
    raise RequestRefusedError(url, said, status, remedy=remedy)


def _asked_pause(header: str) -> float:
    """Seconds that `Retry-After` asks for: it holds a number or a date; 0 if neither."""
    try:
        return max(
            0.0, float(header) if header.strip().isdigit() else parsedate_to_datetime(header).timestamp() - time()
        )
    except (ValueError, TypeError):
        return 0.0


def _one_line(text: str) -> str:
    return " ".join(text.split())[:_MAX_MESSAGE]
