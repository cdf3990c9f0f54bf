"""`/why`: over HTTP as on the command line, with the service's limits around it."""

import os
import signal
from pathlib import Path

import msgspec
import pytest

from kg.explanation import explain, read_aloud
from kg.queries import read_queries
from kg.store import EmbeddedStore
from tests.explanation.test_command import HOSTILE
from tests.service.client import Server, until

QUERIES = read_queries()
FLAGSHIP = "terminated-mtor-inhibitor-hcc-trials"
OUT = f"/why/NCT00355862/{FLAGSHIP}"


@pytest.mark.parametrize("name", sorted(QUERIES))
def test_every_query_is_explained_as_the_library_explains_it(
    served: Server, example_store: EmbeddedStore, name: str
) -> None:
    """JSON by default, text to who asks for text; the same to the letter."""
    values = {param.name: param.example for param in QUERIES[name].params}
    told = explain(QUERIES[name], values, "NCT01079767", example_store)
    answer = served.get(f"/why/NCT01079767/{name}", given=values)
    assert (answer.status, answer.media_type) == (200, "application/json")
    assert answer.json() == msgspec.json.decode(msgspec.json.encode(told))
    text = served.get(f"/why/nct01079767/{name}", "text/plain", given=values)
    assert (text.status, text.headers["content-type"]) == (200, "text/plain; charset=utf-8")
    assert text.body.decode() == read_aloud(told)


def test_what_fails_is_told(served: Server) -> None:
    """The trial is out by its status alone; with the status that it has it is in."""
    told = served.get(OUT).json()
    (status,) = (step for step in told["steps"] if step["verdict"] == "fails")
    assert (told["in_answer"], status["instead"][0]["triple"][2]) == (
        False,
        "<https://w3id.org/trialgraph/status/COMPLETED>",
    )
    assert served.get(OUT, status="COMPLETED").json()["in_answer"] is True


@pytest.mark.parametrize(
    ("path", "given", "status", "told"),
    [
        ("/why/NCT1/trials-by-drug", {"drug": "everolimus"}, 404, "NCT1"),
        ("/why/NCT99999999/trials-by-drug", {"drug": "everolimus"}, 404, "NCT99999999"),
        ("/why/NCT00355862/trials-by-drg", {"drug": "everolimus"}, 404, "trials-by-drug"),
        ("/why/NCT00355862/trials-by-drug", {}, 422, "parameter drug is missing"),
        ("/why/NCT00355862/trials-by-drug", {"drg": "everolimus"}, 422, "Did you mean drug?"),
        ("/why/NCT00355862/trials-by-drug", {"drug": "everolimos"}, 422, "Did you mean Everolimus?"),
        ("/why/NCT00355862/trials-by-drug", {"drug": ["everolimus", "sirolimus"]}, 422, "more than once"),
        ("/why/NCT00355862/trials-by-drug", {"drug": "everolimus", "limit": "5"}, 422, "limit"),
        ("/why/NCT00355862/trials-by-drug", {"drug": "everolimus", "format": "docx"}, 400, "docx"),
    ],
)
def test_mistakes_are_told_with_what_would_be_right(
    served: Server, path: str, given: dict[str, object], status: int, told: str
) -> None:
    """As a problem, not as an explanation of something else."""
    answer = served.get(path, given=given)
    assert (answer.status, answer.media_type) == (status, "application/problem+json")
    assert told in answer.body.decode()


def test_formats_are_chosen_by_header_or_parameter(served: Server) -> None:
    """The parameter is stronger; what an explanation cannot be is a 406."""
    assert served.get(OUT, "text/plain;q=0.5, application/json;q=0.4").media_type == "text/plain"
    assert served.get(OUT, "application/json", format="text").media_type == "text/plain"
    assert served.get(OUT, "text/plain", format="json").media_type == "application/json"
    assert served.get(OUT, "text/csv").status == 406


def test_an_explanation_that_the_client_has_is_not_sent_again(served: Server) -> None:
    """304 while the build is the same; other values and formats are other things."""
    first = served.get(OUT)
    tag = {"If-None-Match": first.headers["etag"]}
    again = served.get(OUT, headers=tag)
    assert (again.status, again.body, again.headers["etag"]) == (304, b"", first.headers["etag"])
    assert served.get(OUT, "text/plain", tag).status == 200
    assert served.get(OUT, headers=tag, status="COMPLETED").status == 200


@pytest.mark.parametrize(("name", "param"), [("trials-by-outcome", "words"), ("trial-by-identifier", "identifier")])
def test_no_value_gets_out_of_its_term(served: Server, name: str, param: str) -> None:
    """Hostile values: an explanation that says no, or a plain refusal."""
    for value in HOSTILE:
        answer = served.get(f"/why/NCT01379521/{name}", given={param: value.encode(errors="replace")})
        assert answer.status in (200, 422), (value, answer.body)
        assert answer.status == 422 or answer.json()["in_answer"] is False
    assert served.sparql("ASK { ?s a <https://w3id.org/trialgraph/vocab#Study> }").json()["boolean"] is True


def test_an_explanation_over_its_deadline_is_a_504(example_graph: Path) -> None:
    """A worker that comes to no end, here because it is held, is killed, and the next one explains."""
    with Server(example_graph, "--timeout-s", 3, "--workers", 1) as server:
        for pid in server.workers():
            os.kill(pid, signal.SIGSTOP)
        answer = server.get(OUT)
        assert (answer.status, answer.json()["type"].rpartition("/")[2]) == (504, "deadline")
        until(lambda: server.ready() == 1)
        assert server.sparql("ASK {}").json()["boolean"] is True
