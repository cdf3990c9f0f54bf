"""`/sparql` speaks the SPARQL 1.1 Protocol: queries in, the format that was asked for out."""

import io
from pathlib import Path
from urllib.parse import quote, urlencode, urlsplit

import pyoxigraph as ox
import pytest

from kg.service.problems import Refused
from kg.service.reading import check_query
from tests.service.client import Server

SELECT = "SELECT ?trial WHERE { ?trial a <https://w3id.org/trialgraph/vocab#Study> } ORDER BY ?trial LIMIT 3"
ASK = "ASK { ?trial a <https://w3id.org/trialgraph/vocab#Study> }"
CONSTRUCT = "CONSTRUCT { ?s a ?c } WHERE { ?s a ?c } ORDER BY ?s ?c LIMIT 3"
DESCRIBE = "DESCRIBE <https://clinicaltrials.gov/study/NCT01079767>"

ROWS = {
    "application/sparql-results+json": ox.QueryResultsFormat.JSON,
    "application/sparql-results+xml": ox.QueryResultsFormat.XML,
    "text/tab-separated-values": ox.QueryResultsFormat.TSV,
}
GRAPHS = {
    "text/turtle": ox.RdfFormat.TURTLE,
    "application/n-triples": ox.RdfFormat.N_TRIPLES,
    "application/ld+json": ox.RdfFormat.JSON_LD,
    "application/rdf+xml": ox.RdfFormat.RDF_XML,
}


@pytest.mark.parametrize("media_type", ROWS)
def test_rows_come_in_the_format_that_is_accepted(served: Server, media_type: str) -> None:
    """The media type is the one asked for, and the body holds the same rows in each."""
    answer = served.sparql(SELECT, media_type)
    assert (answer.status, answer.media_type) == (200, media_type)
    rows = ox.parse_query_results(io.BytesIO(answer.body), ROWS[media_type])
    assert [row["trial"].value for row in rows] == [row["trial"] for row in served.sparql(SELECT).rows()]  # type: ignore[union-attr]


def test_csv_has_a_line_a_row(served: Server) -> None:
    """CSV holds the same rows as plain text."""
    answer = served.sparql(SELECT, "text/csv")
    trials = [row["trial"] for row in served.sparql(SELECT).rows()]
    assert (answer.media_type, answer.body.decode().split("\r\n")) == ("text/csv", ["trial", *trials, ""])


@pytest.mark.parametrize("media_type", GRAPHS)
@pytest.mark.parametrize("query", [CONSTRUCT, DESCRIBE], ids=["construct", "describe"])
def test_triples_come_in_the_format_that_is_accepted(served: Server, query: str, media_type: str) -> None:
    """The media type is the one asked for, and the body holds the same triples in each."""

    def triples(accept: str) -> set[str]:
        answer = served.sparql(query, accept)
        assert (answer.status, answer.media_type) == (200, accept)
        return {str(quad.triple) for quad in ox.parse(answer.body, GRAPHS[accept])}

    assert triples(media_type) == triples("application/n-triples") != set()


@pytest.mark.parametrize(
    ("query", "accept", "expected"),
    [
        (SELECT, "*/*", "application/sparql-results+json"),
        (SELECT, "text/csv;q=0.3, application/sparql-results+xml;q=0.4", "application/sparql-results+xml"),
        (SELECT, "text/*;q=0.9, */*;q=0.1", "text/csv"),
        (SELECT, "text/csv;q=0, text/*", "text/tab-separated-values"),
        (SELECT, "application/json", "application/json"),
        (SELECT, "text/html, application/xml;q=0.9, */*;q=0.8", "application/xml"),
        (SELECT, "text/csv; charset=utf-8; q=1", "text/csv"),
        (SELECT, "nonsense", "application/sparql-results+json"),
        (ASK, "text/csv, application/sparql-results+xml;q=0.1", "application/sparql-results+xml"),
        (CONSTRUCT, "", "text/turtle"),
        (CONSTRUCT, "application/sparql-results+json, text/turtle;q=0.1", "text/turtle"),
    ],
)
def test_the_best_of_what_is_accepted_is_chosen(served: Server, query: str, accept: str, expected: str) -> None:
    """Qualities decide, the closer range before the wider, and only among formats that hold the kind of answer."""
    answer = served.sparql(query, accept)
    assert (answer.status, answer.media_type) == (200, expected)
    assert "Accept" in answer.headers["vary"].split(", ")


