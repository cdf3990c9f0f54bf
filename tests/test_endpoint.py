"""Endpoints: a real server gives the answers of the embedded store, and servers of other kinds are told."""

import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from kg import cli
from kg.endpoint import Endpoint
from kg.errors import DeadlineExceeded, EndpointError, KgError, QueryRefused, UsageError
from kg.layers import LAYERS, layer_path
from kg.queries import find_query, read_queries, run_query, run_text
from kg.store import EmbeddedStore
from tests.queries.rows import rows_of

ONE_ROW = b'{"head":{"vars":["x"]},"results":{"bindings":[{"x":{"type":"literal","value":"v"}}]}}'
COUNT = "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def oxigraph(folder: Path, *files: Path) -> Iterator[str]:
    """The query URL of an Oxigraph server that holds the files and may be written to."""
    program = str(Path(sys.executable).with_name("oxigraph"))
    location = ["--location", str(folder / "store")]
    for file in files:
        subprocess.run([program, "load", *location, "--file", str(file)], check=True, capture_output=True)
    port = free_port()
    command = [program, "serve", *location, "--bind", f"127.0.0.1:{port}"]
    with subprocess.Popen(command, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL) as process:
        try:
            _await_port(port)
            yield f"http://127.0.0.1:{port}/query"
        finally:
            process.terminate()


def _await_port(port: int) -> None:
    for _ in range(1200):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise TimeoutError("no server came up")


