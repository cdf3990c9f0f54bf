"""The description for programs is valid, and holds what the service does."""

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from kg.queries import read_queries
from tests.service.client import Server, until


def test_the_description_is_valid_openapi(served: Server) -> None:
    """It keeps the rules of OpenAPI 3.1."""
    described = served.get("/openapi.json").json()
    assert list(OpenAPIV31SpecValidator(described).iter_errors()) == []
    assert described["servers"] == [{"url": served.address}]


def test_every_saved_query_is_an_operation(served: Server) -> None:
    """Its parameters with their types, examples and defaults."""
    described = served.get("/openapi.json").json()
    for query in read_queries().values():
        operation = described["paths"][f"/queries/{query.name}"]["get"]
        parameters = {param["name"]: param for param in operation["parameters"]}
        assert operation["summary"] == query.summary
        for param in query.params:
            assert parameters[param.name].get("required", False) == (param.default is None)


def test_examples_of_the_description_are_answered(served: Server) -> None:
    """Whoever tries an operation with the examples gets an answer: for every address without a body."""
    asked = 0
    for path, operations in served.get("/openapi.json").json()["paths"].items():
        if "get" not in operations:
            continue
        parameters = operations["get"]["parameters"]
        address = path
        for param in parameters:
            if param["in"] == "path":
                address = address.replace(f"{{{param['name']}}}", param["example"])
        given = {p["name"]: p["example"] for p in parameters if p["in"] == "query" and "example" in p}
        answer = served.get(address, given=given)
        assert str(answer.status) in operations["get"]["responses"], (address, answer.body)
        if answer.status == 200:
            assert answer.media_type in operations["get"]["responses"]["200"]["content"], address
        asked += 1
    assert asked > 50


def test_completion_is_an_operation(served: Server) -> None:
    """Programs that help people to type find it."""
    described = served.get("/openapi.json").json()["paths"]["/complete"]["get"]
    kinds = next(param["schema"]["enum"] for param in described["parameters"] if param["name"] == "kind")
    assert {served.get("/complete", q="ever", kind=kind).status for kind in kinds} == {200}


def test_health_and_metrics_tell_how_it_is(served: Server) -> None:
    """Workers, the build, and counts in Prometheus's form."""
    until(lambda: served.ready() == 4)
    health = served.get("/health")
    assert (health.status, health.json()["status"], health.json()["workers"]) == (200, "ok", 4)

    def refused() -> float:
        lines = served.get("/metrics").body.decode().splitlines()
        name = 'kg_requests_total{route="/sparql",status="400"} '
        return sum(float(line.removeprefix(name)) for line in lines if line.startswith(name))

    before = refused()
    assert served.sparql("SELECT WHER").status == 400
    assert refused() == before + 1
    until(lambda: b"kg_workers 4.0" in served.get("/metrics").body)


@pytest.mark.parametrize(
    ("path", "route"),
    [
        ("/queries/trials-by-drug?drug=everolimus", "/queries/{name}"),
        ("/queries/no-such-query", "/queries/{name}"),
        ("/why/NCT01079767/trials-by-drug?drug=everolimus", "/why/{trial}/{name}"),
        ("/study/NCT01079767.ttl", "/study/{name}"),
        ("/study/NCT01079767.html", "/study/{name}.html"),
        ("/static/no-such-file.css", "/static"),
        ("/no/such/place", "other"),
    ],
)
def test_requests_are_counted_by_the_pattern_of_their_address(path: str, route: str, served: Server) -> None:
    """Also those that pages answer first; addresses that nothing answers are one, however many there are."""

    def counted() -> float:
        lines = served.get("/metrics").body.decode().splitlines()
        return sum(
            float(line.rpartition(" ")[2]) for line in lines if line.startswith(f'kg_requests_total{{route="{route}"')
        )

    before = counted()
    served.get(path)
    assert counted() == before + 1
