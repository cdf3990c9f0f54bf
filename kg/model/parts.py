"""The parts of a trial that stand below it in the graph; each field declares the property that it becomes."""

from decimal import Decimal
from typing import Annotated, ClassVar

import msgspec

from kg.model.values import Age, PartialDate
from kg.model.writing import Ages, Code, Day, Name, Parts, Refers, String, Text, Typed, Url

__all__ = [
    "Arm",
    "AvailableData",
    "BrowseBranch",
    "BrowseLeaf",
    "Condition",
    "Contact",
    "DerivedTerm",
    "Document",
    "Eligibility",
    "ExpandedAccess",
    "Group",
    "Identifier",
    "Intervention",
    "IpdSharing",
    "Keyword",
    "Location",
    "Official",
    "Organization",
    "Outcome",
    "Reference",
    "ResponsibleParty",
    "Retraction",
    "SeeAlso",
    "Submission",
]


class Identifier(msgspec.Struct, frozen=True, kw_only=True):
    """A further identifier of the study; `registry` is told from its pattern where one of ours fits."""

    rdf_class: ClassVar[str] = "tg:Identifier"

    value: Annotated[str, String("dct:identifier")]
    type: Annotated[str | None, Code("tg:identifierType", scheme="identifierType")] = None
    domain: Annotated[str | None, Text("tg:identifierDomain")] = None
    registry: Annotated[str | None, Code("tg:registry", scheme="registry")] = None
    link: Annotated[str | None, Url("tg:identifierLink")] = None


class Organization(msgspec.Struct, frozen=True, kw_only=True):
    """A sponsor, collaborator or registrant, shared by name."""

    rdf_class: ClassVar[str] = "tg:Organization"

    name: Annotated[str, Name("rdfs:label")]
    kind: Annotated[str | None, Code("tg:organizationClass", scheme="organizationClass")] = None


class ResponsibleParty(msgspec.Struct, frozen=True, kw_only=True):
    """Who answers for the record: the sponsor, or an investigator by name; in old records a title and a place."""

    rdf_class: ClassVar[str] = "tg:ResponsibleParty"

    type: Annotated[str | None, Code("tg:responsiblePartyType", scheme="responsiblePartyType")] = None
    name: Annotated[str | None, Name("rdfs:label")] = None
    title: Annotated[str | None, String("tg:investigatorTitle")] = None
    affiliation: Annotated[str | None, String("tg:affiliation")] = None
    old_name_title: Annotated[str | None, String("tg:oldNameTitle")] = None
    old_organization: Annotated[str | None, String("tg:oldOrganization")] = None


class ExpandedAccess(msgspec.Struct, frozen=True, kw_only=True):
    """Whether the drug can be had outside the study, and by which expanded-access record."""

    rdf_class: ClassVar[str] = "tg:ExpandedAccess"

    available: Annotated[bool | None, Typed("tg:hasExpandedAccess")] = None
    study: Annotated[str | None, String("tg:expandedAccessStudy")] = None
    status: Annotated[str | None, Code("tg:expandedAccessStatus", scheme="status")] = None


class Condition(msgspec.Struct, frozen=True, kw_only=True):
    """What is studied, in the registrant's words."""

    rdf_class: ClassVar[str] = "tg:Condition"

    label: Annotated[str, Name("rdfs:label")]


class Keyword(msgspec.Struct, frozen=True, kw_only=True):
    """A word that the registrant added for the search."""

    rdf_class: ClassVar[str] = "tg:Keyword"

    label: Annotated[str, Name("rdfs:label")]


class Arm(msgspec.Struct, frozen=True, kw_only=True):
    """An arm of an interventional study; `stated_interventions` as API v2 repeats them: "Drug: temsirolimus"."""

    rdf_class: ClassVar[str] = "tg:Arm"

    label: Annotated[str, Name("rdfs:label")]
    type: Annotated[str | None, Code("tg:armType", scheme="armType")] = None
    description: Annotated[str | None, Text("dct:description")] = None
    stated_interventions: Annotated[tuple[str, ...], String("tg:statedIntervention")] = ()


class Group(msgspec.Struct, frozen=True, kw_only=True):
    """A group of participants of an observational study."""

    rdf_class: ClassVar[str] = "tg:Group"

    label: Annotated[str, Name("rdfs:label")]
    description: Annotated[str | None, Text("dct:description")] = None
    stated_interventions: Annotated[tuple[str, ...], String("tg:statedIntervention")] = ()


