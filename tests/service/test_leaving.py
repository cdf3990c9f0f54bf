"""A client that goes leaves no worker busy."""

import socket
from pathlib import Path
from time import monotonic, sleep
from urllib.parse import quote, urlsplit

from tests.service.client import Server

SLOW = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"


def test_a_query_whose_client_went_is_stopped(example_graph: Path) -> None:
    """With one worker and an hour of time, the next query is answered when the first one's client has gone."""
    with Server(example_graph, "--workers", 1, "--timeout-s", 3600) as server:
        address = urlsplit(server.address)
        with socket.create_connection((address.hostname, address.port)) as client:
            client.sendall(f"GET /sparql?query={quote(SLOW)} HTTP/1.1\r\nHost: here\r\n\r\n".encode())
            sleep(0.5)
        assert server.sparql("ASK {}").json()["boolean"] is True
        ends = monotonic() + 20
        while b'kg_workers_lost_total{why="gone"} 1.0' not in server.get("/metrics").body:
            assert monotonic() < ends
            sleep(0.1)
