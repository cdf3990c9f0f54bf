"""Releases come whole and checked: a real server on this machine that breaks off, lies and stalls as real ones do."""

import hashlib
import json
import os
import random
import sys
import time
from collections.abc import Iterator
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from kg import ontologies
from kg.errors import NotFound, OntologyError
from kg.ontologies import download
from kg.ontologies.fetched import fetched_folder
from tests.ontologies.small import SKOS, rxnorm

#: Incompressible, and far larger than what sockets hold back.
CONTENT = random.Random(4).randbytes(3_000_000)  # noqa: S311 - the same bytes each time
OTHER = CONTENT[::-1]


class Publisher:
    """A publisher's server: its file, whether it serves ranges, for each request to come a fault, what it was asked."""

    def __init__(self) -> None:
        self.content, self.etag, self.modified = CONTENT, '"one"', "Fri, 14 Nov 2025 05:00:00 GMT"
        self.ranges = True
        self.faults: list[str] = []
        self.asked: list[dict[str, str]] = []
        self.url = ""


class Server(ThreadingHTTPServer):
    """Serves one publisher's file."""

    daemon_threads = True

    def __init__(self, publisher: Publisher) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.publisher = publisher

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that has seen enough closes while the server sends: no fault of either."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


class Handler(BaseHTTPRequestHandler):
    """Answers as the publisher says."""

    server: Server
    protocol_version = "HTTP/1.1"

    def log_message(self, *_: object) -> None:
        """Says nothing."""

    def do_GET(self) -> None:
        """What the next fault says; without one, the file or the range that was asked for."""
        publisher = self.server.publisher
        publisher.asked.append({"path": self.path, **{name.lower(): value for name, value in self.headers.items()}})
        fault, _, detail = (publisher.faults.pop(0) if publisher.faults else "").partition(" ")
        if fault.isdigit():
            self.send(int(fault), b"trouble", {"Retry-After": detail} if detail else {})
        elif fault == "moved":
            self.send(302, b"", {"Location": "/elsewhere/named.bin"})
        elif fault:
            getattr(self, fault)(detail)
        elif publisher.etag and self.headers.get("If-None-Match") == publisher.etag:
            self.send(304, b"", {})
        else:
            self.send_file()

    def send(self, code: int, body: bytes, headers: dict[str, str], *, length: int | None = None) -> None:
        """An answer that may promise more than it has."""
        self.send_response(code)
        for name, value in {**headers, "Content-Length": str(len(body) if length is None else length)}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def send_file(self, limit: int | None = None) -> None:
        """The file, or a range of it if the condition holds; no more than `limit` bytes of it come."""
        publisher, code, start = self.server.publisher, 200, 0
        headers = {"ETag": publisher.etag, "Last-Modified": publisher.modified}
        headers = {name: value for name, value in headers.items() if value}
        condition = self.headers.get("If-Range")
        size = len(publisher.content)
        if publisher.ranges and "Range" in self.headers and condition in (None, publisher.etag, publisher.modified):
            code, start = 206, int(self.headers["Range"].removeprefix("bytes=").rstrip("-"))
            if start >= size:
                self.send(416, b"", {"Content-Range": f"bytes */{size}"})
                return
            headers["Content-Range"] = f"bytes {start}-{size - 1}/{size}"
        body = publisher.content[start:]
        self.send(code, body[:limit], headers, length=len(body))
        if limit is not None:
            self.close_connection = True

    def cut(self, after: str) -> None:
        """Breaks off after so many bytes."""
        self.send_file(int(after or 1_000_000))

    def stall(self, _: str) -> None:
        """Sends a part, then nothing for long."""
        self.send_file(500_000)
        self.wfile.flush()
        time.sleep(1.5)

    def hang_up(self, _: str) -> None:
        """Says nothing, and closes."""
        self.close_connection = True

    def cut_chunk(self, _: str) -> None:
        """Breaks off in the middle of a chunk; the size is never told."""
        self.send_response(200)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        self.wfile.write(b"100000\r\n" + CONTENT[:1000])
        self.close_connection = True

    def chunks(self, _: str) -> None:
        """The whole file, its size never told."""
        self.send_response(200)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        self.wfile.write(f"{len(CONTENT):x}\r\n".encode() + CONTENT + b"\r\n0\r\n\r\n")

    def glue(self, _: str) -> None:
        """Sends the rest of another file, whatever the condition."""
        start = int(self.headers["Range"].removeprefix("bytes=").rstrip("-"))
        span = f"bytes {start}-{len(OTHER) - 1}/{len(OTHER)}"
        self.send(206, OTHER[start:], {"Content-Range": span, "ETag": '"two"'})

    def shifted(self, _: str) -> None:
        """Sends another range than was asked for."""
        self.send(206, CONTENT[5:], {"Content-Range": f"bytes 5-{len(CONTENT) - 1}/{len(CONTENT)}"})

    def page(self, _: str) -> None:
        """A page to sign in, with code 200."""
        self.send(200, b"\n<!DOCTYPE html><html><body>Sign in</body></html>", {"Content-Type": "text/html"})

    def slow(self, _: str) -> None:
        """Sends the file in pieces with pauses that are no stall."""
        self.send_response(200)
        self.send_header("Content-Length", str(len(CONTENT)))
        self.end_headers()
        for start in range(0, len(CONTENT), 500_000):
            self.wfile.write(CONTENT[start : start + 500_000])
            time.sleep(0.05)


