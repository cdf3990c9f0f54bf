"""Where a graph folder keeps its layers."""

from pathlib import Path

__all__ = ["LAYERS", "SOURCES", "layer_path"]

#: The layers of a graph folder, in the order in which they are written and exported.
LAYERS = ("registry", "derived", "links", "inferred", "ontology", "metadata")

#: Which record each trial was mapped from: NCT number, and the input's name as JSON writes it. For the way back only.
SOURCES = "sources.tsv"


def layer_path(folder: Path, layer: str) -> Path:
    """Where a graph folder keeps a layer."""
    return folder / "layers" / f"{layer}.nt.gz"
