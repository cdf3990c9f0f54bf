"""The workers: each query gets one to itself, and a worker that dies or is killed is replaced."""

import asyncio
import contextlib
import signal
from collections.abc import AsyncIterator, Coroutine
from time import monotonic

from kg.errors import DeadlineExceeded, EndpointError, KgError
from kg.service.kept import KeptAnswers
from kg.service.metrics import Metrics
from kg.service.problems import Refused
from kg.service.process import Worker, WorkerDied
from kg.service.settings import Settings
from kg.service.snapshots import Snapshot, clear_snapshots, find_mark, take_snapshot
from kg.service.wire import Failure, Reply, Start, Task, TextTask, WhyTask

__all__ = ["Pool"]

#: Seconds between two looks for a new build, and between two tries to start a worker, or to open a broken build.
_WATCH_S, _RETRY_S, _BROKEN_S = 0.5, 1.0, 10.0
#: Seconds that a query may go on when its client has gone.
_FINISH_S = 1.0
#: How the engine ends a process by itself: out of memory, or out of stack.
_ENGINE_SIGNALS = (-signal.SIGABRT, -signal.SIGSEGV, -signal.SIGBUS, -signal.SIGILL)


class Pool:
    """Workers on the newest build. What may take long leaves one free for saved queries and documents."""

    def __init__(self, settings: Settings, metrics: Metrics) -> None:
        self._settings = settings
        self._metrics = metrics
        self._idle: asyncio.LifoQueue[Worker] = asyncio.LifoQueue()
        self._living: set[Worker] = set()
        self._long = asyncio.Semaphore(max(1, settings.workers - 1))
        self._kept = KeptAnswers(settings.cache_mb << 20)
        self._snapshot: Snapshot | None = None
        self._background: set[asyncio.Task[None]] = set()
        self._watcher: asyncio.Task[None] | None = None
        self._closed = False
        #: Why the newest build is not served; empty if it is.
        self.problem = ""

    @property
    def build(self) -> str:
        """The sha256 of the served build's manifest; empty for an endpoint, which may change at any time."""
        return self._snapshot.digest if self._snapshot else ""

    @property
    def workers(self) -> int:
        """Workers that are ready, or at work."""
        return len(self._living)

    async def start(self) -> None:
        """Opens the graph in every worker.

        Raises:
            GraphError: if there is none.
        """
        if self._settings.graph is not None:
            clear_snapshots(self._settings.graph)
            self._snapshot = take_snapshot(self._settings.graph)
        for worker in await self._start_workers(self._snapshot):
            self._add(worker)
        if self._settings.graph is not None:
            self._watcher = asyncio.create_task(self._watch())

    async def close(self) -> None:
        """Ends every worker; nothing is asked of them any more."""
        self._closed = True
        if self._watcher:
            self._watcher.cancel()
            await asyncio.gather(self._watcher, return_exceptions=True)
        await asyncio.gather(*(worker.end() for worker in list(self._living)))
        while self._background:
            await asyncio.gather(*self._background, return_exceptions=True)
        if self._snapshot:
            self._snapshot.drop()

    def find_kept(self, task: Task) -> Reply | None:
        """The answer, if it was given before on the build that is served."""
        reply = self._kept.find(self.build, task)
        if reply:
            self._metrics.kept.inc()
        return reply

    async def run(self, task: Task) -> Reply | Failure:
        """What a worker answers.

        A worker that somebody else ended is no fault of the query: another one is asked, once.

        Raises:
            DeadlineExceeded: if it takes longer than it may.
            Refused: if no worker comes free, or the query ends its worker.
        """
        for last in (False, True):
            async with self._worker(is_long=isinstance(task, TextTask | WhyTask)) as worker:
                try:
                    async with asyncio.timeout(self._settings.timeout_s):
                        told = await worker.ask(task)
                except TimeoutError:
                    self._metrics.kills.labels("deadline").inc()
                    raise self._too_long() from None
                except WorkerDied as death:
                    self._metrics.kills.labels("died").inc()
                    if last or death.code in _ENGINE_SIGNALS:
                        raise _died(death) from death
                else:
                    if isinstance(told, Reply) and worker.snapshot and worker.snapshot == self._snapshot:
                        self._kept.keep(worker.snapshot.digest, task, told)
                    return told
        raise AssertionError  # the second round returned or raised

    @contextlib.asynccontextmanager
    async def _worker(self, *, is_long: bool) -> AsyncIterator[Worker]:
        """A worker of one's own; afterwards it goes back, or a new one comes in its place."""
        async with contextlib.AsyncExitStack() as stack:
            worker = await self._free(stack, is_long=is_long)
            try:
                yield worker
            except asyncio.CancelledError:
                # Until it has settled it counts as one of those that are long at work.
                self._run(self._finish(worker, stack.pop_all()))
                raise
            except BaseException:
                self._give_back(worker)
                raise
            self._give_back(worker)

    def _give_back(self, worker: Worker) -> None:
        if worker.is_asked:
            worker.kill()
        self._release(worker)

    async def _finish(self, worker: Worker, held: contextlib.AsyncExitStack) -> None:
        """What nobody waits for may end by itself if that is soon: a new worker would take as long to start."""
        async with held:
            await worker.settle(_FINISH_S)
        if worker.is_asked and worker.is_running:
            self._metrics.kills.labels("gone").inc()
        self._give_back(worker)

    async def _free(self, stack: contextlib.AsyncExitStack, *, is_long: bool) -> Worker:
        began = monotonic()
        try:
            async with asyncio.timeout(self._settings.timeout_s):
                if is_long:
                    await stack.enter_async_context(self._long)
                while True:
                    worker = await self._idle.get()
                    if worker.is_running:
                        return worker
                    self._release(worker)
        except TimeoutError:
            waited = f"no worker came free in {self._settings.timeout_s:g} s"
            raise Refused(503, "busy", "service", waited, remedy="Ask again later.") from None
        finally:
            self._metrics.waits.observe(monotonic() - began)

    def _release(self, worker: Worker) -> None:
        if worker not in self._living:
            return  # its end was noticed before
        if worker.is_running and worker.snapshot == self._snapshot and not self._closed:
            self._idle.put_nowait(worker)
            return
        self._living.discard(worker)
        if worker.snapshot == self._snapshot and not self._closed:
            self._run(self._replace())
        self._run(self._retire(worker))

    async def _retire(self, worker: Worker) -> None:
        await worker.end()
        used = {each.snapshot for each in self._living}
        if worker.snapshot and worker.snapshot != self._snapshot and worker.snapshot not in used:
            worker.snapshot.drop()

    def _add(self, worker: Worker) -> None:
        self._living.add(worker)
        self._idle.put_nowait(worker)
        self._run(self._attend(worker))

    async def _attend(self, worker: Worker) -> None:
        """Another comes for a worker that somebody ended, also if nobody asks."""
        await worker.wait()
        self._release(worker)

    async def _replace(self) -> None:
        """Starts one worker more, however often it takes."""
        wanted = self._snapshot
        while not self._closed and wanted == self._snapshot:
            try:
                worker = await Worker.start(self._start_message(wanted), wanted)
            except (KgError, OSError):
                await asyncio.sleep(_RETRY_S)
                continue
            if self._closed or wanted != self._snapshot:
                await self._retire(worker)
            else:
                self._add(worker)
            return

    async def _watch(self) -> None:
        """Takes up each new build when its workers stand; requests under way end on the build that they began with."""
        folder = self._settings.graph
        assert folder is not None and self._snapshot is not None  # noqa: S101, PT018 - else there is nothing to watch
        broken, again = None, 0.0
        while True:
            await asyncio.sleep(_WATCH_S)
            mark = find_mark(folder)
            if mark == self._snapshot.mark:
                self.problem = ""
            if mark in (None, self._snapshot.mark) or (mark == broken and monotonic() < again):
                continue
            try:
                snapshot = take_snapshot(folder)
                workers = await self._start_workers(snapshot)
            # Just being moved in, or broken in whatever way: the build that is served stays.
            except Exception as error:  # noqa: BLE001 - else nobody would look for builds any more
                self.problem, broken, again = str(error), mark, monotonic() + _BROKEN_S
                continue
            self.problem = ""
            self._take_up(snapshot, workers)

    def _take_up(self, snapshot: Snapshot, workers: list[Worker]) -> None:
        self._snapshot = snapshot
        self._kept.forget()
        for worker in workers:
            self._add(worker)
        for worker in [self._idle.get_nowait() for _ in range(self._idle.qsize())]:
            self._release(worker)  # back, if it is one of the new
        self._metrics.builds.inc()

    async def _start_workers(self, snapshot: Snapshot | None) -> list[Worker]:
        message = self._start_message(snapshot)
        starting = [Worker.start(message, snapshot) for _ in range(self._settings.workers)]
        try:
            begun = await asyncio.gather(*starting, return_exceptions=True)
        except asyncio.CancelledError:
            if snapshot:
                snapshot.drop()
            raise
        workers = [worker for worker in begun if isinstance(worker, Worker)]
        errors = [error for error in begun if isinstance(error, BaseException)]
        if errors:
            await asyncio.gather(*(worker.end() for worker in workers))
            if snapshot:
                snapshot.drop()
            raise errors[0]
        return workers

    def _start_message(self, snapshot: Snapshot | None) -> Start:
        return Start(
            store=str(snapshot.store) if snapshot else None,
            endpoint=self._settings.endpoint,
            timeout_s=self._settings.timeout_s,
            max_rows=self._settings.max_rows,
            max_memory_mb=self._settings.max_memory_mb,
            service_hosts=tuple(host.lower() for host in self._settings.service_hosts),
        )

    def _run(self, task: Coroutine[None, None, None]) -> None:
        started = asyncio.create_task(task)
        self._background.add(started)
        started.add_done_callback(self._background.discard)

    def _too_long(self) -> DeadlineExceeded:
        limit = f"no answer within {self._settings.timeout_s:g} s"
        return DeadlineExceeded("SPARQL", limit, remedy="Ask for less: name a trial or a concept, or add a LIMIT.")


def _died(death: WorkerDied) -> Refused | EndpointError:
    if death.code in _ENGINE_SIGNALS:
        return Refused(422, "memory", "SPARQL", "the query takes more memory than it may, or is nested too deeply")
    return Refused(503, "worker", "service", "the worker that ran the query died", remedy="Ask again.")
