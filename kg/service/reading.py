"""Whether a query may be run: it only reads, and calls no service but those of hosts that are allowed."""

import re
from collections.abc import Collection
from functools import lru_cache
from urllib.parse import urlsplit

from kg.errors import QueryRefused
from kg.queries import check_read_only
from kg.service.problems import Refused

__all__ = ["check_query"]

#: A call of a service by its whole address, as https://www.w3.org/TR/sparql11-query/#rServiceGraphPattern has it.
_CALL = re.compile(r"\bSERVICE(\s+SILENT)?\s*<([^<>\"{}|^`\\\x00-\x20]*)>", re.IGNORECASE)


def check_query(text: str, hosts: Collection[str] = ()) -> bool:
    """Returns, if the query may be run, whether it calls a service.

    Raises:
        Refused: if it is an update, or calls a service of another host, or one whose address is not written out.
    """
    return (_remembered if len(text) <= _SHORT else _checked)(text, tuple(hosts))


#: Characters of a query that is remembered, and how many are: programs ask the same few again and again.
_SHORT, _REMEMBERED = 10_000, 256


def _checked(text: str, hosts: tuple[str, ...]) -> bool:
    # What is allowed is taken out of a copy, also in texts and comments, where it harms nobody; what is left decides.
    checked = _CALL.sub(lambda match: " " if _host(match[2]) in hosts else match[0], text)
    try:
        check_read_only(checked)
    except QueryRefused as error:
        kind = "service" if "SERVICE" in error.problem else "update"
        raise Refused(403, kind, error.where, error.problem, got=error.got, remedy=error.remedy) from error
    return checked != text


_remembered = lru_cache(_REMEMBERED)(_checked)


def _host(address: str) -> str:
    """`host` or `host:port`, as it stands after the scheme; nothing if it is no address of the web."""
    parts = urlsplit(address)
    return parts.netloc.lower() if parts.scheme in ("http", "https") else ""
