"""Binding: a value becomes one term, whatever it holds; queries that do more than read are refused."""

import pyoxigraph as ox
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rdflib import Literal
from rdflib.plugins.sparql.parser import parseQuery

from kg import terms
from kg.errors import QueryRefused
from kg.queries import Parameter, check_read_only, resolve, run_text, substitute
from kg.queries.binding import variables
from kg.store import EmbeddedStore

HOSTILE = [
    "",
    '"',
    "'",
    "\\",
    '\\"',
    "\\u0022 . ?s ?p ?o . #",
    "\n",
    "\r\n\t\x0b\x0c",
    "\x00\x01\x7f",
    '" . } DELETE WHERE { ?s ?p ?o } #',
    "} DELETE WHERE { ?s ?p ?o }",
    "> . ?s ?p ?o . <",
    "<x>",
    "<script>alert(1)</script>",
    '"@en . ?s ?p ?o . ?x ?y "',
    "'''",
    '"""',
    "# comment",
    "/* comment */ --",
    "?_x $_x ?s",
    "SERVICE <http://example.org/>",
    "\ud7ff\U0001f600\u202e\u00a0",
    "x" * 10_000,
]
QUERY = 'SELECT ?x WHERE { <a:s> <a:p> "v" . BIND(?_x AS ?x) } # ?_x "'


@pytest.fixture(scope="module")
def one_triple() -> ox.Store:
    """A store that holds one triple, and must hold it after every query."""
    store = ox.Store()
    store.add(ox.Quad(ox.NamedNode("a:s"), ox.NamedNode("a:p"), ox.Literal("v")))
    return store


def constants(query: str, store: ox.Store) -> list[str]:
    """What a query on the one triple gives back."""
    answer = store.query(query)
    assert isinstance(answer, ox.QuerySolutions)
    return [row["x"].value for row in answer]


