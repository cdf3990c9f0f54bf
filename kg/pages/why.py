"""`/why/{trial}/{query}` for people: why a trial is in the answer of a saved query, or is not, step by step.

Programs get what `kg.service.why` gives at the same address.
"""

from urllib.parse import urlencode

import msgspec
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from kg.explanation import Explanation, Outcome
from kg.pages.asking import page_headers
from kg.pages.rendering import prefers_page, render
from kg.pages.table import Taken
from kg.service.saved import read_values
from kg.service.why import why

__all__ = ["ROUTES"]


async def why_page(request: Request) -> Response:
    """The explanation; a problem is told as everywhere."""
    if not prefers_page(request) or "format" in request.query_params:
        return await why(request)
    headers = page_headers(request)
    response = await why(_for_program(request))
    if response.status_code != _OK:
        return response
    found = msgspec.json.decode(bytes(response.body), type=Explanation)
    values = read_values(request, found.query)
    return render(
        request,
        "why.html",
        headers=headers,
        found=found,
        taken=[
            Taken(param=each.param, given=each.given, term=each.term, label=each.label) for each in found.parameters
        ],
        back=f"/queries/{found.query}{'?' if values else ''}{urlencode(values)}",
        failing=[step for step in found.steps if step.verdict != "holds"],
        plain=_is_plain,
        holding=[step for step in found.steps if step.verdict == "holds"],
    )


_OK = 200


def _is_plain(step: Outcome) -> bool:
    """Whether a step says nothing to who reads the others: it names what they found, or counts it."""
    is_name = step.kind == "triple" and " rdfs:label " in step.pattern
    return step.verdict == "holds" and (step.kind == "bind" or is_name)


def _for_program(request: Request) -> Request:
    """The same request of a client that likes JSON best."""
    raw = [
        (name, value) for name, value in Headers(scope=request.scope).raw if name not in (b"accept", b"if-none-match")
    ]
    scope = {**request.scope, "headers": [*raw, (b"accept", b"application/json")]}
    return Request(scope, request.receive)


ROUTES: tuple[BaseRoute, ...] = (Route("/why/{trial}/{name}", why_page),)
