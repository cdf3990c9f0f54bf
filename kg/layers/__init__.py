"""Layers on disk: gzip'ed N-Triples sorted by trial, the same bytes whatever the order of records.

Mapped trials come in any order and go out sorted, by an external merge sort. Of several records of one trial the best
is kept.
"""

from kg.layers.packing import Block, Packed, Rank, pack
from kg.layers.places import LAYERS, layer_path
from kg.layers.reading import read_build_findings, read_lines, read_partitions, read_sources
from kg.layers.runs import encode_blocks, merge_runs
from kg.layers.writing import LayerFiles, LayerWriter, Superseded, write_layer

__all__ = [
    "LAYERS",
    "Block",
    "LayerFiles",
    "LayerWriter",
    "Packed",
    "Rank",
    "Superseded",
    "encode_blocks",
    "layer_path",
    "merge_runs",
    "pack",
    "read_build_findings",
    "read_lines",
    "read_partitions",
    "read_sources",
    "write_layer",
]
