"""`kg link`: strings explained, linking measured, and one line for every mistake."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.commands import Kg

GOLD = Path(__file__).parent / "gold.tsv"
HEAD = "id\tkind\traw"


@pytest.fixture
def link(monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]) -> Kg:
    """The command."""
    monkeypatch.delenv("COLUMNS", raising=False)
    return Kg(monkeypatch, capfdbinary, "link")


def _file(folder: Path, content: str | bytes, name: str = "gold.tsv") -> Path:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def test_string_is_explained_as_a_table(link: Kg) -> None:
    """What it links to, by which rule, and which names were looked at."""
    ended = link("Stage IV Renal Cell Carcinoma", "Hepatoma", "no such thing")
    assert (ended.code, ended.err) == (0, "")
    for said in ("mesh:D002292", "without qualifiers: exact synonym", "broad", "mesh:D006528", "name looked at"):
        assert said in ended.out
    assert "no link: unknown" in ended.out


def test_string_is_explained_as_json(link: Kg) -> None:
    """One object a string, in their order."""
    ended = link("Sirolimus 2 mg tablets", "sirolimus withdrawal", "--type", "intervention", "--format", "json")
    assert (ended.code, ended.err) == (0, "")
    given, withdrawn = json.loads(ended.out)
    assert {(x["concept"], x["relation"]) for x in given["links"] if x["concept"].startswith("mesh:")} == {
        ("mesh:D020123", "broad")
    }
    assert (withdrawn["links"], withdrawn["reason"]) == ([], "says what is not given")


def test_string_is_explained_as_markdown(link: Kg) -> None:
    """Rows with bars."""
    ended = link("Hepatoma", "--format", "markdown")
    assert ended.code == 0
    assert "| mesh:D006528 | Carcinoma, Hepatocellular | exact |" in ended.out


@pytest.mark.parametrize("text", ["", " ", "()[]--", "\x01\x1b[31mred", "x" * 100_000, "é" * 50, "--", "\u202eabc"])
@pytest.mark.parametrize("report_format", ["table", "json", "markdown"])
def test_any_string_is_explained(text: str, report_format: str, link: Kg) -> None:
    """With a reason where it is no name."""
    ended = link("--format", report_format, "--", text)
    assert (ended.code, ended.err) == (0, "")
    assert ended.out


@pytest.mark.parametrize("report_format", ["table", "json"])
def test_bytes_that_are_no_text_are_shown_as_such(report_format: str) -> None:
    """A command line in another encoding is no traceback."""
    command: list[str | bytes] = [
        sys.executable,
        "-c",
        "from kg.cli import main; main()",
        "link",
        b"\xff\xfe hepatoma",
        "--format",
    ]
    ended = subprocess.run([*command, report_format], check=False, capture_output=True, env={**os.environ})
    assert (ended.returncode, ended.stderr) == (0, b"")
    assert "\ufffd" in ended.stdout.decode()


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("Hepatoma", "--type", "drug"), 2, "--type"),
        (("Hepatoma", "--format", "yaml"), 2, "--format"),
        (("Hepatoma", "--evaluate", str(GOLD)), 2, "both"),
        (("--type", "condition"), 2, "neither"),
        (("Hepatoma", "--predictions", "p.tsv"), 2, "--evaluate"),
        (("Hepatoma", "--ontology", "nosuch"), 2, "nosuch"),
        (("--evaluate", "no/such/file.tsv"), 3, "no/such/file.tsv"),
        (("--evaluate", "/"), 3, "cannot be read"),
        (("Hepatoma", "--nosuch"), 2, "--nosuch"),
    ],
)
def test_mistake_is_told(arguments: tuple[str, ...], code: int, said: str, link: Kg) -> None:
    """With the exit code of its kind, nothing on standard output, and no traceback."""
    ended = link(*arguments)
    assert ended.code == code
    assert said in ended.err
    assert "Traceback" not in ended.err
    assert ended.out == ""


def test_no_argument_shows_help(link: Kg) -> None:
    """What the command can do."""
    ended = link()
    assert "export" in ended.out + ended.err
    assert "Traceback" not in ended.err


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("id\traw\nG1\tx\n", "no column kind"),
        ("", "no column id"),
        ("id,kind,raw\n", "no column id"),
        (b"\x00\xff\xfe\x80" * 100, "cannot be read"),
        (b"\x1f\x8b\x08\x00binary", "cannot be read"),
    ],
    ids=["column", "empty", "commas", "binary", "gzip"],
)
def test_file_that_is_no_gold_is_told(content: str | bytes, said: str, link: Kg, tmp_path: Path) -> None:
    """In one line, with its name and what is missing."""
    path = _file(tmp_path, content)
    ended = link("--evaluate", path)
    assert (ended.code, ended.out) == (3, "")
    assert said in ended.err
    assert str(path) in ended.err
    assert ended.err.count("\n") == 1


def test_linking_is_measured_as_json(link: Kg) -> None:
    """Measures by group, each with its interval, and the errors."""
    ended = link("--evaluate", GOLD, "--format", "json")
    assert (ended.code, ended.err) == (0, "")
    said = json.loads(ended.out)
    groups = {measured["group"]: measured for measured in said["measures"]}
    share, low, high = groups["condition, by mention"]["precision"]
    assert 0.9 < low <= share <= high <= 1
    assert all(set(error) >= {"id", "fault", "raw", "predicted", "gold", "why"} for error in said["errors"])


@pytest.mark.parametrize("report_format", ["table", "markdown"])
def test_linking_is_measured_for_people(report_format: str, link: Kg) -> None:
    """A table of measures, a table of errors."""
    ended = link("--evaluate", GOLD, "--format", report_format)
    assert (ended.code, ended.err) == (0, "")
    for said in ("condition, hard", "right abstention", "rule: without form", "fault"):
        assert said in ended.out


def test_ontologies_may_be_named(link: Kg, tmp_path: Path) -> None:
    """What is not in them is not predicted."""
    other = _file(
        tmp_path,
        "@prefix owl: <http://www.w3.org/2002/07/owl#> . @prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .\n"
        "<http://purl.obolibrary.org/obo/doid.owl> a owl:Ontology .\n"
        "<http://purl.obolibrary.org/obo/DOID_1> a owl:Class ; rdfs:label 'hepatoma' .\n",
        "tiny.ttl",
    )
    (explained,) = json.loads(link("Hepatoma", "--ontology", other, "--format", "json").out)
    assert [found["concept"] for found in explained["links"]] == ["DOID:1"]


def test_predictions_need_no_judgement(link: Kg, tmp_path: Path) -> None:
    """A file of strings alone is linked; nothing is measured."""
    strings = _file(tmp_path, f"{HEAD}\nG1\tcondition\tHepatoma\nG2\tcondition\tno such thing\n")
    out = tmp_path / "predictions.tsv"
    ended = link("--evaluate", strings, "--predictions", out, "--format", "json")
    assert (ended.code, ended.err) == (0, "")
    assert out.read_text() == "id\tuis\nG1\tD006528\nG2\t\n"
    assert json.loads(ended.out) == {"measures": [], "errors": []}


def test_predictions_are_written_whole_or_not_at_all(link: Kg, tmp_path: Path) -> None:
    """Into a folder that is not there, or in a folder's place: one line, and nothing left behind."""
    strings = _file(tmp_path, f"{HEAD}\nG1\tcondition\tHepatoma\n")
    for place in (tmp_path / "nosuch" / "predictions.tsv", tmp_path):
        ended = link("--evaluate", strings, "--predictions", place)
        assert ended.code == 3
        assert ended.err.count("\n") == 1
        assert "Traceback" not in ended.err
    assert [found.name for found in tmp_path.iterdir()] == ["gold.tsv"]
    assert not list(tmp_path.parent.glob(f".{tmp_path.name}*"))


@pytest.mark.parametrize(
    "row",
    [
        "G1\tcondition",
        "G1\tno such kind\tHepatoma\tD006528",
        "G1\tcondition\tHepatoma\t|||\tD1|\tnone\tx\tmany\tnan",
        "G1\tcondition\t" + "x" * 1_000_000,
        "G1\tintervention\t\x00\x01\u2028\tD1",
        "G1\tcondition\tHepatoma\tD006528" + "\tmore" * 50,
        "\t\t\t",
    ],
    ids=["short", "kind", "odd values", "long", "control", "columns", "blank"],
)
def test_odd_row_is_read_for_what_it_is(row: str, link: Kg, tmp_path: Path) -> None:
    """No traceback, whatever a row holds."""
    path = _file(tmp_path, f"{HEAD}\tgold\tacceptable\trelation\tstratum\tw_string\tw_mention\n{row}\n")
    ended = link("--evaluate", path, "--format", "json")
    assert (ended.code, ended.err) == (0, "")
    assert "NaN" not in json.dumps(json.loads(ended.out))
