"""Every saved query has an expected answer on the examples: a folder a query, a file a case, one runner for all.

A case's first line holds the parameters (`# condition=liver neoplasms`, with tabs between several), the second the
columns, the others the rows in any order.
"""

from pathlib import Path

import pytest

from kg import assets
from kg.queries import find_query, read_queries, run_query
from kg.queries.answers import cells
from kg.store import EmbeddedStore
from tests.queries.rows import comparable

CASES = assets.folder("queries") / "cases"
FILES = sorted(CASES.glob("*/*.tsv"))


def parameters(head: str) -> dict[str, str]:
    """The parameters in a case's first line."""
    pairs = head.removeprefix("#").strip().split("\t")
    return {name: value for name, _, value in (pair.partition("=") for pair in pairs) if name}


@pytest.mark.parametrize("file", FILES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_query_gives_the_expected_answer(
    file: Path, example_store: EmbeddedStore, request: pytest.FixtureRequest
) -> None:
    """The columns and rows on the examples are those of the case."""
    head = file.read_text(encoding="utf-8").partition("\n")[0]
    answer, _ = run_query(find_query(file.parent.name), parameters(head), example_store)
    columns, rows = cells(answer)
    assert not any("\t" in cell or "\n" in cell for row in rows for cell in row)
    if request.config.getoption("--update-goldens"):
        lines = ["\t".join("; ".join(sorted(cell.split("; "))) for cell in row) for row in rows]
        file.write_text("\n".join([head, "\t".join(columns), *lines, ""]), encoding="utf-8")
    _, expected_columns, *expected = file.read_text(encoding="utf-8").splitlines()
    assert columns == expected_columns.split("\t")
    assert comparable(rows) == comparable([line.split("\t") for line in expected])


def test_every_query_has_a_case_and_every_case_a_query() -> None:
    """No saved query goes without an expected answer, no file of cases unread."""
    assert {file.parent.name for file in FILES} == set(read_queries())
    assert sorted(path for path in CASES.rglob("*") if path.is_file()) == FILES


def test_every_parameter_is_given_in_some_case() -> None:
    """A parameter that no case gives might do nothing."""
    for query in read_queries().values():
        heads = [file.read_text(encoding="utf-8").partition("\n")[0] for file in (CASES / query.name).glob("*.tsv")]
        given = {name for head in heads for name in parameters(head)}
        assert given == {param.name for param in query.params}, query.name


def test_flagship_question_has_two_answers(example_store: EmbeddedStore) -> None:
    """One by its condition, first, and one by its title."""
    answer, resolved = run_query(find_query("terminated-mtor-inhibitor-hcc-trials"), {}, example_store)
    found = [(row["trial"].value.rpartition("/")[2], row["evidence"].value) for row in answer]
    assert found == [("NCT01379521", "registered condition"), ("NCT01079767", "title")]
    assert [value.label for value in resolved] == ["mTOR inhibitor", "Carcinoma, Hepatocellular", "Terminated"]


@pytest.mark.parametrize("trial", ["NCT01865747", "NCT01374451", "NCT00799773", "NCT00461357", "NCT00006505"])
def test_near_misses_test_no_mtor_inhibitor(trial: str, example_store: EmbeddedStore) -> None:
    """Comparator, background, exclusion criterion, title and free text are no test of a drug."""
    answer, _ = run_query(find_query("trials-by-drug-class"), {"class": "mTOR inhibitor"}, example_store)
    assert trial not in {row["trial"].value.rpartition("/")[2] for row in answer}
