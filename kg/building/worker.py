"""The process that makes pieces for another. Messages are MessagePack with their length before them."""

import os
import sys
import threading
import time
from pathlib import Path
from typing import IO, Any

import msgspec

from kg.building.making import make_piece
from kg.building.recipe import Recipe, open_recipe
from kg.errors import KgError
from kg.readers import Partition

__all__ = ["Answer", "Order", "read_message", "serve", "write_message"]

#: How often a process looks whether the one that started it is still there.
_LOOK_S = 0.5


class Order(msgspec.Struct):
    """What a process is told first: what to make pieces by, and where to leave them."""

    recipe: Recipe
    folder: str


class Answer(msgspec.Struct):
    """The name of a piece; or what we cannot go on from."""

    piece: str = ""
    error: tuple[str, str] | None = None
    #: Which error of the system it was, if it was one.
    errno: int = 0


def serve() -> None:
    """Opens the recipe, then makes the piece of each partition, until there are no more."""
    threading.Thread(target=_end_with, args=(os.getppid(),), daemon=True).start()
    # What a library prints must not get among the answers.
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    questions = sys.stdin.buffer
    order = msgspec.msgpack.decode(read_message(questions), type=Order)
    decoder = msgspec.msgpack.Decoder(Partition)
    kitchen: Any = None
    while message := read_message(questions):
        try:
            kitchen = kitchen or open_recipe(order.recipe)
            answer = Answer(str(make_piece(decoder.decode(message), kitchen, Path(order.folder))))
        except KgError as error:
            answer = Answer(error=(error.where, error.problem))
        except OSError as error:
            answer = Answer(error=("", error.strerror or str(error)), errno=error.errno or 0)
        write_message(answers, msgspec.msgpack.encode(answer))


def _end_with(parent: int) -> None:
    """Ends this process with the one that started it, which may be killed."""
    while os.getppid() == parent:
        time.sleep(_LOOK_S)
    os._exit(1)


def write_message(stream: IO[bytes], message: bytes) -> None:
    """Writes a message."""
    stream.write(len(message).to_bytes(8, "big"))
    stream.write(message)
    stream.flush()


def read_message(stream: IO[bytes]) -> bytes:
    """The next message; an empty one at the end.

    Raises:
        EOFError: if the other side ends within a message.
    """
    head = stream.read(8)
    size = int.from_bytes(head, "big")
    message = stream.read(size) if size else b""
    if 0 < len(head) < 8 or len(message) < size:  # noqa: PLR2004
        raise EOFError
    return message
