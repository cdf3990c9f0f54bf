"""W3C's tests of SPARQL 1.1, through the endpoint; what fails stands in known-failures.tsv, with the reason."""

import csv
from collections.abc import Iterator
from pathlib import Path

import pyoxigraph as ox
import pytest

from tests.service.client import Server
from tests.service.w3c import (
    ACCEPT,
    Case,
    Exchange,
    canonical,
    expected,
    find_cases,
    find_exchanges,
    protocol_graphs,
    write_graph_folder,
)

pytestmark = [pytest.mark.data, pytest.mark.conformance]


@pytest.fixture(scope="module")
def suite(data: Path) -> Path:
    """W3C's suite."""
    return data / "conformance" / "sparql11"


@pytest.fixture(scope="module")
def cases(suite: Path) -> list[Case]:
    """The tests of queries."""
    return list(find_cases(suite))


@pytest.fixture(scope="module")
def endpoint(suite: Path, cases: list[Case], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One server that has the data of all tests, a graph a file: the protocol's parameters make each test's dataset."""
    files = {file.as_uri(): file for case in cases for file in (*case.data, *case.named)}
    folder = write_graph_folder(tmp_path_factory.mktemp("w3c"), files | protocol_graphs(suite))
    with Server(folder, "--timeout-s", 60) as server:
        yield server


def known_failures(kind: str) -> dict[str, str]:
    """Test -> why it fails."""
    with (Path(__file__).parent / "known-failures.tsv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream, delimiter="\t"))
    return {row["test"]: row["reason"] for row in rows if row["kind"] == kind}


def _told(wrong: dict[str, str]) -> str:
    return "\n".join(f"{name}: {told}" for name, told in wrong.items())


def test_queries_are_answered_as_w3c_expects(endpoint: Server, cases: list[Case]) -> None:
    """Every test of evaluation, result formats and syntax passes, but for those that are known."""
    assert len(cases) > 300
    wrong = {case.name: told for case in cases if (told := _wrong(endpoint, case))}
    assert wrong.keys() == known_failures("query").keys(), _told(wrong)


def _wrong(endpoint: Server, case: Case) -> str:
    """What is wrong with the answer; nothing if all is well."""
    graphs = {"default_graph_uri": case.data, "named_graph_uri": case.named}
    dataset = {name: [file.as_uri() for file in files] for name, files in graphs.items() if files}
    if "FROM" in case.text:
        dataset = {}  # the query names its own
    accept = ACCEPT.get(
        case.result.suffix if case.result else "", "application/n-triples, application/sparql-results+json"
    )
    answer = endpoint.sparql(case.text, accept, **dataset)
    if case.kind.startswith("Negative"):
        return "" if answer.status == 400 else f"{answer.status}, not refused"
    if answer.status != 200:
        return f"{answer.status} {answer.body[:300]!r}"
    if case.kind.startswith("Positive"):
        return ""
    found, wanted = canonical(answer), expected(case)
    return "" if found == wanted else f"got {found}\nexpected {wanted}"


def test_the_protocol_is_spoken_as_w3c_expects(endpoint: Server, suite: Path) -> None:
    """Every request of the protocol's tests is answered so, but for updates, which a read-only graph refuses."""
    exchanges = list(find_exchanges(suite))
    assert len({exchange.name for exchange in exchanges}) == 34
    wrong = {each.name: told for each in exchanges if (told := _refused(endpoint, each))}
    assert wrong.keys() == known_failures("protocol").keys(), _told(wrong)


def _refused(endpoint: Server, exchange: Exchange) -> str:
    path = f"/sparql{exchange.path.removeprefix('/sparql/')}"
    answer = endpoint.request(exchange.method, path, exchange.body or None, exchange.headers)
    if not any(str(answer.status).startswith(status.rstrip("x")) for status in exchange.statuses):
        return f"{answer.status}, expected {exchange.statuses}: {answer.body[:300]!r}"
    if exchange.boolean is not None and answer.json().get("boolean") is not exchange.boolean:
        return f"{answer.body[:300]!r}, expected {exchange.boolean}"
    kinds = {"application/sparql-results+json": "boolean tabular", "text/turtle": "RDF"}
    return "" if exchange.kind in kinds.get(answer.media_type, exchange.kind) else f"{answer.media_type}"


def test_the_service_is_described_as_w3c_expects(endpoint: Server) -> None:
    """A GET gives RDF with a triple that names the endpoint, and one service of the right type."""
    sd = "http://www.w3.org/ns/sparql-service-description#"
    answer = endpoint.get("/sparql", "application/n-triples")
    triples = [quad.triple for quad in ox.parse(answer.body, ox.RdfFormat.N_TRIPLES)]
    (service,) = {t.subject for t in triples if t.predicate.value == f"{sd}endpoint"}
    assert any(t.subject == service and t.object == ox.NamedNode(f"{sd}Service") for t in triples)
