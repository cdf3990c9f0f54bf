"""A graph folder stands in an Oxigraph server as it stands on disk, whichever way it was sent."""

import json
from pathlib import Path

import pyoxigraph as ox
import pytest

from kg.endpoint import Endpoint
from kg.loading import Target
from kg.store import EmbeddedStore
from tests.commands import Kg
from tests.loading.servers import oxigraph

EACH = "SELECT ?s ?p ?o WHERE { %s FILTER(!isBlank(?s) && !isBlank(?o)) }"


def triples(graph: EmbeddedStore | Endpoint, pattern: str) -> set[tuple[str, ...]]:
    """All triples of a pattern that have no blank node."""
    rows = graph.query(EACH % pattern)
    assert isinstance(rows, ox.QuerySolutions)
    return {tuple(map(str, row)) for row in rows}


@pytest.mark.parametrize("way", ["update", "gsp"])
def test_every_graph_arrives(
    way: str, example_graph: Path, example_store: EmbeddedStore, tmp_path: Path, kg: Kg
) -> None:
    """The default graph and each named one hold the same triples; blank nodes have got IRIs."""
    with oxigraph(tmp_path / "server") as store:
        ended = kg(
            "load", example_graph, "--endpoint", store.query, f"--{way}", getattr(store, way), "--format", "json"
        )
        assert ended.code == 0, ended.err
        told = json.loads(ended.out)
        assert not told["findings"]
        assert all(graph["found"] == graph["expected"] > 0 for graph in told["graphs"])
        remote = Endpoint(store.query)
        names = [graph["graph"] for graph in told["graphs"]]
        assert names[0] == ""
        assert set(names[1:]) == {graph.value for graph in example_store.engine.named_graphs()}
        for name in names:
            pattern = f"GRAPH <{name}> {{ ?s ?p ?o }}" if name else "?s ?p ?o ."
            here, there = triples(example_store, pattern), triples(remote, pattern)
            assert here <= there
            assert all("/genid/" in "".join(row) for row in there - here)


def test_a_store_with_triples_of_others_is_left_alone(example_graph: Path, tmp_path: Path, kg: Kg) -> None:
    """What is there is only taken away on request; beside it a graph may stand under names of its own."""
    with oxigraph(tmp_path / "server") as store:
        ways = ("--gsp", store.gsp, "--batch", 100_000)
        Target(store.query, update=store.update).insert("", ["<a:s> <a:p> <a:o> .\n"])
        refused = kg("load", example_graph, "--endpoint", store.query, *ways)
        assert (refused.code, "--replace" in refused.err) == (3, True)
        union = "https://w3id.org/trialgraph/graph/all"
        address = f"{store.query}?default-graph-uri={union}"
        beside = kg("load", example_graph, "--endpoint", address, *ways, "--graph-prefix", "https://example.org/mine/")
        assert beside.code == 0, beside.err
        assert union in beside.out
        assert "https://example.org/mine/ontology/mesh" in beside.out
        assert len(triples(Endpoint(address), "?s ?p ?o .")) > 50_000
        assert triples(Endpoint(store.query), "?s ?p ?o .") == {("<a:s>", "<a:p>", "<a:o>")}
        assert kg("load", example_graph, "--endpoint", store.query, *ways, "--replace").code == 0
        assert len(triples(Endpoint(store.query), "?s ?p ?o .")) > 50_000
