"""A server in a process of its own, as its users run it, and a client that shows what came."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from http.client import HTTPConnection
from pathlib import Path
from time import monotonic, sleep
from typing import Any, NamedTuple, Self
from urllib.parse import urlencode, urlsplit

__all__ = ["Answer", "Server", "until"]


class Answer(NamedTuple):
    """What came back; names of headers in small letters."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)

    @property
    def media_type(self) -> str:
        """Without its parameters."""
        return self.headers.get("content-type", "").partition(";")[0]

    def rows(self) -> list[dict[str, str]]:
        """The rows of SPARQL's JSON results: values without their types."""
        return [{name: term["value"] for name, term in row.items()} for row in self.json()["results"]["bindings"]]


class Server:
    """`kg serve`, until the block ends."""

    def __init__(self, *arguments: object) -> None:
        command = [sys.executable, "-m", "kg", "serve", *map(str, arguments), "--port", "0"]
        self._process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True
        )
        assert self._process.stderr
        said = self._process.stderr.readline().decode()
        self.address = said.rpartition(" ")[2].strip()
        assert self.address.startswith("http://"), said

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self, number: int = signal.SIGTERM) -> tuple[int, str, str]:
        """Ends it; gives its exit code, and what it wrote to both streams after its address."""
        if self._process.poll() is None:
            self._process.send_signal(number)
        out, err = self._process.communicate(timeout=60)
        return self._process.returncode, out.decode(), err.decode()

    @property
    def pid(self) -> int:
        """The server's process."""
        return self._process.pid

    def workers(self) -> list[int]:
        """The processes of its workers."""
        found = []
        for entry in Path("/proc").glob("[0-9]*/stat"):
            try:
                fields = entry.read_text(encoding="utf-8").rpartition(")")[2].split()
            except OSError:
                continue
            if int(fields[1]) == self._process.pid and fields[0] != "Z":
                found.append(int(entry.parent.name))
        return sorted(found)

    def ready(self) -> int:
        """How many of its workers have opened the graph."""
        count: int = self.get("/health").json()["workers"]
        return count

    def given(self) -> float:
        """How many questions were given to a worker so far."""
        lines = self.get("/metrics").body.decode().splitlines()
        return next(float(line.split()[1]) for line in lines if line.startswith("kg_worker_wait_seconds_count "))

    def kill_worker(self) -> None:
        """Kills a worker as a system out of memory does."""
        with suppress(ProcessLookupError):
            os.kill(self.workers()[0], signal.SIGKILL)

    def request(
        self, method: str, path: str, body: bytes | None = None, headers: Mapping[str, str] | None = None
    ) -> Answer:
        """One request, redirects not followed."""
        parts = urlsplit(self.address)
        connection = HTTPConnection(parts.hostname or "", parts.port, timeout=60)
        try:
            connection.request(method, path, body, dict(headers or {}))
            response = connection.getresponse()
            names = {name.lower(): value for name, value in response.getheaders()}
            return Answer(response.status, names, response.read())
        finally:
            connection.close()

    def get(
        self,
        path: str,
        accept: str = "",
        headers: Mapping[str, str] | None = None,
        given: Mapping[str, Any] | None = None,
        **parameters: Any,
    ) -> Answer:
        """A GET; a keyword's underscores stand for hyphens, and a parameter may have several values."""
        pairs = {name.replace("_", "-"): value for name, value in parameters.items()} | dict(given or {})
        address = f"{path}?{urlencode(pairs, doseq=True)}" if pairs else path
        return self.request("GET", address, headers={**({"Accept": accept} if accept else {}), **(headers or {})})

    def sparql(self, query: str, accept: str = "", **parameters: Any) -> Answer:
        """A query by GET."""
        return self.get("/sparql", accept, query=query, **parameters)


def until(condition: Callable[[], bool]) -> None:
    """Returns when it holds; fails if it does not within a minute."""
    ends = monotonic() + 60
    while not condition():
        assert monotonic() < ends
        sleep(0.05)
