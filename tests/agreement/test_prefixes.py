"""A prefix stands for the same namespace everywhere."""

from pathlib import Path

import pytest

from kg.agreement import Places
from kg.agreement.prefixes import check_prefixes
from tests.agreement.planting import Copy, told


def test_bundled_files_bind_prefixes_alike() -> None:
    """None is bound otherwise, none unknown."""
    assert check_prefixes(Places.bundled()).findings == ()


@pytest.mark.parametrize(
    ("file", "old", "new", "severity"),
    [
        ("ontologies/trialgraph.ttl", "https://schema.org/", "http://schema.org/", "violation"),
        ("shapes/made-up.ttl", "https://w3id.org/trialgraph/vocab#", "http://w3id.org/vocab#", "violation"),
        ("queries/trials-by-drug.rq", "https://w3id.org/trialgraph/vocab#", "https://w3id.org/vocab#", "violation"),
        ("ontologies/context.jsonld", "http://purl.org/dc/terms/", "http://purl.org/dc/elements/1.1/", "violation"),
        ("ontologies/classes.ttl", "@prefix CHEBI:", "@prefix ex: <http://example.org/> .\n@prefix CHEBI:", "warning"),
    ],
)
def test_a_planted_fault_is_told_with_its_line(copy: Copy, file: str, old: str, new: str, severity: str) -> None:
    """Also of a file that means another namespace throughout."""
    line = copy.plant(file, old, new)
    checked = check_prefixes(copy.places)
    namespace = new if severity == "violation" else "http://example.org/"
    assert told(checked) == [("prefix", namespace, Path(file).name, line)]
    assert checked.findings[0].severity == severity
