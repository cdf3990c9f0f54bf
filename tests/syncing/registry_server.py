"""A registry on this machine: API v2 by pages as its OpenAPI description says, and with the faults of a real one."""

import gzip
import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email.utils import formatdate
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit

_RANGE = re.compile(r"AREA\[LastUpdatePostDate\]RANGE\[(\d{4}-\d\d-\d\d),MAX\]")


def study(number: int, updated: str = "2025-01-01", title: str = "A trial") -> dict[str, Any]:
    """A record with as much as every study has."""
    return {
        "protocolSection": {
            "identificationModule": {"nctId": f"NCT{number:08d}", "briefTitle": f"{title} {number}"},
            "statusModule": {
                "overallStatus": "COMPLETED",
                "lastUpdateSubmitDate": updated,
                "lastUpdatePostDateStruct": {"date": updated, "type": "ACTUAL"},
            },
            "conditionsModule": {"conditions": ["Asthma"]},
        },
        "hasResults": False,
    }


class Registry:
    """What a registry has, what it was asked, and what it does wrong: for each request to come, a fault or nothing.

    `page_size` is its own upper bound for a page. `broken` gives faults by the number of the page instead. `on_page`
    is called before a page is given.
    """

    def __init__(self, *studies: dict[str, Any]) -> None:
        self.studies: list[Any] = list(studies)
        self.page_size = 2
        self.version = "2025-06-01T09:00:05"
        self.dated = False
        self.gone = Event()
        self.faults: list[str] = []
        self.broken: dict[int, str] = {}
        self.asked: list[str] = []
        self.headers: list[dict[str, str]] = []
        self.tokens = "token"
        self.on_page: Callable[[int], None] = lambda _number: None
        self.url = ""

    @property
    def pages_asked(self) -> list[int]:
        """The numbers of the pages that were asked for, from 1."""
        paths = [urlsplit(path) for path in self.asked]
        asked = [parse_qs(path.query) for path in paths if path.path.endswith("/studies")]
        return [int(query.get("pageToken", [f"{self.tokens}-0"])[0].rpartition("-")[2]) + 1 for query in asked]

    def validators(self, body: bytes) -> dict[str, str]:
        """The header by which a page is known again."""
        digest = sha256(body).hexdigest()
        return (
            {"Last-Modified": formatdate(int(digest[:7], 16), usegmt=True)} if self.dated else {"ETag": f'"{digest}"'}
        )

    def found(self, query: dict[str, list[str]]) -> list[Any]:
        """The studies that the query finds: by the day of their update, and by a word of the title."""
        since = "".join(_RANGE.findall(query.get("filter.advanced", [""])[0]))
        word = query.get("query.titles", [""])[0]
        return [s for s in self.studies if not isinstance(s, dict) or (_updated(s) >= since and word in json.dumps(s))]

    def page(self, query: dict[str, list[str]]) -> dict[str, Any]:
        """The page that is asked for."""
        found = self.found(query)
        size = min(int(query.get("pageSize", ["10"])[0]), self.page_size)
        number = int(query.get("pageToken", ["x-0"])[0].rpartition("-")[2])
        page: dict[str, Any] = {"studies": found[number * size : (number + 1) * size]}
        if (number + 1) * size < len(found):
            page["nextPageToken"] = f"{self.tokens}-{number + 1}"
        if query.get("countTotal") == ["true"] and "pageToken" not in query:
            page["totalCount"] = len(found)
        return page


