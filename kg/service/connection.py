"""A connection with bounds: a request comes whole within a time, its head within a size, or the connection ends.

Else a client that sends a byte a minute, or headers without end, would keep a connection, and memory, for ever.
"""

import asyncio
from http import HTTPStatus
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from kg.service.problems import Refused, failure, problem

__all__ = ["Connection"]

#: Seconds within which a request comes, body and all, counted from its first byte or from when it may begin.
_REQUEST_S = 20.0
#: Bytes of a head: a GET with a query of some thousand values.
_MAX_HEAD = 64 << 10


class Connection(HttpToolsProtocol):
    """What uvicorn makes of a connection, but for clients that want more than is just."""

    _timer: asyncio.TimerHandle | None = None
    #: Bytes of the head that has begun; None while none has.
    _head: int | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """The clock runs: also who never says anything goes."""
        super().connection_made(transport)
        self._start()

    def connection_lost(self, exc: Exception | None) -> None:
        """The clock stops."""
        self._stop()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Reads on, as long as the head has an end."""
        if self._timer is None and (self.cycle is None or self.cycle.response_complete):
            self._start()
        super().data_received(data)
        if self._head is not None and not self.transport.is_closing():
            self._head += len(data)
            if self._head > _MAX_HEAD:
                self._refuse(431, "request-too-large", f"a head of more than {_MAX_HEAD:,} bytes")

    def on_message_begin(self) -> None:
        """A head begins."""
        self._head = 0
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        """The head is whole; what is raised here, the client hears as 400."""
        self._head = None
        hosts = sum(name == b"host" for name, _ in self.headers)
        if hosts > 1 or (hosts == 0 and self.parser.get_http_version() == "1.1"):
            raise ValueError("https://www.rfc-editor.org/rfc/rfc9112#section-3.2 wants one Host")
        if len(self.url) + sum(len(name) + len(value) for name, value in self.headers) > _MAX_HEAD:
            raise ValueError("too large, though it came at once")
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """The request is whole: what now takes time is ours."""
        self._stop()
        super().on_message_complete()

    def _start(self) -> None:
        self._stop()
        self._timer = self.loop.call_later(_REQUEST_S, self._end)

    def _stop(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _end(self) -> None:
        if self.pipeline or self.flow.read_paused:
            self._start()  # It is we who do not read.
        elif self._head is None:
            self.transport.close()  # Nothing was asked, or it is half a body: whoever reads it learns that it ends.
        else:
            self._refuse(408, "slow", f"it did not come whole in {_REQUEST_S:g} s")

    def _refuse(self, status: int, kind: str, detail: str) -> None:
        told: Any = problem(failure(Refused(status, kind, "request", detail)), {"Connection": "close"})
        head = [f"HTTP/1.1 {status} {HTTPStatus(status).phrase}".encode()]
        head += [name + b": " + value for name, value in told.raw_headers]
        self.transport.write(b"\r\n".join([*head, b"", told.body]))
        self.transport.close()
