"""Corpora as large as one likes, made of real records."""

import importlib
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

from kg import assets
from kg.model import Trial
from kg.readers import read_document, read_records
from kg.readers.documents import Document

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"
pytestmark = pytest.mark.skipif(not BENCHMARKS.is_dir(), reason="benchmarks stand in the checkout only")


@pytest.fixture
def corpus(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The module, with the examples as its sample."""
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    monkeypatch.delenv("TRIALGRAPH_DATA", raising=False)
    return importlib.import_module("corpus")


def made(corpus: ModuleType, form: str, count: int = 40) -> Iterator[tuple[str, bytes]]:
    """The first records of a corpus."""
    return corpus.made_records(corpus.find_sample(form), form, 1, range(count))  # type: ignore[no-any-return]


@pytest.mark.parametrize(("form", "lines"), [("api-v2", ""), ("api-v2", "lines"), ("xml", "")])
def test_bytes_depend_on_count_and_seed_alone(
    corpus: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, form: str, lines: str
) -> None:
    """One process and two write the same bytes, another seed writes others; nothing unfinished is left."""
    monkeypatch.setattr(corpus, "PART", 10)
    for name, options in {"one": {}, "two": {"jobs": 2}, "other": {"seed": 2}}.items():
        corpus.write_corpus(tmp_path / name, 25, form=form, lines=bool(lines), **options)
    one, two, other = (
        {path.name: path.read_bytes() for path in (tmp_path / name).iterdir()} for name in ("one", "two", "other")
    )
    assert one == two
    assert len(one) == 3
    assert one.keys() == other.keys()
    assert all(one[name] != other[name] for name in one)


@pytest.mark.parametrize("form", ["api-v2", "xml"])
def test_made_records_read_as_real_ones(corpus: ModuleType, form: str) -> None:
    """Every made record is a trial of its own number, without any finding that is not in the real records too."""
    rules = {finding.rule for outcome in read_records([corpus.find_sample(form)]) for finding in outcome.findings}
    numbers = []
    for number, data in made(corpus, form):
        (outcome,) = read_document(Document(number, data))
        assert outcome.trial is not None
        assert {finding.rule for finding in outcome.findings} <= rules
        numbers.append(outcome.trial.nct_id)
    assert numbers == [f"NCT{90_000_000 + index}" for index in range(40)]


@pytest.mark.parametrize("form", ["api-v2", "xml"])
def test_facts_are_those_of_other_real_records(corpus: ModuleType, form: str) -> None:
    """Conditions, interventions, sites and sponsors stand in some real record, and not all in the same."""
    real = [outcome.trial for outcome in read_records([assets.folder("examples") / form]) if outcome.trial]
    together = {facts(trial) for trial in real}
    apart = [set(column) for column in zip(*together, strict=True)]
    anew = 0
    for number, data in made(corpus, form):
        (outcome,) = read_document(Document(number, data))
        assert outcome.trial
        assert all(fact in known for fact, known in zip(facts(outcome.trial), apart, strict=True))
        anew += facts(outcome.trial) not in together
    assert anew > 20


def facts(trial: Trial) -> tuple[object, ...]:
    """What is dealt anew, by the names in it."""
    return (
        tuple(condition.label for condition in trial.conditions),
        tuple(intervention.label for intervention in trial.interventions),
        tuple((location.facility, location.city) for location in trial.locations),
        trial.lead_sponsor.name if trial.lead_sponsor else None,
    )


def test_a_smaller_corpus_begins_a_larger_one(corpus: ModuleType) -> None:
    """A record depends on its place, not on how many there are."""
    assert list(made(corpus, "xml", 30))[:10] == list(made(corpus, "xml", 10))


def test_corpora_of_two_formats_stand_side_by_side(corpus: ModuleType, tmp_path: Path) -> None:
    """Numbered from where the other ends, two corpora share no record."""
    corpus.write_corpus(tmp_path / "one", 12, form="api-v2")
    corpus.write_corpus(tmp_path / "two", 12, form="xml", first=12)
    numbers = [outcome.trial.nct_id for outcome in read_records([tmp_path]) if outcome.trial]
    assert sorted(numbers) == [f"NCT{90_000_000 + index}" for index in range(24)]
