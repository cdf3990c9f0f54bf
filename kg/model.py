"""A trial and its parts, as every reader gives them; each field declares the RDF property that it becomes.

This text is the mapping: `kg.mapping` compiles it into a writer, and the data dictionary is printed from it. A field's
annotation is `Annotated[<type>, <how it is written>("<property>")]`; the ways of writing are the classes up to
`Silent`. Parts are numbered in the record's order, so that (focus node, property) leads back to field and record
without storing it.
"""

import re
from datetime import date
from decimal import Decimal
from functools import cached_property
from types import NoneType
from typing import Annotated, Any, ClassVar, get_args, get_origin, get_type_hints

import msgspec

__all__ = [
    "AGE_SUFFIXES",
    "DATE_SUFFIXES",
    "Age",
    "Ages",
    "Arm",
    "Code",
    "Condition",
    "Dates",
    "Day",
    "DerivedTerm",
    "Eligibility",
    "Field",
    "Group",
    "Identifier",
    "Intervention",
    "Iris",
    "Keyword",
    "Location",
    "Name",
    "Official",
    "Organization",
    "Outcome",
    "PartialDate",
    "Parts",
    "Property",
    "Record",
    "Refers",
    "Shared",
    "Silent",
    "String",
    "Text",
    "Trial",
    "Typed",
    "describe",
]


class Property(msgspec.Struct, frozen=True):
    """How a field is written: the property's CURIE, and the layer if it is not the registry's own word."""

    curie: str
    layer: str = "registry"


class Text(Property, frozen=True):
    """Free text, written in the registry's English (`@en`)."""


class String(Property, frozen=True):
    """A string in no language: identifiers, names of persons and places."""


class Typed(Property, frozen=True):
    """A number, truth value or date: the datatype follows the field's type."""


class Code(Property, frozen=True, kw_only=True):
    """A concept of our code scheme `scheme`."""

    scheme: str


class Dates(Property, frozen=True):
    """A date that may lack its day: four properties.

    `<property>` is the first possible day, `<property>Latest` the last, `<property>AsStated` keeps the precision,
    `<property>Type` says actual or estimated.
    """


class Day(Property, frozen=True):
    """A date that registries keep by the day; written like `Dates` only where a record lacks the day after all."""


class Ages(Property, frozen=True):
    """An age limit: `<property>` as stated, `<property>Value`, `<property>Unit` (UCUM) and `<property>Years`."""


class Parts(Property, frozen=True, kw_only=True):
    """Parts of the study with IRIs of their own: `#<name>-1`, `#<name>-2` …; `#<name>` where there is just one."""

    name: str


class Shared(Property, frozen=True):
    """An organisation: one node for all trials that write its name alike."""


class Refers(Property, frozen=True):
    """Labels of arms or groups of the same study, written as their IRIs."""


class Iris(Property, frozen=True):
    """IRIs, written as they are."""


class Name(Property, frozen=True):
    """A part's own label: the property is rdfs:label."""


class Silent(Property, frozen=True):
    """Not written; `curie` says why."""


class PartialDate(msgspec.Struct, frozen=True):
    """A date as registries state it: year, year and month, or the whole (`2010`, `2010-01`, `2010-01-15`).

    `kind` is ACTUAL or ESTIMATED, None where the record does not say.
    """

    stated: str
    first: date
    last: date
    kind: str | None = None


_AGE = re.compile(r"(\d+(?:\.\d+)?)\s*(year|month|week|day|hour|minute)s?", re.IGNORECASE)
#: Unit -> UCUM code (https://ucum.org/ucum#para-31) and how many make a year of 365.25 days and 12 months.
_AGE_UNITS: dict[str, tuple[str, Decimal]] = {
    "year": ("a", Decimal(1)),
    "month": ("mo", Decimal(12)),
    "week": ("wk", Decimal("365.25") / 7),
    "day": ("d", Decimal("365.25")),
    "hour": ("h", Decimal("365.25") * 24),
    "minute": ("min", Decimal("365.25") * 24 * 60),
}


#: What the properties of `Dates` and of `Ages` end in.
DATE_SUFFIXES = ("", "Latest", "AsStated", "Type")
AGE_SUFFIXES = ("", "Value", "Unit", "Years")


class Age(msgspec.Struct, frozen=True):
    """An age limit: the registry's words, the number, its UCUM unit, and the same in years (five decimals)."""

    stated: str
    value: Decimal
    unit: str
    years: Decimal

    @classmethod
    def parse(cls, text: str) -> "Age | None":
        """The age that `text` states ("18 Years"); None if it states none.

        >>> Age.parse("6 Months").years
        Decimal('0.5')
        """
        match = _AGE.fullmatch(text.strip())
        if match is None:
            return None
        unit, per_year = _AGE_UNITS[match[2].lower()]
        value = Decimal(match[1])
        return cls(text.strip(), value, unit, (value / per_year).quantize(Decimal("0.00001")).normalize())


class Field(msgspec.Struct, frozen=True):
    """What an annotation says of one field: `target` is the type of a value, `many` whether there is a tuple of it."""

    name: str
    property: Property
    target: type
    many: bool


