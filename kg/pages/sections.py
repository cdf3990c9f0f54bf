"""A trial's facts in the registry's groups. What no group names comes last, so that nothing is left out."""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from kg.iris import is_nct
from kg.pages.properties import COMPANIONS, LINKS, layer_of, name_of, rank_of
from kg.pages.showing import Shown, shown, shown_text
from kg.pages.study import Evidence, Study, Value

__all__ = ["Fact", "Section", "Table", "TableRow", "make_sections"]


class Fact(NamedTuple):
    """One property and what it holds."""

    curie: str
    name: str
    values: Sequence[Shown]
    layer: str


class TableRow(NamedTuple):
    """One part: its fragment, a cell a column, the texts that stand below, and why it is linked to concepts."""

    anchor: str
    cells: Sequence[Sequence[Shown]]
    texts: Sequence[Fact]
    evidence: Sequence[Evidence]


class Column(NamedTuple):
    """A property of parts; its layer, where it is not the table's."""

    name: str
    layer: str


class Table(NamedTuple):
    """Parts of one kind; `has_links` says whether any of them is linked to concepts."""

    name: str
    layer: str
    columns: Sequence[Column]
    rows: Sequence[TableRow]
    has_links: bool


class Section(NamedTuple):
    """A group of the registry: facts, then texts, then parts."""

    anchor: str
    title: str
    facts: Sequence[Fact]
    texts: Sequence[Fact]
    tables: Sequence[Table]


#: Anchor and title -> properties, in the order of the registry's own page. A property of parts makes a table of them.
_GROUPS: Mapping[tuple[str, str], str] = {
    ("summary", "Summary"): "tg:briefSummary tg:detailedDescription",
    ("status", "Status and dates"): """tg:overallStatus tg:lastKnownStatus tg:whyStopped tg:startDate
        tg:primaryCompletionDate tg:completionDate tg:hasResults tg:resultsEstimated tg:firstCertificationPosted
        tg:expandedAccess tg:submission""",
    ("conditions", "Conditions and keywords"): "tg:condition tg:keyword",
    ("design", "Design"): """tg:studyType tg:phaseLabel tg:phase tg:primaryPurpose tg:allocation tg:interventionModel
        tg:interventionModelDescription tg:observationalModel tg:timePerspective tg:masking tg:whoMasked
        tg:maskingDescription tg:enrollment tg:numberOfArms tg:numberOfGroups tg:patientRegistry tg:targetDuration
        tg:biospecimenRetention tg:biospecimenDescription tg:expandedAccessIndividual tg:expandedAccessIntermediate
        tg:expandedAccessTreatment tg:referringStudies""",
    ("arms", "Arms and interventions"): "tg:studyArm tg:group tg:intervention",
    ("outcomes", "Outcomes"): "tg:primaryOutcome tg:secondaryOutcome tg:otherOutcome",
    ("eligibility", "Eligibility"): "tg:eligibility",
    ("sponsors", "Sponsors and people"): """tg:leadSponsor tg:collaborator tg:responsibleParty tg:organization
        tg:official tg:contact""",
    ("locations", "Locations"): "tg:removedCountry",
    ("publications", "Publications and links"): "tg:reference tg:seeAlso",
    ("data", "Documents and data"): "tg:document tg:noAnalysisPlan tg:ipdSharing tg:availableData",
    ("oversight", "Oversight"): """tg:hasDataMonitoringCommittee tg:fdaRegulated tg:fdaRegulatedDrug
        tg:fdaRegulatedDevice tg:unapprovedDevice tg:postmarketSurveillance tg:usExport tg:section801
        tg:section801Violation tg:oversightAuthority""",
    ("names", "Identifiers and titles"): """dct:identifier tg:acronym tg:secondaryIdentifier
        tg:formerIdentifier dct:replaces schema:sameAs rdf:type""",
    ("derived", "What the registry derived"): """tg:derivedTerm tg:derivedAncestor tg:browseLeaf tg:browseBranch
        tg:predictedMinimumBmi tg:predictedMaximumBmi""",
    ("record", "The record"): "foaf:isPrimaryTopicOf",
}
_MORE = ("more", "More")
#: The page's head tells these.
_TOLD = frozenset({"tg:briefTitle", "tg:officialTitle", "rdfs:label", "tg:titleConcept"})
#: Always told as texts, however short.
_TEXTS = frozenset({"tg:briefSummary", "tg:detailedDescription", "tg:criteria"})
#: Below its part, however short.
_BELOW = frozenset({"dct:description"})
#: The part is what its only property says: no table is needed for one of these.
_ALONE = frozenset("tg:eligibility tg:expandedAccess tg:responsibleParty tg:ipdSharing foaf:isPrimaryTopicOf".split())
_FIRST_COLUMNS = (
    "rdfs:label tg:citation dct:identifier tg:armType tg:interventionType tg:role tg:arm tg:timeFrame dct:description"
).split()
#: Links of a part are told by their evidence, its class by the table that it stands in, a record's topic by the page.
_NOT_OF_PARTS = frozenset({"rdf:type", "foaf:primaryTopic"})


def make_sections(study: Study) -> list[Section]:
    """The groups that have anything in them, in order; the last holds what no group names."""
    said = study.said.get("", {})
    told = _TOLD | {curie for curies in _GROUPS.values() for curie in curies.split()}
    more = " ".join(sorted(curie for curie in said if curie not in told and not _is_companion(study, curie)))
    groups = {**_GROUPS, _MORE: more}
    found = [_section(study, *named, curies.split()) for named, curies in groups.items()]
    return [
        section for section in found if section.facts or section.texts or section.tables or _has_places(study, section)
    ]


