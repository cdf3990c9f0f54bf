"""Whatever the world throws at the readers: each thing is a finding, the rest is read, the RDF is valid."""

import codecs
import gzip
import io
import json
import tracemalloc
import zipfile
from pathlib import Path
from typing import Any

import pyoxigraph as ox
import pytest
from lxml import etree

from kg import assets
from kg.build import build_graph
from kg.finding import Finding
from kg.mapping import map_trial
from kg.model import Trial
from kg.readers import read_document, read_records
from kg.readers.documents import Document
from kg.readers.texts import MAX_TEXT

EXAMPLES = assets.folder("examples")
SEED = "NCT01079767"
OTHER = "NCT01379521"
JSON = json.dumps(json.loads((EXAMPLES / "api-v2" / f"{SEED}.json").read_bytes()), ensure_ascii=False)
JSON_OTHER = json.dumps(json.loads((EXAMPLES / "api-v2" / f"{OTHER}.json").read_bytes()), ensure_ascii=False)
XML = (EXAMPLES / "xml" / f"{SEED}.xml").read_text(encoding="utf-8")
PAGE = (EXAMPLES / "page" / f"{SEED}.txt").read_text(encoding="utf-8")


def read(data: bytes) -> tuple[list[Trial], list[Finding]]:
    """The trials and findings of a document; every trial's triples parse, each a line."""
    outcomes = list(read_document(Document("doc", data)))
    trials = [outcome.trial for outcome in outcomes if outcome.trial is not None]
    for trial in trials:
        lines = map_trial(trial) + map_trial(trial, "derived")
        assert sum(1 for _ in ox.parse("".join(lines), ox.RdfFormat.N_TRIPLES)) == len(lines) == len(set(lines))
    return trials, [finding for outcome in outcomes for finding in outcome.findings]


def read_files(folder: Path, **files: bytes) -> tuple[list[str], list[tuple[str, str]]]:
    """(numbers of the trials, (rule, source without folder) of the findings) of files whose `_` stands for a dot."""
    for name, data in files.items():
        (folder / name.replace("_", ".")).write_bytes(data)
    outcomes = list(read_records([folder]))
    trials = [outcome.trial.nct_id for outcome in outcomes if outcome.trial is not None]
    told = [(f.rule, f.source.removeprefix(f"{folder}/")) for outcome in outcomes for f in outcome.findings]
    return trials, told


def changed(**fields: Any) -> dict[str, Any]:
    """The seed's API v2 record, with other values at `module__field`."""
    study: dict[str, Any] = json.loads(JSON)
    for path, value in fields.items():
        module, _, field = path.partition("__")
        study["protocolSection"].setdefault(module, {})[field] = value
    return study


def told(study: dict[str, Any]) -> list[tuple[str, str]]:
    """(rule, place) of the findings on a study that is read nevertheless."""
    (_,), findings = read(json.dumps(study).encode())
    return [(finding.rule, finding.place) for finding in findings]


@pytest.mark.parametrize(
    ("data", "rules"),
    [
        (JSON.encode("utf-8-sig"), []),
        (JSON.encode("utf-16"), ["encoding"]),
        (codecs.BOM_UTF16_BE + JSON.encode("utf-16-be"), ["encoding"]),
        (JSON.encode("utf-32"), ["encoding"]),
        (json.dumps(json.loads(JSON), indent=1).replace("\n", "\r\n").encode(), []),
        (XML.encode("utf-8-sig"), []),
        (XML.replace("UTF-8", "UTF-16").encode("utf-16"), []),
        (XML.replace("\n", "\r\n").encode(), []),
        (PAGE.encode("utf-8-sig"), []),
        (PAGE.encode("utf-16"), []),
        (PAGE.encode("cp1252", "replace"), ["encoding"]),
        (PAGE.replace("\n", "\r\n").encode(), []),
        (PAGE.replace("\n", "\r").encode(), []),
    ],
    ids=lambda value: repr(value[:8]) if isinstance(value, bytes) else None,
)
def test_marks_line_ends_and_encodings_change_no_fact(data: bytes, rules: list[str]) -> None:
    """The same title and reason, whatever the bytes; where it had to be guessed, a finding."""
    (trial,), findings = read(data)
    assert trial.why_stopped == "The study treminated early according to DSMB recommendantions"
    assert (trial.official_title or "").startswith("Advanced Hepatocellular Carcinoma on Child B Cirrhosis: Tolerance")
    assert trial.eligibility is not None
    assert "\r" not in (trial.eligibility.criteria or "\r")
    assert [finding.rule for finding in findings] == rules


