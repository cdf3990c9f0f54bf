"""A release comes into our cache, whole and checked: from its publisher's server, or from a file at hand."""

import os
import re
import zipfile
from collections.abc import Callable, Iterator
from hashlib import file_digest
from pathlib import Path
from shutil import copyfile, copyfileobj
from urllib.parse import unquote, urlsplit

from kg.errors import OntologyError
from kg.ontologies.download import Answer, Progress, download, forget_part, part_path
from kg.ontologies.fetched import Record, fetched_folder, now, read_record, record_path, write_record
from kg.ontologies.release import Release, explained
from kg.ontologies.sources import Source, source_named

__all__ = ["fetch"]


def fetch(name: str, *, source: Path | None = None, to: Path | None = None, progress: Progress | None = None) -> Path:
    """The release of this ontology stands in our cache, or in the folder `to`; gives its file.

    It comes from the file or folder `source` if there is one, else from the publisher's server; one that is there
    already, and is still what the server has, is not fetched again. The file appears under its name only when it is
    whole and has the size and checksum of the catalogue, if that pins them; its own are recorded beside it.

    Raises:
        NotFound: if the catalogue has no such name.
        OntologyError: if there is nothing to fetch, the file does not come whole, is not the pinned one, or cannot be
            written.
    """
    entry = source_named(name)
    if source is None and not entry.download:
        problem = "there is nothing to fetch: only single codes of it are used"
        raise OntologyError(name, problem, remedy=entry.permits)
    release = _at_hand(source) if source else None
    place = release.path.absolute().name if release else urlsplit(entry.download).path
    end = ".zip" if release and release.is_folder else ""
    file = (to or fetched_folder(name)) / f"{_file_name(place) or name}{end}"
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        if release:
            _bring(entry, file, lambda: _copy(release, file))
        elif not _download(entry, file, progress or (lambda _have, _total: None)):
            return file
    except OSError as error:
        raise OntologyError(str(file), f"the file cannot be written ({error.strerror or error})") from error
    if to is None:
        _forget_others(file)
    return file


def _at_hand(source: Path) -> Release:
    with explained(source):
        return Release(source)


def _file_name(path: str) -> str:
    """The last part of a path or address, without what a file's name must not have."""
    name = unquote(path).rstrip("/").rpartition("/")[2]
    return re.sub(r"[^\w.-]+", "-", name).lstrip(".-")[:120]


def _download(entry: Source, file: Path, progress: Progress) -> bool:
    """Whether a file came that was not there yet."""
    record = _kept(entry, file)
    known = Answer(record.url, record.size, record.etag, record.modified) if record else None
    part = part_path(file)
    resumed = part.is_file()
    answer = download(entry.download, file, progress, size=entry.size, known=known)
    if answer is None:
        return False
    if resumed and _differs(entry, part):
        # The rest of a part that was not what its validator said: once from the beginning.
        forget_part(file)
        answer = download(entry.download, file, progress, size=entry.size)
    _bring(entry, file, lambda: answer or Answer(entry.download))
    return True


def _kept(entry: Source, file: Path) -> Record | None:
    """The record of a file that is there, and is the one recorded and pinned."""
    record = read_record(file)
    if record is None or record.name != entry.name or not file.is_file() or _differs(entry, file):
        return None
    return record if _sha256(file) == record.sha256 else None


def _bring(entry: Source, file: Path, obtain: Callable[[], Answer]) -> None:
    """Obtains the part, checks it, and gives it its name and its record."""
    part = part_path(file)
    answer = obtain()
    if _is_web_page(part):
        forget_part(file)
        problem = "there is a web page in place of the file, perhaps to sign in"
        raise OntologyError(answer.url, problem, remedy="Fetch it with a browser, and give it with --from.")
    if difference := _differs(entry, part):
        forget_part(file)
        what, got, expected = difference
        remedy = "It is damaged or another release: fetch it again, or pin the new one in the catalogue."
        raise OntologyError(answer.url, f"the file has another {what}", got=got, expected=expected, remedy=remedy)
    record = Record(
        name=entry.name,
        url=answer.url,
        size=part.stat().st_size,
        sha256=_sha256(part),
        fetched=now(),
        pinned=bool(entry.sha256),
        etag=answer.etag,
        modified=answer.modified,
    )
    # Without its record for a moment: a record never speaks of another file.
    record_path(file).unlink(missing_ok=True)
    part.replace(file)
    forget_part(file)
    write_record(file, record)


def _differs(entry: Source, file: Path) -> tuple[str, str, str] | None:
    """In what the file is not the pinned release, what it has, and what it should have; None if it is, or none is."""
    size = file.stat().st_size
    if entry.size and size != entry.size:
        return "size", f"{size:,} bytes", f"{entry.size:,}"
    if entry.sha256 and (checksum := _sha256(file)) != entry.sha256:
        return "checksum", checksum, entry.sha256
    return None


def _is_web_page(file: Path) -> bool:
    with file.open("rb") as stream:
        return stream.read(512).lstrip().lower().startswith((b"<!doctype html", b"<html"))


def _sha256(file: Path) -> str:
    with file.open("rb") as stream:
        return file_digest(stream, "sha256").hexdigest()


def _copy(release: Release, file: Path) -> Answer:
    """Copies a file; packs a folder of RxNorm's tables into a zip, the same for the same tables."""
    part = part_path(file)
    if not release.is_folder:
        copyfile(release.path, part)
        return Answer(release.path.name)
    with zipfile.ZipFile(part, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in release.names:
            entry = zipfile.ZipInfo(name)  # dated 1980, whatever the table's date
            entry.compress_type = zipfile.ZIP_DEFLATED
            with (release.path / name).open("rb") as table, archive.open(entry, "w", force_zip64=True) as packed:
                copyfileobj(table, packed)
    return Answer(release.path.name)


def _forget_others(file: Path) -> None:
    """Our cache keeps one release of an ontology."""
    for other in _others(file):
        other.unlink(missing_ok=True)


def _others(file: Path) -> Iterator[Path]:
    keep = {file.name, record_path(file).name}
    with os.scandir(file.parent) as entries:
        yield from [Path(entry.path) for entry in entries if entry.is_file() and entry.name not in keep]
