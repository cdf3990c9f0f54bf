"""A graph for others: one bundle for linked-data catalogues, and what changed between two graphs.

chunks       layers in pieces that can be held: a trial's, or one subject's
blocks       Turtle whose diff can be read
distinct, statistics     VoID's numbers, counted while the triples pass by
dumps        files for download
release      what the publisher decides, and the release's name
description  HCLS's three levels, DCAT-AP; `void`, `origin` and `facts` are its parts
examples     saved queries in SIB's form
index_page, vocabulary_page, redirects   pages for people, and how IRIs lead to them
bundle       all of these in one folder, checked before it is there
manifest, told, changes, change_report   two graphs compared, trial by trial
"""

from kg.publishing.bundle import Published, publish
from kg.publishing.change_report import CHANGE_FORMATS, write_changes
from kg.publishing.changes import TrialChange, compare_builds, compare_graphs
from kg.publishing.release import Terms

__all__ = [
    "CHANGE_FORMATS",
    "Published",
    "Terms",
    "TrialChange",
    "compare_builds",
    "compare_graphs",
    "publish",
    "write_changes",
]