@pytest.mark.parametrize(
    ("query", "name", "expected"),
    [
        (SELECT, "json", "application/sparql-results+json"),
        (SELECT, "xml", "application/sparql-results+xml"),
        (SELECT, "application/sparql-results+json", "application/sparql-results+json"),
        (ASK, "xml", "application/sparql-results+xml"),
        (CONSTRUCT, "xml", "application/rdf+xml"),
        (CONSTRUCT, "json", "application/ld+json"),
        (CONSTRUCT, "ntriples", "application/n-triples"),
        (CONSTRUCT, "ttl", "text/turtle"),
    ],
)
def test_a_parameter_names_the_format(served: Server, query: str, name: str, expected: str) -> None:
    """`format` wins over the Accept header."""
    assert served.sparql(query, "text/csv", format=name).media_type == expected


@pytest.mark.parametrize(
    ("query", "accept", "format_name"),
    [(SELECT, "image/png", None), (SELECT, "text/turtle", None), (CONSTRUCT, "text/csv", None), (ASK, "", "csv")],
)
def test_what_no_format_can_hold_is_not_acceptable(
    served: Server, query: str, accept: str, format_name: str | None
) -> None:
    """406, rather than a format that nobody asked for."""
    answer = served.sparql(query, accept, **({"format": format_name} if format_name else {}))
    assert (answer.status, answer.media_type) == (406, "application/problem+json")


def test_an_unknown_format_is_answered_with_the_nearest(served: Server) -> None:
    """A misspelt name is told with the right one."""
    answer = served.sparql(SELECT, format="turtel")
    assert answer.status == 400
    assert "turtle" in answer.json()["remedy"]


FORM = {"Content-Type": "application/x-www-form-urlencoded"}


@pytest.mark.parametrize(
    ("headers", "body"),
    [
        (FORM, urlencode({"query": SELECT}).encode()),
        ({"Content-Type": "application/x-www-form-urlencoded; charset=UTF-8"}, urlencode({"query": SELECT}).encode()),
        ({"Content-Type": "application/sparql-query"}, SELECT.encode()),
    ],
    ids=["form", "form with charset", "direct"],
)
def test_a_query_may_be_posted(served: Server, headers: dict[str, str], body: bytes) -> None:
    """Both forms of POST answer as GET does."""
    answer = served.request("POST", "/sparql", body, headers)
    assert (answer.status, answer.rows()) == (200, served.sparql(SELECT).rows())


def test_a_dataset_may_be_chosen(served: Server) -> None:
    """`default-graph-uri` and `named-graph-uri` say which graphs are asked."""
    metadata = "https://w3id.org/trialgraph/graph/metadata"
    links = "https://w3id.org/trialgraph/graph/links"
    everything = "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"
    graphs = "SELECT DISTINCT ?g { GRAPH ?g { ?s ?p ?o } } ORDER BY ?g"

    def count(**dataset: str) -> int:
        return int(served.sparql(everything, **dataset).rows()[0]["n"])

    assert 0 < count(default_graph_uri=metadata) < count(default_graph_uri=links) < count()
    assert count(named_graph_uri=links) == 0
    assert served.sparql(graphs, named_graph_uri=[links, metadata]).rows() == [{"g": links}, {"g": metadata}]
    assert served.sparql(graphs, default_graph_uri=metadata).rows() == []
    assert served.sparql(everything, default_graph_uri="no iri").status == 400


