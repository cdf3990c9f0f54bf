"""What every reader must do, on each format: give the trial, or a finding, and never an exception."""

import gzip
import io
import json
import zipfile
from pathlib import Path
from typing import Any

import pyoxigraph as ox
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kg import model
from kg.mapping import map_trial
from kg.readers import Outcome, detect_format, documents, read_document, read_records
from kg.readers.documents import Document
from kg.readers.textblock import unwrap

SEED = {"API_V2": "api-v2/NCT01079767.json", "XML": "xml/NCT01079767.xml", "PAGE": "page/NCT01079767.txt"}


@pytest.fixture(params=sorted(SEED))
def seed(request: pytest.FixtureRequest, examples: Path) -> tuple[str, bytes]:
    """(the format's name, the seed's record in it)."""
    return request.param, (examples / SEED[request.param]).read_bytes()


def outcomes(data: bytes) -> list[Outcome]:
    """What reading the bytes gives."""
    return list(read_document(Document("test", data)))


def assert_valid(found: list[Outcome]) -> None:
    """Every trial maps to N-Triples that parse, and what is no trial is told."""
    for outcome in found:
        if outcome.trial is None:
            assert outcome.findings
        else:
            lines = map_trial(outcome.trial) + map_trial(outcome.trial, "derived")
            assert sum(1 for _ in ox.parse("".join(lines), ox.RdfFormat.N_TRIPLES)) == len(lines)


def test_format_is_told_from_the_content(seed: tuple[str, bytes]) -> None:
    """The name of the file plays no part."""
    found = detect_format(seed[1])
    assert found is not None
    assert found.name == seed[0]


def test_same_bytes_give_the_same_trial(seed: tuple[str, bytes]) -> None:
    """Reading is deterministic, and finds the study's number."""
    (first,), (second,) = outcomes(seed[1]), outcomes(seed[1])
    assert first == second
    assert first.trial is not None
    assert first.trial.nct_id == "NCT01079767"


def test_facts_that_every_format_shows_are_equal(examples: Path) -> None:
    """The seed's status, reason, drug, condition, phase, start and ages are the same in all three formats."""
    facts = set()
    for path in SEED.values():
        (outcome,) = read_records([examples / path])
        trial = outcome.trial
        assert trial is not None
        assert trial.eligibility is not None
        assert trial.start_date is not None
        facts.add(
            (
                trial.overall_status,
                trial.why_stopped,
                tuple(i.label for i in trial.interventions),
                tuple(c.label for c in trial.conditions),
                trial.phases,
                trial.start_date.stated,
                trial.eligibility.minimum_age,
                trial.official_title,
            )
        )
    assert len(facts) == 1


