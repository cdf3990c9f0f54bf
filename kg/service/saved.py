"""`/queries`: saved queries, each an address of its own: what is asked stands in its parameters."""

import msgspec
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from kg.errors import NotFound, ParameterError
from kg.queries import SavedQuery
from kg.service.exchange import ask, find_unchanged, respond, service_of
from kg.service.formats import choose
from kg.service.sparql import read_pairs
from kg.service.wire import Failure, Reply, SavedTask

__all__ = ["DEFAULT_LIMIT", "RESERVED", "list_queries", "read_page", "read_values", "run_saved"]

#: Parameters that every query has: none of its own may have such a name.
RESERVED = ("limit", "offset", "format")
#: Characters of the header that says what parameters were taken for; JSON answers say it at any length.
_MAX_HEADER = 4096
#: Rows of a page if the client does not say.
DEFAULT_LIMIT = 1000


async def list_queries(request: Request) -> Response:
    """Every saved query: what it asks, what may be chosen, where it is answered."""
    service = service_of(request)
    base = service.base(request)
    told = {"queries": [_described(query, base) for query in service.queries.values()]}
    return JSONResponse(told, headers={"Vary": "Accept"})


def _described(query: SavedQuery, base: str) -> dict[str, object]:
    facts: dict[str, object] = msgspec.to_builtins(query)
    del facts["text"]
    return {**facts, "href": f"{base}/queries/{query.name}"}


async def run_saved(request: Request) -> Response:
    """A page of a saved query's answer, and what its parameters were taken for."""
    service = service_of(request)
    name = request.path_params["name"]
    if name not in service.queries:
        raise NotFound("saved query", name, service.queries)
    values = read_values(request, name)
    choice = choose(request.headers.get("accept", ""), values.pop("format", None))
    limit, offset = read_page(values, service.settings.max_rows)
    task = SavedTask(name=name, values=values, choice=choice, limit=limit, offset=offset)
    media_type = choice.rows.media_type if choice.rows else ""
    etag = service.etag(str(request.url.query), media_type)
    tagged = {"ETag": etag, "Vary": "Accept"} if etag else {}
    if unchanged := find_unchanged(request, tagged):
        return unchanged
    told = await ask(request, task)
    return respond(told, {} if isinstance(told, Failure) else tagged | _paging(request, task, told))


def read_values(request: Request, name: str) -> dict[str, str]:
    """What a request gives, by parameter.

    Raises:
        ParameterError: if one is given more than once.
    """
    values: dict[str, str] = {}
    for key, value in read_pairs(request.scope["query_string"]):
        if key in values:
            raise ParameterError(name, f"parameter {key} is given more than once")
        values[key] = value
    return values


def read_page(values: dict[str, str], most: int, default: int = DEFAULT_LIMIT) -> tuple[int, int]:
    """(rows of a page, rows before it), which are taken out of the values; a page has `most` rows at most.

    Raises:
        ParameterError: if one is no number, or too small or too large.
    """
    limit = _whole(values.pop("limit", str(min(default, most))), "limit", least=1, most=most)
    return limit, _whole(values.pop("offset", "0"), "offset", least=0, most=2**53)


def _whole(given: str, name: str, *, least: int, most: int) -> int:
    if not (given.isascii() and given.isdigit() and len(given) <= len(str(most))) or not least <= int(given) <= most:
        raise ParameterError(name, "no such number", got=given, expected=f"{least} to {most}")
    return int(given)


def _paging(request: Request, task: SavedTask, reply: Reply) -> dict[str, str]:
    base = f"{service_of(request).base(request)}/queries/{task.name}"
    headers = {"X-Total-Count": str(reply.total)}
    if len(reply.resolved) <= _MAX_HEADER:
        headers["X-Resolved"] = reply.resolved
    links = [f'<{base}?{_moved(request, task, task.offset + task.limit)}>; rel="next"'] * (
        task.offset + task.limit < reply.total
    )
    links += [f'<{base}?{_moved(request, task, max(0, task.offset - task.limit))}>; rel="prev"'] * (task.offset > 0)
    return headers | ({"Link": ", ".join(links)} if links else {})


def _moved(request: Request, task: SavedTask, offset: int) -> str:
    from urllib.parse import urlencode

    pairs = [pair for pair in read_pairs(request.scope["query_string"]) if pair[0] not in ("limit", "offset")]
    return urlencode([*pairs, ("limit", str(task.limit)), ("offset", str(offset))])
