"""What follows from concepts and links: membership of drug classes, with the source that says so.

classes     the definitions, and their members by a plain closure
closure     everything broader, at the trial
concepts    what reasoning needs of a concept, in a graph folder's ontology layer
module      the same question in OWL
hermit      the reasoner, in a process of its own; `owl` is what runs in it
"""

from kg.reasoning.classes import Definition, DrugClass, Membership, find_members, iter_bridges, read_classes

__all__ = ["Definition", "DrugClass", "Membership", "find_members", "iter_bridges", "read_classes"]
