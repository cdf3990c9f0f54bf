"""An endpoint is explained as the embedded store is."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from rdflib import URIRef

import kg as library
from kg.api import Rows
from kg.endpoint import Endpoint
from kg.explanation import explain
from kg.layers import layer_path
from kg.queries import read_queries
from kg.store import EmbeddedStore
from tests.commands import Kg
from tests.test_endpoint import oxigraph

LAYERS = ("registry", "derived", "links", "inferred", "ontology")
TRIALS = ("NCT01079767", "NCT00355862")


@pytest.fixture(scope="module")
def server(example_graph: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server with the layers of the examples."""
    layers = [layer_path(example_graph, layer) for layer in LAYERS]
    with oxigraph(tmp_path_factory.mktemp("server"), *layers) as url:
        yield url


@pytest.mark.parametrize("name", sorted(read_queries()))
def test_every_query_is_explained_the_same(name: str, server: str, example_store: EmbeddedStore) -> None:
    """Word for word."""
    query = read_queries()[name]
    values = {param.name: param.example for param in query.params}
    for trial in TRIALS:
        assert explain(query, values, trial, Endpoint(server)) == explain(query, values, trial, example_store)


def test_command_asks_an_endpoint(server: str, example_graph: Path, kg: Kg) -> None:
    """The text is that of the folder."""
    words = ("why", TRIALS[0], "terminated-mtor-inhibitor-hcc-trials")
    assert kg(*words, "--endpoint", server) == kg(*words, "--graph", example_graph)


def test_python_opens_an_endpoint(server: str, example_graph: Path) -> None:
    """Rows, trials and rdflib's view are those of the folder."""
    remote, local = library.open(server), library.open(example_graph)
    rows, also = (each.query("trials-by-drug", drug="everolimus") for each in (remote, local))
    assert isinstance(rows, Rows)
    assert list(rows) == list(also)
    assert remote.trial(TRIALS[0]).facts == local.trial(TRIALS[0]).facts
    assert list(remote.trial(TRIALS[0]).links) == list(local.trial(TRIALS[0]).links)
    study = URIRef(remote.trial(TRIALS[0]).iri)
    seen = [{(p, str(o)) for p, o in graph.rdflib().predicate_objects(study)} for graph in (remote, local)]
    assert seen[0] == seen[1]
    with pytest.raises(TypeError, match="read only"):
        remote.rdflib().add((study, study, study))
