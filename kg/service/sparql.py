"""`/sparql`: the SPARQL 1.1 Protocol (https://www.w3.org/TR/sparql11-protocol/), queries only."""

from collections.abc import Iterable
from urllib.parse import parse_qsl

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from kg.errors import UsageError
from kg.service.description import describe_service
from kg.service.exchange import ask, respond, service_of
from kg.service.formats import choose
from kg.service.problems import Refused
from kg.service.wire import TextTask

__all__ = ["read_body", "read_pairs", "sparql"]

#: Bytes of a request's body: a query with some ten thousand values.
_MAX_BODY = 1 << 20
#: Parameters of one request.
_MAX_FIELDS = 1000

_FORM, _QUERY, _UPDATE = "application/x-www-form-urlencoded", "application/sparql-query", "application/sparql-update"


async def sparql(request: Request) -> Response:
    """Answers a query; without one, says what the service is."""
    pairs = read_pairs(request.scope["query_string"])
    if request.method == "POST":
        pairs += await _posted(request)
    elif not pairs:
        return describe_service(request)
    accept = request.headers.get("accept", "")
    return respond(await ask(request, _task(pairs, accept, f"{service_of(request).base(request)}/sparql")), {})


async def _posted(request: Request) -> list[tuple[str, str]]:
    media_type, _, parameters = request.headers.get("content-type", "").partition(";")
    charset = parameters.lower().replace(" ", "").replace('"', "").rpartition("charset=")[2] or "utf-8"
    if charset not in ("utf-8", "utf8", "us-ascii"):
        raise Refused(415, "media-type", "Content-Type", "not in UTF-8", got=charset, expected="utf-8")
    match media_type.strip().lower():
        case "application/x-www-form-urlencoded":
            return read_pairs(await read_body(request))
        case "application/sparql-query":
            return [("query", _decoded(await read_body(request)))]
        case "application/sparql-update":
            return [("update", "")]
        case other:
            raise Refused(
                415,
                "media-type",
                "Content-Type",
                "not one of the protocol's",
                got=other,
                expected=f"{_FORM} or {_QUERY}",
            )


async def read_body(request: Request) -> bytes:
    """The body of a request.

    Raises:
        Refused: if it is larger than it may be, or breaks off.
    """
    body = bytearray()
    try:
        async for chunk in request.stream():
            body += chunk
            if len(body) > _MAX_BODY:
                raise Refused(413, "request-too-large", "request", f"a body of more than {_MAX_BODY:,} bytes")
    except ClientDisconnect as error:
        raise Refused(499, "gone", "request", "the client went before its request was whole") from error
    return bytes(body)


def read_pairs(text: bytes) -> list[tuple[str, str]]:
    """The parameters in a form or in an address.

    Raises:
        UsageError: if they are not in UTF-8, or too many.
    """
    try:
        return parse_qsl(_decoded(text), keep_blank_values=True, errors="strict", max_num_fields=_MAX_FIELDS)
    except UnicodeDecodeError as error:
        raise UsageError("request", "a parameter that is not in UTF-8", expected="UTF-8") from error
    except ValueError as error:
        raise UsageError("request", f"more than {_MAX_FIELDS} parameters") from error


def _decoded(text: bytes) -> str:
    try:
        return text.decode("utf-8")
    except UnicodeDecodeError as error:
        found = f"byte {text[error.start]:#04x} at {error.start}"
        raise UsageError("request", "not in UTF-8", got=found, expected="UTF-8") from error


def _task(pairs: Iterable[tuple[str, str]], accept: str, base: str) -> TextTask:
    given: dict[str, list[str]] = {}
    for name, value in pairs:
        given.setdefault(name, []).append(value)
    if "update" in given:
        raise Refused(403, "update", "SPARQL", "updates are refused: a graph is only read here")
    queries = given.get("query", [])
    if len(queries) != 1:
        raise UsageError("query", "give one query", got=str(len(queries)))
    # Some clients (SPARQLWrapper) name the format under several names, and in the Accept header as well.
    format_name = next((given[name][0] for name in ("format", "output", "results") if given.get(name)), None)
    default, named = (tuple(given[key]) if key in given else None for key in ("default-graph-uri", "named-graph-uri"))
    choice = choose(accept, format_name)
    return TextTask(text=queries[0], choice=choice, default_graphs=default, named_graphs=named, base=base)
