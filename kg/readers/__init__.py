"""Bytes -> Trials. One module a source format; what cannot be read is a `Finding`, and the run goes on."""

import codecs
from collections.abc import Callable, Collection, Iterable, Iterator
from pathlib import Path

import msgspec

from kg.errors import SourceError
from kg.finding import Finding
from kg.model import Trial
from kg.readers import api_v2, page, xml
from kg.readers.api_v2 import API_V2
from kg.readers.documents import Document, check_sources, find_files, iter_documents, nothing_here
from kg.readers.form import check_form
from kg.readers.format import Format, Notes, Reading
from kg.readers.page import PAGE, is_page
from kg.readers.partitions import Partition, Studies, iter_partition, plan_partitions
from kg.readers.studies import decode_start, find_break, is_transcoded, split_studies
from kg.readers.xml import XML

__all__ = [
    "FORMATS",
    "Outcome",
    "Partition",
    "Raw",
    "check_sources",
    "detect_format",
    "find_files",
    "iter_partition",
    "nothing_here",
    "plan_partitions",
    "read_document",
    "read_found",
    "read_notes",
    "read_raw",
    "read_records",
    "split_found",
]

#: Source format -> its table; best first where two records of one trial are equally new.
FORMATS: tuple[Format, ...] = (API_V2, XML, PAGE)


class Outcome(msgspec.Struct, frozen=True):
    """What reading one record gave: the trial, if it has one, and what was found wrong with it."""

    trial: Trial | None
    findings: tuple[Finding, ...] = ()


def detect_format(data: bytes) -> Format | None:
    """The format of a document, by its content; None if it is none of ours."""
    start = decode_start(data[:4096]).lstrip()
    if start[:1] in (b"{", b"["):
        return API_V2
    if b"<clinical_study" in start:
        return XML
    # Of an HTML page, the first kilobytes are navigation.
    return PAGE if is_page(data[:65536]) else None


_READ: dict[str, Callable[[bytes, Reading], Trial | None]] = {
    API_V2.name: api_v2.read_study,
    XML.name: xml.read_study,
    PAGE.name: page.read_study,
}


class Raw(msgspec.Struct, frozen=True):
    """One record, not yet read: its bytes, of what format, and what it is called."""

    format: Format
    name: str
    data: bytes
    transcoded: bool = False


def split_found(found: Document | Studies | Finding) -> Iterator[Raw | Outcome]:
    """Every record in something that sources hold, unread; what cannot hold any is an outcome at once."""
    if isinstance(found, Finding):
        yield Outcome(None, (found,))
    elif isinstance(found, Studies):
        for pointer, record in found.records:
            yield Raw(API_V2, found.name + pointer, record, found.transcoded)
    else:
        yield from _split_document(found)


def _split_document(document: Document) -> Iterator[Raw | Outcome]:
    data = document.data.removeprefix(codecs.BOM_UTF8)
    source_format = detect_format(data)
    if source_format is None:
        yield Outcome(None, (_unreadable(document, "unknown-format", "no study record of a format that is known"),))
        return
    try:
        records = split_studies(data) if source_format is API_V2 else [("", data)]
    except SourceError as error:
        yield Outcome(None, (_unreadable(document, "broken-json", str(error), find_break(data, str(error))),))
        return
    if not records:
        yield Outcome(None, (_unreadable(document, "no-records", "a list without a study"),))
    transcoded = source_format is API_V2 and is_transcoded(data)
    for pointer, record in records:
        yield Raw(source_format, document.name + pointer, record, transcoded)


def read_raw(raw: Raw) -> Outcome:
    """The trial of a record."""
    reading = Reading(raw.format, raw.name)
    if raw.transcoded:
        reading.flag("encoding", "no UTF-8: read as what its byte order mark says", severity="info")
    trial = _READ[raw.format.name](raw.data, reading)
    if raw.format is API_V2 and trial is not None:
        check_form(raw.data, reading)
    return Outcome(trial, tuple(reading.findings))


def read_document(document: Document) -> Iterator[Outcome]:
    """Every record in one document."""
    return read_found(document)


def read_found(found: Document | Studies | Finding) -> Iterator[Outcome]:
    """Every record in something that sources hold."""
    for item in split_found(found):
        yield read_raw(item) if isinstance(item, Raw) else item


def read_notes(document: Document, wanted: Collection[str]) -> Iterator[tuple[str, Trial, Notes]]:
    """(pointer, trial, where each value stands) of the records of a document that stand at the `wanted` pointers."""
    data = document.data.removeprefix(codecs.BOM_UTF8)
    source_format = detect_format(data)
    if source_format is None:
        return
    try:
        records = split_studies(data) if source_format is API_V2 else [("", data)]
    except SourceError:
        return
    for pointer, record in records:
        if pointer.removeprefix("#") not in wanted:
            continue
        notes = Notes(source_format)
        trial = _READ[source_format.name](record, Reading(source_format, document.name + pointer, notes=notes))
        if trial is not None:
            yield pointer.removeprefix("#"), trial, notes


def _unreadable(document: Document, rule: str, message: str, place: str = "") -> Finding:
    return Finding(rule=rule, message=message, severity="violation", source=document.name, place=place)


def read_records(sources: Iterable[Path]) -> Iterator[Outcome]:
    """Every record in files, folders and zips of any format, in a stable order, one document in memory at a time.

    A source that is no file but an NCT number is fetched from the registry.

    Raises:
        SourceError: if a source does not exist.
        RegistryError: if the registry does not give the record of a number.
    """
    for document in iter_documents(sources):
        yield from read_found(document)
