"""A connection with bounds: a request comes whole within a time, its head within a size, or the connection ends.

Else a client that sends a byte a minute, or headers without end, would keep a connection, and memory, for ever. The
faster parser of uvicorn's two (httptools) is not taken: it loses the body of a POST that offers another protocol
(`Upgrade: h2c`), as clients written in Java do.
"""

import asyncio
from http import HTTPStatus
from typing import Any

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

from kg.service.problems import Refused, failure, problem

__all__ = ["MAX_HEAD", "Connection"]

#: Seconds within which a request comes, body and all, counted from its first byte or from when it may begin.
_REQUEST_S = 20.0
#: Bytes of a head that has not ended: a GET with a query of some thousand values.
MAX_HEAD = 64 << 10


class Connection(H11Protocol):
    """What uvicorn makes of a connection, but for clients that want more time than is just."""

    _timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """The clock runs: also who never says anything goes."""
        super().connection_made(transport)
        self._start()

    def connection_lost(self, exc: Exception | None) -> None:
        """The clock stops."""
        self._stop()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """The clock runs from the first byte of a request to its last: what then takes time is ours."""
        if self._timer is None and (self.cycle is None or self.cycle.response_complete):
            self._start()
        super().data_received(data)
        if self.conn.their_state not in (h11.IDLE, h11.SEND_BODY):
            self._stop()

    def handle_events(self) -> None:
        """Of a request with two lengths another server before us may have read another end: none may follow it.

        "the server MUST close the connection after responding to such a request"
        (https://www.rfc-editor.org/rfc/rfc9112#section-6.1).
        """
        super().handle_events()
        told = dict(self.cycle.scope["headers"]) if self.cycle is not None else {}
        if b"content-length" in told and b"transfer-encoding" in told:
            self.cycle.keep_alive = False

    def _start(self) -> None:
        self._stop()
        self._timer = self.loop.call_later(_REQUEST_S, self._end)

    def _stop(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _end(self) -> None:
        has_begun = self.conn.their_state is h11.IDLE and self.conn.trailing_data[0]
        if self.flow.read_paused:
            self._start()  # It is we who do not read.
        elif has_begun:
            self._refuse(408, "slow", f"it did not come whole in {_REQUEST_S:g} s")
        else:
            self.transport.close()  # Nothing was asked, or it is half a body: whoever reads it learns that it ends.

    def _refuse(self, status: int, kind: str, detail: str) -> None:
        told: Any = problem(failure(Refused(status, kind, "request", detail)), {"Connection": "close"})
        head = [f"HTTP/1.1 {status} {HTTPStatus(status).phrase}".encode()]
        head += [name + b": " + value for name, value in told.raw_headers]
        self.transport.write(b"\r\n".join([*head, b"", told.body]))
        self.transport.close()
