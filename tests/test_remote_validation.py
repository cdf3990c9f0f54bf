"""Shapes run against an endpoint page by page find what they find in the folder, and no answer is taken for whole."""

import json
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs

import pyoxigraph as ox
import pytest

from kg import assets
from kg.errors import DeadlineExceeded, EndpointError, GraphError, KgError, UsageError
from kg.finding import Finding
from kg.layers import read_partitions
from kg.validation import PyShacl
from kg.validation import remote as module
from kg.validation.remote import read_remote
from kg.vocab import PREFIXES
from tests.test_endpoint import free_port, oxigraph

GRAPH = "https://example.org/graphs/trials"
PART = "https://w3id.org/trialgraph/study/"
TG, RDFS = PREFIXES["tg"], PREFIXES["rdfs"]
TYPE = PREFIXES["rdf"] + "type"
LAYERS = ("registry", "derived", "links", "inferred")
#: Answers a query of a server: (text, the plain answer) -> (status, body).
Change = Callable[[str, bytes], tuple[int, bytes]]


@pytest.fixture(scope="module")
def engine() -> PyShacl:
    """The bundled shapes."""
    return PyShacl(assets.folder("shapes"))


def without(lines: list[str], node: str, predicate: str) -> list[str]:
    """The lines but those that say this of the node."""
    return [line for line in lines if not line.startswith(f"<{node}> <{predicate}>")]


@pytest.fixture(scope="module")
def faulty(example_graph: Path) -> list[str]:
    """Five trials with faults in a study, parts, links, and in what no study leads to."""
    pages = read_partitions(example_graph, LAYERS, trials=5)
    lines = [*next(pages), *next(pages)]
    studies = sorted({line.split(">")[0][1:] for line in lines if f"<{TYPE}> <{TG}Study>" in line})
    first, second, last = studies[0], studies[1], studies[-1]
    lines = without(lines, first, f"{TG}overallStatus")
    lines = without(lines, f"{PART}{second[-11:]}#condition-1", f"{RDFS}label")
    lines = without(lines, last, TYPE)  # its parts stay, and no study leads to them
    lines = without(lines, f"{PART}{last[-11:]}#condition-1", f"{RDFS}label")
    link = next(line.split(">")[0][1:] for line in lines if line.startswith(f"<{PART}{second[-11:]}#link-condition-1"))
    lines = without(lines, link, f"{PREFIXES['sssom']}confidence")
    return [
        *lines,
        f"<{PART}NCT99999999#condition-7> <{TYPE}> <{TG}Condition> .\n",
        f"<{PART}NCT99999999#link-condition-7-mesh-D1> <{TYPE}> <{PREFIXES['owl']}Axiom> .\n",
        f"<{PART}NCT99999999#link-condition-8-mesh-D1> <{TYPE}> <{PREFIXES['owl']}Axiom> .\n",
        f'<{PART}NCT99999999#link-condition-8-mesh-D1> <{PREFIXES["owl"]}annotatedSource> "text" .\n',
    ]


def described(findings: Iterator[Finding]) -> set[tuple[str, ...]]:
    """What findings say, but for the form of numbers: engines may write 1.0 as 1."""
    return {(f.rule, f.focus, f.path, f.severity, f.message) for f in findings}


@pytest.fixture(scope="module")
def expected(faulty: list[str], engine: PyShacl) -> set[tuple[str, ...]]:
    """The findings of the lines validated at once."""
    return described(engine.validate(faulty))


def read_all(url: str, graph: str | None = None, *, trials: int = 2, timeout_s: float = 30) -> list[list[str]]:
    """All pages."""
    return list(read_remote(url, graph, trials=trials, timeout_s=timeout_s))


@pytest.fixture(scope="module")
def store(faulty: list[str]) -> ox.Store:
    """The faulty trials in the default graph."""
    held = ox.Store()
    held.load("".join(faulty).encode(), ox.RdfFormat.N_TRIPLES)
    return held


