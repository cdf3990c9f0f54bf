"""SKOS concept schemes (https://www.w3.org/TR/skos-reference/): their concepts become `Concept`s."""

from collections import defaultdict
from collections.abc import Iterator

from kg.concept import Concept
from kg.iris import compact
from kg.ontologies.facts import SKOS_CONCEPT, Facts, flagged, notation, ordered, values
from kg.ontologies.hierarchy import closure

__all__ = ["LABELS", "find_concepts", "iter_concepts"]

LABELS = ("skos:prefLabel", "rdfs:label")


def find_concepts(facts: Facts, namespace: str) -> list[str]:
    """The named, labelled concepts whose IRIs begin so."""
    ended = flagged(facts, "owl:deprecated", frozenset({"true", "1"}))
    typed = flagged(facts, "rdf:type", frozenset({SKOS_CONCEPT})) - ended
    named = (iri for iri in typed if iri.startswith(namespace) and not iri.startswith("_:"))
    return sorted(iri for iri in named if values(facts, LABELS, (iri,)))


def iter_concepts(facts: Facts, iris: list[str], source: str) -> Iterator[Concept]:
    """The concepts with their names: alternative labels are exact, hidden ones (misspellings …) related."""
    broader = _broader(facts, iris)
    for iri in iris:
        preferred = facts["skos:prefLabel"].get(iri) or facts["rdfs:label"][iri]
        label = min(preferred)
        exact = values(facts, (*LABELS, "skos:altLabel"), (iri,)) - {label}
        yield Concept(
            iri=iri,
            label=label,
            source=source,
            exact=ordered(exact),
            related=ordered(values(facts, ("skos:hiddenLabel",), (iri,)) - exact - {label}),
            broader=broader[iri],
            ancestors=ordered(closure(iri, broader)),
            xrefs=ordered(
                {compact(other) for other in facts["skos:exactMatch"].get(iri, ()) if compact(other) != other}
            ),
            notation=min(facts["skos:notation"].get(iri, ()), default=notation(iri)),
        )


def _broader(facts: Facts, iris: list[str]) -> dict[str, tuple[str, ...]]:
    """What is directly broader; a scheme may say it from either end."""
    above: dict[str, set[str]] = defaultdict(set)
    for iri, parents in facts["skos:broader"].items():
        above[iri].update(parents)
    for iri, children in facts["skos:narrower"].items():
        for child in children:
            above[child].add(iri)
    known = set(iris)
    return {iri: ordered(known.intersection(above.get(iri, ())) - {iri}) for iri in iris}
