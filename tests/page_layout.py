"""Lays out a registry XML record as the study page that the registry showed from 2014 to 2017, saved as plain text.

For tests that read such pages back. Both dialects of the XML are understood: `study_design` and `firstreceived_date`
(until 2017), `study_design_info` and `study_first_submitted` (after). Contact e-mails and phone numbers are left out.
"""

import re
from itertools import chain, groupby

from lxml import etree

__all__ = ["render_page"]

Node = etree._Element
Lines = list[str]

NBSP = "\u00a0"
BULLET = "\u2022"

NOTICE = (
    "IMPORTANT: Listing of a study on this site does not reflect endorsement by the National Institutes of Health. "
    "Talk with a trusted healthcare professional before volunteering for a study. Read more..."
)
CONTACT_NOTICE = (
    "Choosing to participate in a study is an important personal decision. Talk with your doctor and family members or "
    "friends about deciding to join a study. To learn more about this study, you or your doctor may contact the study "
    "research staff using the Contacts provided below. For general information, see Learn About Clinical Studies."
)
LONG_UNVERIFIED = "The completion date has passed and the status has not been verified in more than two years."

#: Overall status -> the page's sentence.
STATUS = {
    "Active, not recruiting": "This study is ongoing, but not recruiting participants.",
    "Available": "Expanded access is currently available for this treatment.",
    "Completed": "This study has been completed.",
    "Enrolling by invitation": "This study is enrolling participants by invitation only.",
    "No longer available": "Expanded access is no longer available for this treatment.",
    "Not yet recruiting": "This study is not yet open for participant recruitment.",
    "Recruiting": "This study is currently recruiting participants.",
    "Suspended": "This study has been suspended.",
    "Terminated": "This study has been terminated.",
    "Unknown status": "The recruitment status of this study is unknown.",
    "Withdrawn": "This study has been withdrawn prior to enrollment.",
}
#: Tags of `study_design_info` in the page's order; their words are its labels.
DESIGN = ("allocation", "intervention_model", "masking", "primary_purpose", "observational_model", "time_perspective")
FIRST_RECEIVED = ("study_first_submitted", "firstreceived_date")
LAST_UPDATED = ("last_update_submitted", "lastchanged_date")
#: Standard age groups of the page and the years in which they begin and end.
AGE_GROUPS = (("Child", 0.0, 18.0), ("Adult", 18.0, 66.0), ("Senior", 66.0, 1000.0))
AGE_UNITS = {"year": 1.0, "month": 12.0, "week": 52.18, "day": 365.25, "hour": 8766.0, "minute": 525960.0}
_DESIGN_PART = re.compile(r", (?=[A-Z][A-Za-z ]+: )")
_ITEM = re.compile(r"(?P<indent> *)(?P<mark>-|\d+\.) +(?=\S)")


def render_page(xml_bytes: bytes) -> str:
    """The study page, as plain text, of the record in `xml_bytes`."""
    study = etree.fromstring(xml_bytes, etree.XMLParser(resolve_entities=False, no_network=True))
    parts = (
        ["Try our beta test site", NOTICE],
        _head(study),
        _provenance(study),
        _purpose(study),
        _type_and_design(study),
        _details(study),
        _arms(study),
        _labelled_text("Detailed Description:", study, "detailed_description/textblock"),
        _eligibility(study),
        _contacts(study),
        _more_information(study),
        _terms(study),
    )
    return "\n\n".join("\n".join(part) for part in parts if part) + "\n"


def _text(node: Node, *paths: str) -> str:
    """The text of the first of `paths` that has any, white space collapsed."""
    found = (" ".join((node.findtext(path) or "").split()) for path in paths)
    return next(filter(None, found), "")


def _texts(node: Node, path: str) -> Lines:
    """The texts at `path`, white space collapsed, empty ones left out."""
    return [text for item in node.findall(path) if (text := " ".join((item.text or "").split()))]


def _line(label: str, value: str) -> Lines:
    """`label: value`; nothing where there is no value."""
    return [f"{label}: {value}"] if value else []


def _prose(text: str) -> Lines:
    """A text block as the page set it: lines joined, bullets in lists, blank lines between paragraphs."""
    lines: Lines = []
    open_lists: list[int] = []
    depth = 0
    for chunk in _chunks(text):
        item = _ITEM.match(chunk)
        above, depth = depth, _depth(open_lists, len(item["indent"])) if item else 0
        if lines and (not depth or not above or depth > above):
            lines.append("")
        mark = item["mark"].replace("-", BULLET) if item else ""
        words = chunk[item.end() if item else 0 :].split()
        lines.append("  " * depth + " ".join([mark, *words] if mark else words))
    return lines


