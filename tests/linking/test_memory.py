"""What a string names is kept from record to record, and no record's own words reach another."""

from collections.abc import Iterable
from itertools import permutations
from pathlib import Path

import pytest

from kg.knowledge import load_knowledge
from kg.lexicon import Lexicon
from kg.linking import LinkedTrial, Linker
from kg.model import Condition, Record, Trial
from kg.readers import read_records
from tests.linking.small import LINKER


def linked(linker: Linker, trials: Iterable[Trial]) -> list[LinkedTrial]:
    """What linking says of each, in turn."""
    return [linker.link_trial(trial) for trial in trials]


def alone(lexicon: Lexicon, trials: Iterable[Trial]) -> list[LinkedTrial]:
    """What a linker says of each that has seen no other."""
    return [Linker(lexicon).link_trial(trial) for trial in trials]


def study(number: int, *conditions: str, title: str = "A study") -> Trial:
    """A trial of these conditions."""
    return Trial(
        nct_id=f"NCT{number:08}",
        record=Record(),
        brief_title=title,
        conditions=tuple(Condition(label=label) for label in conditions),
    )


def test_a_linker_says_of_a_record_what_a_new_one_says(examples: Path) -> None:
    """Whatever was linked before: each example gets the same links and abstentions, in any order."""
    lexicon = load_knowledge(()).lexicon
    trials = [outcome.trial for outcome in read_records([examples]) if outcome.trial is not None]
    linker = Linker(lexicon)
    assert linked(linker, trials) == alone(lexicon, trials)
    assert linked(linker, trials[::-1]) == alone(lexicon, trials[::-1])


#: The same strings in records that say nothing of them, that write them out, and whose text holds a name.
SAYING = (
    study(1, "HCA", "BAT"),
    study(2, "HCA", "hepatocellular carcinoma (HCA)"),
    study(3, "HCA and anemia"),
    study(4, "anemia", "high cholesterol anemia (HCA)", "HCA and anemia"),
    study(5, "BAT", "Brown adipose tissue"),
    study(6, "HCC"),
    study(7, "HCC", "hepatocellular carcinoma"),
)


def test_what_a_record_says_decides_in_it_alone() -> None:
    """Abbreviations that a record writes out, and names in its text, reach no other, whichever came before."""
    lexicon = LINKER.lexicon
    kept = {trial.nct_id: found for trial, found in zip(SAYING, alone(lexicon, SAYING), strict=True)}
    assert not kept["NCT00000001"].links
    assert {link.part for link in kept["NCT00000002"].links} == {"condition-1", "condition-2"}
    for order in permutations(SAYING, 4):
        assert linked(Linker(lexicon), order) == [kept[trial.nct_id] for trial in order]


def test_a_repeated_string_is_decided_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """The second record with a string costs no second decision; old strings are given up for new ones."""
    linker = Linker(load_knowledge(()).lexicon)
    asked: list[str] = []
    read = linker.phrases.read

    def noting(query, expansions, depth=3):  # type: ignore[no-untyped-def]
        asked.append(query.text)
        return read(query, expansions, depth)

    monkeypatch.setattr(linker.phrases, "read", noting)
    for number in range(3):
        linker.link_trial(study(number, "Breast Cancer"))
    assert asked.count("Breast Cancer") == 1
    monkeypatch.setattr("kg.linking.memory._KEPT", 2)
    for label in ("Asthma", "Melanoma", "Glioma", "Breast Cancer"):
        linker.link_trial(study(9, label))
    assert asked.count("Breast Cancer") == 2


@pytest.mark.data
def test_real_records_are_linked_as_by_a_new_linker(data: Path) -> None:
    """Of real records, every twentieth is linked as if it were the only one."""
    lexicon = load_knowledge(()).lexicon
    trials = [o.trial for o in read_records([data / "trials" / "ctgov-api-v2.zip"]) if o.trial is not None]
    linker = Linker(lexicon)
    assert linked(linker, trials)[::20] == alone(lexicon, trials[::20])