@pytest.mark.parametrize(
    ("data", "rule"),
    [
        (b"", "unknown-format"),
        (b" \n\t", "unknown-format"),
        (bytes(range(256)) * 20, "unknown-format"),
        (JSON.encode()[:2000], "broken-json"),
        (XML.encode()[:2000], "broken-xml"),
        (PAGE.encode()[:200], "unknown-format"),
        (JSON.encode("latin-1", "replace"), "broken-json"),
        (XML.encode("latin-1", "replace"), "broken-xml"),
        (JSON.encode("utf-16-le"), "broken-json"),
        (JSON.replace('"count": 6', '"count": NaN').encode(), "broken-json"),
        (b"[]", "no-records"),
        (b'{"studies": []}', "no-records"),
        (XML.replace("<brief_title>", "<brief_title>\x07").encode(), "broken-xml"),
        (XML.replace("<brief_title>", "<brief_title>&#xD800;").encode(), "broken-xml"),
        (XML.replace("<brief_title>", "<brief_title>" + "a" * (MAX_TEXT + 1)).encode(), "broken-xml"),
        (b"<clinical_study>" + b"<a>" * 100_000, "broken-xml"),
    ],
    ids=lambda value: repr(value[:8]) if isinstance(value, bytes) else None,
)
def test_what_cannot_be_read_is_one_finding(data: bytes, rule: str) -> None:
    """No trial, no exception, the reason and the document's name on one line."""
    trials, (finding,) = read(data)
    assert trials == []
    assert (finding.rule, finding.severity, finding.source) == (rule, "violation", "doc")
    assert "doc" in finding.text()


def test_included_files_are_not_read() -> None:
    """XInclude is off; the element is no text."""
    include = '<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="/etc/hostname" parse="text"/>'
    (trial,), _ = read(XML.replace("<brief_title>", f"<brief_title>{include}").encode())
    assert trial.brief_title == "Temsirolimus in Treating Patients With Advanced Liver Cancer and Cirrhosis"


def test_entities_that_would_fill_the_memory_are_a_finding() -> None:
    """Nine levels of ten."""
    levels = "".join(f'<!ENTITY {chr(98 + i)} "{f"&{chr(97 + i)};" * 10}">' for i in range(9))
    bomb = f'<!DOCTYPE z [<!ENTITY a "aaaaaaaaaa">{levels}]><clinical_study'
    text = XML.replace("<clinical_study", bomb, 1).replace("<brief_title>", "<brief_title>&j;")
    trials, (finding,) = read(text.encode())
    assert trials == []
    assert finding.rule in {"broken-xml", "document-type"}


def test_lone_surrogates_cost_one_character() -> None:
    """JSON can spell them: they become U+FFFD, and no other study of the page is lost or told."""
    title = json.dumps(changed(identificationModule__briefTitle="a \ud800 b \udfff \U0001d11e \\ud800"))
    trials, (finding,) = read(f'{{"studies": [{JSON_OTHER}, {title}]}}'.encode())
    assert [trial.nct_id for trial in trials] == [OTHER, SEED]
    assert trials[1].brief_title == "a \ufffd b \ufffd \U0001d11e \\ud800"
    assert (finding.rule, finding.source) == ("lone-surrogate", "doc#/studies/1")


def test_studies_of_a_list_are_named_by_their_pointer() -> None:
    """What is no study among them is told by its place, and costs none of the others."""
    trials, findings = read(f"[{JSON}, null, 5, {{}}, {JSON_OTHER}]".encode())
    assert [trial.nct_id for trial in trials] == [SEED, OTHER]
    assert [(f.rule, f.source) for f in findings] == [("no-identifier", f"doc#/{index}") for index in (1, 2, 3)]


