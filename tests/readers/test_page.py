"""The registry's study page: what it shows is read, in each of its forms; what it does not show stays out."""

import random
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kg import assets, model
from kg.finding import Finding
from kg.readers import api_v2, detect_format, xml
from kg.readers.format import Reading
from kg.readers.page import PAGE, is_page, read_study
from kg.readers.xml import XML
from tests.page_layout import render_page

EXAMPLES = assets.folder("examples")
PAGES = sorted(path.stem for path in (EXAMPLES / "page").glob("*.txt"))
DAMAGED = "NCT01079767"

#: The head and the foot that every page below is given.
HEAD = """\
A Study of Rest in Fatigue(RESTFUL)
This study has been completed.
Sponsor:
Quiet Hospital
ClinicalTrials.gov Identifier:
NCT01234567
First received: March 2, 2010
Last updated: March 3, 2014
Last verified: March 2010
"""
FOOT = "ClinicalTrials.gov processed this record on May 25, 2017\n"


def read(text: str | bytes) -> tuple[model.Trial | None, list[Finding]]:
    """The trial that a page states, and what was found wrong with it."""
    reading = Reading(PAGE, "page.txt")
    trial = read_study(text.encode() if isinstance(text, str) else text, reading)
    return trial, reading.findings


def read_body(body: str) -> model.Trial:
    """The trial of a page with this body between head and foot."""
    trial, _ = read(HEAD + body + FOOT)
    assert trial is not None
    return trial


def read_xml(data: bytes) -> model.Trial:
    """The trial that the XML of the same record states."""
    trial = xml.read_study(data, Reading(XML, "record.xml"))
    assert trial is not None
    return trial


def prune(value: Any) -> Any:
    """A part of the model with just those fields that the page's table has, at every depth."""
    if isinstance(value, tuple):
        return tuple(map(prune, value))
    table = PAGE.table.get(type(value))
    if table is None:
        return value
    return type(value)(**{name: prune(getattr(value, name)) for name in value.__struct_fields__ if name in table})


def shown(trial: model.Trial) -> dict[str, object]:
    """The fields of a trial that a page shows too, without what a page never says of them."""
    trial = prune(trial)
    fields = {name: getattr(trial, name) for name in trial.__struct_fields__}
    for name in ("start_date", "primary_completion_date", "completion_date"):
        fields[name] = fields[name] and fields[name].stated
    for name in ("lead_sponsor", "enrollment_type", "derived_terms"):
        del fields[name]
    fields["sponsors"] = [sponsor.name for sponsor in (trial.lead_sponsor, *trial.collaborators) if sponsor]
    del fields["collaborators"]
    fields["phases"] = tuple(phase for phase in trial.phases if phase != "NA")
    fields["eligibility"] = trial.eligibility and msgspec.structs.replace(trial.eligibility, standard_ages=())
    fields["derived"] = sorted(term.label for term in trial.derived_terms)
    record = fields.pop("record")
    for name in ("verified", "first_submitted", "last_update_submitted", "processed_on"):
        fields[name] = getattr(record, name)
    return fields


def drop_unsure(fields: dict[str, object]) -> dict[str, object]:
    """The fields without those that a page with groups and descriptions run together leaves open."""
    return {name: value for name, value in fields.items() if name not in {"arms", "groups", "interventions"}}


@pytest.mark.parametrize("name", [name for name in PAGES if name != DAMAGED])
def test_page_and_xml_of_one_trial_agree(name: str) -> None:
    """What an undamaged page shows equals what the XML of the same trial says."""
    trial, findings = read((EXAMPLES / "page" / f"{name}.txt").read_bytes())
    record = read_xml((EXAMPLES / "xml" / f"{name}.xml").read_bytes())
    assert trial is not None
    without = drop_unsure if findings else dict
    assert without(shown(trial)) == without(shown(record))
    assert {finding.rule for finding in findings} <= {"unsure"}


