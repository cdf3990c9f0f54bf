"""What follows from concepts and links: membership of drug classes, with the source that says so."""

from kg.reasoning.classes import Definition, DrugClass, Membership, find_members, read_classes

__all__ = ["Definition", "DrugClass", "Membership", "find_members", "read_classes"]