def test_json_lines_are_told_from_their_content(tmp_path: Path) -> None:
    """By the name or the first line; a record in one line is no list; lines that are broken are told by number."""
    both = f"{JSON}\n\n{JSON_OTHER}\n".encode()
    trials, findings = read_files(
        tmp_path,
        a_json=both,
        b_txt=both,
        c_jsonl=f"{{broken\n{JSON}\n{JSON_OTHER[:900]}\n".encode(),
        d_json_gz=gzip.compress(both),
        e_json=JSON.encode(),
    )
    assert trials == [SEED, OTHER, SEED, OTHER, SEED, SEED, OTHER, SEED]
    assert findings == [("broken-json", "c.jsonl:1"), ("broken-json", "c.jsonl:3")]
    assert [o.trial.record.source for o in read_records([tmp_path / "e.json"]) if o.trial] == [str(tmp_path / "e.json")]


def test_wrappings_are_told_from_their_content(tmp_path: Path) -> None:
    """Gzip, zip and neither, under wrong names."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as zipped:
        zipped.writestr("../../a.json", JSON)
    trials, findings = read_files(
        tmp_path, a_json=gzip.compress(XML.encode()), b_xml=archive.getvalue(), c_json_gz=JSON_OTHER.encode()
    )
    assert (trials, findings) == ([SEED, SEED, OTHER], [])
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.json", "b.xml", "c.json.gz"]


def test_a_damaged_member_costs_no_other(tmp_path: Path) -> None:
    """Bytes changed within a zip, a zip and a gzip cut off."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as zipped:
        zipped.writestr("a.json", JSON)
        zipped.writestr("b.xml", XML)
    whole = archive.getvalue()
    spoilt = whole[:200] + bytes(byte ^ 255 for byte in whole[200:300]) + whole[300:]
    trials, findings = read_files(
        tmp_path, a_zip=spoilt, b_zip=whole[:900], c_json_gz=gzip.compress(JSON.encode())[:500], d_json=JSON.encode()
    )
    assert trials == [SEED, SEED]
    assert findings == [("unreadable", "a.zip!a.json"), ("unknown-format", "b.zip"), ("unreadable", "c.json.gz")]


def test_lines_of_a_member_are_streamed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """JSON lines in a zip may be longer together than any document."""
    monkeypatch.setattr("kg.readers.documents.MAX_BYTES", len(JSON.encode()) + 10)
    with zipfile.ZipFile(tmp_path / "a.zip", "w", zipfile.ZIP_DEFLATED) as zipped:
        zipped.writestr("a.json", f"{JSON}\n" * 50)
    trials, findings = read_files(tmp_path)
    assert (len(trials), findings) == (50, [])


def test_memory_does_not_grow_with_a_zip(tmp_path: Path) -> None:
    """Of four hundred records no more is held than of forty, but for the zip's own directory."""
    peaks = []
    for count in (40, 400):
        path = tmp_path / f"{count}.zip"
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as zipped:
            for number in range(count):
                zipped.writestr(f"{number}.json", JSON)
                zipped.writestr(f"{number}.xml", XML)
        tracemalloc.start()
        assert sum(outcome.trial is not None for outcome in read_records([path])) == 2 * count
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    directory = 720 * 1_500
    assert peaks[1] - peaks[0] < directory < 360 * (len(JSON) + len(XML)) / 2


def test_text_of_any_kind_stays_as_it_is() -> None:
    """Quotes, backslashes, line ends; control characters with a finding."""
    text = 'q" b\\ n\n t\t \u2028 \'\'\' """ <b>&amp; {} %s $1'
    (trial,), findings = read(json.dumps(changed(identificationModule__briefTitle=text)).encode())
    assert (trial.brief_title, findings) == (text, [])
    place = "/protocolSection/identificationModule/briefTitle"
    assert told(changed(identificationModule__briefTitle="a\0b\x1b\ufffe")) == [("control-character", place)]