class Intervention(msgspec.Struct, frozen=True, kw_only=True):
    """What is given or done; `arms` are the labels of the arms that get it."""

    rdf_class: ClassVar[str] = "tg:Intervention"

    label: Annotated[str, Name("rdfs:label")]
    type: Annotated[str | None, Code("tg:interventionType", scheme="interventionType")] = None
    description: Annotated[str | None, Text("dct:description")] = None
    other_names: Annotated[tuple[str, ...], Text("tg:otherName")] = ()
    arms: Annotated[tuple[str, ...], Refers("tg:arm")] = ()


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """What is measured, and when."""

    rdf_class: ClassVar[str] = "tg:Outcome"

    measure: Annotated[str, Name("rdfs:label")]
    description: Annotated[str | None, Text("dct:description")] = None
    time_frame: Annotated[str | None, Text("tg:timeFrame")] = None
    safety_issue: Annotated[bool | None, Typed("tg:safetyIssue")] = None


class Eligibility(msgspec.Struct, frozen=True, kw_only=True):
    """Who may take part."""

    rdf_class: ClassVar[str] = "tg:Eligibility"

    criteria: Annotated[str | None, Text("tg:criteria")] = None
    sex: Annotated[str | None, Code("tg:sex", scheme="sex")] = None
    gender_based: Annotated[bool | None, Typed("tg:genderBased")] = None
    gender_description: Annotated[str | None, Text("tg:genderDescription")] = None
    minimum_age: Annotated[Age | None, Ages("tg:minimumAge")] = None
    maximum_age: Annotated[Age | None, Ages("tg:maximumAge")] = None
    standard_ages: Annotated[tuple[str, ...], Code("tg:standardAge", scheme="standardAge")] = ()
    healthy_volunteers: Annotated[bool | None, Typed("tg:healthyVolunteers")] = None
    population: Annotated[str | None, Text("tg:studyPopulation")] = None
    sampling_method: Annotated[str | None, Code("tg:samplingMethod", scheme="samplingMethod")] = None


class Official(msgspec.Struct, frozen=True, kw_only=True):
    """A person who answers for the study."""

    rdf_class: ClassVar[str] = "tg:Official"

    name: Annotated[str, Name("rdfs:label")]
    role: Annotated[str | None, Code("tg:officialRole", scheme="officialRole")] = None
    affiliation: Annotated[str | None, String("tg:affiliation")] = None


class Contact(msgspec.Struct, frozen=True, kw_only=True):
    """A person to ask, or an investigator of a site: name and role only. E-mail and phone are not mapped (privacy)."""

    rdf_class: ClassVar[str] = "tg:Contact"

    name: Annotated[str | None, Name("rdfs:label")] = None
    role: Annotated[str | None, Code("tg:officialRole", scheme="officialRole")] = None


class Location(msgspec.Struct, frozen=True, kw_only=True):
    """A place where the study is or was done; never shared, for many names are placeholders."""

    rdf_class: ClassVar[str] = "tg:Location"

    facility: Annotated[str | None, Name("rdfs:label")] = None
    city: Annotated[str | None, String("tg:city")] = None
    state: Annotated[str | None, String("tg:state")] = None
    zip: Annotated[str | None, String("tg:postalCode")] = None
    country: Annotated[str | None, String("tg:country")] = None
    status: Annotated[str | None, Code("tg:locationStatus", scheme="status")] = None
    latitude: Annotated[Decimal | None, Typed("tg:latitude")] = None
    longitude: Annotated[Decimal | None, Typed("tg:longitude")] = None
    contacts: Annotated[tuple[Contact, ...], Parts("tg:contact", name="contact")] = ()


class Retraction(msgspec.Struct, frozen=True, kw_only=True):
    """That a cited paper was retracted, and where it says so."""

    rdf_class: ClassVar[str] = "tg:Retraction"

    pmid: Annotated[str | None, String("tg:pmid")] = None
    source: Annotated[str | None, String("tg:retractionSource")] = None


class Reference(msgspec.Struct, frozen=True, kw_only=True):
    """A paper: background, result, or found by the registry to be derived from the study."""

    rdf_class: ClassVar[str] = "tg:Reference"

    citation: Annotated[str | None, Text("tg:citation")] = None
    pmid: Annotated[str | None, String("tg:pmid")] = None
    type: Annotated[str | None, Code("tg:referenceType", scheme="referenceType")] = None
    retractions: Annotated[tuple[Retraction, ...], Parts("tg:retraction", name="retraction")] = ()


