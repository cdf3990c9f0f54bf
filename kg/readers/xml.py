"""The registry's `<clinical_study>` XML -> Trials: the dialect of 2017 and later, and the one before it.

The older dialect has the study design on one line and other names for the dates of submission. Entities, DTDs and the
network are off: the input may be hostile.
"""

import re
from typing import Any

from lxml import etree

from kg import model
from kg.iris import find_registry
from kg.readers.elements import ElementTree, Excerpt, Run
from kg.readers.format import Format, Reading, Rule
from kg.readers.table import read_trial

__all__ = ["XML", "read_study"]


_TREE = ElementTree()


def _text_at(node: Any, path: str) -> str:
    """The text of the first element at `path`, as it stands."""
    found = _TREE.find(node, path)
    return found[0].text or "" if found else ""


_STUDY_DESIGN = re.compile(r"(?:^|, )([A-Z][A-Za-z ]+): ((?:[^,(:]|\([^)]*\)|,(?! [A-Z][A-Za-z ]+:))*)")


def _design(label: str, path: str) -> Rule:
    """An item of the study design: an element of its own, or `<label>: <value>` on the older dialect's one line."""

    def find(node: Any, _reading: Reading) -> list[Any]:
        found = _TREE.find(node, f"study_design_info/{path}")
        if found:
            return found
        for line in _TREE.find(node, "study_design")[:1]:
            items = dict(_STUDY_DESIGN.findall(line.text or ""))
            return [Excerpt.of(items[label], line)] if label in items else []
        return []

    return find


_MASKING = re.compile(r"([^(]*?)\s*(?:\((.*)\))?")


def _masking(node: Any, reading: Reading) -> list[str]:
    """What stands before the brackets of `Double (Participant, Investigator)`, or all of `None (Open Label)`."""
    stated, element = _stated_masking(node, reading)
    match = _MASKING.fullmatch(stated)
    return [Excerpt.of(match[1], element)] if match and match[1] else []


def _who_masked(node: Any, reading: Reading) -> list[str]:
    """The roles in the brackets; bare lists of roles, as old records have them, too."""
    stated, element = _stated_masking(node, reading)
    match = _MASKING.fullmatch(stated)
    if match is None or (match[2] or "").lower() == "open label":
        return []
    return [Excerpt.of(role.strip(), element) for role in (match[2] or "").split(",") if role.strip()]


def _stated_masking(node: Any, reading: Reading) -> tuple[str, Any]:
    for raw in _design("Masking", "masking")(node, reading):
        stated = _TREE.text(raw) or ""
        # "Participant, Investigator": the number of roles is the masking, which the record leaves out.
        bare = stated.split(",")[0] in {"Participant", "Care Provider", "Investigator"}
        return f"({stated})" if bare else stated, getattr(raw, "element", raw)
    return "", node


def _submissions(node: Any, _reading: Reading) -> list[Run]:
    """Each `submitted` begins one; what follows it, `returned` and the like, belongs to it."""
    runs: list[Run] = []
    for element in node.findall("pending_results/*"):
        if not runs or element.tag == "submitted":
            runs.append(Run(element, []))
        runs[-1].elements.append(element)
    return runs


def _phases(node: Any, _reading: Reading) -> list[str]:
    """`Phase 1/Phase 2` is two phases."""
    return [
        Excerpt.of(phase, element)
        for element in _TREE.find(node, "phase")[:1]
        for phase in ([element.text] if element.text == "N/A" else (element.text or "").split("/"))
        if phase
    ]


def _study_type(node: Any, _reading: Reading) -> list[Any]:
    """`N/A` is what withheld records say: no type."""
    return [element for element in _TREE.find(node, "study_type") if _TREE.text(element) != "N/A"]


def _arm_groups(*, of_observational: bool) -> Rule:
    """Arms of an interventional study and groups of an observational one stand in the same elements."""

    def find(node: Any, _reading: Reading) -> list[Any]:
        observational = _text_at(node, "study_type").startswith("Observational")
        return _TREE.find(node, "arm_group") if observational == of_observational else []

    return find


def _processed_on(node: Any, _reading: Reading) -> list[str]:
    """The date at the end of `ClinicalTrials.gov processed this data on July 28, 2020`."""
    stated = _text_at(node, "required_header/download_date")
    return [stated.rpartition(" on ")[2]] if " on " in stated else []


def _derived_for(node: Any, _reading: Reading) -> list[str]:
    return ["CONDITION" if node.getparent().tag == "condition_browse" else "INTERVENTION"]


def _expanded_access(node: Any, _reading: Reading) -> list[Any]:
    """The study itself, if it says anything about expanded access."""
    return [node] if _TREE.find(node, "has_expanded_access") else []


