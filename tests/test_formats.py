"""The same trial in several formats: the same triples where the facts agree; `differences.tsv` says where not, and why.

A row is a pair of formats, what the property stands at, the property, which format has it, how many of the examples
differ there, and the reason. `pytest --update-goldens` renews the rows; a person writes the reason, or the row fails.
"""

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from kg import iris
from kg.mapping import map_trial
from kg.model import Trial
from kg.readers import read_records
from kg.vocab import ID

TABLE = Path(__file__).parent / "differences.tsv"
HEAD = "formats\tat\tproperty\thow\ttrials\treason\n"
PAIRS = (("api-v2", "xml"), ("xml", "page"))
_LINE = re.compile(r"<([^>]*)> <([^>]*)> (.*) \.\n", re.DOTALL)


def read(path: Path) -> Trial:
    """The one trial of a file."""
    (outcome,) = read_records([path])
    assert outcome.trial is not None
    return outcome.trial


def triples(trial: Trial) -> set[str]:
    """What the record states, and what was derived."""
    return {*map_trial(trial), *map_trial(trial, "derived")}


def subject_and_property(line: str) -> tuple[str, str]:
    """("location", "tg:city") of a line about `#location-3`; numbers and names play no part."""
    match = _LINE.fullmatch(line)
    assert match is not None
    subject, predicate = match[1], iris.compact(match[2])
    if subject.startswith(f"{ID}org/"):
        return "organization", predicate
    return re.sub(r"-\d+", "", subject.partition("#")[2]) or "study", predicate


def differences(folder: Path, ours: str, theirs: str) -> Iterator[tuple[str, str, str]]:
    """(at, property, how) of each difference, once a trial."""
    for path in sorted((folder / ours).iterdir()):
        for other in (folder / theirs).glob(f"{path.stem}.*"):
            one, two = triples(read(path)), triples(read(other))
            first, second = ({subject_and_property(line) for line in lines} for lines in (one - two, two - one))
            yield from ((*key, "differs") for key in first & second)
            yield from ((*key, f"only {ours}") for key in first - second)
            yield from ((*key, f"only {theirs}") for key in second - first)


def table(folder: Path, reasons: dict[str, str]) -> str:
    """The table of differences, with the reasons that are known by the row's beginning."""
    rows = [HEAD]
    for ours, theirs in PAIRS:
        for (at, name, how), count in sorted(Counter(differences(folder, ours, theirs)).items()):
            row = f"{ours} {theirs}\t{at}\t{name}\t{how}"
            rows.append(f"{row}\t{count}\t{reasons.get(row, '')}\n")
    return "".join(rows)


def test_formats_differ_only_where_the_table_says(examples: Path, request: pytest.FixtureRequest) -> None:
    """Every difference between two formats of an example has its row, and every row its reason."""
    rows = [line.rsplit("\t", 2) for line in TABLE.read_text(encoding="utf-8").splitlines()]
    reasons = {row: reason for row, _, reason in rows}
    found = table(examples, reasons)
    if request.config.getoption("--update-goldens"):
        TABLE.write_text(found, encoding="utf-8")
    assert found == TABLE.read_text(encoding="utf-8")
    assert all(reasons.values())


@pytest.mark.data
def test_real_records_in_two_formats_agree_but_for_time(data: Path, examples: Path) -> None:
    """Two real trials stand in both zips: beside the known differences only what was updated in between."""
    known = {tuple(line.split("\t")[1:3]) for line in TABLE.read_text(encoding="utf-8").splitlines()}
    # Like the number of arms; no example that has groups stands in both formats.
    known.add(("study", "tg:numberOfGroups"))
    wanted = {"NCT00000410", "NCT00007696"}
    found: dict[str, list[Trial]] = {name: [] for name in wanted}
    for outcome in read_records([data / "trials" / "ctgov-api-v2.zip", data / "trials" / "ctgov-xml.zip"]):
        if outcome.trial is not None and outcome.trial.nct_id in wanted:
            found[outcome.trial.nct_id].append(outcome.trial)
    for ours, theirs in found.values():
        assert (ours.record.source_format, theirs.record.source_format) == ("API_V2", "XML")
        one, two = triples(ours), triples(theirs)
        assert {subject_and_property(line) for line in two - one} <= known
