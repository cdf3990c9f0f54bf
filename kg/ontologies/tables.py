"""Tables with a header: FDA's list of UNII names, and DrugBank's open vocabulary.

UNII names      a row a name: its kind, the substance's identifier, and the name that FDA shows for the substance
                (https://precision.fda.gov/uniisearch/archive)
DrugBank        a row a drug: identifiers and synonyms (https://go.drugbank.com/releases/latest#open-data)
"""

import codecs
import csv
import re
from collections.abc import Callable, Iterator
from io import TextIOWrapper
from typing import IO, Literal, cast

import msgspec

from kg.concept import Concept
from kg.errors import OntologyError
from kg.ontologies.facts import Stated, ordered
from kg.ontologies.hierarchy import remark
from kg.ontologies.release import Release
from kg.vocab import PREFIXES

__all__ = ["Layout", "find_layout", "read_table"]

_Row = dict[str, str]


class Held(msgspec.Struct):
    """What the rows of one identifier say, in the order of the rows."""

    label: str
    exact: set[str]
    brands: set[str]
    xrefs: set[str]


class Layout(msgspec.Struct, frozen=True, kw_only=True):
    """How a table is laid out. `columns` are ours -> the publisher's, in the spellings of several years."""

    source: str
    prefix: str
    files: re.Pattern[str]
    delimiter: str
    quoting: Literal[0, 3]
    columns: dict[str, tuple[str, ...]]
    identifier: re.Pattern[str]
    add: Callable[[Held, _Row], None]


#: The vocabulary in which a name stands, which UNII names have behind them: "SIROLIMUS [USP-RS]".
_TAG = re.compile(r"\s+\[[A-Z][A-Z .:-]+\]$")


def _add_unii(held: Held, row: _Row) -> None:
    name = _TAG.sub("", row["name"])
    (held.brands if row["kind"].lower() == "bn" else held.exact).add(name)


def _add_drugbank(held: Held, row: _Row) -> None:
    held.exact |= {row["label"], *(name.strip() for name in row["synonyms"].split("|"))}
    former = {name.strip() for name in row["accessions"].split("|")} - {row["identifier"]}
    held.xrefs |= {f"DrugBank:{number}" for number in former if _DRUGBANK.fullmatch(number)}
    held.xrefs |= {f"{prefix}:{row[column]}" for prefix, column in (("CAS", "cas"), ("UNII", "unii")) if row[column]}


_DRUGBANK = re.compile(r"DB\d{5,6}")

_LAYOUTS = (
    Layout(
        source="unii",
        prefix="UNII",
        files=re.compile(r"UNII_Names.*\.txt(?:\.gz)?", re.IGNORECASE),
        delimiter="\t",
        quoting=csv.QUOTE_NONE,
        columns={
            "identifier": ("unii",),
            "label": ("display name", "display_name", "pt"),
            "name": ("name",),
            "kind": ("type",),
        },
        identifier=re.compile(r"[0-9A-Z]{10}"),
        add=_add_unii,
    ),
    Layout(
        source="drugbank",
        prefix="DrugBank",
        files=re.compile(r"drugbank.vocabulary.*\.csv(?:\.gz)?", re.IGNORECASE),
        delimiter=",",
        quoting=csv.QUOTE_MINIMAL,
        columns={
            "identifier": ("drugbank id",),
            "label": ("common name",),
            "synonyms": ("synonyms",),
            "accessions": ("accession numbers",),
            "cas": ("cas",),
            "unii": ("unii",),
        },
        identifier=_DRUGBANK,
        add=_add_drugbank,
    ),
)

_TABLE_FILE = re.compile(r".+\.(?:csv|tsv|txt)(?:\.gz)?", re.IGNORECASE)
_MAX_HEADER = 4096


def find_layout(release: Release) -> tuple[Layout, str] | None:
    """The table that the release holds, and its file; None if it is none that we know.

    Raises:
        OntologyError: if there is a table, but with columns of another.
        OSError, EOFError, zipfile.BadZipFile: see `explained`.
    """
    for layout in _LAYOUTS:
        if name := release.find(layout.files):
            return layout, name
    tables = [name for name in release.names if _TABLE_FILE.fullmatch(name)]
    # A file may have lost its name's end; RDF begins with no such header.
    for name in tables or release.names[:1]:
        with release.opened(name) as stream:
            header = stream.peek(_MAX_HEADER)[:_MAX_HEADER].decode("utf-8-sig", "replace").splitlines()[:1]
        for layout in _LAYOUTS:
            cells = _cells(header[0], layout) if header else []
            if set(layout.columns["identifier"]) & set(cells) and len(cells) > 1:
                return layout, name
    return None


