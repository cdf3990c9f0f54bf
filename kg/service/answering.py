"""A task -> a whole answer in bytes, or why there is none. Runs in a worker."""

import io
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import msgspec
import pyoxigraph as ox

from kg.errors import EndpointError, KgError
from kg.export import FORMATS, write_blocks
from kg.publishing.examples import example_lines
from kg.queries import SavedQuery
from kg.service.graphs import RemoteGraph, StoreGraph
from kg.service.prepared import Preparer
from kg.service.problems import Refused, failure
from kg.service.reading import check_query
from kg.service.wire import ExamplesTask, Failure, Format, Reply, SavedTask, Task, TextTask, WhyTask
from kg.vocab import PREFIXES

__all__ = ["Answerer"]

_RESULTS = {
    "csv": ox.QueryResultsFormat.CSV,
    "tsv": ox.QueryResultsFormat.TSV,
    "json": ox.QueryResultsFormat.JSON,
    "xml": ox.QueryResultsFormat.XML,
}


class Answerer:
    """A graph, the saved queries, how many rows or triples an answer may have, and the hosts that SERVICE may call."""

    def __init__(
        self,
        graph: StoreGraph | RemoteGraph,
        queries: Mapping[str, SavedQuery],
        max_rows: int,
        service_hosts: tuple[str, ...] = (),
    ) -> None:
        self._graph = graph
        self._queries = queries
        self._preparer = Preparer(graph, queries, stays=isinstance(graph, StoreGraph))
        self._max_rows = max_rows
        self._service_hosts = service_hosts

    def answer(self, task: Task) -> Reply | Failure:
        """The answer to a task, or why there is none."""
        try:
            return self._answered(task)
        except KgError as error:
            return failure(error)
        except MemoryError:
            return failure(Refused(422, "memory", "SPARQL", "the query takes more memory than it may"))
        except (OSError, RuntimeError, ValueError) as error:
            return failure(KgError("SPARQL", f"the engine cannot go on: {' '.join(str(error).split())}"))

    def _answered(self, task: Task) -> Reply:
        match task:
            case TextTask():
                return self._text(task)
            case SavedTask():
                return self._saved(task)
            case ExamplesTask():
                return self._examples(task)
            case WhyTask():
                return self._why(task)

    def _examples(self, task: ExamplesTask) -> Reply:
        lines = example_lines(self._graph, task.base, task.endpoint)
        body = _blocks(lines, task.found.name)
        return Reply(body=body, media_type=task.found.media_type, rows=len(lines), total=len(lines))

    def _why(self, task: WhyTask) -> Reply:
        from kg.explanation import explain, read_aloud  # here, for it brings a parser that no other task needs

        told = explain(self._queries[task.name], task.values, task.trial, self._graph)
        body = read_aloud(told).encode() if task.found.name == "text" else msgspec.json.encode(told)
        return Reply(body=body, media_type=task.found.media_type, rows=1, total=1)

    def _text(self, task: TextTask) -> Reply:
        if not check_query(task.text, self._service_hosts):
            return self._asked(task)
        try:
            return self._asked(task)
        except (OSError, RuntimeError) as error:
            raise EndpointError("SERVICE", f"no answer: {' '.join(str(error).split())}") from error

    def _asked(self, task: TextTask) -> Reply:
        answer = self._graph.ask(task.text, task.default_graphs, task.named_graphs, task.base)
        if isinstance(answer, ox.QuerySolutions):
            found = _acceptable(task.choice.rows, "rows")
            body, rows = _write_rows(answer, found.name, self._max_rows)
        elif isinstance(answer, ox.QueryBoolean):
            found = _acceptable(task.choice.boolean, "a yes or no")
            body, rows = answer.serialize(format=_RESULTS[found.name]) or b"", 1
        else:
            found = _acceptable(task.choice.graph, "triples")
            write = _write_in_order if task.in_order else _write_triples
            body, rows = write(answer, found.name, self._max_rows)
        return Reply(body=body, media_type=found.media_type, rows=rows, total=rows)

    def _saved(self, task: SavedTask) -> Reply:
        prepared = self._preparer.prepare(task.name, task.values)
        found = _acceptable(task.choice.rows, "rows")
        body, _ = _write_rows(self._graph.query(prepared.text), "json", self._max_rows)
        whole = msgspec.json.decode(body, type=_Rows)
        page = whole.results.bindings[task.offset : task.offset + task.limit]
        if found.name == "json":
            place = {"total": len(whole.results.bindings), "offset": task.offset, "limit": task.limit}
            written: _Page | _Rows = _Page(
                head=whole.head, resolved=prepared.resolved, page=place, results=_Bindings(page)
            )
        else:
            written = _Rows(head=whole.head, results=_Bindings(page))
        return Reply(
            body=_in_format(msgspec.json.encode(written), found.name),
            media_type=found.media_type,
            rows=len(page),
            total=len(whole.results.bindings),
            resolved=prepared.header,
        )


