"""`/queries` for people: the list of saved queries, and each as a form with its answer as a table.

Programs get what `kg.service.saved` gives at the same addresses.
"""

import re
from collections.abc import Mapping
from urllib.parse import urlencode

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from kg.errors import NotFound, ParameterError
from kg.pages.asking import page_headers
from kg.pages.completion import KIND_OF_TEXT
from kg.pages.gathering import names_of
from kg.pages.rendering import prefers_page, render, root
from kg.pages.table import Table, read_table
from kg.queries import Parameter, SavedQuery, substitute
from kg.service.exchange import ask, respond, service_of
from kg.service.problems import failure
from kg.service.saved import list_queries, read_page, read_values, run_saved
from kg.service.wire import Choice, Failure, Format, Reply, SavedTask
from kg.vocab import CODES

__all__ = ["ROUTES"]


async def queries(request: Request) -> Response:
    """Every saved query, by what it is about."""
    if not prefers_page(request):
        return await list_queries(request)
    known = service_of(request).queries.values()
    tags = sorted({tag for query in known for tag in query.tags})
    given = request.query_params.get("tag", "")
    tag = given if given in tags else ""
    chosen = [query for query in known if not tag or tag in query.tags]
    is_check = {query.name: query.name.startswith("check-") for query in chosen}
    return render(
        request,
        "queries.html",
        headers=page_headers(request),
        tags=tags,
        tag=tag,
        questions=sorted(
            (q for q in chosen if not is_check[q.name]), key=lambda q: (q.tags[:1] != ("flagship",), q.name)
        ),
        checks=[query for query in chosen if is_check[query.name]],
    )


class Field(msgspec.Struct, kw_only=True):
    """A parameter as a field of the form: what it is, its value, what is wrong with that, and what would be right."""

    param: Parameter
    value: str
    choices: Mapping[str, str] = {}
    completes: str = ""
    wrong: str = ""
    near: list[tuple[str, str]] = []


#: Rows of a page of the table.
_ROWS = 50
_JSON = Choice(rows=Format("json", "application/sparql-results+json"), boolean=None, graph=None)
_DOWNLOADS = {"CSV": "csv", "TSV": "tsv", "JSON": "json", "XML": "xml"}


async def query(request: Request) -> Response:
    """A saved query as a form, with the answer below as soon as it has what it needs."""
    if not prefers_page(request) or "format" in request.query_params:
        return await run_saved(request)
    page_headers(request)  # The client may have the page: then nothing is asked.
    service, name = service_of(request), request.path_params["name"]
    if name not in service.queries:
        raise NotFound("saved query", name, service.queries)
    asked = service.queries[name]
    try:
        # A field that is left empty has its default.
        values = {key: value for key, value in read_values(request, name).items() if value.strip()}
        limit, offset = read_page(values, service.settings.max_rows, default=_ROWS)
    except ParameterError as error:
        return await _form(request, asked, {}, failure(error))
    if not values and any(param.default is None for param in asked.params):
        return await _form(request, asked, {}, None)
    told = await ask(request, SavedTask(name=name, values=values, choice=_JSON, limit=limit, offset=offset))
    if isinstance(told, Failure) and told.status != _REFUSED:
        return respond(told, {})
    return await _form(request, asked, values, told)


_REFUSED = 422


async def _form(
    request: Request, asked: SavedQuery, values: Mapping[str, str], told: Reply | Failure | None
) -> Response:
    fields = [_field(param, values) for param in asked.params]
    refused = told if isinstance(told, Failure) else None
    wrong = await _blame(request, fields, values, refused) if refused else ""
    table = await read_table(request, told.body) if isinstance(told, Reply) else None
    return render(
        request,
        "query.html",
        status=_REFUSED if refused else 200,
        headers={} if refused else page_headers(request),
        asked=asked,
        fields=fields,
        wrong=wrong,
        table=table,
        example=_example(asked),
        links=_links(request, asked, values, table) if table else {},
        sparql=_sparql(asked, table),
    )


def _field(param: Parameter, values: Mapping[str, str]) -> Field:
    kind = param.of if param.type == "concept" else KIND_OF_TEXT.get(param.name, "") if param.type == "text" else ""
    choices = CODES[param.of] if param.type == "code" else {}
    value = values.get(param.name, param.default or "")
    return Field(param=param, value=value, choices=choices, completes=kind)


_MISSING = re.compile(r"parameter (\w+) is missing")
_CHOICE = re.compile(r"([^,()]+) \((\w+:[\w.-]+)\)")


async def _blame(request: Request, fields: list[Field], values: Mapping[str, str], told: Failure) -> str:
    """Puts what is wrong beside the field that it is about; gives it back if it is about none."""
    where = str(told.more.get("where", ""))
    words = told.detail.removeprefix(f"{where}: ")
    if found := _MISSING.search(words):
        where, words = found[1], "Please say which."
    for field in fields:
        if field.param.name == where:
            near = _CHOICE.findall(str(told.more.get("expected", ""))) or await _near(request, field)
            field.near = [
                (label.removeprefix("one of ").strip(), f"?{urlencode({**values, where: value})}")
                for label, value in near
            ]
            if field.near:
                # What the message says of near names, the links say.
                words = f"{words.partition('; got')[0]}. Did you mean"
            field.wrong = words[:1].upper() + words[1:]
            return ""
    return told.detail


async def _near(request: Request, field: Field) -> list[tuple[str, str]]:
    """Names that begin as the given one does, or look like it."""
    if not field.completes:
        return []
    names = await names_of(request)
    found = names.find(field.value, field.completes, 5) or names.nearest(field.value, field.completes, 5)
    return [(match.entry.label, match.entry.value) for match in found]


def _example(asked: SavedQuery) -> str:
    return "?" + urlencode({param.name: param.example for param in asked.params}) if asked.params else ""


def _links(request: Request, asked: SavedQuery, values: Mapping[str, str], table: Table) -> dict[str, object]:
    most = service_of(request).settings.max_rows
    given = urlencode(values)
    return {
        "downloads": {
            label: f"?{urlencode({**values, 'limit': most, 'format': name})}" for label, name in _DOWNLOADS.items()
        },
        "next": f"?{urlencode({**values, 'limit': table.limit, 'offset': table.end})}"
        if table.end < table.total
        else "",
        "previous": f"?{urlencode({**values, 'limit': table.limit, 'offset': max(0, table.offset - table.limit)})}"
        if table.offset
        else "",
        "why": f"{root(request)}/why/%s/{asked.name}{'?' if given else ''}{given.replace('%', '%%')}",
    }


_HEADER = re.compile(r"^#\+.*\n", re.MULTILINE)


def _sparql(asked: SavedQuery, table: Table | None) -> str:
    """The query, with the values that the answer is for."""
    text = _HEADER.sub("", asked.text).strip()
    if table is None:
        return text
    variables = {param.name: param.variable for param in asked.params}
    return substitute(text, {variables[each.param]: each.term for each in table.resolved})


ROUTES: tuple[BaseRoute, ...] = (Route("/queries", queries), Route("/queries/{name}", query))
