"""What all tests share: no network but loopback, the real data's place, and one graph of the examples."""

import os
from collections.abc import Generator
from pathlib import Path

import hypothesis
import pytest
import pytest_socket

from kg import assets
from kg.build import BuildReport, build_graph
from kg.store import EmbeddedStore
from tests.commands import Kg

# How long an example takes says nothing on a machine that others use.
hypothesis.settings.register_profile(
    "shared machine", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("shared machine")


def pytest_runtest_setup() -> None:
    """Blocks every host but this machine."""
    pytest_socket.socket_allow_hosts(["127.0.0.1", "localhost", "::1"], allow_unix_socket=True)


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--update-goldens` rewrites the expected files; a person reads the diff."""
    parser.addoption("--update-goldens", action="store_true", help="rewrite the expected files of cases")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skips tests on real data where there is none; where it should be there, a skip would hide a failure."""
    if os.environ.get("TRIALGRAPH_DATA"):
        return
    skip = pytest.mark.skip(reason="TRIALGRAPH_DATA does not point to the real records and ontologies")
    for item in items:
        if item.get_closest_marker("data"):
            item.add_marker(skip)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
    call: pytest.CallInfo[None],
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Turns a skipped data test into a failure where TRIALGRAPH_DATA is set."""
    report = yield
    if report.skipped and os.environ.get("TRIALGRAPH_DATA") and item.get_closest_marker("data"):
        report.outcome = "failed"
        report.longrepr = f"{item.nodeid} skipped although TRIALGRAPH_DATA is set: {report.longrepr}"
    return report


@pytest.fixture(scope="session")
def data() -> Path:
    """The folder of real records and ontologies."""
    return Path(os.environ["TRIALGRAPH_DATA"])


@pytest.fixture(scope="session")
def examples() -> Path:
    """The bundled example records."""
    return assets.folder("examples")


@pytest.fixture(scope="session")
def example_build(tmp_path_factory: pytest.TempPathFactory, examples: Path) -> tuple[Path, BuildReport]:
    """(the graph folder of all examples, what its build reported)."""
    out = tmp_path_factory.mktemp("examples") / "graph"
    return out, build_graph([examples], out)


@pytest.fixture(scope="session")
def example_graph(example_build: tuple[Path, BuildReport]) -> Path:
    """The graph folder of all examples."""
    return example_build[0]


@pytest.fixture(scope="session")
def example_store(example_graph: Path) -> EmbeddedStore:
    """The store of all examples."""
    return EmbeddedStore(example_graph / "store")


@pytest.fixture
def kg(monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]) -> Kg:
    """The command line."""
    monkeypatch.delenv("COLUMNS", raising=False)
    return Kg(monkeypatch, capfdbinary)
