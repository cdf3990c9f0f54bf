"""Processes of ours that answer messages: one that hangs or dies takes nothing else with it.

A message is bytes with their length before them, on standard input and output. Processes are started afresh, not
forked: nothing of the caller's is shared, and its program need not be written for it.
"""

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from queue import SimpleQueue
from typing import IO, cast

__all__ = ["Child", "Children", "answer_messages"]

#: How often a process looks whether the one that started it is still there.
_LOOK_S = 0.5


class Child:
    """A process that runs a line of Python with `answer_messages` in it; started when it is needed, each time."""

    def __init__(self, program: str, task: bytes, *, quiet: bool = False) -> None:
        """`task` is its first message; what it prints goes to stderr, or nowhere if it is to be `quiet`."""
        self._program = program
        self._task = task
        self._stderr = subprocess.DEVNULL if quiet else None
        self._running: subprocess.Popen[bytes] | None = None
        self._closed = False
        self._lock = threading.Lock()

    def start(self) -> subprocess.Popen[bytes]:
        """The process, which has taken its task.

        Raises:
            EOFError: if it ends before, or is wanted no more.
            OSError: if it cannot be started.
        """
        with self._lock:
            if self._closed:
                raise EOFError
            if self._running is None:
                self._running = self._started()
                _exchange(self._running, self._task)
            return self._running

    def _started(self) -> subprocess.Popen[bytes]:
        # -P: no module of the folder in which we happen to be takes the place of one of ours.
        return subprocess.Popen(
            [sys.executable, "-P", "-c", self._program],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._stderr,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)},
        )

    def ask(self, message: bytes) -> bytes:
        """The answer to a message.

        Raises:
            EOFError: if the process ends before it has answered.
            OSError: if it has ended already.
        """
        return _exchange(self.start(), message)

    def bury(self, wait_s: float) -> int:
        """Gives a process that has failed so long to end by itself, then ends it; gives its exit code."""
        with self._lock:
            process, self._running = self._running, None
        if process is None:
            return 0
        with suppress(subprocess.TimeoutExpired):
            process.wait(0 if self._closed else wait_s)
        process.kill()
        code = process.wait()
        for stream in (process.stdin, process.stdout):
            # What could not be written to a process that has ended is of no use to it.
            with suppress(OSError):
                cast("IO[bytes]", stream).close()
        return code

    def end(self) -> None:
        """Ends the process, whatever it is doing, for good."""
        self._closed = True
        running = self._running
        if running is not None:
            # Whoever waits for it to start, or to answer, hears that it has ended.
            running.kill()
        self.bury(0)


def _exchange(process: subprocess.Popen[bytes], message: bytes) -> bytes:
    _write(cast("IO[bytes]", process.stdin), message)
    answer = _read(cast("IO[bytes]", process.stdout))
    if not answer:
        raise EOFError
    return answer


class Children:
    """Some children, each lent to one at a time."""

    def __init__(self, children: Iterable[Child]) -> None:
        self._all = list(children)
        self._idle: SimpleQueue[Child] = SimpleQueue()
        for child in self._all:
            self._idle.put(child)

    @contextmanager
    def lend(self) -> Iterator[Child]:
        """The next that is idle."""
        child = self._idle.get()
        try:
            yield child
        finally:
            self._idle.put(child)

    def end(self) -> None:
        """Ends them all."""
        for child in self._all:
            child.end()


def answer_messages(make: Callable[[bytes], Callable[[bytes], bytes]]) -> None:
    """What a child runs: `make` takes its task and gives what answers each message, until there are no more."""
    threading.Thread(target=_end_with, args=(os.getppid(),), daemon=True).start()
    # What a library prints must not get among the answers.
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    questions = sys.stdin.buffer
    answer = make(_read(questions))
    _write(answers, b"ready")
    while message := _read(questions):
        _write(answers, answer(message))


def _end_with(parent: int) -> None:
    """Ends this process with the one that started it, which may be killed while an answer here never ends."""
    while os.getppid() == parent:
        time.sleep(_LOOK_S)
    os._exit(1)


def _write(stream: IO[bytes], message: bytes) -> None:
    """Writes a message."""
    stream.write(len(message).to_bytes(8, "big"))
    stream.write(message)
    stream.flush()


def _read(stream: IO[bytes]) -> bytes:
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
