"""A registry with five studies, and no pauses."""

import gzip
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from kg import assets
from kg.readers import registry as client
from kg.syncing import Building, SyncReport, Wish, fetch, pages, sync
from tests.syncing.registry_server import Registry, serving, study

#: An ontology that costs little to link to.
SMALL = str(assets.folder("ontologies") / "slices" / "doid.ttl")


@pytest.fixture
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The pauses before a request is made again, none of them made."""
    made: list[float] = []
    monkeypatch.setattr(client, "sleep", made.append)
    return made


@pytest.fixture(autouse=True)
def paces(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The pauses between pages, none of them made."""
    made: list[float] = []
    monkeypatch.setattr(pages, "sleep", made.append)
    return made


@pytest.fixture
def registry(pauses: list[float]) -> Iterator[Registry]:
    """A running registry: three pages, two studies on each but the last."""
    with serving(Registry(*(study(number) for number in range(1, 6)))) as running:
        yield running


class Sync:
    """Syncs one folder with the registry."""

    def __init__(self, graph: Path, registry: Registry) -> None:
        self.graph, self.registry = graph, registry
        self.records = graph.with_name(f"{graph.name}.records")

    def __call__(self, **wish: Any) -> SyncReport:
        """What a sync reports."""
        return sync(self.graph, Wish(registry=self.registry.url, **wish), Building(ontology_names=(SMALL,)))

    def fetch(self, **wish: Any) -> SyncReport:
        """What is reported if nothing is built."""
        return fetch(self.graph, Wish(registry=self.registry.url, **wish))

    def kept(self) -> list[str]:
        """Every record that is kept, from the first page to the last."""
        pages = sorted(self.records.glob("*/page-*.jsonl.gz"))
        return [line for page in pages for line in gzip.decompress(page.read_bytes()).decode().splitlines()]

    def layers(self) -> dict[str, bytes]:
        """The layers of the graph, by their files' names."""
        return {path.name: path.read_bytes() for path in sorted((self.graph / "layers").iterdir())}


@pytest.fixture
def syncing(tmp_path: Path, registry: Registry) -> Sync:
    """A new folder."""
    return Sync(tmp_path / "graph", registry)
