"""trialgraph: clinical-trial records in, a trustworthy knowledge graph out."""

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kg.api import Graph

__all__ = ["__version__", "open"]

__version__ = "0.1.0"


def open(place: "str | os.PathLike[str]", *, timeout_s: float = 60) -> "Graph":  # noqa: A001 - read as `kg.open`
    """The graph of a folder that `kg build` made, or of a SPARQL endpoint (an http or https URL).

    Raises:
        GraphError: if the folder is no graph.
        UsageError: if the URL is none.
    """
    # Whoever only asks for the version loads no engine.
    from kg.api import open_graph

    return open_graph(place, timeout_s=timeout_s)
