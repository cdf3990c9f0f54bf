"""Faults of a single value, and of two that contradict each other: dates, numbers, identifiers, words."""

import re
from random import Random

from tests.faults.planting import Plant, Sow, Spot, changed, has, kind, later
from tests.faults.sources import Source

__all__ = ["DATES", "FORMS", "IDENTIFIERS", "NUMBERS", "WORDS"]

_P, _X = "/protocolSection", "/clinical_study"
_STATUS, _DESIGN = f"{_P}/statusModule", f"{_P}/designModule"
_LOCATION = f"{_P}/contactsLocationsModule/locations/*"
_COMPLETION = f"{_STATUS}/completionDateStruct/date", f"{_X}/completion_date"
_UPDATED = f"{_STATUS}/lastUpdatePostDateStruct/date", f"{_X}/last_update_posted"
_COUNT = f"{_DESIGN}/enrollmentInfo/count", f"{_X}/enrollment"
_AGES = f"{_P}/eligibilityModule/minimumAge", f"{_X}/eligibility/minimum_age"
_OLDEST = f"{_P}/eligibilityModule/maximumAge", f"{_X}/eligibility/maximum_age"
_PAGE_START = r"^(?:Study )?Start Date:[ \t]*\n?[ \t]*([A-Z][^\n(]*?)[ \t]*(?:\(|$)"
_PAGE_RECEIVED = r"\A(?s:.*?)^(?:Study )?First [Rr]eceived:[ \t]*\n?[ \t]*([A-Z][^\n]*?\d)[ \t]*$"
_PAGE_NUMBER = r"\A(?s:.*?)^ClinicalTrials\.gov Identifier:[ \t]*\n?[ \t]*(NCT\d{8})"
_PAGE_COUNT = r"^(?:Estimated |Actual )?Enrollment:[ \t]*\n?[ \t]*(\d+)[ \t]*$"


def _after(json: str, xml: str, field: str, other: tuple[str, str]) -> tuple[Sow, Sow]:
    """A day two years after another date of the record, which it should not follow."""
    return (
        changed(json, later(other[0], "{}-03-14"), field, when=has(other[0])),
        changed(xml, later(other[1], "March 14, {}"), field, when=has(other[1]), values=()),
    )


DATES = (
    kind(
        "start after completion",
        "Study-*start*",
        *_after(f"{_STATUS}/startDateStruct/date", f"{_X}/start_date", "Trial.start_date", _COMPLETION),
    ),
    kind(
        "primary completion after completion",
        "Study-*completion*",
        *_after(
            f"{_STATUS}/primaryCompletionDateStruct/date",
            f"{_X}/primary_completion_date",
            "Trial.primary_completion_date",
            _COMPLETION,
        ),
    ),
    kind(
        "posted after last update",
        "*posted* *update*",
        *_after(
            f"{_STATUS}/studyFirstPostDateStruct/date", f"{_X}/study_first_posted", "Record.first_posted", _UPDATED
        ),
    ),
    kind(
        "thirteenth month",
        "bad-date",
        changed(f"{_STATUS}/startDateStruct/date", "2010-13", "Trial.start_date"),
        changed(f"{_X}/start_date", "Smarch 2010", "Trial.start_date"),
        changed(_PAGE_START, "Smarch 2010", "Trial.start_date"),
    ),
    kind(
        "thirtieth of February",
        "bad-date",
        changed(f"{_STATUS}/studyFirstSubmitDate", "2010-02-30", "Record.first_submitted"),
        changed(f"{_X}/study_first_submitted", "February 30, 2010", "Record.first_submitted"),
        changed(_PAGE_RECEIVED, "February 30, 2010", "Record.first_submitted"),
    ),
)


_KIND = re.compile(rb'<start_date type="(\w+)">')


def _other_kind(source: Source, _rng: Random) -> Plant | None:
    """A start that is neither actual nor estimated."""
    found = _KIND.search(source.data)
    if found is None:
        return None
    place = f"{_X}/start_date"
    data = source.data[: found.start(1)] + b"Fishy" + source.data[found.end(1) :]
    return Plant(data, (Spot(place, source.line(place), "Trial.start_date", ("Fishy",)),))


