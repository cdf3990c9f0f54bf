"""Partitions -> pieces, in this process or in several others; one that dies is started again, once a partition."""

import os
import subprocess
import sys
import threading
from collections.abc import Generator, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import suppress
from itertools import chain, islice
from pathlib import Path
from queue import SimpleQueue
from typing import IO, cast

import msgspec

from kg.building.making import make_piece
from kg.building.recipe import Kitchen
from kg.building.worker import Answer, Order, read_message, write_message
from kg.errors import KgError
from kg.readers import Partition

__all__ = ["make_pieces"]

_SERVE = "from kg.building.worker import serve; serve()"
#: How often a partition is given to a process before we give up.
_TRIES = 2


def make_pieces(
    partitions: Iterable[Partition], kitchen: Kitchen, folder: Path, *, jobs: int
) -> Generator[tuple[Partition, Path]]:
    """Each partition with its piece, in any order; few partitions are held at a time.

    Raises:
        KgError: if a piece cannot be made or written.
    """
    partitions = iter(partitions)
    first = list(islice(partitions, 2))
    partitions = chain(first, partitions)
    # Starting a process takes longer than one piece.
    if jobs == 1 or len(first) == 1:
        return ((partition, make_piece(partition, kitchen, folder)) for partition in partitions)
    return _make_elsewhere(partitions, Order(kitchen.recipe, str(folder)), jobs)


def _make_elsewhere(partitions: Iterable[Partition], order: Order, jobs: int) -> Generator[tuple[Partition, Path]]:
    every = [_Process(order) for _ in range(jobs)]
    idle: SimpleQueue[_Process] = SimpleQueue()
    for process in every:
        idle.put(process)

    def make(partition: Partition) -> Path:
        process = idle.get()
        try:
            return process.make(partition)
        finally:
            idle.put(process)

    waiting: dict[Future[Path], Partition] = {}
    with ThreadPoolExecutor(jobs) as threads:
        try:
            for partition in partitions:
                waiting[threads.submit(make, partition)] = partition
                # One more than are at work: that none waits for the next to be cut, and no more are held.
                if len(waiting) > jobs:
                    yield from _take_finished(waiting)
            while waiting:
                yield from _take_finished(waiting)
        finally:
            threads.shutdown(wait=False, cancel_futures=True)
            for process in every:
                process.end()


def _take_finished(waiting: dict[Future[Path], Partition]) -> Iterator[tuple[Partition, Path]]:
    done, _ = wait(waiting, return_when=FIRST_COMPLETED)
    for future in done:
        yield waiting.pop(future), future.result()


class _Process:
    """A process that makes pieces; started when it is needed, and again when it has died."""

    def __init__(self, order: Order) -> None:
        self._order = order
        self._running: subprocess.Popen[bytes] | None = None
        self._closed = False
        self._lock = threading.Lock()

    def make(self, partition: Partition) -> Path:
        """The piece of a partition."""
        code = 0
        for _ in range(_TRIES):
            if self._closed:
                break
            try:
                answer = self._ask(msgspec.msgpack.encode(partition))
            except (OSError, EOFError, msgspec.DecodeError):
                code = self._stop()
                continue
            if answer.errno and answer.error:
                raise OSError(answer.errno, answer.error[1])
            if answer.error:
                raise KgError(*answer.error)
            return Path(answer.piece)
        how = f"was killed (signal {-code})" if code < 0 else f"ended with code {code}"
        remedy = "Is there too little memory? What was finished is kept: run the same command again."
        raise KgError(partition.label(), f"the process that mapped it {how}, {_TRIES} times", remedy=remedy)

    def _ask(self, message: bytes) -> Answer:
        process = self._started()
        write_message(cast("IO[bytes]", process.stdin), message)
        return msgspec.msgpack.decode(read_message(cast("IO[bytes]", process.stdout)), type=Answer)

    def _started(self) -> subprocess.Popen[bytes]:
        with self._lock:
            if self._closed:
                raise EOFError
            if self._running is None:
                self._running = _start(self._order)
            return self._running

    def _stop(self) -> int:
        with self._lock:
            process, self._running = self._running, None
        if process is None:
            return 0
        # Its own exit code is wanted, and it may be about to end.
        with suppress(subprocess.TimeoutExpired):
            process.wait(0 if self._closed else 1)
        process.kill()
        code = process.wait()
        for stream in (process.stdin, process.stdout):
            # What could not be written to a process that has ended is of no use to it.
            with suppress(OSError):
                cast("IO[bytes]", stream).close()
        return code

    def end(self) -> None:
        """Ends the process, whatever it is doing."""
        with self._lock:
            self._closed = True
            if self._running is not None:
                self._running.kill()
        self._stop()


def _start(order: Order) -> subprocess.Popen[bytes]:
    # Afresh, not forked: nothing of the caller's is shared, and its program need not be written for it.
    # -P: no module of the folder in which we happen to be takes the place of one of ours.
    process = subprocess.Popen(
        [sys.executable, "-P", "-c", _SERVE],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)},
    )
    write_message(cast("IO[bytes]", process.stdin), msgspec.msgpack.encode(order))
    return process
