"""A finding is known again though lines, order and words change; what is new is new; broken files are told."""

import random
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kg.errors import KgError
from kg.finding import Finding
from kg.validation.baseline import compare, fingerprint, new_findings, read_baseline, write_baseline
from tests.reports.strategies import findings

STATUS = Finding(
    rule="Study-status/In",
    message="A study has one overall status.",
    severity="violation",
    trial="NCT01379521",
    source="records/NCT01379521.json",
    place="/protocolSection/statusModule/overallStatus",
    field="Trial.overall_status",
    value="GONE",
    focus="https://clinicaltrials.gov/study/NCT01379521",
    path="tg:overallStatus",
    line=31,
    mapping="kg/model/trial.py:88",
)
PAGE = Finding(rule="unsure", message="left out", source="records/a.txt", place="line 54", line=54)
XML = Finding(rule="said-twice", message="twice", trial="NCT01379521", place="/clinical_study/arm_group[3]/label[1]")
PART = "https://w3id.org/trialgraph/study/NCT01379521#"


def changed(finding: Finding, **parts: object) -> Finding:
    """The finding with other parts."""
    return msgspec.structs.replace(finding, **parts)


@pytest.mark.parametrize(
    ("finding", "parts"),
    [
        (STATUS, {"line": 99, "mapping": "kg/model/trial.py:101"}),
        (STATUS, {"message": "Said in other words.", "severity": "warning"}),
        (STATUS, {"source": "elsewhere/all.zip!NCT01379521.xml", "place": "/clinical_study/overall_status"}),
        (PAGE, {"place": "line 60", "line": 60}),
        (PAGE, {"source": "./records/../records/a.txt"}),
        (PAGE, {"source": str(Path("records/a.txt").absolute())}),
        (XML, {"place": "/clinical_study/arm_group[4]/label[1]"}),
        (changed(PAGE, source="a.jsonl:7#/studies/1"), {"source": "a.jsonl:9#/studies/2"}),
        (changed(STATUS, value="_:b0"), {"value": "_:b7"}),
        (changed(STATUS, value=f"{PART}arm-3"), {"value": f"{PART}arm-4"}),
    ],
)
def test_finding_keeps_its_fingerprint(finding: Finding, parts: dict[str, object]) -> None:
    """Lines that move, words, the form of the record, entries before it, labels made anew."""
    assert fingerprint(changed(finding, **parts)) == fingerprint(finding)


@pytest.mark.parametrize(
    ("finding", "parts"),
    [
        (STATUS, {"rule": "Study-status/MaxCount"}),
        (STATUS, {"trial": "NCT01379522"}),
        (STATUS, {"field": "Trial.last_known_status"}),
        (STATUS, {"value": "COMPLETE"}),
        (PAGE, {"source": "records/b.txt"}),
        (XML, {"place": "/clinical_study/arm_group[3]/title[1]"}),
        (changed(STATUS, value=f"{PART}arm-3"), {"value": f"{PART}group-3"}),
    ],
)
def test_other_finding_has_another_fingerprint(finding: Finding, parts: dict[str, object]) -> None:
    """Rule, trial, field, value, and the file of what is about no trial."""
    assert fingerprint(changed(finding, **parts)) != fingerprint(finding)


def test_fingerprint_is_the_same_in_every_version() -> None:
    """Baselines of users hold these: another one needs another version in the file's first line."""
    assert [fingerprint(f) for f in (STATUS, PAGE, XML)] == [
        "fc799a44516cfc121dd18d8809220e79",
        "9660c0a7bf261a2a10e87a958b853894",
        "c7b6496d73482be9e699dc63e595c80b",
    ]


