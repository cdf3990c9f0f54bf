"""Faults of any value of a sort, wherever the record has one: dates, codes, truth values, numbers, addresses.

What field of the model it is stands in no list here: a finding must name one, with its rule.
"""

import re

from tests.faults.planting import Sow, Where, changed, kind
from tests.faults.sources import Source

__all__ = ["SWEEPS"]

_DAY = re.compile(r"\d{4}-\d{2}(-\d{2})?")
_ENGLISH = re.compile(r"[A-Z][a-z]+ (\d{1,2}, )?\d{4}")
_CODE = re.compile(r"[A-Z][A-Z0-9_]+")
#: Keys of API v2 whose values are codes; the class of an organisation has a kind of its own.
_CODED = re.compile(
    r".*/(overallStatus|lastKnownStatus|status|type|studyType|phases/\d+|allocation|interventionModel|masking"
    r"|primaryPurpose|observationalModel|timePerspective|whoMasked/\d+|sex|stdAges/\d+|samplingMethod|role"
    r"|ipdSharing|infoTypes/\d+|retention|relevance)"
)
#: The results are not read, nor what some copies nest a second time; the kind of a deposited data set is free text.
_UNREAD = re.compile(r"/resultsSection/.*|/annotationSection/.*|.*/availIpds/\d+/type|.*/locations_nested/.*")
#: Elements of the XML whose words are codes of a list.
_LISTED = re.compile(
    r".*/(overall_status|last_known_status|status|responsible_party_type|study_type|allocation"
    r"|intervention_model|primary_purpose|observational_model|time_perspective|arm_group_type|intervention_type"
    r"|gender|sampling_method|sharing_ipd|ipd_info_type|biospec_retention)(\[\d+\])?"
)
_TRUTH = re.compile(r"Yes|No")
_UNREAD_XML = re.compile(r"/clinical_study/(clinical_results|required_header)/.*")


def _is(form: re.Pattern[str], keys: re.Pattern[str] | None = None) -> Where:
    """Whether a value has a form, and its key one of these; what is not read does not count."""

    def check(source: Source, place: str) -> bool:
        if _UNREAD.fullmatch(place) or _UNREAD_XML.fullmatch(place) or (keys and not keys.fullmatch(place)):
            return False
        return form.fullmatch(source.text(place)) is not None

    return check


def _any_json(new: str, form: re.Pattern[str], keys: str | None = None) -> Sow:
    return changed("/**", new, "*", when=_is(form, re.compile(keys) if keys else None))


def _any_xml(new: str, form: re.Pattern[str], keys: str) -> Sow:
    return changed("/clinical_study/**", new, "*", when=_is(form, re.compile(keys)))


#: Keys and elements whose words a person wrote.
_WRITTEN = (
    r".*/(briefTitle|officialTitle|briefSummary|detailedDescription|description|eligibilityCriteria|studyPopulation"
    r"|measure|timeFrame|whyStopped|citation|facility|otherNames/\d+|keywords/\d+|conditions/\d+|affiliation"
    r"|interventionModelDescription|maskingDescription|targetDuration|label|name|investigatorTitle|comment)"
)
_WRITTEN_XML = (
    r".*/(brief_title|official_title|textblock|description|measure|time_frame|why_stopped|citation|affiliation|keyword"
    r"|condition|other_name|intervention_name|arm_group/arm_group_label|masking_description|intervention_model_description"
    r"|target_duration|investigator_title|ipd_description|agency|facility/name|source)(\[\d+\])?"
)
_CLEAN = re.compile(r"[^@&<]*", re.DOTALL)


def _with_address(source: Source, place: str) -> str:
    return f"{source.text(place)} (office@example.org)"


def _text(keys: str) -> Sow:
    """An address behind any text; of what the registry derived, none."""
    fits = _is(_CLEAN, re.compile(keys))

    def when(source: Source, place: str) -> bool:
        return fits(source, place) and not place.startswith("/derivedSection")

    pattern = "/clinical_study/**" if "textblock" in keys else "/**"
    return changed(pattern, _with_address, "*", values=(), when=when)


SWEEPS = (
    kind("e-mail address in any text", "email-in-text", _text(_WRITTEN), _text(_WRITTEN_XML)),
    kind(
        "any date without sense",
        "bad-date",
        _any_json("2010-13", _DAY, r".*([dD]ate|versionHolder)"),
        _any_xml("Smarch 2010", _ENGLISH, r".*/\w+_(date|submitted|submitted_qc|posted)(\[\d+\])?"),
    ),
    kind(
        "any code of no list",
        "unknown-code */In */Pattern",
        changed("/**", "FISHY_VALUE", "*", when=_is(_CODE, _CODED)),
        changed(
            "/clinical_study/**",
            "Fishy Value",
            "*",
            when=_is(re.compile(r"[^<]+"), _LISTED),
            values=("Fishy Value", "FISHY_VALUE"),
        ),
    ),
    kind(
        "any truth value in other words",
        "bad-boolean",
        _any_json("perhaps", re.compile("true|false")),
        _any_xml("perhaps", _TRUTH, r".*/(has_\w+|is_\w+|document_has_\w+|gender_based|safety_issue)(\[\d+\])?"),
    ),
    kind(
        "any number in words",
        "bad-number",
        _any_json("a few", re.compile(r"-?\d+(\.\d+)?"), r".*/(count|lat|lon|size|nPtrsToThisExpAccNctId|mcpReleaseN)"),
        _any_xml("a few", re.compile(r"\d+"), r".*/(enrollment|number_of_arms|number_of_groups)"),
    ),
    kind(
        "any web address that is none",
        "bad-url",
        _any_json("see there", re.compile("http.*"), r".*/(url|link)"),
        _any_xml("see there", re.compile("http.*"), r".*/(url|ipd_url|document_url|doc_url)(\[\d+\])?"),
    ),
)
