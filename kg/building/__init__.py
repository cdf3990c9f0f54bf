"""Partitions of records -> pieces: mapped, linked, closed, and left on disk under a name that says what they are of.

A piece is made by one process from one partition, the same bytes wherever and whenever. Its name is the hash of the
records' bytes and of all that decides what becomes of them, so that a build which was killed finds what it had
finished. Pieces are sorted runs: a graph's layers are their merge.
"""

from kg.building.cluster import check_cluster, make_pieces_on
from kg.building.piece import Note, Totals, encode_findings, read_head
from kg.building.pool import make_pieces
from kg.building.recipe import Mapper, Recipe, open_recipe
from kg.building.report import BuildReport, digest_files, make_report, write_manifest
from kg.building.statements import class_lines, concept_lines, metadata_lines, ontology_lines
from kg.building.writing import OF_RECORDS, GraphFiles, Standing

__all__ = [
    "OF_RECORDS",
    "BuildReport",
    "GraphFiles",
    "Mapper",
    "Note",
    "Recipe",
    "Standing",
    "Totals",
    "check_cluster",
    "class_lines",
    "concept_lines",
    "digest_files",
    "encode_findings",
    "make_pieces",
    "make_pieces_on",
    "make_report",
    "metadata_lines",
    "ontology_lines",
    "open_recipe",
    "read_head",
    "write_manifest",
]