def _chunks(text: str) -> Lines:
    """The paragraphs and list items of a text block, each with its line breaks."""
    lines = [line.rstrip() for line in text.split("\n")]
    marked = [part for line in lines for part in (["", line] if _ITEM.match(line) else [line])]
    return ["\n".join(part) for filled, part in groupby(marked, key=bool) if filled]


def _depth(open_lists: list[int], indent: int) -> int:
    """How deep a list item lies that is indented by `indent`; `open_lists` holds the indents of the lists around it."""
    while open_lists and open_lists[-1] > indent:
        open_lists.pop()
    if not open_lists or open_lists[-1] < indent:
        open_lists.append(indent)
    return len(open_lists)


def _labelled_text(label: str, node: Node, path: str) -> Lines:
    """A label and the text block below it; nothing where there is no text."""
    prose = _prose(node.findtext(path) or "")
    return [label, *prose] if prose else []


def _provider(study: Node) -> str:
    """Who provided the record: the source, with the sponsor in brackets where their names differ."""
    source, sponsor = _text(study, "source"), _text(study, "sponsors/lead_sponsor/agency")
    return f"{source} ( {sponsor} )" if source and sponsor and source != sponsor else source or sponsor


def _head(study: Node) -> Lines:
    """The title, with the acronym right behind it, and what became of the study."""
    acronym = _text(study, "acronym")
    return [_text(study, "brief_title") + (f"({acronym})" if acronym else ""), *_status(study)]


def _status(study: Node) -> Lines:
    """The sentence on the status, and why the study stopped or since when the status is doubtful."""
    status, why = _text(study, "overall_status"), _text(study, "why_stopped")
    verified = f"Verified {_text(study, 'verification_date')} by {_provider(study)}"
    lines = ["", STATUS[status]] if status in STATUS else []
    lines += [f"({why})"] if why else []
    if status in {"Recruiting", "Not yet recruiting", "Available"}:
        lines += ["(see Contacts and Locations)", verified]
    if status == "Unknown status":
        lines += [LONG_UNVERIFIED, f"{verified}.", *_line("Recruitment status was", _text(study, "last_known_status"))]
    return lines


def _provenance(study: Node) -> Lines:
    """Who sponsors the study, who answers for the record, and its dates."""
    collaborators = _texts(study, "sponsors/collaborator/agency")
    lines = ["Sponsor:", _text(study, "sponsors/lead_sponsor/agency")]
    if collaborators:
        lines += ["Collaborator:" if len(collaborators) == 1 else "Collaborators:", *collaborators]
    if _text(study, "responsible_party/responsible_party_type"):
        lines += ["Information provided by (Responsible Party):", _responsible_party(study)]
    else:
        lines += ["Information provided by:", _provider(study)]
    return [
        *lines,
        "ClinicalTrials.gov Identifier:",
        _text(study, "id_info/nct_id"),
        *_line("First received", _text(study, *FIRST_RECEIVED)),
        *_line("Last updated", _text(study, *LAST_UPDATED)),
        *_line("Last verified", _text(study, "verification_date")),
        "History of Changes",
    ]


def _responsible_party(study: Node) -> str:
    """The responsible party: a person with an affiliation, or the sponsor; empty where the record names none."""
    if _text(study, "responsible_party/responsible_party_type") == "Sponsor":
        return _provider(study)
    paths = (("investigator_full_name", "name_title"), ("investigator_affiliation", "organization"))
    named = (_text(study, *(f"responsible_party/{tag}" for tag in tags)) for tags in paths)
    return ", ".join(filter(None, named))


def _purpose(study: Node) -> Lines:
    """The brief summary, and the table of conditions, interventions and phases."""
    summary = _prose(study.findtext("brief_summary/textblock") or "")
    phase = _text(study, "phase").replace("N/A", "")
    columns = {
        "Condition": _texts(study, "condition"),
        "Intervention": [_intervention_name(item) for item in study.findall("intervention")],
        "Phase": phase.split("/") if phase else [],
    }
    header = " ".join(name for name, cells in columns.items() if cells)
    return [f"{NBSP} Purpose", "", *summary, "", header, *chain.from_iterable(columns.values())]


def _intervention_name(intervention: Node) -> str:
    return ": ".join(filter(None, (_text(intervention, "intervention_type"), _text(intervention, "intervention_name"))))


def _type_and_design(study: Node) -> Lines:
    """Type, design and official title."""
    return [
        *_line("Study Type", _text(study, "study_type")),
        *_line("Study Design", "\n".join(_design(study))),
        *_line("Official Title", _text(study, "official_title")),
        "",
        "Resource links provided by NLM:",
        "",
        f"Further study details as provided by {_provider(study)}:",
    ]


