"""A query of a page -> rows, through the workers: with their deadline and their limits."""

import re
from collections.abc import Mapping
from functools import cache
from hashlib import sha256
from pathlib import Path

import msgspec
from starlette.requests import Request

from kg import __version__
from kg.errors import KgError
from kg.service.exchange import ask, find_unchanged, service_of
from kg.service.formats import ROWS
from kg.service.wire import Choice, Failure, Format, TextTask
from kg.vocab import PREFIXES

__all__ = ["Row", "Term", "Unanswered", "Unchanged", "ask_rows", "page_headers", "prologue"]


class Term(msgspec.Struct, frozen=True):
    """A term of an answer, as SPARQL's JSON results have it."""

    value: str
    type: str = "literal"
    datatype: str = ""
    lang: str = msgspec.field(name="xml:lang", default="")

    @property
    def is_iri(self) -> bool:
        """Whether it names a thing."""
        return self.type == "uri"


#: Variable -> what it is bound to.
Row = Mapping[str, Term]


class _Bindings(msgspec.Struct):
    bindings: list[dict[str, Term]]


class _Results(msgspec.Struct):
    results: _Bindings


class Unanswered(KgError):  # noqa: N818 - named by what failed
    """A worker gave no answer; `told` says why, as clients of the service would hear it."""

    def __init__(self, told: Failure) -> None:
        self.told = told
        super().__init__("page", told.detail)


_JSON = Choice(Format("json", ROWS["json"][0]), None, None)


async def ask_rows(request: Request, text: str) -> list[dict[str, Term]]:
    """The rows that answer a query.

    Raises:
        Unanswered: if the query fails in the worker.
        KgError: if there is no worker, or the deadline passes.
    """
    told = await ask(request, TextTask(text=text, choice=_JSON))
    if isinstance(told, Failure):
        raise Unanswered(told)
    return msgspec.json.decode(told.body, type=_Results).results.bindings


_PREFIX = re.compile(r"(?<![\w:#<])([A-Za-z]\w*):[\w]")


@cache
def prologue(text: str) -> str:
    """A query with the prefixes that it uses declared."""
    used = sorted({found for found in _PREFIX.findall(text) if found in PREFIXES})
    return "".join(f"PREFIX {prefix}: <{PREFIXES[prefix]}>\n" for prefix in used) + text


class Unchanged(Exception):  # noqa: N818 - no error: the page need not be made
    """The client has the page already; `headers` are those that go with it."""

    def __init__(self, headers: dict[str, str]) -> None:
        self.headers = headers
        super().__init__()


@cache
def _edition() -> str:
    """What changes when the pages themselves do."""
    digest = sha256(__version__.encode())
    for file in sorted(Path(__file__).parent.rglob("*")):
        if file.suffix in {".py", ".html", ".css", ".js"}:
            digest.update(file.read_bytes())
    return digest.hexdigest()


def page_headers(request: Request, link: str = "") -> dict[str, str]:
    """The headers of a page that is the same as long as the build, the address and the pages are.

    Raises:
        Unchanged: if the client has it.
    """
    service = service_of(request)
    etag = service.etag(str(request.url), service.base(request), "html", _edition())
    headers = {"Cache-Control": "no-cache", "Vary": "Accept"}
    headers |= {"ETag": etag} if etag else {}
    headers |= {"Link": link} if link else {}
    if find_unchanged(request, headers):
        raise Unchanged(headers)
    return headers