@pytest.mark.parametrize(
    ("query", "line", "column"),
    [("SELECT WHER {", 1, 13), ("SELECT * {\n  ?s ?p }", 2, 9), ("SELECT ?é { ?é ?p ?o . ?x }", 1, 26)],
)
def test_a_query_that_cannot_be_parsed_is_told_its_place(served: Server, query: str, line: int, column: int) -> None:
    """400 with the parser's message, line and column, also for programs."""
    answer = served.sparql(query)
    told = answer.json()
    assert (answer.status, answer.media_type) == (400, "application/problem+json")
    assert (told["status"], told["line"]) == (400, line)
    assert f"{line}:{told['column']}" in told["detail"]
    assert abs(told["column"] - column) <= 2


@pytest.mark.parametrize(
    "update",
    ["INSERT DATA { <a:a> <a:a> 1 }", "PREFIX a: <a:> DROP ALL", "LOAD <http://127.0.0.1:9/>", "\\u0044ELETE WHERE {}"],
)
def test_updates_are_refused(served: Server, update: str) -> None:
    """403 in each of the ways in which the protocol takes an update, and nothing changes."""
    before = served.sparql("SELECT (COUNT(*) AS ?n) { ?s ?p ?o }").rows()
    answers = [
        served.sparql(update),
        served.request("POST", "/sparql", urlencode({"update": update}).encode(), FORM),
        served.request("POST", "/sparql", update.encode(), {"Content-Type": "application/sparql-update"}),
    ]
    assert [answer.status for answer in answers] == [403] * 3
    assert served.sparql("SELECT (COUNT(*) AS ?n) { ?s ?p ?o }").rows() == before


@pytest.mark.parametrize("word", ["SERVICE", "service SILENT", "SERV\\u0049CE"])
def test_service_is_refused(served: Server, word: str) -> None:
    """The server asks no other."""
    answer = served.sparql(f"SELECT * {{ {word} <http://127.0.0.1:9/> {{ ?s ?p ?o }} }}")
    assert (answer.status, answer.json()["title"]) == (403, "SERVICE is refused")


@pytest.mark.parametrize(
    "call",
    [
        "SERVICE <http://127.0.0.1:9/sparql> {}",
        "SERVICE <http://localhost@127.0.0.1/> {}",
        "SERVICE <http://127.0.0.1/#@localhost> {}",
        "SERVICE <file://localhost/etc/passwd> {}",
        "SERVICE <//localhost/> {}",
        "SERVICE ?anywhere {}",
        "SERVICE a:b {}",
        "SERVICE <http://localhost/> { SERVICE <http://127.0.0.1/> {} }",
        "SERV\\u0049CE <http://127.0.0.1/> {}",
        "SERVICE <http://local\\u0068ost/> {}",
        "FILTER(?s = 'SERVICE <http://localhost/>') SERVICE <http://127.0.0.1/> {}",
    ],
)
def test_service_calls_no_host_that_is_not_allowed(call: str) -> None:
    """Whatever an address looks like."""
    with pytest.raises(Refused, match="SERVICE is refused"):
        check_query(f"PREFIX a: <http://127.0.0.1/> SELECT * {{ ?s ?p ?o {call} }}", ["localhost"])


def test_service_calls_a_host_that_is_allowed(served: Server, example_graph: Path) -> None:
    """The other server's rows come; one that gives none is told."""
    host = urlsplit(served.address).netloc
    query = f"SELECT * {{ SERVICE <%s> {{ {SELECT} }} }}"
    hosts = [f"--allow-service={name}" for name in (host, "127.0.0.1:1234")]
    with Server(example_graph, "--workers", 1, *hosts) as server:
        assert server.sparql(query % f"{served.address}/sparql").rows() == served.sparql(SELECT).rows()
        assert server.sparql(query % f"{served.address}/no-endpoint").status == 502
        assert server.sparql(query % "http://127.0.0.1:1234/sparql").status == 502
        assert server.sparql(query % "http://127.0.0.1:1235/sparql").status == 403


