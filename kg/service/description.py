"""What the SPARQL service says of itself (https://www.w3.org/TR/sparql11-service-description/)."""

from collections.abc import Iterator
from typing import Any

import pyoxigraph as ox
from starlette.requests import Request
from starlette.responses import Response

from kg.export import FORMATS
from kg.service.exchange import Service, service_of, vary
from kg.service.formats import graph_format
from kg.store import NAMED_LAYERS
from kg.vocab import GRAPHS, PREFIXES

__all__ = ["SD", "describe_service", "negotiated_graph"]

SD = "http://www.w3.org/ns/sparql-service-description#"
#: W3C's names of formats: what a result may be written in (https://www.w3.org/ns/formats/).
_FORMATS = "http://www.w3.org/ns/formats/"
_RESULT_FORMATS = (
    *("SPARQL_Results_JSON", "SPARQL_Results_XML", "SPARQL_Results_CSV", "SPARQL_Results_TSV"),
    *("Turtle", "N-Triples", "JSON-LD", "RDF_XML"),
)


def describe_service(request: Request) -> Response:
    """The description, in the format that the client likes."""
    service = service_of(request)
    triples = _triples(f"{service.base(request)}/sparql", service)
    return negotiated_graph(request, triples)


def negotiated_graph(request: Request, triples: Iterator[ox.Triple]) -> Response:
    """A few triples as a response.

    Raises:
        Refused: if the client takes no format of triples.
    """
    found = graph_format(request.headers.get("accept", ""))
    body = ox.serialize(triples, format=FORMATS[found.name].rdf, prefixes={"sd": SD, "void": PREFIXES["void"]})
    return Response(body, headers=vary(found))


def _triples(address: str, service: Service) -> Iterator[ox.Triple]:
    node, dataset, default = ox.BlankNode(), ox.BlankNode(), ox.BlankNode()
    kind = ox.NamedNode(f"{PREFIXES['rdf']}type")

    def sd(name: str) -> Any:
        return ox.NamedNode(f"{SD}{name}")

    yield ox.Triple(node, kind, sd("Service"))
    yield ox.Triple(node, sd("endpoint"), ox.NamedNode(address))
    yield ox.Triple(node, sd("supportedLanguage"), sd("SPARQL11Query"))
    for name in _RESULT_FORMATS:
        yield ox.Triple(node, sd("resultFormat"), ox.NamedNode(f"{_FORMATS}{name}"))
    yield ox.Triple(node, sd("defaultDataset"), dataset)
    yield ox.Triple(dataset, kind, sd("Dataset"))
    yield ox.Triple(dataset, sd("defaultGraph"), default)
    yield ox.Triple(default, kind, sd("Graph"))
    if service.settings.graph is not None:
        for name in NAMED_LAYERS:
            graph = ox.BlankNode()
            yield ox.Triple(dataset, sd("namedGraph"), graph)
            yield ox.Triple(graph, kind, sd("NamedGraph"))
            yield ox.Triple(graph, sd("name"), ox.NamedNode(GRAPHS[name]))
