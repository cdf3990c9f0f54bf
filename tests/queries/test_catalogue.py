"""The catalogue: every saved query parses, is documented, and does with its parameters what its header says."""

import re
from pathlib import Path

import pytest
from rdflib.plugins.sparql.parser import parseQuery

from kg import assets
from kg.errors import KgError, NotFound
from kg.mapping import properties
from kg.queries import SavedQuery, check_read_only, find_query, read_queries, run_query
from kg.queries.binding import variables
from kg.store import EmbeddedStore
from kg.vocab import CODES

QUERIES = read_queries()
VOCABULARY = (assets.folder("ontologies") / "trialgraph.ttl").read_text(encoding="utf-8")


def is_check(query: SavedQuery) -> bool:
    """Whether a query finds nothing on a sound graph."""
    return query.name.startswith("check-")


@pytest.fixture(params=sorted(QUERIES))
def query(request: pytest.FixtureRequest) -> SavedQuery:
    """Each saved query."""
    return QUERIES[request.param]


def test_query_parses_as_plain_sparql(query: SavedQuery) -> None:
    """The file runs in any engine as it stands: its parameters are variables."""
    parseQuery(query.text)
    check_read_only(query.text)


def test_header_says_what_people_need(query: SavedQuery) -> None:
    """A question, an explanation, tags; for each parameter a sentence and an example; for each column a few words."""
    assert query.summary.endswith("?")
    assert query.description.endswith(".")
    assert query.tags
    assert all(param.description.endswith(".") and param.example for param in query.params)
    assert all(query.returns.values())
    assert re.fullmatch(r"[a-z]+(-[a-z]+)*", query.name)


def test_variables_are_the_parameters(query: SavedQuery) -> None:
    """In grlc's form, no more and no fewer."""
    used = {name for name in variables(query.text) if name.startswith("_")}
    assert used == {param.variable for param in query.params}


def test_example_values_run(query: SavedQuery, example_store: EmbeddedStore) -> None:
    """What the header shows can be given; the columns come as declared, in that order."""
    answer, resolved = run_query(query, {param.name: param.example for param in query.params}, example_store)
    assert [variable.value for variable in answer.variables] == list(query.returns)
    assert [value.param for value in resolved] == [param.name for param in query.params]
    named = [param.type in ("concept", "code") for param in query.params]
    assert [bool(value.label) for value in resolved] == named
    assert bool(list(answer)) != is_check(query)


def test_defaults_run(query: SavedQuery, example_store: EmbeddedStore) -> None:
    """A query all of whose parameters have defaults needs none."""
    if all(param.default is not None for param in query.params):
        assert bool(list(run_query(query, {}, example_store)[0])) != is_check(query)


def test_query_uses_only_declared_terms(query: SavedQuery) -> None:
    """Each property of ours in a query is one that the mapping emits, each class one that stands in the vocabulary."""
    used = set(re.findall(r"\btg:\w+", query.text))
    classes = {name for name in used if name[3].isupper()}
    assert used - classes <= properties()
    assert classes <= set(re.findall(r"^(tg:\w+) a rdfs:Class", VOCABULARY, re.MULTILINE))


def test_query_uses_only_terms_of_others_that_a_graph_holds(query: SavedQuery) -> None:
    """A property of another vocabulary is one that the mapping emits; a code stands in its scheme."""
    text = re.sub(r"^#.*$|<[^>]*>", "", query.text, flags=re.MULTILINE)
    others = set(re.findall(r"\b(?:dct|foaf|owl|rdfs|schema|skos|sssom):\w+", text))
    assert others <= properties()
    for scheme, code in re.findall(r"\b(\w+):([A-Z][A-Z_0-9]+)\b", text):
        assert code in CODES[scheme]


def test_query_walks_no_hierarchy(query: SavedQuery) -> None:
    """Closures at the trial are asked, not paths: those are slow everywhere."""
    body = re.sub(r"^#.*$|<[^>]*>", "", query.text, flags=re.MULTILINE)
    assert re.search(r"[\w:>)][*+](?![\w/])", body) is None


def test_unknown_query_is_told_with_the_nearest() -> None:
    """A misspelt name leads to the right one."""
    with pytest.raises(NotFound, match="trials-by-drug"):
        find_query("trials-by-drg")


GOOD = """#+ summary: Which?
#+ description: All.
#+ params:
#+   drug: {type: concept, of: drug, description: A drug., example: x}
#+ returns: {s: the subject}
SELECT ?s { ?s ?p ?_drug_iri }
"""


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("#+ summary: Which?\n", ""),
        ("summary: Which?", "summary: [Which?"),
        ("summary: Which?", "sumary: Which?"),
        ("type: concept", "type: thing"),
        ("type: concept, of: drug", "type: code, of: nothing"),
        ("example: x", "exmple: x"),
        ("?_drug_iri", "?_other_iri"),
        ("?_drug_iri", "?_drug"),
        ("?_drug_iri", "?o"),
        ("#+", "#"),
    ],
)
def test_header_that_is_not_as_it_should_be_is_told_by_file(old: str, new: str, tmp_path: Path) -> None:
    """Not at the time of the answer: when the catalogue is read."""
    (tmp_path / "which.rq").write_text(GOOD, encoding="utf-8")
    assert list(read_queries(tmp_path)) == ["which"]
    assert GOOD.count(old) >= 1
    (tmp_path / "which.rq").write_text(GOOD.replace(old, new), encoding="utf-8")
    with pytest.raises(KgError, match=r"which\.rq"):
        read_queries(tmp_path)
