"""`/queries`: saved queries over HTTP, their parameters bound as terms, their answers page by page."""

import csv
import io
import json
from pathlib import Path

import pytest

from kg import assets
from kg.queries import read_queries, run_query
from kg.queries.answers import cells
from kg.queries.cases import find_cases, read_case
from kg.service.saved import RESERVED
from kg.store import EmbeddedStore
from tests.queries.test_binding import HOSTILE
from tests.service.client import Server

QUERIES = read_queries()


def test_every_saved_query_is_listed(served: Server) -> None:
    """With what it asks, what it takes, and where it is answered."""
    listed = {query["name"]: query for query in served.get("/queries").json()["queries"]}
    assert listed.keys() == QUERIES.keys()
    one = listed["trials-by-drug"]
    assert one["href"] == f"{served.address}/queries/trials-by-drug"
    assert [param["name"] for param in one["params"]] == [param.name for param in QUERIES["trials-by-drug"].params]


def test_no_parameter_has_a_name_that_means_something_else() -> None:
    """Paging and format have their names in every query."""
    names = {param.name for query in QUERIES.values() for param in query.params}
    assert names.isdisjoint(RESERVED)


@pytest.mark.parametrize("file", find_cases(assets.folder("queries")), ids=lambda file: file.stem)
def test_every_case_is_answered_as_the_store_answers(served: Server, example_store: EmbeddedStore, file: Path) -> None:
    """Over HTTP comes what the library gives, for every case of every query."""
    case, query = read_case(file), QUERIES[file.parent.name]
    columns, rows = cells(run_query(query, case.values, example_store)[0])
    answer = served.get(f"/queries/{query.name}", given=case.values)
    told = answer.json()
    assert (answer.status, told["head"]["vars"]) == (200, columns)
    assert told["page"]["total"] == len(rows) == len(answer.rows()) == int(answer.headers["x-total-count"])


def test_the_answer_says_what_a_parameter_was_taken_for(served: Server) -> None:
    """In JSON beside the rows, and in a header for every format."""
    answer = served.get("/queries/trials-by-drug", drug="RAD001")
    resolved = answer.json()["resolved"]
    assert resolved["drug"]["given"] == "RAD001"
    assert resolved["drug"]["label"] == "Everolimus"
    assert (
        json.loads(served.get("/queries/trials-by-drug", "text/csv", drug="RAD001").headers["x-resolved"]) == resolved
    )


