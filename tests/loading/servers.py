"""Real stores on loopback that may be written to."""

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

__all__ = ["Addresses", "free_port", "oxigraph"]


class Addresses(NamedTuple):
    """What a store takes, where: queries, updates, graphs."""

    query: str
    update: str
    gsp: str


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def oxigraph(folder: Path) -> Iterator[Addresses]:
    """An empty Oxigraph server."""
    program, port = str(Path(sys.executable).with_name("oxigraph")), free_port()
    command = [program, "serve", "--location", str(folder), "--bind", f"127.0.0.1:{port}"]
    with subprocess.Popen(command, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL) as process:
        try:
            await_port(port)
            yield Addresses(*(f"http://127.0.0.1:{port}/{path}" for path in ("query", "update", "store")))
        finally:
            process.terminate()


def await_port(port: int) -> None:
    """Returns when somebody listens there."""
    for _ in range(1200):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise TimeoutError(port)
