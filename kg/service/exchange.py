"""What every handler shares: the service behind a request, and a worker's answer as a response."""

import asyncio
from collections.abc import Mapping
from hashlib import sha256
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from kg.queries import SavedQuery
from kg.service.metrics import Metrics
from kg.service.pool import Pool
from kg.service.problems import Refused, problem
from kg.service.settings import Settings
from kg.service.wire import Failure, Format, Reply, Task

__all__ = ["Service", "ask", "content_type", "find_unchanged", "respond", "service_of", "vary"]


class Service(msgspec.Struct, frozen=True):
    """What handlers work with."""

    settings: Settings
    queries: Mapping[str, SavedQuery]
    metrics: Metrics
    pool: Pool

    def base(self, request: Request) -> str:
        """The address under which the client knows the service, without a slash at its end."""
        return (self.settings.base_url or str(request.base_url)).rstrip("/")

    def etag(self, *parts: str) -> str:
        """The tag of what is the same as long as the build is; empty for an endpoint, which may change at any time."""
        build = self.pool.build
        digest = sha256("\n".join((build, *parts)).encode()).hexdigest()
        return f'"{digest[:32]}"' if build else ""


def service_of(request: Request) -> Service:
    """The service that a request came to."""
    service: Service = request.app.state.service
    return service


def content_type(media_type: str) -> str:
    """A media type with its encoding, where it may say so."""
    return f"{media_type}; charset=utf-8" if media_type.startswith("text/") else media_type


def find_unchanged(request: Request, headers: Mapping[str, str]) -> Response | None:
    """304 if the client has what it asks for (https://www.rfc-editor.org/rfc/rfc9110#name-if-none-match)."""
    known = [tag.strip().removeprefix("W/") for tag in request.headers.get("if-none-match", "").split(",")]
    etag = headers.get("ETag")
    return Response(status_code=304, headers=dict(headers)) if etag and (etag in known or "*" in known) else None


async def ask(request: Request, task: Task) -> Reply | Failure:
    """A worker's answer, unless the client goes first: then the worker is stopped.

    Raises:
        KgError: if there is no answer.
    """
    pool = service_of(request).pool
    if kept := pool.find_kept(task):
        return kept
    asking = asyncio.create_task(pool.run(task))
    waited: set[asyncio.Task[Any]] = {asking}
    try:
        # Most answers come at once: only for those that do not is it worth to listen to the client as well.
        await asyncio.wait(waited, timeout=_AT_ONCE_S)
        if not asking.done():
            waited.add(asyncio.create_task(_left(request)))
            await asyncio.wait(waited, return_when=asyncio.FIRST_COMPLETED)
        if not asking.done():
            raise Refused(499, "gone", "request", "the client went before there was an answer")
        return asking.result()
    finally:
        unfinished = [each for each in waited if not each.done()]
        for each in unfinished:
            each.cancel()
        if unfinished:
            await asyncio.gather(*unfinished, return_exceptions=True)


#: Seconds within which an answer is at once.
_AT_ONCE_S = 0.1


async def _left(request: Request) -> None:
    """Returns when the client has closed the connection."""
    while (await request.receive())["type"] != "http.disconnect":
        pass


def respond(told: Reply | Failure, headers: Mapping[str, str]) -> Response:
    """A worker's answer as a response, or the problem that there is none."""
    if isinstance(told, Failure):
        return problem(told)
    return Response(told.body, headers={"Content-Type": content_type(told.media_type), "Vary": "Accept", **headers})


def vary(found: Format) -> dict[str, str]:
    """The headers of what depends on the Accept header."""
    return {"Content-Type": content_type(found.media_type), "Vary": "Accept"}