@pytest.fixture(scope="module")
def server(example_graph: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server that was loaded with the layers of the examples, as they stand on disk."""
    layers = [layer_path(example_graph, layer) for layer in LAYERS]
    with oxigraph(tmp_path_factory.mktemp("server"), *layers) as url:
        yield url


@pytest.mark.parametrize("name", sorted(read_queries()))
def test_saved_queries_give_the_same_answers_remotely(name: str, server: str, example_store: EmbeddedStore) -> None:
    """Parameters by name, bound and answered by a server, as by the embedded store."""
    query = read_queries()[name]
    values = {param.name: param.example for param in query.params}
    remote, told = run_query(query, values, Endpoint(server))
    local, also_told = run_query(query, values, example_store)
    expected = rows_of(local)
    assert rows_of(remote) == expected
    assert bool(expected) != name.startswith("check-")
    assert told == also_told


@pytest.mark.parametrize(
    "text", ["ASK { ?s ?p 'no such thing' }", COUNT, "SELECT ?s { ?s a <https://w3id.org/trialgraph/vocab#Study> }"]
)
def test_own_queries_give_the_same_answers_remotely(text: str, server: str, example_store: EmbeddedStore) -> None:
    """Yes and no, counts, rows."""
    remote, local = run_text(text, Endpoint(server)), run_text(text, example_store)
    if text.startswith("ASK"):
        assert bool(remote) == bool(local)
    else:
        assert rows_of(remote) == rows_of(local)


def test_triples_come_from_a_server_too(server: str, example_store: EmbeddedStore) -> None:
    """CONSTRUCT and DESCRIBE give triples."""
    text = "CONSTRUCT { ?s <a:is> ?o } WHERE { ?s <https://w3id.org/trialgraph/vocab#whyStopped> ?o }"
    assert set(run_text(text, Endpoint(server))) == set(run_text(text, example_store))
    describe = "DESCRIBE <https://clinicaltrials.gov/study/NCT01079767>"
    assert len(list(run_text(describe, Endpoint(server)))) > 20


def test_the_server_explains_what_it_refuses(server: str) -> None:
    """A query that the server cannot parse is the user's mistake, told on one line."""
    for text in ("SELECT * { ?s ", "no query at all", "SELECT ?x { BIND(nosuch:f() AS ?x) }"):
        with pytest.raises(QueryRefused) as raised:
            Endpoint(server).query(text)
        assert "\n" not in str(raised.value)


@pytest.mark.parametrize(
    "update",
    ["DELETE WHERE { ?s ?p ?o }", "PREFIX a: <a:>\ninsert data { a:b a:c a:d }", "CLEAR ALL", "DROP DEFAULT"],
)
def test_no_update_reaches_a_server_that_would_obey(update: str, tmp_path: Path) -> None:
    """A graph is only read here, whichever way the query goes."""
    (tmp_path / "one.nt").write_text("<a:s> <a:p> <a:o> .\n")
    with oxigraph(tmp_path, tmp_path / "one.nt") as url:
        updating = url.removesuffix("/query") + "/update"
        for address in (url, updating):
            with pytest.raises(QueryRefused, match="update"):
                Endpoint(address).query(update)
            with pytest.raises(QueryRefused, match="update"):
                run_text(update, Endpoint(address))
        (row,) = run_text(COUNT, Endpoint(url))
        assert row["n"].value == "1"


@contextmanager
def answering(status: int, body: bytes, *, wait_s: float = 0, endless: bool = False) -> Iterator[str]:
    """A server that gives every request the same answer, perhaps late, perhaps without an end."""
    over = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            over.wait(wait_s)
            self.send_response(status)
            self.send_header("Content-Type", "application/sparql-results+json")
            self.end_headers()
            self.wfile.write(body)
            while endless and not over.wait(0.05):
                self.wfile.write(b" ")

        def log_message(self, *_: object) -> None:
            """Stays silent."""

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, *_: object) -> None:
            """Stays silent: clients that leave early are what is tested."""

    with Server(("127.0.0.1", 0), Handler) as httpd:
        thread = threading.Thread(target=httpd.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{httpd.server_port}/"
        finally:
            over.set()
            httpd.shutdown()
            thread.join()


def test_answer_of_a_plain_server_is_taken() -> None:
    """Nothing but SPARQL's JSON is needed."""
    with answering(200, ONE_ROW) as url:
        assert rows_of(Endpoint(url).query("SELECT ?x {}")) == [(frozenset({"v"}),)]


#: (status, body) -> the error, and a word of its message.
BAD_ANSWERS: dict[str, tuple[int, bytes, type[KgError], str]] = {
    "page": (200, b"<html>\n<body>hello</body>\n</html>", EndpointError, "no SPARQL result"),
    "empty": (200, b"", EndpointError, "no SPARQL result"),
    "other JSON": (200, b'{"answer": 42}', EndpointError, "no SPARQL result"),
    "cut off": (200, ONE_ROW[:-30], EndpointError, "no SPARQL result"),
    "cut off after a row": (200, ONE_ROW[:-2], EndpointError, "no SPARQL result"),
    "not UTF-8": (200, b"\xff\xfe\x00", EndpointError, "no SPARQL result"),
    "not found": (404, b"<html>nothing here</html>", EndpointError, "no answer"),
    "unauthorised": (401, b"who are you", EndpointError, "no answer"),
    "broken": (500, b"<html>\nout of order\n</html>", EndpointError, "no answer"),
    "busy": (503, b"later", EndpointError, "no answer"),
    "refused": (400, b"Parse error:\n line 1, column 7", QueryRefused, "line 1, column 7"),
    "long refusal": (400, b"x" * 100_000, QueryRefused, "xxx"),
}


@pytest.mark.parametrize("name", BAD_ANSWERS)
def test_answer_that_is_no_result_is_told(
    name: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """One error of ours with what the server said; on the command line one line and the exit code."""
    status, body, kind, word = BAD_ANSWERS[name]
    (tmp_path / "q.rq").write_text("SELECT ?x { ?x ?p ?o }")
    with answering(status, body) as url:
        with pytest.raises(kind, match=word) as raised:
            Endpoint(url).query("SELECT ?x { ?x ?p ?o }")
        monkeypatch.setattr(sys, "argv", ["kg", "sparql", str(tmp_path / "q.rq"), "--endpoint", url])
        with pytest.raises(SystemExit) as ended:
            cli.main()
    assert len(str(raised.value)) < 1000
    assert ended.value.code == (2 if issubclass(kind, UsageError) else 3)
    out, err = capsys.readouterr()
    assert (out, err.count("\n"), "Traceback" in err) == ("", 1, False)


def test_page_instead_of_triples_is_told() -> None:
    """Also where triples were asked for."""
    with answering(200, b"<html>") as url, pytest.raises(EndpointError):
        Endpoint(url).query("CONSTRUCT { ?s ?p ?o } { ?s ?p ?o }")


@pytest.mark.parametrize("endless", [False, True])
def test_a_slow_server_meets_the_deadline(*, endless: bool) -> None:
    """Waiting has an end, also for an answer that drips for ever."""
    wait_s = 0 if endless else 60
    with (
        answering(200, b"", wait_s=wait_s, endless=endless) as url,
        pytest.raises((DeadlineExceeded, EndpointError), match="no answer"),
    ):
        Endpoint(url, timeout_s=0.3).query("ASK { }")


@pytest.mark.parametrize("endless", [False, True])
def test_a_process_ends_at_the_deadline(*, endless: bool, tmp_path: Path) -> None:
    """The command does not hang on a server that never ends its answer."""
    (tmp_path / "q.rq").write_text("ASK { }")
    with answering(200, b"", wait_s=0 if endless else 60, endless=endless) as url:
        command = [*(sys.executable, "-m", "kg", "sparql", str(tmp_path / "q.rq")), "--endpoint", url]
        ended = subprocess.run(
            [*command, "--timeout-s", "0.3"], capture_output=True, text=True, check=False, timeout=60
        )
    assert (ended.returncode, ended.stdout) == (3, "")
    assert "no answer within 0.3 s" in ended.stderr
    assert ended.stderr.count("\n") == 1


def test_library_use_ends_at_the_deadline_too() -> None:
    """No thread that waits for the server keeps Python from ending."""
    script = (
        "import sys; from kg.endpoint import Endpoint; from kg.errors import DeadlineExceeded\n"
        "try: Endpoint(sys.argv[1], timeout_s=0.3).query('ASK {}')\n"
        "except DeadlineExceeded: print('told')"
    )
    with answering(200, b"", endless=True) as url:
        command = [sys.executable, "-c", script, url]
        ended = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert (ended.returncode, ended.stdout.strip()) == (0, "told")


def test_nobody_there_is_told(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """A refused connection is an error that names the address."""
    url = f"http://127.0.0.1:{free_port()}/"
    with pytest.raises(EndpointError, match=url):
        Endpoint(url).query("ASK { }")
    monkeypatch.setattr(sys, "argv", ["kg", "query", "run", "trials-by-drug", "drug=mesh:D1", "--endpoint", url])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    assert ended.value.code == 3
    assert capsys.readouterr().err.count("\n") == 1


@pytest.mark.parametrize(
    "url",
    [
        "file:///etc/passwd",
        "ftp://127.0.0.1/",
        "nowhere",
        "",
        "://",
        "HTTPX://x",
        "http://",
        "http://[x",
        "http://x:y/",
    ],
)
def test_only_web_addresses_are_endpoints(url: str) -> None:
    """No file is read in the place of a server."""
    with pytest.raises(UsageError, match="http or https"):
        Endpoint(url)


def test_saved_query_asks_the_endpoint_for_names() -> None:
    """A concept's name is looked up where the query will run."""
    nothing = b'{"head":{"vars":["concept","label"]},"results":{"bindings":[]}}'
    with answering(200, nothing) as url, pytest.raises(UsageError, match="no drug of this name"):
        run_query(find_query("trials-by-drug"), {"drug": "everolimus"}, Endpoint(url))
