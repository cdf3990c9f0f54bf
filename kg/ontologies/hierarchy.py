"""What stands above what, whatever circles a file's hierarchy has."""

from collections.abc import Iterable, Mapping

from kg.concept import Concept

__all__ = ["closure", "in_circles", "remark"]


def closure(iri: str, broader: Mapping[str, tuple[str, ...]]) -> set[str]:
    """Everything broader; never the concept itself.

    >>> sorted(closure("a", {"a": ("b",), "b": ("c",), "c": ("a",)}))
    ['b', 'c']
    """
    found: set[str] = set()
    waiting = [*broader[iri]]
    while waiting:
        if (parent := waiting.pop()) not in found:
            found.add(parent)
            waiting.extend(broader[parent])
    return found - {iri}


def in_circles(concepts: Mapping[str, Concept]) -> list[str]:
    """The concepts that stand above one of their own parents."""
    return [
        iri
        for iri, concept in concepts.items()
        if any(parent in concepts and iri in concepts[parent].ancestors for parent in concept.broader)
    ]


def remark(what: str, found: Iterable[str]) -> list[str]:
    """One line on what is wrong with so many of an ontology's concepts or rows; none if it is with none.

    >>> remark("without a label", ["X:2", "X:1"])
    ['2 without a label, such as X:1']
    """
    found = sorted(found)
    return [f"{len(found):,} {what}, such as {found[0]}"] if found else []
