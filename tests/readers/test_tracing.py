"""The way back: what a finding says of its place is opened there, in the source's own bytes, and the value is found."""

import json
import re
import zipfile
from collections.abc import Iterator
from functools import lru_cache
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from kg import model
from kg.finding import Finding
from kg.iris import compact
from kg.mapping import map_trial
from kg.readers import read_notes
from kg.readers.documents import Document, iter_documents
from kg.readers.lines import find_lines
from kg.readers.spots import Spot, find_spots
from kg.readers.studies import split_studies
from kg.readers.tracing import find_rule, trace_findings

SAMPLE = 150
#: What a record does not state: the graph's own names, and what the reader says of the record itself.
OWN = {"rdf:type", "schema:sameAs", "foaf:primaryTopic", "dct:replaces", "dct:isReplacedBy"}
UNPLACED = {"Record.source_format", "Record.sha256", "Trial.record"}
#: Endings of properties whose value is counted from what is stated, or a code for it.
COUNTED = ("Latest", "Value", "Years", "Unit", "Type")


@lru_cache(maxsize=1)
def parse(data: bytes) -> Any:
    """The document as the libraries read it."""
    return json.loads(data) if data.lstrip()[:1] in (b"{", b"[") else etree.fromstring(data)


def open_place(data: bytes, place: str) -> str:
    """The text at a place, by means that the reader does not use."""
    if place.startswith("line "):
        return data.decode().replace("\r\n", "\n").split("\n")[int(place.removeprefix("line ")) - 1]
    if data.lstrip()[:1] not in (b"{", b"["):
        (element,) = parse(data).xpath(place)
        return "".join(element.itertext())
    node = parse(data)
    for step in place.split("/")[1:]:
        key = step.replace("~1", "/").replace("~0", "~")
        node = node[int(key)] if isinstance(node, list) else node[key]
    return node if isinstance(node, str) else json.dumps(node, ensure_ascii=False)


def letters(text: str) -> str:
    """What is left of a text without its layout."""
    return re.sub(r"[^a-z0-9]+", "", re.sub(r"\\(?=[<>\[\]*])", "", text).lower())


def holds(spot: Spot, text: str) -> bool:
    """Whether the text at a place states the value."""
    if spot.part or spot.value.startswith("https://w3id.org/") or spot.path.endswith(COUNTED):
        return bool(text)
    if spot.value in {"True", "False"}:
        return letters(text) in {"true", "false", "yes", "no", "acceptshealthyvolunteers"} or spot.field in {
            "Trial.has_results",
            "Trial.patient_registry",
        }
    if date := re.fullmatch(r"(\d{4})(-\d\d)?(-\d\d)?", spot.value):
        return date[1] in text
    return letters(spot.value)[:40] in letters(text)


def records_of(document: Document) -> Iterator[tuple[str, model.Trial, list[Spot]]]:
    """(pointer, trial, its values) of every record of a document."""
    is_json = document.data.lstrip()[:1] in (b"{", b"[")
    pointers = [pointer.removeprefix("#") for pointer, _ in split_studies(document.data)] if is_json else [""]
    for pointer, trial, notes in read_notes(document, pointers):
        yield pointer, trial, list(find_spots(trial, notes))


def check_document(document: Document) -> int:
    """Opens the place of every value; gives their number."""
    opened = 0
    for pointer, _, spots in records_of(document):
        assert {spot.field for spot in spots if not spot.place} <= UNPLACED
        for spot in spots:
            if spot.place:
                text = open_place(document.data, pointer + spot.place if spot.place[0] == "/" else spot.place)
                assert holds(spot, text), (document.name, spot, text[:200])
                opened += 1
    return opened


def documents(*sources: Path) -> Iterator[Document]:
    """The documents of files and folders."""
    return (found for found in iter_documents(sources) if isinstance(found, Document))


@pytest.mark.parametrize("folder", ["api-v2", "xml"])
def test_every_value_of_the_examples_is_found_at_its_place(folder: str, examples: Path) -> None:
    """JSON pointers and XPaths, opened with other means."""
    assert sum(check_document(document) for document in documents(examples / folder)) > 1000