@contextmanager
def serving(store: ox.Store, change: Change = lambda _, body: (200, body)) -> Iterator[str]:
    """An endpoint over a store, whose answers may be spoilt."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            form = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
            text = form["query"][0]
            answer = store.query(text)
            if isinstance(answer, ox.QueryTriples):
                body = answer.serialize(format=ox.RdfFormat.TURTLE)
            else:
                body = answer.serialize(format=ox.QueryResultsFormat.JSON)
            assert body is not None
            status, body = change(text, body)
            self.send_response(status)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Stays silent."""

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, *_: object) -> None:
            """Stays silent: clients that leave early are what is tested."""

    with Server(("127.0.0.1", 0), Handler) as httpd:
        thread = threading.Thread(target=httpd.serve_forever, args=(0.02,))
        thread.start()
        try:
            yield f"http://127.0.0.1:{httpd.server_port}/sparql"
        finally:
            httpd.shutdown()
            thread.join()


def cut(limit: int) -> Change:
    """A server that gives so many triples at most, and says nothing of it."""

    def change(text: str, body: bytes) -> tuple[int, bytes]:
        if not text.startswith("CONSTRUCT"):
            return 200, body
        triples = [quad.triple for quad in ox.parse(body, ox.RdfFormat.TURTLE)]
        return 200, ox.serialize(triples[:limit], format=ox.RdfFormat.TURTLE) or b""

    return change


def test_the_faults_are_found_at_all(expected: set[tuple[str, ...]]) -> None:
    """Each kind of planted fault is among what the pages must give."""
    rules = {(rule, focus.partition("#")[2].rpartition("-")[0]) for rule, focus, *_ in expected}
    assert {
        "Study-status/MinCount",
        "Condition-label/MinCount",
        "Link-confidence/MinCount",
        "Link-source/MinCount",
    } <= {rule for rule, _ in rules}
    assert sum(rule == "Condition-label/MinCount" for rule, *_ in expected) == 3


@pytest.mark.parametrize("trials", [1, 2, 5, 1000])
def test_pages_together_give_the_folders_findings(
    trials: int, faulty: list[str], expected: set[tuple[str, ...]], engine: PyShacl, tmp_path: Path
) -> None:
    """Whatever the size of a page: a real server gives the findings of all triples at once, no more and no fewer."""
    (tmp_path / "faulty.nt").write_text("".join(faulty))
    with oxigraph(tmp_path, tmp_path / "faulty.nt") as url:
        pages = read_all(url, trials=trials)
    assert described(finding for page in pages for finding in engine.validate(page)) == expected


def test_pages_hold_every_triple_and_so_many_studies(store: ox.Store) -> None:
    """No triple about studies is missed, and a page has no more studies than asked for."""
    with serving(store) as url:
        pages = read_all(url, trials=2)
    known = {quad.triple for quad in store}
    got = {quad.triple for page in pages for quad in ox.parse("".join(page), ox.RdfFormat.N_TRIPLES)}
    missed = known - got
    assert {triple.predicate.value for triple in missed} <= {f"{PREFIXES['dct']}isReplacedBy"}
    assert got <= known
    assert [sum(f"<{TYPE}> <{TG}Study>" in line for line in page) for page in pages[:3]] == [2, 2, 0]


def test_a_named_graph_is_read_alone(
    faulty: list[str], expected: set[tuple[str, ...]], engine: PyShacl, tmp_path: Path
) -> None:
    """What stands in other graphs, and other things in the same one, are no part of it."""
    condition = f"<{PART}NCT88888888#condition-1> <{TYPE}> <{TG}Condition>"
    others = (
        f"{condition} .\n"
        f"{condition} <https://example.org/other> .\n"
        f"<https://example.org/NCT88888888> <{TYPE}> <{TG}Study> <https://example.org/other> .\n"
        f"<https://example.org/cat> <{TYPE}> <https://example.org/Animal> <{GRAPH}> .\n"
        f"<https://example.org/axiom> <{TYPE}> <{PREFIXES['owl']}Axiom> <{GRAPH}> .\n"
    )
    held = "".join(line.removesuffix(" .\n") + f" <{GRAPH}> .\n" for line in faulty)
    (tmp_path / "all.nq").write_text(held + others)
    with oxigraph(tmp_path, tmp_path / "all.nq") as url:
        pages = read_all(url, GRAPH)
    assert described(finding for page in pages for finding in engine.validate(page)) == expected