@settings(deadline=None)
@given(found=st.lists(findings, max_size=8), shuffle=st.randoms(use_true_random=False))
def test_what_was_written_is_known_in_any_order(
    found: list[Finding], shuffle: random.Random, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Written, read and compared, nothing is new; one finding more of a kind is, one less is gone."""
    file = tmp_path_factory.getbasetemp() / "any.tsv"
    write_baseline(found, file)
    first = file.read_bytes()
    shuffled = [changed(finding, line=finding.line + 7) for finding in found]
    shuffle.shuffle(shuffled)
    baseline = read_baseline(file)
    assert new_findings(shuffled, baseline) == []
    assert new_findings([*shuffled, *shuffled[:1]], baseline) == shuffled[:1]
    assert compare(shuffled[1:], baseline).gone == min(len(found), 1)
    write_baseline(reversed(found), file)
    assert sorted(line[:33] for line in file.read_bytes().splitlines()) == sorted(
        line[:33] for line in first.splitlines()
    )


def test_file_reads_as_a_list_of_rules_and_trials(tmp_path: Path) -> None:
    """Sorted, a line a fingerprint with its count, whatever the order; hostile text stays in its cell."""
    file = tmp_path / "baseline.tsv"
    hostile = changed(XML, rule="odd\n\trule", trial="a\tb\x85")
    write_baseline([STATUS, PAGE, hostile, STATUS], file)
    lines = file.read_text(encoding="utf-8").split("\n")
    assert lines[0] == "# trialgraph baseline, version 1"
    assert [line.split("\t")[1:] for line in lines[2:-1]] == [
        ["2", "Study-status/In", "NCT01379521", "Trial.overall_status"],
        ["1", "odd  rule", "a b ", "/clinical_study/arm_group/label"],
        ["1", "unsure", "records/a.txt", "line"],
    ]
    assert [path.name for path in tmp_path.iterdir()] == ["baseline.tsv"]


def test_counted_findings_are_known_as_often_as_counted(tmp_path: Path) -> None:
    """Two are known: of three one is new, of one the other is gone."""
    file = tmp_path / "baseline.tsv"
    write_baseline([STATUS, STATUS], file)
    compared = compare([STATUS, STATUS, STATUS], read_baseline(file))
    assert (len(compared.new), len(compared.known), compared.gone) == (1, 2, 0)
    assert compare([STATUS], read_baseline(file)).gone == 1


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("# trialgraph baseline, version 2\n", ":1: a baseline of another version"),
        ("", ":1: no baseline"),
        ("[]", ":1: no baseline"),
        ("# trialgraph baseline, version 1\n<<<<<<< HEAD\n", ":2: a broken baseline"),
        (f"# trialgraph baseline, version 1\n{'0' * 32}\tmany\ta\tb\tc\n", ":2: a broken baseline"),
        (f"# trialgraph baseline, version 1\n{'0' * 32}\t0\ta\tb\tc\n", ":2: a broken baseline"),
    ],
)
def test_broken_baseline_is_told_with_line_and_remedy(text: str, said: str, tmp_path: Path) -> None:
    """Another version, another file, a conflict of merging, a count that is none."""
    file = tmp_path / "baseline.tsv"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(KgError) as raised:
        read_baseline(file)
    assert f"{file}{said}" in str(raised.value)
    assert "--update-baseline" in str(raised.value)


def test_the_same_fingerprint_in_two_lines_is_told(tmp_path: Path) -> None:
    """As a merge of two branches may leave it."""
    file = tmp_path / "baseline.tsv"
    write_baseline([STATUS], file)
    text = file.read_text(encoding="utf-8")
    file.write_text(text + text.splitlines()[-1] + "\n", encoding="utf-8")
    with pytest.raises(KgError, match=r":4: the same fingerprint twice"):
        read_baseline(file)


@pytest.mark.parametrize("data", [None, b"\xff\xfe\x00"])
def test_missing_or_binary_baseline_is_told(data: bytes | None, tmp_path: Path) -> None:
    """No traceback: the file, what is wrong, what to do."""
    file = tmp_path / "baseline.tsv"
    if data is not None:
        file.write_bytes(data)
    with pytest.raises(KgError, match="no baseline"):
        read_baseline(file)


def test_file_that_cannot_be_written_leaves_the_old_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whole or not at all, and nothing is left beside it."""
    file = tmp_path / "baseline.tsv"
    write_baseline([STATUS], file)
    before = file.read_bytes()

    def broken(self: Path, target: Path) -> Path:
        raise OSError("no space left")

    monkeypatch.setattr(Path, "replace", broken)
    with pytest.raises(OSError, match="no space"):
        write_baseline([PAGE], file)
    assert file.read_bytes() == before
    assert len(list(tmp_path.iterdir())) == 1
