"""Saved queries: parameters bound as terms, names resolved, and the expected answer of each on the examples."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyoxigraph as ox
import pytest

from kg import terms
from kg.errors import ParameterError, QueryRefused
from kg.queries import Parameter, check_read_only, find_query, read_queries, resolve, run_query, run_text, substitute
from kg.queries.answers import cells
from kg.store import EmbeddedStore

CASES = Path(__file__).parent / "cases"
FILES = sorted(CASES.glob("*/*.tsv"))


def rows_of(answer: Any) -> list[tuple[frozenset[str], ...]]:
    """The rows, sorted; joined cells as sets, since engines join in their own order."""
    _, rows = cells(answer)
    return sorted((tuple(frozenset(cell.split("; ")) for cell in row) for row in rows), key=repr)


def parameters(head: str) -> dict[str, str]:
    r"""The parameters in a case's first line: `# condition=liver neoplasms\tstatus=…`."""
    return dict(pair.split("=", 1) for pair in head.removeprefix("#").strip().split("\t") if pair)


@pytest.mark.parametrize("file", FILES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_query_gives_the_expected_answer(
    file: Path, example_store: EmbeddedStore, request: pytest.FixtureRequest
) -> None:
    """The answer on the examples is that of the case."""
    head, *lines = file.read_text(encoding="utf-8").splitlines()
    answer, _ = run_query(find_query(file.parent.name), parameters(head), example_store)
    if request.config.getoption("--update-goldens"):
        columns, rows = cells(answer)
        text = ["\t".join("; ".join(sorted(cell.split("; "))) for cell in row) for row in rows]
        file.write_text("\n".join([head, "\t".join(columns), *text, ""]), encoding="utf-8")
        return
    expected = sorted((tuple(frozenset(c.split("; ")) for c in line.split("\t")) for line in lines[1:]), key=repr)
    assert rows_of(answer) == expected


def test_every_query_has_a_case() -> None:
    """No saved query goes without an expected answer."""
    assert {file.parent.name for file in FILES} == set(read_queries())


def test_examples_and_defaults_of_parameters_run(example_store: EmbeddedStore) -> None:
    """What the headers show as example can be given."""
    for query in read_queries().values():
        answer, resolved = run_query(query, {p.name: p.example for p in query.params}, example_store)
        assert set(query.returns) == {variable.value for variable in answer.variables}
        assert len(resolved) == len(query.params)


def test_queries_use_only_declared_terms() -> None:
    """Each term of ours in a query is one that the mapping emits."""
    import re

    from kg.mapping import properties

    for query in read_queries().values():
        assert set(re.findall(r"\btg:\w+", query.text)) <= properties()


HOSTILE = [
    '"',
    "\\",
    "\n",
    '" . } DELETE WHERE { ?s ?p ?o } #',
    "> . ?s ?p ?o . <",
    "'''",
    '"""',
    "# comment",
    "?_x",
    "\ud7ff\U0001f600",
    "x" * 10_000,
]


def constants(query: str) -> Iterator[str]:
    """What a query on one made-up triple gives back."""
    store = ox.Store()
    store.add(ox.Quad(ox.NamedNode("a:s"), ox.NamedNode("a:p"), ox.Literal("v")))
    for row in store.query(query):  # type: ignore[union-attr]
        yield row["x"].value


@pytest.mark.parametrize("value", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_values_do_not_get_out_of_their_term(value: str) -> None:
    """Whatever is bound comes back as the text that it was, and nothing else happens."""
    query = 'SELECT ?x WHERE { <a:s> <a:p> "v" . BIND(?_x AS ?x) } # ?_x "'
    assert list(constants(substitute(query, {"_x": terms.plain(value)}))) == [value]


def test_variables_in_strings_iris_and_comments_stay() -> None:
    """Only tokens that are variables are replaced."""
    query = 'SELECT * { <a?_x> ?p \'?_x\', """?_x""" . ?_x ?_xy ?q } # ?_x'
    assert substitute(query, {"_x": "<b:c>"}) == query.replace("?_x ?_xy", "<b:c> ?_xy")


@pytest.mark.parametrize(
    "query",
    ["SELECT * { SERVICE <http://x.org/> { ?s ?p ?o } }", "SELECT * { { SELECT * { service silent <a:b> {} } } }"],
)
def test_other_services_are_not_asked(query: str) -> None:
    """SERVICE is refused however it is written."""
    with pytest.raises(QueryRefused):
        check_read_only(query)


def test_service_in_text_is_no_service(example_store: EmbeddedStore) -> None:
    """The word may stand in strings, comments and names."""
    assert run_text('ASK { ?service ?p "SERVICE" } # SERVICE', example_store) is not None


@pytest.mark.parametrize("query", ["DELETE WHERE { ?s ?p ?o }", "INSERT DATA { <a:b> <a:c> <a:d> }", "SELECT", ""])
def test_what_is_no_query_is_refused(query: str, example_store: EmbeddedStore) -> None:
    """Updates and nonsense are usage errors that say where."""
    with pytest.raises(QueryRefused):
        run_text(query, example_store)


CONDITION = Parameter(name="condition", type="concept", of="condition", description="", example="")


@pytest.mark.parametrize(
    "given",
    ["hepatocellular carcinoma", "Carcinoma, Hepatocellular", "mesh:D006528", "http://id.nlm.nih.gov/mesh/D006528"],
)
def test_a_concept_is_taken_by_name_curie_or_iri(given: str, example_store: EmbeddedStore) -> None:
    """All lead to one concept, and the answer says its name."""
    found = resolve(CONDITION, given, example_store)
    assert (found.term, found.label) == ("<http://id.nlm.nih.gov/mesh/D006528>", "Carcinoma, Hepatocellular")


@pytest.mark.parametrize(
    ("param", "value"),
    [
        (CONDITION, "hepatocelular carcinom"),
        (CONDITION, ""),
        (Parameter(name="status", type="code", of="status", description="", example=""), "stopped"),
        (Parameter(name="n", type="integer", description="", example=""), "1 } "),
        (Parameter(name="day", type="date", description="", example=""), "2019-02-30"),
    ],
)
def test_values_that_cannot_be_meant_are_refused(param: Parameter, value: str, example_store: EmbeddedStore) -> None:
    """The error names the parameter."""
    with pytest.raises(ParameterError, match=param.name):
        resolve(param, value, example_store)


def test_near_names_are_suggested(example_store: EmbeddedStore) -> None:
    """A misspelt name leads to the right one."""
    with pytest.raises(ParameterError, match=r"hepatocellular carcinoma|Carcinoma, Hepatocellular"):
        resolve(CONDITION, "hepatocellular carcinomma", example_store)


def test_unknown_parameter_is_refused_with_the_nearest(example_store: EmbeddedStore) -> None:
    """A parameter that a query does not have is a usage error."""
    with pytest.raises(ParameterError, match="Did you mean condition"):
        run_query(find_query("trials-by-condition"), {"conditon": "x"}, example_store)