FORMS = (
    kind(
        "kind of date of no list",
        "unknown-code",
        changed(f"{_STATUS}/startDateStruct/type", "FISHY", "Trial.start_date"),
        _other_kind,
    ),
    kind(
        "date in the form of another country",
        "bad-date",
        changed(f"{_STATUS}/startDateStruct/date", "14/03/2010", "Trial.start_date"),
        changed(f"{_X}/start_date", "14/03/2010", "Trial.start_date"),
        changed(_PAGE_START, "14/03/2010", "Trial.start_date"),
    ),
    kind(
        "date as a number",
        "bad-date",
        changed(f"{_STATUS}/lastUpdateSubmitDate", 20100314, "Record.last_update_submitted"),
        changed(f"{_X}/last_update_submitted", 20100314, "Record.last_update_submitted"),
    ),
    kind(
        "date of the wrong century",
        "Study-*start* *century*",
        changed(f"{_STATUS}/startDateStruct/date", "1010-03-14", "Trial.start_date"),
        changed(f"{_X}/start_date", "March 14, 1010", "Trial.start_date", values=("1010-03-14",)),
    ),
    kind(
        "latitude in words",
        "bad-number",
        changed(f"{_LOCATION}/geoPoint/lat", "52 N", "Location.latitude"),
    ),
    kind(
        "oldest age below zero",
        "bad-age",
        changed(_OLDEST[0], "-5 Years", "Eligibility.maximum_age"),
        changed(_OLDEST[1], "-5 Years", "Eligibility.maximum_age"),
    ),
    kind(
        "number of a paper that is none",
        "Reference-pmid/* *pmid*",
        changed(f"{_P}/referencesModule/references/*/pmid", "PMC12", "Reference.pmid"),
        changed(f"{_X}/reference/PMID", "PMC12", "Reference.pmid"),
    ),
    kind(
        "reference type of no list",
        "unknown-code",
        changed(f"{_P}/referencesModule/references/*/type", "FISHY_VALUE", "Reference.type"),
    ),
    kind(
        "site status of no list",
        "unknown-code Location-status/*",
        changed(f"{_LOCATION}/status", "FISHY_VALUE", "Location.status"),
        changed(f"{_X}/location/status", "Fishy Value", "Location.status", values=("Fishy Value", "FISHY_VALUE")),
    ),
)


def _limited(source: Source, _place: str) -> bool:
    """Whether the record has an upper limit of age, in years or less."""
    return any(source.text(p)[:1].isdigit() for pattern in _OLDEST for p in source.find(pattern))


def _withdrawn(status: str, count: str, word: str, actual: re.Pattern[bytes]) -> Sow:
    """A withdrawn study enrols nobody: two values contradict each other, and a finding may point to either."""

    def sow(source: Source, _rng: Random) -> Plant | None:
        stated, counts = source.find(status), source.find(count)
        if not stated or not counts or not actual.search(source.data):
            return None
        number = source.text(counts[0])
        if number in {"0", ""} or source.text(stated[0]) == word:
            return None
        spots = (
            Spot(counts[0], source.line(counts[0]), "Trial.enrollment", (number,)),
            Spot(stated[0], source.line(stated[0]), "Trial.overall_status", (word, "WITHDRAWN", number)),
        )
        return Plant(source.replace(stated[0], word), spots)

    return sow


NUMBERS = (
    kind(
        "enrolment below zero",
        "bad-number Study-enrollment/*",
        changed(_COUNT[0], -6, "Trial.enrollment"),
        changed(_COUNT[1], "-6", "Trial.enrollment"),
        changed(_PAGE_COUNT, "-6", "Trial.enrollment"),
    ),
    kind(
        "enrolment in words",
        "bad-number",
        changed(_COUNT[0], "about sixty", "Trial.enrollment"),
        changed(_COUNT[1], "about sixty", "Trial.enrollment"),
        changed(_PAGE_COUNT, "about sixty", "Trial.enrollment"),
    ),
    kind(
        "youngest above oldest",
        "Eligibility-*age*",
        changed(_AGES[0], "140 Years", "Eligibility.minimum_age", values=("140 Years", "140"), when=_limited),
        changed(_AGES[1], "140 Years", "Eligibility.minimum_age", values=("140 Years", "140"), when=_limited),
    ),
    kind(
        "age in an unknown unit",
        "bad-age",
        changed(_AGES[0], "18 Moons", "Eligibility.minimum_age"),
        changed(_AGES[1], "18 Moons", "Eligibility.minimum_age"),
        changed(r"^Ages Eligible for Study:\s*(\d+ [A-Z]\w+) (?:and|to)", "18 Moons", "Eligibility.minimum_age"),
    ),
    kind(
        "latitude beyond the pole",
        "Location-latitude/*",
        changed(f"{_LOCATION}/geoPoint/lat", 95.3, "Location.latitude"),
    ),
    kind(
        "longitude beyond 180 degrees",
        "Location-longitude/*",
        changed(f"{_LOCATION}/geoPoint/lon", -200.5, "Location.longitude"),
    ),
    kind(
        "withdrawn with participants",
        "Study-*enrol* Study-*withdrawn*",
        _withdrawn(
            f"{_STATUS}/overallStatus", _COUNT[0], "WITHDRAWN", re.compile(rb'"enrollmentInfo": \{[^}]*"ACTUAL"')
        ),
        _withdrawn(f"{_X}/overall_status", _COUNT[1], "Withdrawn", re.compile(rb'<enrollment type="Actual">')),
    ),
    kind(
        "truth in other words",
        "bad-boolean",
        changed(f"{_P}/oversightModule/oversightHasDmc", "perhaps", "Trial.has_dmc"),
        changed(f"{_X}/oversight_info/has_dmc", "perhaps", "Trial.has_dmc"),
    ),
)


