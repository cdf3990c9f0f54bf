"""Our shapes of the HCLS profile: each finds what it is there for, and nothing in a sound description."""

from pathlib import Path

import pyoxigraph as ox
import pytest

import kg.publishing
from kg import terms
from kg.errors import KgError
from kg.publishing import Terms, publish
from kg.publishing.bundle import check_description
from kg.publishing.words import term
from kg.validation import make_engine

BASE = "https://example.org/dataset.ttl#"
SUMMARY, VERSION, PART = f"<{BASE}dataset>", f"<{BASE}r1>", f"<{BASE}r1/links>"
FILE, CHECKSUM = f"<{BASE}r1/dumps/links.ttl.gz>", f"<{BASE}r1/dumps/links.ttl.gz/sha256>"
SHAPES = Path(kg.publishing.__file__).with_name("shapes.ttl")


@pytest.fixture(scope="module")
def lines(tmp_path_factory: pytest.TempPathFactory, example_graph: Path) -> list[str]:
    """A sound description."""
    out = tmp_path_factory.mktemp("profile") / "bundle"
    chosen = Terms(base_url="https://example.org/", licence="https://example.org/l", publisher="P", release="r1")
    publish(example_graph, out, chosen)
    quads = ox.parse(path=str(out / "dataset.ttl"), format=ox.RdfFormat.TURTLE)
    return [f"{quad.triple} .\n" for quad in quads]


#: Shape -> (thing, property) whose values are taken away.
MISSING = {
    "DescribedType": (VERSION, "rdf:type"),
    "Title": (SUMMARY, "dct:title"),
    "Description": (FILE, "dct:description"),
    "Publisher": (VERSION, "dct:publisher"),
    "PublisherName": (f"<{BASE}publisher>", "foaf:name"),
    "Creator": (FILE, "dct:creator"),
    "VersionName": (VERSION, "pav:version"),
    "Licence": (VERSION, "dct:license"),
    "Distribution": (VERSION, "dcat:distribution"),
    "Source": (VERSION, "dct:source"),
    "FileFormat": (FILE, "dct:format"),
    "FileAddress": (FILE, "dcat:downloadURL"),
    "FileSize": (FILE, "dcat:byteSize"),
    "FileChecksum": (CHECKSUM, "spdx:checksumValue"),
    "FileLicence": (FILE, "dct:license"),
    "Triples": (PART, "void:triples"),
    "Properties": (PART, "void:propertyPartition"),
}
#: Shape -> (thing, property, value) that does not belong there.
MISPLACED = {
    "NoDistribution": (SUMMARY, "dcat:distribution", FILE),
    "NoCreator": (SUMMARY, "dct:creator", f"<{BASE}publisher>"),
    "NoIssued": (SUMMARY, "dct:issued", terms.typed("2031-01-01", "date")),
    "NoVersion": (SUMMARY, "pav:version", terms.plain("r1")),
    "NoDump": (VERSION, "void:dataDump", FILE),
    "NoTriples": (VERSION, "void:triples", terms.integer(1)),
}


@pytest.mark.parametrize("engine", ["pyshacl", "shacl-rust"])
def test_sound_description_has_no_finding(engine: str, lines: list[str]) -> None:
    """Of either engine."""
    assert list(make_engine(engine, SHAPES).validate(lines)) == []


@pytest.mark.parametrize("shape", MISSING)
def test_what_is_missing_is_found(shape: str, lines: list[str]) -> None:
    """By the shape that demands it."""
    subject, name = MISSING[shape]
    left = [line for line in lines if not line.startswith(f"{subject} {term(name)} ")]
    assert len(left) < len(lines)
    assert shape in _found(left)


@pytest.mark.parametrize("shape", MISPLACED)
def test_what_is_misplaced_is_found(shape: str, lines: list[str]) -> None:
    """By the shape that forbids it, and it alone."""
    subject, name, value = MISPLACED[shape]
    assert _found([*lines, f"{subject} {term(name)} {value} .\n"]) == {shape}


def test_level_without_a_name_is_found(lines: list[str]) -> None:
    """A blank node cannot be spoken of."""
    assert "Described" in _found([line.replace(SUMMARY, "_:summary") for line in lines])


def _found(lines: list[str]) -> set[str]:
    return {finding.rule.partition("/")[0] for finding in make_engine("auto", SHAPES).validate(lines)}


def test_every_shape_has_a_case() -> None:
    """Those that only hold others aside."""
    names = set()
    for quad in ox.parse(path=str(SHAPES), format=ox.RdfFormat.TURTLE):
        if quad.predicate.value.endswith("#type") and isinstance(quad.subject, ox.NamedNode):
            names.add(quad.subject.value.rpartition("/")[2])
    assert names - {"Summary", "Version", "File", "Counted"} == {"Described", *MISSING, *MISPLACED}


def test_what_breaks_the_profile_is_refused(lines: list[str]) -> None:
    """What it only would rather have is told."""
    with pytest.raises(KgError, match="breaks the HCLS profile"):
        check_description([line for line in lines if term("pav:version") not in line])
    without = [line for line in lines if not line.startswith(f"{FILE} {term('dct:license')} ")]
    assert [finding.severity for finding in check_description(without)] == ["warning"]