def _has_results(node: Any, _reading: Reading) -> list[str]:
    """Results are posted where the record has them, or the day: some exports leave the results themselves out."""
    posted = _TREE.find(node, "clinical_results|results_first_posted|firstreceived_results_date")
    return ["true" if posted else "false"]


def _enrollment_type(node: Any, _reading: Reading) -> list[str]:
    return [kind for element in _TREE.find(node, "enrollment") if (kind := element.get("type"))]


def _patient_registry(node: Any, _reading: Reading) -> list[str]:
    """`Observational [Patient Registry]` is how XML says it."""
    return ["true"] if "[Patient Registry]" in _text_at(node, "study_type") else []


def _registry(node: Any, _reading: Reading) -> list[str]:
    found = find_registry(node.text or "")
    return [found] if found else []


def _organization_name(node: Any, _reading: Reading) -> list[Any]:
    """Sponsors have their name in `agency`; the registrant's organisation is a name alone."""
    return [node] if node.tag == "source" else _TREE.find(node, "agency")


def _contact_role(node: Any, _reading: Reading) -> list[Any]:
    """Investigators of a site state their role; all others are contacts."""
    return _TREE.find(node, "role") or (["CONTACT"] if "contact" in node.tag else [])


def _reference_type(node: Any, _reading: Reading) -> list[str]:
    """`reference` is what API v2 calls background or derived, which the XML does not tell apart."""
    return ["RESULT"] if node.tag == "results_reference" else []


def _canceled(*, known: bool) -> Rule:
    """The day on which a submission was taken back, or that it is not known."""

    def find(node: Any, _reading: Reading) -> list[str]:
        found = _TREE.find(node, "submission_canceled")[:1]
        stated = [element.text or "" for element in found]
        if not stated or (stated[0] == "Unknown") == known:
            return []
        return [Excerpt.of(stated[0] if known else "true", found[0])]

    return find


#: Until 2016 outcomes said whether they were a safety issue.
_SAFETY: dict[str, str | Rule] = {"safety_issue": "safety_issue"}

