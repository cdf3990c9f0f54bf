"""A client that goes leaves no worker busy, and takes none with it."""

import asyncio
import gc
import socket
from pathlib import Path
from urllib.parse import quote, urlsplit

import pytest

from kg.service import pool
from kg.service.metrics import Metrics
from kg.service.pool import Pool
from kg.service.settings import Settings
from kg.service.wire import Choice, Format, Reply, TextTask
from tests.service.client import Server, until

SLOW = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"
FORMAT = Format("json", "application/sparql-results+json")


def task(text: str) -> TextTask:
    """A query of a user's own."""
    return TextTask(text=text, choice=Choice(FORMAT, FORMAT, None))


def test_a_query_whose_client_went_is_stopped(example_graph: Path) -> None:
    """With one worker and an hour of time, the next query is answered when the first one's client has gone."""
    with Server(example_graph, "--workers", 1, "--timeout-s", 3600) as server:
        address = urlsplit(server.address)
        before = server.given()
        with socket.create_connection((address.hostname, address.port)) as client:
            client.sendall(f"GET /sparql?query={quote(SLOW)} HTTP/1.1\r\nHost: here\r\n\r\n".encode())
            until(lambda: server.given() > before)
        assert server.sparql("ASK {}").json()["boolean"] is True
        until(lambda: b'kg_workers_lost_total{why="gone"} 1.0' in server.get("/metrics").body)


def test_who_leaves_keeps_their_share_until_the_worker_has_ended(example_graph: Path) -> None:
    """Else clients that come and go would hold all workers, and quick questions would wait."""

    async def leave() -> tuple[bool, bool]:
        workers = Pool(Settings(graph=example_graph, workers=2), Metrics())
        await workers.start()
        asking = asyncio.create_task(workers.run(task(SLOW)))
        while not any(worker.is_asked for worker in workers._living):  # noqa: ASYNC110 - there is no event for it
            await asyncio.sleep(0.01)
        asking.cancel()
        await asyncio.wait({asking})
        held = workers._long.locked()
        async with asyncio.timeout(60), workers._long:
            ended = not any(worker.is_asked and worker.is_running for worker in workers._living)
        await workers.close()
        return held, ended

    assert asyncio.run(leave()) == (True, True)
    gc.collect()  # as below


@pytest.mark.parametrize(("text", "seconds", "lost"), [("ASK {}", 60, 0), (SLOW, 0.1, 1)], ids=["soon", "never"])
def test_a_worker_that_ends_soon_is_not_killed(
    text: str, seconds: float, lost: int, example_graph: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Many clients that go at once would else leave a service without workers until new ones have started."""
    monkeypatch.setattr(pool, "_FINISH_S", seconds)

    async def leave() -> tuple[bool, float | None]:
        metrics = Metrics()
        workers = Pool(Settings(graph=example_graph, workers=1), metrics)
        await workers.start()
        before = set(workers._living)
        asking = asyncio.create_task(workers.run(task(text)))
        for _ in range(3):
            await asyncio.sleep(0)
        assert all(worker.is_asked for worker in before)
        asking.cancel()
        assert isinstance(await workers.run(task("ASK {}")), Reply)
        stays = workers._living == before
        await workers.close()
        return stays, metrics.registry.get_sample_value("kg_workers_lost_total", {"why": "gone"})

    assert asyncio.run(leave()) == (lost == 0, lost)
    gc.collect()  # now: Python 3.11's parser miscounts its depth if transports are collected while it parses
