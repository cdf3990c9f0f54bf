"""A graph in Python: what `kg.open` gives, as values, tables and HTML."""

import datetime
import subprocess
import sys
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path
from xml.etree.ElementTree import fromstring

import pyoxigraph as ox
import pytest
import rdflib

import kg
from kg import assets
from kg.api import Graph, Rows, Trial
from kg.api.rows import value_of
from kg.errors import GraphError, NotFound, ParameterError, QueryRefused, UsageError
from kg.queries import find_query, run_query
from kg.store import EmbeddedStore
from kg.vocab import PREFIXES

#: What a record might hold to get out of its cell.
HOSTILE = "</td><script>alert('x')</script>&amp;\"' <b>"
TYPES = ("integer", "decimal", "double", "boolean", "date", "dateTime", "gYear")


@pytest.fixture(scope="module")
def graph(example_graph: Path) -> Graph:
    """The examples, open."""
    return kg.open(example_graph)


class Texts(HTMLParser):
    """The tags and the texts of HTML."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.texts: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002 - HTMLParser gives them
        """Keeps the name."""
        self.tags.append(tag)

    def handle_data(self, data: str) -> None:
        """Keeps the text."""
        self.texts.append(data)


def test_importing_loads_no_heavy_library() -> None:
    """Whoever asks for the version waits for nothing."""
    heavy = "('pyoxigraph', 'rdflib', 'pandas', 'polars', 'lxml', 'msgspec', 'typer', 'kg.api')"
    code = f"import sys, kg; kg.open; print([name for name in {heavy} if name in sys.modules])"
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ended.stdout == "[]\n"


def test_opening_a_graph_loads_no_library_of_tables(example_graph: Path) -> None:
    """Nor rdflib: each comes with what is asked of it."""
    heavy = "('rdflib', 'pandas', 'polars', 'oxrdflib')"
    code = f"import sys, kg; kg.open({str(example_graph)!r}); print([name for name in {heavy} if name in sys.modules])"
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ended.stdout == "[]\n"


def test_rows_are_those_of_the_command(graph: Graph, example_store: EmbeddedStore) -> None:
    """The same terms in the same order, as values; what a name was taken for is kept."""
    rows = graph.query("trials-by-drug", drug="everolimus")
    answer, resolved = run_query(find_query("trials-by-drug"), {"drug": "everolimus"}, example_store)
    expected = [[term.value if term is not None else None for term in row] for row in answer]
    assert [list(row.values()) for row in rows] == expected
    assert rows.resolved == resolved
    assert len(rows) == len(expected) > 1
    assert rows[0]["trial"] == rows.column("trial")[0] == expected[0][0]
    assert rows[-1] == list(rows)[-1] == rows[len(rows) - 1]
    assert [row["role"] for row in rows[1:3]] == rows.column("role")[1:3]
    with pytest.raises(IndexError):
        rows[len(rows)]
    with pytest.raises(UsageError, match="no such column"):
        rows.column("rolle")


def test_values_are_of_their_type(graph: Graph) -> None:
    """Numbers and days, not texts."""
    (row,) = graph.query("results-missing", before=datetime.date(2010, 1, 1))
    assert row["completed"] == datetime.date(2009, 4, 30)
    assert all(isinstance(n, int) for n in graph.query("conditions-for-drug", drug="everolimus").column("trials"))


@pytest.mark.parametrize("name", TYPES)
@pytest.mark.parametrize("text", ["1", "0", "true", "2010-02-30", "2010-02-28", "-0001-01-01", "NaN", "1e3", "", "x"])
def test_any_literal_has_a_value(name: str, text: str) -> None:
    """What is no such value stays text; nothing is lost."""
    literal = ox.Literal(text, datatype=ox.NamedNode(PREFIXES["xsd"] + name))
    value = value_of(literal)
    assert isinstance(value, str) == (value == text)


def test_python_words_are_given_with_an_underscore(graph: Graph) -> None:
    """`class` is one."""
    plain = graph.query("trials-by-drug-class", **{"class": "mTOR inhibitor"})
    assert list(graph.query("trials-by-drug-class", class_="mTOR inhibitor")) == list(plain)


def test_tables_hold_the_rows(graph: Graph) -> None:
    """Of pandas and polars alike; also of no rows."""
    rows = graph.query("enrollment-of-trials", condition="liver cancer")
    pandas, polars = rows.to_pandas(), rows.to_polars()
    assert list(pandas.columns) == list(polars.columns) == list(rows.columns)
    assert pandas["enrollment"].tolist() == polars["enrollment"].to_list() == rows.column("enrollment")
    none = graph.query("trials-by-sponsor", sponsor="no such sponsor")
    assert (len(none), len(none.to_pandas()), none.to_polars().height) == (0, 0, 0)
    assert list(none.to_pandas().columns) == list(none.columns)


def test_columns_of_several_kinds_become_text_in_polars() -> None:
    """Which knows one kind a column; pandas keeps the values."""
    rows = Rows(("a",), [(1,), ("x",), (None,)])
    assert rows.to_polars()["a"].to_list() == ["1", "x", None]
    assert rows.to_pandas()["a"].tolist()[:2] == [1, "x"]


@pytest.mark.parametrize("name", ["pandas", "polars"])
def test_missing_libraries_are_named(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """With what to install."""
    monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(UsageError, match=rf"{name} is not installed.*pip install"):
        getattr(Rows(("a",), [(1,)]), f"to_{name}")()


def test_missing_oxrdflib_is_named(graph: Graph, monkeypatch: pytest.MonkeyPatch) -> None:
    """With what to install."""
    monkeypatch.setitem(sys.modules, "oxrdflib", None)
    with pytest.raises(UsageError, match=r"oxrdflib is not installed.*pip install"):
        graph.rdflib()


def test_sparql_answers_by_its_kind(graph: Graph) -> None:
    """Rows, yes or no, triples; updates and SERVICE are refused."""
    rows = graph.sparql("SELECT (COUNT(*) AS ?n) { ?s a <https://w3id.org/trialgraph/vocab#Study> }")
    assert isinstance(rows, Rows)
    assert rows[0] == {"n": 37}
    assert graph.sparql("ASK { ?s ?p ?o }") is True
    assert graph.sparql("ASK { ?s <http://e/none> ?o }") is False
    triples = graph.sparql("CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o } LIMIT 3")
    assert isinstance(triples, rdflib.Graph)
    assert len(triples) == 3
    for text in ("DELETE WHERE { ?s ?p ?o }", "SELECT * { SERVICE <http://e/> { ?s ?p ?o } }", "SELECT"):
        with pytest.raises(QueryRefused):
            graph.sparql(text)


@pytest.mark.parametrize("number", ["NCT01079767", "nct01079767", "https://clinicaltrials.gov/study/NCT01079767"])
def test_trial_tells_its_facts_and_links(graph: Graph, number: str) -> None:
    """By number or by the IRI of an answer; links with evidence, as rows."""
    trial = graph.trial(number)
    assert isinstance(trial, Trial)
    assert (trial.number, trial.title) == (
        "NCT01079767",
        "Temsirolimus in Treating Patients With Advanced Liver Cancer and Cirrhosis",
    )
    assert trial.facts["overall status"] == ("Terminated",)
    assert trial.facts["has condition"] == ("Liver Cancer",)
    links = {(row["part"], row["concept"]): row for row in trial.links}
    assert len(links) == len(trial.links)
    found = links["intervention-1", "http://id.nlm.nih.gov/mesh/C401859"]
    assert (found["matched"], found["tier"], found["confidence"]) == ("temsirolimus", "exact label", 0.99)
    assert ("title", "http://id.nlm.nih.gov/mesh/D006528") in links


def test_links_are_all_that_the_graph_has_evidence_for(graph: Graph) -> None:
    """Of every trial, none twice, none of another trial."""
    count = graph.sparql("SELECT (COUNT(*) AS ?n) { ?a a <http://www.w3.org/2002/07/owl#Axiom> }")
    studies = graph.sparql("SELECT ?s { ?s a <https://w3id.org/trialgraph/vocab#Study> }")
    assert isinstance(count, Rows)
    assert isinstance(studies, Rows)
    assert sum(len(graph.trial(row["s"]).links) for row in studies) == count[0]["n"]


def test_unknown_names_are_told(graph: Graph, tmp_path: Path) -> None:
    """With errors of ours."""
    with pytest.raises(NotFound):
        graph.trial("NCT99999999")
    with pytest.raises(UsageError):
        graph.trial("NCT1")
    with pytest.raises(NotFound):
        graph.query("trials-by-drg", drug="everolimus")
    with pytest.raises(ParameterError):
        graph.query("trials-by-drug", drg="everolimus")
    with pytest.raises(GraphError):
        kg.open(tmp_path)
    with pytest.raises(UsageError):
        kg.open("file:///etc/passwd")


def test_html_escapes_what_records_say() -> None:
    """Nothing gets out of its cell, its heading or its link; it is well-formed."""
    rows = Rows(("a", HOSTILE), [(HOSTILE, f"http://e/{HOSTILE.replace(' ', '')}"), (None, 1)])
    trial = Trial("NCT00000001", {"brief title": (HOSTILE,), HOSTILE: (HOSTILE,)}, rows[:0])
    for html in (rows._repr_html_(), trial._repr_html_()):
        shown = Texts(html)
        assert HOSTILE in shown.texts
        assert not {"script", "b"} & set(shown.tags)
        fromstring(f"<div>{html}</div>")  # noqa: S314 - written by us


def test_html_shows_rows_and_what_names_were_taken_for(graph: Graph) -> None:
    """Trials by number, with links; of many rows the first."""
    shown = Texts(graph.query("trials-by-drug", drug="everolimus")._repr_html_())
    assert "NCT01379521" in shown.texts
    assert "drug = everolimus → Everolimus (mesh:D000068338)" in shown.texts
    many = Texts(Rows(("n",), [(n,) for n in range(1000)])._repr_html_())
    assert many.tags.count("tr") == 61
    assert "1,000 rows, the first 60 shown" in many.texts
    trial = Texts(graph.trial("NCT01079767")._repr_html_())
    assert "exact label" in trial.texts


def test_why_reads_in_notebooks_as_on_the_command_line(graph: Graph) -> None:
    """Text, HTML, truth value."""
    why = graph.why("NCT00355862", "terminated-mtor-inhibitor-hcc-trials")
    assert not why
    assert why.explanation.trial == "NCT00355862"
    assert Texts(why._repr_html_()).texts == [str(why)]
    assert graph.why("NCT00355862", "terminated-mtor-inhibitor-hcc-trials", status="COMPLETED")


def test_rdflib_sees_the_same_triples_and_changes_none(graph: Graph) -> None:
    """Reading works as with any graph; writing raises, and leaves all as it is."""
    view = graph.rdflib()
    study = rdflib.URIRef("https://clinicaltrials.gov/study/NCT01079767")
    title = view.value(study, rdflib.URIRef(f"{PREFIXES['tg']}briefTitle"))
    assert str(title) == graph.trial("NCT01079767").title
    number = rdflib.Literal("NCT01079767")
    assert view.value(None, rdflib.DCTERMS.identifier, number) == study
    assert str(view.value(study, rdflib.DCTERMS.identifier)) == str(number)
    size = len(view)
    count = graph.sparql("SELECT (COUNT(*) AS ?n) { ?s ?p ?o }")
    assert isinstance(count, Rows)
    assert size == count[0]["n"]
    writes: list[Callable[[], object]] = [
        lambda: view.add((study, study, study)),
        lambda: view.addN([(study, study, study, view)]),
        lambda: view.remove((study, None, None)),
        lambda: view.parse(data="<a:a> <a:a> <a:a> .", format="nt"),
        lambda: view.update("DELETE WHERE { ?s ?p ?o }"),
    ]
    for write in writes:
        with pytest.raises(UsageError, match="for reading only"):
            write()
    assert len(view) == size


@pytest.fixture
def notebook() -> Path:
    """The notebook of the examples."""
    path = assets.folder("examples") / "explore.ipynb"
    assert path.is_file()
    return path


def test_notebook_of_the_examples_runs(
    notebook: Path, example_graph: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From the first cell to the last, with something to look at in each; it is kept without outputs."""
    import nbformat
    from nbclient import NotebookClient

    written = nbformat.read(notebook, as_version=4)  # type: ignore[no-untyped-call]
    cells = [cell for cell in written.cells if cell.cell_type == "code"]
    assert all(not cell.outputs and cell.execution_count is None for cell in cells)
    monkeypatch.setenv("TRIALGRAPH_GRAPH", str(example_graph))
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path))
    NotebookClient(
        written, timeout=120, kernel_name="python3", resources={"metadata": {"path": str(tmp_path)}}
    ).execute()
    for cell in cells:
        (output,) = cell.outputs
        assert output.output_type == "execute_result", cell.source
    assert "text/html" in cells[1].outputs[0].data
    assert "is not in the answer" in cells[6].outputs[0].data["text/html"]
