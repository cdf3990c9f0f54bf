"""One server on the examples, for all tests that leave it as it is."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.service.client import Server


@pytest.fixture(scope="session")
def served(example_graph: Path) -> Iterator[Server]:
    """A server on the graph of all examples."""
    with Server(example_graph, "--cors", "https://app.example", "--max-rows", 5000) as server:
        yield server
