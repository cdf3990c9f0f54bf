"""Shapes: real graphs conform, each constraint fails on exactly its fault, all are documented."""

import gzip
import io
import json
from itertools import chain
from pathlib import Path

import pytest
from rdflib import RDF, RDFS, SH, Graph, URIRef

from kg import assets, checks, cli
from kg.checks import validate_paths
from kg.convert import convert_records
from kg.errors import KgError, NotFound
from kg.export import write_blocks
from kg.finding import Finding
from kg.validation import PyShacl, write_report

STUDY, PART = "https://clinicaltrials.gov/study/NCT01379521", "https://w3id.org/trialgraph/study/NCT01379521#"
TG, ID = "https://w3id.org/trialgraph/vocab#", "https://w3id.org/trialgraph/"
RDFS_LABEL = "http://www.w3.org/2000/01/rdf-schema#label"
XSD, OWL, SSSOM = "http://www.w3.org/2001/XMLSchema#", "http://www.w3.org/2002/07/owl#", "https://w3id.org/sssom/"
SEMAPV, RDF_TYPE = "https://w3id.org/semapv/vocab/", "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"
AXIOM = f"<{PART}link-condition-1-mesh-D006528>"


@pytest.fixture(scope="module")
def engine() -> PyShacl:
    """The reference engine on our shapes."""
    return PyShacl(assets.folder("shapes"))


@pytest.fixture(scope="module")
def good(examples: Path) -> list[str]:
    """The triples of a record without fault, with the evidence of one link."""
    ((layers, _),) = convert_records([examples / "api-v2" / "NCT01379521.json"])
    evidence = {
        "http://www.w3.org/1999/02/22-rdf-syntax-ns#type": f"<{OWL}Axiom>",
        f"{OWL}annotatedSource": f"<{PART}condition-1>",
        f"{OWL}annotatedProperty": f"<{TG}conceptExact>",
        f"{OWL}annotatedTarget": "<http://id.nlm.nih.gov/mesh/D006528>",
        f"{SSSOM}mapping_justification": "<https://w3id.org/semapv/vocab/LexicalMatching>",
        f"{SSSOM}confidence": f'"0.9"^^<{XSD}double>',
        f"{SSSOM}match_string": '"hcc"',
        f"{TG}tier": '"exact label"',
    }
    return list(chain(*layers.values())) + [f"{AXIOM} <{predicate}> {term} .\n" for predicate, term in evidence.items()]


def test_good_record_conforms(engine: PyShacl, good: list[str]) -> None:
    """The case that passes on every constraint."""
    assert list(engine.validate(good)) == []


def test_examples_conform(example_graph: Path) -> None:
    """Our own examples have no fault but one reason not given."""
    assert [(f.rule, f.severity, f.trial) for f in of_shapes(example_graph)] == [
        ("Study-stop-reason/SPARQL", "info", "NCT00034333")
    ]


def of_shapes(path: Path) -> list[Finding]:
    """What shapes find; readers and linkers have rules without a slash."""
    return [finding for finding in validate_paths([path]) if "/" in finding.rule]


def without(lines: list[str], taken: str | tuple[str, ...]) -> list[str]:
    """The triples without those that begin so; all of them if nothing is to be taken."""
    return [line for line in lines if not (taken and line.startswith(taken))]


def study(name: str, *values: str) -> tuple[str, list[str]]:
    """Other values for a property of the study."""
    subject = f"<{STUDY}> <{TG}{name}> "
    return subject, [f"{subject}{value} .\n" for value in values]


def part(fragment: str, predicate: str, *values: str, keep: bool = False) -> tuple[str, list[str]]:
    """Other or further values for a property of a part."""
    subject = f"<{PART}{fragment}> <{predicate}> "
    return "" if keep else subject, [f"{subject}{value} .\n" for value in values]


def link(predicate: str, *values: str) -> tuple[str, list[str]]:
    """Other values for a property of a link's evidence."""
    return part("link-condition-1-mesh-D006528", predicate, *values)


def day(text: str) -> str:
    """A date."""
    return f'"{text}"^^<{XSD}date>'


