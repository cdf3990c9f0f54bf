"""Connections end for who sends without end; for who only waits for an answer they do not."""

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager, suppress
from typing import Any

import pytest
import uvicorn

from kg.service import connection
from kg.service.connection import MAX_HEAD, Connection

HEAD = b"GET / HTTP/1.1\r\nHost: a\r\n"
WHOLE = HEAD + b"\r\n"
POST = b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\n"

Steps = Iterable[bytes]


async def app(scope: Any, receive: Callable[[], Awaitable[Any]], send: Callable[[Any], Awaitable[None]]) -> None:
    """Reads what comes, takes three times as long as a request may for its answer, and gives it."""
    while (message := await receive())["type"] == "http.request" and message["more_body"]:
        pass
    if message["type"] == "http.request":
        await asyncio.sleep(3 * connection._REQUEST_S)
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})
        await send({"type": "http.response.body", "body": b"ok"})


@asynccontextmanager
async def listening() -> AsyncIterator[int]:
    """A server's port."""
    with socket.create_server(("127.0.0.1", 0)) as bound:
        config = uvicorn.Config(
            app, http=Connection, h11_max_incomplete_event_size=MAX_HEAD, ws="none", lifespan="off", log_level="error"
        )
        server = uvicorn.Server(config)
        serving = asyncio.create_task(server._serve(sockets=[bound]))
        while not server.started:  # noqa: ASYNC110 - uvicorn has no event for it
            await asyncio.sleep(0.01)
        yield bound.getsockname()[1]
        server.should_exit = True
        await serving


async def exchanged(steps: Steps) -> bytes:
    """What comes back until the server closes, for bytes that are sent step by step, the last again and again."""
    async with asyncio.timeout(30), listening() as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        reading = asyncio.create_task(_read(reader))
        step = b""
        for step in steps:
            writer.write(step)
            await asyncio.sleep(0.02)
        while not reading.done():
            writer.write(step)
            await asyncio.sleep(0.02)
        writer.close()
        return reading.result()


async def _read(reader: asyncio.StreamReader) -> bytes:
    """All that comes; who sends on when the other side has closed may lose the connection before its end is read."""
    came = b""
    with suppress(ConnectionError):
        while part := await reader.read(4096):
            came += part
    return came


@pytest.fixture(autouse=True)
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Requests have less time than in earnest."""
    monkeypatch.setattr(connection, "_REQUEST_S", 0.2)


@pytest.mark.parametrize(
    ("steps", "begins"),
    [
        ([b""], b""),
        ([b"\r\n"], b"HTTP/1.1 400 Bad Request\r\n"),
        ([b"G", b"E", b""], b"HTTP/1.1 408 Request Timeout\r\n"),
        ([HEAD, b"X: y\r\n"], b"HTTP/1.1 408 Request Timeout\r\n"),
        ([POST, b"x", b""], b""),
        ([HEAD, b"X: " + b"y" * 1000 + b"\r\n"], b"HTTP/1.1 400 Bad Request\r\n"),
        ([HEAD + b"X: " + b"y" * 70_000, b""], b"HTTP/1.1 400 Bad Request\r\n"),
        ([HEAD + b"Host: b\r\n\r\n", b""], b"HTTP/1.1 400 Bad Request\r\n"),
        ([WHOLE, b""] + 40 * [b""] + [HEAD, b"X: y\r\n"], b"HTTP/1.1 200 OK\r\n"),
    ],
    ids=["nothing", "lines", "slow line", "slow head", "slow body", "endless", "large", "hosts", "slow second"],
)
def test_what_has_no_end_is_ended(steps: Steps, begins: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    """By time or by size; who began to ask is told why."""
    if begins.startswith(b"HTTP/1.1 400"):
        monkeypatch.setattr(connection, "_REQUEST_S", 20)
    came = asyncio.run(exchanged(steps))
    assert came.startswith(begins)
    assert bool(came) == bool(begins)
    assert came.count(b"HTTP/1.1 200") == (begins == b"HTTP/1.1 200 OK\r\n")


def test_who_waits_for_an_answer_gets_it() -> None:
    """However long it takes us, also for requests that came one after the other without waiting."""

    async def ask() -> bytes:
        async with asyncio.timeout(30), listening() as port:
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(WHOLE + WHOLE + HEAD + b"Connection: close\r\n\r\n")
            came = await reader.read()
            writer.close()
            return came

    assert asyncio.run(ask()).count(b"HTTP/1.1 200 OK") == 3
