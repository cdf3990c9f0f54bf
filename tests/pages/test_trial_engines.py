"""Pages and documents before an engine of another make: the same bytes as on the embedded store."""

import os
import shutil
from pathlib import Path

import pytest

from tests.commands import Kg
from tests.loading.servers import virtuoso
from tests.service.client import Server

_STUDIES = (
    "SELECT ?number { ?t a <https://w3id.org/trialgraph/vocab#Study> ; <http://purl.org/dc/terms/identifier> ?number }"
)
_THINGS = ("/concept/mesh:D006528", "/concept/mesh:D009369", "/concept/CHEBI:68478", "/class/mTORInhibitor")


@pytest.mark.skipif("TRIALGRAPH_DATA" not in os.environ, reason="long: TRIALGRAPH_DATA is not set")
@pytest.mark.skipif(
    not (shutil.which("virtuoso-t") and shutil.which("isql-vt")),
    reason="Virtuoso 7 is not installed (Debian: virtuoso-opensource)",
)
def test_pages_before_virtuoso_are_those_of_the_embedded_store(
    site: Server, example_graph: Path, tmp_path: Path, kg: Kg, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every trial of the examples, concepts and classes; their triples as well."""
    monkeypatch.setenv("TRIALGRAPH_USER", "dba")
    monkeypatch.setenv("TRIALGRAPH_PASSWORD", "dba")
    numbers = [row["number"] for row in site.sparql(_STUDIES).rows()]
    assert len(numbers) > 30
    things = [*(f"/study/{number}" for number in numbers), *_THINGS]
    with virtuoso(tmp_path / "server") as at:
        assert kg("load", example_graph, "--endpoint", at.query, "--gsp", at.gsp).code == 0
        with Server("--endpoint", at.query, "--workers", 2) as remote:
            other = [path for path in things if remote.get(f"{path}.html").body != site.get(f"{path}.html").body]
            assert other == []
            for path in things[::9]:
                documents = [server.get(f"{path}.nt").body.count(b"\n") for server in (remote, site)]
                assert documents[0] == documents[1] > 0, path
