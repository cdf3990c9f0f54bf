"""A graph folder -> any SPARQL store, over HTTP: in batches, with another attempt where one fails, counted at the end.

What stands in the default graph of the embedded store goes to the default graph of the target; what stands in named
graphs there goes to the same ones. A store without a default graph of its own (Virtuoso) gets it as a named graph: the
endpoint's address says which, in the way that the protocol has for queries, so that one address serves both:
`http://localhost:8890/sparql?default-graph-uri=https://w3id.org/trialgraph/graph/all`.
"""

from kg.loading.loading import Loaded, LoadedGraph, load_graph
from kg.loading.target import Target

__all__ = ["Loaded", "LoadedGraph", "Target", "load_graph"]