class SeeAlso(msgspec.Struct, frozen=True, kw_only=True):
    """A page about the study."""

    rdf_class: ClassVar[str] = "tg:SeeAlso"

    url: Annotated[str | None, Url("tg:url")] = None
    label: Annotated[str | None, Name("rdfs:label")] = None


class AvailableData(msgspec.Struct, frozen=True, kw_only=True):
    """Data or documents of the study that can be had elsewhere."""

    rdf_class: ClassVar[str] = "tg:AvailableData"

    identifier: Annotated[str | None, String("dct:identifier")] = None
    type: Annotated[str | None, String("tg:dataType")] = None
    url: Annotated[str | None, Url("tg:url")] = None
    comment: Annotated[str | None, Text("rdfs:comment")] = None


class IpdSharing(msgspec.Struct, frozen=True, kw_only=True):
    """Whether and how data of individual participants are shared."""

    rdf_class: ClassVar[str] = "tg:IpdSharing"

    sharing: Annotated[str | None, Code("tg:ipdSharingPlan", scheme="ipdSharing")] = None
    description: Annotated[str | None, Text("dct:description")] = None
    info_types: Annotated[tuple[str, ...], Code("tg:ipdInfoType", scheme="ipdInfoType")] = ()
    time_frame: Annotated[str | None, Text("tg:timeFrame")] = None
    access_criteria: Annotated[str | None, Text("tg:accessCriteria")] = None
    url: Annotated[str | None, Url("tg:url")] = None


class Document(msgspec.Struct, frozen=True, kw_only=True):
    """A protocol, analysis plan or consent form that the registry keeps."""

    rdf_class: ClassVar[str] = "tg:Document"

    label: Annotated[str | None, Name("rdfs:label")] = None
    type: Annotated[str | None, String("tg:documentType")] = None
    has_protocol: Annotated[bool | None, Typed("tg:hasProtocol")] = None
    has_analysis_plan: Annotated[bool | None, Typed("tg:hasAnalysisPlan")] = None
    has_consent_form: Annotated[bool | None, Typed("tg:hasConsentForm")] = None
    date: Annotated[PartialDate | None, Day("tg:documentDate")] = None
    uploaded: Annotated[str | None, String("tg:uploaded")] = None
    filename: Annotated[str | None, String("tg:filename")] = None
    size: Annotated[int | None, Typed("tg:byteSize")] = None
    url: Annotated[str | None, Url("tg:url")] = None


class DerivedTerm(msgspec.Struct, frozen=True, kw_only=True):
    """A MeSH term that NLM's algorithm derived; old pages and XML give no identifier."""

    rdf_class: ClassVar[str] = "tg:DerivedTerm"

    label: Annotated[str, Name("rdfs:label")]
    identifier: Annotated[str | None, String("tg:statedIdentifier")] = None
    derived_for: Annotated[str | None, Code("tg:derivedFor", scheme="derivedFor")] = None


class BrowseLeaf(msgspec.Struct, frozen=True, kw_only=True):
    """A term under which the registry lists the study, with the words that led to it."""

    rdf_class: ClassVar[str] = "tg:BrowseLeaf"

    label: Annotated[str, Name("rdfs:label")]
    identifier: Annotated[str | None, String("tg:statedIdentifier")] = None
    as_found: Annotated[str | None, Text("tg:asFound")] = None
    relevance: Annotated[str | None, Code("tg:relevance", scheme="relevance")] = None
    derived_for: Annotated[str | None, Code("tg:derivedFor", scheme="derivedFor")] = None


class BrowseBranch(msgspec.Struct, frozen=True, kw_only=True):
    """A branch of the registry's own listing."""

    rdf_class: ClassVar[str] = "tg:BrowseBranch"

    label: Annotated[str, Name("rdfs:label")]
    abbreviation: Annotated[str | None, String("tg:abbreviation")] = None
    derived_for: Annotated[str | None, Code("tg:derivedFor", scheme="derivedFor")] = None


class Submission(msgspec.Struct, frozen=True, kw_only=True):
    """One round of results sent in, sent back, or taken back before they are posted."""

    rdf_class: ClassVar[str] = "tg:Submission"

    released: Annotated[PartialDate | None, Day("tg:released")] = None
    unreleased: Annotated[PartialDate | None, Day("tg:unreleased")] = None
    unreleased_unknown: Annotated[bool | None, Typed("tg:unreleasedOnUnknownDay")] = None
    reset: Annotated[PartialDate | None, Day("tg:reset")] = None
    round: Annotated[int | None, Typed("tg:releaseNumber")] = None
