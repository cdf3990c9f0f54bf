"""The process that checks partitions for another: an engine that hangs or dies takes nothing else with it."""

from collections.abc import Callable
from pathlib import Path

import msgspec

from kg.child import answer_messages
from kg.errors import KgError
from kg.finding import Finding
from kg.validation.engine import Engine, EngineSpec, make_engine

__all__ = ["Answer", "Task", "check", "serve"]


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
    """Makes the engine, then answers each partition (N-Triples text)."""
    answer_messages(_answerer)


def _answerer(task: bytes) -> Callable[[bytes], bytes]:
    given = msgspec.msgpack.decode(task, type=Task)
    engine = make_engine(given.engine, Path(given.shapes) if given.shapes else None, given.only)
    return lambda text: msgspec.msgpack.encode(check(engine, [text.decode()]))
