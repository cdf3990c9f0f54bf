"""What a publisher decides about a release, and what follows from the graph."""

import re
from datetime import date
from hashlib import sha256

import msgspec

from kg.errors import UsageError
from kg.publishing.dumps import Dump
from kg.publishing.manifest import Manifest

__all__ = ["DESCRIPTION", "QUERIES", "Release", "Terms", "release_name"]

#: The file of a bundle that describes it; what it speaks of is named by its fragments.
DESCRIPTION = "dataset.ttl"
#: The file of examples of SPARQL.
QUERIES = "queries.ttl"
#: What may stand in an address on the web: no spaces, no brackets.
_ADDRESS = re.compile(r"https?://[^\s<>\"{}|\\^`\x00-\x1f\x7f]+")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,60}")


class Terms(msgspec.Struct, frozen=True, kw_only=True):
    """Who publishes, where and on what terms: what no graph can say.

    `licence` is for what is ours to license; ontologies keep their own. `release` names this release, and is made of
    the records' last day and a hash of the content where it is not given; `previous` names the release before it.
    `endpoint` is where the graph can be asked.
    """

    base_url: str
    licence: str
    publisher: str
    publisher_url: str = ""
    title: str = "Clinical trials as linked data"
    release: str = ""
    previous: str = ""
    issued: str = ""
    endpoint: str = ""

    def checked(self) -> "Terms":
        """The same, if it can be published; the base's address ends in a slash.

        Raises:
            UsageError: if something is missing, or is not what it should be.
        """
        _require("--license", self.licence, "licence", "the IRI of a licence: https://creativecommons.org/…")
        _require("--publisher", self.publisher.strip(), "publisher", "the name of a person or an organisation")
        _require("--title", self.title.strip(), "title", "what people call the dataset")
        _require("--base-url", self.base_url, "base address", "the address at which the bundle will stand")
        for option, address in (
            ("--base-url", self.base_url),
            ("--license", self.licence),
            ("--publisher-url", self.publisher_url),
            ("--endpoint", self.endpoint),
        ):
            if address and not _ADDRESS.fullmatch(address):
                raise UsageError(option, "no address on the web", got=address, expected="https://… or http://…")
        if "#" in self.base_url or "?" in self.base_url:
            raise UsageError("--base-url", "the address of a folder has no # and no ?", got=self.base_url)
        for option, name in (("--release", self.release), ("--previous", self.previous)):
            if name and not _NAME.fullmatch(name):
                raise UsageError(option, "no name of a release", got=name, expected="letters, digits, . _ -")
        _check_day(self.issued)
        return msgspec.structs.replace(self, base_url=self.base_url.rstrip("/") + "/")


def _require(option: str, value: str, what: str, expected: str) -> None:
    if not value:
        raise UsageError(option, f"a bundle is not published without a {what}", expected=expected)


def _check_day(text: str) -> None:
    try:
        is_day = not text or date.fromisoformat(text).isoformat() == text
    except ValueError:
        is_day = False
    if not is_day:
        raise UsageError("--issued", "no day", got=text, expected="YYYY-MM-DD")


class Release(msgspec.Struct, frozen=True, kw_only=True):
    """One release: the publisher's terms, its name, the last day of its records, its files, and how it was built."""

    terms: Terms
    name: str
    latest: str
    dumps: list[Dump]
    manifest: Manifest

    def node(self, local: str = "") -> str:
        """The IRI of something of this release; of the release itself if nothing is named."""
        return f"{self.terms.base_url}{DESCRIPTION}#{self.name}{f'/{local}' if local else ''}"

    def lasting(self, local: str) -> str:
        """The IRI of something that every release has in common."""
        return f"{self.terms.base_url}{DESCRIPTION}#{local}"

    def address(self, path: str) -> str:
        """Where a file of the bundle can be had."""
        return f"{self.terms.base_url}{path}"


def release_name(latest: str, dumps: list[Dump]) -> str:
    """The name of a release that was given none: its records' last day, and eight digits of its content's hash."""
    digest = sha256("".join(dump.sha256 for dump in dumps if dump.format == "nquads").encode()).hexdigest()[:8]
    return f"{latest}-{digest}" if latest else digest
