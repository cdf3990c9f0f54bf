"""Partitions -> findings: in this process, or in several others with a deadline for each partition.

Findings come in the order of the partitions, whatever the number of processes. A few partitions are held at a time, so
that memory does not grow with the graph. Processes are started afresh, not forked: nothing of the caller's is shared,
and its program need not be written for it.
"""

import os
import re
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing, suppress
from queue import SimpleQueue
from typing import IO, NamedTuple, cast

import msgspec

from kg.errors import KgError
from kg.finding import Finding
from kg.validation.engine import EngineSpec
from kg.validation.worker import Answer, Task, check, read_message, write_message
from kg.vocab import expand

__all__ = ["CRASHED", "DEADLINE", "Partition", "run_engine"]

#: Rules of findings about the run itself: it did not check everything.
DEADLINE, CRASHED = "run/deadline", "run/crashed"
_NCT = re.compile(r"NCT\d{8}")
_CURIE = re.compile(r"[a-z]+:[\w-]+")
#: Seconds that a process which stopped to answer is given to end by itself, so that its exit code is its own.
_ENDING_S = 2.0
_SERVE = "from kg.validation.worker import serve; serve()"


class Partition(NamedTuple):
    """Triples that are checked together (N-Triples lines).

    `sources` says which input each trial's were mapped from, `findings` what was found before there were triples.
    """

    lines: list[str]
    sources: Mapping[str, str] = {}
    findings: tuple[Finding, ...] = ()


def run_engine(
    partitions: Iterable[Partition],
    spec: EngineSpec,
    *,
    jobs: int = 1,
    deadline_s: float | None = None,
    told: Callable[[int], None] = lambda _: None,
) -> Iterator[Finding]:
    """The findings of all partitions; `told` hears how many partitions are done.

    A partition that takes longer than the deadline, or on which the engine dies, is a finding (`run/deadline`,
    `run/crashed`); the others are checked all the same.

    Raises:
        NotFound: if the specification names no engine, shape, class or rule.
        KgError: if the engine is not installed, the shapes are broken, or the engine gives up.
    """
    # Made here in any case: what is wrong with the specification is told at once, and once.
    engine = spec.make()
    answers: Generator[tuple[Partition, Answer]]
    if jobs == 1 and deadline_s is None:
        answers = ((partition, check(engine, partition.lines)) for partition in partitions)
    else:
        answers = _answer_elsewhere(partitions, spec, jobs, deadline_s)
    # Closed whatever happens, so that no process is left behind.
    with closing(answers):
        for done, (partition, answer) in enumerate(answers, start=1):
            yield from partition.findings
            yield from _findings(partition, answer)
            told(done)


def _findings(partition: Partition, answer: Answer) -> Iterator[Finding]:
    if answer.error:
        raise KgError(*answer.error)
    if answer.broke:
        yield _about_run(CRASHED, f"The engine broke: {answer.broke}", partition)
    for finding in answer.findings:
        trial = finding.trial or _find_trial(partition, finding)
        source = partition.sources.get(trial, "")
        yield msgspec.structs.replace(finding, trial=trial, source=source) if trial else finding


def _find_trial(partition: Partition, finding: Finding) -> str:
    """The trial whose record says of a shared node, such as an organisation, what is found; else the first to name it.

    Triples of a trial stand together, those of nodes that it shares with others among them.
    """
    # Of a path of several steps nothing is said in one triple.
    said = f"<{finding.focus}> <{expand(finding.path)}> " if _CURIE.fullmatch(finding.path) else ""
    end = f" <{finding.focus}> .\n"
    trial = first = ""
    for line in partition.lines:
        if match := _NCT.search(line, 0, line.find(">")):
            trial = match[0]
        elif said and line.startswith(said) and finding.value in line:
            return trial
        if not first and line.endswith(end):
            first = trial
    return first


def _about_run(rule: str, problem: str, partition: Partition) -> Finding:
    trials = sorted({match[0] for line in partition.lines if (match := _NCT.search(line))})
    said = f"{trials[0]} to {trials[-1]}" if len(trials) > 1 else "".join(trials) or f"{len(partition.lines):,} triples"
    trial = trials[0] if len(trials) == 1 else ""
    return Finding(
        rule=rule,
        message=f"{problem}. Not checked: {said}.",
        severity="violation",
        trial=trial,
        source=partition.sources.get(trial, ""),
    )


