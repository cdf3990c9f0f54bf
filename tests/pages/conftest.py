"""One server on the examples, for all tests of pages."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.service.client import Server


@pytest.fixture(scope="session")
def site(example_graph: Path) -> Iterator[Server]:
    """A server on the graph of all examples, with pages."""
    with Server(example_graph, "--max-rows", 5000, "--workers", 2) as server:
        yield server