def _updated(record: dict[str, Any]) -> str:
    return str(record.get("protocolSection", {}).get("statusModule", {}).get("lastUpdateSubmitDate", "9999"))


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, registry: Registry) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.registry = registry


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    protocol_version = "HTTP/1.1"

    def log_message(self, *_: object) -> None:
        """Says nothing."""

    def do_GET(self) -> None:
        """The page or version that is asked for, unless a fault comes first."""
        registry = self.server.registry
        registry.asked.append(self.path)
        registry.headers.append({name.lower(): value for name, value in self.headers.items()})
        address = urlsplit(self.path)
        query = parse_qs(address.query)
        if address.path.endswith("/version"):
            version = {"apiVersion": "2.0.3", "dataTimestamp": registry.version}
            self.answer(200, json.dumps(version).encode())
            return
        if "pageToken" in query and not query["pageToken"][0].startswith(f"{registry.tokens}-"):
            self.answer(400, b"`pageToken` is unknown", kind="text/plain")
            return
        registry.on_page(registry.pages_asked[-1])
        fault = registry.broken.get(registry.pages_asked[-1], "") or (registry.faults.pop(0) if registry.faults else "")
        name, _, detail = fault.partition(" ")
        page = registry.page(query)
        if name.isdigit():
            self.answer(int(name), b"trouble", {"Retry-After": detail} if detail else {}, kind="text/plain")
        elif name:
            getattr(self, name)(page)
        else:
            self.send_page(page)

    def send_page(self, page: dict[str, Any]) -> None:
        """A whole page, every study on its own line, packed if that is wished, with its validator."""
        body = self.body(page)
        headers = self.server.registry.validators(body)
        wished = [self.headers.get(name) for name in ("If-None-Match", "If-Modified-Since")]
        if set(headers.values()) & set(wished):
            self.answer(304, b"", headers)
            return
        if "gzip" in self.headers.get("Accept-Encoding", ""):
            body, headers = gzip.compress(body), headers | {"Content-Encoding": "gzip"}
        self.answer(200, body, headers)

    @staticmethod
    def body(page: dict[str, Any]) -> bytes:
        """The bytes of a page, one study a line."""
        studies = ",\n".join(json.dumps(record) for record in page["studies"])
        rest = "".join(f',"{name}":{json.dumps(value)}' for name, value in page.items() if name != "studies")
        return f'{{"studies":[\n{studies}\n]{rest}}}'.encode()

    def answer(
        self, code: int, body: bytes, headers: dict[str, str] | None = None, kind: str = "application/json"
    ) -> None:
        """A whole answer."""
        self.send_response(code)
        for name, value in {"Content-Type": kind, **(headers or {}), "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def cut(self, page: dict[str, Any]) -> None:
        """Promises the whole body, and breaks off in its middle."""
        body = self.body(page)
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body[: len(body) // 2])
        self.close_connection = True

    def cut_gzip(self, page: dict[str, Any]) -> None:
        """Packed, and a whole answer by its length, but the end of its checksum is not there."""
        self.answer(200, gzip.compress(self.body(page))[:-3], {"Content-Encoding": "gzip"})

    def bad_gzip(self, page: dict[str, Any]) -> None:
        """Says that it is packed, and is not."""
        self.answer(200, self.body(page), {"Content-Encoding": "gzip"})

    def html(self, _page: dict[str, Any]) -> None:
        """A page for people, as from a proxy or a hotel's door."""
        self.answer(200, b"<html><body>Please log in</body></html>", kind="text/html")

    def hang_up(self, _page: dict[str, Any]) -> None:
        """Says nothing, and closes."""
        self.close_connection = True

    def stall(self, _page: dict[str, Any]) -> None:
        """No answer, for as long as anybody would wait."""
        self.server.registry.gone.wait(60)
        self.close_connection = True

    def empty(self, page: dict[str, Any]) -> None:
        """A page without studies, and a next one."""
        self.send_page(page | {"studies": []})

    def same_token(self, page: dict[str, Any]) -> None:
        """Leads back to the first page."""
        self.send_page(page | {"nextPageToken": f"{self.server.registry.tokens}-1"})

    def other_total(self, page: dict[str, Any]) -> None:
        """Counts one more than there are."""
        self.send_page(page | {"totalCount": page.get("totalCount", len(self.server.registry.studies)) + 1})

    def halves(self, page: dict[str, Any]) -> None:
        """Halves of surrogate pairs stand alone in it."""
        self.answer(200, self.body(page).replace(b"A trial", rb"A trial\ud83d", 1))


@contextmanager
def serving(registry: Registry) -> Iterator[Registry]:
    """The registry answers at its `url`."""
    with _Server(registry) as server:
        registry.url = f"http://127.0.0.1:{server.server_port}/api/v2"
        Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        try:
            yield registry
        finally:
            registry.gone.set()
            server.shutdown()
