"""`/.well-known`: what harvesters find."""

import pyoxigraph as ox
import pytest

from kg.queries import read_queries
from tests.service.client import Server

VOID = "http://rdfs.org/ns/void#"
SH = "http://www.w3.org/ns/shacl#"


def triples(served: Server, path: str) -> list[ox.Triple]:
    """What a document says."""
    answer = served.get(path, "application/n-triples")
    assert (answer.status, answer.media_type) == (200, "application/n-triples")
    return [quad.triple for quad in ox.parse(answer.body, ox.RdfFormat.N_TRIPLES)]


def test_the_dataset_names_its_endpoint_and_its_layers(served: Server) -> None:
    """VoID: where it is asked, and each layer with its number of triples."""
    said = triples(served, "/.well-known/void")
    assert [t.object for t in said if t.predicate.value == f"{VOID}sparqlEndpoint"] == [
        ox.NamedNode(f"{served.address}/sparql")
    ]
    parts = {t.object for t in said if t.predicate.value == f"{VOID}subset"}
    assert ox.NamedNode("https://w3id.org/trialgraph/graph/links") in parts
    assert parts == {t.subject for t in said if t.object == ox.NamedNode(f"{VOID}Dataset")} - {
        ox.NamedNode(f"{served.address}/.well-known/void#dataset")
    }


def test_every_example_is_answered(served: Server) -> None:
    """Each saved query is there under its address, and its text is answered by the endpoint that it names."""
    said = triples(served, "/.well-known/sparql-examples")
    texts = {t.subject.value: t.object.value for t in said if t.predicate.value in {f"{SH}select", f"{SH}ask"}}  # type: ignore[union-attr]
    assert texts.keys() == {f"{served.address}/queries/{name}" for name in read_queries()}
    for address, text in texts.items():
        assert served.sparql(text).status == 200, address


@pytest.mark.parametrize("path", ["/.well-known/void", "/.well-known/sparql-examples"])
def test_what_the_client_has_is_not_sent_again(served: Server, path: str) -> None:
    """One document a format, the same bytes each time, and 304 for who has it."""
    first, again = served.get(path, "text/turtle"), served.get(path, "text/turtle")
    assert (first.status, first.body) == (200, again.body)
    assert served.get(path, "text/turtle", {"If-None-Match": first.headers["etag"]}).status == 304
    assert served.get(path, "application/ld+json", {"If-None-Match": first.headers["etag"]}).status == 200
    assert served.get(path, "image/png").status == 406
