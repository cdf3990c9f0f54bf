"""Counts as VoID tells them: partitions by class and by property, and sets of links to ontologies."""

from kg.publishing.facts import Facts, count, link
from kg.publishing.statistics import Counts
from kg.vocab import PREFIXES

__all__ = ["state_counts", "state_links"]

#: Prefix -> the end of its part's name, where a linkset's target is a part of the release.
_PARTS = {"mesh": "mesh", "MONDO": "mondo", "DOID": "doid", "CHEBI": "chebi", "RXNORM": "rxnorm"}


def state_counts(facts: Facts, node: str, counts: Counts) -> None:
    """States a dataset's numbers and partitions, each partition with a name of its own."""
    facts.classify(node, "void:Dataset")
    facts.say(
        node,
        void__triples=count(counts.triples),
        void__entities=count(counts.entities),
        void__distinctSubjects=count(counts.subjects),
        void__distinctObjects=count(counts.objects),
        void__classes=count(len(counts.classes)),
        void__properties=count(len(counts.properties)),
    )
    for number, (name, members) in enumerate(sorted(counts.classes.items()), start=1):
        partition = f"{node}/class/{number}"
        facts.say(node, void__classPartition=link(partition))
        facts.say(partition, void__class=name, void__entities=count(members))
    for number, (name, triples) in enumerate(sorted(counts.properties.items()), start=1):
        partition = f"{node}/property/{number}"
        facts.say(node, void__propertyPartition=link(partition))
        facts.say(partition, void__property=name, void__triples=count(triples))


def state_links(facts: Facts, node: str, source: str, counts: Counts, targets: dict[str, str]) -> None:
    """States the sets of links that a dataset holds: from records to each ontology, by predicate.

    `targets` leads from the name of an ontology to the dataset that it is here.
    """
    for predicate, prefix in sorted(counts.links):
        local = predicate.rpartition("#")[2].rstrip(">")
        linkset = f"{node}/{local}/{prefix}"
        target = targets.get(_PARTS.get(prefix, ""), "")
        facts.classify(linkset, "void:Linkset")
        facts.say(node, void__subset=link(linkset))
        facts.say(
            linkset,
            void__linkPredicate=predicate,
            void__triples=count(counts.links[predicate, prefix]),
            void__subjectsTarget=link(source),
            void__objectsTarget=link(target or PREFIXES.get(prefix, prefix)),
        )
