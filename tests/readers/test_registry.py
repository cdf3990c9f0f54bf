"""A record by its number: a real server on this machine that errs, stalls and breaks off as real ones do."""

import json
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from kg import cli
from kg.errors import RegistryError, UsageError
from kg.readers import read_records, registry

NUMBER = "NCT01079767"


class Api:
    """An API of the registry: for each request to come, what it does; the studies it has; what it was asked."""

    def __init__(self, examples: Path) -> None:
        self.studies = {path.stem: path.read_bytes() for path in (examples / "api-v2").glob("*.json")}
        self.aliases = {"NCT00000001": NUMBER}
        self.faults: list[str] = []
        self.asked: list[str] = []


class Server(ThreadingHTTPServer):
    """Serves one API."""

    def __init__(self, api: Api) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.api = api


class Handler(BaseHTTPRequestHandler):
    """Answers as the API says."""

    server: Server
    protocol_version = "HTTP/1.1"

    def log_message(self, *_: object) -> None:
        """Says nothing."""

    def do_GET(self) -> None:
        """What the next fault says; without one, the study."""
        api = self.server.api
        api.asked.append(self.path)
        fault, _, detail = (api.faults.pop(0) if api.faults else "").partition(" ")
        number = self.path.rpartition("/")[2]
        if fault.isdigit():
            self.answer(int(fault), b"trouble", {"Retry-After": detail} if detail else {})
        elif fault:
            getattr(self, fault)(api.studies[number])
        elif number in api.aliases:
            self.answer(301, b"", {"Location": f"/studies/{api.aliases[number]}"})
        elif number in api.studies:
            self.answer(200, api.studies[number], {})
        else:
            self.answer(404, b"NCT number not found", {})

    def answer(self, code: int, body: bytes, headers: dict[str, str]) -> None:
        """A whole answer."""
        self.send_response(code)
        for name, value in {**headers, "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def cut(self, body: bytes) -> None:
        """Promises the whole body, and breaks off in its middle."""
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body[: len(body) // 2])
        self.close_connection = True

    def cut_chunk(self, body: bytes) -> None:
        """Breaks off in the middle of a chunk."""
        self.send_response(200)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        self.wfile.write(f"{len(body):x}\r\n".encode() + body[:100])
        self.close_connection = True

    def hang_up(self, _body: bytes) -> None:
        """Says nothing, and closes."""
        self.close_connection = True

    def drip(self, body: bytes) -> None:
        """A byte now and then, never too late for one reading."""
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        for byte in body[:50]:
            try:
                self.wfile.write(bytes([byte]))
            except OSError:
                break
            time.sleep(0.05)
        self.close_connection = True

    def stall(self, _body: bytes) -> None:
        """No answer in time."""
        time.sleep(0.6)
        self.close_connection = True


@pytest.fixture
def api(examples: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Api]:
    """A running API, to which the environment points."""
    made = Api(examples)
    with Server(made) as server:
        Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        monkeypatch.setenv("TRIALGRAPH_REGISTRY_URL", f"http://127.0.0.1:{server.server_port}/")
        yield made
        server.shutdown()


@pytest.fixture(autouse=True)
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The pauses that were asked for, none of them made."""
    made: list[float] = []
    monkeypatch.setattr(registry, "sleep", made.append)
    return made


def test_number_gives_the_same_trial_as_the_file(api: Api, examples: Path) -> None:
    """But for the name of its source; the number may be in small letters."""
    (fetched,) = read_records([Path(NUMBER.lower())])
    (read,) = read_records([examples / "api-v2" / f"{NUMBER}.json"])
    assert fetched.trial is not None
    assert read.trial is not None
    assert fetched.trial.record.sha256 == read.trial.record.sha256
    assert (fetched.trial.record.source or "").endswith(f"/studies/{NUMBER}")
    assert fetched.trial.conditions == read.trial.conditions
    assert api.asked == [f"/studies/{NUMBER}"]


def test_former_number_leads_to_the_present_study(api: Api) -> None:
    """The registry redirects."""
    (outcome,) = read_records([Path("NCT00000001")])
    assert outcome.trial is not None
    assert outcome.trial.nct_id == NUMBER
    assert len(api.asked) == 2


def test_number_that_the_registry_lacks_is_a_finding_and_the_run_goes_on(api: Api) -> None:
    """It is not asked again."""
    lacking, found = read_records([Path("NCT99999999"), Path(NUMBER)])
    assert [finding.rule for finding in lacking.findings] == ["not-in-registry"]
    assert found.trial is not None
    assert len(api.asked) == 2


def test_file_of_that_name_is_a_file(api: Api, examples: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is fetched for what is at hand."""
    (tmp_path / NUMBER).write_bytes((examples / "xml" / f"{NUMBER}.xml").read_bytes())
    monkeypatch.chdir(tmp_path)
    (outcome,) = read_records([Path(NUMBER)])
    assert outcome.trial is not None
    assert outcome.trial.record.source_format == "XML"
    assert api.asked == []


@pytest.mark.parametrize("fault", ["500", "502", "503", "504", "429 0", "cut", "cut_chunk", "hang_up", "stall", "drip"])
def test_passing_fault_is_waited_out(
    fault: str, api: Api, pauses: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Twice in trouble, then the record: asked three times, the second pause longer than the first."""
    if fault in {"stall", "drip"}:
        monkeypatch.setattr(registry, "_TIMEOUT_S", 0.4)

    def pause(seconds: float) -> None:
        pauses.append(seconds)
        if len(pauses) == len((fault, fault)):  # the good answer may take its time
            monkeypatch.setattr(registry, "_TIMEOUT_S", 30)

    monkeypatch.setattr(registry, "sleep", pause)
    api.faults = [fault, fault]
    (outcome,) = read_records([Path(NUMBER)])
    assert outcome.trial is not None
    assert outcome.findings == ()
    assert len(api.asked) == 3
    assert 0.7 < pauses[0] < pauses[1] < 2.6


@pytest.mark.parametrize("fault", ["500", "cut", "hang_up"])
def test_lasting_fault_ends_the_run(fault: str, api: Api) -> None:
    """Five times, then an error that says where and what."""
    api.faults = [fault] * 9
    with pytest.raises(RegistryError, match=f"studies/{NUMBER}.*the registry gives no record"):
        list(read_records([Path(NUMBER)]))
    assert len(api.asked) == 5


def test_refusal_is_not_asked_again(api: Api) -> None:
    """403 will not pass by waiting."""
    api.faults = ["403"]
    with pytest.raises(RegistryError, match="403"):
        list(read_records([Path(NUMBER)]))
    assert len(api.asked) == 1


def test_pause_is_as_long_as_the_registry_asks(api: Api, pauses: list[float]) -> None:
    """In seconds or until a date; what makes no sense is no wish; for more than two minutes nobody waits."""
    later = time.strftime("%a, %d %b %Y %H:%M:%S GMT", time.gmtime(time.time() + 60))
    api.faults = ["429 17", f"503 {later}", "429 soon"]
    (outcome,) = read_records([Path(NUMBER)])
    assert outcome.trial is not None
    assert pauses[0] == 17
    assert 50 < pauses[1] <= 60
    assert pauses[2] < 6
    api.faults = ["429 86400"]
    with pytest.raises(RegistryError, match="asks to wait 86,400 s"):
        list(read_records([Path(NUMBER)]))


def test_answer_without_end_is_refused(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    """A record has a size."""
    monkeypatch.setattr(registry, "_MAX_BYTES", 1000)
    assert api.asked == []
    with pytest.raises(RegistryError, match="more than 1,000 bytes"):
        registry.fetch_study(NUMBER)


def test_registry_that_is_not_there_is_told(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """On one line, with the exit code of what could not run; a place that is no web address is a usage error."""
    monkeypatch.setenv("TRIALGRAPH_REGISTRY_URL", "http://127.0.0.1:9")
    monkeypatch.setattr("sys.argv", ["kg", "convert", NUMBER])
    with pytest.raises(SystemExit) as raised:
        cli.main()
    assert raised.value.code == cli.FAILED
    assert capsys.readouterr().err.count("\n") == 1
    monkeypatch.setenv("TRIALGRAPH_REGISTRY_URL", "file:///etc/passwd?")
    with pytest.raises(UsageError, match="http or https"):
        registry.fetch_study(NUMBER)


def test_build_takes_numbers_beside_files(
    api: Api, examples: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The manifest names what was fetched with the hash of its bytes; what could not be found sets the exit code."""
    file = examples / "xml" / "NCT01379521.xml"
    monkeypatch.setattr("sys.argv", ["kg", "build", NUMBER, "NCT99999999", str(file), "--out", str(tmp_path / "graph")])
    with pytest.raises(SystemExit) as raised:
        cli.main()
    assert raised.value.code == 1
    assert "2 trials from 3 records" in capsys.readouterr().out
    inputs = json.loads((tmp_path / "graph" / "manifest.json").read_text())["inputs"]
    assert {name.rpartition("/")[2] for name in inputs} == {NUMBER, "NCT01379521.xml"}
    assert all(len(digest) == 64 for digest in inputs.values())
    assert len(api.asked) == 2


def test_failed_fetch_leaves_the_old_graph(api: Api, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A registry that fails in the middle of a build does not make a graph of half of the trials."""
    graph = tmp_path / "graph"
    monkeypatch.setattr("sys.argv", ["kg", "build", NUMBER, "--out", str(graph)])
    with pytest.raises(SystemExit) as first:
        cli.main()
    assert first.value.code == 0
    before = (graph / "manifest.json").read_bytes()
    api.faults = ["500"] * 9
    with pytest.raises(SystemExit) as second:
        cli.main()
    assert second.value.code == cli.FAILED
    assert (graph / "manifest.json").read_bytes() == before
    assert [path.name for path in tmp_path.iterdir()] == ["graph"]