def damaged() -> tuple[model.Trial, model.Trial]:
    """The page that lost labels, and the XML of the same trial."""
    trial, findings = read((EXAMPLES / "page" / f"{DAMAGED}.txt").read_bytes())
    assert trial is not None
    assert findings == []
    return trial, read_xml((EXAMPLES / "xml" / f"{DAMAGED}.xml").read_bytes())


def test_damaged_page_gives_every_fact_it_shows() -> None:
    """A page that lost labels differs from the XML only in what was lost, and in what the later XML has anew."""
    trial, record = damaged()
    page_fields, xml_fields = shown(trial), shown(record)
    different = {name for name in page_fields if page_fields[name] != xml_fields[name]}
    lost = {"arms", "interventions", "detailed_description", "eligibility"}
    renewed = {"identifiers", "derived", "processed_on"}
    assert different == lost | renewed


def test_damaged_page_loses_headings_only() -> None:
    """Where headings are lost from a text, all its other lines are there."""
    trial, record = damaged()
    assert trial.eligibility is not None
    assert record.eligibility is not None
    for text, full in (
        (trial.eligibility.criteria, record.eligibility.criteria),
        (trial.detailed_description, record.detailed_description),
    ):
        kept = [line for line in (text or "").split("\n") if line]
        assert kept == [line for line in (full or "").split("\n") if line in kept]
        lost = {line for line in (full or "").split("\n") if line} - set(kept)
        assert all(line.isupper() or line in {"Primary", "Secondary"} for line in lost)


def test_gap_of_a_lost_heading_parts_two_lists() -> None:
    """Two blank lines between items keep the lists apart, as the heading between them did."""
    trial, _ = damaged()
    assert trial.eligibility is not None
    assert (trial.eligibility.criteria or "").count("\n\n* ") == 2


def test_damaged_page_keeps_intervention_without_its_lost_arm() -> None:
    """The arm that the page lost is not invented."""
    trial, record = damaged()
    assert trial.arms == ()
    assert [(i.label, i.type, i.arms) for i in trial.interventions] == [("temsirolimus", "DRUG", ())]
    assert record.interventions[0].arms == ("Temsirolimus",)


def test_last_term_is_cut_from_the_day_of_processing() -> None:
    """The line in which the last MeSH term runs into the page's last line gives both."""
    trial, _ = damaged()
    assert trial.derived_terms[-1] == model.DerivedTerm(label="Antifungal Agents")
    assert trial.record.processed_on is not None
    assert trial.record.processed_on.stated == "2017-05-25"


def test_first_received_is_the_submission() -> None:
    """`First received` is no posting date: a page shows none."""
    trial = read_body("")
    assert trial.record.first_submitted is not None
    assert trial.record.first_submitted.stated == "2010-03-02"
    assert trial.record.first_posted is None
    assert trial.record.last_update_posted is None


@pytest.mark.parametrize(
    ("sentence", "status"),
    [
        ("This study is currently recruiting participants.", "RECRUITING"),
        ("This study is not yet open for participant recruitment.", "NOT_YET_RECRUITING"),
        ("This study is enrolling participants by invitation only.", "ENROLLING_BY_INVITATION"),
        ("This study is ongoing, but not recruiting participants.", "ACTIVE_NOT_RECRUITING"),
        ("This study has been completed.", "COMPLETED"),
        ("This study has been terminated.", "TERMINATED"),
        ("This study has been suspended.", "SUSPENDED"),
        ("This study has been withdrawn prior to enrollment.", "WITHDRAWN"),
        ("The recruitment status of this study is unknown.", "UNKNOWN"),
        ("Expanded access is currently available for this treatment.", "AVAILABLE"),
        ("Expanded access is no longer available for this treatment.", "NO_LONGER_AVAILABLE"),
        ("Expanded access is temporarily not available for this treatment.", "TEMPORARILY_NOT_AVAILABLE"),
        ("This treatment has been approved for sale to the public.", "APPROVED_FOR_MARKETING"),
    ],
)
def test_sentence_gives_status(sentence: str, status: str) -> None:
    """Each of the page's sentences is a status."""
    trial, _ = read(HEAD.replace("This study has been completed.", sentence))
    assert trial is not None
    assert trial.overall_status == status
    assert trial.brief_title == "A Study of Rest in Fatigue"


