"""One study in API v2 JSON (https://clinicaltrials.gov/data-api/api) -> a Trial.

Text stays as the API gives it. MeSH identifiers stay padded here, as stated; `kg.iris.mesh_identifier` reads them.
"""

from typing import Any

import msgspec

from kg import model
from kg.iris import find_registry
from kg.readers.format import Format, Reading, Rule
from kg.readers.objects import ADDED, JsonTree
from kg.readers.studies import REPLACED, find_break
from kg.readers.table import read_trial

__all__ = ["API_V2", "RULE_PATHS", "read_study"]


_PROTOCOL = "protocolSection"
_STATUS = f"{_PROTOCOL}.statusModule"
_DESIGN = f"{_PROTOCOL}.designModule"
_ARMS = f"{_PROTOCOL}.armsInterventionsModule"
_OUTCOMES = f"{_PROTOCOL}.outcomesModule"
_TREE = JsonTree()


def _arm_groups(*, of_observational: bool) -> Rule:
    """Arms of an interventional study and groups of an observational one stand in the same list."""

    def find(node: Any, _reading: Reading) -> list[Any]:
        observational = _TREE.find(node, f"{_DESIGN}.studyType") == ["OBSERVATIONAL"]
        return _TREE.find(node, f"{_ARMS}.armGroups") if observational == of_observational else []

    return find


def _browse(key: str) -> Rule:
    """Items of both browse modules, those of the conditions first, each marked with what it was derived for."""
    paths = {
        f"derivedSection.{module}.{key}": kind
        for module, kind in (("conditionBrowseModule", "CONDITION"), ("interventionBrowseModule", "INTERVENTION"))
    }

    def find(node: Any, _reading: Reading) -> list[dict[str, Any]]:
        return [
            {**item, ADDED: kind}
            for path, kind in paths.items()
            for item in _TREE.find(node, path)
            if isinstance(item, dict)
        ]

    return find


def _identifiers(node: Any, _reading: Reading) -> list[Any]:
    """The organisation's own identifier first."""
    module = f"{_PROTOCOL}.identificationModule"
    return [*_TREE.find(node, f"{module}.orgStudyIdInfo"), *_TREE.find(node, f"{module}.secondaryIdInfos")]


def _organization_name(node: Any, _reading: Reading) -> list[Any]:
    """`name` of sponsors, `fullName` of the registrant's organisation."""
    return _TREE.find(node, "name") or _TREE.find(node, "fullName")


def _registry(node: Any, _reading: Reading) -> list[str]:
    stated = _TREE.text(node.get("id")) if isinstance(node, dict) else None
    found = find_registry(stated) if stated else None
    return [found] if found else []


#: What the rules look at, for the coverage of the registry's fields: `Struct.field` -> paths.
RULE_PATHS: dict[str, tuple[str, ...]] = {
    "Trial.identifiers": (
        f"{_PROTOCOL}.identificationModule.orgStudyIdInfo",
        f"{_PROTOCOL}.identificationModule.secondaryIdInfos",
    ),
    "Organization.name": ("name", "fullName"),
    "Trial.arms": (f"{_ARMS}.armGroups",),
    "Trial.groups": (f"{_ARMS}.armGroups",),
    **{
        f"Trial.{field}": tuple(
            f"derivedSection.{module}.{key}" for module in ("conditionBrowseModule", "interventionBrowseModule")
        )
        for field, key in (
            ("derived_terms", "meshes"),
            ("derived_ancestors", "ancestors"),
            ("browse_leaves", "browseLeaves"),
            ("browse_branches", "browseBranches"),
        )
    },
}

_IDENTIFICATION = f"{_PROTOCOL}.identificationModule"
_OVERSIGHT = f"{_PROTOCOL}.oversightModule"
_CONTACTS = f"{_PROTOCOL}.contactsLocationsModule"
_REFERENCES = f"{_PROTOCOL}.referencesModule"
_MISC = "derivedSection.miscInfoModule"
_TERM: dict[str, str | Rule] = {"label": "term", "identifier": "id", "derived_for": ADDED}

