"""Saved queries over HTTP beside the stock server: `python benchmarks/serving.py GRAPH [--requests N]`.

The same query is asked of `kg serve` as a saved query and as SPARQL, and of `oxigraph serve-read-only` on a copy of the
store: answers a second, median and 99th percentile of the time from request to whole answer, at 1, 8 and 32 clients.
Only whole answers of status 200 count.
"""

import argparse
import asyncio
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlencode, urlsplit

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
#: A request that is answered before the clock runs warms the store's cache.
WARMING = 20


class Asked(NamedTuple):
    """Where requests go, and their bytes."""

    name: str
    address: str
    request: bytes


def get(name: str, address: str, path: str) -> Asked:
    """A GET."""
    return Asked(name, address, f"GET {path} HTTP/1.1\r\nHost: {urlsplit(address).netloc}\r\n\r\n".encode())


def post(name: str, address: str, path: str, query: str) -> Asked:
    """A query by POST."""
    head = (
        f"POST {path} HTTP/1.1\r\nHost: {urlsplit(address).netloc}\r\nAccept: application/sparql-results+json\r\n"
        f"Content-Type: application/sparql-query\r\nContent-Length: {len(query.encode())}\r\n\r\n"
    )
    return Asked(name, address, (head + query).encode())


async def client(asked: Asked, times: int) -> list[float]:
    """The seconds of each of so many requests on one connection."""
    address = urlsplit(asked.address)
    reader, writer = await asyncio.open_connection(address.hostname, address.port)
    seconds = []
    for _ in range(times):
        began = time.perf_counter()
        writer.write(asked.request)
        await writer.drain()
        head = (await reader.readuntil(b"\r\n\r\n")).lower()
        body = await _body(reader, head)
        seconds.append(time.perf_counter() - began)
        assert b" 200 " in head.split(b"\r\n")[0] and body.rstrip().endswith(b"]}}"), (head, body[:500])  # noqa: PT018
    writer.close()
    return seconds


async def _body(reader: asyncio.StreamReader, head: bytes) -> bytes:
    if b"content-length:" in head:
        return await reader.readexactly(int(head.split(b"content-length:")[1].split(b"\r\n")[0]))
    body = b""
    while size := int((await reader.readline()).strip(), 16):
        body += (await reader.readexactly(size + 2))[:-2]
    await reader.readexactly(2)
    return body


async def measure(asked: Asked, clients: int, requests: int) -> tuple[float, float, float]:
    """(answers a second, median milliseconds, 99th percentile)."""
    await client(asked, WARMING)
    began = time.perf_counter()
    parts = await asyncio.gather(*(client(asked, requests // clients) for _ in range(clients)))
    seconds = sorted(each for part in parts for each in part)
    rate = len(seconds) / (time.perf_counter() - began)
    return rate, 1000 * statistics.median(seconds), 1000 * seconds[int(len(seconds) * 0.99)]


@contextmanager
def ours(graph: Path) -> Iterator[str]:
    """The address of `kg serve`."""
    command = [sys.executable, "-m", "kg", "serve", str(graph), "--port", "0"]
    with subprocess.Popen(command, stderr=subprocess.PIPE) as process:
        assert process.stderr
        try:
            yield process.stderr.readline().decode().split()[-1]
        finally:
            process.terminate()


@contextmanager
def stock(graph: Path) -> Iterator[str]:
    """The address of Oxigraph's own server on a copy of the store."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        bound = f"127.0.0.1:{free.getsockname()[1]}"
    with tempfile.TemporaryDirectory() as folder:
        shutil.copytree(graph / "store", Path(folder) / "store")
        binary = Path(sys.executable).with_name("oxigraph")
        command = [str(binary), "serve-read-only", "--location", f"{folder}/store", "--bind", bound]
        with subprocess.Popen(command, stderr=subprocess.DEVNULL) as process:
            try:
                _wait_for(bound)
                yield f"http://{bound}"
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


def main() -> None:
    """Prints a line a query, a server and a number of clients."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("graph", type=Path)
    parser.add_argument("--requests", type=int, default=800)
    options = parser.parse_args()
    store = EmbeddedStore(options.graph / "store")
    with ours(options.graph) as own, stock(options.graph) as other:
        for name, values in QUERIES.items():
            query = find_query(name)
            variables = {param.name: param.variable for param in query.params}
            text = substitute(query.text, {variables[v.param]: v.term for v in resolve_all(query, values, store)})
            path = f"/queries/{name}?{urlencode(values)}"
            for asked in (
                get("kg saved", own, path),
                post("kg sparql", own, "/sparql", text),
                post("oxigraph", other, "/query", text),
            ):
                for clients in CLIENTS:
                    rate, median, last = asyncio.run(measure(asked, clients, options.requests))
                    print(
                        f"{name:38} {asked.name:9} {clients:3} {rate:7.0f}/s {median:7.1f} ms {last:7.1f} ms p99",
                        flush=True,
                    )


if __name__ == "__main__":
    main()
