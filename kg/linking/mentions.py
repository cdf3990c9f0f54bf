"""Which strings of a trial may name concepts, and where they stand."""

from collections.abc import Iterator

from kg.concept import Mention
from kg.iris import mesh_identifier
from kg.model import Trial

__all__ = ["find_mentions"]


def find_mentions(trial: Trial) -> Iterator[Mention]:
    """Conditions, interventions, keywords, titles and NLM's terms, in the record's order."""
    for number, condition in enumerate(trial.conditions, 1):
        yield Mention(kind="condition", text=condition.label, part=f"condition-{number}")
    for number, intervention in enumerate(trial.interventions, 1):
        part, kind = f"intervention-{number}", intervention.type or ""
        yield Mention(kind="intervention", text=intervention.label, part=part, type=kind)
    for number, keyword in enumerate(trial.keywords, 1):
        yield Mention(kind="keyword", text=keyword.label, part=f"keyword-{number}")
    for title in dict.fromkeys(filter(None, (trial.brief_title, trial.official_title))):
        yield Mention(kind="title", text=title)
    for number, term in enumerate(trial.derived_terms, 1):
        given = mesh_identifier(term.identifier) if term.identifier else None
        yield Mention(kind="derived", text=term.label, part=f"derived-{number}", identifier=given or "")