API_V2 = Format(
    "API_V2",
    _TREE,
    {
        model.Trial: {
            "nct_id": f"{_IDENTIFICATION}.nctId",
            "former_ids": f"{_IDENTIFICATION}.nctIdAliases",
            "brief_title": f"{_IDENTIFICATION}.briefTitle",
            "official_title": f"{_IDENTIFICATION}.officialTitle",
            "acronym": f"{_IDENTIFICATION}.acronym",
            "identifiers": _identifiers,
            "study_type": f"{_DESIGN}.studyType",
            "overall_status": f"{_STATUS}.overallStatus",
            "last_known_status": f"{_STATUS}.lastKnownStatus",
            "why_stopped": f"{_STATUS}.whyStopped",
            "start_date": f"{_STATUS}.startDateStruct",
            "primary_completion_date": f"{_STATUS}.primaryCompletionDateStruct",
            "completion_date": f"{_STATUS}.completionDateStruct",
            "expanded_access": f"{_STATUS}.expandedAccessInfo",
            "has_results": "hasResults",
            "organization": f"{_IDENTIFICATION}.organization",
            "responsible_party": f"{_PROTOCOL}.sponsorCollaboratorsModule.responsibleParty",
            "lead_sponsor": f"{_PROTOCOL}.sponsorCollaboratorsModule.leadSponsor",
            "collaborators": f"{_PROTOCOL}.sponsorCollaboratorsModule.collaborators",
            "has_dmc": f"{_OVERSIGHT}.oversightHasDmc",
            "fda_regulated_drug": f"{_OVERSIGHT}.isFdaRegulatedDrug",
            "fda_regulated_device": f"{_OVERSIGHT}.isFdaRegulatedDevice",
            "unapproved_device": f"{_OVERSIGHT}.isUnapprovedDevice",
            "postmarket_surveillance": f"{_OVERSIGHT}.isPpsd",
            "us_export": f"{_OVERSIGHT}.isUsExport",
            "section_801_violation": f"{_OVERSIGHT}.fdaaa801Violation",
            "brief_summary": f"{_PROTOCOL}.descriptionModule.briefSummary",
            "detailed_description": f"{_PROTOCOL}.descriptionModule.detailedDescription",
            "conditions": f"{_PROTOCOL}.conditionsModule.conditions",
            "keywords": f"{_PROTOCOL}.conditionsModule.keywords",
            "phases": f"{_DESIGN}.phases",
            "allocation": f"{_DESIGN}.designInfo.allocation",
            "intervention_model": f"{_DESIGN}.designInfo.interventionModel",
            "intervention_model_description": f"{_DESIGN}.designInfo.interventionModelDescription",
            "primary_purpose": f"{_DESIGN}.designInfo.primaryPurpose",
            "observational_model": f"{_DESIGN}.designInfo.observationalModel",
            "time_perspective": f"{_DESIGN}.designInfo.timePerspective",
            "masking": f"{_DESIGN}.designInfo.maskingInfo.masking",
            "masking_description": f"{_DESIGN}.designInfo.maskingInfo.maskingDescription",
            "who_masked": f"{_DESIGN}.designInfo.maskingInfo.whoMasked",
            "enrollment": f"{_DESIGN}.enrollmentInfo.count",
            "enrollment_type": f"{_DESIGN}.enrollmentInfo.type",
            "patient_registry": f"{_DESIGN}.patientRegistry",
            "target_duration": f"{_DESIGN}.targetDuration",
            "biospecimen_retention": f"{_DESIGN}.bioSpec.retention",
            "biospecimen_description": f"{_DESIGN}.bioSpec.description",
            "expanded_access_individual": f"{_DESIGN}.expandedAccessTypes.individual",
            "expanded_access_intermediate": f"{_DESIGN}.expandedAccessTypes.intermediate",
            "expanded_access_treatment": f"{_DESIGN}.expandedAccessTypes.treatment",
            "referring_studies": f"{_DESIGN}.nPtrsToThisExpAccNctId",
            "arms": _arm_groups(of_observational=False),
            "groups": _arm_groups(of_observational=True),
            "interventions": f"{_ARMS}.interventions",
            "primary_outcomes": f"{_OUTCOMES}.primaryOutcomes",
            "secondary_outcomes": f"{_OUTCOMES}.secondaryOutcomes",
            "other_outcomes": f"{_OUTCOMES}.otherOutcomes",
            "eligibility": f"{_PROTOCOL}.eligibilityModule",
            "officials": f"{_CONTACTS}.overallOfficials",
            "contacts": f"{_CONTACTS}.centralContacts",
            "locations": f"{_CONTACTS}.locations",
            "references": f"{_REFERENCES}.references",
            "see_also": f"{_REFERENCES}.seeAlsoLinks",
            "available_data": f"{_REFERENCES}.availIpds",
            "ipd_sharing": f"{_PROTOCOL}.ipdSharingStatementModule",
            "documents": "documentSection.largeDocumentModule.largeDocs",
            "no_analysis_plan": "documentSection.largeDocumentModule.noSap",
            "derived_terms": _browse("meshes"),
            "derived_ancestors": _browse("ancestors"),
            "browse_leaves": _browse("browseLeaves"),
            "browse_branches": _browse("browseBranches"),
            "removed_countries": f"{_MISC}.removedCountries",
            "results_estimated": f"{_MISC}.submissionTracking.estimatedResultsFirstSubmitDate",
            "results_certified": f"{_MISC}.submissionTracking.firstMcpInfo.postDateStruct",
            "submissions": f"{_MISC}.submissionTracking.submissionInfos",
            "minimum_bmi": f"{_MISC}.modelPredictions.bmiLimits.minBmi",
            "maximum_bmi": f"{_MISC}.modelPredictions.bmiLimits.maxBmi",
            "record": "",
        },
        model.Identifier: {"value": "id", "type": "type", "domain": "domain", "registry": _registry, "link": "link"},
        model.Organization: {"name": _organization_name, "kind": "class"},
        model.ResponsibleParty: {
            "type": "type",
            "name": "investigatorFullName",
            "title": "investigatorTitle",
            "affiliation": "investigatorAffiliation",
            "old_name_title": "oldNameTitle",
            "old_organization": "oldOrganization",
        },
        model.ExpandedAccess: {"available": "hasExpandedAccess", "study": "nctId", "status": "statusForNctId"},
        model.Condition: {"label": ""},
        model.Keyword: {"label": ""},
        model.Arm: {
            "label": "label",
            "type": "type",
            "description": "description",
            "stated_interventions": "interventionNames",
        },
        model.Group: {"label": "label", "description": "description", "stated_interventions": "interventionNames"},
        model.Intervention: {
            "label": "name",
            "type": "type",
            "description": "description",
            "other_names": "otherNames",
            "arms": "armGroupLabels",
        },
        model.Outcome: {"measure": "measure", "description": "description", "time_frame": "timeFrame"},
        model.Eligibility: {
            "criteria": "eligibilityCriteria",
            "sex": "sex",
            "gender_based": "genderBased",
            "gender_description": "genderDescription",
            "minimum_age": "minimumAge",
            "maximum_age": "maximumAge",
            "standard_ages": "stdAges",
            "healthy_volunteers": "healthyVolunteers",
            "population": "studyPopulation",
            "sampling_method": "samplingMethod",
        },
        model.Official: {"name": "name", "role": "role", "affiliation": "affiliation"},
        model.Contact: {"name": "name", "role": "role"},
        model.Location: {
            "facility": "facility",
            "city": "city",
            "state": "state",
            "zip": "zip",
            "country": "country",
            "status": "status",
            "latitude": "geoPoint.lat",
            "longitude": "geoPoint.lon",
            "contacts": "contacts",
        },
        model.Reference: {"citation": "citation", "pmid": "pmid", "type": "type", "retractions": "retractions"},
        model.Retraction: {"pmid": "pmid", "source": "source"},
        model.SeeAlso: {"url": "url", "label": "label"},
        model.AvailableData: {"identifier": "id", "type": "type", "url": "url", "comment": "comment"},
        model.IpdSharing: {
            "sharing": "ipdSharing",
            "description": "description",
            "info_types": "infoTypes",
            "time_frame": "timeFrame",
            "access_criteria": "accessCriteria",
            "url": "url",
        },
        model.Document: {
            "label": "label",
            "type": "typeAbbrev",
            "has_protocol": "hasProtocol",
            "has_analysis_plan": "hasSap",
            "has_consent_form": "hasIcf",
            "date": "date",
            "uploaded": "uploadDate",
            "filename": "filename",
            "size": "size",
        },
        model.DerivedTerm: _TERM,
        model.BrowseLeaf: {
            "label": "name",
            "identifier": "id",
            "as_found": "asFound",
            "relevance": "relevance",
            "derived_for": ADDED,
        },
        model.BrowseBranch: {"label": "name", "abbreviation": "abbrev", "derived_for": ADDED},
        model.Submission: {
            "released": "releaseDate",
            "unreleased": "unreleaseDate",
            "unreleased_unknown": "unreleaseDateUnknown",
            "reset": "resetDate",
            "round": "mcpReleaseN",
        },
        model.Record: {
            "verified": f"{_STATUS}.statusVerifiedDate",
            "first_submitted": f"{_STATUS}.studyFirstSubmitDate",
            "first_submitted_qc": f"{_STATUS}.studyFirstSubmitQcDate",
            "first_posted": f"{_STATUS}.studyFirstPostDateStruct",
            "last_update_submitted": f"{_STATUS}.lastUpdateSubmitDate",
            "last_update_posted": f"{_STATUS}.lastUpdatePostDateStruct",
            "results_first_submitted": f"{_STATUS}.resultsFirstSubmitDate",
            "results_first_submitted_qc": f"{_STATUS}.resultsFirstSubmitQcDate",
            "results_first_posted": f"{_STATUS}.resultsFirstPostDateStruct",
            "disposition_first_submitted": f"{_STATUS}.dispFirstSubmitDate",
            "disposition_first_submitted_qc": f"{_STATUS}.dispFirstSubmitQcDate",
            "disposition_first_posted": f"{_STATUS}.dispFirstPostDateStruct",
            "delayed_posting": f"{_STATUS}.delayedPosting",
            "processed_on": f"{_MISC}.versionHolder",
        },
    },
)


class _Study(msgspec.Struct):
    """The parts of a study that the table reads; the results, which are longer than these, are not decoded."""

    protocolSection: Any = None  # noqa: N815 - the registry's names
    derivedSection: Any = None  # noqa: N815
    documentSection: Any = None  # noqa: N815
    hasResults: Any = None  # noqa: N815


_DECODE = msgspec.json.Decoder(_Study).decode


def read_study(data: bytes, reading: Reading) -> model.Trial | None:
    """The trial that one study's bytes state; None, with a finding, if it is no study."""
    try:
        study = msgspec.structs.asdict(_DECODE(data))
    except msgspec.ValidationError:
        study = None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        place = find_break(data, str(error))
        reading.flag("broken-json", f"no JSON: {error}", severity="violation", place=place)
        return None
    if REPLACED in data:
        reading.flag("lone-surrogate", "half of a surrogate pair stands alone: replaced by U+FFFD")
    return read_trial(reading, study, data)
