"""API v2 JSON (https://clinicaltrials.gov/data-api/api): one study, a list, a page of `studies`, JSON lines -> Trials.

Text stays as the API gives it. MeSH identifiers stay padded here, as stated; `kg.iris.mesh_identifier` reads them.
"""

from collections.abc import Iterator
from functools import cache
from typing import Any

import msgspec

from kg import model
from kg.errors import SourceError
from kg.readers.table import Format, Place, Reading, Rule, read_trial

__all__ = ["API_V2", "read_study", "split_studies"]


@cache
def _keys(path: str) -> tuple[str, ...]:
    return tuple(path.split(".")) if path else ()


class JsonTree:
    """Decoded JSON: paths are keys joined by dots, places are JSON pointers (RFC 6901)."""

    def find(self, node: Any, path: str) -> list[Any]:
        """What stands at `path`; a list there gives its items, an absent key nothing. The empty path is the node."""
        for key in _keys(path):
            if not isinstance(node, dict):
                return []
            node = node.get(key)
        if node is None:
            return []
        return node if isinstance(node, list) else [node]

    def text(self, raw: Any) -> str | None:
        """The string as it stands; numbers and truth values as JSON writes them."""
        if isinstance(raw, str):
            return raw if raw and not raw.isspace() else None
        if isinstance(raw, bool):
            return "true" if raw else "false"
        return str(raw) if isinstance(raw, int | float) else None

    def stated_date(self, raw: Any) -> tuple[str | None, str | None]:
        """A date struct `{date, type}` or a bare string."""
        if isinstance(raw, dict):
            kind = raw.get("type")
            return self.text(raw.get("date")), kind if isinstance(kind, str) else None
        return self.text(raw), None

    def place(self, node: Any, at: Place, path: str, index: int) -> str:
        """The JSON pointer of what `find` gave at `index`."""
        pointer = "/".join([at(), *(key.replace("~", "~0").replace("/", "~1") for key in _keys(path))])
        target = node
        for key in _keys(path):
            target = target.get(key) if isinstance(target, dict) else None
        return f"{pointer}/{index}" if isinstance(target, list) else pointer


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


def _derived(node: Any, _reading: Reading) -> Iterator[dict[str, Any]]:
    """NLM's terms, those of the conditions first, each marked with what it was derived for."""
    for module, kind in (("conditionBrowseModule", "CONDITION"), ("interventionBrowseModule", "INTERVENTION")):
        for mesh in _TREE.find(node, f"derivedSection.{module}.meshes"):
            if isinstance(mesh, dict):
                yield {**mesh, "for": kind}


