"""Partitions -> findings: in this process, or in several others with a deadline for each partition.

Findings come in the order of the partitions, whatever the number of processes. A few partitions are held at a time, so
that memory does not grow with the graph.
"""

import re
import subprocess
import threading
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from typing import NamedTuple

import msgspec

from kg.child import Child, Children
from kg.errors import KgError
from kg.finding import Finding
from kg.validation.engine import Engine, EngineSpec
from kg.validation.worker import Answer, Task, check
from kg.vocab import expand

__all__ = ["CRASHED", "DEADLINE", "Partition", "check_partition", "run_engine"]

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


def check_partition(partition: Partition, engine: Engine) -> Iterator[Finding]:
    """The findings of one partition, in this process.

    Raises:
        KgError: if the engine gives up.
    """
    yield from partition.findings
    yield from _findings(partition, check(engine, partition.lines))


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
    task = msgspec.msgpack.encode(Task.of(spec))
    # What an engine prints is its own affair.
    children = Children(Child(_SERVE, task, quiet=True) for _ in range(jobs))

    def answer(partition: Partition) -> Answer:
        with children.lend() as child:
            return _check(child, partition, deadline_s) if partition.lines else Answer()

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
            children.end()


def _check(child: Child, partition: Partition, deadline_s: float | None) -> Answer:
    """What the engine says of a partition, or how its process ended."""
    late = threading.Event()
    try:
        # That the engine is made is no part of the first partition's time.
        process = child.start()
        timer = threading.Timer(min(deadline_s or 0, threading.TIMEOUT_MAX), _stop, (process, late))
        if deadline_s is not None:
            timer.start()
        try:
            answer = child.ask("".join(partition.lines).encode())
        finally:
            timer.cancel()
        return msgspec.msgpack.decode(answer, type=Answer)
    except (OSError, EOFError, msgspec.DecodeError):
        code = child.bury(_ENDING_S)
    if late.is_set():
        problem = f"Checking took longer than {deadline_s:g} s and was stopped"
        return Answer([_about_run(DEADLINE, problem, partition)])
    how = f"was killed (signal {-code})" if code < 0 else f"ended with code {code}"
    return Answer([_about_run(CRASHED, f"The engine's process {how}; was there too little memory?", partition)])


def _stop(process: subprocess.Popen[bytes], late: threading.Event) -> None:
    late.set()
    process.kill()
