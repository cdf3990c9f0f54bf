"""The mapping's promises: valid, deterministic, nothing lost, every term declared."""

import json
import zipfile
from pathlib import Path

import pyoxigraph as ox
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg import iris, mapping, model, terms
from kg.readers import read_document, read_records
from kg.readers.coverage import read_coverage
from kg.readers.dates import parse_date
from kg.readers.documents import Document
from kg.readers.textblock import unwrap
from tests.leaves import missing_leaves


@given(st.text())
def test_any_text_survives_the_round_trip(text: str) -> None:
    """Text goes into a literal and comes out as it was."""
    (quad,) = ox.parse(f"<a:b> <a:c> {terms.text(text)} .", ox.RdfFormat.N_TRIPLES)
    assert quad.object == ox.Literal(text, language="en")
    assert terms.unescape(terms.plain(text)) == text


@given(st.text(alphabet=st.characters()))
def test_any_text_makes_a_valid_iri(text: str) -> None:
    """What IRIs cannot hold is percent-encoded."""
    assert list(ox.parse(f"<a:b> <a:c> {terms.iri('https://e.org/' + text)} .", ox.RdfFormat.N_TRIPLES))


def test_lone_surrogates_become_replacement_characters() -> None:
    """RDF cannot hold them, and nothing else changes."""
    assert terms.plain("a\ud800b") == '"a\ufffdb"'


@given(st.text(min_size=1), st.lists(st.text(min_size=1), max_size=4))
def test_any_trial_maps_to_valid_triples_twice_alike(title: str, labels: list[str]) -> None:
    """Whatever a record says, each line is one triple, and parts have names of their own."""
    trial = model.Trial(
        nct_id="NCT00000000",
        brief_title=title,
        overall_status=title,
        lead_sponsor=model.Organization(name=title),
        conditions=tuple(model.Condition(label=label) for label in labels),
        locations=tuple(model.Location(city=x, contacts=(model.Contact(name=x),)) for x in labels),
        see_also=(model.SeeAlso(url=title),),
        record=model.Record(),
    )
    lines = mapping.map_trial(trial)
    assert lines == mapping.map_trial(trial)
    assert sum(1 for _ in ox.parse("".join(lines), ox.RdfFormat.N_TRIPLES)) == len(lines)
    assert len({line.split()[0] for line in lines if "#location-" in line.split()[0]}) == 2 * len(labels)


@given(st.text())
def test_dates_are_parsed_or_refused(text: str) -> None:
    """No text raises, and what is a date has its bounds in order."""
    found = parse_date(text)
    assert found is None or found.first <= found.last


@given(st.text(alphabet=st.sampled_from("ab -\n\r.1*")))
def test_unwrapping_loses_no_letter(text: str) -> None:
    """Only white space and bullet marks change."""
    assert [c for c in unwrap(text) if c.isalnum()] == [c for c in text if c.isalnum()]


@pytest.mark.parametrize(
    ("given_id", "expected"),
    [
        ("D000003920", "D003920"),
        ("D000091203", "D000091203"),
        ("C000064541", "C064541"),
        ("D006528", "D006528"),
        ("M12", None),
    ],
)
def test_padded_mesh_identifiers_are_told_from_genuine_ones(given_id: str, expected: str | None) -> None:
    """Six digits padded to nine are taken back; nine genuine ones stay."""
    assert iris.mesh_identifier(given_id) == expected


def test_every_registry_field_is_mapped_or_left_out_with_a_reason() -> None:
    """No field of the registry's schema is in neither list."""
    assert [row.path for row in read_coverage() if row.status == "unknown"] == []
    assert all(row.reason for row in read_coverage() if row.status == "left out")


@pytest.mark.data
def test_leaves_of_real_studies_stand_in_the_graph(data: Path) -> None:
    """Of all leaves of the API v2 studies at least 99 in 100 are in the triples."""
    total, missing = 0, 0
    with zipfile.ZipFile(data / "trials" / "ctgov-api-v2.zip") as archive:
        for name in archive.namelist():
            record = archive.read(name)
            (outcome,) = read_document(Document(name, record))
            assert outcome.trial is not None
            lines = mapping.map_trial(outcome.trial) + mapping.map_trial(outcome.trial, "derived")
            count, lost = missing_leaves(json.loads(record), lines)
            total, missing = total + count, missing + len(lost)
    assert missing / total <= 0.01


@pytest.mark.data
def test_all_real_records_are_read_and_map_to_valid_triples(data: Path) -> None:
    """Every record of the zips gives a trial whose lines all parse."""
    read = 0
    for outcome in read_records([data / "trials" / "ctgov-api-v2.zip", data / "trials" / "ctgov-xml.zip"]):
        assert outcome.trial is not None
        assert all(finding.severity != "violation" for finding in outcome.findings)
        lines = mapping.map_trial(outcome.trial) + mapping.map_trial(outcome.trial, "derived")
        assert sum(1 for _ in ox.parse("".join(lines), ox.RdfFormat.N_TRIPLES)) == len(lines)
        read += 1
    assert read == 411 + 5_693