def test_pages_together_are_the_answer(served: Server) -> None:
    """Following `next` gives every row once, in order, and `prev` leads back."""
    whole = served.get("/queries/trials-by-drug", drug="everolimus").rows()
    path, rows, pages = "/queries/trials-by-drug?drug=everolimus&limit=3", [], 0
    while path:
        answer = served.get(path)
        rows += answer.rows()
        pages += 1
        found = [link.split("; ") for link in answer.headers.get("link", "").split(", ") if link]
        links = {relation: address for address, relation in found}
        assert ('rel="prev"' in links) == (pages > 1)
        path = links.get('rel="next"', "").strip("<>").removeprefix(served.address)
    assert (rows, pages) == (whole, -(-len(whole) // 3))
    assert served.get("/queries/trials-by-drug", drug="everolimus", offset=10_000).rows() == []


@pytest.mark.parametrize("name", ["json", "xml", "csv", "tsv"])
def test_a_page_comes_in_each_format(served: Server, name: str) -> None:
    """Each format has the page's rows, and the number of all."""
    answer = served.get("/queries/trials-by-drug", drug="everolimus", limit=2, format=name)
    assert answer.status == 200
    assert int(answer.headers["x-total-count"]) > 2
    if name == "csv":
        assert len(list(csv.DictReader(io.StringIO(answer.body.decode())))) == 2
    assert answer.body.count(b"https://clinicaltrials.gov/study/NCT") == 2


@pytest.mark.parametrize(
    ("parameters", "told"),
    [
        ({"drg": "everolimus"}, "Did you mean drug?"),
        ({}, "parameter drug is missing"),
        ({"drug": "everolimos"}, "Did you mean Everolimus?"),
        ({"drug": "kverolimus"}, "Did you mean Everolimus or"),
        ({"drug": ["everolimus", "sirolimus"]}, "more than once"),
        ({"drug": "everolimus", "limit": "0"}, "1 to 5000"),
        ({"drug": "everolimus", "limit": "5001"}, "1 to 5000"),
        ({"drug": "everolimus", "limit": "ten"}, "got 'ten'"),
        ({"drug": "everolimus", "offset": "-1"}, "got '-1'"),
        ({"drug": "everolimus", "offset": "9" * 5000}, "no such number"),
        ({"drug": "everolimus", "offset": "²"}, "no such number"),
    ],
)
def test_what_cannot_be_meant_is_told_with_what_would_be_right(
    served: Server, parameters: dict[str, object], told: str
) -> None:
    """422 for a parameter or a value that nobody knows, with the nearest that is known."""
    answer = served.get("/queries/trials-by-drug", given=parameters)
    assert (answer.status, answer.media_type) == (422, "application/problem+json")
    assert told in answer.json()["detail"]


def test_an_unknown_query_is_told_the_nearest(served: Server) -> None:
    """404 with names that are alike."""
    answer = served.get("/queries/trials-by-drugs", drug="everolimus")
    assert answer.status == 404
    assert "trials-by-drug" in answer.json()["nearest"]


def test_codes_and_dates_are_checked(served: Server) -> None:
    """A value that is not of its type is told what would be."""
    told = served.get("/queries/changed-since", since="tomorrow")
    assert (told.status, "a day such as" in told.json()["expected"]) == (422, True)
    told = served.get("/queries/terminated-mtor-inhibitor-hcc-trials", status="STOPPED")
    assert (told.status, "TERMINATED" in told.json()["expected"]) == (422, True)


TEXTS = [(query.name, param.name) for query in QUERIES.values() for param in query.params]


@pytest.mark.parametrize(("name", "param"), TEXTS, ids=[f"{name} {param}" for name, param in TEXTS])
def test_no_value_gets_out_of_its_term(served: Server, example_store: EmbeddedStore, name: str, param: str) -> None:
    """Hostile values, for every parameter: what the library answers or a plain refusal, and the graph as it was."""
    others = {each.name: each.example for each in QUERIES[name].params if each.name != param}
    for value in HOSTILE:
        answer = served.get(f"/queries/{name}", given={**others, param: value})
        assert answer.status in (200, 422), (value, answer.body)
        if answer.status == 200:
            assert answer.json()["resolved"][param]["given"].strip() == value.strip()
            rows = list(run_query(QUERIES[name], {**others, param: value}, example_store)[0])
            assert int(answer.headers["x-total-count"]) == len(rows)
    assert served.sparql("ASK { ?s a <https://w3id.org/trialgraph/vocab#Study> }").json()["boolean"] is True


def test_what_the_client_has_is_not_sent_again(served: Server) -> None:
    """304 for the same address in the same format; another format is another thing."""
    first = served.get("/queries/trials-by-drug", "text/csv", drug="everolimus")
    tag = {"If-None-Match": first.headers["etag"]}
    again = served.get("/queries/trials-by-drug", "text/csv", tag, drug="everolimus")
    assert (again.status, again.body, again.headers["etag"]) == (304, b"", first.headers["etag"])
    assert served.get("/queries/trials-by-drug", "application/json", tag, drug="everolimus").status == 200
    assert served.get("/queries/trials-by-drug", "text/csv", tag, drug="sirolimus").status == 200


def test_a_page_is_no_larger_than_an_answer_may_be(example_graph: Path) -> None:
    """Also where the client names no size, and the usual one is more than the service gives."""
    with Server(example_graph, "--max-rows", 100, "--workers", 1) as small:
        answer = small.get("/queries/trials-by-drug", drug="everolimus")
        assert (answer.status, answer.json()["page"]["limit"]) == (200, 100)
