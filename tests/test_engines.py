"""Engines: each finds the same, says it alike, and takes the same names of shapes."""

import importlib.util
import random
from collections.abc import Callable, Sequence
from itertools import chain
from pathlib import Path

import pytest

from kg import assets
from kg.convert import convert_records
from kg.errors import KgError, NotFound
from kg.finding import Finding
from kg.validation import ENGINES, Engine, EngineSpec, PyShacl, ShaclRust, make_engine
from kg.validation import engine as engines
from tests.faults.judging import check_files, plant_and_judge
from tests.faults.kinds import KINDS
from tests.faults.records import example_records
from tests.shapes.cases import changed_lines, read_cases

PREFIXES = """@prefix sh: <http://www.w3.org/ns/shacl#> . @prefix ex: <http://example.org/> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> . @prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
ex:prefixes sh:declare [ sh:prefix "ex" ; sh:namespace "http://example.org/"^^xsd:anyURI ] .
"""
TYPE = "<http://www.w3.org/1999/02/22-rdf-syntax-ns#type>"
INTEGER = "<http://www.w3.org/2001/XMLSchema#integer>"
#: A thing with two numbers, one of them not in its usual form.
THING = [
    f"<http://example.org/a> {TYPE} <http://example.org/Thing> .\n",
    f'<http://example.org/a> <http://example.org/size> "04"^^{INTEGER} .\n',
    f'<http://example.org/a> <http://example.org/size> "5"^^{INTEGER} .\n',
]


@pytest.fixture(scope="module")
def both() -> tuple[Engine, Engine]:
    """The reference and the bulk engine on our shapes."""
    return make_engine("pyshacl"), make_engine("shacl-rust")


@pytest.fixture
def shapes(tmp_path: Path) -> Callable[[str], Path]:
    """Writes a file of shapes."""

    def write(turtle: str) -> Path:
        path = tmp_path / "mine.ttl"
        path.write_text(PREFIXES + turtle, encoding="utf-8")
        return path

    return write


def found(lines: list[str], path: Path, only: tuple[str, ...] = ()) -> list[Finding]:
    """What both engines find, which is the same."""
    reference, bulk = (list(make_engine(name, path, only).validate(lines)) for name in ("pyshacl", "shacl-rust"))
    assert bulk == reference
    return reference


def planted(lines: list[str], seed: int) -> list[str]:
    """The triples with faults of many kinds: some left out, some with another's object of the same kind.

    Of another kind they may not be: which of a date and a text is the greater engines answer each in its way, where
    the standard says that they cannot be compared.
    """
    choose = random.Random(seed)  # noqa: S311 - no secret
    kept = [line for line in lines if choose.random() > 0.15]
    by_kind: dict[str, list[str]] = {}
    for line in kept:
        by_kind.setdefault(_kind(line), []).append(line.split(" ", 2)[2])
    changed = choose.sample(kept, 80)
    return [*kept, *(f"{' '.join(line.split(' ', 2)[:2])} {choose.choice(by_kind[_kind(line)])}" for line in changed)]


def _kind(text: str) -> str:
    return text.rpartition('"')[2] if '"' in text else "IRI"


def test_engines_find_the_same_in_examples(both: tuple[Engine, Engine], examples: Path) -> None:
    """On our own examples, sound as they are."""
    lines = [line for layers, _ in convert_records([examples]) for line in chain(*layers.values())]
    reference, bulk = (list(engine.validate(lines)) for engine in both)
    assert bulk == reference
    assert reference


@pytest.mark.parametrize("seed", range(6))
def test_engines_find_the_same_in_broken_graphs(seed: int, both: tuple[Engine, Engine], examples: Path) -> None:
    """On examples with triples left out, and triples with another's object: many rules break."""
    records = sorted((examples / "api-v2").glob("*.json"))[seed::6]
    lines = [line for layers, _ in convert_records(records) for line in chain(*layers.values())]
    reference, bulk = (list(engine.validate(planted(lines, seed))) for engine in both)
    assert bulk == reference
    assert len({finding.rule for finding in reference}) > 5


