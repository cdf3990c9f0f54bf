"""A graph that is open: asked by saved queries, in SPARQL, by trial."""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kg.api.rows import Rows, read_rows
from kg.api.trial import Trial, find_trial
from kg.api.why import Why
from kg.errors import UsageError
from kg.queries import Graph as Asked
from kg.queries import find_query, read_queries, run_query, run_text

if TYPE_CHECKING:
    import rdflib

__all__ = ["Graph", "open_graph"]


def open_graph(place: str | os.PathLike[str], *, timeout_s: float = 60) -> "Graph":
    """The graph of a folder that `kg build` made, or of a SPARQL endpoint (an http or https URL).

    A folder is opened for reading only. `timeout_s` is for endpoints: the embedded engine cannot be interrupted.

    Raises:
        GraphError: if the folder is no graph.
        UsageError: if the URL is none.
    """
    where = os.fspath(place)
    if "://" in where:
        from kg.endpoint import Endpoint

        return Graph(Endpoint(where, timeout_s=timeout_s), where)
    from kg.store import EmbeddedStore

    return Graph(EmbeddedStore(Path(where) / "store"), where)


class Graph:
    """A graph that can be asked; nothing is written to it."""

    def __init__(self, asked: Asked, place: str) -> None:
        self._asked = asked
        self.place = place

    def __repr__(self) -> str:
        return f"<trialgraph {self.place}>"

    def queries(self) -> Rows:
        """The saved queries: name, question, parameters."""
        rows = [
            (query.name, query.summary, ", ".join(param.name for param in query.params))
            for query in read_queries().values()
        ]
        return Rows(("query", "question", "parameters"), rows)

    def query(self, name: str, /, **values: Any) -> Rows:
        """The answer of a saved query; concepts by name, CURIE or IRI.

        Parameters that Python keeps for itself take an underscore: `class_="mTOR inhibitor"`.

        Raises:
            NotFound: if there is no query of that name.
            ParameterError: if a parameter is unknown, missing, or its value cannot be meant.
        """
        answer, resolved = run_query(find_query(name), _texts(values), self._asked)
        return read_rows(answer, resolved)

    def sparql(self, text: str) -> "Rows | bool | rdflib.Graph":
        """The answer to a query of your own: rows of a SELECT, yes or no of an ASK, the triples of a CONSTRUCT.

        Raises:
            QueryRefused: if it is no query that only reads this graph.
        """
        import pyoxigraph as ox

        answer = run_text(text, self._asked)
        if isinstance(answer, ox.QueryBoolean):
            return bool(answer)
        if isinstance(answer, ox.QuerySolutions):
            return read_rows(answer)
        import rdflib

        triples = ox.serialize(answer, format=ox.RdfFormat.N_TRIPLES)
        return rdflib.Graph().parse(data=triples, format="nt")

    def trial(self, number: str) -> Trial:
        """A trial by its NCT number (or the IRI that queries give for it): its facts, and what it is linked to.

        Raises:
            UsageError: if it is no NCT number.
            NotFound: if the graph knows nothing of it.
        """
        return find_trial(self._asked, number)

    def why(self, number: str, name: str, /, **values: Any) -> Why:
        """Why a trial is in the answer of a saved query, or is not.

        Raises:
            NotFound: if there is no query of that name, or the graph knows nothing of the trial.
            ParameterError: if a parameter is unknown, missing, or its value cannot be meant.
        """
        from kg.explanation import explain

        return Why(explain(find_query(name), _texts(values), number, self._asked))

    def rdflib(self) -> "rdflib.Graph":
        """The graph as rdflib sees graphs, through oxrdflib; of an endpoint through rdflib's own SPARQLStore.

        It cannot be written to. Of a folder it is the union of all layers, in which plain strings have the datatype
        xsd:string, as RDF 1.1 has it (rdflib itself gives them none).

        Raises:
            UsageError: if oxrdflib is not installed; from the graph, if it is written to.
        """
        import rdflib
        from rdflib.graph import DATASET_DEFAULT_GRAPH_ID

        from kg.endpoint import Endpoint
        from kg.store import EmbeddedStore

        if isinstance(self._asked, Endpoint):
            from rdflib.plugins.stores.sparqlstore import SPARQLStore

            return rdflib.Graph(store=SPARQLStore(self._asked.url))
        try:
            from oxrdflib import OxigraphStore
        except ImportError:
            raise UsageError(
                "rdflib", "oxrdflib is not installed", remedy="pip install 'trialgraph[notebook]'"
            ) from None
        assert isinstance(self._asked, EmbeddedStore)  # noqa: S101 - a graph is a folder or an endpoint
        store = _read_only(OxigraphStore)(store=self._asked.engine)
        return rdflib.Graph(store=store, identifier=DATASET_DEFAULT_GRAPH_ID)


def _read_only(store: type[Any]) -> type[Any]:
    """The class of rdflib stores with all that writes refused in our words, not the engine's."""

    def refuse(*_: object, **__: object) -> None:
        remedy = "Copy what you want to change: rdflib.Graph() + graph."
        raise UsageError("rdflib", "the graph is opened for reading only", remedy=remedy)

    return type("ReadOnlyStore", (store,), dict.fromkeys(("add", "addN", "remove", "update"), refuse))


def _texts(values: dict[str, Any]) -> dict[str, str]:
    return {name.removesuffix("_"): str(value) for name, value in values.items()}
