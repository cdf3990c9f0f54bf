"""What the server and its workers tell each other: one message a frame, its length in front."""

import asyncio
from typing import IO

import msgspec

__all__ = [
    "Choice",
    "ExamplesTask",
    "Failure",
    "Format",
    "Incoming",
    "Outgoing",
    "Ready",
    "Reply",
    "SavedTask",
    "Start",
    "Task",
    "TextTask",
    "WhyTask",
    "receive",
    "receive_async",
    "send",
    "send_async",
]


class Format(msgspec.Struct, frozen=True):
    """A format's name, and the media type under which the client asked for it."""

    name: str
    media_type: str


class Choice(msgspec.Struct, frozen=True):
    """The formats that the client takes, by kind of answer; which kind it is shows only when the query is parsed."""

    rows: Format | None
    boolean: Format | None
    graph: Format | None


class Start(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """The first thing that a worker hears: the graph to open, and its limits."""

    store: str | None
    endpoint: str | None
    timeout_s: float
    max_rows: int
    max_memory_mb: int
    service_hosts: tuple[str, ...]


class TextTask(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """A query of the user's own. `default_graphs` and `named_graphs` are the dataset; None leaves it to the query.

    `base` is what relative IRIs in it are relative to. `in_order` writes triples sorted: the same bytes each time.
    """

    text: str
    choice: Choice
    default_graphs: tuple[str, ...] | None = None
    named_graphs: tuple[str, ...] | None = None
    base: str | None = None
    in_order: bool = False


class SavedTask(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """A saved query, the values of its parameters, and the page of the answer that is wanted."""

    name: str
    values: dict[str, str]
    choice: Choice
    limit: int
    offset: int


class ExamplesTask(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """The saved queries as examples: what stands before their names, the endpoint that they are for, the format."""

    base: str
    endpoint: str
    found: Format


class WhyTask(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """Why a trial, by its NCT number, is in the answer of a saved query with these values, and the format."""

    trial: str
    name: str
    values: dict[str, str]
    found: Format


#: What a worker may be asked.
Task = TextTask | SavedTask | ExamplesTask | WhyTask


class Ready(msgspec.Struct, frozen=True, tag=True):
    """The graph is open."""


class Reply(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """A whole answer: rows or triples in it, rows that there are, what the parameters were taken for (JSON)."""

    body: bytes
    media_type: str
    rows: int
    total: int = 0
    resolved: str = ""


class Failure(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """Why there is no answer: a status of HTTP, and the members of a problem (https://www.rfc-editor.org/rfc/rfc9457)."""

    status: int
    kind: str
    title: str
    detail: str
    more: dict[str, str | int | list[str]] = {}


#: What a worker hears, and what it says.
Incoming = Start | Task
Outgoing = Ready | Reply | Failure

_LENGTH_BYTES = 8


def send(message: Outgoing, stream: IO[bytes]) -> None:
    """Writes one message."""
    data = msgspec.msgpack.encode(message)
    stream.write(len(data).to_bytes(_LENGTH_BYTES, "big"))
    stream.write(data)
    stream.flush()


def receive(stream: IO[bytes]) -> Incoming | None:
    """The next message; None when nobody is left to send one."""
    head = stream.read(_LENGTH_BYTES)
    if len(head) < _LENGTH_BYTES:
        return None
    message: Incoming = msgspec.msgpack.decode(stream.read(int.from_bytes(head, "big")), type=Incoming)
    return message


async def send_async(message: Incoming, writer: asyncio.StreamWriter) -> None:
    """Writes one message to a worker."""
    data = msgspec.msgpack.encode(message)
    writer.write(len(data).to_bytes(_LENGTH_BYTES, "big") + data)
    await writer.drain()


async def receive_async(reader: asyncio.StreamReader) -> Outgoing:
    """The next message of a worker.

    Raises:
        asyncio.IncompleteReadError: if the worker is gone.
    """
    head = await reader.readexactly(_LENGTH_BYTES)
    data = await reader.readexactly(int.from_bytes(head, "big"))
    message: Outgoing = msgspec.msgpack.decode(data, type=Outgoing)
    return message
