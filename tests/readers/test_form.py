"""What a record's form gives away: other types, keys said twice or unknown, nothing where something belongs."""

import json
from pathlib import Path

import pytest

from kg.finding import Finding
from kg.readers import read_document
from kg.readers.documents import Document
from kg.readers.tracing import trace_findings

FORM = {
    "wrong-type",
    "said-twice",
    "unknown-field",
    "empty-value",
    "no-identifier",
    "unknown-arm",
    "broken-json",
    "broken-xml",
}
STATUS, DESIGN = "/protocolSection/statusModule", "/protocolSection/designModule"


def findings(name: str, before: str, after: str, examples: Path, tmp_path: Path) -> list[Finding]:
    """What is said of the form of an example after one change of its bytes, traced."""
    data = (examples / name).read_bytes()
    assert before.encode() in data
    path = tmp_path / Path(name).name
    path.write_bytes(data.replace(before.encode(), after.encode(), 1))
    outcomes = read_document(Document(str(path), path.read_bytes()))
    return trace_findings(f for outcome in outcomes for f in outcome.findings if f.rule in FORM)


JSON, XML = "api-v2/NCT01079767.json", "xml/NCT01079767.xml"
STATED = '"overallStatus": "TERMINATED"'
SECOND = "<overall_status>Suspended</overall_status><overall_status>"
ACRONYM = "/protocolSection/identificationModule/acronym"
ID_INFO = "/clinical_study/id_info"
CASES = {
    "text for an object": (JSON, '"designModule": {', '"designModule": "text", "colour": {', "wrong-type", DESIGN, ""),
    "list for text": (
        JSON,
        STATED,
        '"overallStatus": ["TERMINATED"]',
        "wrong-type",
        f"{STATUS}/overallStatus",
        "Trial.overall_status",
    ),
    "truth value for a number": (
        JSON,
        '"count": 6',
        '"count": true',
        "wrong-type",
        f"{DESIGN}/enrollmentInfo/count",
        "Trial.enrollment",
    ),
    "key said twice": (
        JSON,
        STATED,
        f'"overallStatus": "SUSPENDED", {STATED}',
        "said-twice",
        f"{STATUS}/overallStatus",
        "Trial.overall_status",
    ),
    "unknown key": (JSON, STATED, f'{STATED}, "colour": 1', "unknown-field", f"{STATUS}/colour", ""),
    "element said twice": (
        XML,
        "<overall_status>",
        SECOND,
        "said-twice",
        "/clinical_study/overall_status[2]",
        "Trial.overall_status",
    ),
    "empty text": (JSON, '"briefTitle": ', '"acronym": " ", "briefTitle": ', "empty-value", ACRONYM, "Trial.acronym"),
    "empty element": (
        XML,
        "<overall_status>",
        "<acronym/><overall_status>",
        "empty-value",
        "/clinical_study/acronym",
        "Trial.acronym",
    ),
    "wrong number": (
        JSON,
        '"nctId": "NCT01079767"',
        '"nctId": "NCT0107"',
        "no-identifier",
        "/protocolSection/identificationModule/nctId",
        "Trial.nct_id",
    ),
    "no number": (
        JSON,
        '"nctId": "NCT01079767"',
        '"nct": "NCT01079767"',
        "no-identifier",
        "/protocolSection/identificationModule",
        "Trial.nct_id",
    ),
    "no number in XML": (XML, "<nct_id>NCT01079767</nct_id>", "", "no-identifier", ID_INFO, "Trial.nct_id"),
    "broken XML": (XML, "</overall_status>", "</overall>", "broken-xml", "line", ""),
    "broken JSON": (JSON, '"overallStatus": ', '"overallStatus" ', "broken-json", "line", ""),
}


@pytest.mark.parametrize("case", CASES)
def test_fault_of_form_is_told_at_its_place(case: str, examples: Path, tmp_path: Path) -> None:
    """By rule, place and line, with the model's field where one is meant."""
    name, before, after, rule, place, field = CASES[case]
    told = {finding.rule: finding for finding in findings(name, before, after, examples, tmp_path)}
    found = told[rule]
    assert found.place.startswith(place)
    assert (found.place == place) == (place != "line")
    assert found.field == field
    assert found.line > 0
    assert bool(found.mapping) == bool(field)


def test_label_of_an_unknown_arm_is_told_where_it_stands(examples: Path, tmp_path: Path) -> None:
    """By the intervention and the number of the label."""
    study = json.loads((examples / "api-v2" / "NCT01865747.json").read_text(encoding="utf-8"))
    study["protocolSection"]["armsInterventionsModule"]["interventions"][1]["armGroupLabels"].append("Gone")
    path = tmp_path / "a.json"
    path.write_text(json.dumps(study, indent=1), encoding="utf-8")
    (outcome,) = read_document(Document(str(path), path.read_bytes()))
    (found,) = trace_findings(outcome.findings)
    count = len(study["protocolSection"]["armsInterventionsModule"]["interventions"][1]["armGroupLabels"])
    assert found.rule == "unknown-arm"
    assert found.place == f"/protocolSection/armsInterventionsModule/interventions/1/armGroupLabels/{count - 1}"
    assert "Gone" in path.read_text(encoding="utf-8").split("\n")[found.line - 1]


def test_submissions_of_results_in_xml_are_told_apart(examples: Path) -> None:
    """The export lists the days of all submissions in one element; each `submitted` begins one."""
    data = (
        (examples / XML)
        .read_bytes()
        .replace(
            b"</clinical_study>",
            b"<pending_results><submitted>May 1, 2015</submitted><returned>May 2, 2015</returned>"
            b"<submitted>June 1, 2018</submitted></pending_results></clinical_study>",
        )
    )
    (outcome,) = read_document(Document("a.xml", data))
    assert outcome.trial is not None
    days = [(s.released and s.released.stated, s.reset and s.reset.stated) for s in outcome.trial.submissions]
    assert days == [("2015-05-01", "2015-05-02"), ("2018-06-01", None)]
    assert not outcome.findings
