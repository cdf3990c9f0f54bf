"""Roles of interventions: from arms, their types, and the intervention's name."""

from collections.abc import Mapping

import pytest

from kg import model
from kg.linking import find_roles
from kg.linking.roles import is_placebo, names_absence
from tests.linking.small import trial

EXPERIMENT = {"A": "EXPERIMENTAL", "B": "ACTIVE_COMPARATOR"}


def roles(arms: Mapping[str, str | None], **given_in: str) -> list[str]:
    """Roles of interventions, each named with the letters of its arms."""
    record = trial(
        arms=tuple(model.Arm(label=label, type=kind) for label, kind in arms.items()),
        interventions=tuple(model.Intervention(label=name, arms=tuple(letters)) for name, letters in given_in.items()),
    )
    assert list(find_roles(record)) == [f"intervention-{number}" for number, _ in enumerate(given_in, 1)]
    return list(find_roles(record).values())


def test_drug_against_another() -> None:
    """The arm's type decides."""
    assert roles(EXPERIMENT, drug="A", other="B") == ["EXPERIMENTAL", "COMPARATOR"]


def test_what_all_arms_get_is_background() -> None:
    """Where something else varies between the arms."""
    assert roles(EXPERIMENT, both="AB", drug="A") == ["BACKGROUND", "EXPERIMENTAL"]
    assert roles({"A": "EXPERIMENTAL", "B": "PLACEBO_COMPARATOR"}, both="AB", drug="A", placebo="B") == [
        "BACKGROUND",
        "EXPERIMENTAL",
        "PLACEBO",
    ]


def test_one_drug_in_all_arms_is_experimental() -> None:
    """A comparison of doses or schedules tests the drug."""
    assert roles(EXPERIMENT, dose="AB") == ["EXPERIMENTAL"]
    assert roles({"A": "EXPERIMENTAL", "B": "EXPERIMENTAL"}, dose="AB") == ["EXPERIMENTAL"]
    assert roles({"A": "ACTIVE_COMPARATOR", "B": "ACTIVE_COMPARATOR"}, dose="AB") == ["EXPERIMENTAL"]


def test_combination_in_one_experimental_arm_is_experimental() -> None:
    """Nothing stands against it."""
    assert roles({"A": "EXPERIMENTAL"}, one="A", two="A") == ["EXPERIMENTAL", "EXPERIMENTAL"]


@pytest.mark.parametrize("against", ["PLACEBO_COMPARATOR", "SHAM_COMPARATOR", "NO_INTERVENTION"])
def test_active_comparator_against_nothing_is_what_is_tested(against: str) -> None:
    """Where no arm is called experimental, the drug that a placebo stands against is."""
    assert roles({"A": "ACTIVE_COMPARATOR", "B": against}, drug="A", placebo="B") == ["EXPERIMENTAL", "PLACEBO"]


def test_placebo_is_placebo_in_any_arm() -> None:
    """By its name, with arms or without."""
    assert roles({"A": "EXPERIMENTAL"}, placebo="A") == ["PLACEBO"]
    assert roles({}, placebo="") == ["PLACEBO"]


def test_arms_without_type_tell_background_from_experimental() -> None:
    """What all get is background, what some get is tested."""
    assert roles({"A": None, "B": None}, both="AB", drug="A") == ["BACKGROUND", "EXPERIMENTAL"]
    assert roles({"A": None, "B": None}, both="AB") == ["EXPERIMENTAL"]
    assert roles({"A": "OTHER"}, drug="A") == ["EXPERIMENTAL"]


def test_without_arms_nothing_is_known() -> None:
    """No arms in the record, none for the intervention, or one that the record does not have."""
    assert roles({}, drug="") == ["UNKNOWN"]
    assert roles(EXPERIMENT, drug="") == ["UNKNOWN"]
    assert roles(EXPERIMENT, drug="Z") == ["UNKNOWN"]


def test_trial_without_interventions_has_no_roles() -> None:
    """An observational study may have none."""
    assert roles(EXPERIMENT) == []


@pytest.mark.parametrize("name", ["Placebo", "everolimus placebo", "Sham surgery", "Sugar pill", "vehicle cream"])
def test_placebos_are_known_by_name(name: str) -> None:
    """Placebo, sham, dummy, vehicle."""
    assert is_placebo(name)


@pytest.mark.parametrize("name", ["everolimus", "Shampoo", "Placentex"])
def test_other_names_are_no_placebos(name: str) -> None:
    """Whole words only."""
    assert not is_placebo(name)


@pytest.mark.parametrize("name", ["m-TOR inhibitor free", "steroid-free", "X (mTOR inhibitor free)", "no treatment"])
def test_absence_is_known_by_name(name: str) -> None:
    """Free, without, no, withdrawal."""
    assert names_absence(name)


@pytest.mark.parametrize("name", ["everolimus", "Nivolumab", "Norepinephrine", "Free flap surgery", "Freedom scaffold"])
def test_presence_is_no_absence(name: str) -> None:
    """Words that only begin alike."""
    assert not names_absence(name)