def _answer_elsewhere(
    partitions: Iterable[Partition], spec: EngineSpec, jobs: int, deadline_s: float | None
) -> Generator[tuple[Partition, Answer]]:
    """The answers of so many processes, each fed by a thread, in the order of the partitions."""
    processes: SimpleQueue[_Process] = SimpleQueue()
    all_processes = [_Process(spec, deadline_s) for _ in range(jobs)]
    for process in all_processes:
        processes.put(process)

    def answer(partition: Partition) -> Answer:
        process = processes.get()
        try:
            return process.check(partition)
        finally:
            processes.put(process)

    waiting: deque[tuple[Partition, Future[Answer]]] = deque()
    with ThreadPoolExecutor(jobs) as threads:
        try:
            for partition in partitions:
                waiting.append((partition, threads.submit(answer, partition)))
                # One more than are at work: that none waits for the next to be read, and no more are held.
                if len(waiting) > jobs:
                    first, future = waiting.popleft()
                    yield first, future.result()
            for first, future in waiting:
                yield first, future.result()
        finally:
            threads.shutdown(wait=False, cancel_futures=True)
            for process in all_processes:
                process.end()


class _Process:
    """A process with an engine; started when it is needed, and again when it has ended."""

    def __init__(self, spec: EngineSpec, deadline_s: float | None) -> None:
        self._task = Task.of(spec)
        self._deadline_s = deadline_s
        self._running: subprocess.Popen[bytes] | None = None
        self._closed = False
        self._lock = threading.Lock()

    def check(self, partition: Partition) -> Answer:
        """What the engine says of a partition, or how its process ended."""
        late = threading.Event()
        if not partition.lines:
            return Answer()
        try:
            process = self._started()
            timer = threading.Timer(min(self._deadline_s or 0, threading.TIMEOUT_MAX), self._stop, (process, late))
            if self._deadline_s is not None:
                timer.start()
            try:
                write_message(cast("IO[bytes]", process.stdin), "".join(partition.lines).encode())
                answer = read_message(cast("IO[bytes]", process.stdout))
            finally:
                timer.cancel()
            return msgspec.msgpack.decode(answer, type=Answer)
        except (OSError, EOFError, msgspec.DecodeError):
            return self._ended(partition, late=late.is_set())

    def _started(self) -> subprocess.Popen[bytes]:
        with self._lock:
            if self._closed:
                raise EOFError
            if self._running is None:
                self._running = _start(self._task)
            return self._running

    @staticmethod
    def _stop(process: subprocess.Popen[bytes], late: threading.Event) -> None:
        late.set()
        process.kill()

    def _ended(self, partition: Partition, *, late: bool) -> Answer:
        with self._lock:
            process, self._running = self._running, None
        if process is not None:
            with suppress(subprocess.TimeoutExpired):
                process.wait(_ENDING_S)
        code = _end(process)
        if late:
            problem = f"Checking took longer than {self._deadline_s:g} s and was stopped"
            return Answer([_about_run(DEADLINE, problem, partition)])
        how = f"was killed (signal {-code})" if code < 0 else f"ended with code {code}"
        return Answer([_about_run(CRASHED, f"The engine's process {how}; was there too little memory?", partition)])

    def end(self) -> None:
        """Ends the process, whatever it is doing."""
        with self._lock:
            self._closed = True
            process, self._running = self._running, None
        _end(process)


def _start(task: Task) -> subprocess.Popen[bytes]:
    # -P: no module of the folder in which we happen to be takes the place of one of ours.
    process = subprocess.Popen(
        [sys.executable, "-P", "-c", _SERVE],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)},
    )
    write_message(cast("IO[bytes]", process.stdin), msgspec.msgpack.encode(task))
    read_message(cast("IO[bytes]", process.stdout))  # that the engine is made: no part of the first partition's time
    return process


def _end(process: subprocess.Popen[bytes] | None) -> int:
    if process is None:
        return 0
    process.kill()
    code = process.wait()
    for stream in (process.stdin, process.stdout):
        # What could not be written to a process that has ended is of no use to it.
        with suppress(OSError):
            cast("IO[bytes]", stream).close()
    return code
