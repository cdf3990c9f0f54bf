"""The application: which address is answered by what, and what goes around every answer."""

import sys
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Mount, Route

from kg.errors import KgError
from kg.queries import read_queries
from kg.service import documents, wellknown
from kg.service.exchange import Service, service_of
from kg.service.formats import SUFFIXES
from kg.service.metrics import Metrics
from kg.service.openapi import openapi
from kg.service.pool import Pool
from kg.service.problems import failure, problem
from kg.service.saved import list_queries, run_saved
from kg.service.settings import Settings
from kg.service.sparql import sparql
from kg.service.watching import Watching
from kg.service.why import why
from kg.service.wire import Failure

__all__ = ["ROUTES", "make_app"]


async def health(request: Request) -> Response:
    """Whether there are workers, which build they serve, and why not the newest, if they do not."""
    service = service_of(request)
    is_well = service.pool.workers > 0
    told = {
        "status": "ok" if is_well else "no workers",
        "workers": service.pool.workers,
        "build": service.pool.build,
        "problem": service.pool.problem,
    }
    return JSONResponse(told, 200 if is_well else 503, {"Cache-Control": "no-store"})


async def metrics(request: Request) -> Response:
    """What the service counts."""
    service = service_of(request)
    service.metrics.workers.set(service.pool.workers)
    return Response(service.metrics.text(), media_type="text/plain; version=0.0.4; charset=utf-8")


ROUTES: tuple[Route, ...] = (
    Route("/sparql", sparql, methods=["GET", "POST"]),
    Route("/sparql/", sparql, methods=["GET", "POST"]),
    Route("/queries", list_queries),
    Route("/queries/{name}", run_saved),
    Route("/why/{trial}/{name}", why),
    Route("/study/{name}", documents.study),
    Route("/ct2/show/{name}", documents.old_study),
    Route("/show/{name}", documents.old_study),
    Route("/concept/{name}", documents.concept),
    Route("/class/{name}", documents.class_document),
    Route("/vocab", documents.vocabulary),
    *(Route(f"/vocab{suffix}", documents.vocabulary) for suffix in SUFFIXES.values()),
    Route("/.well-known/void", wellknown.void),
    Route("/.well-known/sparql-examples", wellknown.examples),
    Route("/openapi.json", openapi),
    Route("/health", health),
    Route("/metrics", metrics),
)


def make_app(settings: Settings, routes: Iterable[BaseRoute] = ()) -> Starlette:
    """The application. It opens the graph when it starts; `routes` are answered before its own.

    Raises:
        KgError: if a saved query's header is not as it should be.
    """
    routes, counts = tuple(routes), Metrics()
    service = Service(settings=settings, queries=read_queries(), metrics=counts, pool=Pool(settings, counts))

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        await service.pool.start()
        yield
        await service.pool.close()

    app = Starlette(
        routes=[*routes, *ROUTES],
        lifespan=lifespan,
        middleware=_middleware(settings, counts, _paths([*routes, *ROUTES])),
        exception_handlers={KgError: _error, HTTPException: _http_error, Exception: _fault},
    )
    app.state.service = service
    return app


async def _fault(_: Request, __: Exception) -> Response:
    """A fault of ours: the client is told that it is, the log what it is."""
    return problem(failure(KgError("service", "a fault in the service", remedy="Tell its keepers what you asked.")))


#: What a page of another origin may read beside the body.
_EXPOSED = ("Content-Location", "ETag", "Link", "X-Resolved", "X-Total-Count")


def _paths(routes: Iterable[BaseRoute]) -> dict[Any, str]:
    """What answers -> the pattern of its addresses, the first that it has."""
    found: dict[Any, str] = {}
    for route in routes:
        if isinstance(route, Route | Mount):
            found.setdefault(route.endpoint if isinstance(route, Route) else route.app, route.path)
    return found


def _middleware(settings: Settings, counts: Metrics, paths: Mapping[Any, str]) -> list[Middleware]:
    found = [Middleware(Watching, metrics=counts, paths=paths, log=sys.stdout if settings.access_log else None)]
    if settings.cors:
        cors = Middleware(
            CORSMiddleware,
            allow_origins=settings.cors,
            allow_methods=["GET", "POST", "HEAD"],
            allow_headers=["*"],
            expose_headers=_EXPOSED,
        )
        found.append(cors)
    return found


async def _error(_: Request, error: Exception) -> Response:
    assert isinstance(error, KgError)  # noqa: S101 - it is registered for these
    told = failure(error)
    return problem(told, {"Retry-After": "1"} if told.status == 503 else None)  # noqa: PLR2004


async def _http_error(_: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101 - it is registered for these
    told = Failure(status=error.status_code, kind="http", title=error.detail, detail=error.detail)
    return problem(told, dict(error.headers or {}))
