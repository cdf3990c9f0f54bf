"""The JSON-LD context names what the mapping writes, and says of what type it is."""

import pytest

from kg.agreement import Places
from kg.agreement.context import check_context
from kg.errors import KgError
from tests.agreement.planting import Copy, told

CONTEXT = "ontologies/context.jsonld"


def test_bundled_context_names_every_property() -> None:
    """And says rightly what its values are."""
    checked = check_context(Places.bundled())
    assert checked.findings == ()
    assert checked.counts["short names"] > 250


@pytest.mark.parametrize(
    ("old", "new", "rule", "value"),
    [
        ('"@id": "tg:whyStopped"', '"@id": "tg:whyNot"', "context-undeclared", "tg:whyNot"),
        ('"@id": "tg:whyStopped"', '"@id": "dct:whyNot"', "context-missing", "tg:whyStopped"),
        ('"@id": "tg:overallStatus", "@type": "@id"', '"@id": "tg:overallStatus"', "context-type", "tg:overallStatus"),
        ('"@id": "tg:enrollment"', '"@id": "tg:enrollment", "@language": "en"', "context-type", "tg:enrollment"),
    ],
)
def test_a_planted_fault_is_told(copy: Copy, old: str, new: str, rule: str, value: str) -> None:
    """By property and, but for one that is not there, by line."""
    planted = copy.plant(CONTEXT, old, new)
    found = told(check_context(copy.places))
    assert (rule, value) in [(name, term) for name, term, _, _ in found]
    assert all(line == planted for name, _, _, line in found if name != "context-missing")


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"@context": 1}', '{"@context": {"a": {}}}'])
def test_a_file_that_is_no_context_is_an_error(copy: Copy, text: str) -> None:
    """With its name."""
    (copy.root / CONTEXT).write_text(text)
    with pytest.raises(KgError, match=r"context\.jsonld"):
        check_context(copy.places)
