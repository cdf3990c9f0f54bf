"""Saved queries over HTTP beside the stock server: `python benchmarks/serving.py GRAPH [--rounds N --seconds S]`.

The same query is asked of `kg serve` as a saved query (with its kept answers, and without: each request then goes to a
worker that has a deadline) and as SPARQL, and of `oxigraph serve-read-only` on a copy of the store, by `wrk` with 1, 8
and 32 clients. All servers stand from the start, and take turns in every round: what else the machine does harms all
alike. Prints medians of the rounds; the ratio is that of the answers a second to the stock server's in the same round.
CPU is what all processes of a server take for one answer: it says most on a machine that is busy with other things.
"""

import argparse
import json
import os
import re
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote, urlencode
from urllib.request import Request, urlopen

from kg.queries import find_query, substitute
from kg.queries.resolution import resolve_all
from kg.store import EmbeddedStore

__all__ = ["main"]

#: Saved query -> its parameters.
QUERIES: dict[str, dict[str, str]] = {
    "terminated-mtor-inhibitor-hcc-trials": {},
    "trials-by-drug": {"drug": "everolimus"},
}
CLIENTS = (1, 8, 32)
STOCK = "oxigraph"
ACCEPT = "application/sparql-results+json"
_MS = {"us": 0.001, "ms": 1.0, "s": 1000.0, "m": 60_000.0}


class Asked(NamedTuple):
    """A whole address, and the process that answers there."""

    address: str
    pid: int


class Measured(NamedTuple):
    """Answers a second, milliseconds from request to whole answer, and milliseconds of a core for one."""

    rate: float
    median: float
    last: float
    cpu: float


def measure(asked: Asked, clients: int, seconds: float) -> Measured:
    """What `wrk` counts; an answer of another status than 200 ends the run."""
    before = cpu_seconds(asked.pid)
    command = ["wrk", "-t1", f"-c{clients}", f"-d{seconds:g}s", "--timeout", "30s", "--latency"]
    told = subprocess.run(
        [*command, "-H", f"Accept: {ACCEPT}", asked.address], capture_output=True, text=True, check=True
    )
    assert "Non-2xx" not in told.stdout and "Socket errors" not in told.stdout, told.stdout  # noqa: PT018
    found = dict(re.findall(r"^ +(50%|99%) +(\S+) *$", told.stdout, re.MULTILINE))
    rate = re.search(r"Requests/sec: +([0-9.]+)", told.stdout)
    answers = re.search(r"([0-9]+) requests in", told.stdout)
    assert rate and answers, told.stdout  # noqa: PT018
    cpu = 1000 * (cpu_seconds(asked.pid) - before) / max(1, int(answers[1]))
    return Measured(float(rate[1]), _milliseconds(found["50%"]), _milliseconds(found["99%"]), cpu)


def _milliseconds(text: str) -> float:
    number, unit = re.fullmatch(r"([0-9.]+)([a-z]+)", text).groups()  # type: ignore[union-attr]
    return float(number) * _MS[unit]


def cpu_seconds(pid: int) -> float:
    """What a process and its children have taken so far."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    own = sum(map(int, fields[_USER:_USER_END])) / os.sysconf("SC_CLK_TCK")
    children = (path.read_text(encoding="utf-8").split() for path in Path(f"/proc/{pid}/task").glob("*/children"))
    return own + sum(cpu_seconds(int(child)) for each in children for child in each)


#: Where a process's own time stands after its name: in user mode, and in the system.
_USER, _USER_END = 11, 13


@contextmanager
def ours(graph: Path, *options: str) -> Iterator[Asked]:
    """`kg serve`."""
    command = [sys.executable, "-m", "kg", "serve", str(graph), "--port", "0", *options]
    with subprocess.Popen(command, stderr=subprocess.PIPE) as process:
        assert process.stderr
        try:
            yield Asked(process.stderr.readline().decode().split()[-1], process.pid)
        finally:
            process.terminate()


@contextmanager
def stock(graph: Path) -> Iterator[Asked]:
    """Oxigraph's own server on a copy of the store."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        bound = f"127.0.0.1:{free.getsockname()[1]}"
    with tempfile.TemporaryDirectory() as folder:
        shutil.copytree(graph / "store", Path(folder) / "store")
        binary = Path(sys.executable).with_name("oxigraph")
        command = [str(binary), "serve-read-only", "--location", f"{folder}/store", "--bind", bound]
        with subprocess.Popen(command, stderr=subprocess.DEVNULL) as process:
            try:
                _wait_for(bound)
                yield Asked(f"http://{bound}", process.pid)
            finally:
                process.terminate()