@pytest.fixture
def publisher(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Publisher]:
    """A publisher whose file the catalogue knows as `tumours`; pauses are short."""
    publisher = Publisher()
    server = Server(publisher)
    Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    publisher.url = f"http://127.0.0.1:{server.server_port}/releases/tumours.bin"
    monkeypatch.setattr(download, "_PAUSE_S", 0.001)
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy", "NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TRIALGRAPH_SOURCES", str(tmp_path / "own.toml"))
    pin(tmp_path, publisher)
    yield publisher
    server.shutdown()
    server.server_close()


def pin(folder: Path, publisher: Publisher, **pinned: object) -> None:
    """Writes the catalogue anew, with these fields besides."""
    fields = {
        **dict.fromkeys(("title", "format", "licence", "permits", "citation"), "x"),
        **dict.fromkeys(("homepage", "licence_url"), "https://example.org/"),
        "download": publisher.url,
        "version_pattern": "(v[0-9]+)",
        "iri": "https://example.org/scheme",
        **pinned,
    }
    lines = "".join(f"{name} = {json.dumps(value)}\n" for name, value in fields.items())
    (folder / "own.toml").write_text(f"[tumours]\n{lines}")


def sha256(content: bytes) -> str:
    """The checksum of these bytes."""
    return hashlib.sha256(content).hexdigest()


def files(folder: Path) -> list[str]:
    """What stands in the folder."""
    return sorted(path.name for path in folder.iterdir())


def test_file_comes_whole_with_its_record(publisher: Publisher, own_cache: Path) -> None:
    """Into the cache, with checksum, address, and what the server said; nothing else is left."""
    seen: list[tuple[int, int]] = []
    file = ontologies.fetch("tumours", progress=lambda have, total: seen.append((have, total)))
    assert file == own_cache / "trialgraph" / "fetched" / "tumours" / "tumours.bin"
    assert file.read_bytes() == CONTENT
    record = ontologies.read_record(file)
    assert record is not None
    assert (record.name, record.url, record.size) == ("tumours", publisher.url, len(CONTENT))
    assert (record.sha256, record.pinned, record.etag) == (sha256(CONTENT), False, '"one"')
    assert record.day() == "2025-11-14"
    assert files(file.parent) == ["tumours.bin", "tumours.bin.json"]
    assert seen[-1] == (len(CONTENT), len(CONTENT))
    assert [have for have, _ in seen] == sorted({have for have, _ in seen})
    assert publisher.asked[0]["accept-encoding"] == "identity"
    assert ontologies.find_file("tumours") == file