def unbounded(change: tuple[str, list[str]]) -> tuple[tuple[str, ...], list[str]]:
    """The same change in a study without a completion date: what is no date cannot be compared with one."""
    return (change[0], f"<{STUDY}> <{TG}completionDateLatest> "), change[1]


CONCEPT = "<http://id.nlm.nih.gov/mesh/D006528>"
IDENTIFIER, TOPIC = "http://purl.org/dc/terms/identifier", "http://xmlns.com/foaf/0.1/isPrimaryTopicOf"


def node(predicate: str, *values: str) -> tuple[str, list[str]]:
    """Other values for a property of the study that is not in our vocabulary."""
    subject = f"<{STUDY}> <{predicate}> "
    return subject, [f"{subject}{value} .\n" for value in values]


#: Shape/Component -> (what is taken out, what is put in): exactly this constraint must fail.
FAULTS: dict[str, tuple[str | tuple[str, ...], list[str]]] = {
    "Study-identifier/MinCount": node(IDENTIFIER),
    "Study-identifier/MaxCount": node(IDENTIFIER, '"NCT01379521"', '"NCT00000001"'),
    "Study-identifier/Datatype": node(IDENTIFIER, '"NCT01379521"@en'),
    "Study-identifier/Pattern": node(IDENTIFIER, '"NCT0137952"'),
    "Study-title/MinCount": study("briefTitle"),
    "Study-title/MaxCount": study("briefTitle", '"one"@en', '"two"@en'),
    "Study-status/MinCount": study("overallStatus"),
    "Study-status/MaxCount": study("overallStatus", f"<{ID}status/COMPLETED>", f"<{ID}status/RECRUITING>"),
    "Study-status/In": study("overallStatus", f"<{ID}status/GONE>"),
    "Study-start/MaxCount": study("startDate", day("2009-01-01"), day("2009-01-02")),
    "Study-start/Datatype": unbounded(study("startDate", f'"2009-01-01T00:00:00"^^<{XSD}dateTime>')),
    "Study-start/LessThanOrEquals": study("startDate", day("2099-01-01")),
    "Study-primary-completion/MaxCount": study("primaryCompletionDate", day("2009-01-01"), day("2009-01-02")),
    "Study-primary-completion/Datatype": unbounded(study("primaryCompletionDate", f'"2009-01"^^<{XSD}gYearMonth>')),
    "Study-primary-completion/LessThanOrEquals": study("primaryCompletionDate", day("2099-01-01")),
    "Study-enrollment/MaxCount": study("enrollment", f'"1"^^<{XSD}integer>', f'"2"^^<{XSD}integer>'),
    "Study-enrollment/Datatype": study("enrollment", f'"1.0"^^<{XSD}decimal>'),
    "Study-enrollment/MinInclusive": study("enrollment", f'"-1"^^<{XSD}integer>'),
    "Study-condition-missing/SPARQL": study("condition"),
    "Study-condition/Class": study("condition", f"<{PART}keyword-1>"),
    "Study-record/MinCount": node(TOPIC),
    "Study-record/MaxCount": node(
        TOPIC,
        f"<{PART}record>",
        f"<{PART}other> .\n<{PART}other> <{RDF_TYPE}> <http://www.w3.org/ns/dcat#CatalogRecord>",
    ),
    "Study-record/Class": node(TOPIC, f"<{PART}condition-1>"),
    "Study-stop-reason/SPARQL": study("whyStopped"),
    "Condition-label/MinCount": part("condition-1", RDFS_LABEL),
    "Condition-label/MaxCount": part("condition-1", RDFS_LABEL, '"one"@en', '"two"@en'),
    "Condition-label/MinLength": part("condition-1", RDFS_LABEL, '""@en'),
    "Condition-concept/NodeKind": part("condition-1", f"{TG}concept", '"HCC"', keep=True),
    "Condition-exact/Disjoint": (
        "",
        [f"<{PART}condition-1> <{TG}{p}> {CONCEPT} .\n" for p in ("conceptExact", "conceptBroad")],
    ),
    "Intervention-label/MinCount": part("intervention-1", RDFS_LABEL),
    "Intervention-label/MaxCount": part("intervention-1", RDFS_LABEL, '"one"@en', '"two"@en'),
    "Intervention-label/MinLength": part("intervention-1", RDFS_LABEL, '""@en'),
    "Intervention-type/MinCount": part("intervention-1", f"{TG}interventionType"),
    "Intervention-type/MaxCount": part(
        *("intervention-1", f"{TG}interventionType", f"<{ID}interventionType/DRUG>", f"<{ID}interventionType/OTHER>")
    ),
    "Intervention-type/Pattern": part("intervention-1", f"{TG}interventionType", f"<{ID}phase/PHASE1>"),
    "Intervention-role/MaxCount": part(*("intervention-1", f"{TG}role", f"<{ID}role/PLACEBO>", f"<{ID}role/UNKNOWN>")),
    "Intervention-role/Pattern": part("intervention-1", f"{TG}role", '"tested"'),
    "Intervention-arm/Or": part("intervention-1", f"{TG}arm", f"<{PART}arm-99>"),
    "Link-source/MinCount": link(f"{OWL}annotatedSource"),
    "Link-source/MaxCount": link(f"{OWL}annotatedSource", f"<{PART}condition-1>", f"<{PART}condition-2>"),
    "Link-source/NodeKind": link(f"{OWL}annotatedSource", '"HCC"'),
    "Link-property/MinCount": link(f"{OWL}annotatedProperty"),
    "Link-property/MaxCount": link(f"{OWL}annotatedProperty", f"<{TG}conceptExact>", f"<{TG}conceptBroad>"),
    "Link-property/In": link(f"{OWL}annotatedProperty", f"<{OWL}sameAs>"),
    "Link-target/MinCount": link(f"{OWL}annotatedTarget"),
    "Link-target/MaxCount": link(f"{OWL}annotatedTarget", CONCEPT, f"<{STUDY}>"),
    "Link-target/NodeKind": link(f"{OWL}annotatedTarget", '"HCC"'),
    "Link-justification/MinCount": link(f"{SSSOM}mapping_justification"),
    "Link-justification/MaxCount": link(
        *(f"{SSSOM}mapping_justification", f"<{SEMAPV}LexicalMatching>", f"<{SEMAPV}UnspecifiedMatching>")
    ),
    "Link-justification/In": link(f"{SSSOM}mapping_justification", f"<{SEMAPV}Guessing>"),
    "Link-confidence/MinCount": link(f"{SSSOM}confidence"),
    "Link-confidence/MaxCount": link(f"{SSSOM}confidence", f'"0.1"^^<{XSD}double>', f'"0.2"^^<{XSD}double>'),
    "Link-confidence/Datatype": link(f"{SSSOM}confidence", f'"0.5"^^<{XSD}decimal>'),
    "Link-confidence/MinInclusive": link(f"{SSSOM}confidence", f'"-0.1"^^<{XSD}double>'),
    "Link-confidence/MaxInclusive": link(f"{SSSOM}confidence", f'"1.5"^^<{XSD}double>'),
    "Link-matched/MinCount": link(f"{SSSOM}match_string"),
    "Link-matched/MaxCount": link(f"{SSSOM}match_string", '"one"', '"two"'),
    "Link-matched/MinLength": link(f"{SSSOM}match_string", '""'),
    "Link-tier/MinCount": link(f"{TG}tier"),
    "Link-tier/MaxCount": link(f"{TG}tier", '"one"', '"two"'),
}