def _has_places(study: Study, section: Section) -> bool:
    return section.anchor == "locations" and bool(study.locations)


def _is_companion(study: Study, curie: str, part: str = "") -> bool:
    return COMPANIONS.get(curie, "") in study.said.get(part, {})


def _section(study: Study, anchor: str, title: str, curies: Iterable[str]) -> Section:
    facts: list[Fact] = []
    tables: list[Table] = []
    for curie in curies:
        values = study.values(curie)
        if not values or _is_companion(study, curie):
            continue
        parts = [study.fragment(value.term.value) for value in values if value.term.is_iri]
        if parts and all(part in study.said for part in parts if part) and all(parts):
            if curie in _ALONE:
                facts += [_named(fact, curie) for part in parts for fact in _facts_of(study, part, layer_of(curie))]
            else:
                tables.append(_table(study, curie, parts))
        else:
            facts.append(_fact(study, curie))
    texts = [fact for fact in facts if fact.curie in _TEXTS or _is_long(fact)]
    return Section(anchor, title, [fact for fact in facts if fact not in texts], texts, tables)


def _facts_of(study: Study, part: str, layer: str) -> list[Fact]:
    curies = sorted((curie for curie in study.said[part] if curie not in _NOT_OF_PARTS | LINKS), key=rank_of)
    return [_fact(study, curie, part, layer) for curie in curies if not _is_companion(study, curie, part)]


def _named(fact: Fact, curie: str) -> Fact:
    """The name of a part that stands alone is told as the part itself: who the responsible party is."""
    return fact._replace(name=name_of(curie)) if fact.curie == "rdfs:label" else fact


def _fact(study: Study, curie: str, part: str = "", layer: str = "") -> Fact:
    own = layer_of(curie)
    values = [_ADDRESSED[curie](each) if curie in _ADDRESSED else each for each in _shown_all(study, curie, part)]
    return Fact(
        curie, name_of(curie), _told_with(study, curie, part, values), layer if own == "registry" and layer else own
    )


def _shown_all(study: Study, curie: str, part: str) -> list[Shown]:
    return [_shown(study, value) for value in study.values(curie, part)]


def _at_pubmed(each: Shown) -> Shown:
    return (
        each._replace(href=f"https://pubmed.ncbi.nlm.nih.gov/{each.text}/")
        if each.text.isascii() and each.text.isdigit()
        else each
    )


def _at_study(each: Shown) -> Shown:
    return each._replace(href=f"/study/{each.text}") if is_nct(each.text) else each


#: Properties whose texts lead somewhere.
_ADDRESSED = {"tg:pmid": _at_pubmed, "tg:expandedAccessStudy": _at_study}


def _shown(study: Study, value: Value) -> Shown:
    """A value; a part of a part is told in its own words."""
    part = study.fragment(value.term.value) if value.term.is_iri else ""
    if part in study.said and part and not value.name:
        told = [each.text for fact in _facts_of(study, part, "") for each in fact.values]
        return shown_text("; ".join(told))
    return shown(value.term, value.name)


def _told_with(study: Study, curie: str, part: str, values: list[Shown]) -> list[Shown]:
    """A date as stated, and whether it is actual; the number of participants likewise."""
    if stated := study.values(f"{curie}AsStated", part):
        values = [_shown(study, value) for value in stated]
    kind = study.text(f"{curie}Type", part) if f"{curie}Type" in COMPANIONS else ""
    return [value._replace(remark=kind.lower()) for value in values] if kind else values


def _table(study: Study, curie: str, parts: Sequence[str]) -> Table:
    layer = layer_of(curie)
    facts = {part: {fact.curie: fact for fact in _facts_of(study, part, layer)} for part in parts}
    present = list(dict.fromkeys(each for part in parts for each in facts[part]))
    first, *others = sorted(present, key=lambda each: (_rank(each), present.index(each))) or [""]
    # A text among short facts makes a narrow column: such stand below their part instead, whole.
    texts = [each for each in others if each in _BELOW or any(_is_long(facts[part].get(each)) for part in parts)]
    columns = [each for each in (first, *others) if each and each not in texts]
    rows = [
        TableRow(
            part,
            [facts[part][column].values if column in facts[part] else () for column in columns],
            [facts[part][text] for text in texts if text in facts[part]],
            study.evidence.get(part) or _bare_links(study, part),
        )
        for part in parts
    ]
    named = [Column(name_of(column), _other(layer_of(column), layer)) for column in columns]
    return Table(name_of(curie), layer, named, rows, any(row.evidence for row in rows))


def _is_long(fact: Fact | None) -> bool:
    return fact is not None and any(value.is_prose for value in fact.values)


def _other(own: str, layer: str) -> str:
    return own if own not in {"registry", layer} else ""


def _rank(curie: str) -> int:
    return _FIRST_COLUMNS.index(curie) if curie in _FIRST_COLUMNS else len(_FIRST_COLUMNS)


def _bare_links(study: Study, part: str) -> list[Evidence]:
    """Links of a graph that says nothing of why."""
    kinds = [curie for curie in study.said[part] if curie in LINKS]
    return [Evidence(part, value.term, value.name, kind, {}) for kind in kinds for value in study.values(kind, part)]
