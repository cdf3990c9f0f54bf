"""Partitions of records -> pieces: mapped, linked, closed, and left on disk under a name that says what they are of.

A piece is made by one process from one partition, the same bytes wherever and whenever. Its name is the hash of the
records' bytes and of all that decides what becomes of them, so that a build which was killed finds what it had
finished. Pieces are sorted runs: a graph's layers are their merge.
"""

from kg.building.piece import Totals, encode_findings, read_totals
from kg.building.pool import make_pieces
from kg.building.recipe import Recipe, open_recipe

__all__ = ["Recipe", "Totals", "encode_findings", "make_pieces", "open_recipe", "read_totals"]