def test_a_field_of_a_hundred_megabytes_is_left_empty() -> None:
    """As XML does at the same length; the rest of the record is read."""
    study = changed(descriptionModule__detailedDescription="word " * 20_000_000)
    (trial,), (finding,) = read(json.dumps(study).encode())
    assert (trial.detailed_description, trial.overall_status) == (None, "TERMINATED")
    assert (finding.rule, finding.place) == ("too-long", "/protocolSection/descriptionModule/detailedDescription")


@pytest.mark.parametrize("address", ["http://e.org/a b", "javascript:alert(1)", "//e.org", 'http://e.org/"><', "no"])
def test_what_is_no_web_address_is_kept_as_text_with_a_finding(address: str) -> None:
    """Never as an IRI, and never without a word."""
    study = changed(referencesModule__seeAlsoLinks=[{"url": "https://e.org/ä?a=1#b"}, {"url": address}])
    (trial,), (finding,) = read(json.dumps(study).encode())
    assert trial.see_also[1].url == address
    assert (finding.rule, finding.place) == ("bad-url", "/protocolSection/referencesModule/seeAlsoLinks/1/url")
    assert f"<{address}>" not in "".join(map_trial(trial))


@pytest.mark.parametrize(
    ("count", "expected"), [("6", 6), ("1,200", 1200), (6.0, 6), ("6.0", 6), (-6, None), ("six", None), (1e300, None)]
)
def test_numbers_as_text_are_numbers(count: Any, expected: int | None) -> None:
    """What is none is a finding."""
    study = changed(designModule__enrollmentInfo={"count": count})
    (trial,), findings = read(json.dumps(study).encode())
    assert trial.enrollment == expected
    assert [f.rule for f in findings] == ([] if expected is not None else ["bad-number"])


def test_blanks_around_a_number_are_none_of_it() -> None:
    """A number in small letters is another matter: the finding names the document."""
    (trial,), _ = read(json.dumps(changed(identificationModule__nctId=f" {SEED}\n")).encode())
    assert trial.nct_id == SEED
    _, (finding,) = read(json.dumps(changed(identificationModule__nctId=SEED.lower())).encode())
    assert (finding.rule, finding.trial, finding.value) == ("no-identifier", "", SEED.lower())


@pytest.mark.parametrize(
    ("text", "rules"),
    [
        ("Write to first.last+x@mail.example.org.", ["email-in-text"]),
        ("Call (301) 402-1732", ["phone-in-text"]),
        ("call 1-877-285-4559.", ["phone-in-text"]),
        ("direct telephone: +45 6541 3425", ["phone-in-text"]),
        ("+1 877 822 9493, or a@b.org", ["email-in-text", "phone-in-text"]),
        ("IRB No: 2308-183-1463; doi: 10.1037/0033-2909.128.2.295", []),
        ("100-200 mg, 1983 403-414, CD4+ 100-2000, 2010-2011, 20-30-1000", []),
    ],
)
def test_contact_data_in_text_are_told_without_being_repeated(text: str, rules: list[str]) -> None:
    """By place, as info; in prose, and where a person or a place should be named."""
    persons = [{"name": text, "role": "STUDY_CHAIR", "affiliation": text}]
    study = changed(statusModule__whyStopped=text, contactsLocationsModule__overallOfficials=persons)
    (_,), findings = read(json.dumps(study).encode())
    assert [finding.rule for finding in findings] == rules * 3
    assert {finding.severity for finding in findings} <= {"info"}
    assert not any(text in finding.text() for finding in findings)


def test_an_arm_that_the_record_lacks_is_told() -> None:
    """No triple can say where the intervention is given."""
    study = changed()
    study["protocolSection"]["armsInterventionsModule"]["interventions"][0]["armGroupLabels"] = ["No such arm"]
    (_,), (finding,) = read(json.dumps(study).encode())
    assert (finding.rule, finding.value) == ("unknown-arm", "No such arm")