@pytest.mark.data
@pytest.mark.parametrize("archive", ["ctgov-api-v2.zip", "ctgov-xml.zip"])
def test_every_value_of_real_records_is_found_at_its_place(archive: str, data: Path) -> None:
    """A sample, through the archive."""
    sample = islice(documents(data / "trials" / archive), 0, None, 40)
    assert sum(check_document(document) for document in islice(sample, SAMPLE)) > 1000


@pytest.mark.data
def test_lines_of_pages_are_those_of_the_source(data: Path) -> None:
    """Text and HTML: the value's first word stands on the line, or on one of the next two, under its label."""
    for document in documents(data / "trials" / "page", data / "seed" / "NCT01079767.page.txt"):
        lines = document.data.decode().replace("\r\n", "\n").replace("&nbsp;", " ").split("\n")
        for _, _, spots in records_of(document):
            for spot in spots:
                if (
                    spot.place
                    and spot.value
                    and not spot.part
                    and spot.path in {"tg:briefTitle", "rdfs:label", "dct:identifier"}
                ):
                    at = int(spot.place.removeprefix("line "))
                    near = letters(" ".join(lines[at - 1 : at + 4]))
                    assert letters(spot.value.split()[0]) in near, (document.name, spot)


def test_every_triple_of_a_record_has_a_way_back(examples: Path) -> None:
    """What the mapping writes, and what tracing finds, agree by subject and property."""
    for document in documents(examples):
        for _, trial, spots in records_of(document):
            found = {(spot.focus, spot.path) for spot in spots}
            for line in map_trial(trial) + map_trial(trial, "derived"):
                subject, predicate, _ = line.split(" ", 2)
                if (path := compact(predicate[1:-1])) not in OWN:
                    assert (subject[1:-1], path) in found, line


def test_lines_are_those_on_which_values_stand(examples: Path) -> None:
    """JSON: the line holds the value's own text; XML: the element's name."""
    for document in documents(examples / "api-v2", examples / "xml"):
        lines = document.data.decode().split("\n")
        for _, _, spots in records_of(document):
            places = {spot.place for spot in spots if spot.place}
            found = find_lines(document.data, places)
            assert found.keys() == places
            for place, line in found.items():
                step = re.sub(r"\[\d+\]", "", place.rpartition("/")[2])
                shown = lines[line - 1]
                if place.startswith("/clinical_study"):
                    assert step in shown, (document.name, place, line)
                elif (text := open_place(document.data, place))[:1] not in ("{", "["):
                    assert json.dumps(text, ensure_ascii=False)[1:-1] in shown, (document.name, place, line)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ('{"a": 1,\n "b": {"c": [0,\n 1,\n 2]}}', 3),
        ('{"b": {"c": [1, 2]},\n"b":\n{"c": [1,\n"2"]}}', 4),
        ('{"a": "x\\"}]",\n"b": {"c": [{"c": [3]},\n\n null]}}', 4),
    ],
)
def test_line_of_a_json_pointer(text: str, line: int) -> None:
    """Nested lists, quotes and brackets in strings; of a key that is said twice the last."""
    assert find_lines(text.encode(), ["/b/c/1"]) == {"/b/c/1": line}


def test_no_path_but_a_plain_one_is_evaluated() -> None:
    """A place comes from a report, and may be anything."""
    places = ["/a/b[2]", "count(//b)", "/a/b[position()=1]", "document('x')", "/a/c"]
    assert find_lines(b"<a>\n<b/>\n<b/></a>", places) == {"/a/b[2]": 3}


def test_rule_is_the_line_of_the_model_that_maps_the_field() -> None:
    """Every field of every part: the line annotates it."""
    root = Path(model.__file__).parents[2]
    for name in model.__all__:
        struct = getattr(model, name)
        for field in getattr(struct, "__struct_fields__", ()):
            if rule := find_rule(f"{name}.{field}"):
                file, _, line = rule.partition(":")
                text = (root / file).read_text(encoding="utf-8").splitlines()[int(line) - 1]
                assert text.startswith(f"    {field}: "), (name, field, rule)
    assert find_rule("Trial.why_stopped").startswith("kg/model/trial.py:")
    assert find_rule("Trial.nothing") == find_rule("Nothing.at_all") == find_rule("Path.name") == ""


