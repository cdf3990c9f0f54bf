"""Where a finding stands, as CI systems name it: a file by its path from here, a line of it, a member of an archive."""

import re
from functools import lru_cache
from os.path import normpath, relpath
from pathlib import Path
from urllib.parse import quote

import msgspec

from kg.finding import Finding

__all__ = ["Location", "find_location", "find_mapping"]

#: The record's number in a document that holds several: `#/3`, `#/studies/3`.
_POINTER = re.compile(r"#(?:/studies)?/\d+$")
#: The line of a file of JSON lines.
_LINE = re.compile(r":\d+$")
_MEMBER = re.compile(r"(?P<file>.+?\.zip)!(?P<member>.+)", re.IGNORECASE | re.DOTALL)
_MAPPING = re.compile(r"(?P<file>.+):(?P<line>\d+)", re.DOTALL)
_URL = re.compile(r"https?://", re.IGNORECASE)


class Location(msgspec.Struct, frozen=True):
    """A file, the member if it is an archive, and the line (0: unknown), which is the member's if there is one."""

    file: str
    member: str = ""
    line: int = 0

    @property
    def is_packed(self) -> bool:
        """Whether the line is none of the file itself."""
        return bool(self.member) or self.file.lower().endswith((".gz", ".zip"))

    @property
    def is_remote(self) -> bool:
        """Whether it was fetched from an address."""
        return _URL.match(self.file) is not None

    @property
    def uri(self) -> str:
        """The file as a reference (https://www.rfc-editor.org/rfc/rfc3986#section-4.1), relative if it stands below."""
        if self.is_remote:
            return quote(self.file, safe=":/?#[]@!$&'()*+,;=%-._~")
        path = quote(self.file, safe="/-._~")
        return f"file://{path}" if path.startswith("/") else path

    @property
    def text(self) -> str:
        """`file:line`, `file!member:line`, or what is known of it."""
        name = f"{self.file}!{self.member}" if self.member else self.file
        return f"{name}:{self.line}" if self.line else name


def find_location(finding: Finding) -> Location | None:
    """Where the finding stands; None if it names no source."""
    if not finding.source:
        return None
    name = _POINTER.sub("", finding.source)
    if _URL.match(name):
        return Location(finding.source, "", finding.line)
    match = _MEMBER.fullmatch(name)
    file, member = (match["file"], match["member"]) if match else (name, "")
    if member:
        member = _LINE.sub("", member)
    else:
        file = _LINE.sub("", file)
    return Location(_seen_from_here(file), member, finding.line)


def find_mapping(finding: Finding) -> Location | None:
    """Where the mapping rule stands; None if there is none."""
    match = _MAPPING.fullmatch(finding.mapping)
    return Location(match["file"], "", int(match["line"])) if match else None


@lru_cache(maxsize=1)
def _seen_from_here(file: str) -> str:
    path = normpath(file)
    if path.startswith("/"):
        below = relpath(path)
        path = path if below.startswith("..") else below
    return Path(path).as_posix()
