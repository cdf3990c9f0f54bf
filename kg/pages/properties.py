"""What a property is called on pages, and which layer it belongs to: told from the vocabulary and from the model."""

import types
from collections.abc import Iterator
from functools import cache
from typing import Any

import msgspec

from kg import assets, iris, model
from kg.model import describe
from kg.vocab import PREFIXES

__all__ = ["COMPANIONS", "INFERRED", "LINKS", "layer_of", "name_of", "rank_of"]

#: What our links say at a part, and what their evidence consists of.
LINKS = frozenset(
    "tg:concept tg:conceptExact tg:conceptBroad tg:conceptClose tg:registryConcept tg:titleConcept tg:tier "
    "owl:annotatedSource owl:annotatedProperty owl:annotatedTarget sssom:confidence sssom:match_string "
    "sssom:object_match_field sssom:mapping_justification".split()
)
#: What we computed. The first nine are closures at the trial, in the order in which pages show them.
INFERRED = tuple(
    "tg:studies tg:tests tg:comparesWith tg:givesAsBackground tg:involves tg:indexedWith tg:mentions tg:titleMentions "
    "tg:keywordMentions tg:role tg:within tg:memberOf".split()
)

#: Names that read better on a page than the vocabulary's.
_NAMES = {
    "dct:identifier": "Identifier",
    "dct:description": "Description",
    "dct:replaces": "Replaces",
    "dct:isReplacedBy": "Replaced by",
    "dct:source": "Source",
    "rdf:type": "Types",
    "rdfs:subClassOf": "Below",
    "tg:crossReference": "Refers to",
    "tg:hasAction": "Actions and roles",
    "tg:hasAtcCode": "ATC codes",
    "tg:broaderAction": "Broader actions",
    "tg:branch": "Branches of the tree",
    "rdfs:label": "Name",
    "rdfs:comment": "Remark",
    "schema:sameAs": "Also known as",
    "foaf:primaryTopic": "Record of",
    "tg:studyArm": "Arms",
    "tg:group": "Groups",
    "tg:condition": "Conditions",
    "tg:keyword": "Keywords",
    "tg:intervention": "Interventions",
    "tg:primaryOutcome": "Primary outcomes",
    "tg:secondaryOutcome": "Secondary outcomes",
    "tg:otherOutcome": "Other outcomes",
    "tg:collaborator": "Collaborators",
    "tg:official": "Officials",
    "tg:contact": "Contacts",
    "tg:secondaryIdentifier": "Other identifiers",
    "tg:formerIdentifier": "Former numbers",
    "tg:reference": "Publications",
    "tg:seeAlso": "Links",
    "tg:document": "Documents",
    "tg:availableData": "Available data",
    "tg:submission": "Results sent in before they were posted",
    "tg:derivedTerm": "Terms that the registry assigned",
    "tg:derivedAncestor": "Broader terms that the registry added",
    "tg:browseLeaf": "Listed under",
    "tg:browseBranch": "Branches of the listing",
    "tg:hasResults": "Results posted",
    "tg:interventionType": "Type",
    "tg:armType": "Type",
    "tg:officialRole": "Role",
    "tg:referenceType": "Kind",
    "tg:identifierType": "Kind",
    "tg:derivedFor": "From",
    "tg:otherName": "Other names",
    "tg:studies": "Studies (from conditions)",
    "tg:tests": "Tests (from interventions on trial)",
    "tg:comparesWith": "Compares with (from comparators)",
    "tg:givesAsBackground": "Gives as background",
    "tg:involves": "Involves (from all interventions)",
    "tg:indexedWith": "Indexed with (from the registry’s terms)",
    "tg:mentions": "Mentions (from title and keywords)",
    "tg:titleMentions": "Mentions in the title",
    "tg:keywordMentions": "Mentions in keywords",
    "tg:enrollment": "Participants",
    "tg:phaseLabel": "Phase",
    "tg:arm": "Given in",
    "tg:whyStopped": "Why stopped",
    "tg:sha256": "SHA-256 of the source",
    "tg:ipdSharingPlan": "Shared",
}


@cache
def name_of(curie: str) -> str:
    """What pages call a property: the vocabulary's label, its first letter large."""
    name = _NAMES.get(curie) or _labels().get(curie) or curie.rpartition(":")[2]
    return name[:1].upper() + name[1:]


@cache
def _labels() -> dict[str, str]:
    import pyoxigraph as ox

    label = ox.NamedNode(f"{PREFIXES['rdfs']}label")
    file = assets.folder("ontologies") / "trialgraph.ttl"
    quads = ox.parse(path=str(file), format=ox.RdfFormat.TURTLE)
    return {
        iris.compact(quad.subject.value): quad.object.value
        for quad in quads
        if quad.predicate == label and isinstance(quad.subject, ox.NamedNode) and isinstance(quad.object, ox.Literal)
    }


def rank_of(curie: str) -> int:
    """Where a property stands among those of the model; last if the model does not know it."""
    return _ranks().get(curie, len(_ranks()))


@cache
def _ranks() -> dict[str, int]:
    return {curie: rank for rank, curie in enumerate(dict.fromkeys(prop.curie for prop in _properties(model.Trial)))}


def layer_of(curie: str) -> str:
    """The layer of a property's triples; `registry` for what the model does not know."""
    if curie in LINKS:
        return "links"
    return "inferred" if curie in INFERRED else _layers().get(curie, "registry")


@cache
def _layers() -> dict[str, str]:
    return {
        f"{prop.curie}{suffix}": prop.layer
        for struct in (model.Trial, model.Record)
        for prop in (field.property for field in describe(struct))
        for suffix in prop.suffixes
        if not isinstance(prop, model.Silent)
    }


def _properties(struct: type[msgspec.Struct]) -> Iterator[Any]:
    for field in describe(struct):
        yield field.property
        if isinstance(field.property, model.Parts | model.Shared):
            yield from _properties(field.target)


def _companions() -> Iterator[tuple[str, str]]:
    for prop in _properties(model.Trial):
        for suffix in prop.suffixes[1:]:
            yield f"{prop.curie}{suffix}", prop.curie
    yield "tg:enrollmentType", "tg:enrollment"
    yield "tg:phase", "tg:phaseLabel"


#: Property -> the one beside which it is told: the bounds and the kind of a date, the unit of an age.
COMPANIONS = types.MappingProxyType(dict(_companions()))
