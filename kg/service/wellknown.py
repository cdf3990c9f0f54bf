"""`/.well-known`: what harvesters look for where they look for it (https://www.w3.org/TR/void/#well-known)."""

from starlette.requests import Request
from starlette.responses import Response

from kg import terms
from kg.errors import NotFound
from kg.queries import substitute
from kg.service.exchange import ask, find_unchanged, respond, service_of
from kg.service.formats import graph_format
from kg.service.wire import Choice, ExamplesTask, Format, Reply, Task, TextTask
from kg.vocab import GRAPHS, PREFIXES

__all__ = ["examples", "void"]

#: What the build says of itself and of its parts, and where they are asked.
_VOID = f"""PREFIX void: <{PREFIXES["void"]}>
CONSTRUCT {{
  ?s ?p ?o .
  ?_dataset a void:Dataset ; void:sparqlEndpoint ?_endpoint ; void:subset ?part
}} WHERE {{
  GRAPH ?_metadata {{ ?s ?p ?o OPTIONAL {{ ?s a void:Dataset BIND(?s AS ?part) }} }}
}}"""


async def void(request: Request) -> Response:
    """The dataset, its layers, and its endpoint."""
    base = service_of(request).base(request)
    bound = {
        "_dataset": terms.iri(f"{base}/.well-known/void#dataset"),
        "_endpoint": terms.iri(f"{base}/sparql"),
        "_metadata": terms.iri(GRAPHS["metadata"]),
    }
    found = graph_format(request.headers.get("accept", ""))
    choice = Choice(None, None, found)
    return await _told(request, TextTask(text=substitute(_VOID, bound), choice=choice, in_order=True), found)


async def examples(request: Request) -> Response:
    """The saved queries in the form of SIB's examples, each named by its address."""
    base = service_of(request).base(request)
    found = graph_format(request.headers.get("accept", ""))
    return await _told(request, ExamplesTask(base=f"{base}/queries/", endpoint=f"{base}/sparql", found=found), found)


async def _told(request: Request, task: Task, found: Format) -> Response:
    service = service_of(request)
    etag = service.etag(request.url.path, service.base(request), found.media_type)
    headers = {"Vary": "Accept", **({"ETag": etag} if etag else {})}
    if unchanged := find_unchanged(request, headers):
        return unchanged
    told = await ask(request, task)
    if isinstance(told, Reply) and not told.rows:
        raise NotFound("graph", "metadata", ())
    return respond(told, headers if isinstance(told, Reply) else {})
