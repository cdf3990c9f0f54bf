"""The canonical layout: one for each text, losing nothing, and `--fix` leaves it whole or not at all."""

import random
import re
from pathlib import Path

import pytest

from kg.agreement import Places
from kg.agreement.layouts import check_layout, fix_layout
from kg.errors import KgError
from kg.ontologies.layout import canonical_layout, same_content
from kg.ontologies.turtle import read_prefixes, read_tokens
from tests.agreement.planting import Copy, told

CLASSES = "ontologies/classes.ttl"
SHAPE = "shapes/made-up.ttl"
ROUGH = '''# Head.

@prefix b: <http://b/> .
PREFIX a: <http://a/>
@prefix c: <http://c/> .
@prefix unused: <http://unused/> .
# Section

a:x\ta b:Y; b:p "one" ,  "two"@en-GB, "3"^^c:int ;   # behind
  # above
  b:q [ a:r ( 1 2.5 true ) ; a:s [ ] ] ; ;  .
a:one b:p () .
a:two b:p <http://d/#e> . # last
a:z b:p "one long text of more than fifty letters, so that it needs space",
"another of more than fifty letters as well, indeed" ;
    b:q ( a:item-of-some-length-1 a:item-of-some-length-2 a:item-of-some-length-3 a:item-of-some-length-4
 a:item-of-length-5 ) ;
    b:select """
        SELECT ?x  # no comment
    """ .


# End.'''
CANONICAL = '''# Head.

@prefix a: <http://a/> .
@prefix b: <http://b/> .
@prefix c: <http://c/> .

# Section

a:x a b:Y ;
    b:p "one", "two"@en-GB, "3"^^c:int ; # behind
    # above
    b:q [ a:r ( 1 2.5 true ) ; a:s [] ] .

a:one b:p () .
a:two b:p <http://d/#e> . # last

a:z b:p
        "one long text of more than fifty letters, so that it needs space",
        "another of more than fifty letters as well, indeed" ;
    b:q (
        a:item-of-some-length-1 a:item-of-some-length-2 a:item-of-some-length-3 a:item-of-some-length-4
        a:item-of-length-5
    ) ;
    b:select """
        SELECT ?x  # no comment
    """ .

# End.
'''


def test_layout_is_as_described() -> None:
    """Rule by rule."""
    assert canonical_layout(ROUGH, "rough.ttl") == CANONICAL
    assert canonical_layout(CANONICAL, "canonical.ttl") == CANONICAL
    assert same_content(ROUGH, CANONICAL)


def disturbed(text: str, seed: int) -> str:
    """The same tokens with other spaces, line breaks and further comments between them."""
    choose = random.Random(seed)  # noqa: S311 - no secret
    parts: list[str] = []
    before = None
    for number, token in enumerate(read_tokens(text)):
        tagged = before is not None and before.kind == "string" and (token.kind == "at" or token.text == "^^")
        if not tagged and (before is None or before.text != "^^"):
            gaps = [" ", "\n", "\n\n", "\t ", f" # added {number}\n", f"\n  # added {number}\n\n"]
            parts.append(choose.choice(gaps) if before is None or before.kind != "comment" else "\n")
        parts.append(token.text)
        before = token
    return "".join(parts)


@pytest.mark.parametrize("seed", range(40))
def test_no_layout_loses_a_triple_or_a_comment(seed: int) -> None:
    """However the text is laid out; and what is canonical stays as it is."""
    text = disturbed(ROUGH + "\n", seed)
    canonical = canonical_layout(text, "disturbed.ttl")
    assert same_content(text, canonical)
    assert canonical_layout(canonical, "canonical.ttl") == canonical
    assert not re.search(r"\t| $|\n\n\n|\S\n\Z\n", canonical)


@pytest.mark.parametrize("seed", range(3))
def test_our_own_files_come_back_from_any_layout(seed: int) -> None:
    """With all that they say."""
    for path in Places.bundled().turtle():
        text = path.read_text(encoding="utf-8")
        again = canonical_layout(disturbed(text, seed), path.name)
        assert same_content(disturbed(text, seed), again)
        assert canonical_layout(again, path.name) == again


def test_bundled_files_are_in_canonical_layout() -> None:
    """All that people write; slices are made by machine."""
    checked = check_layout(Places.bundled())
    assert checked.findings == ()
    assert checked.counts["Turtle files"] == len(Places.bundled().turtle()) > 5


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        (CLASSES, "    rdfs:label", "  rdfs:label"),
        (CLASSES, " ;\n", ";\n"),
        (CLASSES, " .\n\n", " .\n\n\n"),
        (CLASSES, "@prefix CHEBI:", "@prefix xyz: <http://xyz/> .\n@prefix CHEBI:"),
        (SHAPE, " ;\n    ", " ;\n\t"),
        (SHAPE, " .\n\n", " . \n\n"),
        (SHAPE, "", "\n"),
    ],
)
def test_a_planted_fault_is_told_and_fixed(copy: Copy, file: str, old: str, new: str) -> None:
    """By file and line; afterwards the file is as it was."""
    fix_layout(copy.places)
    sound = (copy.root / file).read_bytes()
    line = copy.plant(file, old, new)
    found = told(check_layout(copy.places))
    assert [(rule, name) for rule, _, name, _ in found] == [("layout", Path(file).name)]
    assert abs(found[0][3] - line) <= 2
    assert fix_layout(copy.places) == [copy.root / file]
    assert (copy.root / file).read_bytes() == sound
    assert fix_layout(copy.places) == []


def test_prefixes_are_those_that_are_used() -> None:
    """Sorted; also those that only a datatype or a collection uses."""
    text = "@prefix z: <z:> .\n@prefix n: <n:> .\n@prefix a: <a:> .\na:s a:p ( [ a:q '1'^^z:t ] ) .\n"
    assert list(read_prefixes(canonical_layout(text, "x.ttl"))) == ["a", "z"]


def test_a_file_that_is_no_turtle_is_left_alone(copy: Copy) -> None:
    """It is an error with file and line, and no file after it is written either."""
    copy.plant(CLASSES, " ;\n", " ,;\n")
    broken = (copy.root / CLASSES).read_bytes()
    for act in (check_layout, fix_layout):
        with pytest.raises(KgError, match=r"classes\.ttl: no Turtle: .*line"):
            act(copy.places)
    assert (copy.root / CLASSES).read_bytes() == broken


def test_what_would_lose_something_is_not_written(copy: Copy, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the formatter makes of it."""
    copy.plant(SHAPE, "", "\n\n")
    before = (copy.root / SHAPE).read_bytes()
    monkeypatch.setattr("kg.agreement.layouts.canonical_layout", lambda *_: "# nothing\n")
    with pytest.raises(KgError, match="would say something else"):
        fix_layout(copy.places)
    assert (copy.root / SHAPE).read_bytes() == before
