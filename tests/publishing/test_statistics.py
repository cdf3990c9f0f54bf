"""Counting in memory that does not grow, and Turtle that can be compared."""

from pathlib import Path

import pyoxigraph as ox
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg import terms
from kg.errors import GraphError
from kg.layers import write_layer
from kg.publishing import distinct
from kg.publishing.blocks import prefix_lines, turtle_blocks
from kg.publishing.chunks import read_chunks
from kg.publishing.distinct import Distinct
from kg.publishing.statistics import Statistics
from kg.vocab import PREFIXES, expand


@pytest.mark.parametrize("room", [1, 7, 1000])
def test_counts_are_the_same_wherever_they_are_kept(room: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """What went to disk in many pieces is counted once, by itself and with others."""
    monkeypatch.setattr(distinct, "_MOST_HELD", room)
    monkeypatch.setattr(distinct, "_READ", 3)
    counts = Distinct()
    for number in range(500):
        counts.add(("a",), [str(number % 40), str(number % 40)])
        counts.add(("b",), [str(number % 60)])
    assert (counts.count(("a",)), counts.count(("b",)), counts.count(("a",), ("b",))) == (40, 60, 60)
    assert counts.count(("none",)) == 0
    counts.close()


def test_what_two_layers_say_of_a_trial_counts_once() -> None:
    """Together they have a triple, a subject and a typed node less than their sum."""
    study = terms.iri(f"{PREFIXES['study']}NCT00000001")
    typed = f"{study} {terms.iri(expand('rdf:type'))} {terms.iri(expand('tg:Study'))} .\n"
    other = f"{study} {terms.iri(expand('tg:briefTitle'))} {terms.text('A')} .\n"
    statistics = Statistics()
    statistics.add_trial("NCT00000001", [("one", [typed, typed, other]), ("two", [typed])])
    one, two, both = statistics.counts("one"), statistics.counts("two"), statistics.counts()
    statistics.close()
    assert [(c.triples, c.subjects, c.entities, c.objects) for c in (one, two, both)] == [
        (2, 1, 1, 2),
        (1, 1, 1, 1),
        (2, 1, 1, 2),
    ]
    assert both.classes == {terms.iri(expand("tg:Study")): 1}


#: Terms as the graph has them: text of any kind, and IRIs with odd ends.
LITERALS = st.text(st.characters(exclude_categories=["Cs"]), max_size=30).map(terms.text)
NAMES = st.text(st.characters(min_codepoint=33, max_codepoint=126, exclude_characters="#"), max_size=8)
IRIS = st.builds(lambda space, name: terms.iri(space + name), st.sampled_from(sorted(PREFIXES.values())), NAMES)


@given(st.lists(st.tuples(IRIS, IRIS, st.one_of(LITERALS, IRIS)), max_size=8))
def test_turtle_says_what_the_lines_say(rows: list[tuple[str, str, str]]) -> None:
    """Whatever stands in a text or at the end of an IRI."""
    lines = [f"{' '.join(row)} .\n" for row in rows]
    turtle = prefix_lines() + turtle_blocks(lines)
    told = set(ox.parse(turtle, format=ox.RdfFormat.TURTLE))
    assert told == set(ox.parse("".join(lines), format=ox.RdfFormat.N_TRIPLES))


def test_text_of_several_lines_is_written_on_several() -> None:
    """So that a diff of two releases shows the line that changed; what is escaped stays so."""
    line = f"<http://a/s> <http://a/p> {terms.text('one' + chr(10) + 'two ' + chr(92) + 'n ' + chr(34))} .\n"
    assert 'one\ntwo \\\\n \\""""@en' in turtle_blocks([line])


def test_layer_in_no_order_is_refused(tmp_path: Path) -> None:
    """Counts and differences are made side by side: a trial that stands twice would be told wrongly."""
    study = [terms.iri(f"{PREFIXES['study']}NCT0000000{number}") for number in (2, 1)]
    write_layer(
        tmp_path, "registry", (f"{name} {terms.iri(expand('rdfs:label'))} {terms.text('A')} .\n" for name in study)
    )
    with pytest.raises(GraphError, match="NCT00000001 comes after NCT00000002"):
        list(read_chunks(tmp_path, "registry"))


@pytest.mark.parametrize(
    "line", ["<http://a/s> <http://a/p>\n", "no triple at all\n", "<http://a/s> <http://a/p> <http://a/o>\n"]
)
def test_line_that_is_no_triple_is_refused(line: str, tmp_path: Path) -> None:
    """With the layer's name, and no traceback."""
    write_layer(tmp_path, "registry", iter([line]))
    with pytest.raises(GraphError, match=r"registry\.nt\.gz: broken"):
        list(read_chunks(tmp_path, "registry"))
