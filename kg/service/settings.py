"""What is served, to whom, and how much a request may take."""

from pathlib import Path

import msgspec

__all__ = ["Settings"]


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """One of `graph` and `endpoint` is given: a folder that `kg build` made, or the address of a SPARQL endpoint.

    A query of more than `timeout_s` is killed; an answer of more than `max_rows` rows or triples, or one that takes
    more than `max_memory_mb`, is refused. `service_hosts` (host, or
    host:port) may be called by SERVICE. `access_log` tells each request in a line of JSON on standard output.
    Answers of saved queries are kept in `cache_mb` and given again while the build is the same.
    `cors` names the origins whose pages may ask; `base_url` is the address that
    clients see, where it is not the one that they connect to.
    """

    graph: Path | None = None
    endpoint: str | None = None
    timeout_s: float = 30
    max_rows: int = 100_000
    max_memory_mb: int = 2048
    workers: int = 4
    cache_mb: int = 64
    service_hosts: tuple[str, ...] = ()
    access_log: bool = False
    cors: tuple[str, ...] = ()
    base_url: str = ""
