"""Saved queries parse, are described, and answer as expected; a query or a case that does not is told."""

from pathlib import Path

import pytest

from kg.agreement import Places
from kg.agreement.questions import check_answers, check_queries
from kg.queries.cases import find_cases
from tests.agreement.planting import Copy, told

QUERY = "queries/why-trials-stopped.rq"
CASE = "queries/cases/countries-of-condition/liver.tsv"


def test_bundled_queries_are_described_and_answer_as_expected() -> None:
    """All of them, in all their cases."""
    checked = check_queries(Places.bundled())
    assert (checked.findings, checked.counts) == ((), {"queries": 36})
    answers = check_answers(Places.bundled())
    assert answers.findings == ()
    assert answers.counts["cases"] == len(find_cases(Places.bundled().queries)) > 70


@pytest.mark.parametrize(
    ("old", "new", "rule", "value"),
    [
        ("WHERE {", "WHERE {{", "query-syntax", ""),
        ("PREFIX tg:", "PREFIX gt:", "query-syntax", ""),
        ("WHERE {", "WHERE { SERVICE <http://localhost:1/> { ?a ?b ?c }", "query-syntax", ""),
        ("SELECT", "DELETE WHERE { ?a ?b ?c } ; SELECT", "query-syntax", ""),
        ("#+ summary:", "#+ sumary:", "query-header", ""),
        ("?_condition_iri", "?_disease_iri", "query-header", ""),
        ("#+   trial:", "#+   study:", "query-returns", "trial title status enrollment why_stopped"),
    ],
)
def test_a_query_that_is_wrong_is_told(copy: Copy, old: str, new: str, rule: str, value: str) -> None:
    """And no other is."""
    copy.plant(QUERY, old, new)
    found = [(name, got, file) for name, got, file, line in told(check_queries(copy.places)) if line > 0]
    assert [(name, file) for name, _, file in found] == [(rule, "why-trials-stopped.rq")]
    assert not value or set(found[0][1].split()) == set(value.split())


def test_a_syntax_error_is_told_with_its_line(copy: Copy) -> None:
    """That of the parser."""
    line = copy.plant(QUERY, "?trial tg:studies", "?trial ; tg:studies")
    assert told(check_queries(copy.places)) == [("query-syntax", "", "why-trials-stopped.rq", line)]


def test_a_parameter_without_description_is_told(copy: Copy) -> None:
    """With the line of the parameter."""
    text = (copy.root / QUERY).read_text(encoding="utf-8")
    described = next(line for line in text.splitlines() if line.startswith("#+     description:"))
    copy.plant(QUERY, described, '#+     description: ""')
    parameter = next(number for number, line in enumerate(text.splitlines(), 1) if line.startswith("#+   condition:"))
    assert told(check_queries(copy.places)) == [("query-parameter", "condition", "why-trials-stopped.rq", parameter)]


def test_answers_that_are_other_than_expected_are_told(copy: Copy) -> None:
    """A row missing, a row too much, other columns, a case nobody can ask, a query without cases, cases of no query."""
    copy.plant(CASE, "United States\t3", "United States\t4")
    copy.plant("queries/cases/drugs-for-condition/kidney.tsv", "drug\tlabel", "drug\tname")
    copy.plant("queries/cases/trial-by-identifier/nct.tsv", "# identifier=", "# number=")
    copy.plant("queries/cases/device-trials/none.tsv", "# ", "")
    copy.plant("queries/trials-by-drug.rq", "example: ", "example: zz")
    copy.plant("queries/why-trials-stopped.rq", "default: neoplasms", "default: nooplasms")
    for file in (copy.root / "queries/cases/check-confidence").iterdir():
        file.unlink()
    (copy.root / "queries/cases/imagined").mkdir()
    (copy.root / "queries/cases/imagined/one.tsv").write_text("# x=y\ntrial\n")
    found = [(rule, name, line) for rule, _, name, line in told(check_answers(copy.places))]
    assert sorted(found) == [
        ("case-without-query", "one.tsv", 1),
        ("query-answer", "kidney.tsv", 2),
        ("query-answer", "liver.tsv", 2),
        ("query-answer", "liver.tsv", 3),
        ("query-case", "default.tsv", 1),
        ("query-case", "nct.tsv", 1),
        ("query-case", "none.tsv", 1),
        ("query-example", "trials-by-drug.rq", 1),
        ("query-example", "why-trials-stopped.rq", 1),
        ("query-without-case", "check-confidence.rq", 1),
    ]


def test_an_answer_that_changes_is_told_by_what_it_lacks(copy: Copy, tmp_path: Path) -> None:
    """As when the query was changed."""
    copy.plant("queries/countries-of-condition.rq", "tg:country", "tg:city")
    messages = [finding.message for finding in check_answers(copy.places).findings]
    assert any("missing: United States | 3 | 7" in message for message in messages)
    assert all(message.startswith("the answer of countries-of-condition is another") for message in messages)
