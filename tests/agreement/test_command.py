"""`kg check`: OK with counts, or findings and exit code 1; what cannot be read is one line, never a traceback."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from kg.agreement import Checked, Places, check_mapping
from kg.cli import app, main
from kg.errors import KgError
from kg.finding import Finding

from .planting import Copy


def run(*arguments: str) -> tuple[int, str]:
    """(exit code, what was printed)."""
    result = CliRunner().invoke(app, ["check", *arguments])
    return result.exit_code, result.stdout


def test_the_bundled_mapping_is_ok() -> None:
    """The last line counts what was looked at."""
    code, text = run()
    assert code == 0, text
    last = text.splitlines()[-1]
    assert last.startswith("OK: ")
    for kind in ("fields", "terms", "shapes", "constants", "classes", "Turtle files", "queries", "cases"):
        assert f" {kind}" in last


def test_all_checks_are_made_of_any_folders(copy: Copy) -> None:
    """A fault of each kind is found in one run."""
    assert [one for one in check_mapping(copy.places).findings if one.severity == "violation"] == []
    copy.plant("ontologies/registry-fields.tsv", "statusModule.whyStopped\t", "statusModule.whyContinued\t")
    copy.plant("queries/why-trials-stopped.rq", "tg:briefTitle", "tg:brifTitle")
    copy.plant("queries/trials-by-drug.rq", "WHERE {", "WHERE {{")
    copy.plant("queries/cases/countries-of-condition/liver.tsv", "United States\t3", "United States\t4")
    copy.plant("ontologies/classes.ttl", "mesh:D000091203", "mesh:D999999")
    copy.plant("shapes/made-up.ttl", "sh:maxCount", "sh:maxCounts")
    copy.plant("ontologies/trialgraph.ttl", "    rdfs:label", "   rdfs:label")
    found = {one.rule.removeprefix("check/") for one in check_mapping(copy.places).findings}
    assert found >= {
        *("field-unknown", "term-undeclared", "query-syntax", "query-answer", "class-concept", "constant-unknown"),
        "layout",
    }


@pytest.fixture
def warned(monkeypatch: pytest.MonkeyPatch) -> None:
    """A check that finds one warning."""
    finding = Finding(rule="check/made-up", message="made up", source="a.ttl", line=3, severity="warning")
    monkeypatch.setattr("kg.agreement.check_mapping", lambda *_, **__: Checked((finding,), {"terms": 1}))


@pytest.mark.parametrize(("threshold", "code"), [("violation", 0), ("warning", 1), ("info", 1)])
@pytest.mark.usefixtures("warned")
def test_exit_code_follows_the_threshold(threshold: str, code: int) -> None:
    """OK is said where nothing reaches it."""
    got, text = run("--fail-on", threshold)
    assert (got, "OK: 1 terms" in text) == (code, code == 0)


@pytest.mark.usefixtures("warned")
def test_json_is_json_alone() -> None:
    """The line for people goes elsewhere."""
    _, text = run("--format", "json")
    assert json.loads(text)["findings"][0]["rule"] == "check/made-up"


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["--registry", "FILE"], 3, "neither JSON nor YAML"),
        (["--registry", "no-such-file"], 3, "cannot be read"),
        (["--ontology", "FILE"], 3, "given"),
        (["--ontology", "mash"], 2, "mesh"),
        (["--ontology", "no.obo"], 3, "cannot be read"),
        (["."], 2, "no part of a mapping is here"),
        (["--mappings", "FILE"], 3, "given"),
        (["--mappings", "no.tsv"], 3, "cannot be read"),
        (["--format", "jsn"], 2, "json"),
        (["--fail-on", "warnings"], 2, "warning"),
    ],
)
def test_bad_input_is_one_line_and_an_exit_code(
    arguments: list[str],
    code: int,
    message: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Usage is 2, what cannot be read is 3."""
    file = tmp_path / "given.ttl"
    file.write_text("{ [")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sys.argv", ["kg", "check", *(str(file) if word == "FILE" else word for word in arguments)])
    with pytest.raises(SystemExit) as stopped:
        main()
    told = capsys.readouterr().err
    assert (stopped.value.code, told.count("\n")) == (code, 1)
    assert message in told


@pytest.mark.parametrize(
    "file",
    [
        *(
            "ontologies/registry-fields.tsv",
            "ontologies/trialgraph.ttl",
            "ontologies/classes.ttl",
            "shapes/made-up.ttl",
        ),
        *("queries/trials-by-drug.rq", "queries/cases/device-trials/none.tsv"),
    ],
)
def test_a_file_that_is_not_in_utf_8_is_told(copy: Copy, file: str) -> None:
    """By an error with its name or, of a case, a finding; never a traceback."""
    path = copy.root / file
    path.write_bytes(path.read_bytes() + b"\n# \xff\n")
    try:
        told = " ".join(finding.source for finding in check_mapping(copy.places).findings if finding.severity != "info")
    except KgError as error:
        told = str(error)
    assert path.name in told


def test_fix_rewrites_before_it_checks(copy: Copy, monkeypatch: pytest.MonkeyPatch) -> None:
    """And says which files; a second time there is nothing to do."""
    monkeypatch.setattr("kg.agreement.check_mapping", lambda *_, **__: Checked((), {"terms": 1}))
    monkeypatch.setattr("kg.agreement.Places.bundled", lambda: copy.places)
    copy.plant("ontologies/classes.ttl", " ;\n", ";\n")
    first, second = (CliRunner().invoke(app, ["check", "--fix"]) for _ in range(2))
    assert "classes.ttl: rewritten" in first.stderr
    assert second.stderr == ""


def test_own_folders_take_the_place_of_the_bundled_ones(copy: Copy) -> None:
    """Those that are there; and a fault in them is told, with exit code 1."""
    copy.plant("shapes/made-up.ttl", "sh:maxCount", "sh:maxCounts")
    places = Places.of(copy.root)
    assert (places.shapes, places.examples) == (copy.places.shapes, copy.places.examples)
    code, text = run(str(copy.root))
    assert (code, "sh:maxCounts" in text, "OK:" in text) == (1, True, False)


@pytest.mark.usefixtures("warned")
def test_report_goes_into_a_file(tmp_path: Path) -> None:
    """Whole."""
    code, text = run("--format", "sarif", "--output", str(tmp_path / "report.sarif"))
    assert (code, text) == (0, "")
    assert json.loads((tmp_path / "report.sarif").read_text())["version"] == "2.1.0"


def test_help_shows_an_example() -> None:
    """As of every command."""
    assert "Example: kg check" in run("--help")[1]


def test_bundled_places_are_there() -> None:
    """Those of the installation."""
    places = Places.bundled()
    assert all(path.is_dir() for path in (places.ontologies, places.shapes, places.queries, places.examples))
    assert (places.package / "agreement" / "places.py").is_file()