#: Shape -> a change that comes near to its fault, and passes.
NEAR: dict[str, tuple[str | tuple[str, ...], list[str]]] = {
    "Study-identifier": node(IDENTIFIER, '"NCT99999999"'),
    "Study-title": study("briefTitle", '"x"@en'),
    "Study-status": study("overallStatus", f"<{ID}status/UNKNOWN>"),
    "Study-start": study("startDate"),
    "Study-primary-completion": study("primaryCompletionDate"),
    "Study-enrollment": study("enrollment", f'"0"^^<{XSD}integer>'),
    "Study-condition": part("condition-2", RDF_TYPE, f'<{TG}Condition> .\n<{PART}condition-2> <{RDFS_LABEL}> "x"@en'),
    "Study-condition-missing": (
        (study("condition")[0], study("overallStatus")[0]),
        study("overallStatus", f"<{ID}status/WITHHELD>")[1],
    ),
    "Study-record": node(TOPIC, f"<{PART}record>"),
    "Study-stop-reason": (f"<{STUDY}> <{TG}whyStopped> ", study("whyStopped", '"No funds"@en')[1]),
    "Condition-label": part("condition-1", RDFS_LABEL, '"x"@en'),
    "Condition-concept": part("condition-1", f"{TG}concept", CONCEPT, f"<{STUDY}>"),
    "Condition-exact": part("condition-1", f"{TG}conceptExact", CONCEPT),
    "Intervention-label": part("intervention-1", RDFS_LABEL, '"x"@en'),
    "Intervention-type": part("intervention-1", f"{TG}interventionType", f"<{ID}interventionType/GENETIC>"),
    "Intervention-role": part("intervention-1", f"{TG}role"),
    "Intervention-arm": part("intervention-1", f"{TG}arm"),
    "Link-source": link(f"{OWL}annotatedSource", f"<{STUDY}>"),
    "Link-property": link(f"{OWL}annotatedProperty", f"<{TG}titleConcept>"),
    "Link-target": link(f"{OWL}annotatedTarget", f"<{PART}anything>"),
    "Link-justification": link(f"{SSSOM}mapping_justification", f"<{SEMAPV}ManualMappingCuration>"),
    "Link-confidence": link(f"{SSSOM}confidence", f'"1.0"^^<{XSD}double>'),
    "Link-matched": link(f"{SSSOM}match_string", '"x"'),
    "Link-tier": link(f"{TG}tier", '"any rule"'),
}


