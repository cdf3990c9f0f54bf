"""One worker as the server sees it: a process that is asked one thing at a time."""

import asyncio
import sys

from kg.errors import GraphError
from kg.service.snapshots import Snapshot
from kg.service.wire import Failure, Ready, Reply, Start, Task, receive_async, send_async

__all__ = ["Worker", "WorkerDied"]

#: Bytes that a pipe's reader holds before it lets the worker wait.
_BUFFER = 1 << 20
#: Seconds that a worker which is asked to end may take.
_END_S = 2.0


class WorkerDied(Exception):  # noqa: N818 - named by what happened, as its users read it
    """The process ended before it answered; `code` as `Process.returncode`, negative for a signal."""

    def __init__(self, code: int) -> None:
        self.code = code
        super().__init__(f"a worker ended with {code}")


class Worker:
    """A process with an open graph, and the snapshot that it opened."""

    def __init__(self, process: asyncio.subprocess.Process, snapshot: Snapshot | None) -> None:
        self._process = process
        self.snapshot = snapshot
        #: Whether it owes an answer: then nothing else may be asked of it.
        self.is_asked = False
        self._is_killed = False
        self._asking: asyncio.Task[Ready | Reply | Failure] | None = None

    @classmethod
    async def start(cls, message: Start, snapshot: Snapshot | None) -> "Worker":
        """A worker that has opened its graph.

        Raises:
            GraphError: if it cannot.
        """
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "kg.service.worker",
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            limit=_BUFFER,
        )
        worker = cls(process, snapshot)
        try:
            said = await worker._said(message)
        except WorkerDied as death:
            raise GraphError(message.store or "endpoint", f"a worker cannot open it: {death}") from death
        except BaseException:
            worker.kill()
            await process.wait()
            raise
        if isinstance(said, Failure):
            await worker.end()
            raise GraphError(message.store or "endpoint", f"a worker cannot open it: {said.detail}")
        return worker

    @property
    def is_running(self) -> bool:
        """Whether it may be asked."""
        return self._process.returncode is None and not self._is_killed

    @property
    def pid(self) -> int:
        """The process's number."""
        return self._process.pid

    async def ask(self, task: Task) -> Reply | Failure:
        """Its answer.

        Raises:
            WorkerDied: if the process ends first.
        """
        self._asking = asyncio.create_task(self._said(task))
        self._asking.add_done_callback(_hear)
        # Who stops waiting does not stop the reading: what comes of the answer then must not be left in the pipe.
        said = await asyncio.shield(self._asking)
        assert not isinstance(said, Ready)  # noqa: S101 - it says so once
        return said

    async def _said(self, message: Start | Task) -> Ready | Reply | Failure:
        assert self._process.stdin and self._process.stdout  # noqa: S101, PT018 - both are pipes
        self.is_asked = True
        try:
            await send_async(message, self._process.stdin)
            said = await receive_async(self._process.stdout)
        except (asyncio.IncompleteReadError, ConnectionError) as error:
            raise WorkerDied(await self._process.wait()) from error
        self.is_asked = False
        return said

    async def settle(self, seconds: float) -> None:
        """Waits until it owes nothing, but no longer than so."""
        if self._asking:
            await asyncio.wait({self._asking}, timeout=seconds)

    async def wait(self) -> None:
        """Returns when the process is gone, whoever ended it."""
        await self._process.wait()

    def kill(self) -> None:
        """Ends the process at once, whatever it does."""
        self._is_killed = True
        if self._process.returncode is None:
            self._process.kill()

    async def end(self) -> None:
        """Returns when the process is gone."""
        assert self._process.stdin  # noqa: S101 - a pipe
        self._process.stdin.close()
        try:
            async with asyncio.timeout(_END_S):
                await self._process.wait()
        except TimeoutError:
            self.kill()
            await self._process.wait()


def _hear(asked: "asyncio.Task[Ready | Reply | Failure]") -> None:
    """How a worker died that nobody waited for is no news: it was killed."""
    if not asked.cancelled():
        asked.exception()