def _cells(header: str, layout: Layout) -> list[str]:
    return [cell.strip().strip('"').casefold() for cell in header.split(layout.delimiter)]


def _windows(error: UnicodeError) -> tuple[str, int]:
    """FDA's lists of some years are in Windows' encoding, which has the bytes that UTF-8 has not."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return error.object[error.start : error.end].decode("cp1252", "replace"), error.end


codecs.register_error("trialgraph-windows", _windows)


def read_table(release: Release, layout: Layout, name: str) -> tuple[Stated, dict[str, Concept]]:
    """The concepts of a table: rows of one identifier are one concept, whose label is that of its first row.

    Raises:
        OntologyError: if the table lacks columns, a row is cut off, or no row has an identifier and a name.
        OSError, EOFError, zipfile.BadZipFile, csv.Error: see `explained`.
    """
    found: dict[str, Held] = {}
    odd: list[str] = []
    nameless: list[str] = []
    renamed: set[str] = set()
    for row in _rows(release, layout, name):
        identifier, label = row["identifier"], row["label"]
        if not layout.identifier.fullmatch(identifier):
            odd.append(identifier)
        elif not label:
            nameless.append(identifier)
        else:
            held = found.setdefault(identifier, Held(label, set(), set(), set()))
            renamed.update({identifier} if held.label != label else ())
            held.exact.add(label)
            layout.add(held, row)
    if not found:
        expected = f"identifiers of {layout.source}, with a name each"
        raise OntologyError(release.where(name), "the table holds no concepts", expected=expected)
    remarks = (
        *remark("rows have no identifier of theirs, and are left out", odd),
        *remark("rows without a name are left out", nameless),
        *remark("concepts have several labels", renamed),
    )
    concepts = (_concept(layout, identifier, found[identifier]) for identifier in sorted(found))
    iri = PREFIXES[layout.prefix].rstrip(":/")
    return Stated(layout.source, iri, "", "", "", remarks), {concept.iri: concept for concept in concepts}


def _concept(layout: Layout, identifier: str, held: Held) -> Concept:
    exact = held.exact - {held.label, ""}
    return Concept(
        iri=PREFIXES[layout.prefix] + identifier,
        label=held.label,
        source=layout.source,
        exact=ordered(exact),
        xrefs=ordered(held.xrefs),
        notation=identifier,
        brands=ordered(held.brands - exact - {held.label, ""}),
    )


def _rows(release: Release, layout: Layout, name: str) -> Iterator[_Row]:
    """The rows by our names of the columns."""
    where = release.where(name)
    with release.opened(name) as stream:
        # Of UNII names alone it is known that they are not always in UTF-8.
        errors = "trialgraph-windows" if layout.quoting == csv.QUOTE_NONE else "strict"
        text = TextIOWrapper(cast("IO[bytes]", stream), encoding="utf-8-sig", errors=errors, newline="")
        rows = csv.reader(text, delimiter=layout.delimiter, quoting=layout.quoting, strict=True)
        header = [cell.strip().casefold() for cell in next(rows, [])]
        places = _places(where, layout, header)
        for row in rows:
            if row and len(row) < len(header):
                got, expected = f"{len(row)} columns", str(len(header))
                remedy = "It is cut off or damaged: download it again."
                place = f"{where} line {rows.line_num}"
                raise OntologyError(place, "the row lacks columns", got=got, expected=expected, remedy=remedy)
            if row:
                yield {column: row[place].strip() for column, place in places.items()}


def _places(where: str, layout: Layout, header: list[str]) -> dict[str, int]:
    places = {
        column: next((header.index(name) for name in names if name in header), -1)
        for column, names in layout.columns.items()
    }
    missing = [layout.columns[column][0] for column, place in places.items() if place < 0]
    if missing:
        problem = f"the table lacks the column{'s' if len(missing) > 1 else ''} {', '.join(missing)}"
        raise OntologyError(where, problem, got=", ".join(header), expected=f"the table of {layout.source}")
    return places