@pytest.mark.parametrize("constraint", FAULTS)
def test_fault_is_found_by_exactly_its_constraint(constraint: str, engine: PyShacl, good: list[str]) -> None:
    """One fault, one constraint of one shape, with its message and the trial."""
    taken, put = FAULTS[constraint]
    findings = list(engine.validate(without(good, taken) + put))
    assert {finding.rule for finding in findings} == {constraint}
    assert all(finding.message and finding.trial == "NCT01379521" for finding in findings)


@pytest.mark.parametrize("shape", NEAR)
def test_what_comes_near_a_fault_passes(shape: str, engine: PyShacl, good: list[str]) -> None:
    """The edge of what the shape allows."""
    taken, put = NEAR[shape]
    assert list(engine.validate(without(good, taken) + put)) == []


#: SHACL's parameters -> the component that reports them.
COMPONENTS = {
    name: name[0].upper() + name[1:]
    for name in "minCount maxCount datatype pattern in lessThanOrEquals minInclusive maxInclusive minLength nodeKind "
    "disjoint or class".split()
}


def shapes() -> Graph:
    """All shapes in one graph."""
    graph = Graph()
    for path in assets.folder("shapes").glob("*.ttl"):
        graph.parse(path)
    return graph


def constraints(graph: Graph) -> set[str]:
    """Every constraint of every shape, named as findings name it."""
    found = set()
    for shape in graph.subjects(RDF.type, SH.PropertyShape):
        for predicate in graph.predicates(shape):
            name = COMPONENTS.get(str(predicate).removeprefix(str(SH)))
            if name:
                found.add(f"{str(shape).rpartition('/')[2]}/{name}")
    return found | {f"{str(shape).rpartition('/')[2]}/SPARQL" for shape in graph.subjects(SH.sparql, None)}


def test_every_constraint_has_a_case_that_fails_and_every_shape_one_that_passes() -> None:
    """Nothing in shapes/ goes untested, nothing here is of the past."""
    assert constraints(shapes()) == set(FAULTS)
    assert {name.partition("/")[0] for name in FAULTS} == set(NEAR)


def test_every_shape_is_documented() -> None:
    """A name, a message in one sentence, a severity, a link to the definition; targets are classes."""
    graph = shapes()
    named = set(graph.subjects(RDF.type, SH.PropertyShape)) | set(graph.subjects(SH.sparql, None))
    for shape in named:
        assert len(list(graph.objects(shape, SH.name))) == 1, shape
        assert [str(message)[-1] for message in graph.objects(shape, SH.message)] == ["."], shape
        assert graph.value(shape, SH.severity) in (SH.Violation, SH.Warning, SH.Info), shape
        assert str(graph.value(shape, RDFS.seeAlso)).startswith("https://"), shape
    used = set(graph.objects(None, SH.property)) | set(graph.subjects(SH.targetClass, None))
    assert named <= used
    assert all(isinstance(target, URIRef) for target in graph.objects(None, SH.targetClass))