def test_cut_off_records_are_told(seed: tuple[str, bytes]) -> None:
    """A record cut at any of forty places gives a trial or a finding."""
    for part in range(40):
        assert_valid(outcomes(seed[1][: len(seed[1]) * part // 40]))


@settings(
    max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow], deadline=None
)
@given(noise=st.binary(max_size=40), place=st.floats(0, 1))
def test_noise_in_a_record_is_survived(seed: tuple[str, bytes], noise: bytes, place: float) -> None:
    """Bytes of any kind in the middle of a record give a trial or a finding."""
    middle = int(len(seed[1]) * place)
    assert_valid(outcomes(seed[1][:middle] + noise + seed[1][middle:]))


@pytest.mark.parametrize(
    "numbers", ["NC\\00461357", "NCT٠٠٤٦١٣٥٧", "NCT0046135", " ", "NC\\00461357</nct_id><nct_id>NCT00461357"]
)
def test_number_that_is_none_names_no_study(numbers: str) -> None:
    """Found by fuzzing: of several numbers the first was used, the last checked. Digits are ASCII's."""
    data = f"<clinical_study><id_info><nct_id>{numbers}</nct_id></id_info></clinical_study>".encode()
    (outcome,) = outcomes(data)
    assert outcome.trial is None
    assert [finding.rule for finding in outcome.findings] == ["no-identifier"]


@pytest.mark.parametrize(
    "data", [b"", b"\x00" * 100, b"\x89PNG\r\n", b"{", b"[", b"[1, null]", b'{"a": 1}', b"<a/>", b"hello"]
)
def test_what_is_no_record_is_a_finding(data: bytes) -> None:
    """Nothing that is no study gives a trial."""
    assert outcomes(data)
    assert all(outcome.trial is None and outcome.findings for outcome in outcomes(data))


HOSTILE_XML = [
    (
        b'<!DOCTYPE a [<!ENTITY b "bbbb"><!ENTITY c "&b;&b;&b;&b;">]>'
        b"<clinical_study><id_info><nct_id>&c;</nct_id></id_info></clinical_study>"
    ),
    b'<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><clinical_study><brief_title>&b;</brief_title></clinical_study>',
]


@pytest.mark.parametrize("data", HOSTILE_XML)
def test_entities_are_not_expanded(data: bytes) -> None:
    """A record with a document type is refused whole."""
    (outcome,) = outcomes(data)
    assert outcome.trial is None
    assert outcome.findings[0].rule == "document-type"


def test_deep_nesting_is_a_finding() -> None:
    """A hundred thousand brackets do not exhaust the stack."""
    assert_valid(outcomes(b"[" * 100_000 + b"]" * 100_000))


WRONG: list[Any] = [None, 1, 1.5e300, "x", [], {}, [[]], True, "\ud800", 'q"\\\n\x00']


def _with_each_value_replaced(node: Any, wrong: Any) -> list[Any]:
    """Copies of the tree, in each of which one value is replaced."""
    if isinstance(node, dict):
        return [
            {**node, key: new}
            for key, value in node.items()
            for new in [wrong, *_with_each_value_replaced(value, wrong)]
        ]
    if isinstance(node, list) and node:
        return [[new, *node[1:]] for new in [wrong, *_with_each_value_replaced(node[0], wrong)]]
    return []


@pytest.mark.parametrize("wrong", WRONG, ids=repr)
def test_a_value_of_any_wrong_type_is_survived(examples: Path, wrong: Any) -> None:
    """Each value of a real record replaced by one of another type: no exception, valid N-Triples."""
    study = json.loads((examples / SEED["API_V2"]).read_bytes())
    for variant in _with_each_value_replaced(study, wrong):
        assert_valid(outcomes(json.dumps(variant).encode()))


def _changed(examples: Path, old: bytes, new: bytes) -> Outcome:
    (outcome,) = outcomes((examples / SEED["XML"]).read_bytes().replace(old, new))
    return outcome


def test_impossible_date_is_a_finding_with_its_place(examples: Path) -> None:
    """February 30 leaves the field empty and is told by its XPath."""
    outcome = _changed(examples, b"<start_date>January 2010", b"<start_date>February 30, 2010")
    assert outcome.trial is not None
    assert outcome.trial.start_date is None
    (finding,) = outcome.findings
    assert (finding.rule, finding.place, finding.value) == (
        "bad-date",
        "/clinical_study/start_date",
        "February 30, 2010",
    )


def test_unknown_code_is_kept_and_marked_as_legacy(examples: Path) -> None:
    """A status that no list has is a finding, and stands in the graph with its words."""
    outcome = _changed(examples, b">Terminated<", b">Gone Fishing<")
    assert outcome.trial is not None
    assert [finding.rule for finding in outcome.findings] == ["unknown-code"]
    graph = "".join(map_trial(outcome.trial))
    assert "status/GONE_FISHING> <https://w3id.org/trialgraph/vocab#legacy>" in graph
    assert '"Gone Fishing"@en' in graph


def test_mail_address_in_text_is_an_info_finding_that_does_not_repeat_it(examples: Path) -> None:
    """The address is told of, by place, without being passed on."""
    outcome = _changed(examples, b"<why_stopped>", b"<why_stopped>ask a@b.org. ")
    (finding,) = outcome.findings
    assert (finding.rule, finding.severity, finding.value) == ("email-in-text", "info", "")


def test_lists_of_xml_are_set_as_api_v2_sets_them() -> None:
    """A line an item; a list within an item below its words, after a blank line; the author's own numbers are text."""
    block = """
        Inclusion Criteria:

          1.  Age:

               -  18 years
                  or more

               -  below 80

          2.  Consent

         10.  Either:

               1.  This

               2.  That

        Exclusion Criteria:

        1. No item of a list
        """
    assert unwrap(block) == (
        "Inclusion Criteria:\n\n1. Age:\n\n   * 18 years or more\n   * below 80\n2. Consent\n10. Either:\n\n"
        "    1. This\n    2. That\n\nExclusion Criteria:\n\n1. No item of a list"
    )


def test_zip_gzip_lines_and_lists_are_opened(examples: Path, tmp_path: Path) -> None:
    """The same study in four wrappings, and one wrapped twice, which is a finding."""
    record = (examples / SEED["API_V2"]).read_bytes()
    line = json.dumps(json.loads(record)).encode()
    (tmp_path / "a.json.gz").write_bytes(gzip.compress(record))
    (tmp_path / "b.jsonl").write_bytes(line + b"\n\n" + b"{broken\n" + line)
    (tmp_path / "c.json").write_bytes(b'{"studies": [' + record + b"," + record + b"]}")
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w") as archive:
        archive.writestr("../../x.json", record)
    (tmp_path / "d.zip").write_bytes(inner.getvalue())
    with zipfile.ZipFile(tmp_path / "e.zip", "w") as archive:
        archive.writestr("inner.zip", inner.getvalue())
    found = list(read_records([tmp_path]))
    assert sum(outcome.trial is not None for outcome in found) == 6
    assert sorted(f.rule for o in found for f in o.findings) == ["broken-json", "nested-archive"]


def test_a_member_that_is_too_large_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A zip bomb is a finding."""
    monkeypatch.setattr(documents, "MAX_BYTES", 1000)
    with zipfile.ZipFile(tmp_path / "bomb.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.xml", b" " * 1_000_000)
    (outcome,) = read_records([tmp_path / "bomb.zip"])
    assert outcome.findings[0].rule == "too-large"


def test_every_model_field_is_read_by_api_v2_or_known_not_to_be(examples: Path) -> None:
    """The API's table lacks only what the API does not have."""
    from kg.readers.api_v2 import API_V2

    stated = {name for fields in API_V2.table.values() for name in fields}
    absent = {f.name for struct in API_V2.table for f in model.describe(struct)} - stated
    assert absent == {
        *("fda_regulated", "section_801", "authorities", "number_of_arms", "number_of_groups", "safety_issue"),
        *("last_update_submitted_qc", "source_format", "sha256"),
    }
