"""A worker: reads tasks from its standard input, writes answers to its standard output, until the input ends.

Run as `python -m kg.service.worker` by the server, which kills it when a query is over its deadline.
"""

import os
import resource
import select
import signal
import sys
from pathlib import Path
from threading import Thread
from typing import IO

from kg.errors import KgError
from kg.queries import read_queries
from kg.service.answering import Answerer
from kg.service.graphs import RemoteGraph, StoreGraph
from kg.service.problems import failure
from kg.service.wire import Ready, Start, Task, receive, send

__all__ = ["main"]


def main() -> None:
    """Answers until the server is gone."""
    # The terminal's ^C goes to all: the server alone decides when a worker ends.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    tasks, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # What a library prints must not come between two answers.
    _leave_with(tasks)
    start = receive(tasks)
    assert isinstance(start, Start)  # noqa: S101 - the server says it first
    try:
        answerer = Answerer(_opened(start), read_queries(), start.max_rows, start.service_hosts)
    except KgError as error:
        send(failure(error), answers)
        return
    _limit_memory(start.max_memory_mb)
    send(Ready(), answers)
    while (task := receive(tasks)) is not None:
        assert isinstance(task, Task)  # noqa: S101 - it starts once
        send(answerer.answer(task), answers)


def _leave_with(tasks: IO[bytes]) -> None:
    """Ends the process at once when the server is gone, also in the middle of a query."""

    def wait() -> None:
        watched = select.poll()
        watched.register(tasks, 0)  # wakes for nothing but the other end's closing
        watched.poll()
        os._exit(0)

    Thread(target=wait, daemon=True).start()


def _opened(start: Start) -> StoreGraph | RemoteGraph:
    if start.endpoint is not None:
        return RemoteGraph(start.endpoint, timeout_s=start.timeout_s)
    return StoreGraph(Path(start.store or ""))


def _limit_memory(megabytes: int) -> None:
    """Lets the process take so much more than the open graph takes already."""
    taken = 0
    if sys.platform == "linux":
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
        taken = pages * os.sysconf("SC_PAGE_SIZE")
    limit = taken + (megabytes << 20)
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (limit if hard == resource.RLIM_INFINITY else min(limit, hard), hard))


if __name__ == "__main__":
    main()