def _design(study: Node) -> Lines:
    """The parts of the design, `label: value` each."""
    info = study.find("study_design_info")
    if info is None:
        return _DESIGN_PART.split(_text(study, "study_design"))
    masking = {"None (Open Label)": "Open Label"}
    found = {tag.replace("_", " ").title(): _text(info, tag) for tag in DESIGN}
    return [f"{label}: {masking.get(value, value)}" for label, value in found.items() if value]


def _details(study: Node) -> Lines:
    """Outcome measures, specimens, enrolment and dates."""
    lines: Lines = []
    for kind in ("primary", "secondary", "other"):
        if outcomes := study.findall(f"{kind}_outcome"):
            lines += [
                f"{kind.title()} Outcome Measures:",
                *(line for outcome in outcomes for line in _outcome(outcome)),
                "",
            ]
    lines += _line("Biospecimen Retention", _text(study, "biospec_retention"))
    lines += _labelled_text("Biospecimen Description:", study, "biospec_descr/textblock")
    return [*lines, *_enrollment_and_dates(study)]


def _outcome(outcome: Node) -> Lines:
    """An outcome's bullet; its notes stand in brackets, its description below."""
    notes = {"Time Frame": "time_frame", "Designated as safety issue": "safety_issue"}
    line = f"  {BULLET} {_text(outcome, 'measure')}"
    for label, tag in notes.items():
        if value := _text(outcome, tag):
            line += f" [{NBSP}{label.replace(' ', NBSP)}:{NBSP}{value}{NBSP}]"
    description = _text(outcome, "description")
    return [line, f"    {description}"] if description else [line]


def _enrollment_and_dates(study: Node) -> Lines:
    """Enrolment, start and the two ends; what is expected is called estimated."""
    start = study.find("start_date")
    kind = {"Actual": "Actual ", "Anticipated": "Anticipated "}.get("" if start is None else start.get("type", ""), "")
    primary = _stated("Primary Completion Date", "primary_completion_date", study)
    return [
        *_stated("Enrollment", "enrollment", study),
        *_line(f"{kind}Study Start Date", _text(study, "start_date")),
        *_stated("Study Completion Date", "completion_date", study),
        *(f"{line} (Final data collection date for primary outcome measure)" for line in primary),
    ]


def _stated(label: str, tag: str, study: Node) -> Lines:
    estimated = study.find(f"{tag}[@type='Anticipated']") is not None
    return _line(f"Estimated {label}" if estimated else label, _text(study, tag))


def _arms(study: Node) -> Lines:
    """The table of arms or groups with what each of them gets; without arms, the details of the interventions."""
    arms, interventions = study.findall("arm_group"), study.findall("intervention")
    if not arms:
        details = [line for item in interventions for line in _intervention(item)]
        names = [_intervention_name(item) for item in interventions]
        return ["Intervention Details:", *details] if details != names else []
    kind = "Arms" if _text(study, "study_type") == "Interventional" else "Groups/Cohorts"
    lines = [f"{kind} Assigned Interventions" if interventions else kind]
    for arm in arms:
        label = _text(arm, "arm_group_label")
        lines.append(": ".join(filter(None, (_text(arm, "arm_group_type"), label))))
        lines += _prose(arm.findtext("description") or "")
        given = (item for item in interventions if label in _texts(item, "arm_group_label"))
        lines += [line for item in given for line in _intervention(item)]
    return lines


def _intervention(intervention: Node) -> Lines:
    """An intervention, its description and its other names."""
    others = _texts(intervention, "other_name")
    lines = [_intervention_name(intervention), *_prose(intervention.findtext("description") or "")]
    if len(others) == 1:
        lines.append(f"Other Name: {others[0]}")
    elif others:
        lines += ["Other Names:", *(f"  {BULLET} {other}" for other in others)]
    return lines


def _eligibility(study: Node) -> Lines:
    """Who may take part."""
    node = study.find("eligibility")
    if node is None:
        return []
    sex = _text(node, "gender")
    rows = {
        "Ages Eligible for Study": _ages(node),
        "Genders Eligible for Study" if sex == "Both" else "Sexes Eligible for Study": sex,
        "Accepts Healthy Volunteers": re.sub("Accepts.*", "Yes", _text(node, "healthy_volunteers")),
        "Sampling Method": _text(node, "sampling_method"),
    }
    lines = [f"{label}: {NBSP} {value}" for label, value in rows.items() if value]
    for heading, path in (("Study Population", "study_pop/textblock"), ("Criteria", "criteria/textblock")):
        if prose := _prose(node.findtext(path) or ""):
            lines += ["", heading, "", *prose]
    return [f"{NBSP} Eligibility", "", *lines]