@pytest.mark.parametrize(
    ("constraint", "codes"),
    [("Study-status/In", (1, 1, 1)), ("Study-title/MinCount", (0, 1, 1)), ("Study-stop-reason/SPARQL", (0, 0, 1))],
)
def test_severity_and_threshold_make_the_exit_code(
    constraint: str, codes: tuple[int, int, int], good: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A finding counts from its severity on: violation, warning, info."""
    taken, put = FAULTS[constraint]
    (tmp_path / "graph.nt").write_text("".join(without(good, taken) + put), encoding="utf-8")
    for threshold, code in zip(("violation", "warning", "info"), codes, strict=True):
        arguments = ["kg", "validate", str(tmp_path / "graph.nt"), "--fail-on", threshold]
        monkeypatch.setattr("sys.argv", arguments)
        with pytest.raises(SystemExit) as ended:
            cli.main()
        assert (ended.value.code or 0) == code


def test_report_for_programs_holds_what_that_for_people_says(engine: PyShacl, good: list[str]) -> None:
    """Place, rule, severity and message; a summary that counts."""
    taken, put = FAULTS["Study-enrollment/MinInclusive"]
    findings = list(engine.validate(without(good, taken) + put))
    text, report = io.StringIO(), io.StringIO()
    write_report(findings, text, "text")
    write_report(findings, report, "json")
    (told,) = json.loads(report.getvalue())["findings"]
    assert (told["trial"], told["path"], told["value"]) == ("NCT01379521", "tg:enrollment", "-1")
    assert text.getvalue().startswith(f"violation: NCT01379521 tg:enrollment: {told['message']}; got '-1'")
    assert text.getvalue().endswith("1 violation, 0 warning, 0 info; 1 trials affected\n")
    assert json.loads(report.getvalue())["summary"] == {"violation": 1, "warning": 0, "info": 0}
    with pytest.raises(NotFound, match="json"):
        write_report(findings, report, "jsn")


def test_the_same_is_found_in_folder_file_and_record(examples: Path, example_graph: Path, tmp_path: Path) -> None:
    """A record that stopped without a reason, in every form in which it can be given."""
    record = examples / "api-v2" / "NCT00034333.json"
    ((layers, _),) = convert_records([record])
    lines = list(chain(*layers.values()))
    (tmp_path / "a.nt").write_text("".join(lines), encoding="utf-8")
    (tmp_path / "a.nt.gz").write_bytes(gzip.compress("".join(lines).encode()))
    with (tmp_path / "a.ttl").open("wb") as stream:
        write_blocks([layers], stream, "turtle")
    for path in (record, example_graph, *sorted(tmp_path.iterdir())):
        assert [finding.rule for finding in of_shapes(path)] == ["Study-stop-reason/SPARQL"], path


@pytest.mark.parametrize("trials", [1, 2, 5])
def test_findings_do_not_depend_on_how_the_graph_is_cut(
    trials: int, example_graph: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Few trials at a time, or all: the same findings."""
    monkeypatch.setattr(checks, "_TRIALS", trials)
    assert [finding.rule for finding in of_shapes(example_graph)] == ["Study-stop-reason/SPARQL"]


def test_month_only_dates_raise_no_alarm(engine: PyShacl, good: list[str]) -> None:
    """A start in the month of completion may be before it."""
    dates = {"startDate": "2010-05-01", "completionDate": "2010-05-01", "completionDateLatest": "2010-05-31"}
    kept = [line for line in good if not any(f"#{name}> " in line for name in (*dates, "primaryCompletionDate"))]
    put = [f'<{STUDY}> <{TG}{name}> "{day}"^^<{XSD}date> .\n' for name, day in dates.items()]
    assert list(engine.validate(kept + put)) == []


def test_broken_shapes_are_told_by_file(tmp_path: Path) -> None:
    """A syntax error names its file."""
    (tmp_path / "mine.ttl").write_text("@prefix : <a> . : :")
    with pytest.raises(KgError, match=r"mine\.ttl"):
        PyShacl(tmp_path)
