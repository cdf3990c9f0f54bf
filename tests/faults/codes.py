"""Codes that are in no list of the registry's, field by field."""

from tests.faults.planting import Sow, changed, kind

__all__ = ["CODES"]

_P, _X = "/protocolSection", "/clinical_study"
_STATUS, _DESIGN = f"{_P}/statusModule", f"{_P}/designModule"


def _coded(field: str, json: str, xml: str, page: Sow | None = None) -> tuple[str, str, Sow, Sow, Sow | None]:
    """A code of a field that is in no list of the registry's."""
    struct, _, name = field.partition(".")
    rules = f"unknown-code {'Study' if struct == 'Trial' else struct}-{name.replace('_', '-')}/*"
    return (
        f"{struct.lower()} {name.replace('_', ' ')} of no list",
        rules,
        changed(json, "FISHY_VALUE", field),
        changed(xml, "Fishy Value", field, values=("Fishy Value", "FISHY_VALUE")),
        page,
    )


def _fishy(pattern: str, field: str) -> Sow:
    """The same on a page."""
    return changed(pattern, "Fishy Value", field, values=("Fishy Value", "FISHY_VALUE"))


def _design_item(label: str, field: str) -> Sow:
    """An item of a page's study design."""
    return _fishy(rf"^(?:[^\n]*Study Design:)?[ \t]*{label}:[ \t]*(\w[^\n]*?)[ \t]*$", field)


def _design(json: str, xml: str) -> tuple[str, str]:
    return f"{_DESIGN}/designInfo/{json}", f"{_X}/study_design_info/{xml}"


_PAGE_TYPE = _fishy(r"^Study Type:[ \t]*\n?[ \t]*(\w[^\n]*?)[ \t]*$", "Trial.study_type")
_PAGE_SEX = _fishy(r"^(?:Sex|Gender)(?:es|s)? Eligible for Study:\s*(\w+)", "Eligibility.sex")

CODES = (
    kind(
        "organization class of no list",
        "unknown-code Organization-class/*",
        changed(f"{_P}/sponsorCollaboratorsModule/leadSponsor/class", "FISHY_VALUE", "Organization.kind"),
        changed(
            f"{_X}/sponsors/lead_sponsor/agency_class",
            "Fishy Value",
            "Organization.kind",
            values=("Fishy Value", "FISHY_VALUE"),
        ),
    ),
    kind(
        *_coded(
            "Trial.overall_status",
            f"{_STATUS}/overallStatus",
            f"{_X}/overall_status",
            _fishy(r"^This study has been (completed|terminated)", "Trial.overall_status"),
        )
    ),
    kind(*_coded("Trial.phases", f"{_DESIGN}/phases/*", f"{_X}/phase")),
    kind(*_coded("Trial.study_type", f"{_DESIGN}/studyType", f"{_X}/study_type", _PAGE_TYPE)),
    kind(
        *_coded(
            "Trial.allocation", *_design("allocation", "allocation"), _design_item("Allocation", "Trial.allocation")
        )
    ),
    kind(
        *_coded("Trial.masking", *_design("maskingInfo/masking", "masking"), _design_item("Masking", "Trial.masking"))
    ),
    kind(
        *_coded(
            "Trial.primary_purpose",
            *_design("primaryPurpose", "primary_purpose"),
            _design_item("Primary Purpose", "Trial.primary_purpose"),
        )
    ),
    kind(*_coded("Eligibility.sex", f"{_P}/eligibilityModule/sex", f"{_X}/eligibility/gender", _PAGE_SEX)),
    kind(*_coded("Arm.type", f"{_P}/armsInterventionsModule/armGroups/*/type", f"{_X}/arm_group/arm_group_type")),
    kind(
        *_coded(
            "Intervention.type",
            f"{_P}/armsInterventionsModule/interventions/*/type",
            f"{_X}/intervention/intervention_type",
        )
    ),
)