def test_broken_connection_is_resumed_where_it_broke(publisher: Publisher) -> None:
    """Only the rest is asked for, on condition that the file is the same."""
    publisher.faults = ["cut 1000000", "cut 500000", "hang_up", "503"]
    assert ontologies.fetch("tumours").read_bytes() == CONTENT
    ranges = [asked.get("range") for asked in publisher.asked]
    assert ranges == [None, *["bytes=1000000-"], *["bytes=1500000-"] * 3]
    assert publisher.asked[1]["if-range"] == '"one"'


def test_later_run_goes_on_where_one_gave_up(publisher: Publisher) -> None:
    """What came is kept in a file of its own, and the file is not there before it is whole."""
    publisher.faults = ["cut 1000000", *["hang_up"] * 20]
    with pytest.raises(OntologyError, match=r"the download fails: .*What has come is kept"):
        ontologies.fetch("tumours")
    folder = fetched_folder("tumours")
    assert files(folder) == ["tumours.bin.part", "tumours.bin.part.json"]
    with pytest.raises(OntologyError, match="not fetched yet"):
        ontologies.find_file("tumours")
    publisher.faults, publisher.asked = [], []
    assert ontologies.fetch("tumours").read_bytes() == CONTENT
    assert [asked.get("range") for asked in publisher.asked] == ["bytes=1000000-"]
    assert files(folder) == ["tumours.bin", "tumours.bin.json"]


@pytest.mark.parametrize("etag", ['"two"', 'W/"two"', ""])
def test_changed_file_is_not_glued_to_the_old_part(publisher: Publisher, etag: str) -> None:
    """The condition fails, and the new file comes from its beginning."""
    publisher.faults = ["cut 1000000", *["hang_up"] * 20]
    with pytest.raises(OntologyError):
        ontologies.fetch("tumours")
    publisher.faults, publisher.content, publisher.etag = [], OTHER, etag
    publisher.modified = "Sat, 15 Nov 2025 05:00:00 GMT"
    assert ontologies.fetch("tumours").read_bytes() == OTHER


def test_server_that_ignores_the_condition_is_found_out(publisher: Publisher) -> None:
    """A rest under another ETag is of another file."""
    publisher.faults = ["cut 1000000", "glue"]
    assert ontologies.fetch("tumours").read_bytes() == CONTENT
    assert publisher.asked[2].get("range") is None


def test_other_range_than_was_asked_for_is_refused(publisher: Publisher) -> None:
    """What has come is given up, and the file comes anew."""
    publisher.faults = ["cut 1000000", "shifted"]
    assert ontologies.fetch("tumours").read_bytes() == CONTENT
    assert publisher.asked[2].get("range") is None


def test_server_without_ranges_begins_anew(publisher: Publisher) -> None:
    """It answers with the whole."""
    publisher.ranges = False
    publisher.faults = ["cut 1000000", "cut 2000000"]
    assert ontologies.fetch("tumours").read_bytes() == CONTENT


def test_nothing_is_resumed_without_a_validator(publisher: Publisher) -> None:
    """Neither ETag nor date: no one can say that it is the same file."""
    publisher.etag = publisher.modified = ""
    publisher.faults = ["cut 1000000"]
    assert ontologies.fetch("tumours").read_bytes() == CONTENT
    assert publisher.asked[1].get("range") is None


def test_date_is_the_validator_where_the_etag_is_weak(publisher: Publisher) -> None:
    """A weak one may stay when bytes change."""
    publisher.etag = 'W/"one"'
    publisher.faults = ["cut 1000000"]
    assert ontologies.fetch("tumours").read_bytes() == CONTENT
    assert publisher.asked[1]["if-range"] == publisher.modified


