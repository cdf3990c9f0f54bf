"""Each constraint fails on exactly its fault, each shape passes near it, and shapes cover all of the vocabulary."""

import re
from collections import defaultdict

import pytest
from rdflib import RDF, RDFS, SH, Graph, URIRef

from kg import assets
from kg.finding import Finding
from kg.validation import PyShacl
from kg.validation.rust_engine import ShaclRust
from kg.validation.shapes_graph import read_shapes
from kg.vocab import PREFIXES
from tests.shapes.cases import Case, changed_lines, complete_lines, read_cases

CASES = list(read_cases())
#: Studies that an engine gets at once.
TOGETHER = 50


def number_of(position: int) -> str:
    """The number of the study in which a case is played."""
    return f"NCT9{position:07d}"


def find_all(engine: PyShacl | ShaclRust, cases: list[tuple[int, Case]]) -> dict[str, list[Finding]]:
    """The findings of each case's study."""
    found: dict[str, list[Finding]] = defaultdict(list)
    for start in range(0, len(cases), TOGETHER):
        chosen = cases[start : start + TOGETHER]
        lines = [line for position, case in chosen for line in changed_lines(case, number_of(position))]
        for finding in engine.validate(lines):
            found[finding.trial].append(finding)
    return found


@pytest.fixture(scope="module")
def found() -> dict[str, list[Finding]]:
    """What the engine for whole registries finds in all cases; the reference would take half an hour."""
    return find_all(ShaclRust(), list(enumerate(CASES)))


@pytest.fixture(scope="module")
def shapes() -> Graph:
    """All shapes in one graph."""
    graph = Graph()
    for path in assets.folder("shapes").glob("*.ttl"):
        graph.parse(path)
    return graph


@pytest.mark.parametrize("position", range(len(CASES)), ids=[f"{case.file}-{case.name}" for case in CASES])
def test_case_fails_by_exactly_its_constraint_or_passes(position: int, found: dict[str, list[Finding]]) -> None:
    """One fault, one constraint of one shape, with its message; near a fault, nothing."""
    findings = found[number_of(position)]
    assert {finding.rule for finding in findings} == CASES[position].expected
    assert all(finding.message for finding in findings)


def test_nothing_is_found_elsewhere(found: dict[str, list[Finding]]) -> None:
    """Every finding is of the study of a case."""
    assert {trial for trial, findings in found.items() if findings} <= {number_of(n) for n in range(len(CASES))}


def test_complete_study_conforms_to_both_engines() -> None:
    """What all cases change has no fault itself."""
    for engine in (PyShacl(), ShaclRust()):
        assert list(engine.validate(complete_lines())) == []


def test_reference_finds_the_same_by_rules_over_several_properties() -> None:
    """SPARQL is what engines differ in most."""
    chosen = [(n, case) for n, case in enumerate(CASES) if case.name.endswith("/SPARQL")]
    found = find_all(PyShacl(only=sorted({case.name for _, case in chosen})), chosen)
    assert {number: {finding.rule for finding in findings} for number, findings in found.items()} == {
        number_of(position): case.expected for position, case in chosen
    }


def test_rules_over_several_properties_say_the_property(found: dict[str, list[Finding]]) -> None:
    """A finding leads back to the record by its property."""
    for position, case in enumerate(CASES):
        if case.name.endswith("/SPARQL"):
            assert all(":" in finding.path for finding in found[number_of(position)]), case.name


def test_every_constraint_has_a_case_that_fails_and_every_shape_one_that_passes() -> None:
    """Nothing in shapes/ goes untested, no case is of the past."""
    known = read_shapes()
    rules = {rule for shape in known.shapes.values() for rule in shape.rules() if not re.search(r"[.]", rule)}
    # What a list of alternatives holds is no constraint of its own, and a class has only the shapes of its properties.
    assert {case.name for case in CASES if case.expected} == rules - {r for r in rules if "/Or/" in r}
    assert {case.name for case in CASES if not case.expected} == {rule.partition("/")[0] for rule in rules}


def test_every_property_of_the_vocabulary_is_checked(shapes: Graph) -> None:
    """As the path of a property shape, or in the SPARQL of one."""
    ontology = Graph().parse(assets.folder("ontologies") / "trialgraph.ttl")
    declared = {str(name) for name in ontology.subjects(RDF.type, RDF.Property)}
    asked = {str(path) for path in shapes.objects(None, SH.path)}
    queries = " ".join(str(text) for text in shapes.objects(None, SH.select))
    asked |= {PREFIXES["tg"] + name for name in re.findall(r"\btg:(\w+)", queries)}
    assert len(declared) > 200
    assert declared - asked == set()


def test_every_shape_is_documented(shapes: Graph) -> None:
    """A name, a message in one sentence, a severity, a link to the definition; targets are classes."""
    named = set(shapes.subjects(RDF.type, SH.PropertyShape)) | set(shapes.subjects(SH.sparql, None))
    for shape in named:
        assert len(list(shapes.objects(shape, SH.name))) == 1, shape
        assert [str(message)[-1] for message in shapes.objects(shape, SH.message)] == ["."], shape
        assert shapes.value(shape, SH.severity) in (SH.Violation, SH.Warning, SH.Info), shape
        assert str(shapes.value(shape, RDFS.seeAlso)).startswith("https://"), shape
    used = set(shapes.objects(None, SH.property)) | set(shapes.subjects(SH.targetClass, None))
    assert named <= used
    assert all(isinstance(target, URIRef) for target in shapes.objects(None, SH.targetClass))


def test_readme_lists_every_shape(shapes: Graph) -> None:
    """Name, severity and message, in the tables of shapes/README.md."""
    text = (assets.folder("shapes") / "README.md").read_text(encoding="utf-8")
    listed = set(re.findall(r"^\| `([\w-]+)` \| (\w+) \| (.+) \|$", text, flags=re.MULTILINE))
    named = set(shapes.subjects(RDF.type, SH.PropertyShape)) | set(shapes.subjects(SH.sparql, None))
    assert listed == {
        (
            str(shape).rpartition("/")[2],
            str(shapes.value(shape, SH.severity)).rpartition("#")[2].lower(),
            str(shapes.value(shape, SH.message)),
        )
        for shape in named
    }