def describe(struct: type[msgspec.Struct]) -> tuple[Field, ...]:
    """The fields of a part of the model, in order, each with its property and the type of its values."""
    hints = get_type_hints(struct, include_extras=True)
    return tuple(_field(name, hints[name]) for name in struct.__struct_fields__)


def _field(name: str, hint: Any) -> Field:
    value, prop = get_args(hint)
    if get_origin(value) is tuple:
        return Field(name, prop, get_args(value)[0], many=True)
    options = [option for option in get_args(value) or (value,) if option is not NoneType]
    return Field(name, prop, options[0], many=False)


class Identifier(msgspec.Struct, frozen=True, kw_only=True):
    """A further identifier of the study."""

    rdf_class: ClassVar[str] = "tg:Identifier"

    value: Annotated[str, String("dct:identifier")]
    type: Annotated[str | None, String("tg:identifierType")] = None
    domain: Annotated[str | None, Text("tg:identifierDomain")] = None


class Organization(msgspec.Struct, frozen=True, kw_only=True):
    """A sponsor or collaborator, shared by name."""

    rdf_class: ClassVar[str] = "tg:Organization"

    name: Annotated[str, Name("rdfs:label")]
    kind: Annotated[str | None, Code("tg:organizationClass", scheme="organizationClass")] = None


class Condition(msgspec.Struct, frozen=True, kw_only=True):
    """What is studied, in the registrant's words."""

    rdf_class: ClassVar[str] = "tg:Condition"

    label: Annotated[str, Name("rdfs:label")]


class Keyword(msgspec.Struct, frozen=True, kw_only=True):
    """A word that the registrant added for the search."""

    rdf_class: ClassVar[str] = "tg:Keyword"

    label: Annotated[str, Name("rdfs:label")]


class Arm(msgspec.Struct, frozen=True, kw_only=True):
    """An arm of an interventional study."""

    rdf_class: ClassVar[str] = "tg:Arm"

    label: Annotated[str, Name("rdfs:label")]
    type: Annotated[str | None, Code("tg:armType", scheme="armType")] = None
    description: Annotated[str | None, Text("dct:description")] = None


class Group(msgspec.Struct, frozen=True, kw_only=True):
    """A group of participants of an observational study."""

    rdf_class: ClassVar[str] = "tg:Group"

    label: Annotated[str, Name("rdfs:label")]
    description: Annotated[str | None, Text("dct:description")] = None


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


class Eligibility(msgspec.Struct, frozen=True, kw_only=True):
    """Who may take part."""

    rdf_class: ClassVar[str] = "tg:Eligibility"

    criteria: Annotated[str | None, Text("tg:criteria")] = None
    sex: Annotated[str | None, Code("tg:sex", scheme="sex")] = None
    minimum_age: Annotated[Age | None, Ages("tg:minimumAge")] = None
    maximum_age: Annotated[Age | None, Ages("tg:maximumAge")] = None
    standard_ages: Annotated[tuple[str, ...], Code("tg:standardAge", scheme="standardAge")] = ()
    healthy_volunteers: Annotated[bool | None, Typed("tg:healthyVolunteers")] = None


class Official(msgspec.Struct, frozen=True, kw_only=True):
    """A person who answers for the study. Contact data are not mapped (privacy)."""

    rdf_class: ClassVar[str] = "tg:Official"

    name: Annotated[str, Name("rdfs:label")]
    role: Annotated[str | None, Code("tg:officialRole", scheme="officialRole")] = None
    affiliation: Annotated[str | None, String("tg:affiliation")] = None


class Location(msgspec.Struct, frozen=True, kw_only=True):
    """A place where the study is or was done; never shared, for many names are placeholders."""

    rdf_class: ClassVar[str] = "tg:Location"

    facility: Annotated[str | None, Name("rdfs:label")] = None
    city: Annotated[str | None, String("tg:city")] = None
    state: Annotated[str | None, String("tg:state")] = None
    zip: Annotated[str | None, String("tg:postalCode")] = None
    country: Annotated[str | None, String("tg:country")] = None
    status: Annotated[str | None, Code("tg:locationStatus", scheme="status")] = None


class DerivedTerm(msgspec.Struct, frozen=True, kw_only=True):
    """A MeSH term that NLM's algorithm derived; old pages and XML give no identifier."""

    rdf_class: ClassVar[str] = "tg:DerivedTerm"

    label: Annotated[str, Name("rdfs:label")]
    identifier: Annotated[str | None, String("tg:statedIdentifier")] = None
    derived_for: Annotated[str | None, Code("tg:derivedFor", scheme="derivedFor")] = None