API_V2 = Format(
    "API_V2",
    _TREE,
    {
        model.Trial: {
            "nct_id": f"{_PROTOCOL}.identificationModule.nctId",
            "brief_title": f"{_PROTOCOL}.identificationModule.briefTitle",
            "official_title": f"{_PROTOCOL}.identificationModule.officialTitle",
            "acronym": f"{_PROTOCOL}.identificationModule.acronym",
            "identifiers": lambda node, _: [
                *_TREE.find(node, f"{_PROTOCOL}.identificationModule.orgStudyIdInfo"),
                *_TREE.find(node, f"{_PROTOCOL}.identificationModule.secondaryIdInfos"),
            ],
            "study_type": f"{_DESIGN}.studyType",
            "overall_status": f"{_STATUS}.overallStatus",
            "last_known_status": f"{_STATUS}.lastKnownStatus",
            "why_stopped": f"{_STATUS}.whyStopped",
            "start_date": f"{_STATUS}.startDateStruct",
            "primary_completion_date": f"{_STATUS}.primaryCompletionDateStruct",
            "completion_date": f"{_STATUS}.completionDateStruct",
            "lead_sponsor": f"{_PROTOCOL}.sponsorCollaboratorsModule.leadSponsor",
            "collaborators": f"{_PROTOCOL}.sponsorCollaboratorsModule.collaborators",
            "brief_summary": f"{_PROTOCOL}.descriptionModule.briefSummary",
            "detailed_description": f"{_PROTOCOL}.descriptionModule.detailedDescription",
            "conditions": f"{_PROTOCOL}.conditionsModule.conditions",
            "keywords": f"{_PROTOCOL}.conditionsModule.keywords",
            "phases": f"{_DESIGN}.phases",
            "allocation": f"{_DESIGN}.designInfo.allocation",
            "intervention_model": f"{_DESIGN}.designInfo.interventionModel",
            "primary_purpose": f"{_DESIGN}.designInfo.primaryPurpose",
            "observational_model": f"{_DESIGN}.designInfo.observationalModel",
            "time_perspective": f"{_DESIGN}.designInfo.timePerspective",
            "masking": f"{_DESIGN}.designInfo.maskingInfo.masking",
            "who_masked": f"{_DESIGN}.designInfo.maskingInfo.whoMasked",
            "enrollment": f"{_DESIGN}.enrollmentInfo.count",
            "enrollment_type": f"{_DESIGN}.enrollmentInfo.type",
            "arms": _arm_groups(of_observational=False),
            "groups": _arm_groups(of_observational=True),
            "interventions": f"{_ARMS}.interventions",
            "primary_outcomes": f"{_OUTCOMES}.primaryOutcomes",
            "secondary_outcomes": f"{_OUTCOMES}.secondaryOutcomes",
            "other_outcomes": f"{_OUTCOMES}.otherOutcomes",
            "eligibility": f"{_PROTOCOL}.eligibilityModule",
            "officials": f"{_PROTOCOL}.contactsLocationsModule.overallOfficials",
            "locations": f"{_PROTOCOL}.contactsLocationsModule.locations",
            "derived_terms": _derived,
            "record": "",
        },
        model.Identifier: {"value": "id", "type": "type", "domain": "domain"},
        model.Organization: {"name": "name", "kind": "class"},
        model.Condition: {"label": ""},
        model.Keyword: {"label": ""},
        model.Arm: {"label": "label", "type": "type", "description": "description"},
        model.Group: {"label": "label", "description": "description"},
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
            "minimum_age": "minimumAge",
            "maximum_age": "maximumAge",
            "standard_ages": "stdAges",
            "healthy_volunteers": "healthyVolunteers",
        },
        model.Official: {"name": "name", "role": "role", "affiliation": "affiliation"},
        model.Location: {
            "facility": "facility",
            "city": "city",
            "state": "state",
            "zip": "zip",
            "country": "country",
            "status": "status",
        },
        model.DerivedTerm: {"label": "term", "identifier": "id", "derived_for": "for"},
        model.Record: {
            "verified": f"{_STATUS}.statusVerifiedDate",
            "first_submitted": f"{_STATUS}.studyFirstSubmitDate",
            "first_posted": f"{_STATUS}.studyFirstPostDateStruct",
            "last_update_submitted": f"{_STATUS}.lastUpdateSubmitDate",
            "last_update_posted": f"{_STATUS}.lastUpdatePostDateStruct",
            "processed_on": "derivedSection.miscInfoModule.versionHolder",
        },
    },
)


class _Page(msgspec.Struct):
    """One page of the API's answer; each study keeps its bytes."""

    studies: list[msgspec.Raw]


def split_studies(data: bytes) -> list[bytes]:
    """The bytes of each study in one document: a study, a list of them, or a page `{"studies": […]}`.

    Raises:
        SourceError: if the document is no JSON.
    """
    try:
        if data.lstrip()[:1] == b"[":
            return [bytes(raw) for raw in msgspec.json.decode(data, type=list[msgspec.Raw])]
        return [bytes(raw) for raw in msgspec.json.decode(data, type=_Page).studies]
    except msgspec.ValidationError:
        return [data]
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise SourceError("JSON", f"cannot be read: {error}") from error


def read_study(data: bytes, reading: Reading) -> model.Trial | None:
    """The trial that one study's bytes state; None, with a finding, if it is no study."""
    try:
        study = msgspec.json.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        reading.flag("broken-json", f"no JSON: {error}", severity="violation")
        return None
    return read_trial(reading, study, data)
