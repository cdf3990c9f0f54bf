"""The description of the service for programs (https://spec.openapis.org/oas/v3.1.0): one operation a saved query."""

from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from kg import __version__
from kg.queries import Parameter, SavedQuery
from kg.service.exchange import Service, service_of
from kg.service.formats import GRAPH, ROWS, SUFFIXES
from kg.service.saved import DEFAULT_LIMIT
from kg.service.why import FORMATS
from kg.vocab import CODES

__all__ = ["describe_api", "openapi", "operation", "query_parameter"]

_Json = dict[str, Any]


async def openapi(request: Request) -> Response:
    """The description, with the address under which the client knows the service."""
    service = service_of(request)
    of_pages: _Json = getattr(request.app.state, "described", {})
    return JSONResponse(describe_api(service, service.base(request), of_pages))


def describe_api(service: Service, base: str, paths: _Json) -> _Json:
    """The whole description; `paths` are those of routes that the application has beside the service's own."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "trialgraph",
            "summary": "Clinical trials as a knowledge graph.",
            "version": __version__,
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": base}],
        "paths": {
            "/sparql": _sparql(),
            "/queries": {"get": operation("listQueries", "Every saved query.", [], {"application/json": _OBJECT})},
            **{
                f"/queries/{query.name}": {"get": _saved(query, service.settings.max_rows)}
                for query in service.queries.values()
            },
            **{f"/why/{{trial}}/{query.name}": {"get": _why(query)} for query in service.queries.values()},
            **_documents(),
            "/.well-known/void": _well_known("void", "The dataset and its layers."),
            "/.well-known/sparql-examples": _well_known("examples", "The saved queries as examples of SPARQL."),
            "/health": {"get": operation("health", "Whether the service is well.", [], {"application/json": _OBJECT})},
            "/metrics": {"get": operation("metrics", "Counts in Prometheus's form.", [], {"text/plain": _STRING})},
            "/openapi.json": {"get": operation("openapi", "This description.", [], {"application/json": _OBJECT})},
            **paths,
        },
        "components": {"schemas": {"Problem": _PROBLEM}},
    }


_STRING: _Json = {"type": "string"}
_OBJECT: _Json = {"type": "object"}
#: https://www.rfc-editor.org/rfc/rfc9457
_PROBLEM: _Json = {
    "type": "object",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string", "format": "uri"},
        "title": _STRING,
        "status": {"type": "integer"},
        "detail": _STRING,
        "where": _STRING,
        "got": _STRING,
        "expected": _STRING,
        "remedy": _STRING,
        "nearest": {"type": "array", "items": _STRING},
        "line": {"type": "integer"},
        "column": {"type": "integer"},
    },
}
_FAILED: _Json = {
    "description": "A problem.",
    "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
}


def _schema(media_type: str) -> _Json:
    """Of an answer's text; JSON-LD may be an object or a list."""
    return {} if media_type.endswith("json") else _STRING


def operation(name: str, summary: str, parameters: list[_Json], content: dict[str, _Json]) -> _Json:
    """An operation: `content` is the schema of its answer in each media type."""
    return {
        "operationId": name,
        "summary": summary,
        "parameters": parameters,
        "responses": {
            "200": {"description": "The answer.", "content": {kind: {"schema": s} for kind, s in content.items()}},
            "default": _FAILED,
        },
    }


def query_parameter(name: str, description: str, schema: _Json, **more: Any) -> _Json:
    """A parameter that stands behind the question mark; `more` are further members (`required`, `example`)."""
    return {"name": name, "in": "query", "description": description, "schema": schema, **more}


def _results() -> dict[str, _Json]:
    return {"application/sparql-results+json": _OBJECT, **{types[0]: _STRING for types in list(ROWS.values())[1:]}}


