"""A query has a worker to itself: it may be killed, and nothing else suffers."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.service.client import Answer, Server, until

SLOW = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"
QUICK = "SELECT (COUNT(*) AS ?n) { ?s a <https://w3id.org/trialgraph/vocab#Study> }"


@pytest.fixture(scope="module")
def hurried(example_graph: Path) -> Iterator[Server]:
    """A server that gives a query little time and little memory."""
    with Server(example_graph, "--timeout-s", 4, "--workers", 3, "--max-memory-mb", 300) as server:
        yield server


def is_problem(answer: Answer, status: int, kind: str) -> bool:
    """Whether it is this problem, told whole."""
    return (answer.status, answer.media_type, answer.json()["type"].rpartition("/")[2]) == (
        status,
        "application/problem+json",
        kind,
    )


def test_a_query_over_its_deadline_is_a_504_and_others_go_on(hurried: Server) -> None:
    """Slow queries as many as there are workers, and quick ones meanwhile: each gets its own answer."""
    with ThreadPoolExecutor(8) as pool:
        slow = [pool.submit(hurried.sparql, SLOW) for _ in range(3)]
        quick = [pool.submit(hurried.get, "/queries/trials-by-drug", drug="everolimus") for _ in range(20)]
        assert {future.result().status for future in quick} == {200}
        assert all(
            is_problem(future.result(), 504, "deadline") or is_problem(future.result(), 503, "busy") for future in slow
        )
        assert any(future.result().status == 504 for future in slow)
    until(lambda: hurried.ready() == 3)
    assert hurried.sparql(QUICK).status == 200


def test_a_slow_query_with_rows_is_never_a_cut_off_200(hurried: Server) -> None:
    """Rows that came before the deadline are not sent as if they were all."""
    never = 'FILTER(CONCAT(STR(?a), STR(?d), STR(?g)) = "never")'
    some = "{ SELECT ?a { ?a ?b ?c } LIMIT 10 }"
    answer = hurried.sparql(f"SELECT * {{ {some} UNION {{ ?a ?b ?c . ?d ?e ?f . ?g ?h ?i {never} }} }}")
    assert is_problem(answer, 504, "deadline")


def test_a_killed_worker_is_replaced_and_its_query_asked_again(hurried: Server) -> None:
    """Whoever kills workers: every request is answered."""
    expected = hurried.sparql(QUICK).body
    stop = threading.Event()

    def kill() -> None:
        while not stop.wait(0.3):
            if hurried.ready() == 3:  # the one killed last has been replaced, however long that took
                hurried.kill_worker()

    killer = threading.Thread(target=kill)
    killer.start()
    try:
        with ThreadPoolExecutor(4) as pool:
            answers = list(pool.map(hurried.sparql, [QUICK] * 100))
    finally:
        stop.set()
        killer.join()
    whole = [answer for answer in answers if answer.status == 200]
    assert {answer.body for answer in whole} == {expected}
    assert all(is_problem(answer, 503, "worker") for answer in answers if answer.status != 200)
    assert len(whole) > 90
    until(lambda: hurried.ready() == 3)


def test_a_worker_killed_while_nobody_asks_is_replaced(hurried: Server) -> None:
    """The next request finds as many workers as there should be."""
    until(lambda: hurried.ready() == 3)
    before = set(hurried.workers())
    hurried.kill_worker()
    until(lambda: len(set(hurried.workers()) - before) == 1 and hurried.ready() == 3)


@pytest.mark.parametrize("accept", ["application/json", "text/csv", "text/tab-separated-values", "application/xml"])
def test_an_answer_of_too_many_rows_is_refused(served: Server, accept: str) -> None:
    """The limit itself passes, one row more does not; nobody gets a part for the whole."""
    query = "SELECT ?s { ?s ?p ?o } LIMIT %d"
    assert served.sparql(query % 5000, accept).status == 200
    assert is_problem(served.sparql(query % 5001, accept), 422, "too-large")


def test_an_answer_of_too_many_triples_is_refused(served: Server) -> None:
    """The same for triples."""
    query = "CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o } LIMIT %d"
    assert served.sparql(query % 5000).status == 200
    assert is_problem(served.sparql(query % 5001), 422, "too-large")


def test_rows_are_counted_whatever_their_text_holds(served: Server) -> None:
    """Text that looks like the end of a row is no row."""
    text = '\\"}},{\\"},{<result>\\n\\r\\n\\t,\\"\\"'
    rows = "{ SELECT ?z { ?z ?p ?o } LIMIT %d }"
    one = f'SELECT ?x ?y {{ VALUES ?x {{ "{text}" UNDEF }} BIND("{text}" AS ?y) {rows} }}'
    for accept in ("application/json", "text/csv", "text/tab-separated-values", "application/xml"):
        assert served.sparql(one % 2500, accept).status == 200
        assert served.sparql(one % 2501, accept).status == 422


def test_a_query_that_takes_too_much_memory_ends_its_worker_only(hurried: Server) -> None:
    """Memory has an end: the query is told so, and the next is answered."""
    text = "x" * 500_000
    copies = ", ".join(["?t"] * 50)
    rows = "{ SELECT ?s { ?s ?p ?o } LIMIT 500 }"
    query = f'SELECT (GROUP_CONCAT(CONCAT({copies})) AS ?all) {{ BIND("{text}" AS ?t) {rows} }}'
    answer = hurried.request("POST", "/sparql", query.encode(), {"Content-Type": "application/sparql-query"})
    assert is_problem(answer, 422, "memory")
    until(lambda: hurried.ready() == 3)
    assert hurried.sparql(QUICK).status == 200


@pytest.mark.parametrize("opening", ["{", "(", "!", "FILTER EXISTS {"])
def test_a_query_without_end_harms_nobody(hurried: Server, opening: str) -> None:
    """Nesting that no parser's stack can hold is refused, and the next query is answered."""
    query = f"SELECT * {{ ?s ?p ?o FILTER({opening * 20_000}" if opening in "(!" else f"SELECT * {{ {opening * 20_000}"
    answer = hurried.request("POST", "/sparql", query.encode(), {"Content-Type": "application/sparql-query"})
    assert answer.status in (400, 422, 504)
    assert hurried.sparql(QUICK).status == 200
