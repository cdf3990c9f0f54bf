"""`kg serve` starts, takes up new builds, and ends as it is told to."""

import json
import os
import shutil
import signal
import socket
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from kg.build import build_graph
from kg.folder import replacing
from kg.service.snapshots import take_snapshot
from kg.store import EmbeddedStore
from tests.commands import Kg
from tests.service.client import Server, until

COUNT = "SELECT (COUNT(*) AS ?n) { ?s a <https://w3id.org/trialgraph/vocab#Study> }"


def wait_for_build(server: Server, build: str) -> None:
    """Returns when another build than this one is served."""
    until(lambda: server.get("/health").json()["build"] != build)


def test_a_new_build_is_taken_up_without_a_lost_request(example_graph: Path, examples: Path, tmp_path: Path) -> None:
    """While a folder is swapped again and again, each request is answered, from one build or the next."""
    graph, small = tmp_path / "graph", tmp_path / "small"
    shutil.copytree(example_graph, graph)
    build_graph([examples / "api-v2" / "NCT01079767.json"], small)
    stop, statuses, counts = threading.Event(), set(), set()
    with Server(graph, "--workers", 2) as server, ThreadPoolExecutor(2) as pool:

        def ask() -> None:
            while not stop.is_set():
                answer = server.sparql(COUNT)
                statuses.add(answer.status)
                counts.add(answer.rows()[0]["n"])

        saved = {server.get("/queries/phases-and-statuses", condition="hepatocellular carcinoma").body for _ in "twice"}
        asking = [pool.submit(ask) for _ in range(2)]
        try:
            for source in (small, example_graph, small):
                before = server.get("/health").json()["build"]
                with replacing(graph) as beside:
                    shutil.copytree(source, beside, dirs_exist_ok=True)
                wait_for_build(server, before)
        finally:
            stop.set()
        for future in asking:
            future.result()
        assert server.sparql(COUNT).rows() == [{"n": "1"}]
        saved.add(server.get("/queries/phases-and-statuses", condition="hepatocellular carcinoma").body)
        assert len(saved) == 2  # what was kept of the old build is not the new one's answer
        until(lambda: len(list(tmp_path.glob(".graph.serving-*"))) == 1)  # old workers end behind the answers
    assert (statuses, len(counts)) == ({200}, 2)
    assert list(tmp_path.glob(".graph.serving-*")) == []


def test_a_broken_build_is_not_taken_up(example_graph: Path, tmp_path: Path) -> None:
    """A folder whose store cannot be opened leaves the old one in service."""
    graph = tmp_path / "graph"
    shutil.copytree(example_graph, graph)
    with Server(graph, "--workers", 1) as server:
        expected = server.sparql(COUNT).body
        with replacing(graph) as beside:
            (beside / "store").mkdir()
            (beside / "store" / "CURRENT").write_text("nonsense", encoding="utf-8")
            (beside / "manifest.json").write_text("{}", encoding="utf-8")
        until(lambda: "cannot be opened" in server.get("/health").json()["problem"])
        assert server.sparql(COUNT).body == expected


def test_an_old_build_that_comes_back_is_no_problem(example_graph: Path, tmp_path: Path) -> None:
    """Whoever puts the folder of before back into its place need not restart the server."""
    graph, aside = tmp_path / "graph", tmp_path / "aside"
    shutil.copytree(example_graph, graph)
    with Server(graph, "--workers", 1) as server:
        graph.rename(aside)
        (graph / "store").mkdir(parents=True)
        (graph / "store" / "CURRENT").write_text("nonsense", encoding="utf-8")
        (graph / "manifest.json").write_text("{}", encoding="utf-8")
        until(lambda: server.get("/health").json()["problem"] != "")
        shutil.rmtree(graph)
        aside.rename(graph)
        until(lambda: server.get("/health").json()["problem"] == "")
        assert server.sparql(COUNT).status == 200


