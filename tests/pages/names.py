"""What tests of names wait for: on a busy machine the table of names comes after the server."""

import time

from tests.service.client import Server

__all__ = ["await_names"]


def await_names(server: Server) -> Server:
    """The server, when it has the names of its graph."""
    for _ in range(600):
        if server.get("/complete", q="everolimus").json()["suggestions"]:
            return server
        time.sleep(0.1)
    raise AssertionError("no names")
