"""Layers on disk: gzip'ed N-Triples sorted by trial, the same bytes whatever the order of records.

Mapped trials come in any order and go out sorted, by an external merge sort. Of several records of one trial the best
is kept.
"""

from kg.layers.index import INDEX, Footer, is_of_layers, iter_index, read_footer
from kg.layers.packing import Block, Entry, Packed, Rank, order, pack, unpack_text
from kg.layers.places import LAYERS, layer_path
from kg.layers.reading import read_build_findings, read_lines, read_partitions, read_sources
from kg.layers.runs import encode_blocks, merge_runs
from kg.layers.writing import LayerFiles, LayerWriter, Superseded, write_layer

__all__ = [
    "INDEX",
    "LAYERS",
    "Block",
    "Entry",
    "Footer",
    "LayerFiles",
    "LayerWriter",
    "Packed",
    "Rank",
    "Superseded",
    "encode_blocks",
    "is_of_layers",
    "iter_index",
    "layer_path",
    "merge_runs",
    "order",
    "pack",
    "read_build_findings",
    "read_footer",
    "read_lines",
    "read_partitions",
    "read_sources",
    "unpack_text",
    "write_layer",
]
