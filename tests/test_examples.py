"""The examples show every field of the record; they hold no contact data, and their README lists just them."""

import re
from pathlib import Path

import pytest

from kg import iris, model
from kg.mapping import rows
from kg.readers import read_records

#: Fields that no example fills, and why.
NOT_SHOWN = {
    "Document.url": "stated in records whose documents are many pages long",
    "Record.delayed_posting": "no real record at hand has it",
    "Reference.retractions": "no real record at hand has it",
    "Retraction.pmid": "no real record at hand has it",
    "Retraction.source": "no real record at hand has it",
    "Submission.unreleased": "stated in two records at hand, both with results",
    "Submission.unreleased_unknown": "stated in three records at hand, all with results",
    "Trial.no_analysis_plan": "stated in two records at hand, both with results",
    "Trial.referring_studies": "no real record at hand has it",
}


def filled(value: object, name: str = "Trial") -> set[str]:
    """`Struct.field` of every field with a value, in all parts."""
    found = set()
    for field in getattr(value, "__struct_fields__", ()):
        held = getattr(value, field)
        if held is None or held == ():
            continue
        found.add(f"{type(value).__name__}.{field}")
        for each in held if isinstance(held, tuple) else (held,):
            found |= filled(each)
    return found


@pytest.fixture(scope="module")
def trials(examples: Path) -> list[model.Trial]:
    """Every example in every form."""
    return [outcome.trial for outcome in read_records([examples]) if outcome.trial is not None]


def test_every_field_is_shown_by_some_example(trials: list[model.Trial]) -> None:
    """Who looks for how a field is mapped finds it here."""
    shown = set().union(*(filled(trial) for trial in trials))
    fields = {row.field for row in rows()}
    assert sorted(fields - shown) == sorted(NOT_SHOWN)


def test_examples_hold_no_contact_data(examples: Path) -> None:
    """But for the address in free text that shows the finding."""
    texts = {path: path.read_text(encoding="utf-8") for path in examples.rglob("NCT*")}
    addresses = {found for text in texts.values() for found in re.findall(r"[\w.+-]+@[\w-]+\.[\w.]+", text)}
    assert addresses == {"study@example.org."}
    assert not [path for path, text in texts.items() if re.search(r'"phone(Ext)?"|"email"|<phone|<email', text)]


def test_readme_lists_just_the_examples(examples: Path) -> None:
    """A line a trial."""
    listed = re.findall(r"^\| (NCT\d{8}) \|", (examples / "README.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert sorted(listed) == sorted({path.stem for path in examples.rglob("NCT*")})
    assert all(map(iris.is_nct, listed))
