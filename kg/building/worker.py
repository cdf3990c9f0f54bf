"""The process that makes pieces for another."""

from collections.abc import Callable
from pathlib import Path

import msgspec

from kg.building.making import make_piece
from kg.building.recipe import Mapper, Recipe, open_recipe
from kg.child import answer_messages
from kg.errors import KgError
from kg.readers import Partition

__all__ = ["Answer", "Order", "serve"]


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
    """Makes the piece of each partition."""
    answer_messages(_answerer)


def _answerer(task: bytes) -> Callable[[bytes], bytes]:
    order = msgspec.msgpack.decode(task, type=Order)
    decoder = msgspec.msgpack.Decoder(Partition)
    # Opened with the first partition, so that what is wrong with it is an answer.
    opened: list[Mapper] = []

    def answer(message: bytes) -> bytes:
        try:
            opened[:] = opened or [open_recipe(order.recipe)]
            made = Answer(str(make_piece(decoder.decode(message), opened[0], Path(order.folder))))
        except KgError as error:
            made = Answer(error=(error.where, error.problem))
        except OSError as error:
            made = Answer(error=("", error.strerror or str(error)), errno=error.errno or 0)
        return msgspec.msgpack.encode(made)

    return answer
