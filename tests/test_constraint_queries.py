"""SPARQL constraints asked of all focus nodes at once find what the reference finds of one after the other."""

from pathlib import Path

import pytest

from kg.validation import make_engine
from kg.validation.constraint_queries import ConstraintQueries
from kg.validation.shapes_graph import read_shapes

_SHAPE = """
@prefix : <http://a.example/> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix sh: <http://www.w3.org/ns/shacl#> .
:prefixes sh:declare [ sh:prefix "" ; sh:namespace "http://a.example/"^^<http://www.w3.org/2001/XMLSchema#anyURI> ] .
:Shape a sh:NodeShape ; sh:targetClass :Thing, :Other ; sh:severity sh:Info ; $MORE
    sh:sparql [ sh:message "{?value} is known of {$this}, not {?missing}." ; sh:prefixes :prefixes ; sh:select '''
        $TEXT
    ''' ] .
"""
_DATA = """
<http://a.example/Narrow> <http://www.w3.org/2000/01/rdf-schema#subClassOf> <http://a.example/Middle> .
<http://a.example/Middle> <http://www.w3.org/2000/01/rdf-schema#subClassOf> <http://a.example/Thing> .
<http://a.example/one> <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> <http://a.example/Narrow> .
<http://a.example/one> <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> <http://a.example/Other> .
<http://a.example/one> <http://a.example/knows> "two" .
<http://a.example/none> <http://a.example/knows> "three" .
_:blank <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> <http://a.example/Other> .
_:blank <http://a.example/knows> <http://a.example/one> .
<http://a.example/four> <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> <http://a.example/Thing> .
<http://a.example/four> <http://a.example/knows> "four"@en .
<http://a.example/four> <http://a.example/knows> "5"^^<http://www.w3.org/2001/XMLSchema#integer> .
<http://a.example/four> <http://a.example/hides> "five" .
""".strip()
_PLAIN = "SELECT $this ?value WHERE { $this :knows ?value . FILTER NOT EXISTS { $this :hides ?value } }"
_OPTIONAL = "SELECT $this ?value { $this :knows ?value . OPTIONAL { ?value :knows ?x } FILTER(!BOUND(?x)) } # UNION {"
_BIND = "SELECT $this ?value { $this :knows ?value . BIND($this AS ?me) FILTER NOT EXISTS { ?me :hides-group ?x } }"
_PATH = "SELECT $this ?path ?value WHERE { $this ?path ?value . FILTER(isLiteral(?value) && ?value != 'GROUP BY {') }"


def _shapes(folder: Path, text: str, more: str = "") -> Path:
    path = folder / "shape.ttl"
    path.write_text(_SHAPE.replace("$TEXT", text).replace("$MORE", more), encoding="utf-8")
    return path


def _left(path: Path | None) -> int:
    """How many constraints are left to the engine."""
    return sum("/ns/shacl#sparql> " in line for line in ConstraintQueries(read_shapes(path).lines).rest)


def test_no_constraint_of_ours_is_left_to_the_engine() -> None:
    """Each is asked once of all: one that is not costs more than all the others."""
    assert any("/ns/shacl#sparql> " in line for line in read_shapes().lines)
    assert _left(None) == 0


@pytest.mark.parametrize("text", [_PLAIN, _OPTIONAL, _BIND, _PATH])
def test_all_at_once_is_one_by_one(tmp_path: Path, text: str) -> None:
    """Nodes of subclasses, of two classes and without a name; messages with values; words of SPARQL in strings."""
    shapes = _shapes(tmp_path, text)
    assert _left(shapes) == 0
    lines = [f"{line}\n" for line in _DATA.splitlines()]
    found = list(make_engine("shacl-rust", shapes).validate(lines))
    assert len(found) >= 3
    assert found == list(make_engine("pyshacl", shapes).validate(lines))


@pytest.mark.parametrize(
    ("text", "more"),
    [
        ("SELECT $this WHERE { { $this :knows ?value } UNION { FILTER(?this = :one) } }", ""),
        ("SELECT $this WHERE { { FILTER(?this = :one) } }", ""),
        ("SELECT $this WHERE { $this :knows ?value . { SELECT $this (COUNT(*) AS ?n) { $this :knows ?y } } }", ""),
        ("SELECT $this WHERE { $this :knows ?value } GROUP BY $this HAVING(COUNT(?value) > 1)", ""),
        ("SELECT $this WHERE { $this :knows ?value } LIMIT 1", ""),
        ("SELECT $this WHERE { $this :knows ?value . OPTIONAL { BIND($this AS ?x) } }", ""),
        (
            "SELECT $this { $this :knows ?x . OPTIONAL { ?x :knows ?y OPTIONAL { ?y :knows ?z FILTER($this = ?z) } } }",
            "",
        ),
        (
            "SELECT $this WHERE { $this :knows ?x . OPTIONAL { ?x :knows ?y BIND(EXISTS { $this :hides ?z } AS ?v) } }",
            "",
        ),
        ("SELECT (1-COUNT(?value) AS ?n) $this WHERE { $this :knows ?value }", ""),
        ("SELECT ?value WHERE { $this :knows ?value }", ""),
        ("SELECT $this WHERE { $this :knows ?value . FILTER($currentShape = :Shape) }", ""),
        (_PLAIN, "sh:targetNode :none ;"),
        (_PLAIN, "a rdfs:Class ;"),
    ],
)
def test_what_might_differ_is_left_to_the_engine(tmp_path: Path, text: str, more: str) -> None:
    """Texts that look at several solutions or into closed braces, and other targets."""
    assert _left(_shapes(tmp_path, text, more)) == 1
