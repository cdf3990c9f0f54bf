"""The strings of a record -> concepts, with evidence. What is not sure is not said: it abstains, with a reason.

Each tier is a function of one string (`kg.linking.tiers`); here they are asked best first, each ontology by itself, and
the first that names exactly one concept of an ontology decides for it.
"""

from kg.linking.conflicts import find_conflicts
from kg.linking.linker import Abstention, LinkedTrial, Linker
from kg.linking.mentions import find_mentions
from kg.linking.roles import find_roles

__all__ = ["Abstention", "LinkedTrial", "Linker", "find_conflicts", "find_mentions", "find_roles"]
