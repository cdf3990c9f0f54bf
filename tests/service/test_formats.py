"""Accept headers, whatever they hold."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.service.formats import GRAPH, ROWS, choose, negotiate
from kg.service.problems import Refused
from kg.service.wire import Format

_RANGES = st.sampled_from(["*/*", "text/*", "application/*", *(kind for kinds in ROWS.values() for kind in kinds)])
_QUALITIES = st.sampled_from(["", ";q=1", ";q=0.5", ";q=0.1", ";q=0", ";q=abc", "; charset=utf-8 ; q=0.7"])


@given(st.text())
def test_any_text_is_read(accept: str) -> None:
    """Nonsense is either no preference or nothing that is offered, never a failure."""
    found = negotiate(accept, ROWS)
    assert found is None or found.media_type in ROWS[found.name]


@given(st.lists(st.tuples(_RANGES, _QUALITIES), min_size=1, max_size=6))
def test_what_comes_was_accepted(parts: list[tuple[str, str]]) -> None:
    """The media type that comes fits a range of the header, and is not one that the header refuses by name."""
    accept = ", ".join(f"{kind}{quality}" for kind, quality in parts)
    found = negotiate(accept, ROWS)
    if found is not None:
        kind = found.media_type.partition("/")[0]
        assert {found.media_type, f"{kind}/*", "*/*"} & {each for each, _ in parts}
        named = [quality for each, quality in parts if each == found.media_type]
        assert not named or set(named) - {";q=0", ";q=abc"}


@given(st.permutations(["text/csv;q=0.2", "text/tab-separated-values;q=0.9", "application/xml;q=0.5"]))
def test_order_does_not_matter(parts: list[str]) -> None:
    """Only qualities do."""
    assert negotiate(",".join(parts), ROWS) == Format("tsv", "text/tab-separated-values")


@pytest.mark.parametrize("name", [*ROWS, *GRAPH, *(kinds[0] for kinds in (*ROWS.values(), *GRAPH.values()))])
def test_every_format_may_be_named(name: str) -> None:
    """By its name and by its media type, in any letters."""
    choice = choose("", name.upper())
    assert choice.rows or choice.graph


def test_an_unknown_name_is_refused() -> None:
    """With what is offered."""
    with pytest.raises(Refused, match="no such format"):
        choose("", "docx")
