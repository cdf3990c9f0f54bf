"""A store that fails gets the whole graph all the same, or it is said what it lacks."""

import gzip
import json
import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from kg.endpoint import Endpoint
from kg.errors import EndpointError
from kg.layers import LAYERS, read_lines
from kg.loading import sending
from tests.commands import Ended, Kg
from tests.loading.failing import FailingStore, answering, serving
from tests.loading.servers import Addresses

#: Seconds until the client takes a silent server for dead.
TIMEOUT_S = 5
BATCH = 30_000


@pytest.fixture
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The pauses that were made; none takes its time."""
    made: list[float] = []
    monkeypatch.setattr(sending, "sleep", made.append)
    return made


@pytest.fixture
def served() -> Iterator[tuple[FailingStore, Addresses]]:
    """A store and its addresses."""
    with serving() as both:
        yield both


def broken(handler: Any, _: object) -> bool:
    """The connection ends without an answer."""
    handler.wfile.close()
    return True


def load(kg: Kg, graph: Path, at: Addresses, *options: object) -> Ended:
    """How a load by the Graph Store Protocol ends."""
    return kg("load", graph, "--endpoint", at.query, "--gsp", at.gsp, "--batch", BATCH, "--format", "json", *options)


def default_lines(graph: Path) -> set[str]:
    """What the default graph should hold."""
    return {line.decode().rstrip("\n") for layer in LAYERS for line in read_lines(graph, layer)}


def test_what_passes_is_tried_again(
    served: tuple[FailingStore, Addresses], pauses: list[float], example_graph: Path, kg: Kg
) -> None:
    """A fault of the server, haste, a broken answer and silence cost a pause each, and nothing is lost."""
    store, at = served
    store.faults += [
        answering(500),
        answering(429, Retry_After="7"),
        answering(200, b"half", Content_Length="9", Connection="close"),
        broken,
    ]
    ended = load(kg, example_graph, at)
    assert ended.code == 0, ended.err
    assert store.graphs[""] == default_lines(example_graph)
    assert len(pauses) == 4
    assert pauses[1] == 7
    assert pauses[3] > pauses[0]


def test_silence_is_tried_again(
    served: tuple[FailingStore, Addresses], pauses: list[float], example_graph: Path, kg: Kg
) -> None:
    """An answer that does not come in time costs a pause."""
    store, at = served

    def silent(_: object, __: object) -> bool:
        while not pauses:
            time.sleep(0.05)
        return True

    store.faults.append(silent)
    ended = load(kg, example_graph, at, "--timeout-s", TIMEOUT_S)
    assert ended.code == 0, ended.err
    assert store.graphs[""] == default_lines(example_graph)
    assert len(pauses) == 1


def test_a_killed_load_goes_on_where_it_stopped(
    served: tuple[FailingStore, Addresses], pauses: list[float], example_graph: Path, kg: Kg
) -> None:
    """What the store has confirmed is not sent again; a build that is done is only counted."""
    store, at = served
    store.faults.append(lambda _handler, _lines: False)
    store.always = answering(503)
    first = load(kg, example_graph, at)
    assert (first.code, "503" in first.err, store.batches) == (3, True, [BATCH])
    assert all(later > earlier for earlier, later in zip(pauses, pauses[2:], strict=False))
    store.always = None
    second = json.loads(load(kg, example_graph, at).out)
    assert second["resumed"]
    assert not second["findings"]
    assert store.graphs[""] == default_lines(example_graph)
    # Lines that stand in two layers are sent twice, and counted once.
    assert BATCH + second["graphs"][0]["sent"] == sum(1 for layer in LAYERS for _ in read_lines(example_graph, layer))
    sent = len(store.batches)
    third = json.loads(load(kg, example_graph, at).out)
    assert (len(store.batches), third["findings"]) == (sent, [])


def test_a_store_that_was_emptied_meanwhile_gets_all_of_it(
    served: tuple[FailingStore, Addresses], pauses: list[float], example_graph: Path, kg: Kg
) -> None:
    """What was noted of a store is believed only while the store shows it."""
    store, at = served
    store.faults.append(lambda _handler, _lines: False)
    store.always = answering(503)
    assert load(kg, example_graph, at).code == 3
    assert pauses
    store.always = None
    store.graphs.clear()
    ended = load(kg, example_graph, at)
    assert (ended.code, json.loads(ended.out)["resumed"]) == (0, False)
    assert store.graphs[""] == default_lines(example_graph)


def test_what_is_missing_in_the_end_is_found(
    served: tuple[FailingStore, Addresses], example_graph: Path, kg: Kg
) -> None:
    """A store that says yes and forgets a triple: exit code 1; sent anew on request, it is whole."""
    store, at = served
    store.forgets = 1
    ended = load(kg, example_graph, at)
    assert ended.code == 1
    (finding,) = json.loads(ended.out)["findings"]
    assert finding["rule"] == "load-count"
    assert "the default graph" in ended.err
    assert load(kg, example_graph, at).code == 3
    assert load(kg, example_graph, at, "--replace").code == 0
    assert store.graphs[""] == default_lines(example_graph)


def test_a_folder_that_is_built_anew_meanwhile_is_told(
    served: tuple[FailingStore, Addresses], example_graph: Path, tmp_path: Path, kg: Kg
) -> None:
    """Half of one build and half of another are no graph."""
    store, at = served
    graph = shutil.copytree(example_graph, tmp_path / "graph")

    def rebuilt(*_: object) -> bool:
        with (graph / "manifest.json").open("a") as manifest:
            manifest.write("\n")
        return False

    store.faults.append(rebuilt)
    ended = load(kg, graph, at)
    assert (ended.code, "built anew" in ended.err) == (3, True)
    assert load(kg, graph, at, "--replace").code == 0


def test_a_line_that_is_no_triple_is_never_sent(
    served: tuple[FailingStore, Addresses], example_graph: Path, tmp_path: Path, kg: Kg
) -> None:
    """What would end the update that it stands in, however it came into the layer."""
    store, at = served
    graph = shutil.copytree(example_graph, tmp_path / "graph")
    with gzip.open(graph / "layers" / "registry.nt.gz", "wb") as layer:
        layer.write(
            b'<a:s> <a:p> "fine" .\n<a:s> <a:p> "x" } } ; DROP ALL ; INSERT DATA { GRAPH <a:g> { <a:s> <a:p> "y" .\n'
        )
    ended = load(kg, graph, at)
    assert (ended.code, "registry.nt.gz:2" in ended.err) == (3, True)
    assert not store.batches


def test_what_is_too_much_is_sent_in_halves(
    served: tuple[FailingStore, Addresses], pauses: list[float], example_graph: Path, kg: Kg
) -> None:
    """No pause is made for it, and the limit is remembered."""
    store, at = served
    refused: list[int] = []

    def at_most(handler: Any, lines: list[str]) -> bool:
        if len(lines) <= BATCH // 3:
            return False
        refused.append(len(lines))
        handler.answer(413)
        return True

    store.always = at_most
    assert load(kg, example_graph, at).code == 0
    assert store.graphs[""] == default_lines(example_graph)
    assert not pauses
    # The first batch, and its halves; afterwards quarters.
    assert refused == [BATCH, BATCH // 2, BATCH // 2]


def test_a_triple_that_is_refused_is_named(served: tuple[FailingStore, Addresses], example_graph: Path, kg: Kg) -> None:
    """Of thousands the one that the store does not take."""
    store, at = served
    line = sorted(default_lines(example_graph))[4_000]
    store.always = answering(400, b"no such term", line)
    ended = load(kg, example_graph, at)
    assert ended.code == 3
    assert "refuses a triple" in ended.err
    assert "no such term" in ended.err
    assert line.split()[0] in ended.err


def test_who_we_are_is_said_if_the_store_asks(
    served: tuple[FailingStore, Addresses], example_graph: Path, kg: Kg, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By the environment; without it, or with a wrong password, the message says what to set."""
    store, at = served
    store.password = "correct horse"  # noqa: S105 - of this test only
    unknown = load(kg, example_graph, at)
    assert (unknown.code, "Set TRIALGRAPH_USER and TRIALGRAPH_PASSWORD" in unknown.err) == (3, True)
    monkeypatch.setenv("TRIALGRAPH_USER", "curator")
    monkeypatch.setenv("TRIALGRAPH_PASSWORD", "battery staple")
    wrong = load(kg, example_graph, at)
    assert (wrong.code, "right?" in wrong.err, "staple" in wrong.err) == (3, True, False)
    monkeypatch.setenv("TRIALGRAPH_PASSWORD", store.password)
    assert load(kg, example_graph, at).code == 0
    answer: Any = Endpoint(at.query).query("SELECT (COUNT(*) AS ?n) WHERE { ?s ?p ?o }")
    (row,) = answer
    assert int(row["n"].value) == len(store.graphs[""])
    monkeypatch.delenv("TRIALGRAPH_USER")
    with pytest.raises(EndpointError, match="TRIALGRAPH_USER"):
        Endpoint(at.query).query("ASK { ?s ?p ?o }")