def _sparql() -> _Json:
    graphs: _Json = {"type": "array", "items": {"type": "string", "format": "uri"}}
    dataset = [
        query_parameter("default-graph-uri", "Graphs that are the default graph.", graphs),
        query_parameter("named-graph-uri", "Graphs that GRAPH finds.", graphs),
        query_parameter("format", "The format, if not by Accept.", {"enum": [*ROWS, *GRAPH]}),
    ]
    content = _results() | {types[0]: _schema(types[0]) for types in GRAPH.values()}
    query = query_parameter("query", "A query in SPARQL 1.1; without it, the service describes itself.", _STRING)
    posted = operation("sparqlPost", "Answers a SPARQL query.", dataset, content)
    form: _Json = {"type": "object", "required": ["query"], "properties": {"query": _STRING}}
    posted["requestBody"] = {
        "required": True,
        "content": {
            "application/x-www-form-urlencoded": {"schema": form},
            "application/sparql-query": {"schema": _STRING},
        },
    }
    return {
        "get": operation("sparqlGet", "Answers a SPARQL query.", [query, *dataset], content),
        "post": posted,
    }


def _saved(query: SavedQuery, max_rows: int) -> _Json:
    paging = [
        query_parameter(
            "limit", "Rows of a page.", {"type": "integer", "minimum": 1, "maximum": max_rows, "default": DEFAULT_LIMIT}
        ),
        query_parameter("offset", "Rows before the page.", {"type": "integer", "minimum": 0, "default": 0}),
        query_parameter("format", "The format, if not by Accept.", {"enum": [*ROWS]}),
    ]
    parameters = [_parameter(param) for param in query.params]
    found = operation(query.name, query.summary, [*parameters, *paging], _results())
    found["description"] = query.description
    found["tags"] = list(query.tags)
    found["responses"]["200"]["headers"] = {
        "X-Total-Count": {"description": "Rows of all pages.", "schema": {"type": "integer"}},
        "X-Resolved": {"description": "What each parameter was taken for, as JSON.", "schema": _STRING},
    }
    return found


def _why(query: SavedQuery) -> _Json:
    trial = {"name": "trial", "in": "path", "required": True, "schema": _STRING, "example": "NCT01079767"}
    parameters = [_parameter(param) for param in query.params]
    named = query_parameter("format", "The format, if not by Accept.", {"enum": [*FORMATS]})
    summary = f"Why a trial is in this answer, or is not: {query.summary}"
    content = {types[0]: _OBJECT if name == "json" else _STRING for name, types in FORMATS.items()}
    return operation(f"why-{query.name}", summary, [trial, *parameters, named], content)


def _parameter(param: Parameter) -> _Json:
    schema = dict(_SCHEMAS.get(param.type, _STRING))
    if param.type == "code":
        schema["examples"] = list(CODES[param.of])
    if param.default is not None:
        schema["default"] = _typed(param, param.default)
    more = {"required": True} if param.default is None else {}
    return query_parameter(param.name, param.description, schema, example=_typed(param, param.example), **more)


_SCHEMAS: dict[str, _Json] = {"integer": {"type": "integer"}, "date": {"type": "string", "format": "date"}}


def _typed(param: Parameter, given: str) -> str | int:
    return int(given) if param.type == "integer" else given


def _documents() -> _Json:
    found: _Json = {}
    for kind, example in (("study", "NCT01079767"), ("concept", "mesh:D006528"), ("class", "mTORInhibitor")):
        name = {"name": "name", "in": "path", "required": True, "schema": _STRING, "example": example}
        for suffix, path in [("", f"/{kind}/{{name}}"), *((s, f"/{kind}/{{name}}{s}") for s in SUFFIXES.values())]:
            found[path] = {"get": _document(f"{kind}{suffix}", f"The {kind} of this name.", suffix, [name])}
    for suffix in ("", *SUFFIXES.values()):
        found[f"/vocab{suffix}"] = {"get": _document(f"vocab{suffix}", "Our vocabulary.", suffix, [])}
    return found


def _well_known(name: str, summary: str) -> _Json:
    content = {types[0]: _schema(types[0]) for types in GRAPH.values()}
    return {"get": operation(name, summary, [], content)}


def _document(name: str, summary: str, suffix: str, parameters: list[_Json]) -> _Json:
    media_types = {s: GRAPH[each][0] for each, s in SUFFIXES.items()}
    media_type = media_types.get(suffix, "text/turtle")
    found = operation(name, summary, parameters, {media_type: _schema(media_type)})
    if not suffix:
        found["responses"] = {"303": {"description": "Where the description stands."}, "default": _FAILED}
    return found
