"""Cases are folders: what was found, and what each format makes of it."""

from pathlib import Path

import msgspec
import pytest

from kg import __version__
from kg.validation.reports import REPORT_FORMATS, Report
from tests.reports.reading import read_junit, read_sarif, read_turtle, written

CASES = Path(__file__).parent / "cases"
FOLDERS = sorted(path.parent for path in CASES.glob("*/report.json"))


def read_case(folder: Path) -> Report:
    """The report of a case."""
    return msgspec.json.decode((folder / "report.json").read_bytes(), type=Report)


@pytest.mark.parametrize("name", REPORT_FORMATS)
@pytest.mark.parametrize("folder", FOLDERS, ids=lambda path: path.name)
def test_report_is_as_expected(folder: Path, name: str, request: pytest.FixtureRequest) -> None:
    """To the character, but for our version."""
    text = written(read_case(folder), name).replace(f'"{__version__}"', '"0.0.0"')
    expected = folder / f"expected.{name}"
    if request.config.getoption("--update-goldens"):
        expected.write_text(text, encoding="utf-8", newline="")
    with expected.open(encoding="utf-8", newline="") as stream:
        assert text == stream.read()


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda path: path.name)
def test_report_is_valid_by_its_readers(folder: Path) -> None:
    """SARIF by its schema, JUnit by Jenkins', Turtle as RDF."""
    report = read_case(folder)
    results = read_sarif(written(report, "sarif"))["results"]
    assert len(results) == len(report.shown) + len(report.known or ())
    assert read_junit(written(report, "junit")).get("name") == "trialgraph"
    assert len(read_turtle(written(report, "turtle"))) > 1


def test_every_case_folder_is_run() -> None:
    """No folder is left out of the run, no expected file is of the past."""
    assert len(FOLDERS) == sum(path.is_dir() for path in CASES.iterdir()) >= 5
    for folder in FOLDERS:
        assert {path.name for path in folder.glob("expected.*")} == {f"expected.{name}" for name in REPORT_FORMATS}
