"""Answers that are given again: the same as a worker's, never those of another build, never what may change."""

import re
from pathlib import Path

import pytest

from kg.queries import read_queries
from kg.service.kept import KeptAnswers
from kg.service.wire import Choice, Format, Reply, SavedTask, TextTask
from tests.service.client import Server

FORMAT = Format("json", "application/sparql-results+json")
CHOICE = Choice(FORMAT, FORMAT, None)
PATH = "/queries/trials-by-drug"


def task(value: str) -> SavedTask:
    """A question."""
    return SavedTask(name="trials-by-drug", values={"drug": value}, choice=CHOICE, limit=10, offset=0)


def reply(size: int) -> Reply:
    """An answer of so many bytes."""
    return Reply(body=b"x" * size, media_type="text/csv", rows=1)


def counted(server: Server) -> float:
    """How many answers were given again."""
    lines = server.get("/metrics").body.decode().splitlines()
    return next(float(line.split()[1]) for line in lines if line.startswith("kg_answers_kept_total "))


def test_the_second_answer_is_the_first_and_asks_no_worker(served: Server) -> None:
    """Also for why; each format, page and value is another answer."""
    for path in (f"{PATH}?drug=everolimus&limit=99", "/why/NCT01079767/trials-by-drug?drug=Everolimus"):
        before = counted(served)
        first, second = served.get(path), served.get(path)
        assert (first.status, first.body, counted(served)) == (200, second.body, before + 1)
        assert {**first.headers, "date": ""} == {**second.headers, "date": ""}
    before, others = counted(served), [first.body]
    others.append(served.get(PATH, drug="everolimus", limit=98).body)
    others.append(served.get(PATH, "text/csv", drug="everolimus", limit=99).body)
    others.append(served.get(PATH, drug="sirolimus", limit=99).body)
    assert (len(set(others)), counted(served)) == (4, before)


def test_queries_of_a_users_own_are_always_asked(served: Server) -> None:
    """They may ask for what is never twice the same."""
    query = "SELECT (STRUUID() AS ?new) {}"
    assert served.sparql(query).body != served.sparql(query).body


def test_nothing_is_kept_without_room_for_it(example_graph: Path) -> None:
    """`--cache-mb 0` asks a worker each time."""
    with Server(example_graph, "--workers", 1, "--cache-mb", 0) as server:
        assert server.get(PATH, drug="everolimus").body == server.get(PATH, drug="everolimus").body
        assert counted(server) == 0


def test_a_new_build_is_asked_anew() -> None:
    """An answer of the build before is given to nobody."""
    kept = KeptAnswers(1 << 20)
    kept.keep("old", task("a"), reply(10))
    assert kept.find("new", task("a")) is None
    kept.forget()
    assert kept.find("old", task("a")) is None


def test_what_is_kept_is_bounded_in_bytes() -> None:
    """The longest unasked goes first; one that is large is not kept at all."""
    kept = KeptAnswers(100_000)
    for number in range(1000):
        kept.keep("build", task(str(number)), reply(8000))
        assert kept.find("build", task("0")) is not None  # asked for again and again
    found = [number for number in range(1000) if kept.find("build", task(str(number)))]
    assert 2 < len(found) < 13
    assert found[-1] == 999
    kept.keep("build", task("large"), reply(50_000))
    assert kept.find("build", task("large")) is None


@pytest.mark.parametrize(
    ("build", "asked"), [("", task("a")), ("build", TextTask(text="ASK {}", choice=CHOICE))], ids=["endpoint", "own"]
)
def test_what_may_change_is_not_kept(build: str, asked: SavedTask | TextTask) -> None:
    """An endpoint's answers, and those of queries that are not ours."""
    kept = KeptAnswers(1 << 20)
    kept.keep(build, asked, reply(10))
    assert kept.find(build, asked) is None


def test_no_saved_query_asks_for_what_changes_by_itself() -> None:
    """Neither time nor chance nor other services: else its answer could not be given again."""
    for query in read_queries().values():
        asked = re.sub(r"(?m)^\s*#.*$", "", query.text)
        assert re.search(r"(?i)\b((NOW|RAND|UUID|STRUUID|BNODE)\s*\(|SERVICE\b)", asked) is None, query.name
