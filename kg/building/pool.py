"""Partitions -> pieces, in this process or in several others; one that dies is started again, once a partition."""

from collections.abc import Generator, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from itertools import chain, islice
from pathlib import Path

import msgspec

from kg.building.making import make_piece
from kg.building.recipe import Mapper
from kg.building.worker import Answer, Order
from kg.child import Child, Children
from kg.errors import KgError
from kg.readers import Partition

__all__ = ["make_pieces"]

_SERVE = "from kg.building.worker import serve; serve()"
#: How often a partition is given to a process before we give up.
_TRIES = 2
#: Seconds that a process which stopped to answer is given to end by itself.
_ENDING_S = 1.0


def make_pieces(
    partitions: Iterable[Partition], mapper: Mapper, folder: Path, *, jobs: int
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
        return ((partition, make_piece(partition, mapper, folder)) for partition in partitions)
    return _make_elsewhere(partitions, Order(mapper.recipe, str(folder)), jobs)


def _make_elsewhere(partitions: Iterable[Partition], order: Order, jobs: int) -> Generator[tuple[Partition, Path]]:
    task = msgspec.msgpack.encode(order)
    children = Children(Child(_SERVE, task) for _ in range(jobs))

    def make(partition: Partition) -> Path:
        with children.lend() as child:
            return _make(child, partition)

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
            children.end()


def _take_finished(waiting: dict[Future[Path], Partition]) -> Iterator[tuple[Partition, Path]]:
    done, _ = wait(waiting, return_when=FIRST_COMPLETED)
    for future in done:
        yield waiting.pop(future), future.result()


def _make(child: Child, partition: Partition) -> Path:
    """The piece of a partition."""
    code = 0
    for _ in range(_TRIES):
        try:
            answer = msgspec.msgpack.decode(child.ask(msgspec.msgpack.encode(partition)), type=Answer)
        except (OSError, EOFError, msgspec.DecodeError):
            # Its own exit code is wanted, and it may be about to end.
            code = child.bury(_ENDING_S)
            continue
        if answer.errno and answer.error:
            raise OSError(answer.errno, answer.error[1])
        if answer.error:
            raise KgError(*answer.error)
        return Path(answer.piece)
    how = f"was killed (signal {-code})" if code < 0 else f"ended with code {code}"
    remedy = "Is there too little memory? What was finished is kept: run the same command again."
    raise KgError(partition.label(), f"the process that mapped it {how}, {_TRIES} times", remedy=remedy)
