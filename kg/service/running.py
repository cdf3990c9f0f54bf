"""Serves an application until it is told to end; then what is under way is answered first."""

import resource
import signal
import socket
from collections.abc import Callable
from pathlib import Path

from starlette.applications import Starlette

from kg.endpoint import Endpoint
from kg.errors import KgError
from kg.service.app import make_app
from kg.service.settings import Settings
from kg.store import EmbeddedStore

__all__ = ["serve"]


def serve(
    settings: Settings,
    host: str,
    port: int,
    started: Callable[[str], None],
    make: Callable[[Settings], Starlette] = make_app,
) -> None:
    """Serves until SIGINT or SIGTERM comes; `started` is called with the address when it answers.

    Port 0 takes any that is free. `make` makes the application.

    Raises:
        KgError: if the address cannot be had, or the graph cannot be opened.
    """
    import uvicorn

    from kg.service.connection import MAX_HEAD, Connection

    _check(settings)
    _make_room()
    app = make(settings)
    listening = _listening(host, port)
    config = uvicorn.Config(
        app,
        lifespan="on",
        http=Connection,
        h11_max_incomplete_event_size=MAX_HEAD,
        ws="none",
        log_level="error",
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=int(settings.timeout_s) + 1,
    )

    class Server(uvicorn.Server):
        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            await super().startup(sockets)
            if self.started:
                started(_address(host, listening.getsockname()[1]))

    server = Server(config)
    # uvicorn raises the signal again when it has ended, and it ended as it was told to.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: None)
    server.run(sockets=[listening])
    if not server.started:
        raise KgError("serve", "the service did not start")


def _check(settings: Settings) -> None:
    """Opens what is to be served, once, so that what is wrong with it is told before anything listens."""
    if settings.endpoint is not None:
        Endpoint(settings.endpoint)
    else:
        EmbeddedStore((settings.graph or Path()) / "store")


#: Files that may be open at once, where the system allows as many: each connection is one.
_FILES = 65_536


def _make_room() -> None:
    """Else a thousand clients that say nothing, which each have some seconds for it, would keep all others out."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _FILES if hard == resource.RLIM_INFINITY else min(hard, _FILES)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def _address(host: str, port: int) -> str:
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


#: Connections that may wait to be accepted.
_BACKLOG = 2048


def _listening(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        listening = socket.create_server((host, port), family=family, backlog=_BACKLOG)
    except OSError as error:
        raise KgError(
            _address(host, port), f"the address cannot be had: {error}", remedy="Name another --port."
        ) from error
    # Connections inherit it: without it each answer waits 40 ms for the client's acknowledgement of its head.
    listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listening
