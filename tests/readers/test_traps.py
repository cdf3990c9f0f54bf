"""Traps of real records: each has its example, and what it must become."""

import re
import zipfile
from collections import Counter
from pathlib import Path

import pytest
from lxml import etree

from kg.mapping import map_trial
from kg.model import Age, Trial
from kg.readers import read_records
from kg.readers.format import Reading
from kg.readers.xml import XML, read_study
from kg.vocab import CODES, STUDY_TYPES, expand


def trial_of(path: Path) -> Trial:
    """The one trial of an example."""
    (outcome,) = read_records([path])
    assert outcome.trial is not None
    return outcome.trial


def values(trial: Trial, curie: str) -> list[str]:
    """The objects of a property in the registry layer, in order, the last words of IRIs only."""
    name = f" <{expand(curie)}> "
    found = [line.partition(name)[2][:-3] for line in map_trial(trial) if name in line]
    return [value.rpartition("/")[2].rstrip(">") if value.startswith("<") else value for value in found]


def masked(stated: str) -> tuple[str | None, tuple[str, ...]]:
    """(masking, who is masked) of an XML record that states it so."""
    data = f"""<clinical_study><id_info><nct_id>NCT00000001</nct_id></id_info>
        <study_design_info><masking>{stated}</masking></study_design_info></clinical_study>"""
    trial = read_study(data.encode(), Reading(XML, "masking"))
    assert trial is not None
    return trial.masking, trial.who_masked


ALL = ("PARTICIPANT", "CARE_PROVIDER", "INVESTIGATOR", "OUTCOMES_ASSESSOR")


@pytest.mark.parametrize(
    ("stated", "expected"),
    [
        ("None (Open Label)", ("NONE", ())),
        ("Open Label", ("NONE", ())),
        ("No masking", ("NONE", ())),
        ("Single", ("SINGLE", ())),
        ("Single Blind (Subject)", ("SINGLE", ALL[:1])),
        ("Single (Outcomes Assessor)", ("SINGLE", ALL[3:])),
        ("Double-Blind", ("DOUBLE", ())),
        ("Double Blind (Subject, Caregiver, Investigator, Outcomes Assessor)", ("DOUBLE", ALL)),
        ("Double (Participant, Investigator)", ("DOUBLE", (ALL[0], ALL[2]))),
        ("Triple (Participant, Care Provider, Investigator)", ("TRIPLE", ALL[:3])),
        ("Quadruple (Participant, Care Provider, Investigator, Outcomes Assessor)", ("QUADRUPLE", ALL)),
        ("Participant, Investigator, Outcomes Assessor", (None, (ALL[0], *ALL[2:]))),
    ],
)
def test_spellings_of_masking(stated: str, expected: tuple[str | None, tuple[str, ...]]) -> None:
    """The word is the masking, the brackets say who; bare roles say no number."""
    assert masked(stated) == expected


@pytest.mark.data
def test_every_real_spelling_of_masking_is_known(data: Path) -> None:
    """All spellings of real records, in an element or on the older dialect's line, give codes of the registry's."""
    stated: set[str] = set()
    with zipfile.ZipFile(data / "trials" / "ctgov-xml.zip") as archive:
        for name in (name for name in archive.namelist() if name.endswith(".xml")):
            root = etree.fromstring(archive.read(name))
            stated.update(element.text for element in root.iter("masking") if element.text)
            line = root.findtext("study_design") or ""
            stated.update(re.findall(r"Masking: ([\w -]+(?:\([^)]*\))?)", line))
    assert len(stated) >= 31
    for words in stated:
        masking, roles = masked(words)
        assert masking in {None, *CODES["masking"]}, words
        assert masking or roles, words
        assert set(roles) <= set(CODES["whoMasked"]), words


def test_phases_are_a_list_with_one_label(examples: Path) -> None:
    """Two phases, and the code of both together."""
    trial = trial_of(examples / "api-v2" / "NCT05589896.json")
    assert values(trial, "tg:phase") == ["PHASE1", "PHASE2"]
    assert values(trial, "tg:phaseLabel") == ["PHASE1_PHASE2"]


