"""Serves a graph over HTTP."""

from pathlib import Path
from typing import Annotated

import typer

from kg.cli.options import Url
from kg.errors import UsageError

__all__ = ["serve"]


_Cache = Annotated[int, typer.Option("--cache-mb", min=0, help="Memory for answers of saved queries; 0 for none.")]
_Service = Annotated[
    list[str] | None, typer.Option("--allow-service", metavar="HOST", help="Host that SERVICE may call.")
]
_Cors = Annotated[
    list[str] | None, typer.Option("--cors", metavar="ORIGIN", help="Origin whose pages may ask; * for all.")
]


def serve(  # noqa: PLR0913, PLR0917 - an argument an option
    graph: Annotated[Path | None, typer.Argument(metavar="DIR", help="Graph folder that `kg build` made.")] = None,
    endpoint: Url = None,
    host: Annotated[str, typer.Option("--host", help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", min=0, max=65535, help="Port; 0 takes one that is free.")] = 8000,
    timeout_s: Annotated[float, typer.Option("--timeout-s", min=0.1, help="Seconds a query may take.")] = 30,
    max_rows: Annotated[int, typer.Option("--max-rows", min=1, help="Rows or triples an answer may have.")] = 100_000,
    max_memory_mb: Annotated[int, typer.Option("--max-memory-mb", min=64, help="Memory a query may take.")] = 2048,
    workers: Annotated[int, typer.Option("--workers", min=1, help="Queries that run at once.")] = 4,
    cache_mb: _Cache = 64,
    allow_service: _Service = None,
    cors: _Cors = None,
    access_log: Annotated[bool, typer.Option("--access-log", help="Print a line of JSON for each request.")] = False,
    base_url: Annotated[
        str, typer.Option("--base-url", metavar="URL", help="Address that clients see, behind a proxy.")
    ] = "",
) -> None:
    """Serves SPARQL, the saved queries, what stands behind each IRI, and pages for people; read-only."""
    if (graph is None) == (endpoint is None):
        raise UsageError("DIR, --endpoint", "name one of them", got="both" if graph else "neither")
    from kg.pages import make_site
    from kg.service.running import serve as serve_http
    from kg.service.settings import Settings

    settings = Settings(
        graph=graph,
        endpoint=endpoint,
        timeout_s=timeout_s,
        max_rows=max_rows,
        max_memory_mb=max_memory_mb,
        workers=workers,
        cache_mb=cache_mb,
        service_hosts=tuple(allow_service or ()),
        cors=tuple(cors or ()),
        base_url=base_url,
        access_log=access_log,
    )
    serve_http(settings, host, port, lambda address: typer.echo(f"Serving on {address}", err=True), make_site)
