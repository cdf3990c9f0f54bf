"""Template and values -> a page. Every text is escaped, and no page may run a script but ours."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse

from kg.pages.filters import FILTERS
from kg.pages.static_files import static_path
from kg.service.exchange import service_of
from kg.service.formats import GRAPH, ROWS, negotiate

__all__ = ["POLICY", "prefers_page", "render", "root"]

#: What a page may load and do: its own files, nothing inline (https://www.w3.org/TR/CSP3/).
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'self'"
)

_PAGE = {"html": ("text/html", "application/xhtml+xml")}


def prefers_page(request: Request) -> bool:
    """Whether the client likes HTML better than what programs read; one that takes anything does not."""
    found = negotiate(
        request.headers.get("accept", "*/*"), {"problem": ("application/json",), **ROWS, **GRAPH, **_PAGE}
    )
    return found is not None and found.name == "html"


def root(request: Request) -> str:
    """What stands before every path of the service in the client's eyes: nothing, or a folder behind a proxy."""
    return urlsplit(service_of(request).base(request)).path


def render(
    request: Request,
    template: str,
    *,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
    policy: str = POLICY,
    **values: Any,
) -> HTMLResponse:
    """The page that a template makes of the values.

    Templates know `root` (stands before each path), `static(name)` (a file's path), and `query` (what was searched).

    Raises:
        jinja2.UndefinedError: if the template needs a value that is not given.
    """
    prefix = root(request)
    given = {
        "root": prefix,
        "query": request.query_params.get("q", ""),
        "path": request.url.path,
        "static": lambda name: prefix + static_path(name),
    }
    body = _templates().get_template(template).render(given | values)
    safe = {"Content-Security-Policy": policy, "Referrer-Policy": "same-origin", "Vary": "Accept"}
    return HTMLResponse(body, status, safe | dict(headers or {}))


@cache
def _templates() -> Environment:
    found = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    found.filters.update(FILTERS)
    return found
