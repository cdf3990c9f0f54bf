"""Any SPARQL 1.1 endpoint, through SPARQLWrapper: the same questions as the embedded store answers.

SPARQLWrapper's own timeout covers the HTTP connection only, so a deadline of ours runs beside it.
"""

import io
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as FutureTimeoutError
from urllib.error import URLError
from urllib.parse import urlparse

import pyoxigraph as ox

from kg.errors import DeadlineExceeded, EndpointError, QueryRefused, UsageError

__all__ = ["Endpoint"]

#: An answer larger than this is refused rather than held.
_MAX_BYTES = 512 * 1024 * 1024


class Endpoint:
    """A remote graph."""

    def __init__(self, url: str, *, timeout_s: float = 60) -> None:
        if urlparse(url).scheme not in ("http", "https"):
            raise UsageError(url, "no endpoint", expected="an http or https URL")
        self.url = url
        self._timeout_s = timeout_s

    def query(self, text: str) -> "ox.QuerySolutions | ox.QueryBoolean | Iterator[ox.Triple]":
        """The answer to a SPARQL query that only reads.

        Raises:
            QueryRefused: if the endpoint says that it cannot parse the query.
            EndpointError: if it cannot be reached, or answers with what is no SPARQL result.
            DeadlineExceeded: if it takes longer than the timeout.
        """
        pool = ThreadPoolExecutor(max_workers=1)
        try:
            body, kind = pool.submit(self._ask, text).result(timeout=self._timeout_s)
        except FutureTimeoutError:
            raise DeadlineExceeded(self.url, f"no answer within {self._timeout_s:g} s") from None
        finally:
            pool.shutdown(wait=False, cancel_futures=True)
        return self._parse(body, kind)

    def _ask(self, text: str) -> tuple[bytes, str]:
        from SPARQLWrapper import JSON, POST, TURTLE, SPARQLWrapper
        from SPARQLWrapper.SPARQLExceptions import QueryBadFormed, SPARQLWrapperException

        wrapper = SPARQLWrapper(self.url, agent="trialgraph")
        wrapper.setQuery(text)
        wrapper.setMethod(POST)
        wrapper.setReturnFormat(JSON if wrapper.queryType in ("SELECT", "ASK") else TURTLE)
        wrapper.setTimeout(max(1, int(self._timeout_s)))
        try:
            response = wrapper.query().response
            body = response.read(_MAX_BYTES + 1)
        except QueryBadFormed as error:
            raise QueryRefused(self.url, f"the endpoint refuses the query: {error}") from error
        except (SPARQLWrapperException, URLError, OSError, ValueError) as error:
            raise EndpointError(self.url, f"no answer: {error}") from error
        if len(body) > _MAX_BYTES:
            raise EndpointError(self.url, f"an answer of more than {_MAX_BYTES:,} bytes", remedy="Add a LIMIT.")
        return body, str(wrapper.queryType)

    def _parse(self, body: bytes, kind: str) -> "ox.QuerySolutions | ox.QueryBoolean | Iterator[ox.Triple]":
        try:
            if kind in ("SELECT", "ASK"):
                return ox.parse_query_results(io.BytesIO(body), ox.QueryResultsFormat.JSON)
            return iter([quad.triple for quad in ox.parse(body, ox.RdfFormat.TURTLE)])
        except (SyntaxError, ValueError, OSError) as error:
            start = body[:80].decode("utf-8", "replace")
            raise EndpointError(
                self.url, "the answer is no SPARQL result", got=start, expected="SPARQL JSON results"
            ) from error
