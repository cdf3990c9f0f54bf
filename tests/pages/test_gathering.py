"""The table of names is made of what the workers tell, also where they do not tell all of it."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from starlette.requests import Request

from kg.pages.gathering import names_of
from kg.pages.names import Names
from kg.pages.search import search
from kg.queries import Parameter, resolve
from kg.service.answering import Answerer
from kg.service.exchange import Service
from kg.service.graphs import StoreGraph
from kg.service.settings import Settings
from kg.service.wire import Failure, Reply, TextTask
from kg.store import EmbeddedStore

_LATE = Failure(status=504, kind="deadline", title="Late", detail="The query took longer than it may")


class Workers:
    """Answers at once from a store, but for queries that are refused; counts the others."""

    def __init__(self, graph: Path, refused: Callable[[str], bool] = lambda _: False) -> None:
        self._answerer = Answerer(StoreGraph(graph / "store"), {}, max_rows=5000)
        self._refused = refused
        self.build, self.asked = "one", 0

    def find_kept(self, _: TextTask) -> Reply | None:
        """Nothing is kept."""
        return None

    async def run(self, task: TextTask) -> Reply | Failure:
        """The answer of a worker."""
        await asyncio.sleep(0)
        self.asked += 1
        return _LATE if self._refused(task.text) else self._answerer.answer(task)


def request_to(workers: Workers) -> Request:
    """A request to a service with these workers."""
    service = SimpleNamespace(pool=workers, settings=SimpleNamespace(max_rows=5000))
    app = SimpleNamespace(state=SimpleNamespace(service=service))
    return cast("Request", SimpleNamespace(app=app))


async def later(request: Request, wanted: Callable[[Names], bool]) -> Names:
    """The table, as soon as it is the one that is wanted."""
    for _ in range(3000):
        if wanted(names := await names_of(request)):
            return names
        await asyncio.sleep(0.01)
    raise AssertionError("it did not come")


def labels(names: Names, text: str) -> list[str]:
    """What is found."""
    return [match.entry.label for match in names.find(text)]


def test_a_build_is_asked_once(example_graph: Path) -> None:
    """Whoever comes in the meantime waits for the same table; a new build has another one."""
    workers = Workers(example_graph)

    async def visit() -> tuple[list[Names], int, Names]:
        request = request_to(workers)
        first = await asyncio.gather(*(names_of(request) for _ in range(5)))
        asked, workers.build = workers.asked, "two"
        old = await names_of(request)
        assert old is first[0]
        return first, asked, await later(request, lambda names: names is not old)

    first, asked, new = asyncio.run(visit())
    assert len(set(map(id, first))) == 1
    assert workers.asked == 2 * asked
    assert labels(new, "everolimus") == labels(first[0], "everolimus") != []


def test_what_cannot_be_counted_is_found_without_number(example_graph: Path) -> None:
    """A registry that is too large to count has names all the same."""
    workers = Workers(example_graph, lambda text: "COUNT(?t) AS ?n" in text and "leadSponsor" not in text)
    names = asyncio.run(names_of(request_to(workers)))
    assert "Everolimus" in labels(names, "rad001")
    assert names.find("everolimus")[0].entry.trials == 0


@pytest.mark.parametrize("refused", ["leadSponsor", "tg:country", "GROUP_CONCAT(SUBSTR"])
def test_the_rest_is_there_where_something_is_not_told(example_graph: Path, refused: str) -> None:
    """One query that fails takes no other names with it."""
    workers = Workers(example_graph, lambda text: refused in text)
    names = asyncio.run(names_of(request_to(workers)))
    assert "Everolimus" in labels(names, "everolimus")
    assert ("France" in labels(names, "france")) == (refused != "tg:country")
    assert bool(names.trials) == (refused != "GROUP_CONCAT(SUBSTR")


def test_no_page_waits_for_a_slow_graph(example_graph: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It gets a table without names, which says so."""
    monkeypatch.setattr("kg.pages.gathering._PATIENCE_S", 0.0)
    workers: Any = Workers(example_graph)

    async def visit() -> tuple[bool, bool]:
        request = request_to(workers)
        at_once = (await names_of(request)).is_ready
        return at_once, len(await later(request, lambda names: names.is_ready)) > 0

    assert asyncio.run(visit()) == (False, True)


@pytest.mark.parametrize("kind", ["condition", "drug", "class"])
def test_a_query_takes_every_suggestion_for_what_was_suggested(
    example_graph: Path, example_store: EmbeddedStore, kind: str
) -> None:
    """Of every concept in the table, also those whose name another ontology has."""
    names = asyncio.run(names_of(request_to(Workers(example_graph))))
    entries = names.most(kind, 10_000)
    param = Parameter(name=kind, type="concept", of=kind, description="", example="")
    taken = {entry.iri: resolve(param, entry.value, example_store).term for entry in entries}
    assert len(taken) > 20
    assert {iri: term for iri, term in taken.items() if term != f"<{iri}>"} == {}


def page_of(workers: Workers, query: str) -> str:
    """The page of results."""
    service = Service(settings=Settings(), queries={}, metrics=cast("Any", None), pool=cast("Any", workers))
    app = SimpleNamespace(state=SimpleNamespace(service=service))
    scope = {"type": "http", "method": "GET", "scheme": "http", "server": ("trials.example", 80), "path": "/search"}
    request = Request({**scope, "query_string": query.encode(), "headers": [], "app": app})
    return bytes(asyncio.run(search(request)).body).decode()


def test_titles_of_a_large_graph_are_looked_through_if_that_is_asked_for(
    example_graph: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It takes seconds there; the page says so."""
    workers = Workers(example_graph)
    assert "<h2>Trials</h2>" in page_of(workers, "q=hepatocellular")
    monkeypatch.setattr("kg.pages.search._MANY", 3)
    page = page_of(workers, "q=hepatocellular")
    assert "<h2>Trials</h2>" not in page
    assert 'href="/search?q=hepatocellular&amp;titles=1"' in page
    assert "<h2>Trials</h2>" in page_of(workers, "q=hepatocellular&titles=1")