class Record(msgspec.Struct, frozen=True, kw_only=True):
    """What is true of the record, not of the trial."""

    rdf_class: ClassVar[str] = "dcat:CatalogRecord"

    verified: Annotated[PartialDate | None, Dates("tg:verified")] = None
    first_submitted: Annotated[PartialDate | None, Day("tg:firstSubmitted")] = None
    first_posted: Annotated[PartialDate | None, Day("tg:firstPosted")] = None
    last_update_submitted: Annotated[PartialDate | None, Day("tg:lastUpdateSubmitted")] = None
    last_update_posted: Annotated[PartialDate | None, Day("tg:lastUpdatePosted")] = None
    processed_on: Annotated[PartialDate | None, Day("tg:processedOn")] = None
    source_format: Annotated[str | None, Code("tg:sourceFormat", scheme="sourceFormat")] = None
    sha256: Annotated[str | None, String("tg:sha256")] = None
    source: Annotated[str, Silent("the input's name is of the run, not of the record: it stands in findings")] = ""


class Trial(msgspec.Struct, frozen=True, kw_only=True, dict=True):
    """One study as its record states it."""

    rdf_class: ClassVar[str] = "tg:Study"

    nct_id: Annotated[str, String("dct:identifier")]
    brief_title: Annotated[str | None, Text("tg:briefTitle")] = None
    official_title: Annotated[str | None, Text("tg:officialTitle")] = None
    acronym: Annotated[str | None, Text("tg:acronym")] = None
    identifiers: Annotated[tuple[Identifier, ...], Parts("tg:secondaryIdentifier", name="identifier")] = ()
    study_type: Annotated[str | None, Code("tg:studyType", scheme="studyType")] = None
    overall_status: Annotated[str | None, Code("tg:overallStatus", scheme="status")] = None
    last_known_status: Annotated[str | None, Code("tg:lastKnownStatus", scheme="status")] = None
    why_stopped: Annotated[str | None, Text("tg:whyStopped")] = None
    start_date: Annotated[PartialDate | None, Dates("tg:startDate")] = None
    primary_completion_date: Annotated[PartialDate | None, Dates("tg:primaryCompletionDate")] = None
    completion_date: Annotated[PartialDate | None, Dates("tg:completionDate")] = None
    lead_sponsor: Annotated[Organization | None, Shared("tg:leadSponsor")] = None
    collaborators: Annotated[tuple[Organization, ...], Shared("tg:collaborator")] = ()
    brief_summary: Annotated[str | None, Text("tg:briefSummary")] = None
    detailed_description: Annotated[str | None, Text("tg:detailedDescription")] = None
    conditions: Annotated[tuple[Condition, ...], Parts("tg:condition", name="condition")] = ()
    keywords: Annotated[tuple[Keyword, ...], Parts("tg:keyword", name="keyword")] = ()
    phases: Annotated[tuple[str, ...], Code("tg:phase", scheme="phase")] = ()
    allocation: Annotated[str | None, Code("tg:allocation", scheme="allocation")] = None
    intervention_model: Annotated[str | None, Code("tg:interventionModel", scheme="interventionModel")] = None
    primary_purpose: Annotated[str | None, Code("tg:primaryPurpose", scheme="purpose")] = None
    observational_model: Annotated[str | None, Code("tg:observationalModel", scheme="observationalModel")] = None
    time_perspective: Annotated[str | None, Code("tg:timePerspective", scheme="timePerspective")] = None
    masking: Annotated[str | None, Code("tg:masking", scheme="masking")] = None
    who_masked: Annotated[tuple[str, ...], Code("tg:whoMasked", scheme="whoMasked")] = ()
    enrollment: Annotated[int | None, Typed("tg:enrollment")] = None
    enrollment_type: Annotated[str | None, Code("tg:enrollmentType", scheme="dateType")] = None
    arms: Annotated[tuple[Arm, ...], Parts("tg:studyArm", name="arm")] = ()
    groups: Annotated[tuple[Group, ...], Parts("tg:group", name="group")] = ()
    interventions: Annotated[tuple[Intervention, ...], Parts("tg:intervention", name="intervention")] = ()
    primary_outcomes: Annotated[tuple[Outcome, ...], Parts("tg:primaryOutcome", name="outcome-primary")] = ()
    secondary_outcomes: Annotated[tuple[Outcome, ...], Parts("tg:secondaryOutcome", name="outcome-secondary")] = ()
    other_outcomes: Annotated[tuple[Outcome, ...], Parts("tg:otherOutcome", name="outcome-other")] = ()
    eligibility: Annotated[Eligibility | None, Parts("tg:eligibility", name="eligibility")] = None
    officials: Annotated[tuple[Official, ...], Parts("tg:official", name="official")] = ()
    locations: Annotated[tuple[Location, ...], Parts("tg:location", name="location")] = ()
    derived_terms: Annotated[tuple[DerivedTerm, ...], Parts("tg:derivedTerm", layer="derived", name="derived")] = ()
    record: Annotated[Record, Parts("foaf:isPrimaryTopicOf", name="record")]

    @cached_property
    def arm_parts(self) -> dict[str, str]:
        """Label of an arm or group -> the fragment of its IRI; the first of those that share a label."""
        arms = [(arm.label, f"arm-{n}") for n, arm in enumerate(self.arms, 1)]
        groups = [(group.label, f"group-{n}") for n, group in enumerate(self.groups, 1)]
        return dict(reversed(arms + groups))