class _Bindings(msgspec.Struct):
    bindings: list[msgspec.Raw]


class _Rows(msgspec.Struct):
    """SPARQL's JSON results, rows unread (https://www.w3.org/TR/sparql11-results-json/)."""

    head: msgspec.Raw
    results: _Bindings


class _Page(msgspec.Struct):
    # What is ours stands before the rows: parsers that stream take nothing after them.
    head: msgspec.Raw
    resolved: dict[str, dict[str, str]]
    page: dict[str, int]
    results: _Bindings


def _in_format(body: bytes, name: str) -> bytes:
    if name == "json":
        return body
    answer = ox.parse_query_results(body, ox.QueryResultsFormat.JSON)
    return answer.serialize(format=_RESULTS[name]) or b""


def _acceptable(found: Format | None, kind: str) -> Format:
    if found is None:
        raise Refused(
            406, "not-acceptable", "Accept", f"the answer is {kind}, which none of the formats asked for can hold"
        )
    return found


def _write_in_order(triples: Iterable[ox.Triple], name: str, most: int) -> tuple[bytes, int]:
    lines, written = _write_triples(triples, "ntriples", most)
    return _blocks(sorted(lines.decode().splitlines(keepends=True)), name), written


def _blocks(lines: Iterable[str], name: str) -> bytes:
    stream = io.BytesIO()
    write_blocks([{"": lines}], stream, name)
    return stream.getvalue()


def _write_triples(triples: Iterable[ox.Triple], name: str, most: int) -> tuple[bytes, int]:
    written = 0

    def counted() -> Iterator[ox.Triple]:
        nonlocal written
        for triple in triples:
            written += 1
            if written > most:
                raise _too_large(most, "triples")
            yield triple

    body = ox.serialize(counted(), format=FORMATS[name].rdf, prefixes=dict(PREFIXES))
    return body or b"", written


def _write_rows(answer: Any, name: str, most: int) -> tuple[bytes, int]:
    body = _Body(name, most)
    answer.serialize(body, _RESULTS[name])
    whole = body.whole()
    return whole, body.check(whole)


def _too_large(most: int, unit: str) -> Refused:
    return Refused(
        422, "too-large", "SPARQL", f"the answer has more than {most:,} {unit}", remedy="Add a LIMIT, or ask in parts."
    )


#: Bytes after which the rows written so far are counted for the first time; then each time that they have doubled.
_FIRST_COUNT = 1 << 20
#: A body is held whole, in the worker and in the server.
_MAX_BYTES = 256 << 20


class _Body:
    """A stream that stops an answer when it has too many rows."""

    def __init__(self, name: str, most: int) -> None:
        self._name, self._most = name, most
        self._parts: list[bytes] = []
        self._size, self._next_count = 0, _FIRST_COUNT

    def write(self, data: bytes) -> int:
        self._parts.append(data)
        self._size += len(data)
        if self._size > self._next_count:
            self._next_count *= 2
            self.check(self.whole())
        return len(data)

    def flush(self) -> None:
        """Nothing is held back."""

    def whole(self) -> bytes:
        self._parts = [b"".join(self._parts)]
        return self._parts[0]

    def check(self, body: bytes) -> int:
        """The number of rows in the body so far."""
        rows = _count_rows(self._name, body)
        if rows > self._most:
            raise _too_large(self._most, "rows")
        if self._size > _MAX_BYTES:
            raise Refused(422, "too-large", "SPARQL", f"the answer has more than {_MAX_BYTES:,} bytes")
        return rows


#: A string of JSON. Without strings, `},{` stands between two rows and nowhere else.
_STRING = re.compile(rb'"(?:[^"\\]|\\.)*+"')
_QUOTED = re.compile(rb'"[^"]*+"')


def _count_rows(name: str, body: bytes) -> int:
    """Rows in a body, which may end anywhere."""
    match name:
        case "json":
            return _json_rows(body)
        case "xml":
            return body.count(b"<result>")
        case "csv":
            body = _QUOTED.sub(b"", body)
    return max(0, body.count(b"\n") - 1)


def _json_rows(body: bytes) -> int:
    if body.endswith(b'"bindings":[]}}'):
        return 0
    return _STRING.sub(b"", body).count(b"},{") + 1
