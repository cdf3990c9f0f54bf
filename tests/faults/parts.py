"""Faults of structure: what is missing, empty, of another type, or named and not there."""

from random import Random

from tests.faults.planting import Plant, Sow, Spot, changed, choose, dropped, emptied, has, kind, without
from tests.faults.sources import Source

__all__ = ["ARMS", "MISSING", "TYPES"]

_P, _X = "/protocolSection", "/clinical_study"
_ARMS = f"{_P}/armsInterventionsModule"
_LOCATION = f"{_P}/contactsLocationsModule/locations/*"


def _is_stopped(source: Source, _place: str) -> bool:
    status = [*source.find(f"{_P}/statusModule/overallStatus"), *source.find(f"{_X}/overall_status")]
    return any(source.text(place).upper() in {"TERMINATED", "WITHDRAWN", "SUSPENDED"} for place in status)


def _is_alone(source: Source, place: str) -> bool:
    """Whether an element has no brother."""
    return not place.endswith("]")


MISSING = (
    kind(
        "NCT number missing",
        "no-identifier",
        dropped(f"{_P}/identificationModule/nctId", "Trial.nct_id"),
        dropped(f"{_X}/id_info/nct_id", "Trial.nct_id"),
    ),
    kind(
        "brief title missing",
        "Study-title/*",
        dropped(f"{_P}/identificationModule/briefTitle", "Trial.brief_title"),
        dropped(f"{_X}/brief_title", "Trial.brief_title"),
    ),
    kind(
        "brief title empty",
        "Study-title/* empty*",
        emptied(f"{_P}/identificationModule/briefTitle", "Trial.brief_title"),
        emptied(f"{_X}/brief_title", "Trial.brief_title"),
    ),
    kind(
        "brief title of blanks",
        "Study-title/* empty*",
        emptied(f"{_P}/identificationModule/briefTitle", "Trial.brief_title", new="   "),
        emptied(f"{_X}/brief_title", "Trial.brief_title", new="   "),
    ),
    kind(
        "conditions missing",
        "Study-condition*",
        dropped(f"{_P}/conditionsModule/conditions", "Trial.conditions"),
        dropped(f"{_X}/condition", "Trial.conditions", when=_is_alone),
    ),
    kind(
        "condition empty",
        "incomplete-part empty*",
        emptied(f"{_P}/conditionsModule/conditions/*", "Trial.conditions", "Condition.label"),
        emptied(f"{_X}/condition", "Trial.conditions", "Condition.label"),
    ),
    kind(
        "sponsor missing",
        "Study-*sponsor*",
        dropped(f"{_P}/sponsorCollaboratorsModule/leadSponsor", "Trial.lead_sponsor"),
        dropped(f"{_X}/sponsors/lead_sponsor", "Trial.lead_sponsor"),
    ),
    kind(
        "sponsor without a name",
        "incomplete-part",
        without(f"{_P}/sponsorCollaboratorsModule/leadSponsor/name", "Trial.lead_sponsor"),
        without(f"{_X}/sponsors/lead_sponsor/agency", "Trial.lead_sponsor"),
    ),
    kind(
        "outcome without a measure",
        "incomplete-part",
        without(f"{_P}/outcomesModule/primaryOutcomes/*/measure", "Trial.primary_outcomes"),
        without(f"{_X}/primary_outcome/measure", "Trial.primary_outcomes"),
    ),
    kind(
        "country empty",
        "Location-country/* empty*",
        emptied(f"{_LOCATION}/country", "Location.country"),
        emptied(f"{_X}/location/facility/address/country", "Location.country"),
    ),
    kind(
        "site without a country",
        "Location-country/*",
        dropped(f"{_LOCATION}/country", "Location.country"),
        dropped(f"{_X}/location/facility/address/country", "Location.country"),
    ),
    kind(
        "status missing",
        "Study-status/*",
        dropped(f"{_P}/statusModule/overallStatus", "Trial.overall_status"),
        dropped(f"{_X}/overall_status", "Trial.overall_status"),
    ),
    kind(
        "study type missing",
        "Study-study-type*",
        dropped(f"{_P}/designModule/studyType", "Trial.study_type"),
        dropped(f"{_X}/study_type", "Trial.study_type"),
    ),
    kind(
        "intervention without a name",
        "incomplete-part",
        without(f"{_ARMS}/interventions/*/name", "Trial.interventions"),
        without(f"{_X}/intervention/intervention_name", "Trial.interventions"),
    ),
    kind(
        "status null",
        "Study-status/* empty*",
        emptied(f"{_P}/statusModule/overallStatus", "Trial.overall_status", new=None),
    ),
    kind(
        "stopped without a reason",
        "Study-stop-reason/*",
        dropped(f"{_P}/statusModule/whyStopped", "Trial.why_stopped", when=_is_stopped),
        dropped(f"{_X}/why_stopped", "Trial.why_stopped", when=_is_stopped),
    ),
)

ARMS = (
    kind(
        "intervention given in no arm of the study",
        "unknown-arm",
        changed(f"{_ARMS}/interventions/*/armGroupLabels/*", "Arm of nobody", "Intervention.arms"),
        changed(f"{_X}/intervention/arm_group_label", "Arm of nobody", "Intervention.arms"),
    ),
    kind(
        "arm with an intervention that the study lacks",
        "*intervention*",
        changed(
            f"{_ARMS}/armGroups/*/interventionNames/*",
            "Drug: Nobodymab",
            "Arm.stated_interventions",
            "Group.stated_interventions",
        ),
    ),
    kind(
        "arm without a label",
        "incomplete-part",
        without(f"{_ARMS}/armGroups/*/label", "Trial.arms", "Trial.groups"),
        without(f"{_X}/arm_group/arm_group_label", "Trial.arms", "Trial.groups"),
    ),
)


def _structured(pattern: str, new: object, *fields: str) -> Sow:
    """A value of another type; a finding points to it, and names no value where that is an object."""

    def sow(source: Source, rng: Random) -> Plant | None:
        place = choose(source, rng, pattern, has())
        if place is None:
            return None
        spots = tuple(Spot(place, source.line(place), field) for field in fields)
        return Plant(source.replace(place, new), spots)

    return sow


TYPES = (
    kind(
        "object where a list belongs",
        "wrong-type incomplete-part",
        _structured(f"{_P}/conditionsModule/conditions", {"name": "Asthma"}, "Trial.conditions", "Condition.label"),
    ),
    kind(
        "list where a text belongs",
        "wrong-type",
        _structured(f"{_P}/identificationModule/briefTitle", [["A title"]], "Trial.brief_title"),
    ),
    kind("text where a module belongs", "wrong-type", _structured(f"{_P}/designModule", "see the protocol", "")),
    kind(
        "text where a part belongs",
        "wrong-type incomplete-part",
        _structured(f"{_ARMS}/interventions/*", "Aspirin", "Trial.interventions", ""),
    ),
)
