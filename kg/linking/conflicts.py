"""Concepts of different ontologies that one string names, and that do not agree: both are kept, and it is told."""

from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby

from kg import iris
from kg.concept import Concept, Link
from kg.finding import Finding
from kg.iris import compact
from kg.vocab import PREFIXES

__all__ = ["find_conflicts"]


def find_conflicts(trial: str, links: Iterable[Link], concepts: Mapping[str, Concept]) -> Iterator[Finding]:
    """A finding for each string whose MeSH concept is another than the one that its other concept refers to.

    A reference to a broader or narrower heading is no conflict: publishers differ in how fine they are.
    """
    exact = (link for link in links if link.part and link.relation == "exact")
    for part, found in groupby(exact, key=lambda link: link.part):
        held = [concepts[link.concept] for link in found if link.concept in concepts]
        headings = [concept for concept in held if concept.source == "mesh"]
        for other in held:
            referred = [concepts[iri] for iri in _references(other) if iri in concepts]
            if headings and referred and not any(_is_near(one, two) for one in headings for two in referred):
                yield Finding(
                    rule="concepts-disagree",
                    message=f"{compact(other.iri)} {other.label!r} refers to another heading than the string names",
                    severity="info",
                    trial=trial,
                    focus=iris.part_base(trial) + part,
                    value="; ".join(f"{compact(c.iri)} {c.label}" for c in (headings[0], referred[0])),
                )


def _references(concept: Concept) -> Iterator[str]:
    prefix = "mesh:"
    return (PREFIXES["mesh"] + xref.removeprefix(prefix) for xref in concept.xrefs if xref.startswith(prefix))


def _is_near(one: Concept, other: Concept) -> bool:
    return one.iri == other.iri or one.iri in other.ancestors or other.iri in one.ancestors
