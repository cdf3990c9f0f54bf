"""`/why/{trial}/{query}`: why a trial is in the answer of a saved query, or is not, as `kg why` tells it."""

from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import Response

from kg.errors import NotFound
from kg.iris import is_nct
from kg.service.exchange import ask, find_unchanged, respond, service_of
from kg.service.formats import negotiate
from kg.service.problems import Refused
from kg.service.saved import read_values
from kg.service.wire import Failure, Format, WhyTask

__all__ = ["FORMATS", "why"]

#: Format of an explanation -> its media type; the first is what a client gets that does not mind.
FORMATS: Mapping[str, tuple[str, ...]] = {"json": ("application/json",), "text": ("text/plain",)}


async def why(request: Request) -> Response:
    """The explanation, with the query's parameters as the query itself takes them."""
    service = service_of(request)
    trial, name = request.path_params["trial"].strip().upper(), request.path_params["name"]
    if not is_nct(trial):
        raise NotFound("trial in this graph", trial, ())
    if name not in service.queries:
        raise NotFound("saved query", name, service.queries)
    values = read_values(request, name)
    found = _chosen(request.headers.get("accept", ""), values.pop("format", None))
    etag = service.etag(trial, name, str(request.url.query), found.media_type)
    headers = {"Vary": "Accept", **({"ETag": etag} if etag else {})}
    if unchanged := find_unchanged(request, headers):
        return unchanged
    told = await ask(request, WhyTask(trial=trial, name=name, values=values, found=found))
    return respond(told, {} if isinstance(told, Failure) else headers)


def _chosen(accept: str, name: str | None) -> Format:
    """The format by the parameter `format` if there is one, else by the Accept header."""
    expected = ", ".join(media_types[0] for media_types in FORMATS.values())
    if name is not None:
        if name not in FORMATS:
            remedy = NotFound("format", name, FORMATS).remedy
            raise Refused(400, "format", "format", "no such format", got=name, expected=expected, remedy=remedy)
        return Format(name, FORMATS[name][0])
    found = negotiate(accept, FORMATS)
    if found is None:
        problem = "an explanation has none of these media types"
        raise Refused(406, "not-acceptable", "Accept", problem, got=accept, expected=expected)
    return found