def test_nothing_is_sent_elsewhere(served: tuple[FailingStore, Addresses], example_graph: Path, kg: Kg) -> None:
    """A redirect is told, not followed: triples and passwords are for the named server."""
    store, at = served
    store.always = answering(301, Location="http://127.0.0.1:9/x")
    ended = load(kg, example_graph, at)
    assert (ended.code, "http://127.0.0.1:9/x" in ended.err) == (3, True)
    assert not store.batches


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--endpoint", "ftp://example.org/"], "an http or https URL"),
        (["--endpoint", "http://me:secret@127.0.0.1/"], "TRIALGRAPH_PASSWORD"),
        (["--endpoint", "http://127.0.0.1/", "--gsp", "http://a/", "--update", "http://b/"], "name one of them"),
        (["--endpoint", "http://127.0.0.1/", "--graph-prefix", "mine/"], "no absolute IRI"),
        (["--endpoint", "http://127.0.0.1/?default-graph-uri=a%3E b"], "no absolute IRI"),
        (["--endpoint", "http://127.0.0.1/?default-graph-uri=a:b&default-graph-uri=a:c"], "several default graphs"),
    ],
)
def test_addresses_that_cannot_be_meant_are_refused(options: list[str], told: str, example_graph: Path, kg: Kg) -> None:
    """Before anything is sent; a password is not repeated."""
    ended = kg("load", example_graph, *options)
    assert (ended.code, told in ended.err, "secret" in ended.err) == (2, True, False)
