"""Real clients get what they ask for: SPARQLWrapper, rdflib's SPARQLStore, curl, and our own endpoint class."""

import json
import subprocess
import warnings
from typing import Any

import pytest
from rdflib import RDF, Graph, URIRef
from rdflib.plugins.stores.sparqlstore import SPARQLStore
from SPARQLWrapper import (
    CSV,
    GET,
    JSON,
    JSONLD,
    N3,
    POST,
    POSTDIRECTLY,
    RDFXML,
    TSV,
    TURTLE,
    URLENCODED,
    XML,
    SPARQLWrapper,
)
from SPARQLWrapper.SPARQLExceptions import QueryBadFormed

from kg.endpoint import Endpoint
from tests.service.client import Server

STUDY = URIRef("https://w3id.org/trialgraph/vocab#Study")
TRIAL = URIRef("https://clinicaltrials.gov/study/NCT01079767")
SELECT = f"SELECT ?trial WHERE {{ ?trial a <{STUDY}> }} ORDER BY ?trial"
CONSTRUCT = f"CONSTRUCT {{ <{TRIAL}> ?p ?o }} WHERE {{ <{TRIAL}> ?p ?o }}"


def wrapper(served: Server, query: str, format_name: str) -> Any:
    """SPARQLWrapper with a query."""
    found = SPARQLWrapper(f"{served.address}/sparql")
    found.setQuery(query)
    found.setReturnFormat(format_name)
    return found


@pytest.mark.parametrize("method", [GET, POST])
@pytest.mark.parametrize("encoding", [URLENCODED, POSTDIRECTLY])
def test_sparqlwrapper_gets_rows(served: Server, method: str, encoding: str) -> None:
    """JSON by GET and by both forms of POST."""
    asked = wrapper(served, SELECT, JSON)
    asked.setMethod(method if encoding == URLENCODED else POST)
    asked.setRequestMethod(encoding)
    rows = asked.queryAndConvert()["results"]["bindings"]
    assert [row["trial"]["value"] for row in rows] == [row["trial"] for row in served.sparql(SELECT).rows()]


def test_sparqlwrapper_gets_each_format_of_rows(served: Server) -> None:
    """XML, CSV and TSV, without a warning that the server sent something else."""
    count = len(served.sparql(SELECT).rows())
    assert len(wrapper(served, SELECT, XML).queryAndConvert().getElementsByTagName("result")) == count
    for name in (CSV, TSV):
        assert len(wrapper(served, SELECT, name).queryAndConvert().decode().split()) == count + 1


@pytest.mark.parametrize("format_name", [TURTLE, N3, RDFXML, XML, JSONLD])
def test_sparqlwrapper_gets_triples(served: Server, format_name: str) -> None:
    """A CONSTRUCT in each of its formats becomes a graph of rdflib's."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # it makes rdflib's old kind of dataset
        answer = wrapper(served, CONSTRUCT, format_name).queryAndConvert()
    graph = answer if isinstance(answer, Graph) else Graph().parse(data=answer)
    assert (TRIAL, RDF.type, STUDY) in graph


def test_sparqlwrapper_is_told_that_a_query_is_broken(served: Server) -> None:
    """Its exception for a malformed query holds the parser's message and the place."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # it warns that it does not know what SELEC is
        asked = wrapper(served, "SELEC * {}", JSON)
    with pytest.raises(QueryBadFormed, match="error at 1:") as told:
        asked.query()
    read: Any = told.value.__context__
    read.close()


def test_rdflib_reads_the_service_as_a_graph(served: Server) -> None:
    """Patterns, queries and membership through rdflib's SPARQLStore."""
    graph = Graph(SPARQLStore(f"{served.address}/sparql"))
    assert (TRIAL, RDF.type, STUDY) in graph
    assert {str(trial) for trial in graph.subjects(RDF.type, STUDY)} == {
        row["trial"] for row in served.sparql(SELECT).rows()
    }
    assert len(list(graph.query(SELECT))) == len(served.sparql(SELECT).rows())
    assert bool(graph.query(f"ASK {{ <{TRIAL}> a <{STUDY}> }}"))


def test_curl_gets_what_it_asks_for(served: Server) -> None:
    """As in a terminal: redirects followed to the document, a query posted from a form."""
    turtle = subprocess.run(
        ["curl", "-sfL", "-H", "Accept: text/turtle", f"{served.address}/study/NCT01079767"],
        capture_output=True,
        check=True,
    )
    assert (TRIAL, RDF.type, STUDY) in Graph().parse(data=turtle.stdout, format="turtle")
    rows = subprocess.run(
        ["curl", "-sf", f"{served.address}/sparql", "--data-urlencode", f"query={SELECT}"],
        capture_output=True,
        check=True,
    )
    assert len(json.loads(rows.stdout)["results"]["bindings"]) == len(served.sparql(SELECT).rows())


def test_our_own_endpoint_asks_it(served: Server) -> None:
    """`kg query run --endpoint` may ask a server of ours."""
    endpoint: Any = Endpoint(f"{served.address}/sparql")
    trials = [row["trial"].value for row in endpoint.query(SELECT)]
    assert trials == [row["trial"] for row in served.sparql(SELECT).rows()]
    assert len(list(endpoint.query(CONSTRUCT))) > 10