@pytest.mark.parametrize("value", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_text_comes_back_as_it_was(value: str, one_triple: ox.Store) -> None:
    """Whatever is bound is one literal of just that text."""
    assert constants(substitute(QUERY, {"_x": terms.plain(value)}), one_triple) == [value]


@given(st.text())
def test_any_text_stays_in_its_term(value: str) -> None:
    """No text at all gets out; what no literal may hold becomes the replacement character."""
    bound = substitute(QUERY, {"_x": terms.plain(value)})
    (found,) = constants(bound.replace('<a:s> <a:p> "v" .', ""), ox.Store())
    assert found == value


def parsed(query: str) -> str:
    """A query as another parser than the store's reads it."""
    return repr(parseQuery(query))


@pytest.mark.parametrize("value", HOSTILE, ids=range(len(HOSTILE)))
def test_bound_query_differs_by_one_term_only(value: str) -> None:
    """Another parser reads the same query, with the one term in the place of another."""
    query = "SELECT * WHERE { ?s <a:p> ?_x . FILTER(?s != <a:s>) } # ?_x"
    bound = parsed(substitute(query, {"_x": terms.plain(value)}))
    plain = parsed(substitute(query, {"_x": '"plain"'}))
    one, other = repr(Literal(value)), repr(Literal("plain"))
    if "\\u0022" not in value and "\r" not in value:
        assert bound.replace(one, other) == plain
    assert len(bound) - len(plain) <= len(repr(value)) + 8


@pytest.mark.parametrize("value", HOSTILE[1:], ids=range(1, len(HOSTILE)))
def test_hostile_iris_stay_in_their_term(value: str, example_store: EmbeddedStore, one_triple: ox.Store) -> None:
    """What no IRI may hold is percent-encoded, so an IRI is one term."""
    param = Parameter(name="condition", type="concept", of="condition", description="", example="")
    found = resolve(param, f"<http://example.org/{value}>", example_store)
    assert constants(substitute(QUERY, {"_x": found.term}), one_triple) == [found.term[1:-1]]
    assert ">" not in found.term[1:-1]


@pytest.mark.parametrize(
    ("query", "bound"),
    [
        ("SELECT * { ?s ?p ?_x }", "SELECT * { ?s ?p <b:c> }"),
        ("SELECT * { ?s ?p $_x }", "SELECT * { ?s ?p <b:c> }"),
        ("SELECT * { <a?_x> ?p ?_xy }", None),
        ("SELECT * { ?s ?p '?_x', \"?_x\" }", None),
        ("SELECT * { ?s ?p '''a '?_x' \n''', \"\"\"\" ?_x\"\"\" }", None),
        ("SELECT * { ?s ?p 'it\\'s ?_x' }", None),
        ("SELECT * { ?s ?p ?o } # ?_x", None),
        ("SELECT * { ?s ?p ?o FILTER(?o<?_x && ?o>1) }", "SELECT * { ?s ?p ?o FILTER(?o<<b:c> && ?o>1) }"),
    ],
)
def test_variables_are_replaced_where_they_are_variables(query: str, bound: str | None) -> None:
    """Not in strings, IRIs, comments, or in longer names."""
    assert substitute(query, {"_x": "<b:c>"}) == (query if bound is None else bound)


def test_values_are_not_looked_through_for_variables() -> None:
    """A value that looks like another parameter's variable stays text."""
    bound = substitute("SELECT * { ?_a ?p ?_b }", {"_a": '"?_b"', "_b": '"?_a"'})
    assert bound == 'SELECT * { "?_b" ?p "?_a" }'


def test_variables_are_listed_in_order() -> None:
    """Tokens only."""
    assert list(variables("SELECT ?b { ?a <x?c> '?d' . $b ?p ?a } # ?e")) == ["b", "a", "b", "p", "a"]


@pytest.mark.parametrize(
    "query",
    [
        "SELECT * { SERVICE <http://example.org/> { ?s ?p ?o } }",
        "SELECT * { service <http://example.org/> { ?s ?p ?o } }",
        "SELECT * { SeRvIcE SILENT <http://example.org/> { ?s ?p ?o } }",
        "SELECT * { SERVICE<http://example.org/>{ ?s ?p ?o } }",
        "SELECT * { SERVICE ?where { ?s ?p ?o } }",
        "SELECT * { SERVICE :there { ?s ?p ?o } }",
        "SELECT * { { SELECT * { SERVICE SILENT <a:b> {} } } }",
        "ASK { OPTIONAL { SERVICE <a:b> {} } }",
        "CONSTRUCT { ?s ?p ?o } WHERE { SERVICE <a:b> { ?s ?p ?o } }",
        "ASK { ?s ?p 'a' . # '\n SERVICE <a:b> {} }",
        'ASK { ?s ?p "it\'s" . SERVICE <a:b> {} }',
        "ASK { FILTER(1<2) SERVICE <a:b> {} FILTER(2>1) }",
        "ASK { \\u0053ERVICE <a:b> {} }",
        "ASK { \\U00000053ervice <a:b> {} }",
    ],
)
def test_other_services_are_not_asked(query: str) -> None:
    """SERVICE is refused however it is written."""
    with pytest.raises(QueryRefused, match="SERVICE"):
        check_read_only(query)


@pytest.mark.parametrize(
    "query",
    [
        'ASK { ?s ?p "SERVICE" }',
        "ASK { ?s ?p '''a SERVICE <b>''' }",
        "ASK { ?s ?p ?o } # SERVICE <a:b> {}",
        "ASK { ?service ?p $SERVICE }",
        "ASK { <a:SERVICE> ?p ?o }",
        "PREFIX : <a:> ASK { ?s :service ?o }",
        "PREFIX service: <a:> ASK { ?s service:a ?o }",
        "ASK { _:service ?p ?o }",
        "ASK { ?s ?p 'x'@service }",
        "PREFIX a: <a:> ASK { ?s a:b\\,service ?o }",
    ],
)
def test_the_word_service_is_no_service(query: str, example_store: EmbeddedStore) -> None:
    """The word may stand in strings, comments, variables and names."""
    assert run_text(query, example_store) is not None


@pytest.mark.parametrize(
    "query",
    [
        "DELETE WHERE { ?s ?p ?o }",
        "INSERT DATA { <a:b> <a:c> <a:d> }",
        "PREFIX select: <a:> insert data { <a:b> <a:c> <a:d> }",
        "BASE <a:> # SELECT\nDELETE WHERE { ?s ?p ?o }",
        "WITH <a:g> DELETE { ?s ?p ?o } WHERE { ?s ?p ?o }",
        "LOAD <file:///etc/passwd>",
        "CLEAR ALL",
        "DROP DEFAULT",
        "CREATE GRAPH <a:b>",
        "COPY <a:a> TO <a:b>",
        "SELECT * { ?s ?p ?o } ; DELETE WHERE { ?s ?p ?o }",
        "SELECT",
        "not a query",
        "",
        "# nothing",
    ],
)
def test_what_is_no_query_is_refused(query: str, example_store: EmbeddedStore) -> None:
    """Updates and nonsense are usage errors."""
    with pytest.raises(QueryRefused):
        run_text(query, example_store)


def test_update_is_refused_before_any_graph_is_asked() -> None:
    """Whatever the graph would do with it."""

    class Obedient:
        def query(self, text: str) -> object:
            raise AssertionError(text)

    for query in ("DELETE WHERE { ?s ?p ?o }", "PREFIX a: <b:>\ninsert data { <a:b> <a:c> <a:d> }"):
        with pytest.raises(QueryRefused, match="update"):
            run_text(query, Obedient())
