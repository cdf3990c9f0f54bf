"""What a command costs, and how figures are kept: wall and processor seconds, memory of all its processes, tables.

Processor seconds stand beside the wall's, for on a shared machine the wall's say little; figures that are compared come
from one run, taken in turn.
"""

import csv
import json
import os
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

__all__ = ["RESULTS", "Cost", "machine", "median", "printed", "spread", "table", "until_done", "write_csv"]

#: Where tables and pictures go.
RESULTS = Path(__file__).parents[1] / "docs" / "benchmarks"
#: Seconds between two looks at the memory of a command's processes.
_EVERY = 0.25


class Cost(NamedTuple):
    """What one run of a command took; `memory` is the most that all its processes held together, in MB."""

    wall: float
    processor: float
    memory: int
    output: str
    code: int


def until_done(command: Sequence[str], *, cores: int | None = None, check: bool = True) -> Cost:
    """Runs the command, on the first so many cores; with `check` it must end well."""
    start = time.perf_counter()
    with _pinned(cores):
        process = subprocess.Popen(list(command), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    watch = _Watch(process.pid)
    watch.start()
    errors: list[str] = []
    drain = threading.Thread(target=lambda: errors.append(process.stderr.read() if process.stderr else ""))
    drain.start()
    output = process.stdout.read() if process.stdout else ""
    drain.join()
    _, status, used = os.wait4(process.pid, 0)
    wall = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    watch.ended.set()
    watch.join()
    if check and process.returncode:
        sys.exit(f"{' '.join(command)} ended with {process.returncode}: {errors[0][-2000:]}")
    return Cost(wall, used.ru_utime + used.ru_stime, max(watch.most, 0) // 1024, output, process.returncode)


@contextmanager
def _pinned(cores: int | None) -> Iterator[None]:
    """What is started meanwhile runs on the first so many cores."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, sorted(before)[:cores])
    yield
    os.sched_setaffinity(0, before)


class _Watch(threading.Thread):
    """Looks at the memory of a process and all below it; pages that they share are counted once (PSS)."""

    def __init__(self, pid: int) -> None:
        super().__init__(daemon=True)
        self._pid = pid
        self.ended = threading.Event()
        self.most = 0

    def run(self) -> None:
        while not self.ended.wait(_EVERY):
            self.most = max(self.most, sum(map(_memory, _below(self._pid))))


def _below(pid: int) -> list[int]:
    """The process and its descendants."""
    found, waiting = [], [pid]
    while waiting:
        parent = waiting.pop()
        found.append(parent)
        with suppress(OSError):
            for children in Path(f"/proc/{parent}/task").glob("*/children"):
                waiting += map(int, children.read_text().split())
    return found


def _memory(pid: int) -> int:
    """KB that the process holds."""
    with suppress(OSError):
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1])
    return 0


def median(values: Iterable[float]) -> float:
    """The median."""
    return statistics.median(values)


def spread(values: Sequence[float], form: str = ".2f") -> str:
    """Median, and in brackets the least, the most and the number of runs."""
    return f"{median(values):{form}} ({min(values):{form}} to {max(values):{form}}, n={len(values)})"


def machine() -> str:
    """What the figures were taken on, and how busy it was."""
    with suppress(OSError):
        names = [line for line in Path("/proc/cpuinfo").read_text().splitlines() if line.startswith("model name")]
        name = names[0].partition(":")[2].strip() if names else "unknown processor"
        load = " ".join(f"{value:.1f}" for value in os.getloadavg())
        return f"{name}, {os.cpu_count()} cores, Python {sys.version.split()[0]}; load average {load}"
    return "unknown machine"


def table(rows: Sequence[Mapping[str, object]]) -> str:
    """The rows as a Markdown table."""
    head = list(rows[0])
    lines = [head, ["---"] * len(head), *([str(row[name]) for name in head] for row in rows)]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def write_csv(name: str, rows: Sequence[Mapping[str, object]]) -> None:
    """The rows as a file beside the other results."""
    RESULTS.mkdir(parents=True, exist_ok=True)
    with (RESULTS / name).open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def printed(cost: Cost, name: str) -> float:
    """A figure that a command printed as JSON in its last line."""
    return float(json.loads(cost.output.strip().splitlines()[-1])[name])