def test_engines_find_the_same_in_cases_of_datatypes() -> None:
    """A value that is not of its datatype is told once: how it compares with others, engines see each in its way."""
    chosen = [(n, case) for n, case in enumerate(read_cases()) if case.name.endswith("/Datatype")][::4]
    for start in range(0, len(chosen), 50):
        lines = [line for n, case in chosen[start : start + 50] for line in changed_lines(case, f"NCT9{n:07}")]
        reference, bulk = (list(make_engine(name).validate(lines)) for name in ("pyshacl", "shacl-rust"))
        assert bulk == reference
        assert {finding.rule for finding in bulk} == {case.name for _, case in chosen[start : start + 50]}


def test_engines_find_the_same_in_records_with_planted_faults(examples: Path, tmp_path: Path) -> None:
    """What readers make of faults in the source, each kind of them, whether shapes find it or not."""

    def check_alike(files: Sequence[Path], folder: Path) -> dict[Path, list[Finding]]:
        reference, bulk = (check_files(files, folder, EngineSpec(name)) for name in ("pyshacl", "shacl-rust"))
        assert bulk == reference
        return bulk

    records = [record for record in example_records(examples)[::60] if record.format != "page"]
    assert plant_and_judge(records, tmp_path, 1, KINDS, check_alike)


@pytest.mark.data
def test_engines_find_the_same_in_real_records(both: tuple[Engine, Engine], data: Path) -> None:
    """On a sample of real records, sound and broken."""
    layers = (layers for layers, _ in convert_records([data / "trials" / "flagship"]))
    lines = [line for layer in layers for line in chain(*layer.values())]
    for sample in (lines, planted(lines, 1)):
        reference, bulk = (list(engine.validate(sample)) for engine in both)
        assert bulk == reference
        assert reference


def test_value_and_path_come_from_the_query(shapes: Callable[[str], Path]) -> None:
    """Path and value of a SPARQL constraint, in its message too; the path is in no triple."""
    path = shapes("""ex:Thing a sh:NodeShape ; sh:targetClass ex:Thing ; sh:severity sh:Warning ; sh:sparql
        [ sh:message "{?value} is too big for {$this}." ; sh:prefixes ex:prefixes ; sh:select
          "SELECT $this ?path ?value { $this ex:size ?value . BIND(ex:limit AS ?path) FILTER(?value > 3) }" ] .""")
    big = [f'<http://example.org/a> <http://example.org/size> "{size}"^^{INTEGER} .\n' for size in (7, 8)]
    assert [(f.rule, f.path, f.value, f.severity, f.message) for f in found(THING[:1] + big, path)] == [
        ("Thing/SPARQL", "http://example.org/limit", size, "warning", f"{size} is too big for http://example.org/a.")
        for size in ("7", "8")
    ]
    assert {finding.value for finding in found(THING, path)} == {"04", "5"}


def test_computed_value_is_found_by_both(shapes: Callable[[str], Path]) -> None:
    """A value that the query makes is in no triple."""
    path = shapes("""ex:Thing a sh:NodeShape ; sh:targetClass ex:Thing ; sh:sparql
        [ sh:prefixes ex:prefixes ; sh:select
          'SELECT $this ?value WHERE { $this ex:size ?size . BIND(CONCAT(STR(?size), "!") AS ?value) }' ] .""")
    assert [finding.value for finding in found(THING, path)] == ["04!", "5!"]


def test_literals_are_told_as_they_are_written(shapes: Callable[[str], Path]) -> None:
    """04 is not made 4."""
    path = shapes(
        "ex:Thing sh:targetClass ex:Thing ; sh:property [ sh:path ex:size ; sh:in (1 2) ; sh:message 'No.' ] ."
    )
    assert [(f.rule, f.value, f.message) for f in found(THING, path)] == [
        ("Thing.size/In", "04", "No."),
        ("Thing.size/In", "5", "No."),
    ]


