"""A store on loopback that fails as it is told to: sets of lines, and a list of faults."""

import base64
import json
import re
import threading
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar
from urllib.parse import parse_qs, urlsplit

from tests.loading.servers import Addresses

__all__ = ["FailingStore", "Fault", "answering", "serving"]

#: What happens to a request that adds triples; whether that was all.
Fault = Callable[["_Handler", list[str]], bool]


class FailingStore:
    """What is in it, what it was asked, what goes wrong next."""

    def __init__(self) -> None:
        self.graphs: dict[str, set[str]] = defaultdict(set)
        self.batches: list[int] = []
        self.faults: list[Fault] = []
        self.always: Fault | None = None
        self.password = ""
        self.forgets = 0


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    store: ClassVar[FailingStore]

    def log_message(self, *_: Any) -> None:
        """Says nothing."""

    def do_POST(self) -> None:
        """Adds triples, or answers a query."""
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        if not self._is_known():
            self.answer(401, headers={"WWW-Authenticate": 'Basic realm="store"'})
        elif self.path.startswith("/query"):
            self._query(parse_qs(body)["query"][0])
        else:
            self._add(body.splitlines())

    def do_DELETE(self) -> None:
        """Empties a graph."""
        known = self.store.graphs.pop(self._graph(), None)
        self.answer(404 if known is None else 204)

    def answer(self, status: int, body: bytes = b"", *, headers: dict[str, str] | None = None) -> None:
        """Sends an answer."""
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **(headers or {})}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def _is_known(self) -> bool:
        said = base64.b64encode(f"curator:{self.store.password}".encode()).decode()
        return not self.store.password or self.headers.get("Authorization") == f"Basic {said}"

    def _graph(self) -> str:
        return parse_qs(urlsplit(self.path).query).get("graph", [""])[0]

    def _add(self, lines: list[str]) -> None:
        fault = self.store.faults.pop(0) if self.store.faults else self.store.always
        if fault is not None and fault(self, lines):
            return
        self.store.batches.append(len(lines))
        forgotten, self.store.forgets = self.store.forgets, 0
        self.store.graphs[self._graph()].update(lines[forgotten:])
        self.answer(204)

    def _query(self, text: str) -> None:
        named = re.search(r"GRAPH <([^>]*)>", text)
        held = self.store.graphs.get(named[1] if named else "", set())
        row = {"n": {"type": "literal", "value": str(len(held))}}
        rows = [row] if "COUNT" in text or held else []
        self.answer(200, json.dumps({"head": {"vars": ["n"]}, "results": {"bindings": rows}}).encode())


def answering(status: int, body: bytes = b"", if_line: str = "", **headers: str) -> Fault:
    """Nothing is added, and this is the answer; of a batch with this line only if one is given."""

    def fault(handler: _Handler, lines: list[str]) -> bool:
        if if_line and if_line not in lines:
            return False
        handler.answer(status, body, headers={name.replace("_", "-"): value for name, value in headers.items()})
        return True

    return fault


@contextmanager
def serving() -> Iterator[tuple[FailingStore, Addresses]]:
    """An empty store, and where it is."""
    store = FailingStore()
    handler = type("Handler", (_Handler,), {"store": store})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        base = f"http://127.0.0.1:{server.server_port}"
        try:
            yield store, Addresses(f"{base}/query", f"{base}/update", f"{base}/store")
        finally:
            server.shutdown()
