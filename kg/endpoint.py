"""Any SPARQL 1.1 endpoint, through SPARQLWrapper: the same questions as the embedded store answers.

SPARQLWrapper's own timeout covers the HTTP connection only, so a deadline of ours runs beside it.

An address may say which graphs are asked, in the protocol's own way: `?default-graph-uri=IRI` behind it makes a named
graph the default one, for stores that have none (Virtuoso). `kg load` fills that graph if it gets the same address.

An endpoint that asks who we are is told what the environment says, and nobody else is.
"""

import io
import os
import re
import warnings
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeoutError
from http.client import HTTPException
from threading import Thread
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.parse import parse_qsl, urlencode, urlparse

import pyoxigraph as ox

from kg.errors import DeadlineExceeded, EndpointError, QueryRefused, UsageError

__all__ = ["PASSWORD", "USER", "Endpoint", "split_address"]

#: Where a user and a password are looked for: never on the command line, which others can read.
USER, PASSWORD = "TRIALGRAPH_USER", "TRIALGRAPH_PASSWORD"

#: What an address may say of graphs (https://www.w3.org/TR/sparql11-protocol/#dataset).
_DATASET = ("default-graph-uri", "named-graph-uri")
#: Triples one by one with their datatypes: Virtuoso's Turtle makes decimals of doubles (decisions/0014). What comes is
#: read as Turtle, of which N-Triples are a part.
_TRIPLES = "application/n-triples, text/turtle;q=0.5"

#: An answer larger than this is refused rather than held.
_MAX_BYTES = 512 * 1024 * 1024
#: Ten days: clocks of sockets and threads know no longer waits than a few weeks.
_LONGEST_S = 864_000.0
#: What to do about an address that gives no answers.
_REMEDY = "Is it running, and is this the address that takes queries (often it ends in /sparql or /query)?"


class Endpoint:
    """A remote graph."""

    def __init__(self, url: str, *, timeout_s: float = 60) -> None:
        if not _is_web_address(url):
            raise UsageError(url, "no endpoint", expected="an http or https URL")
        self.url = url
        self._address, self._dataset = split_address(url)
        self._timeout_s = min(timeout_s, _LONGEST_S)

    def query(self, text: str) -> "ox.QuerySolutions | ox.QueryBoolean | Iterator[ox.Triple]":
        """The answer to a SPARQL query that only reads.

        Raises:
            QueryRefused: if it is an update, or the endpoint says that it cannot parse it.
            EndpointError: if it cannot be reached, or answers with what is no SPARQL result.
            DeadlineExceeded: if it takes longer than the timeout.
        """
        wrapper = self._wrapper(text)
        answer: Future[bytes] = Future()
        # A daemon: a server that never ends its answer must not keep this process from ending.
        Thread(target=self._answer, args=(wrapper, answer), daemon=True).start()
        try:
            body = answer.result(timeout=self._timeout_s)
        except FutureTimeoutError:
            raise DeadlineExceeded(
                self.url, f"no answer within {self._timeout_s:g} s", remedy="Give it longer with --timeout-s."
            ) from None
        return self._parse(body, str(wrapper.queryType))

    def _wrapper(self, text: str) -> Any:
        from SPARQLWrapper import JSON, POST, TURTLE, SPARQLWrapper

        wrapper = SPARQLWrapper(self._address, agent="trialgraph")
        for name, graph in self._dataset:
            wrapper.addParameter(name, graph)
        with warnings.catch_warnings():
            # It warns of what it takes for no query: that is the endpoint's to say.
            warnings.simplefilter("ignore", RuntimeWarning)
            wrapper.setQuery(text)
        if wrapper.isSparqlUpdateRequest():
            # SPARQLWrapper would send it as an update, and the endpoint might obey.
            raise QueryRefused("SPARQL", "updates are refused: a graph is only read here", got=str(wrapper.queryType))
        wrapper.setMethod(POST)
        if wrapper.queryType in ("SELECT", "ASK"):
            wrapper.setReturnFormat(JSON)
        else:
            wrapper.setReturnFormat(TURTLE)
            wrapper.setOnlyConneg(True)
            wrapper.addCustomHttpHeader("Accept", _TRIPLES)
        wrapper.setTimeout(max(1, int(self._timeout_s)))
        return wrapper

    def _answer(self, wrapper: Any, answer: Future[bytes]) -> None:
        try:
            answer.set_result(self._ask(wrapper))
        except Exception as error:  # noqa: BLE001 - raised again where the answer is awaited
            answer.set_exception(error)

    def _ask(self, wrapper: Any) -> bytes:
        from SPARQLWrapper.SPARQLExceptions import QueryBadFormed, SPARQLWrapperException, Unauthorized

        try:
            with _response(wrapper) as response:
                body = bytes(response.read(_MAX_BYTES + 1))
        except QueryBadFormed as error:
            raise QueryRefused(self.url, f"the endpoint refuses the query: {_one_line(error)}") from _closed(error)
        except Unauthorized as error:
            remedy = f"Are {USER} and {PASSWORD} set, and right?"
            raise EndpointError(self.url, "no answer: it asks who you are", remedy=remedy) from _closed(error)
        except (SPARQLWrapperException, URLError, HTTPException, OSError, ValueError) as error:
            raise EndpointError(self.url, f"no answer: {_one_line(error)}", remedy=_REMEDY) from _closed(error)
        if len(body) > _MAX_BYTES:
            raise EndpointError(self.url, f"an answer of more than {_MAX_BYTES:,} bytes", remedy="Add a LIMIT.")
        return body

    def _parse(self, body: bytes, kind: str) -> "ox.QuerySolutions | ox.QueryBoolean | Iterator[ox.Triple]":
        try:
            if kind == "SELECT":
                # Rows are parsed as they are taken: taken here once, so that a cut-off answer is told, not half given.
                # Without a name: an error's traceback would hold them, and they may only be dropped in this thread.
                deque(ox.parse_query_results(io.BytesIO(body), ox.QueryResultsFormat.JSON), maxlen=0)  # type: ignore[arg-type]
            if kind in ("SELECT", "ASK"):
                return ox.parse_query_results(io.BytesIO(body), ox.QueryResultsFormat.JSON)
            # Each answer has blank nodes of its own, whatever two answers call them.
            parsed = ox.parse(body, ox.RdfFormat.TURTLE, rename_blank_nodes=True)
            return iter([quad.triple for quad in parsed])
        except (SyntaxError, ValueError, OSError, TypeError) as error:  # TypeError: a yes or no, rows were asked for
            start = body[:80].decode("utf-8", "replace")
            raise EndpointError(
                self.url,
                "the answer is no SPARQL result",
                got=start,
                expected="SPARQL JSON results" if kind in ("SELECT", "ASK") else "triples in Turtle",
                remedy=_REMEDY,
            ) from error


