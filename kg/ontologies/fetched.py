"""What was fetched: the files in our cache, and beside each what is known of it."""

from contextlib import suppress
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path

import msgspec

from kg.ontologies.cache import place, write_beside

__all__ = ["Record", "fetched_folder", "find_fetched", "now", "read_record", "record_path", "write_record"]


class Record(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of a fetched file: of which ontology, from where, what the server said of it, and its checksum.

    `modified` and `etag` are the server's headers; `pinned` says that the catalogue's checksum was met.
    """

    name: str
    url: str
    size: int
    sha256: str
    fetched: str
    pinned: bool = False
    etag: str = ""
    modified: str = ""

    def day(self) -> str:
        """The day that the server gives the file, as YYYY-MM-DD; empty if it gives none.

        >>> Record(name="x", url="", size=0, sha256="", fetched="", modified="Fri, 14 Nov 2025 05:00:00 GMT").day()
        '2025-11-14'
        """
        try:
            return parsedate_to_datetime(self.modified).astimezone(UTC).date().isoformat()
        except (TypeError, ValueError, OverflowError):
            return ""


def fetched_folder(name: str) -> Path:
    """Where the release of this ontology stands in our cache."""
    return place("fetched") / name


def record_path(file: Path) -> Path:
    """Where the record of a file stands."""
    return file.with_name(f"{file.name}.json")


def find_fetched(name: str) -> Path | None:
    """The release of this ontology that was fetched last; None if none was. A name that is a path is none."""
    if not name.replace("-", "").replace("_", "").isalnum():
        return None
    found = [(record.fetched, path) for path in _files(name) if (record := read_record(path)) and record.name == name]
    return max(found)[1] if found else None


def _files(name: str) -> list[Path]:
    records = fetched_folder(name).glob("*.json")
    return [file for record in records if (file := record.with_suffix("")).is_file()]


def read_record(file: Path) -> Record | None:
    """What is known of this file; None if it was not fetched."""
    with suppress(OSError, ValueError):
        return msgspec.json.decode(record_path(file).read_bytes(), type=Record)
    return None


def write_record(file: Path, record: Record) -> None:
    """Writes what is known of this file beside it.

    Raises:
        OSError: if it cannot be written.
    """
    write_beside(record_path(file), msgspec.json.format(msgspec.json.encode(record)))


def now() -> str:
    """This moment, for a record."""
    return datetime.now(UTC).isoformat(timespec="microseconds")