def test_shapes_without_name_are_called_after_their_holder(shapes: Callable[[str], Path]) -> None:
    """The same name from every engine, in every run; two of one path are told apart; a long path is written out."""
    path = shapes("""ex:Thing sh:targetClass ex:Thing ; sh:property
        [ sh:path ex:size ; sh:maxCount 1 ], [ sh:path ex:size ; sh:maxInclusive 4 ],
        [ sh:path ( ex:part [ sh:inversePath rdfs:seeAlso ] ) ; sh:minCount 1 ] .""")
    assert [(f.rule, f.path, f.value) for f in found(THING, path)] == [
        ("Thing.1/MinCount", "http://example.org/part/(^rdfs:seeAlso)", ""),
        ("Thing.size.2/MaxInclusive", "http://example.org/size", "5"),
        ("Thing.size/MaxCount", "http://example.org/size", ""),
    ]


def test_wrong_literals_are_findings_and_no_noise(
    shapes: Callable[[str], Path], caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    """For each number that is none rdflib writes a traceback; a finding is enough."""
    path = shapes("ex:Thing sh:targetClass ex:Thing ; sh:property [ sh:path ex:size ; sh:datatype xsd:integer ] .")
    lines = [THING[0], f'<http://example.org/a> <http://example.org/size> "many"^^{INTEGER} .\n']
    assert [(f.rule, f.value, f.message) for f in found(lines, path)] == [
        ("Thing.size/Datatype", "many", "A value is not of the datatype asked for.")
    ]
    assert caplog.records == []
    assert capfd.readouterr() == ("", "")


def test_query_with_an_undeclared_prefix_is_refused(shapes: Callable[[str], Path]) -> None:
    """One engine would know rdfs: by itself, and the other would find nothing without a word."""
    path = shapes("""ex:Thing sh:targetClass ex:Thing ; sh:sparql
        [ sh:select "SELECT $this WHERE { $this rdfs:label ?label }" ] .""")
    for name in ("pyshacl", "shacl-rust"):
        with pytest.raises(KgError, match=r"mine\.ttl:4: the shape Thing .* Prefix not found"):
            make_engine(name, path)


def test_imported_prefixes_are_found(shapes: Callable[[str], Path]) -> None:
    """Declarations may stand elsewhere, and be imported from there."""
    path = shapes("""ex:more <http://www.w3.org/2002/07/owl#imports> ex:prefixes .
        ex:Thing sh:targetClass ex:Thing ; sh:sparql
        [ sh:prefixes ex:more ; sh:select "SELECT $this ?value WHERE { $this ex:size ?value . FILTER(?value > 4) }" ] .
    """)
    assert [finding.value for finding in found(THING, path)] == ["5"]


@pytest.mark.parametrize(
    ("only", "rules"),
    [
        (("Thing-size",), {"Thing-size/MaxCount", "Thing-size/In"}),
        (("Thing-size/In",), {"Thing-size/In"}),
        (("Thing",), {"Thing-size/MaxCount", "Thing-size/In", "Thing-name/MinCount", "Other/SPARQL"}),
        (("Thing-name", "Thing-size/MaxCount"), {"Thing-size/MaxCount", "Thing-name/MinCount"}),
        (("Other",), {"Other/SPARQL"}),
    ],
)
def test_only_the_shapes_asked_for_are_checked(
    only: tuple[str, ...], rules: set[str], shapes: Callable[[str], Path]
) -> None:
    """By shape, by rule, by class; several add up."""
    path = shapes("""ex:Thing a sh:NodeShape ; sh:targetClass ex:Thing ; sh:property ex:Thing-size, ex:Thing-name .
        ex:Thing-size sh:path ex:size ; sh:maxCount 1 ; sh:in (1 2) .
        ex:Thing-name sh:path ex:name ; sh:minCount 1 .
        ex:Other a sh:NodeShape ; sh:targetClass ex:Thing ; sh:sparql [ sh:select "SELECT $this WHERE { }" ] .""")
    assert {finding.rule for finding in found(THING, path, only)} == rules


def test_shape_that_another_refers_to_is_kept_whole(shapes: Callable[[str], Path]) -> None:
    """What is not asked for is not told, and still decides where a shape asked for refers to it."""
    path = shapes("""ex:Thing sh:targetClass ex:Thing ; sh:property [ sh:path ex:part ; sh:node ex:Part ] .
        ex:Part sh:targetClass ex:Part ; sh:property ex:Part-name .
        ex:Part-name sh:path ex:name ; sh:minCount 1 .""")
    parts = [
        f"<http://example.org/{s}> {p} <http://example.org/{o}> .\n"
        for s, p, o in (
            ("a", "<http://example.org/part>", "b"),
            ("b", TYPE, "Part"),
        )
    ]
    assert {finding.rule for finding in found(THING + parts, path)} == {"Thing.part/Node", "Part-name/MinCount"}
    (told,) = found(THING + parts, path, ("Thing",))
    assert (told.rule, told.message) == ("Thing.part/Node", "sh:node of the shape Thing.part does not hold.")


@pytest.mark.parametrize("name", ["Study-status", "tg:Study", "Study-status/In", "Link"])
def test_our_shapes_are_known_by_name(name: str) -> None:
    """As findings and READMEs write them."""
    assert make_engine("pyshacl", None, (name,))


def test_unknown_names_are_told_with_the_nearest() -> None:
    """Of engines, and of shapes."""
    with pytest.raises(NotFound, match="shacl-rust"):
        make_engine("shaclrust")
    with pytest.raises(NotFound, match="Study-status"):
        make_engine("pyshacl", None, ("Study-statu",))


def test_auto_is_the_fastest_that_is_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    """The bulk engine where it is; where it is not the reference, and the way to get it."""
    assert isinstance(make_engine("auto"), ShaclRust)
    assert isinstance(make_engine("pyshacl"), PyShacl)
    monkeypatch.setattr(engines, "find_spec", lambda _: None)
    assert isinstance(make_engine("auto"), PyShacl)
    with pytest.raises(KgError, match=r"pip install 'trialgraph\[bulk\]'"):
        make_engine("shacl-rust")


@pytest.mark.parametrize("name", ["pyshacl", "shacl-rust"])
@pytest.mark.parametrize(
    ("turtle", "line"),
    [
        ("ex:a ex:b ex:c ;\n  sh: : .", 5),
        (
            "\nex:Thing sh:targetClass ex:Thing ; sh:property ex:P .\nex:P sh:path ex:p ; sh:maxCount 'x' .",
            6,
        ),
        ("\nex:Q a sh:NodeShape ; sh:targetClass ex:Thing ;\n sh:sparql [ sh:select 'SELEKT $this {}' ] .", 5),
        ("\nex:Q sh:targetClass ex:Thing ; sh:property [ sh:path ex:p ; sh:minCount 'x' ] .", 5),
        (
            "\nex:S sh:targetClass ex:Thing ; sh:sparql [ sh:select 'SELECT $this { SERVICE <a:a> {} }' ] .",
            5,
        ),
    ],
)
def test_broken_shapes_are_told_by_file_and_line(
    name: str, turtle: str, line: int, shapes: Callable[[str], Path]
) -> None:
    """What is no Turtle, no constraint, no SPARQL, or asks another host: told before any data is read."""
    path = shapes(turtle)
    with pytest.raises(KgError) as raised:
        make_engine(name, path)
    assert raised.value.where == f"{path}:{line}"


@pytest.mark.parametrize("name", ["pyshacl", "shacl-rust"])
def test_no_shapes_are_an_error(name: str, tmp_path: Path) -> None:
    """An empty folder would find everything right."""
    for path in (tmp_path, tmp_path / "none.ttl"):
        with pytest.raises(KgError, match="no shapes"):
            make_engine(name, path)


def test_engine_names_are_those_that_can_be_made() -> None:
    """Every name gives an engine."""
    assert all(make_engine(name) for name in ENGINES)
    assert importlib.util.find_spec("shacl_rust")
    assert assets.folder("shapes").is_dir()
