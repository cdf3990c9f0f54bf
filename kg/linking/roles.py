"""What an intervention is given for in its trial, from arms, their types and the intervention's name."""

import re

from kg.concept import Role
from kg.model import Intervention, Trial

__all__ = ["find_roles", "is_placebo", "names_absence"]

_PLACEBO = re.compile(r"\b(placebos?|sham|dummy|vehicle|sugar pill)\b", re.IGNORECASE)
#: "m-TOR inhibitor free", "steroid-free", "without sirolimus", "no treatment": the name says what is not given.
_ABSENCE = re.compile(r"\bfree\b\W*$|[\w-]-free\b|\bfree\)|^\s*(?:no|without)\b|\bwithdrawal\b", re.IGNORECASE)

#: Arm types whose arms stand against the one under test.
_AGAINST = frozenset({"ACTIVE_COMPARATOR", "PLACEBO_COMPARATOR", "SHAM_COMPARATOR", "NO_INTERVENTION"})

#: Stands for the type of an arm that has none.
_UNTYPED = "UNTYPED"


def is_placebo(name: str) -> bool:
    """Whether a name is that of a placebo or sham: "placebo for X" is not X."""
    return _PLACEBO.search(name) is not None


def names_absence(name: str) -> bool:
    """Whether a name says that something is not given ("X free")."""
    return _ABSENCE.search(name) is not None


def find_roles(trial: Trial) -> dict[str, Role]:
    """The role of each intervention, by its part (`intervention-1`)."""
    types = {arm.label: arm.type or _UNTYPED for arm in trial.arms}
    varied = {
        number
        for number, intervention in enumerate(trial.interventions, 1)
        if not is_placebo(intervention.label) and types.keys() - set(intervention.arms)
    }
    return {
        f"intervention-{number}": _role(intervention, types, something_else_varies=bool(varied - {number}))
        for number, intervention in enumerate(trial.interventions, 1)
    }


def _role(intervention: Intervention, types: dict[str, str], *, something_else_varies: bool) -> Role:
    if is_placebo(intervention.label):
        return "PLACEBO"
    given_in = types.keys() & set(intervention.arms)
    if not given_in:
        return "UNKNOWN"
    with_it = {types[label] for label in given_in}
    without_it = {types[label] for label in types.keys() - given_in}
    if not without_it and with_it & (_AGAINST | {_UNTYPED}) and something_else_varies:
        # In every arm, some of which may stand against the others: what all get is not what is compared.
        return "BACKGROUND"
    if with_it - _AGAINST:
        return "EXPERIMENTAL"
    # Only in comparator arms: under test all the same where no other arm is the one under test.
    return "COMPARATOR" if without_it - _AGAINST else "EXPERIMENTAL"
