"""The process that checks partitions for another: an engine that hangs or dies takes nothing else with it.

Messages are MessagePack with their length before them, on standard input and output.
"""

import os
import sys
import threading
import time
from pathlib import Path
from typing import IO

import msgspec

from kg.errors import KgError
from kg.finding import Finding
from kg.validation.engine import Engine, EngineSpec, make_engine

__all__ = ["Answer", "Task", "check", "read_message", "serve", "write_message"]

#: How often a process looks whether the one that started it is still there.
_LOOK_S = 0.5


class Task(msgspec.Struct):
    """What a process is to do first: make this engine."""

    engine: str
    shapes: str | None
    only: tuple[str, ...]

    @classmethod
    def of(cls, spec: EngineSpec) -> "Task":
        """The task to make the engine of a specification."""
        return cls(spec.name, str(spec.shapes) if spec.shapes else None, spec.only)


class Answer(msgspec.Struct):
    """What is wrong with one partition; or what we cannot go on from (where, what); or how the engine broke on it."""

    findings: list[Finding] = []
    error: tuple[str, str] | None = None
    broke: str = ""


def check(engine: Engine, lines: list[str]) -> Answer:
    """The engine's answer, whatever it does."""
    try:
        return Answer(list(engine.validate(lines)))
    except KgError as error:
        return Answer(error=(error.where, error.problem))
    except (KeyboardInterrupt, SystemExit):
        raise
    # Of foreign code anything may come; a Rust panic is no Exception.
    except BaseException as error:  # noqa: BLE001
        return Answer(broke=f"{type(error).__name__}: {error}")


def serve() -> None:
    """Makes the engine, then answers each partition (N-Triples text), until there are no more."""
    threading.Thread(target=_end_with, args=(os.getppid(),), daemon=True).start()
    # What an engine prints must not get among the answers.
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    questions = sys.stdin.buffer
    task = msgspec.msgpack.decode(read_message(questions), type=Task)
    engine = make_engine(task.engine, Path(task.shapes) if task.shapes else None, task.only)
    write_message(answers, b"ready")
    while text := read_message(questions):
        write_message(answers, msgspec.msgpack.encode(check(engine, [text.decode()])))


def _end_with(parent: int) -> None:
    """Ends this process with the one that started it, which may be killed while a constraint here never ends."""
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