def _response(wrapper: Any) -> Any:
    """What the endpoint answers: to us, if it asks."""
    from SPARQLWrapper import BASIC, DIGEST
    from SPARQLWrapper.SPARQLExceptions import Unauthorized

    user, password = os.environ.get(USER), os.environ.get(PASSWORD)
    try:
        return wrapper.query().response
    except Unauthorized as error:
        if not isinstance(refused := error.__context__, HTTPError) or not user or not password:
            raise
        challenge = refused.headers.get("WWW-Authenticate", "")
        _closed(error)
    realm = _REALM.search(challenge)
    wrapper.setHTTPAuth(DIGEST if challenge.lower().startswith("digest") else BASIC)
    wrapper.setCredentials(user, password, realm[1] if realm else None)
    return wrapper.query().response


#: What a password is for (https://www.rfc-editor.org/rfc/rfc9110#section-11.5).
_REALM = re.compile(r'realm="([^"]*)"', re.IGNORECASE)


def _closed(error: Exception) -> Exception:
    """The error, with the connection that an error of HTTP holds on to closed."""
    for each in (error, error.__context__):
        if isinstance(each, HTTPError):
            each.close()
    return error


def split_address(url: str) -> tuple[str, list[tuple[str, str]]]:
    """An endpoint's address without what it says of graphs; and that, as parameters of the protocol."""
    parts = urlparse(url)
    pairs = parse_qsl(parts.query, keep_blank_values=True)
    said = [(name, graph) for name, graph in pairs if name in _DATASET]
    if not said:
        return url, []
    return parts._replace(query=urlencode([pair for pair in pairs if pair[0] not in _DATASET])).geturl(), said


def _is_web_address(url: str) -> bool:
    try:
        parts = urlparse(url)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:  # urlparse: brackets of IPv6 without end, ports that are no numbers
        return False


#: Characters of a server's own message that are shown.
_MAX_MESSAGE = 300


def _one_line(error: Exception) -> str:
    """What the server or the library says, on one line: bodies of errors may be whole pages."""
    return " ".join(str(error).replace("\\n", " ").split())[:_MAX_MESSAGE]
