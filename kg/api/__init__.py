"""A graph in Python: saved queries, SPARQL, trials; answers that notebooks show, and that tables are made of.

>>> import kg
>>> g = kg.open("graph")  # doctest: +SKIP
>>> g.query("trials-by-drug", drug="everolimus").to_pandas()  # doctest: +SKIP
"""

from kg.api.graph import Graph, open_graph
from kg.api.rows import Rows
from kg.api.trial import Trial

__all__ = ["Graph", "Rows", "Trial", "open_graph"]
