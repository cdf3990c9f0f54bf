"""A trial and its record, as every reader gives them; each field declares the property that it becomes."""

from decimal import Decimal
from functools import cached_property
from typing import Annotated, ClassVar

import msgspec

from kg.model.parts import (
    Arm,
    AvailableData,
    BrowseBranch,
    BrowseLeaf,
    Condition,
    Contact,
    DerivedTerm,
    Document,
    Eligibility,
    ExpandedAccess,
    Group,
    Identifier,
    Intervention,
    IpdSharing,
    Keyword,
    Location,
    Official,
    Organization,
    Outcome,
    Reference,
    ResponsibleParty,
    SeeAlso,
    Submission,
)
from kg.model.values import PartialDate
from kg.model.writing import Code, Dates, Day, Parts, Shared, Silent, String, Text, Typed

__all__ = ["Record", "Trial"]


class Record(msgspec.Struct, frozen=True, kw_only=True):
    """What is true of the record, not of the trial."""

    rdf_class: ClassVar[str] = "dcat:CatalogRecord"

    verified: Annotated[PartialDate | None, Dates("tg:verified")] = None
    first_submitted: Annotated[PartialDate | None, Day("tg:firstSubmitted")] = None
    first_submitted_qc: Annotated[PartialDate | None, Day("tg:firstSubmittedQc")] = None
    first_posted: Annotated[PartialDate | None, Day("tg:firstPosted")] = None
    last_update_submitted: Annotated[PartialDate | None, Day("tg:lastUpdateSubmitted")] = None
    last_update_submitted_qc: Annotated[PartialDate | None, Day("tg:lastUpdateSubmittedQc")] = None
    last_update_posted: Annotated[PartialDate | None, Day("tg:lastUpdatePosted")] = None
    results_first_submitted: Annotated[PartialDate | None, Day("tg:resultsFirstSubmitted")] = None
    results_first_submitted_qc: Annotated[PartialDate | None, Day("tg:resultsFirstSubmittedQc")] = None
    results_first_posted: Annotated[PartialDate | None, Day("tg:resultsFirstPosted")] = None
    disposition_first_submitted: Annotated[PartialDate | None, Day("tg:dispositionFirstSubmitted")] = None
    disposition_first_submitted_qc: Annotated[PartialDate | None, Day("tg:dispositionFirstSubmittedQc")] = None
    disposition_first_posted: Annotated[PartialDate | None, Day("tg:dispositionFirstPosted")] = None
    delayed_posting: Annotated[bool | None, Typed("tg:delayedPosting")] = None
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
    former_ids: Annotated[tuple[str, ...], String("tg:formerIdentifier")] = ()
    identifiers: Annotated[tuple[Identifier, ...], Parts("tg:secondaryIdentifier", name="identifier")] = ()
    study_type: Annotated[str | None, Code("tg:studyType", scheme="studyType")] = None
    overall_status: Annotated[str | None, Code("tg:overallStatus", scheme="status")] = None
    last_known_status: Annotated[str | None, Code("tg:lastKnownStatus", scheme="status")] = None
    why_stopped: Annotated[str | None, Text("tg:whyStopped")] = None
    start_date: Annotated[PartialDate | None, Dates("tg:startDate")] = None
    primary_completion_date: Annotated[PartialDate | None, Dates("tg:primaryCompletionDate")] = None
    completion_date: Annotated[PartialDate | None, Dates("tg:completionDate")] = None
    expanded_access: Annotated[ExpandedAccess | None, Parts("tg:expandedAccess", name="expanded-access")] = None
    has_results: Annotated[bool | None, Typed("tg:hasResults")] = None
    organization: Annotated[Organization | None, Shared("tg:organization")] = None
    responsible_party: Annotated[ResponsibleParty | None, Parts("tg:responsibleParty", name="responsible-party")] = None
    lead_sponsor: Annotated[Organization | None, Shared("tg:leadSponsor")] = None
    collaborators: Annotated[tuple[Organization, ...], Shared("tg:collaborator")] = ()
    has_dmc: Annotated[bool | None, Typed("tg:hasDataMonitoringCommittee")] = None
    fda_regulated: Annotated[bool | None, Typed("tg:fdaRegulated")] = None
    fda_regulated_drug: Annotated[bool | None, Typed("tg:fdaRegulatedDrug")] = None
    fda_regulated_device: Annotated[bool | None, Typed("tg:fdaRegulatedDevice")] = None
    unapproved_device: Annotated[bool | None, Typed("tg:unapprovedDevice")] = None
    postmarket_surveillance: Annotated[bool | None, Typed("tg:postmarketSurveillance")] = None
    us_export: Annotated[bool | None, Typed("tg:usExport")] = None
    section_801: Annotated[bool | None, Typed("tg:section801")] = None
    section_801_violation: Annotated[bool | None, Typed("tg:section801Violation")] = None
    authorities: Annotated[tuple[str, ...], String("tg:oversightAuthority")] = ()
    brief_summary: Annotated[str | None, Text("tg:briefSummary")] = None
    detailed_description: Annotated[str | None, Text("tg:detailedDescription")] = None
    conditions: Annotated[tuple[Condition, ...], Parts("tg:condition", name="condition")] = ()
    keywords: Annotated[tuple[Keyword, ...], Parts("tg:keyword", name="keyword")] = ()
    phases: Annotated[tuple[str, ...], Code("tg:phase", scheme="phase")] = ()
    allocation: Annotated[str | None, Code("tg:allocation", scheme="allocation")] = None
    intervention_model: Annotated[str | None, Code("tg:interventionModel", scheme="interventionModel")] = None
    intervention_model_description: Annotated[str | None, Text("tg:interventionModelDescription")] = None
    primary_purpose: Annotated[str | None, Code("tg:primaryPurpose", scheme="purpose")] = None
    observational_model: Annotated[str | None, Code("tg:observationalModel", scheme="observationalModel")] = None
    time_perspective: Annotated[str | None, Code("tg:timePerspective", scheme="timePerspective")] = None
    masking: Annotated[str | None, Code("tg:masking", scheme="masking")] = None
    masking_description: Annotated[str | None, Text("tg:maskingDescription")] = None
    who_masked: Annotated[tuple[str, ...], Code("tg:whoMasked", scheme="whoMasked")] = ()
    enrollment: Annotated[int | None, Typed("tg:enrollment")] = None
    enrollment_type: Annotated[str | None, Code("tg:enrollmentType", scheme="dateType")] = None
    patient_registry: Annotated[bool | None, Typed("tg:patientRegistry")] = None
    target_duration: Annotated[str | None, Text("tg:targetDuration")] = None
    biospecimen_retention: Annotated[str | None, Code("tg:biospecimenRetention", scheme="biospecimenRetention")] = None
    biospecimen_description: Annotated[str | None, Text("tg:biospecimenDescription")] = None
    expanded_access_individual: Annotated[bool | None, Typed("tg:expandedAccessIndividual")] = None
    expanded_access_intermediate: Annotated[bool | None, Typed("tg:expandedAccessIntermediate")] = None
    expanded_access_treatment: Annotated[bool | None, Typed("tg:expandedAccessTreatment")] = None
    referring_studies: Annotated[int | None, Typed("tg:referringStudies")] = None
    number_of_arms: Annotated[int | None, Typed("tg:numberOfArms")] = None
    number_of_groups: Annotated[int | None, Typed("tg:numberOfGroups")] = None
    arms: Annotated[tuple[Arm, ...], Parts("tg:studyArm", name="arm")] = ()
    groups: Annotated[tuple[Group, ...], Parts("tg:group", name="group")] = ()
    interventions: Annotated[tuple[Intervention, ...], Parts("tg:intervention", name="intervention")] = ()
    primary_outcomes: Annotated[tuple[Outcome, ...], Parts("tg:primaryOutcome", name="outcome-primary")] = ()
    secondary_outcomes: Annotated[tuple[Outcome, ...], Parts("tg:secondaryOutcome", name="outcome-secondary")] = ()
    other_outcomes: Annotated[tuple[Outcome, ...], Parts("tg:otherOutcome", name="outcome-other")] = ()
    eligibility: Annotated[Eligibility | None, Parts("tg:eligibility", name="eligibility")] = None
    officials: Annotated[tuple[Official, ...], Parts("tg:official", name="official")] = ()
    contacts: Annotated[tuple[Contact, ...], Parts("tg:contact", name="contact")] = ()
    locations: Annotated[tuple[Location, ...], Parts("tg:location", name="location")] = ()
    references: Annotated[tuple[Reference, ...], Parts("tg:reference", name="reference")] = ()
    see_also: Annotated[tuple[SeeAlso, ...], Parts("tg:seeAlso", name="see-also")] = ()
    available_data: Annotated[tuple[AvailableData, ...], Parts("tg:availableData", name="available-data")] = ()
    ipd_sharing: Annotated[IpdSharing | None, Parts("tg:ipdSharing", name="ipd-sharing")] = None
    documents: Annotated[tuple[Document, ...], Parts("tg:document", name="document")] = ()
    no_analysis_plan: Annotated[bool | None, Typed("tg:noAnalysisPlan")] = None
    derived_terms: Annotated[tuple[DerivedTerm, ...], Parts("tg:derivedTerm", layer="derived", name="derived")] = ()
    derived_ancestors: Annotated[
        tuple[DerivedTerm, ...], Parts("tg:derivedAncestor", layer="derived", name="derived-ancestor")
    ] = ()
    browse_leaves: Annotated[tuple[BrowseLeaf, ...], Parts("tg:browseLeaf", layer="derived", name="browse-leaf")] = ()
    browse_branches: Annotated[
        tuple[BrowseBranch, ...], Parts("tg:browseBranch", layer="derived", name="browse-branch")
    ] = ()
    removed_countries: Annotated[tuple[str, ...], String("tg:removedCountry", layer="derived")] = ()
    results_estimated: Annotated[PartialDate | None, Day("tg:resultsEstimated", layer="derived")] = None
    results_certified: Annotated[PartialDate | None, Day("tg:firstCertificationPosted", layer="derived")] = None
    submissions: Annotated[tuple[Submission, ...], Parts("tg:submission", layer="derived", name="submission")] = ()
    minimum_bmi: Annotated[Decimal | None, Typed("tg:predictedMinimumBmi", layer="derived")] = None
    maximum_bmi: Annotated[Decimal | None, Typed("tg:predictedMaximumBmi", layer="derived")] = None
    record: Annotated[Record, Parts("foaf:isPrimaryTopicOf", name="record")]

    @cached_property
    def arm_parts(self) -> dict[str, str]:
        """Label of an arm or group -> the fragment of its IRI; the first of those that share a label."""
        arms = [(arm.label, f"arm-{n}") for n, arm in enumerate(self.arms, 1)]
        groups = [(group.label, f"group-{n}") for n, group in enumerate(self.groups, 1)]
        return dict(reversed(arms + groups))
