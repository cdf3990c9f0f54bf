"""Whatever a registry sends: a page is read or refused, and after any faults in any order the same records stand."""

import json
import tempfile
from pathlib import Path

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from kg.errors import RegistryError
from kg.syncing.pages import Page, read_page
from tests.syncing.conftest import Sync
from tests.syncing.registry_server import Registry, serving, study

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["studies", "nextPageToken", "totalCount", "nctId"]), inner, max_size=3)
    ),
    max_leaves=12,
)
FAULTS = ["", "500", "429 1", "403", "cut", "cut_gzip", "bad_gzip", "html", "hang_up", "halves"]


def read(body: bytes) -> Page | None:
    """The page; None if it is refused as it should be."""
    try:
        return read_page("http://registry", body)
    except RegistryError:
        return None


@given(body=st.binary(max_size=200) | JSON.map(lambda value: json.dumps(value).encode()))
@example(body=b"")
@example(body=b'{"studies":[{"a":"\\ud800"}]}')
@example(body=b'{"studies":[{"a":"\xff"}]}')
@example(body=b"[" * 100_000)
@example(body=b'{"studies":[],"nextPageToken":5}')
def test_any_bytes_are_a_page_or_refused(body: bytes) -> None:
    """Never anything else; what is read has a number for each record."""
    page = read(body)
    assert page is None or len(page.lines) == len(page.numbers)


@given(records=st.lists(JSON | st.integers(1, 9).map(study), max_size=6))
def test_every_record_of_a_page_is_kept_or_told(records: list[object]) -> None:
    """In its place, with its bytes, on a line of its own."""
    page = read(json.dumps({"studies": records}, indent=1).encode())
    assert page is not None
    assert len(page.lines) + len(page.findings) == len(records)
    told = {int(finding.place.rpartition("/")[2]) for finding in page.findings}
    assert [json.loads(line) for line in page.lines] == [r for n, r in enumerate(records) if n not in told]
    assert all(line.count(b"\n") == 1 for line in page.lines)


@given(faults=st.lists(st.sampled_from(FAULTS), max_size=14))
@settings(
    max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
def test_any_faults_in_any_order_leave_the_same_records(faults: list[str], pauses: list[float]) -> None:
    """However often the sync has to be started again."""
    registry = Registry(*(study(number) for number in range(1, 6)))
    registry.faults = list(faults)
    with tempfile.TemporaryDirectory() as folder, serving(registry):
        syncing = Sync(Path(folder) / "graph", registry)
        for _ in range(len(faults) + 1):
            try:
                report = syncing.fetch()
            except RegistryError:
                continue
            break
        numbers = [json.loads(line)["protocolSection"]["identificationModule"]["nctId"] for line in syncing.kept()]
        assert numbers == [f"NCT{number:08d}" for number in range(1, 6)]
        assert (report.studies, report.total) == (5, 5)