def test_unknown_status_keeps_the_last_known_one() -> None:
    """The lines below an unknown status give the status before, and the verification."""
    below = (
        "The recruitment status of this study is unknown.\nVerified May 2011 by X.\nRecruitment status was:  Recruiting"
    )
    text = HEAD.replace("This study has been completed.", below).replace("Last verified: March 2010\n", "")
    trial, _ = read(text)
    assert trial is not None
    assert trial.last_known_status == "RECRUITING"
    assert trial.record.verified is not None
    assert trial.record.verified.stated == "2011-05"


def test_only_brackets_below_a_stop_are_a_reason() -> None:
    """A hint in brackets below another status says not why the study stopped."""
    stopped, _ = read(HEAD.replace("completed.", "terminated.\n(Too few (3) came)"))
    going_on, _ = read(HEAD.replace("has been completed.", "is currently recruiting participants.\n(see Contacts)"))
    assert stopped is not None
    assert going_on is not None
    assert stopped.why_stopped == "Too few (3) came"
    assert going_on.why_stopped is None


@pytest.mark.parametrize(
    ("shown_title", "title", "acronym"),
    [
        ("Rest in Fatigue(REST)", "Rest in Fatigue", "REST"),
        ("Rest in Chronic Fatigue Syndrome (CFS)", "Rest in Chronic Fatigue Syndrome (CFS)", None),
        ("Rest in Fatigue (Study 12)(COMPLETED)", "Rest in Fatigue (Study 12)(COMPLETED)", None),
        ("Rest", "Rest", None),
    ],
)
def test_acronym_is_what_joins_the_title_without_space(shown_title: str, title: str, acronym: str | None) -> None:
    """The page adds the acronym without a space; brackets after a space are the title's own."""
    trial, _ = read(HEAD.replace("A Study of Rest in Fatigue(RESTFUL)", shown_title))
    assert trial is not None
    assert (trial.brief_title, trial.acronym) == (title, acronym)


def test_design_on_one_line_equals_an_item_a_line() -> None:
    """Both layouts of the design give the same."""
    items = ["Allocation: Randomized", "Masking: Double Blind (Subject, Caregiver)", "Primary Purpose: Treatment"]
    one = read_body(f"Study Type: Interventional\nStudy Design: {', '.join(items)}\n")
    many = read_body("Study Type: Interventional\nStudy Design: " + "\n".join(items) + "\n")
    assert (one.allocation, one.masking, one.primary_purpose) == ("RANDOMIZED", "DOUBLE", "TREATMENT")
    assert one.who_masked == ("PARTICIPANT", "CARE_PROVIDER")
    assert shown(one) == shown(many)


def test_masked_roles_alone_say_not_how_many_sides() -> None:
    """A bare list of roles gives who is masked; open label gives nobody."""
    roles = read_body("Study Type: Interventional\nStudy Design: Masking: Participant, Investigator\n")
    nobody = read_body("Study Type: Interventional\nStudy Design: Masking: None (Open Label)\n")
    assert (roles.masking, roles.who_masked) == (None, ("PARTICIPANT", "INVESTIGATOR"))
    assert (nobody.masking, nobody.who_masked) == ("NONE", ())


@pytest.mark.parametrize(
    ("stated", "low", "high", "groups"),
    [
        ("18 Years and older \u00a0 (Adult, Senior)", "18 Years", None, ("ADULT", "OLDER_ADULT")),
        ("6 Months to 90 Years", "6 Months", "90 Years", ()),
        ("up to 65 Years", None, "65 Years", ()),
        ("Child, Adult, Senior", None, None, ("CHILD", "ADULT", "OLDER_ADULT")),
    ],
)
def test_ages_are_read_in_each_wording(stated: str, low: str | None, high: str | None, groups: tuple[str, ...]) -> None:
    """Limits and standard groups stand in one line."""
    found = read_body(f"Ages Eligible for Study: {stated}\nAccepts Healthy Volunteers: No\n").eligibility
    assert found is not None
    assert (found.minimum_age and found.minimum_age.stated) == low
    assert (found.maximum_age and found.maximum_age.stated) == high
    assert found.standard_ages == groups
    assert found.healthy_volunteers is False