def test_month_only_dates_have_bounds(examples: Path) -> None:
    """First and last possible day, and the date as stated."""
    trial = trial_of(examples / "xml" / "NCT01079767.xml")
    xsd = expand("xsd:")
    assert values(trial, "tg:startDate") == [f'"2010-01-01"^^<{xsd}date>']
    assert values(trial, "tg:startDateLatest") == [f'"2010-01-31"^^<{xsd}date>']
    assert values(trial, "tg:startDateAsStated") == [f'"2010-01"^^<{xsd}gYearMonth>']


@pytest.mark.parametrize(
    ("path", "unit", "years"),
    [
        ("api-v2/NCT01809093.json", "min", 0.0),
        ("api-v2/NCT05326516.json", "d", 0.08214),
        ("api-v2/NCT00799773.json", "a", 12.0),
        ("xml/NCT01079767.xml", "a", 18.0),
    ],
)
def test_ages_of_every_unit_are_comparable(path: str, unit: str, years: float, examples: Path) -> None:
    """The lower limit in its own unit, and in years."""
    trial = trial_of(examples / path)
    assert trial.eligibility is not None
    age = trial.eligibility.minimum_age
    assert age is not None
    assert age.unit == unit
    assert float(age.years) == pytest.approx(years, abs=0.0001)


@pytest.mark.parametrize(
    ("stated", "value", "unit", "years"),
    [
        ("5 Minutes", 5, "min", 0.00001),
        ("1 Hour", 1, "h", 0.00011),
        ("28 Days", 28, "d", 0.07666),
        ("6 Weeks", 6, "wk", 0.11499),
        ("18 Months", 18, "mo", 1.5),
        ("1 Year", 1, "a", 1),
        ("2.5 years", 2.5, "a", 2.5),
    ],
)
def test_units_of_age(stated: str, value: float, unit: str, years: float) -> None:
    """UCUM codes; a year has 365.25 days and twelve months."""
    age = Age.parse(stated)
    assert age is not None
    assert (float(age.value), age.unit, float(age.years)) == (value, unit, years)


@pytest.mark.parametrize("stated", ["N/A", "Years", "18", "eighteen years", "-1 Years", "18 Fortnights"])
def test_what_is_no_age(stated: str) -> None:
    """It is none."""
    assert Age.parse(stated) is None


def test_withheld_records_have_no_type_but_study(examples: Path) -> None:
    """Study type N/A, hardly a field, still a study."""
    trial = trial_of(examples / "xml" / "NCT01827488.xml")
    assert (trial.overall_status, trial.study_type) == ("WITHHELD", None)
    types = [
        line
        for line in map_trial(trial)
        if line.startswith(f"<https://clinicaltrials.gov/study/{trial.nct_id}> <{expand('rdf:type')}")
    ]
    assert len(types) == 1


@pytest.mark.parametrize("number", ["NCT03133988", "NCT01220531"])
def test_expanded_access_is_no_trial(number: str, examples: Path) -> None:
    """A type of its own, and for whom."""
    trial = trial_of(examples / "xml" / f"{number}.xml")
    assert trial.study_type == "EXPANDED_ACCESS"
    assert trial.expanded_access_individual or trial.expanded_access_intermediate or trial.expanded_access_treatment
    graph = "".join(map_trial(trial))
    (own,) = STUDY_TYPES["EXPANDED_ACCESS"]
    assert expand(own) in graph
    assert not any(expand(curie) in graph for curie in STUDY_TYPES["INTERVENTIONAL"])


def test_expanded_access_beside_a_trial_is_named(examples: Path) -> None:
    """By its number and status."""
    trial = trial_of(examples / "api-v2" / "NCT05326516.json")
    assert trial.expanded_access is not None
    assert trial.expanded_access.available
    assert (trial.expanded_access.study or "").startswith("NCT")


def test_groups_of_observational_studies_are_no_arms(examples: Path) -> None:
    """They have no type, and a class of their own."""
    trial = trial_of(examples / "api-v2" / "NCT03731637.json")
    assert trial.arms == ()
    assert trial.groups
    assert values(trial, "tg:armType") == []


def test_interventions_of_one_name_keep_their_arms(examples: Path) -> None:
    """Each is a part of its own."""
    trial = trial_of(examples / "api-v2" / "NCT05589896.json")
    labels = Counter(intervention.label for intervention in trial.interventions)
    twice = [intervention for intervention in trial.interventions if labels[intervention.label] > 1]
    assert len(twice) >= 2
    assert all(intervention.arms for intervention in twice)
    assert len({(i.label, i.arms, i.type, i.description) for i in twice}) == len(twice)