@pytest.mark.parametrize("times", [1, 2])
def test_cut_answers_are_asked_for_again_in_halves(times: int, store: ox.Store) -> None:
    """A server that gives so many triples at most gives all of them in the end."""
    limit = times * max(Counter(quad.subject for quad in store).values())
    with serving(store) as url:
        whole = read_all(url, trials=3)
    with serving(store, cut(limit)) as url:
        assert read_all(url, trials=3) == whole


def test_a_node_with_more_triples_than_the_server_gives_is_told(store: ox.Store) -> None:
    """Never is half a study validated as if it were whole."""
    with serving(store, cut(5)) as url, pytest.raises(EndpointError, match="it cuts its answers") as raised:
        read_all(url)
    assert "ResultSetMaxRows" in str(raised.value)


def test_rows_cut_by_the_server_cost_no_study(store: ox.Store) -> None:
    """Also the list of studies may come in shorter pieces than asked for; only an empty one is the end."""

    def change(text: str, body: bytes) -> tuple[int, bytes]:
        if "ORDER BY" not in text:
            return 200, body
        rows = json.loads(body)
        rows["results"]["bindings"] = rows["results"]["bindings"][:1]
        return 200, json.dumps(rows).encode()

    with serving(store, change) as url:
        pages = read_all(url, trials=3)
    with serving(store) as url:
        whole = read_all(url, trials=3)
    assert {line for page in pages for line in page} == {line for page in whole for line in page}


def test_studies_that_do_not_come_are_told(store: ox.Store) -> None:
    """A server that loses studies on the way is not believed."""
    with (
        serving(store, losing_studies(after=2)) as url,
        pytest.raises(EndpointError, match="gave 2 studies and counts 4"),
    ):
        read_all(url)


def losing_studies(*, after: int) -> Change:
    """Answers that know no study from the second page on."""
    nothing = b'{"head":{"vars":["s"]},"results":{"bindings":[]}}'
    seen = 0

    def change(text: str, body: bytes) -> tuple[int, bytes]:
        nonlocal seen
        if "ORDER BY" in text and "Study" in text:
            seen += 1
            return 200, body if seen * 2 <= after else nothing
        return 200, body

    return change


def test_a_server_that_does_not_sort_is_told(store: ox.Store) -> None:
    """Or pages would miss studies, or never end."""

    def change(text: str, body: bytes) -> tuple[int, bytes]:
        rows = json.loads(body) if "ORDER BY" in text else {}
        if not rows:
            return 200, body
        rows["results"]["bindings"].reverse()
        return 200, json.dumps(rows).encode()

    with serving(store, change) as url, pytest.raises(EndpointError, match="does not sort"):
        read_all(url)