def test_kind_of_a_date_is_before_its_label_or_behind_it() -> None:
    """`Estimated` before the label and `(Actual)` behind the date say the kind; a bare date has none."""
    trial = read_body(
        "Estimated Enrollment: 1,200\nStudy Start Date: May 2, 2010 (Actual)\n"
        "Estimated Study Completion Date: June 2011\n"
        "Primary Completion Date: June 2010 (Final data collection date for primary outcome measure)\n"
    )
    assert (trial.enrollment, trial.enrollment_type) == (1200, "ESTIMATED")
    dates = (trial.start_date, trial.completion_date, trial.primary_completion_date)
    assert [(date.stated, date.kind) for date in dates if date] == [
        ("2010-05-02", "ACTUAL"),
        ("2011-06", "ESTIMATED"),
        ("2010-06", None),
    ]


def test_outcome_is_cut_into_measure_time_frame_and_description() -> None:
    """Brackets in a measure stay; the note on safety is left out; the description stands behind or below."""
    trial = read_body(
        "Primary Outcome Measures:\n"
        "  • Rest [hours] [\u00a0Time\u00a0Frame:\u00a01 [or 2] weeks\u00a0]"
        " [\u00a0Designated\u00a0as\u00a0safety\u00a0issue:\u00a0No\u00a0]As told.\n"
        "  • Sleep\n    Counted.\n"
        "  • Falls [ Designated as safety issue: Yes ]\n"
    )
    assert trial.primary_outcomes == (
        model.Outcome(measure="Rest [hours]", time_frame="1 [or 2] weeks", description="As told."),
        model.Outcome(measure="Sleep", description="Counted."),
        model.Outcome(measure="Falls"),
    )


ARMS = """\
Condition Intervention
Fatigue
Drug: Placebo
Other: Rest
Study Type: Interventional
Arms Assigned Interventions
Experimental: Bed
As long as wanted.
Other: Rest
Lying down
Other Names:
  • Repose
  • Siesta
Placebo Comparator: Chair
Drug: Placebo
Other Name: Sugar
Other: Rest
Nothing else.
Other: Rest
"""


def test_arms_and_interventions_stand_in_one_table() -> None:
    """Types tell arms from interventions; `Other` is an arm where its intervention follows below it."""
    trial = read_body(ARMS)
    assert trial.arms == (
        model.Arm(label="Bed", type="EXPERIMENTAL", description="As long as wanted."),
        model.Arm(label="Chair", type="PLACEBO_COMPARATOR"),
        model.Arm(label="Rest", type="OTHER", description="Nothing else."),
    )
    assert trial.interventions == (
        model.Intervention(label="Placebo", type="DRUG", other_names=("Sugar",), arms=("Chair",)),
        model.Intervention(
            label="Rest", type="OTHER", description="Lying down", other_names=("Repose", "Siesta"), arms=("Bed", "Rest")
        ),
    )


def test_interventions_of_one_name_are_told_apart_by_their_arms() -> None:
    """Two interventions of one name, told of twice, get an arm each."""
    trial = read_body(
        "Condition Intervention\nFatigue\nDrug: A\nDrug: A\nStudy Type: Interventional\n"
        "Arms Assigned Interventions\nExperimental: low\nDrug: A\n1 mg\nExperimental: high\nDrug: A\n9 mg\n"
    )
    assert [(i.description, i.arms) for i in trial.interventions] == [("1 mg", ("low",)), ("9 mg", ("high",))]


