"""Many requests, some of them hostile: `python -m tests.service.soak GRAPH --requests 200000`.

Prints how each kind of request ended, and the memory of the server and its workers from tenth to tenth. Exit code 1 if
an answer was wrong, none came, many were put off, or the server's memory grew after the first tenth.
"""

import argparse
import os
import random
import signal
import socket
import sys
import threading
from collections import Counter
from collections.abc import Callable
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from time import monotonic
from urllib.parse import quote, urlencode, urlsplit

from tests.service.client import Server

_STATUS = (
    "SELECT ?s { <https://clinicaltrials.gov/study/NCT01079767> <https://w3id.org/trialgraph/vocab#overallStatus> ?s }"
)
#: Kind -> addresses that are answered the same each time.
PLAIN = {
    "saved query": [
        f"/queries/trials-by-drug?{urlencode({'drug': drug, 'format': name})}"
        for drug in ("everolimus", "sirolimus", "temsirolimus")
        for name in ("json", "csv")
    ],
    "flagship": ["/queries/terminated-mtor-inhibitor-hcc-trials"],
    "sparql": [
        f"/sparql?query={quote(_STATUS)}",
        f"/sparql?query={quote('ASK { ?s ?p ?o }')}",
    ],
    "document": ["/study/NCT01079767.ttl", "/concept/mesh:D006528.nt", "/vocab.jsonld", "/openapi.json"],
    "page": ["/study/NCT01079767.html", "/concept/mesh:D006528.html", "/class/mTORInhibitor.html"],
    "why": [f"/why/NCT01079767/trials-by-drug?drug=everolimus&format={name}" for name in ("json", "text")],
}
#: A page takes its server as long as a hundred kept answers: one request in so many is for one.
_PAGES = 50
#: For each harm that takes a worker so many that take none: each takes a second of a core, and its new worker half.
_CHEAP = 30
#: Asked for in parts of all sizes, more than are kept: each part is known from the whole.
_WHOLE = f"/queries/trials-by-drug?{urlencode({'drug': 'everolimus', 'format': 'tsv'})}"
#: Rows that a part may begin after, and have.
_PLACES = 50
_CROSS = "?a ?b ?c . ?d ?e ?f . ?g ?h ?i"
#: On a machine that has other things to do, "busy" or "took too long" may come in place of any answer.
_HONEST = {503, 504}
_TRIES = 10
#: Kind -> address, and the statuses that are right.
HOSTILE = {
    "slow": (f"/sparql?query={quote(f'SELECT (COUNT(*) AS ?n) {{ {_CROSS} }}')}", _HONEST),
    "huge": (f"/sparql?query={quote(f'SELECT * {{ {_CROSS} }}')}", {422} | _HONEST),
    "broken query": (f"/sparql?query={quote('SELECT * {')}", {400} | _HONEST),
    "update": (f"/sparql?query={quote('DROP ALL')}", {403} | _HONEST),
    "hostile value": (f"/queries/trials-by-drug?{urlencode({'drug': chr(34) + ' . } DROP ALL #'})}", {422} | _HONEST),
    "no such thing": ("/study/NCT99999999", {404} | _HONEST),
}
#: The server may take so much of what it took after a tenth of the requests.
_GROWTH = 1.1
#: And so many of the requests that are not hostile must have their answer.
_ANSWERED = 0.9
#: The other hostile kinds have no address: a worker is killed, bytes come that are no HTTP, a client goes.
OTHERS = ("kill", "garbage", "leave")


class Soak:
    """What has come back so far."""

    def __init__(self, server: Server, requests: int, hostile: float) -> None:
        self._server, self._left, self._hostile = server, requests, hostile
        self._expected = {path: _first(server, path) for paths in PLAIN.values() for path in paths}
        self._head, *self._rows = _first(server, _WHOLE).splitlines(keepends=True)
        self._lock = threading.Lock()
        self.ended: Counter[str] = Counter()
        self.wrong: list[str] = []

    def take(self) -> bool:
        """Whether one request more is to be made."""
        with self._lock:
            self._left -= 1
            return self._left >= 0

    def note(self, told: str, *, is_wrong: bool) -> None:
        """Counts an ending."""
        with self._lock:
            self.ended[told] += 1
            if is_wrong:
                self.wrong.append(told)

    def client(self, seed: int) -> None:
        """Asks until all requests are made."""
        chance = random.Random(seed)  # noqa: S311 - the same requests each time
        address = urlsplit(self._server.address)
        connection = HTTPConnection(address.hostname or "", address.port, timeout=60)
        while self.take():
            if chance.random() < self._hostile:
                kind = chance.choice([*HOSTILE, *OTHERS, *list(HOSTILE)[2:] * _CHEAP])
                self._do_harm(kind, connection)
            elif chance.random() < 1 / len(PLAIN):
                self._ask("part", *self._part(chance), connection)
            else:
                kind = "page" if chance.random() < 1 / _PAGES else chance.choice([k for k in PLAIN if k != "page"])
                path = chance.choice(PLAIN[kind])
                self._ask(kind, path, self._expected[path], connection)
        connection.close()

    def _part(self, chance: random.Random) -> tuple[str, bytes]:
        """The address of some rows of the whole answer, and what they are."""
        offset, limit = chance.randrange(_PLACES), chance.randrange(1, _PLACES)
        return f"{_WHOLE}&{urlencode({'offset': offset, 'limit': limit})}", b"".join(
            [self._head, *self._rows[offset : offset + limit]]
        )

    def _ask(self, kind: str, path: str, expected: bytes, connection: HTTPConnection) -> None:
        status, body = _get(connection, path)
        is_right = body == expected if status == 200 else status in _HONEST
        self.note(f"{kind}: {status or body.decode()}{'' if is_right else f' WRONG {path}'}", is_wrong=not is_right)

    def _do_harm(self, kind: str, connection: HTTPConnection) -> None:
        if kind in HOSTILE:
            path, statuses = HOSTILE[kind]
            status, body = _get(connection, path)
            self.note(f"{kind}: {status or body.decode()}", is_wrong=status not in statuses)
        else:
            harm: Callable[[Server], None] = {"kill": _kill, "garbage": _send_garbage, "leave": _leave}[kind]
            harm(self._server)
            self.note(f"{kind}: done", is_wrong=False)