def test_status_of_a_page_that_is_unknown_is_kept_in_its_words() -> None:
    """Like any code that no list has."""
    (trial,), (finding,) = read(PAGE.replace("has been terminated", "has been enchanted").encode())
    assert trial.overall_status == "enchanted"
    assert (finding.rule, finding.value) == ("unknown-code", "enchanted")


def test_results_that_an_export_left_out_are_posted_nevertheless() -> None:
    """The day says so."""
    (without,), _ = read(XML.encode())
    posted = '<results_first_posted type="Actual">May 1, 2015</results_first_posted><first'
    (trial,), _ = read(XML.replace("<last_update_submitted>", f"{posted[:-6]}<last_update_submitted>").encode())
    assert (without.has_results, trial.has_results) == (False, True)


def _resolve(node: Any, pointer: str) -> Any:
    for token in pointer.split("/")[1:]:
        key = token.replace("~1", "/").replace("~0", "~")
        node = node[int(key)] if isinstance(node, list) else node[key]
    return node


def _leaves(node: Any) -> list[tuple[Any, Any]]:
    children = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    return [
        leaf
        for key, child in children
        for leaf in (_leaves(child) if isinstance(child, dict | list) else [(node, key)])
    ]


@pytest.mark.parametrize("name", [SEED, "NCT05589896", "NCT04411043", "NCT05305235"])
def test_places_in_json_lead_to_the_value(name: str) -> None:
    """Each value of a record, replaced by one that nothing allows: the finding's pointer leads to just that."""
    study = json.loads((EXAMPLES / "api-v2" / f"{name}.json").read_bytes())
    places = 0
    for holder, key in _leaves(study):
        kept, holder[key] = holder[key], "b\x07 a@b.org"
        for outcome in read_document(Document("doc", json.dumps(study).encode())):
            for finding in outcome.findings:
                if finding.place:
                    places += 1
                    found = _resolve(study, finding.place)
                    # A date and its kind are read as one.
                    assert (found["date"] if isinstance(found, dict) else found) == holder[key], finding
        holder[key] = kept
    assert places > 100


@pytest.mark.parametrize("name", [SEED, "NCT01797120", "NCT02145806"])
def test_places_in_xml_lead_to_the_element(name: str) -> None:
    """In both dialects, and for the values that share an element with others."""
    root = etree.fromstring((EXAMPLES / "xml" / f"{name}.xml").read_bytes())
    places = 0
    for element in [e for e in root.iter() if isinstance(e.tag, str) and len(e) == 0 and (e.text or "").strip()]:
        kept = element.text
        element.text = f"{(kept or '')[:40]} a@b.org 9: x" if element.tag == "study_design" else "b a@b.org"
        for outcome in read_document(Document("doc", etree.tostring(root))):
            for finding in outcome.findings:
                if finding.place:
                    places += 1
                    assert root.getroottree().xpath(finding.place) == [element], finding
        element.text = kept
    assert places > 20


def test_place_of_a_design_on_one_line_is_that_line() -> None:
    """The older dialect has no elements for its items."""
    line = "<study_design>Allocation: By Lot, Primary Purpose: Treatment</study_design>"
    start, _, rest = XML.partition("<study_design_info>")
    text = start + line + rest.partition("</study_design_info>")[2]
    (trial,), (finding,) = read(text.encode())
    assert (trial.allocation, finding.place, finding.value) == ("By Lot", "/clinical_study/study_design", "By Lot")


def test_a_build_over_all_of_it_is_unharmed(tmp_path: Path) -> None:
    """Good records among bad ones: each good one is in the graph, each bad one in the findings."""
    source = tmp_path / "in"
    source.mkdir()
    for number, data in enumerate(
        (b"", b"\0" * 99, JSON.encode()[:500], XML.encode()[:500], b"{}", b"[1]", JSON.encode())
    ):
        (source / f"{number}.json").write_bytes(data)
    report = build_graph([source], tmp_path / "graph")
    assert (report.counts["records"], report.counts["trials"]) == (7, 1)
    assert report.counts["findings"]["violation"] == 6