def study_finding(source: object, path: str, value: str = "", part: str = "") -> Finding:
    """A shape's finding about NCT00034333."""
    base = "https://w3id.org/trialgraph/study/" if part else "https://clinicaltrials.gov/study/"
    return Finding(
        rule="S/C", message="m", source=str(source), trial="NCT00034333", focus=f"{base}NCT00034333{part}",
        path=path, value=value,
    )  # fmt: skip


def test_finding_is_placed_in_whatever_holds_the_record(examples: Path, tmp_path: Path) -> None:
    """One study, a list, a page of the API, JSON lines, and each of them in a zip."""
    text = (examples / "api-v2" / "NCT00034333.json").read_text(encoding="utf-8")
    other = (examples / "api-v2" / "NCT00003714.json").read_text(encoding="utf-8")
    line = "\n".join([json.dumps(json.loads(other)), json.dumps(json.loads(text))])
    texts = {
        "one.json": (text, "one.json"),
        "list.json": (f"[{other},\n{text}]", "list.json#/1"),
        "page.json": (f'{{"studies": [{other}, {text}]}}', "page.json#/studies/1"),
        "lines.jsonl": (line, "lines.jsonl:2"),
    }
    with zipfile.ZipFile(tmp_path / "all.zip", "w") as archive:
        for name, (content, _) in texts.items():
            (tmp_path / name).write_text(content, encoding="utf-8")
            archive.writestr(name, content)
    sources = [source for _, source in texts.values()]
    sources += [f"all.zip!{source}" for source in sources]
    findings = [study_finding(tmp_path / source, "tg:overallStatus") for source in sources]
    for finding, source in zip(trace_findings(findings), sources, strict=True):
        content = texts[source.removeprefix("all.zip!").partition("#")[0].partition(":")[0]][0]
        assert finding.place == "/protocolSection/statusModule/overallStatus", source
        assert "TERMINATED" in content.split("\n")[finding.line - 1], source
        assert finding.field == "Trial.overall_status"


@pytest.mark.parametrize(
    ("name", "path", "part", "place", "field"),
    [
        ("api-v2/NCT00034333.json", "tg:whyStopped", "", "/protocolSection/statusModule", "Trial.why_stopped"),
        ("xml/NCT00034333.xml", "tg:whyStopped", "", "/clinical_study", "Trial.why_stopped"),
        ("api-v2/NCT00034333.json", "tg:minimumAge", "#eligibility",
         "/protocolSection/eligibilityModule/minimumAge", "Eligibility.minimum_age"),
        ("api-v2/NCT00034333.json", "dct:description", "#intervention-1",
         "/protocolSection/armsInterventionsModule/interventions/0", "Intervention.description"),
        ("api-v2/NCT00034333.json", "tg:conceptExact", "#condition-1",
         "/protocolSection/conditionsModule/conditions/0", "Trial.conditions"),
        ("api-v2/NCT00034333.json", "sssom:confidence", "#link-condition-1-mesh-D006528",
         "/protocolSection/conditionsModule/conditions/0", "Trial.conditions"),
        ("api-v2/NCT00034333.json", "tg:nothing", "#gone-1", "", ""),
    ],
)  # fmt: skip
def test_what_is_missing_is_placed_at_what_would_hold_it(
    name: str, path: str, part: str, place: str, field: str, examples: Path
) -> None:
    """The nearest place that the record has; links at the part that they are about."""
    (found,) = trace_findings([study_finding(examples / name, path, part=part)])
    assert (found.place, found.field) == (place, field)
    assert bool(found.mapping) == bool(field)
    assert found.line > 0
    assert open_place((examples / name).read_bytes(), found.place)


def test_source_that_is_gone_leaves_its_findings(tmp_path: Path) -> None:
    """No file, no line; nothing else changes."""
    finding = study_finding(tmp_path / "gone.json", "tg:overallStatus")
    assert trace_findings([finding]) == [finding]