def _first(server: Server, path: str) -> bytes:
    """The answer that all others are compared to."""
    for _ in range(_TRIES):
        answer = server.request("GET", path)
        if answer.status == 200:
            return answer.body
    raise RuntimeError(f"{path}: {answer}")


def _get(connection: HTTPConnection, path: str) -> tuple[int, bytes]:
    try:
        connection.request("GET", path)
        response = connection.getresponse()
        return response.status, response.read()
    except (OSError, HTTPException) as error:
        connection.close()
        return 0, repr(error).encode()


def _kill(server: Server) -> None:
    for pid in server.workers()[:1]:
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            continue


def _send_garbage(server: Server) -> None:
    with _connected(server) as client:
        client.sendall(b"\x16\x03\x01\x00\xff\x00 no HTTP at all\r\n\r\n")
        client.recv(1000)


def _leave(server: Server) -> None:
    with _connected(server) as client:
        client.sendall(f"GET {HOSTILE['slow'][0]} HTTP/1.1\r\nHost: here\r\n\r\n".encode())


def _connected(server: Server) -> socket.socket:
    address = urlsplit(server.address)
    return socket.create_connection((address.hostname or "", address.port or 0), timeout=60)


def memory_mb(pid: int) -> int:
    """What a process holds."""
    try:
        status = Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
    except OSError:
        return 0
    lines = [line for line in status.splitlines() if line.startswith("VmRSS")]
    return int(lines[0].split()[1]) // 1024 if lines else 0


def main() -> int:
    """Runs it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("graph", type=Path)
    parser.add_argument("--requests", type=int, default=200_000)
    parser.add_argument("--clients", type=int, default=8)
    parser.add_argument("--hostile", type=float, default=0.05)
    options = parser.parse_args()
    with Server(options.graph, "--timeout-s", 1, "--workers", 4, "--max-rows", 20_000, "--cache-mb", 1) as server:
        soak = Soak(server, options.requests, options.hostile)
        began = monotonic()
        threads = [threading.Thread(target=soak.client, args=(seed,)) for seed in range(options.clients)]
        for thread in threads:
            thread.start()
        memory = _watch(threads, soak, server, options.requests)
        seconds = monotonic() - began
    for told, count in sorted(soak.ended.items()):
        sys.stdout.write(f"{count:9,}  {told}\n")
    sys.stdout.write(f"{options.requests:,} requests in {seconds:.0f} s; {len(soak.wrong)} wrong\n")
    has_grown = memory[-1] > _GROWTH * memory[min(1, len(memory) - 1)]
    answered = sum(count for told, count in soak.ended.items() if told.endswith(": 200"))
    is_there = answered > _ANSWERED * options.requests * (1 - options.hostile)
    return 0 if is_there and not has_grown and not soak.wrong else 1


def _watch(threads: list[threading.Thread], soak: Soak, server: Server, requests: int) -> list[int]:
    """The server's megabytes at each tenth."""
    shown, memory = -1, []
    while any(thread.is_alive() for thread in threads):
        for thread in threads:
            thread.join(0.2)
        done = sum(soak.ended.values())
        if done * 10 // requests > shown:
            shown = done * 10 // requests
            workers = [memory_mb(pid) for pid in server.workers()]
            memory.append(memory_mb(server.pid))
            sys.stdout.write(f"{done:9,}  server {memory[-1]} MB, workers {workers} MB\n")
            sys.stdout.flush()
    return memory


if __name__ == "__main__":
    raise SystemExit(main())
