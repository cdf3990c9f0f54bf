"""`/editor`: SPARQL is written, with the saved queries to start from, and answered in a table."""

from functools import cache

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from kg.mapping import properties
from kg.pages.rendering import POLICY, render
from kg.vocab import PREFIXES, expand

__all__ = ["ROUTES"]


#: The one style that YASGUI's table writes into the page, by which its columns can be made wider; nothing else of it is
#: inline, and no other page allows it.
_STYLE = "'sha256-zCK2EVMoPc04mRF/g5CotUvxbJPWS+8V0b+s9ptqQIk='"
_POLICY = POLICY.replace("style-src 'self'", f"style-src 'self' {_STYLE}")


async def editor(request: Request) -> Response:
    """The editor, and a plain form in its place where no script runs."""
    text = request.query_params.get("query", "")
    return render(request, "editor.html", policy=_POLICY, text=text, prefixes=PREFIXES, terms=_terms())


@cache
def _terms() -> list[str]:
    """The properties that stand in graphs of ours, for completion."""
    return sorted(expand(curie) for curie in properties())


ROUTES: tuple[BaseRoute, ...] = (Route("/editor", editor),)