@pytest.mark.parametrize(
    ("method", "path", "headers", "body", "status"),
    [
        ("PUT", "/sparql", {}, b"", 405),
        ("DELETE", "/sparql", {}, b"", 405),
        ("GET", "/sparql?format=json", {}, None, 400),
        ("GET", "/sparql?query=ASK%7B%7D&query=ASK%7B%7D", {}, None, 400),
        ("GET", "/sparql?query=%ff%fe", {}, None, 400),
        ("GET", f"/sparql?query={quote(ASK)}&{'a=1&' * 2000}", {}, None, 400),
        ("POST", "/sparql", {}, SELECT.encode(), 415),
        ("POST", "/sparql", {"Content-Type": "text/plain"}, SELECT.encode(), 415),
        ("POST", "/sparql", {"Content-Type": "application/sparql-query; charset=utf-16"}, SELECT.encode("utf-16"), 415),
        ("POST", "/sparql", {"Content-Type": "application/sparql-query"}, SELECT.encode("utf-16"), 400),
        ("POST", "/sparql", FORM, b"", 400),
        ("POST", "/sparql", FORM, b"query=" + b"x" * 2_000_000, 413),
        ("POST", "/sparql", {"Content-Type": "application/sparql-query"}, b"# " + b"x" * 2_000_000, 413),
        ("GET", "/no/such/address", {}, None, 404),
    ],
)
def test_a_broken_request_is_told_what_is_wrong(
    served: Server, method: str, path: str, headers: dict[str, str], body: bytes | None, status: int
) -> None:
    """A problem in JSON for each, never a failure of the server."""
    answer = served.request(method, path, body, headers)
    assert (answer.status, answer.media_type) == (status, "application/problem+json")
    assert answer.json()["status"] == status


@pytest.mark.parametrize("media_type", GRAPHS)
def test_a_bare_get_describes_the_service(served: Server, media_type: str) -> None:
    """The description names the endpoint that was asked, and what it can."""
    answer = served.get("/sparql", media_type)
    assert answer.media_type == media_type
    said = {(str(q.predicate), str(q.object)) for q in ox.parse(answer.body, GRAPHS[media_type])}
    sd = "http://www.w3.org/ns/sparql-service-description#"
    assert (f"<{sd}endpoint>", f"<{served.address}/sparql>") in said
    assert (f"<{sd}supportedLanguage>", f"<{sd}SPARQL11Query>") in said


def test_pages_of_named_origins_may_ask(served: Server) -> None:
    """CORS for the origin that was named when the server was started, and for no other."""

    def allowed(origin: str) -> str | None:
        preflight = {"Origin": origin, "Access-Control-Request-Method": "POST"}
        answers = [
            served.request("OPTIONS", "/sparql", headers=preflight),
            served.get("/sparql", headers={"Origin": origin}, query=ASK),
            served.get("/sparql", headers={"Origin": origin}, query="no query"),
        ]
        found = {answer.headers.get("access-control-allow-origin") for answer in answers}
        assert len(found) == 1
        return found.pop()

    assert allowed("https://app.example") == "https://app.example"
    assert allowed("https://other.example") is None


def test_head_answers_as_get_does_without_the_body(served: Server) -> None:
    """HEAD has GET's headers."""
    path = f"/sparql?query={quote(SELECT)}"
    head, full = served.request("HEAD", path), served.request("GET", path)
    assert (head.status, head.body) == (200, b"")
    assert head.headers["content-length"] == full.headers["content-length"]


def test_a_client_that_offers_another_protocol_is_answered_in_ours(served: Server) -> None:
    """Clients in Java offer HTTP/2 with their first request; its body counts nevertheless."""
    offered = {"Connection": "Upgrade, HTTP2-Settings", "Upgrade": "h2c", "HTTP2-Settings": "AAEAAEAAAAIAAAAB"}
    for body, media_type in (
        (ASK.encode(), "application/sparql-query"),
        (urlencode({"query": ASK}).encode(), "application/x-www-form-urlencoded"),
    ):
        answer = served.request("POST", "/sparql", body, {**offered, "Content-Type": media_type})
        assert (answer.status, answer.json()["boolean"]) == (200, True)