def _ages(eligibility: Node) -> str:
    """The age limits in the page's words; pages since 2017 add the standard age groups."""
    low, high = (_text(eligibility, f"{end}imum_age").replace("N/A", "") for end in ("min", "max"))
    if not low and not high:
        return "Child, Adult, Senior"
    limits = f"{low} to {high}" if low and high else f"{low} and older" if low else f"up to {high}"
    return limits if _text(eligibility, "gender") == "Both" else f"{limits} {NBSP} ({_age_groups(eligibility)})"


def _age_groups(eligibility: Node) -> str:
    """The standard age groups that the limits touch."""
    low, high = _years(eligibility, "minimum_age", 0), _years(eligibility, "maximum_age", 999)
    return ", ".join(name for name, begins, ends in AGE_GROUPS if low < ends and high >= begins)


def _years(eligibility: Node, tag: str, default: float) -> float:
    number, _, unit = _text(eligibility, tag).partition(" ")
    return float(number) / AGE_UNITS[unit.lower().rstrip("s")] if unit else default


def _contacts(study: Node) -> Lines:
    """Where the study is done, who pays for it and who leads it."""
    lines = [f"{NBSP} Contacts and Locations", CONTACT_NOTICE, ""]
    lines += [f"Please refer to this study by its ClinicalTrials.gov identifier: {_text(study, 'id_info/nct_id')}", ""]
    if locations := study.findall("location"):
        lines.append("Locations")
        for area, places in groupby(locations, key=_area):
            lines += [area, *(line for place in places for line in _location(place))]
    lines += ["Sponsors and Collaborators", *_texts(study, "sponsors//agency")]
    if officials := study.findall("overall_official"):
        lines += ["Investigators", *map(_official, officials)]
    return lines


def _area(location: Node) -> str:
    """The heading over a location: its country, and its state within the United States."""
    country, state = (_text(location, f"facility/address/{tag}") for tag in ("country", "state"))
    return f"{country}, {state}" if country == "United States" and state else country


def _location(location: Node) -> Lines:
    """A facility, with its status if it has one, and its address."""
    name = "\t".join(filter(None, (_text(location, "facility/name"), _text(location, "status"))))
    address = [_text(location, f"facility/address/{tag}") for tag in ("city", "state", "country", "zip")]
    return list(filter(None, (name, ", ".join(filter(None, address)))))


def _official(official: Node) -> str:
    """An investigator: role and name, and the affiliation in a column of its own."""
    role, name = _text(official, "role"), _text(official, "last_name")
    return "\t".join(filter(None, (f"{role}: {name}" if role else name, _text(official, "affiliation"))))


def _more_information(study: Node) -> Lines:
    """Publications, identifiers and dates of the record."""
    lines = [f"{NBSP} More Information", ""]
    links = [_text(link, "description", "url") for link in study.findall("link")]
    results, others = (_texts(study, f"{tag}/citation") for tag in ("results_reference", "reference"))
    lists = {"Additional Information:": links, "Publications of Results:": results}
    lists["Other Publications:" if results else "Publications:"] = others
    lines += [line for heading, entries in lists.items() if entries for line in (heading, *entries, "")]
    rows = {
        "Responsible Party": _responsible_party(study),
        "ClinicalTrials.gov Identifier": f"{_text(study, 'id_info/nct_id')} {NBSP} {NBSP} History of Changes",
        "Obsolete Identifiers": ", ".join(_texts(study, "id_info/nct_alias")),
        "Other Study ID Numbers": "\n".join(
            _texts(study, "id_info/org_study_id") + _texts(study, "id_info/secondary_id")
        ),
        "Study First Received": _text(study, *FIRST_RECEIVED),
        "Results First Received": _text(study, "results_first_submitted", "firstreceived_results_date"),
        "Last Updated": _text(study, *LAST_UPDATED),
        "Health Authority": _text(study, "oversight_info/authority"),
    }
    return lines + [line for label, value in rows.items() for line in _line(label, value)]


def _terms(study: Node) -> Lines:
    """Keywords, derived terms, and the day on which the registry made the page."""
    terms = _texts(study, "condition_browse/mesh_term") + _texts(study, "intervention_browse/mesh_term")
    lists = {f"Keywords provided by {_provider(study)}:": _texts(study, "keyword")}
    lists["Additional relevant MeSH terms:"] = terms
    lines = [line for heading, words in lists.items() if words for line in (heading, *words, "")]
    processed = _text(study, "required_header/download_date").rpartition(" on ")[2]
    return [*lines, f"ClinicalTrials.gov processed this record on {processed}"]
