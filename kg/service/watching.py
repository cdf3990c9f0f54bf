"""What goes around every answer: it is counted, and told in a line of JSON if that is wanted."""

import datetime
import json
from collections.abc import Mapping
from time import monotonic
from typing import IO, Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from kg.service.metrics import Metrics

__all__ = ["Watching"]


class Watching:
    """Counts requests by route and status; also forbids browsers to guess what an answer is.

    `paths` gives an endpoint's pattern of addresses: whole addresses would be counted without end.
    """

    def __init__(self, app: ASGIApp, metrics: Metrics, paths: Mapping[Any, str], log: IO[str] | None) -> None:
        self._app = app
        self._metrics = metrics
        self._paths = paths
        self._log = log

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Lets the application answer, and notes how."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began, status, size = monotonic(), 0, 0

        async def sent(message: Message) -> None:
            nonlocal status, size
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message["headers"], (b"x-content-type-options", b"nosniff")]
            size += len(message.get("body", b""))
            await send(message)

        try:
            await self._app(scope, receive, sent)
        finally:
            self._note(scope, status, size, monotonic() - began)

    def _note(self, scope: Scope, status: int, size: int, seconds: float) -> None:
        route = self._paths.get(scope.get("endpoint"), "other")
        self._metrics.requests.labels(route, str(status)).inc()
        self._metrics.seconds.labels(route).observe(seconds)
        if self._log:
            line = {
                "time": datetime.datetime.now(datetime.UTC).isoformat(timespec="milliseconds"),
                "client": (scope.get("client") or [""])[0],
                "method": scope["method"],
                "path": scope["path"],
                "query": scope["query_string"].decode("latin-1"),
                "status": status,
                "bytes": size,
                "seconds": round(seconds, 4),
            }
            self._log.write(json.dumps(line) + "\n")
            self._log.flush()