def test_groups_are_read_where_cells_stand_apart() -> None:
    """Blank lines between cells tell the name of a group from its description; run together, they stay out."""
    apart = read_body("Study Type: Observational\nGroups/Cohorts\n\nYoung\nBelow 40\n\nOld\n40 and more\n\n")
    dense, findings = read(HEAD + "Study Type: Observational\nGroups/Cohorts\nYoung\nBelow 40\nOld\n" + FOOT)
    assert apart.groups == (
        model.Group(label="Young", description="Below 40"),
        model.Group(label="Old", description="40 and more"),
    )
    assert dense is not None
    assert dense.groups == ()
    assert [(finding.rule, finding.severity) for finding in findings] == [("unsure", "info")]


LOCATIONS = """\
Contacts and Locations
Please refer to this study by its ClinicalTrials.gov identifier: NCT01234567

Contacts
Contact: Jane Roe 555-0100 roe@example.org
Locations
United States, California
Quiet Hospital\tRecruiting
San Diego, California, United States, 92103
Contact: Jane Roe 555-0100 roe@example.org
United States, Florida
Miami, Florida, United States
Korea, Republic of
Still Clinic
Active, not recruiting
Seoul, Korea, Republic of, 110-744
Sponsors and Collaborators
Quiet Hospital
Calm Foundation
Investigators
Principal Investigator:\tJane Roe, MD\tQuiet Hospital
Study Chair:\tRichard Roe
"""


def test_locations_are_read_below_their_areas() -> None:
    """Country and state come from headings and addresses; contacts are no facilities."""
    assert read_body(LOCATIONS).locations == (
        model.Location(
            facility="Quiet Hospital",
            city="San Diego",
            state="California",
            zip="92103",
            country="United States",
            status="RECRUITING",
        ),
        model.Location(city="Miami", state="Florida", country="United States"),
        model.Location(
            facility="Still Clinic",
            city="Seoul",
            zip="110-744",
            country="Korea, Republic of",
            status="ACTIVE_NOT_RECRUITING",
        ),
    )


def test_sponsor_collaborators_and_officials_are_read() -> None:
    """The first of the sponsors leads, the others collaborate; officials have role and affiliation."""
    trial = read_body(LOCATIONS)
    assert trial.lead_sponsor == model.Organization(name="Quiet Hospital")
    assert trial.collaborators == (model.Organization(name="Calm Foundation"),)
    assert trial.officials == (
        model.Official(name="Jane Roe, MD", role="PRINCIPAL_INVESTIGATOR", affiliation="Quiet Hospital"),
        model.Official(name="Richard Roe", role="STUDY_CHAIR"),
    )


def test_name_that_runs_into_an_affiliation_stays_out() -> None:
    """Where neither degree nor known organisation ends the name, the official is left out with a finding."""
    text = "Sponsors and Collaborators\nQuiet Hospital\nStudy Chair: Jane Roe Some Far Away Hospital\n"
    trial, findings = read(HEAD + text + FOOT)
    assert trial is not None
    assert trial.officials == ()
    assert [(finding.rule, finding.place) for finding in findings] == [("unsure", "line 12")]


def test_words_of_a_label_in_prose_cut_no_text() -> None:
    """What the description repeats of the page's labels is not taken for them."""
    trial = read_body(
        "Study Type: Interventional\nDetailed Description:\nFirst.\n\nCriteria\n\nEnrollment: 20 patients\n\n"
        "Primary Outcome Measures:\n\nLast.\n\n\u00a0 Eligibility\n\nAges Eligible for Study: 18 Years and older\n"
        "Criteria\n\n  • Fatigue\n"
    )
    text = trial.detailed_description or ""
    assert text.split("\n\n") == ["First.", "Criteria", "Enrollment: 20 patients", "Primary Outcome Measures:", "Last."]
    assert trial.enrollment is None
    assert trial.eligibility is not None
    assert trial.eligibility.criteria == "* Fatigue"


def test_wrapped_lines_are_one_paragraph() -> None:
    """Lines broken at a width are joined; short lines of their own are not."""
    sentence = "These words are many and were broken at the width of the page "
    wrapped = read_body(f"Study Type: Interventional\nDetailed Description:\n{sentence}\nby whoever saved it.\n")
    lines = read_body("Study Type: Interventional\nDetailed Description:\nOne.\nTwo.\n")
    assert wrapped.detailed_description == f"{sentence}by whoever saved it."
    assert lines.detailed_description == "One.\n\nTwo."


