"""What went wrong, as a page: a problem (RFC 9457) whose reader is a person."""

import json

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from kg import iris
from kg.pages.rendering import prefers_page, render

__all__ = ["ProblemPages", "page_of"]

_PROBLEM = "application/problem+json"
#: Headers of the problem that are of its body.
_OF_BODY = ("content-type", "content-length", "vary")


def page_of(request: Request, status: int, body: bytes, headers: dict[str, str] | None = None) -> Response | None:
    """The page that tells a problem; None if the client is a program."""
    if not prefers_page(request):
        return None
    told = {"title": "", "detail": "", "remedy": "", "nearest": [], **json.loads(body)}
    folder, _, asked = request.url.path.removesuffix(".html").rpartition("/")
    # A near name stands where the name stood that was asked for.
    is_of_path = told.get("got") == asked
    number = asked.upper() if folder == "/study" else ""
    return render(
        request,
        "error.html",
        status=status,
        headers=headers,
        problem=told,
        folder=folder if is_of_path else "",
        registry=iris.study(number) if iris.is_nct(number) else "",
    )


class ProblemPages:
    """Turns problems into pages for clients that like pages better."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Lets the application answer; holds a problem back until it is whole."""
        start: Message | None = None
        body = b""

        async def sent(message: Message) -> None:
            nonlocal start, body
            if message["type"] == "http.response.start" and _is_problem(message) and prefers_page(Request(scope)):
                start = message
                return
            if start is None:
                await send(message)
                return
            body += message.get("body", b"")
            if message.get("more_body"):
                return
            kept = {name: value for name, value in Headers(raw=start["headers"]).items() if name not in _OF_BODY}
            page = page_of(Request(scope), start["status"], body, kept)
            assert page is not None  # noqa: S101 - the client likes pages
            await page(scope, receive, send)

        await self._app(scope, receive, sent if scope["type"] == "http" else send)


def _is_problem(message: Message) -> bool:
    return Headers(raw=message["headers"]).get("content-type", "").startswith(_PROBLEM)
