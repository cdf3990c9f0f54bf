"""Every saved query, with the parameters of each of its cases, has the same answer on each engine."""

import json
import os
import shutil
from pathlib import Path
from typing import Any

import pytest

from kg import assets
from kg.endpoint import Endpoint
from kg.errors import KgError
from kg.loading import Target
from kg.queries import find_query, read_queries, run_query
from kg.queries.answers import cells
from kg.queries.cases import find_cases, read_case
from kg.store import EmbeddedStore
from tests.commands import Kg
from tests.loading.servers import UNION, Addresses, oxigraph, virtuoso
from tests.queries.rows import comparable

DOUBLE = "http://www.w3.org/2001/XMLSchema#double"
long = pytest.mark.skipif("TRIALGRAPH_DATA" not in os.environ, reason="long: TRIALGRAPH_DATA is not set")
needs_virtuoso = pytest.mark.skipif(
    not (shutil.which("virtuoso-t") and shutil.which("isql-vt")),
    reason="Virtuoso 7 is not installed (Debian: virtuoso-opensource)",
)


def asked() -> list[tuple[str, dict[str, str]]]:
    """Queries with parameters: of each case, and each parameter's example."""
    cases = [(file.parent.name, read_case(file).values) for file in find_cases(assets.folder("queries"))]
    examples = [(query.name, {p.name: p.example for p in query.params}) for query in read_queries().values()]
    return cases + [pair for pair in examples if pair not in cases]


def answer(name: str, values: dict[str, str], graph: EmbeddedStore | Endpoint) -> Any:
    """Columns, rows in any order, first column in order, and what the parameters were taken for."""
    found, resolved = run_query(find_query(name), values, graph)
    columns, rows = cells(found)
    return columns, comparable(rows), [row[0] for row in rows], resolved


def differing(store: EmbeddedStore, remote: Endpoint) -> list[str]:
    """Queries that the two do not answer alike."""
    found = []
    for name, values in asked():
        try:
            same = answer(name, values, store) == answer(name, values, remote)
        except KgError as error:
            found.append(f"{name} {values}: {error}")
        else:
            found += [] if same else [f"{name} {values}"]
    return found


def check_engine(at: Addresses, graph: Path, kg: Kg) -> None:
    """Loads the graph, and compares all answers."""
    ended = kg("load", graph, "--endpoint", at.query, "--gsp", at.gsp, "--format", "json")
    assert ended.code == 0, ended.err
    assert json.loads(ended.out)["findings"] == []
    assert len(asked()) > 70
    assert differing(EmbeddedStore(graph / "store"), Endpoint(at.query)) == []


@long
def test_oxigraph_answers_as_the_embedded_store(example_graph: Path, tmp_path: Path, kg: Kg) -> None:
    """The server of the same engine, filled by HTTP."""
    with oxigraph(tmp_path / "server") as at:
        check_engine(at, example_graph, kg)


@long
@needs_virtuoso
def test_virtuoso_answers_as_the_embedded_store(
    example_graph: Path, tmp_path: Path, kg: Kg, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An engine of another make, without a default graph, behind digest authentication; datatypes come back whole."""
    monkeypatch.setenv("TRIALGRAPH_USER", "dba")
    monkeypatch.setenv("TRIALGRAPH_PASSWORD", "dba")
    with virtuoso(tmp_path / "server") as at:
        check_engine(at, example_graph, kg)
        text = f"CONSTRUCT {{ ?s ?p ?o }} WHERE {{ ?s ?p ?o FILTER(DATATYPE(?o) = <{DOUBLE}>) }}"
        answers: Any = (Endpoint(at.query).query(text), EmbeddedStore(example_graph / "store").query(text))
        remote, local = ([triple.object.datatype.value for triple in found] for found in answers)
        assert set(remote) == {DOUBLE}
        assert len(remote) == len(local)
        protected = at.query.replace("/sparql?", "/sparql-auth?")
        assert [bool(Endpoint(protected).query("ASK { ?s ?p ?o }"))] == [True]


@long
@needs_virtuoso
def test_virtuoso_takes_updates_of_any_size(tmp_path: Path) -> None:
    """Of batches beyond the limit of its compiler halves are sent; any text arrives as it was."""
    texts = ["\\\\u0022 . } DROP ALL #", "\\\\u000A", "naïve 漢字 \U0001f600", '\\"} } ; CLEAR ALL #', "\\\\"]
    lines = [f'<http://a/{n}> <http://a/p> "{texts[n % len(texts)]} {n}"@en .\n' for n in range(7_000)]
    with virtuoso(tmp_path / "server") as at:
        target = Target(at.query, batch=7_000)
        assert target.is_empty("")
        target.insert("", lines)
        assert target.count("") == len(lines)
        assert target.batch < 5_000
        rows = Endpoint(at.query).query("SELECT ?s ?p ?o WHERE { ?s ?p ?o }")
        assert {f"{row[0]} {row[1]} {row[2]} .\n" for row in rows} == set(lines)  # type: ignore[union-attr]
        target.clear("")
        assert target.is_empty("")
        assert target.default_graph == UNION