def _no_european(source: Source, rng: Random) -> Plant | None:
    """An identifier that is called a EudraCT number and has no such form."""
    base = f"{_P}/identificationModule/secondaryIdInfos/*"
    numbers = [
        number for number in source.find(f"{base}/id") if not re.search(r"\d{4}-\d{6}-\d{2}", source.text(number))
    ]
    kinds = [f"{number.removesuffix('id')}type" for number in numbers]
    typed = [place for place in kinds if place in source.find(f"{base}/type")]
    if not typed:
        return None
    place = rng.choice(typed)
    number = f"{place.removesuffix('type')}id"
    spots = (
        Spot(number, source.line(number), "Identifier.value", (source.text(number),)),
        Spot(place, source.line(place), "Identifier.type", ("EUDRACT_NUMBER", source.text(number))),
    )
    return Plant(source.replace(place, "EUDRACT_NUMBER"), spots)


IDENTIFIERS = (
    kind(
        "NCT number malformed",
        "no-identifier",
        changed(f"{_P}/identificationModule/nctId", "NCT0123", "Trial.nct_id"),
        changed(f"{_X}/id_info/nct_id", "NCT0123", "Trial.nct_id"),
        changed(_PAGE_NUMBER, "NCT0123", "Trial.nct_id"),
    ),
    kind(
        "identifier not of its registry's form",
        "Identifier-* *identifier*",
        _no_european,
    ),
    kind(
        "derived MeSH number malformed",
        "DerivedTerm-* *mesh*",
        changed("/derivedSection/conditionBrowseModule/meshes/*/id", "X12", "DerivedTerm.identifier"),
    ),
    kind(
        "web address that is none",
        "bad-url SeeAlso-url/*",
        changed(f"{_P}/referencesModule/seeAlsoLinks/*/url", "javascript:alert(1)", "SeeAlso.url"),
        changed(f"{_X}/link/url", "javascript:alert(1)", "SeeAlso.url"),
    ),
)


def _plain(source: Source, place: str) -> bool:
    """Whether a text has nothing that could be taken for an address or a telephone number, and no markup."""
    return re.search(r"@|\d{4}|[&<]", source.text(place)) is None


def _text_with(addition: str, json: str, xml: str, field: str) -> tuple[Sow, Sow]:
    """More words behind a text; what they are no finding repeats."""

    def more(source: Source, place: str) -> str:
        return f"{source.text(place)} {addition}"

    return (
        changed(json, more, field, when=_plain, values=()),
        changed(xml, more, field, when=_plain, values=()),
    )


WORDS = (
    kind(
        "control character in the title",
        "control-character",
        changed(f"{_P}/identificationModule/briefTitle", "A title \a of old", "Trial.brief_title", values=()),
    ),
    kind(
        "e-mail address in the summary",
        "email-in-text",
        *_text_with(
            "Write to study.office@example.org.",
            f"{_P}/descriptionModule/briefSummary",
            f"{_X}/brief_summary/textblock",
            "Trial.brief_summary",
        ),
    ),
    kind(
        "phone number in the criteria",
        "phone-in-text",
        *_text_with(
            "Call (301) 555-0142.",
            f"{_P}/eligibilityModule/eligibilityCriteria",
            f"{_X}/eligibility/criteria/textblock",
            "Eligibility.criteria",
        ),
    ),
    kind(
        "phone number as an outcome",
        "phone-in-text",
        *_text_with(
            "Ask +49 221 5550142.",
            f"{_P}/outcomesModule/primaryOutcomes/*/measure",
            f"{_X}/primary_outcome/measure",
            "Outcome.measure",
        ),
    ),
)
