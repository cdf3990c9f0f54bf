"""Which page stands where, and the application with all of them."""

from pathlib import Path

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Mount

from kg.errors import KgError
from kg.pages import completion, editor, forms, search, things, why
from kg.pages.asking import Unanswered, Unchanged
from kg.pages.problems import ProblemPages, page_of
from kg.pages.static_files import StaticPages
from kg.service.app import make_app
from kg.service.problems import failure, problem
from kg.service.settings import Settings

__all__ = ["ROUTES", "make_site"]

#: Answered before the service's own routes.
ROUTES: tuple[BaseRoute, ...] = (
    Mount("/static", StaticPages(directory=Path(__file__).parent / "static")),
    *things.ROUTES,
    *completion.ROUTES,
    *search.ROUTES,
    *forms.ROUTES,
    *editor.ROUTES,
    *why.ROUTES,
)


def make_site(settings: Settings) -> Starlette:
    """The service with pages: HTML is one of the formats that a client may ask for, also for what went wrong.

    Raises:
        KgError: if a saved query's header is not as it should be.
    """
    app = make_app(settings, ROUTES)
    app.state.has_pages = True
    app.state.described = completion.DESCRIBED
    app.add_middleware(ProblemPages)
    app.add_exception_handler(Unanswered, _unanswered)
    app.add_exception_handler(Unchanged, _unchanged)
    app.add_exception_handler(Exception, _fault)
    return app


async def _unanswered(_: Request, error: Exception) -> Response:
    assert isinstance(error, Unanswered)  # noqa: S101 - it is registered for these
    return problem(error.told)


async def _unchanged(_: Request, unchanged: Exception) -> Response:
    assert isinstance(unchanged, Unchanged)  # noqa: S101 - it is registered for these
    return Response(status_code=304, headers=unchanged.headers)


async def _fault(request: Request, _: Exception) -> Response:
    told = problem(failure(KgError("service", "a fault in the service", remedy="Tell its keepers what you asked.")))
    return page_of(request, told.status_code, bytes(told.body)) or told