def _wait_for(bound: str) -> None:
    host, _, port = bound.partition(":")
    for _ in range(200):
        try:
            socket.create_connection((host, int(port))).close()
        except OSError:
            time.sleep(0.1)
        else:
            return


def ways(name: str, values: dict[str, str], servers: dict[str, Asked], store: EmbeddedStore) -> dict[str, Asked]:
    """Way of asking -> the address of one query; all ways have been seen to give the same rows."""
    query = find_query(name)
    variables = {param.name: param.variable for param in query.params}
    text = substitute(query.text, {variables[v.param]: v.term for v in resolve_all(query, values, store)})
    paths = {
        "kg saved": ("kg", f"/queries/{name}?{urlencode(values)}"),
        "kg saved, none kept": ("kg, none kept", f"/queries/{name}?{urlencode(values)}"),
        "kg sparql": ("kg", f"/sparql?query={quote(text)}"),
        STOCK: (STOCK, f"/query?query={quote(text)}"),
    }
    found = {way: Asked(servers[server].address + path, servers[server].pid) for way, (server, path) in paths.items()}
    requests = [Request(each.address, headers={"Accept": ACCEPT}) for each in found.values()]  # noqa: S310 - our servers
    answers = [json.load(urlopen(each)) for each in requests]  # noqa: S310 - as above
    first, *others = (answer["results"]["bindings"] for answer in answers)
    assert first and all(other == first for other in others), name  # noqa: PT018
    return found


def compare(name: str, asked: dict[str, Asked], clients: int, rounds: int, seconds: float) -> None:
    """Prints a row of the table a way of asking."""
    measured: dict[str, list[Measured]] = defaultdict(list)
    for _ in range(rounds):
        for way, each in asked.items():
            measured[way].append(measure(each, clients, seconds))
    for way, found in measured.items():
        rate, median, last, cpu = (statistics.median(column) for column in zip(*found, strict=True))
        ratios = [one.rate / other.rate for one, other in zip(found, measured[STOCK], strict=True)]
        ratio = "" if way == STOCK else f"{statistics.median(ratios):.2f} ({min(ratios):.2f}-{max(ratios):.2f})"
        row = (name, str(clients), way, f"{rate:,.0f}", f"{median:.1f}", f"{last:.1f}", f"{cpu:.2f}", ratio)
        sys.stdout.write(f"| {' | '.join(row)} |\n")
        sys.stdout.flush()


def main() -> None:
    """Prints a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("graph", type=Path)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=3)
    options = parser.parse_args()
    store = EmbeddedStore(options.graph / "store")
    sys.stdout.write("| query | clients | way | answers/s | median ms | p99 ms | CPU ms | ratio to oxigraph |\n")
    sys.stdout.write("|---|--:|---|--:|--:|--:|--:|---|\n")
    with ExitStack() as stack:
        servers = {
            "kg": stack.enter_context(ours(options.graph)),
            "kg, none kept": stack.enter_context(ours(options.graph, "--cache-mb", "0")),
            STOCK: stack.enter_context(stock(options.graph)),
        }
        for name, values in QUERIES.items():
            asked = ways(name, values, servers, store)
            for clients in CLIENTS:
                compare(name, asked, clients, options.rounds, options.seconds)
    load = " ".join(f"{each:.1f}" for each in os.getloadavg())
    sys.stdout.write(f"\n{os.cpu_count()} cores; load (1, 5, 15 minutes) {load}\n")


if __name__ == "__main__":
    main()
