"""Cases are folders: a record's name, the graph it must give, the findings it must raise. One runner for all."""

from pathlib import Path

import pytest

from kg.mapping import map_trial
from kg.readers import read_records

CASES = Path(__file__).parent / "cases"
FOLDERS = sorted(path.parent for path in CASES.glob("*/source.txt"))


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda path: path.name)
def test_record_gives_the_expected_graph(folder: Path, examples: Path, request: pytest.FixtureRequest) -> None:
    """The record's triples and findings are those of the golden files."""
    (outcome,) = read_records([examples / (folder / "source.txt").read_text().strip()])
    assert outcome.trial is not None
    graph = sorted(map_trial(outcome.trial) + map_trial(outcome.trial, "derived"))
    findings = [f"{finding.rule}\t{finding.place}\t{finding.value}\n" for finding in outcome.findings]
    if request.config.getoption("--update-goldens"):
        (folder / "graph.nt").write_text("".join(graph), encoding="utf-8")
        (folder / "findings.tsv").write_text("".join(findings), encoding="utf-8")
    assert graph == (folder / "graph.nt").read_text(encoding="utf-8").splitlines(keepends=True)
    assert findings == (folder / "findings.tsv").read_text(encoding="utf-8").splitlines(keepends=True)


def test_every_case_folder_is_run() -> None:
    """No folder is left out of the run."""
    assert len(FOLDERS) == sum(path.is_dir() for path in CASES.iterdir()) >= 6