HTML = """\
<!DOCTYPE html><html><head><title>No <h1></title><style>p { Sponsor: }</style></head><body>
<script>"<div>Sponsor:</div><div>Nobody</div>"</script><!-- <div>Study Type: Observational</div> -->
<h1>Rest &amp; Fatigue(RESTFUL)</h1><div class="x > y">This study has been
  completed.</div>
<div>Sponsor:</div><div id='sponsor'> Quiet Hospital </div>
<div>ClinicalTrials.gov Identifier:</div><div>NCT01234567</div>
<div>First received: March 2, 2010</div><div>Last updated: March 3, 2014</div>
<span>&nbsp; Purpose</span><p>Is 1 < 2?</p><p>Then: <ul><li>one<li>two<ul><li>deep</ul></ul>
<table><tr><td>Study Type:</td><td>Observational</td></tr></table>
<table><tr><th><a href="#">Groups/Cohorts</a></th></tr>
<tr><td>Young<div>Below 40</div></td></tr><tr><td>Old<div>40 and more</div></td></tr></table>
<div>Criteria</div><ol><li>Tired</li><li>Willing</li></ol>
</body></html>
"""


def test_html_is_read_as_the_lines_it_shows() -> None:
    """Cells, lists and entities are rendered; scripts, styles and comments are not there."""
    trial, findings = read(HTML)
    assert trial is not None
    assert (trial.brief_title, trial.acronym, trial.overall_status) == ("Rest & Fatigue", "RESTFUL", "COMPLETED")
    assert trial.lead_sponsor == model.Organization(name="Quiet Hospital")
    assert trial.brief_summary == "Is 1 < 2?\n\nThen:\n\n* one\n* two\n\n  * deep"
    assert [(group.label, group.description) for group in trial.groups] == [
        ("Young", "Below 40"),
        ("Old", "40 and more"),
    ]
    assert trial.eligibility is not None
    assert (trial.eligibility.criteria or "").split() == ["1.", "Tired", "2.", "Willing"]
    assert findings == []


TABULAR = """\
Tracking Information

First Received Date\u00a0 ICMJE

March 2, 2010

Current Primary Outcome Measures\u00a0 ICMJE
\u00a0(submitted:\u00a0March\u00a029,\u00a02012)

Rest [\u00a0Time\u00a0Frame:\u00a01 week\u00a0]

Original Primary Outcome Measures\u00a0 ICMJE
\u00a0(submitted:\u00a0July\u00a09,\u00a02009)

  • Sleep

Descriptive Information

Brief Title\u00a0 ICMJE

Rest in Fatigue(RESTFUL)

Study Type\u00a0 ICMJE

Observational

Intervention\u00a0 ICMJE

Not Provided

Study Group/Cohort (s)

  • Young
Below 40

  • Old

Recruitment Information

Recruitment Status\u00a0 ICMJE

Completed

NCT Number\u00a0 ICMJE

NCT01234567

Verification Date

April 2012

ICMJE \u00a0 Data element required by someone
"""


def test_tabular_view_gives_the_current_values() -> None:
    """Labels in cells of their own are read; measures as first registered and `Not Provided` are not."""
    trial, findings = read(TABULAR)
    assert trial is not None
    assert (trial.brief_title, trial.acronym, trial.overall_status) == ("Rest in Fatigue", "RESTFUL", "COMPLETED")
    assert trial.primary_outcomes == (model.Outcome(measure="Rest", time_frame="1 week"),)
    assert trial.groups == (model.Group(label="Young", description="Below 40"), model.Group(label="Old"))
    assert trial.interventions == ()
    assert trial.record.verified is not None
    assert trial.record.verified.stated == "2012-04"
    assert findings == []