def test_whole_part_is_not_asked_for_again(publisher: Publisher, tmp_path: Path) -> None:
    """A run that was killed before it could name the file: the server has no such range left."""
    folder = fetched_folder("tumours")
    publisher.faults = ["cut 2999999", *["hang_up"] * 20]
    with pytest.raises(OntologyError):
        ontologies.fetch("tumours")
    (folder / "tumours.bin.part").write_bytes(CONTENT)
    publisher.faults = []
    assert ontologies.fetch("tumours").read_bytes() == CONTENT
    assert files(folder) == ["tumours.bin", "tumours.bin.json"]


def test_part_longer_than_the_file_is_given_up(publisher: Publisher) -> None:
    """It cannot be of this file."""
    publisher.faults = ["cut 1000000", *["hang_up"] * 20]
    with pytest.raises(OntologyError):
        ontologies.fetch("tumours")
    (fetched_folder("tumours") / "tumours.bin.part").write_bytes(CONTENT + b"more")
    publisher.faults = []
    assert ontologies.fetch("tumours").read_bytes() == CONTENT


@pytest.mark.parametrize(
    "fault", ["500", "502", "503", "503 0", "429", "408", "hang_up", "stall", "cut_chunk", "moved"]
)
def test_passing_trouble_is_passed_over(publisher: Publisher, fault: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The server is busy, closes, goes silent or sends elsewhere."""
    if fault == "stall":
        monkeypatch.setattr(download, "_TIMEOUT_S", 0.5)
    publisher.faults = [fault]
    assert ontologies.fetch("tumours").read_bytes() == CONTENT


@pytest.mark.parametrize("fault", ["slow", "chunks"])
def test_slow_file_and_one_of_unknown_size_come(publisher: Publisher, fault: str) -> None:
    """Without a fault being seen in either."""
    publisher.faults = [fault]
    assert ontologies.fetch("tumours").read_bytes() == CONTENT
    assert len(publisher.asked) == 1


@pytest.mark.parametrize("code", [400, 401, 403, 404, 410])
def test_file_that_is_not_there_is_an_error_at_once(publisher: Publisher, code: int) -> None:
    """Asking again would not help."""
    publisher.faults = [str(code)]
    with pytest.raises(OntologyError, match=f"HTTP {code}.*--from"):
        ontologies.fetch("tumours")
    assert len(publisher.asked) == 1


@pytest.mark.parametrize("fault", ["503", "hang_up", "cut 0"])
def test_lasting_trouble_is_an_error(publisher: Publisher, fault: str) -> None:
    """After five attempts that bring nothing new."""
    publisher.faults = [fault] * 50
    with pytest.raises(OntologyError, match="the download fails"):
        ontologies.fetch("tumours")
    assert len(publisher.asked) <= 6


def test_wait_that_is_too_long_is_an_error(publisher: Publisher) -> None:
    """Whoever asks for a day's patience is told so."""
    publisher.faults = [f"503 {formatdate(time.time() + 86_400, usegmt=True)}"]
    with pytest.raises(OntologyError, match="HTTP 503"):
        ontologies.fetch("tumours")


def test_server_that_is_not_there_is_an_error(publisher: Publisher, tmp_path: Path) -> None:
    """One line, with the address."""
    publisher.url = "http://127.0.0.1:9/tumours.bin"
    pin(tmp_path, publisher)
    with pytest.raises(OntologyError, match=r"127\.0\.0\.1:9.*refused") as error:
        ontologies.fetch("tumours")
    assert "\n" not in str(error.value)


def test_web_page_is_not_taken_for_the_file(publisher: Publisher) -> None:
    """Publishers lead to a page to sign in, with code 200."""
    publisher.faults = ["page"]
    with pytest.raises(OntologyError, match=r"web page.*browser"):
        ontologies.fetch("tumours")
    assert files(fetched_folder("tumours")) == []


def test_pinned_release_is_checked(publisher: Publisher, tmp_path: Path) -> None:
    """Size and checksum of the catalogue are met, and the record says so."""
    pin(tmp_path, publisher, size=len(CONTENT), sha256=sha256(CONTENT))
    record = ontologies.read_record(ontologies.fetch("tumours"))
    assert record is not None
    assert record.pinned


@pytest.mark.parametrize(
    ("pinned", "problem"),
    [
        ({"sha256": sha256(OTHER)}, f"another checksum; got '{sha256(CONTENT)}', expected {sha256(OTHER)}"),
        ({"size": len(CONTENT) + 1}, "another size; got '3,000,000 bytes', expected 3,000,001"),
        ({"size": 1000}, "more than the file has; got '3,000,000 bytes', expected 1,000"),
    ],
)
def test_other_release_than_the_pinned_one_is_refused(
    publisher: Publisher, tmp_path: Path, pinned: dict[str, object], problem: str
) -> None:
    """It never stands under the file's name."""
    pin(tmp_path, publisher, **pinned)
    with pytest.raises(OntologyError, match=problem):
        ontologies.fetch("tumours")
    assert "tumours.bin" not in files(fetched_folder("tumours"))


def test_size_that_is_not_told_is_still_bounded(publisher: Publisher, tmp_path: Path) -> None:
    """A server may send without end."""
    pin(tmp_path, publisher, size=1000)
    publisher.faults = ["chunks"]
    with pytest.raises(OntologyError, match="more than the file has"):
        ontologies.fetch("tumours")
    assert (fetched_folder("tumours") / "tumours.bin.part").stat().st_size < len(CONTENT)


def test_part_that_spoils_the_checksum_is_replaced_once(publisher: Publisher, tmp_path: Path) -> None:
    """Its bytes were damaged on the disk; the file comes from the beginning."""
    pin(tmp_path, publisher, sha256=sha256(CONTENT))
    publisher.faults = ["cut 1000000", *["hang_up"] * 20]
    with pytest.raises(OntologyError):
        ontologies.fetch("tumours")
    (fetched_folder("tumours") / "tumours.bin.part").write_bytes(b"\x00" * 1_000_000)
    publisher.faults = []
    assert ontologies.fetch("tumours").read_bytes() == CONTENT


def test_file_that_is_there_is_not_sent_again(publisher: Publisher) -> None:
    """Unless the server has another, or ours was changed."""
    file = ontologies.fetch("tumours")
    ontologies.fetch("tumours")
    assert publisher.asked[-1]["if-none-match"] == '"one"'
    file.write_bytes(b"changed")
    assert ontologies.fetch("tumours").read_bytes() == CONTENT
    publisher.content, publisher.etag = OTHER, '"two"'
    assert ontologies.fetch("tumours").read_bytes() == OTHER


def test_failed_fetch_leaves_the_former_release(publisher: Publisher) -> None:
    """It is there until a new one is whole."""
    file = ontologies.fetch("tumours")
    publisher.content, publisher.etag, publisher.faults = OTHER, '"two"', ["cut 1000", *["hang_up"] * 20]
    with pytest.raises(OntologyError):
        ontologies.fetch("tumours")
    assert file.read_bytes() == CONTENT
    assert ontologies.find_file("tumours") == file


def test_proxy_of_the_environment_is_asked(
    publisher: Publisher, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The address goes to it whole; NO_PROXY goes past it."""
    monkeypatch.setenv("HTTP_PROXY", publisher.url.rpartition("/releases")[0])
    publisher.url = "http://publisher.example/tumours.bin"
    pin(tmp_path, publisher)
    assert ontologies.fetch("tumours").read_bytes() == CONTENT
    assert publisher.asked[0]["path"] == "http://publisher.example/tumours.bin"


def test_copy_at_hand_is_taken(publisher: Publisher, tmp_path: Path) -> None:
    """Under its own name, which may tell the version; the former release makes way; nobody is asked."""
    ontologies.fetch("tumours")
    publisher.asked.clear()
    (tmp_path / "tumours-v7.ttl").write_text(SKOS.replace('owl:versionInfo "3.1"', "owl:deprecated false"))
    file = ontologies.fetch("tumours", source=tmp_path / "tumours-v7.ttl")
    assert publisher.asked == []
    assert files(file.parent) == ["tumours-v7.ttl", "tumours-v7.ttl.json"]
    assert ontologies.load(ontologies.find_file("tumours")).version == "v7"


def test_copy_is_checked_like_the_publishers_file(publisher: Publisher, tmp_path: Path) -> None:
    """And a wrong one is not taken."""
    pin(tmp_path, publisher, sha256=sha256(CONTENT))
    (tmp_path / "copy.bin").write_bytes(OTHER)
    with pytest.raises(OntologyError, match=r"copy\.bin: the file has another checksum"):
        ontologies.fetch("tumours", source=tmp_path / "copy.bin")
    assert files(fetched_folder("tumours")) == []
    assert (tmp_path / "copy.bin").read_bytes() == OTHER


def test_folder_of_rxnorm_is_packed_and_read(publisher: Publisher, tmp_path: Path) -> None:
    """The same tables give the same zip."""
    folder = rxnorm(tmp_path / "RxNorm_full_10062025")
    file = ontologies.fetch("rxnorm", source=folder)
    first = file.read_bytes()
    assert file.name == "RxNorm_full_10062025.zip"
    os.utime(folder / "rrf" / "RXNREL.RRF", (1, 1_000_000_000))
    assert ontologies.fetch("rxnorm", source=folder).read_bytes() == first
    assert ontologies.load(ontologies.find_file("rxnorm")).version == "10062025"


def test_other_folder_takes_the_file_and_keeps_what_it_has(publisher: Publisher, tmp_path: Path) -> None:
    """It is the user's own."""
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "notes.txt").write_text("mine")
    assert ontologies.fetch("tumours", to=tmp_path / "mine") == tmp_path / "mine" / "tumours.bin"
    assert files(tmp_path / "mine") == ["notes.txt", "tumours.bin", "tumours.bin.json"]
    assert ontologies.find_fetched("tumours") is None


def test_file_fetched_under_another_name_is_not_loaded_under_it(publisher: Publisher, tmp_path: Path) -> None:
    """MONDO under the name of ChEBI would make diseases of drugs."""
    (tmp_path / "tumours.ttl").write_text(SKOS)
    ontologies.fetch("chebi", source=tmp_path / "tumours.ttl")
    with pytest.raises(OntologyError, match="another ontology; got 'tumours', expected chebi"):
        ontologies.load(ontologies.find_file("chebi"))


def test_version_is_the_servers_date_where_nothing_tells_one(publisher: Publisher) -> None:
    """Licences ask to state the version."""
    publisher.content = SKOS.replace('owl:versionInfo "3.1"', "owl:deprecated false").encode()
    assert ontologies.load(ontologies.fetch("tumours")).version == "2025-11-14"


@pytest.mark.parametrize("name", ["missing.owl", "."])
def test_copy_that_is_not_there_is_an_error(publisher: Publisher, tmp_path: Path, name: str) -> None:
    """No file, and a folder that is no release."""
    with pytest.raises(OntologyError, match="cannot be read"):
        ontologies.fetch("tumours", source=tmp_path / name)


def test_place_that_cannot_be_written_is_an_error(publisher: Publisher, tmp_path: Path) -> None:
    """It is named."""
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(OntologyError, match="cannot be written"):
        ontologies.fetch("tumours", to=tmp_path / "file")


def test_unknown_name_and_one_without_a_release_are_errors() -> None:
    """ATC's table may not be had."""
    with pytest.raises(NotFound, match="Did you mean mesh"):
        ontologies.fetch("mehs")
    with pytest.raises(OntologyError, match=r"nothing to fetch.*may not be redistributed"):
        ontologies.fetch("atc")


def test_name_of_the_file_leaves_its_folder_never(publisher: Publisher, tmp_path: Path) -> None:
    """An address may end in anything."""
    publisher.url = publisher.url.rpartition("/")[0] + "/..%2F..%2F.evil%20name?x=/y"
    pin(tmp_path, publisher)
    file = ontologies.fetch("tumours")
    assert file.name == "evil-name"
    assert file.parent == fetched_folder("tumours")
