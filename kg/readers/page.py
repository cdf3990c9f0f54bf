"""The registry's study page of the 2010s, as HTML or plain text, full-text or tabular view -> Trials.

A page states less than the record behind it (no posting dates; MeSH terms without saying for what), and the tabular
view gives no locations but their countries, which are left out. A place is a line: of the text, or of the HTML as it
is rendered.
"""

import re
from collections.abc import Callable, Sequence
from typing import Any

from kg import model
from kg.iris import find_registry
from kg.readers.format import Format, Place, Reading
from kg.readers.page_lines import decode, read_lines
from kg.readers.page_parts import Stated
from kg.readers.page_record import read_record
from kg.readers.page_sections import is_label
from kg.readers.table import read_trial

__all__ = ["PAGE", "is_page", "read_study"]


class PageTree:
    """Parts of a page: paths are the page's words for a value, places are lines."""

    def find(self, node: Any, path: str) -> list[Any]:
        """What the page states as `path`. The empty path is the node."""
        return node.values.get(path, []) if path else [node]

    def looker(self, paths: Sequence[str | None]) -> Callable[[Any], list[list[Any]]]:
        """`find` for many paths at once."""
        return lambda node: [[] if path is None else self.find(node, path) for path in paths]

    def text(self, raw: Any) -> str | None:
        """The text as stated."""
        return raw.text or None if isinstance(raw, Stated) else None

    def stated_date(self, raw: Any) -> tuple[str | None, str | None]:
        """The date, and the word before its label or behind it."""
        return self.text(raw), raw.kind

    def place(self, node: Any, at: Place, path: str | None, index: int, raw: Any) -> str:  # noqa: ARG002 - what is stated knows its line
        """The line of what was found."""
        return f"line {raw.line}"


def _registry(node: Any, _reading: Reading) -> list[Stated]:
    found = find_registry(node.text)
    return [Stated(found, node.line)] if found else []


PAGE = Format(
    "PAGE",
    PageTree(),
    {
        model.Trial: {
            "nct_id": "ClinicalTrials.gov Identifier",
            "brief_title": "title",
            "official_title": "Official Title",
            "acronym": "acronym",
            "identifiers": "Other Study ID Numbers",
            "study_type": "Study Type",
            "overall_status": "status",
            "last_known_status": "last known status",
            "why_stopped": "reason",
            "start_date": "Start Date",
            "primary_completion_date": "Primary Completion Date",
            "completion_date": "Completion Date",
            "lead_sponsor": "Sponsor",
            "collaborators": "Collaborators",
            "brief_summary": "Purpose",
            "detailed_description": "Detailed Description",
            "conditions": "Condition",
            "keywords": "Keywords",
            "phases": "Phase",
            "allocation": "Allocation",
            "intervention_model": "Intervention Model",
            "primary_purpose": "Primary Purpose",
            "observational_model": "Observational Model",
            "time_perspective": "Time Perspective",
            "masking": "Masking",
            "who_masked": "Masked",
            "enrollment": "Enrollment",
            "enrollment_type": "Enrollment Type",
            "arms": "Arms",
            "groups": "Groups/Cohorts",
            "interventions": "Interventions",
            "primary_outcomes": "Primary Outcome Measures",
            "secondary_outcomes": "Secondary Outcome Measures",
            "other_outcomes": "Other Outcome Measures",
            "eligibility": "Eligibility",
            "officials": "Officials",
            "locations": "Locations",
            "derived_terms": "MeSH terms",
            "record": "",
        },
        model.Identifier: {"value": "", "registry": _registry},
        model.Organization: {"name": "Name"},
        model.Condition: {"label": ""},
        model.Keyword: {"label": ""},
        model.Arm: {"label": "Label", "type": "Type", "description": "Description"},
        model.Group: {"label": "Label", "description": "Description"},
        model.Intervention: {
            "label": "Name",
            "type": "Type",
            "description": "Description",
            "other_names": "Other Names",
            "arms": "Arms",
        },
        model.Outcome: {"measure": "Measure", "description": "Description", "time_frame": "Time Frame"},
        model.Eligibility: {
            "criteria": "Criteria",
            "sex": "Sex",
            "minimum_age": "Minimum Age",
            "maximum_age": "Maximum Age",
            "standard_ages": "Standard Ages",
            "healthy_volunteers": "Accepts Healthy Volunteers",
        },
        model.Official: {"name": "Name", "role": "Role", "affiliation": "Affiliation"},
        model.Location: {
            "facility": "Facility",
            "city": "City",
            "state": "State",
            "zip": "Zip",
            "country": "Country",
            "status": "Status",
        },
        model.DerivedTerm: {"label": ""},
        model.Record: {
            "verified": "Last verified",
            "first_submitted": "First received",
            "last_update_submitted": "Last updated",
            "processed_on": "processed this record on",
        },
    },
)

_NCT = re.compile(r"\bNCT\d{8}\b")
#: How many different labels of the page a text must have to be taken for one.
_ENOUGH_LABELS = 4


def is_page(start: bytes) -> bool:
    """Whether a document that begins like this is a study page: an NCT number, and labels on lines of their own."""
    if b"\0" in start and not start.startswith((b"\xff\xfe", b"\xfe\xff")):
        return False
    if _NCT.search(decode(start)[0]) is None:
        return False
    lines = read_lines(start, Reading(PAGE, ""))
    return len({line.words.partition(":")[0] for line in lines if is_label(line.text)}) >= _ENOUGH_LABELS


def read_study(data: bytes, reading: Reading) -> model.Trial | None:
    """The trial that one page states; None, with a finding, if it names no study."""
    return read_trial(reading, read_record(read_lines(data, reading), reading), data)