def test_a_store_that_cannot_be_linked_serves_itself(example_graph: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where no folder can be made beside the graph's, its own store is opened, and is never taken away."""

    def refuse(*_: object) -> None:
        raise PermissionError

    monkeypatch.setattr(os, "link", refuse)
    snapshot = take_snapshot(example_graph)
    snapshot.drop()
    assert snapshot.store == example_graph / "store"
    assert len(EmbeddedStore(snapshot.store)) > 0
    assert list(example_graph.parent.glob(f".{example_graph.name}.serving-*-{os.getpid()}-*")) == []


def test_what_a_killed_server_left_is_taken_away(example_graph: Path, tmp_path: Path) -> None:
    """A server's workers end with it, and the next server takes its snapshot away."""
    graph = tmp_path / "graph"
    shutil.copytree(example_graph, graph)
    killed = Server(graph, "--workers", 2)
    assert killed.sparql(COUNT).status == 200
    workers = killed.workers()
    killed.stop(signal.SIGKILL)
    until(lambda: not any(Path(f"/proc/{pid}").exists() for pid in workers))
    with Server(graph, "--workers", 1) as server:
        assert server.sparql(COUNT).status == 200
        assert [path.name.split("-")[-2] for path in tmp_path.glob(".graph.serving-*")] == [str(server.pid)]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_what_is_under_way_is_answered_before_the_end(example_graph: Path, number: signal.Signals) -> None:
    """A signal ends the server when the last answer is out; its exit code says that all is well."""
    slow = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"
    server = Server(example_graph, "--timeout-s", 3, "--workers", 2)
    with ThreadPoolExecutor(1) as pool:
        before = server.given()
        under_way = pool.submit(server.sparql, slow)
        until(lambda: server.given() > before)
        code, out, err = server.stop(number)
        assert under_way.result().status == 504
    assert (code, out, err) == (0, "", "")


def test_addresses_are_those_that_clients_see(example_graph: Path) -> None:
    """Behind a proxy, redirects, links and descriptions name the address that was given, not the server's own."""
    base = "https://trials.example/kg"
    with Server(example_graph, "--workers", 1, "--base-url", f"{base}/") as server:
        seen = server.get("/study/NCT01079767", "text/turtle")
        assert seen.headers["location"] == f"{base}/study/NCT01079767.ttl"
        assert all(link.startswith(f"<{base}/study/") for link in seen.headers["link"].split(", "))
        assert server.get("/openapi.json").json()["servers"] == [{"url": base}]
        assert f"<{base}/sparql>".encode() in server.get("/sparql", "application/n-triples").body
        assert server.get("/queries").json()["queries"][0]["href"].startswith(f"{base}/queries/")


def test_requests_are_told_as_lines_of_json(example_graph: Path) -> None:
    """With --access-log, one line a request, whatever stands in its address."""
    server = Server(example_graph, "--workers", 1, "--access-log")
    server.get("/health")
    server.get("/study/%0A%22no")
    server.sparql("ASK {}")
    _, out, _ = server.stop()
    told = [json.loads(line) for line in out.splitlines()]
    assert [(line["method"], line["path"], line["status"]) for line in told] == [
        ("GET", "/health", 200),
        ("GET", '/study/\n"no', 404),
        ("GET", "/sparql", 200),
    ]
    assert told[2]["query"] == "query=ASK+%7B%7D"


def test_mistakes_are_told_on_one_line(example_graph: Path, tmp_path: Path, kg: Kg) -> None:
    """What cannot be served is told before anything listens."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        cases = {
            ("serve",): 2,
            ("serve", example_graph, "--endpoint", "http://127.0.0.1:9/"): 2,
            ("serve", "--endpoint", "file:///etc/passwd"): 2,
            ("serve", tmp_path / "nowhere"): 3,
            ("serve", tmp_path): 3,
            ("serve", example_graph, "--port", port): 3,
            ("serve", example_graph, "--port", 0, "--host", "no.such.host.invalid"): 3,
        }
        for arguments, code in cases.items():
            ended = kg(*arguments)
            assert (ended.code, ended.out, ended.err.count("\n")) == (code, "", 1), ended.err
            assert ended.err.startswith("kg: ")


def test_an_endpoint_may_be_served(served: Server) -> None:
    """With --endpoint the queries go to another server, and its errors are told."""
    with Server("--endpoint", f"{served.address}/sparql", "--workers", 2) as front:
        assert front.sparql(COUNT).rows() == served.sparql(COUNT).rows()
        given = {"drug": "everolimus", "limit": 2}
        asked, direct = (each.get("/queries/trials-by-drug", given=given) for each in (front, served))
        assert asked.json() == direct.json()
        graph = "https://w3id.org/trialgraph/graph/links"
        assert front.sparql("ASK { ?s ?p ?o }", default_graph_uri=graph).json()["boolean"] is True
        assert front.sparql("ASK { ?s ?p ?o }", default_graph_uri="a:none").json()["boolean"] is False
        assert front.sparql("SELECT WHER").status == 400
        assert front.sparql("DROP ALL").status == 403
    with Server("--endpoint", "http://127.0.0.1:9/", "--workers", 1) as lonely:
        assert lonely.sparql(COUNT).status == 502