def test_windows_1252_is_read_with_a_finding() -> None:
    """Bytes that are no UTF-8 are read as windows-1252, and that is said."""
    trial, findings = read(HEAD.replace("Rest", "Rést").encode("cp1252"))
    assert trial is not None
    assert trial.brief_title == "A Study of Rést in Fatigue"
    assert [(finding.rule, finding.severity) for finding in findings] == [("encoding", "info")]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_byte_order_mark_is_no_text(encoding: str) -> None:
    """A page that begins with a byte order mark reads as without it."""
    trial, findings = read(HEAD.encode(encoding))
    assert trial is not None
    assert trial.brief_title == "A Study of Rest in Fatigue"
    assert findings == []


def test_findings_name_the_line() -> None:
    """A value that cannot be read is found with its line, and the rest is read on."""
    trial, findings = read(HEAD + "Study Type: Odd\nStudy Start Date: February 30, 2010\n" + FOOT)
    assert trial is not None
    assert trial.start_date is None
    assert {(finding.rule, finding.place, finding.value) for finding in findings} == {
        ("unknown-code", "line 10", "Odd"),
        ("bad-date", "line 11", "February 30, 2010"),
    }


def test_number_of_another_study_makes_no_identifier() -> None:
    """A page that lost its identifier does not get the number that its prose mentions."""
    trial, findings = read(HEAD.replace("ClinicalTrials.gov Identifier:\nNCT01234567\n", "See NCT07654321.\n"))
    assert trial is None
    assert [(finding.rule, finding.severity) for finding in findings] == [("no-identifier", "violation")]


@pytest.mark.parametrize("name", PAGES)
def test_pages_are_detected(name: str) -> None:
    """Every example is taken for a page by its content."""
    assert detect_format((EXAMPLES / "page" / f"{name}.txt").read_bytes()) is PAGE


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\0\1\2" * 100,
        b"# A project\n\nStudy Type: any, Study Design: any.\nSee NCT01079767 and Official Title: of it.\n",
        b"<html><body><p>The trial NCT01079767 was terminated.</p></body></html>",
        b"NCT01079767\n" * 20,
    ],
)
def test_other_texts_are_no_pages(data: bytes) -> None:
    """A text that mentions a study, and some words of the page, is not a page."""
    assert not is_page(data)
    assert detect_format(data) is None


def test_other_formats_are_no_pages() -> None:
    """JSON and XML records are detected as what they are."""
    assert detect_format((EXAMPLES / "xml" / f"{DAMAGED}.xml").read_bytes()) is XML
    assert detect_format((EXAMPLES / "api-v2" / f"{DAMAGED}.json").read_bytes()) is api_v2.API_V2


PAGE_BYTES = (EXAMPLES / "page" / f"{DAMAGED}.txt").read_bytes()
#: Pieces of pages, put together at random.
PIECES = st.lists(
    st.sampled_from([*(f"{line}\n" for line in PAGE_BYTES.decode().split("\n")), *ARMS.splitlines(keepends=True), HTML])
    | st.text(max_size=20),
    max_size=60,
).map("".join)


@given(st.integers(0, len(PAGE_BYTES)))
@settings(max_examples=200)
def test_cut_off_page_is_read_as_far_as_it_goes(length: int) -> None:
    """A page cut off anywhere gives what stands before, or a finding that no study is named."""
    trial, findings = read(PAGE_BYTES[:length])
    assert (trial is None) == any(finding.rule == "no-identifier" for finding in findings)


@given(PIECES)
@settings(max_examples=200, suppress_health_check=[HealthCheck.too_slow])
def test_any_order_of_lines_is_harmless(text: str) -> None:
    """Lines of pages in any order give a trial or a finding, never an exception."""
    trial, findings = read(text)
    assert trial is not None or findings


@given(st.binary(max_size=400))
def test_any_bytes_are_harmless(data: bytes) -> None:
    """Bytes that are no page give no trial, and a finding."""
    trial, findings = read(data)
    assert trial is None
    assert findings