@pytest.mark.parametrize(
    ("status", "body"),
    [(500, b"<html>out of order</html>"), (200, b"<html>hello</html>"), (200, b"<a:s> <a:p> "), (503, b"")],
)
@pytest.mark.parametrize("always", [False, True])
def test_failing_midway_is_forgiven_once(
    *, status: int, body: bytes, always: bool, store: ox.Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One bad answer among many is asked for again; a server that goes on so is told."""
    monkeypatch.setattr(module, "_PAUSE_S", 0.01)
    asked = 0

    def change(_: str, plain: bytes) -> tuple[int, bytes]:
        nonlocal asked
        asked += 1
        return (status, body) if asked == 9 or (always and asked > 9) else (200, plain)

    with serving(store, change) as url:
        if always:
            with pytest.raises(EndpointError, match=r"no answer|no SPARQL result"):
                read_all(url)
        else:
            assert read_all(url)
    assert asked >= 10


@pytest.mark.parametrize("body", [b"<html><body>hello</body></html>", b'{"boolean": true}', b'{"head":{"vars":[]}}'])
def test_a_page_in_the_place_of_an_endpoint_is_told(body: bytes, store: ox.Store) -> None:
    """With what to do about it."""
    with serving(store, lambda *_: (200, body)) as url, pytest.raises(EndpointError, match=r"SPARQL|count"):
        read_all(url)


def test_a_count_that_is_no_number_is_told(store: ox.Store) -> None:
    """No row, or another answer than a number."""
    row = b'{"head":{"vars":["n"]},"results":{"bindings":[{"n":{"type":"literal","value":"many"}}]}}'
    for body in (row, row.replace(b'"n"', b'"m"'), b'{"head":{"vars":["n"]},"results":{"bindings":[]}}'):
        with serving(store, lambda *_, body=body: (200, body)) as url, pytest.raises(EndpointError, match="count"):
            read_all(url)


def test_hanging_midway_meets_the_deadline(store: ox.Store) -> None:
    """No page is waited for longer than the timeout: the error is there while the other side still hangs."""
    asked, told = 0, threading.Event()

    def change(_: str, body: bytes) -> tuple[int, bytes]:
        nonlocal asked
        asked += 1
        if asked > 6:
            assert told.wait(60)
        return 200, body

    with serving(store, change) as url:
        with pytest.raises((DeadlineExceeded, EndpointError), match="no answer"):
            read_all(url, timeout_s=0.5)
        told.set()


def test_nobody_there_says_what_to_do() -> None:
    """A refused connection names the address and asks whether it is the right one."""
    url = f"http://127.0.0.1:{free_port()}/sparql"
    with pytest.raises(EndpointError, match=f"{url}.*Is it running"):
        read_all(url)


def test_a_graph_without_studies_names_those_that_have_some(tmp_path: Path) -> None:
    """A wrong name is told with the nearest right one; nothing is not taken for free of faults."""
    study = f"<https://clinicaltrials.gov/study/NCT00000001> <{TYPE}> <{TG}Study>"
    (tmp_path / "one.nq").write_text(f"{study} <{GRAPH}> .\n<a:s> <a:p> <a:o> .\n")
    with oxigraph(tmp_path, tmp_path / "one.nq") as url:
        for wrong in (f"{GRAPH}s", "https://example.org/graph", None):
            with pytest.raises(GraphError, match=f"no study.*Did you mean --graph {GRAPH}") as raised:
                read_all(url, wrong)
            assert "\n" not in str(raised.value)


def test_studies_in_the_default_graph_are_told(store: ox.Store) -> None:
    """As is a store that has none at all."""
    with serving(store) as url, pytest.raises(GraphError, match="leave --graph out"):
        read_all(url, GRAPH)
    with serving(ox.Store()) as url, pytest.raises(GraphError, match=r"no study in the default graph.*kg export"):
        read_all(url)


@pytest.mark.parametrize(
    "graph",
    ["", "trials", "a b", "<https://example.org/g>", "https://example.org/g> { } } #", "https://example.org/\n", "x"],
)
def test_a_graph_that_is_no_iri_never_reaches_the_server(graph: str) -> None:
    """It is the user's mistake, told before anything is asked."""
    with pytest.raises(UsageError, match="no IRI"):
        read_all(f"http://127.0.0.1:{free_port()}/", graph)


def test_requests_stay_small(store: ox.Store) -> None:
    """Servers refuse large forms, so a page of many parts is asked for in pieces."""
    longest = 0

    def change(text: str, body: bytes) -> tuple[int, bytes]:
        nonlocal longest
        longest = max(longest, len(text))
        return 200, body

    with serving(store, change) as url:
        read_all(url, trials=1000)
    assert 10_000 < longest < 60_000


def test_errors_are_ours(store: ox.Store) -> None:
    """Whatever a server answers, an error of ours comes of it, not one of a library."""
    for body in (b"", b"\xff\xfe", b"{", b"[]", b"null", b"<rdf:RDF/>", b"x" * 100_000):
        with serving(store, lambda *_, body=body: (200, body)) as url, pytest.raises(KgError):
            read_all(url)