XML = Format(
    "XML",
    _TREE,
    {
        model.Trial: {
            "nct_id": "id_info/nct_id",
            "former_ids": "id_info/nct_alias",
            "brief_title": "brief_title",
            "official_title": "official_title",
            "acronym": "acronym",
            "identifiers": "id_info/org_study_id+id_info/secondary_id",
            "study_type": _study_type,
            "overall_status": "overall_status",
            "last_known_status": "last_known_status",
            "why_stopped": "why_stopped",
            "start_date": "start_date",
            "primary_completion_date": "primary_completion_date",
            "completion_date": "completion_date",
            "expanded_access": _expanded_access,
            "has_results": _has_results,
            "organization": "source",
            "responsible_party": "responsible_party",
            "lead_sponsor": "sponsors/lead_sponsor",
            "collaborators": "sponsors/collaborator",
            "has_dmc": "oversight_info/has_dmc",
            "fda_regulated": "is_fda_regulated",
            "fda_regulated_drug": "oversight_info/is_fda_regulated_drug",
            "fda_regulated_device": "oversight_info/is_fda_regulated_device",
            "unapproved_device": "oversight_info/is_unapproved_device",
            "postmarket_surveillance": "oversight_info/is_ppsd",
            "us_export": "oversight_info/is_us_export",
            "section_801": "is_section_801",
            "authorities": "oversight_info/authority",
            "brief_summary": "brief_summary/textblock",
            "detailed_description": "detailed_description/textblock",
            "conditions": "condition",
            "keywords": "keyword",
            "phases": _phases,
            "allocation": _design("Allocation", "allocation"),
            "intervention_model": _design("Intervention Model", "intervention_model"),
            "intervention_model_description": "study_design_info/intervention_model_description",
            "primary_purpose": _design("Primary Purpose", "primary_purpose"),
            "observational_model": _design("Observational Model", "observational_model"),
            "time_perspective": _design("Time Perspective", "time_perspective"),
            "masking": _masking,
            "masking_description": "study_design_info/masking_description",
            "who_masked": _who_masked,
            "enrollment": "enrollment",
            "enrollment_type": _enrollment_type,
            "patient_registry": _patient_registry,
            "target_duration": "target_duration",
            "biospecimen_retention": "biospec_retention",
            "biospecimen_description": "biospec_descr/textblock",
            "expanded_access_individual": "expanded_access_info/expanded_access_type_individual",
            "expanded_access_intermediate": "expanded_access_info/expanded_access_type_intermediate",
            "expanded_access_treatment": "expanded_access_info/expanded_access_type_treatment",
            "number_of_arms": "number_of_arms",
            "number_of_groups": "number_of_groups",
            "arms": _arm_groups(of_observational=False),
            "groups": _arm_groups(of_observational=True),
            "interventions": "intervention",
            "primary_outcomes": "primary_outcome",
            "secondary_outcomes": "secondary_outcome",
            "other_outcomes": "other_outcome",
            "eligibility": "eligibility",
            "officials": "overall_official",
            "contacts": "overall_contact+overall_contact_backup",
            "locations": "location",
            "references": "reference+results_reference",
            "see_also": "link",
            "available_data": "study_docs/study_doc",
            "ipd_sharing": "patient_data",
            "documents": "provided_document_section/provided_document",
            "derived_terms": "condition_browse/mesh_term+intervention_browse/mesh_term",
            "removed_countries": "removed_countries/country",
            "submissions": _submissions,
            "record": "",
        },
        model.Identifier: {"value": "", "registry": _registry},
        model.Organization: {"name": _organization_name, "kind": "agency_class"},
        model.ResponsibleParty: {
            "type": "responsible_party_type",
            "name": "investigator_full_name",
            "title": "investigator_title",
            "affiliation": "investigator_affiliation",
            "old_name_title": "name_title",
            "old_organization": "organization",
        },
        model.ExpandedAccess: {"available": "has_expanded_access"},
        model.Condition: {"label": ""},
        model.Keyword: {"label": ""},
        model.Arm: {"label": "arm_group_label", "type": "arm_group_type", "description": "description"},
        model.Group: {"label": "arm_group_label", "description": "description"},
        model.Intervention: {
            "label": "intervention_name",
            "type": "intervention_type",
            "description": "description",
            "other_names": "other_name",
            "arms": "arm_group_label",
        },
        model.Outcome: {"measure": "measure", "description": "description", "time_frame": "time_frame", **_SAFETY},
        model.Eligibility: {
            "criteria": "criteria/textblock",
            "sex": "gender",
            "gender_based": "gender_based",
            "gender_description": "gender_description",
            "minimum_age": "minimum_age",
            "maximum_age": "maximum_age",
            "healthy_volunteers": "healthy_volunteers",
            "population": "study_pop/textblock",
            "sampling_method": "sampling_method",
        },
        model.Official: {"name": "last_name", "role": "role", "affiliation": "affiliation"},
        model.Contact: {"name": "last_name", "role": _contact_role},
        model.Location: {
            "facility": "facility/name",
            "city": "facility/address/city",
            "state": "facility/address/state",
            "zip": "facility/address/zip",
            "country": "facility/address/country",
            "status": "status",
            "contacts": "contact+contact_backup+investigator",
        },
        model.Reference: {"citation": "citation", "pmid": "PMID", "type": _reference_type},
        model.SeeAlso: {"url": "url", "label": "description"},
        model.AvailableData: {"identifier": "doc_id", "type": "doc_type", "url": "doc_url", "comment": "doc_comment"},
        model.IpdSharing: {
            "sharing": "sharing_ipd",
            "description": "ipd_description",
            "info_types": "ipd_info_type",
            "time_frame": "ipd_time_frame",
            "access_criteria": "ipd_access_criteria",
            "url": "ipd_url",
        },
        model.Document: {
            "label": "document_type",
            "has_protocol": "document_has_protocol",
            "has_analysis_plan": "document_has_sap",
            "has_consent_form": "document_has_icf",
            "date": "document_date",
            "url": "document_url",
        },
        model.Submission: {
            "released": "submitted",
            "reset": "returned",
            "unreleased": _canceled(known=True),
            "unreleased_unknown": _canceled(known=False),
        },
        model.DerivedTerm: {"label": "", "derived_for": _derived_for},
        model.Record: {
            "verified": "verification_date",
            "first_submitted": "study_first_submitted|firstreceived_date",
            "first_submitted_qc": "study_first_submitted_qc",
            "first_posted": "study_first_posted",
            "last_update_submitted": "last_update_submitted|lastchanged_date",
            "last_update_submitted_qc": "last_update_submitted_qc",
            "last_update_posted": "last_update_posted",
            "results_first_submitted": "results_first_submitted|firstreceived_results_date",
            "results_first_submitted_qc": "results_first_submitted_qc",
            "results_first_posted": "results_first_posted",
            "disposition_first_submitted": "disposition_first_submitted|firstreceived_results_disposition_date",
            "disposition_first_submitted_qc": "disposition_first_submitted_qc",
            "disposition_first_posted": "disposition_first_posted",
            "processed_on": _processed_on,
        },
    },
)


def read_study(data: bytes, reading: Reading) -> model.Trial | None:
    """The trial that one XML document states; None, with a finding, if it is no study."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True)
    try:
        root = etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        place = f"line {error.lineno}" if isinstance(error, SyntaxError) and error.lineno else ""
        reading.flag("broken-xml", f"no XML: {error}", severity="violation", place=place)
        return None
    if root.getroottree().docinfo.internalDTD is not None:
        reading.flag("document-type", "records carry no document type definition: not read", severity="violation")
        return None
    return read_trial(reading, root, data)