@pytest.mark.parametrize(
    "body",
    [
        "Detailed Description:\n" + "word " * 400_000,
        "Study Design: " + "Allocation: a, " * 50_000,
        "Primary Outcome Measures:\n  • " + "[ Time Frame: " * 50_000,
        "Ages Eligible for Study: " + "18 Years to " * 50_000,
        "Criteria\n" * 50_000,
        "Locations\n" + "a, " * 100_000,
        "Arms Assigned Interventions\n" + "Experimental: a\nDrug: x\n" * 10_000,
        "<html>" + "<div>" * 100_000,
        "<html>" + '<a b="' * 100_000,
        "<html>" + "<!--" * 100_000,
        "<html>" + "<ul><li>" * 100_000,
    ],
    ids=lambda body: body[:20],
)
def test_large_and_hostile_pages_are_read(body: str) -> None:
    """Long lines, endless repetition and unclosed markup are read in one pass."""
    trial, _ = read(body + HEAD if body.startswith("<") else HEAD + body)
    assert trial is None or trial.nct_id == "NCT01234567"


@pytest.mark.data
def test_real_damaged_page_agrees_with_its_xml(data: Path) -> None:
    """The page as scraped differs from its XML only in what was lost or is newer there."""
    seed = data / "seed"
    trial, findings = read((seed / f"{DAMAGED}.page.txt").read_bytes())
    assert trial is not None
    page_fields, xml_fields = shown(trial), shown(read_xml((seed / f"{DAMAGED}.xml").read_bytes()))
    different = {name for name in page_fields if page_fields[name] != xml_fields[name]}
    lost = {"arms", "interventions", "detailed_description", "eligibility"}
    assert different == lost | {"identifiers", "derived", "processed_on"}
    assert findings == []


@pytest.mark.data
def test_views_of_a_real_page_agree(data: Path) -> None:
    """Full-text and tabular view, as HTML and as text, give the same where they show the same."""
    folder = data / "trials" / "page"
    views = {}
    for view in ("full.html", "full.txt", "tab.html", "tab.txt"):
        trial, findings = read((folder / f"NCT00936455.{view}").read_bytes())
        assert trial is not None
        assert findings == []
        views[view] = shown(trial)
    numbered = {"detailed_description", "eligibility"}
    for view, not_shown in (
        ("full.txt", numbered),
        ("tab.html", {"keywords", "locations", "derived", "processed_on"}),
        ("tab.txt", {"keywords", "locations", "derived", "processed_on"} | numbered),
    ):
        fields = views[view]
        assert {name for name in fields if fields[name] != views["full.html"][name]} == not_shown


def rendered(data: Path, count: int) -> Iterator[tuple[model.Trial, model.Trial, list[Finding]]]:
    """Real records as pages: what the page says, what the XML says."""
    with zipfile.ZipFile(data / "trials" / "ctgov-xml.zip") as archive:
        names = sorted(name for name in archive.namelist() if name.endswith(".xml"))
        for name in random.Random(count).sample(names, count):  # noqa: S311 - a sample of records
            record = archive.read(name)
            trial, findings = read(render_page(record))
            assert trial is not None
            yield trial, read_xml(record), findings


#: What a page cannot say as the XML does: the order of an intervention's arms, and where "Monselice, Padova" is cut.
LAID_OUT_OTHERWISE = {"interventions", "locations"}


@pytest.mark.data
def test_rendered_records_agree_with_their_xml(data: Path) -> None:
    """500 records laid out as pages are read back equal, field by field; texts up to white space and bullets."""
    count, unsure = 500, 0
    different: dict[str, int] = {}
    for trial, record, findings in rendered(data, count):
        unsure += bool(findings)
        without = drop_unsure if findings else dict
        page_fields, xml_fields = without(shown(trial)), without(shown(record))
        for name, value in page_fields.items():
            if plain(value) != plain(xml_fields[name]):
                different[name] = different.get(name, 0) + 1
    assert different.keys() <= LAID_OUT_OTHERWISE
    assert sum(different.values()) <= count // 50
    assert unsure <= count // 20


def plain(value: object) -> str:
    """A value as text without white space and bullets, which the layout of a page does not keep."""
    return "".join(sign for sign in repr(value).replace("\\n", "") if not sign.isspace() and sign not in "*-•")
