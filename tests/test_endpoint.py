"""Endpoints: a real server gives the answers of the embedded store, and servers of other kinds are told."""

import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pyoxigraph as ox
import pytest

from kg.endpoint import Endpoint
from kg.errors import DeadlineExceeded, EndpointError, QueryRefused, UsageError
from kg.export import export_graph
from kg.queries import read_queries, run_query
from kg.store import EmbeddedStore
from tests.queries.test_queries import rows_of


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="module")
def server(example_graph: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of an Oxigraph server that holds the examples."""
    folder = tmp_path_factory.mktemp("server")
    export_graph(example_graph, folder / "graph.nt")
    store = ox.Store(str(folder / "store"))
    store.bulk_load(path=str(folder / "graph.nt"), format=ox.RdfFormat.N_TRIPLES)
    store.flush()
    del store
    port = free_port()
    program = Path(sys.executable).with_name("oxigraph")
    command = [str(program), "serve-read-only", "--location", str(folder / "store"), "--bind", f"127.0.0.1:{port}"]
    with subprocess.Popen(command, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL) as process:
        for _ in range(200):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.05)
        yield f"http://127.0.0.1:{port}/query"
        process.terminate()


@pytest.mark.parametrize("name", sorted(read_queries()))
def test_saved_queries_give_the_same_answers_remotely(name: str, server: str, example_store: EmbeddedStore) -> None:
    """Parameters by name, bound and answered by a server, as by the embedded store."""
    query = read_queries()[name]
    values = {param.name: param.example for param in query.params}
    remote, told = run_query(query, values, Endpoint(server))
    local, also_told = run_query(query, values, example_store)
    assert rows_of(remote) == rows_of(local)
    assert told == also_told


def test_the_server_explains_what_it_refuses(server: str) -> None:
    """A query that the server cannot parse is the user's mistake."""
    with pytest.raises(QueryRefused):
        Endpoint(server).query("SELECT * { ?s ")


@contextmanager
def answering(status: int, body: bytes, *, wait_s: float = 0) -> Iterator[str]:
    """A server that gives every request the same answer."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            time.sleep(wait_s)
            self.send_response(status)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Stays silent."""

    with HTTPServer(("127.0.0.1", 0), Handler) as httpd:
        threading.Thread(target=httpd.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{httpd.server_port}/"
        httpd.shutdown()


@pytest.mark.parametrize("status", [200, 404, 500])
def test_an_answer_that_is_no_result_is_told(status: int) -> None:
    """HTML and errors of the server are one error of ours."""
    with answering(status, b"<html>hello</html>") as url, pytest.raises(EndpointError):
        Endpoint(url).query("ASK { }")


def test_a_slow_server_meets_the_deadline() -> None:
    """Waiting has an end."""
    with answering(200, b"", wait_s=0.6) as url, pytest.raises((DeadlineExceeded, EndpointError)):
        Endpoint(url, timeout_s=0.2).query("ASK { }")


def test_nobody_there_is_told() -> None:
    """A refused connection is an error that names the address."""
    url = f"http://127.0.0.1:{free_port()}/"
    with pytest.raises(EndpointError, match=url):
        Endpoint(url).query("ASK { }")


def test_only_web_addresses_are_endpoints() -> None:
    """No file is read in the place of a server."""
    with pytest.raises(UsageError):
        Endpoint("file:///etc/passwd")
