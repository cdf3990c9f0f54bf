"""Bytes that are no request: told so, or cut off, and nobody else notices."""

import asyncio
import json
import resource
import socket
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from kg.service.app import make_app
from kg.service.settings import Settings
from tests.service.client import Server, until

HALF = b"POST /sparql HTTP/1.1\r\nHost: a\r\nContent-Type: application/sparql-query\r\nContent-Length: 100\r\n\r\nASK"


def sent(served: Server, data: bytes) -> bytes:
    """What comes back for these bytes, until the server closes or the client has waited long enough."""
    address = urlsplit(served.address)
    with socket.create_connection((address.hostname, address.port), timeout=10) as client:
        try:
            client.sendall(data)
            client.shutdown(socket.SHUT_WR)
            return client.recv(65536)
        except TimeoutError:
            raise
        except OSError:  # closed before all was sent: reset, broken pipe, not connected
            return b""


@pytest.mark.parametrize(
    "data",
    [
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03 a TLS hello",
        b"GET\r\n\r\n",
        b"GET /health FTP/1.1\r\nHost: a\r\n\r\n",
        b"GET /health HTTP/1.1\r\n\r\n",
        b"GET /health HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n",
        b"POST /sparql HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\nzzzz\r\n",
        b"GET /sparql?query=" + b"x" * 300_000 + b" HTTP/1.1\r\nHost: a\r\n\r\n",
        b"GET /health HTTP/1.1\r\nHost: a\r\n" + b"X: y\r\n" * 50_000,
    ],
    ids=["tls", "no address", "version", "no host", "length", "two lengths", "long address", "headers without end"],
)
def test_what_is_no_request_gets_no_answer(served: Server, data: bytes) -> None:
    """400, or the connection is cut; the next client is answered."""
    answer = sent(served, data)
    assert answer == b"" or answer.split(b" ")[1][:1] in (b"4", b"5"), answer[:200]
    assert served.get("/health").status == 200


@pytest.mark.parametrize("before", [0, 2])
def test_a_request_of_two_lengths_is_the_last_of_its_connection(served: Server, before: int) -> None:
    """It is read as chunks; what follows, which a server between may have read as its body, is not answered."""
    address, health = urlsplit(served.address), b"GET /health HTTP/1.1\r\nHost: a\r\n\r\n"
    head = b"POST /sparql HTTP/1.1\r\nHost: a\r\nContent-Type: application/sparql-query\r\nContent-Length: 16\r\n"
    with socket.create_connection((address.hostname, address.port), timeout=30) as client:
        chunks = b"Transfer-Encoding: chunked\r\n\r\n6\r\nASK {}\r\n0\r\n\r\n"
        client.sendall(health * before + head + chunks + health)
        answer = b""
        while part := client.recv(65536):
            answer += part
    assert answer.startswith(b"HTTP/1.1 200")
    assert answer.count(b"HTTP/1.1 ") == before + 1


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"GET /sparql?query=ASK",
        HALF,
    ],
    ids=["nothing", "half a line", "half a body"],
)
def test_what_breaks_off_harms_nobody(served: Server, data: bytes) -> None:
    """A client that goes in the middle of its request leaves nothing behind."""
    for _ in range(20):
        assert not sent(served, data).startswith(b"HTTP/1.1 2")
    assert served.sparql("ASK {}").json()["boolean"] is True
    until(lambda: served.ready() == 4)


def test_clients_that_say_nothing_keep_nobody_out(served: Server) -> None:
    """More connections than a process may commonly have."""
    address = urlsplit(served.address)
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 4096), hard))
    silent: list[socket.socket] = []
    try:
        for _ in range(1500):
            silent.append(socket.create_connection((address.hostname or "", address.port or 0), timeout=10))  # noqa: PERF401 - closed below, however many there are
        assert served.get("/queries/trials-by-drug", drug="everolimus").status == 200
    finally:
        for each in silent:
            each.close()
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def test_broken_requests_leave_no_traces(example_graph: Path) -> None:
    """Nothing is written of them: who sends them must not fill a log."""
    server = Server(example_graph, "--workers", 1)
    for data in (b"no HTTP\r\n\r\n", b"GET /", HALF):
        sent(server, data)
    assert server.get("/health").status == 200
    assert server.stop() == (0, "", "")


def test_a_fault_of_ours_is_told_as_a_problem(example_graph: Path) -> None:
    """What nobody thought of is a 500 in the form of all others, and tells nothing of the inside."""

    async def fail(_: Request) -> Response:
        raise ZeroDivisionError("secret")

    async def ask() -> tuple[int, bytes]:
        messages: list[Any] = []

        async def receive() -> Any:
            return {"type": "http.request", "body": b"", "more_body": False}

        async def send(message: Any) -> None:
            messages.append(message)

        app = make_app(Settings(graph=example_graph), [Route("/fails", fail)])
        scope = {"type": "http", "method": "GET", "path": "/fails", "query_string": b"", "headers": []}
        with pytest.raises(ZeroDivisionError):  # for the log
            await app(scope, receive, send)
        return messages[0]["status"], messages[1]["body"]

    status, body = asyncio.run(ask())
    assert (status, json.loads(body)["title"]) == (500, "The service cannot go on")
    assert b"secret" not in body
