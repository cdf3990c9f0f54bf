"""Shapes: real graphs conform, each constraint fails on exactly its fault, all are documented."""

from pathlib import Path

import pytest
from rdflib import RDF, RDFS, SH, Graph

from kg import assets
from kg.checks import validate_paths
from kg.convert import convert_records
from kg.errors import KgError
from kg.validation import PyShacl

STUDY, PART = "https://clinicaltrials.gov/study/NCT01379521", "https://w3id.org/trialgraph/study/NCT01379521#"
TG, ID = "https://w3id.org/trialgraph/vocab#", "https://w3id.org/trialgraph/"
RDFS_LABEL = "http://www.w3.org/2000/01/rdf-schema#label"
XSD, OWL, SSSOM = "http://www.w3.org/2001/XMLSchema#", "http://www.w3.org/2002/07/owl#", "https://w3id.org/sssom/"
AXIOM = f"<{PART}link-condition-1-mesh-D006528>"


@pytest.fixture(scope="module")
def engine() -> PyShacl:
    """The reference engine on our shapes."""
    return PyShacl(assets.folder("shapes"))


@pytest.fixture(scope="module")
def good(examples: Path) -> list[str]:
    """The triples of a record without fault, with the evidence of one link."""
    ((lines, _),) = convert_records([examples / "api-v2" / "NCT01379521.json"])
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
    return lines + [f"{AXIOM} <{predicate}> {term} .\n" for predicate, term in evidence.items()]


def test_good_record_conforms(engine: PyShacl, good: list[str]) -> None:
    """The case that passes on every constraint."""
    assert list(engine.validate(good)) == []


def test_examples_conform(example_graph: Path) -> None:
    """Our own examples have no fault but one reason not given."""
    assert [(f.rule, f.severity, f.trial) for f in validate_paths([example_graph])] == [
        ("Study-stop-reason/SPARQL", "info", "NCT00034333")
    ]


#: Shape -> (what is taken out: subject and property, what is put in): exactly this shape must fail.
FAULTS: dict[str, tuple[tuple[str, str] | None, list[str]]] = {
    "Study-identifier": ((f"<{STUDY}>", "http://purl.org/dc/terms/identifier"), []),
    "Study-title": ((f"<{STUDY}>", f"{TG}briefTitle"), []),
    "Study-status": ((f"<{STUDY}>", f"{TG}overallStatus"), [f"<{STUDY}> <{TG}overallStatus> <{ID}status/GONE> .\n"]),
    "Study-start": ((f"<{STUDY}>", f"{TG}startDate"), [f'<{STUDY}> <{TG}startDate> "2099-01-01"^^<{XSD}date> .\n']),
    "Study-primary-completion": (
        (f"<{STUDY}>", f"{TG}primaryCompletionDate"),
        [f'<{STUDY}> <{TG}primaryCompletionDate> "2099-01-01"^^<{XSD}date> .\n'],
    ),
    "Study-enrollment": ((f"<{STUDY}>", f"{TG}enrollment"), [f'<{STUDY}> <{TG}enrollment> "-1"^^<{XSD}integer> .\n']),
    "Study-condition": ((f"<{STUDY}>", f"{TG}condition"), []),
    "Study-record": ((f"<{STUDY}>", "http://xmlns.com/foaf/0.1/isPrimaryTopicOf"), []),
    "Study-stop-reason": ((f"<{STUDY}>", f"{TG}whyStopped"), []),
    "Condition-label": ((f"<{PART}condition-1>", RDFS_LABEL), []),
    "Condition-concept": (None, [f'<{PART}condition-1> <{TG}concept> "HCC" .\n']),
    "Condition-exact": (
        None,
        [
            f"<{PART}condition-1> <{TG}{p}> <http://id.nlm.nih.gov/mesh/D006528> .\n"
            for p in ("conceptExact", "conceptBroad")
        ],
    ),
    "Intervention-label": ((f"<{PART}intervention-1>", RDFS_LABEL), []),
    "Intervention-type": ((f"<{PART}intervention-1>", f"{TG}interventionType"), []),
    "Intervention-role": (
        None,
        [f"<{PART}intervention-1> <{TG}role> <{ID}role/{r}> .\n" for r in ("PLACEBO", "UNKNOWN")],
    ),
    "Intervention-arm": (None, [f"<{PART}intervention-1> <{TG}arm> <{PART}arm-99> .\n"]),
    "Link-source": ((AXIOM, f"{OWL}annotatedSource"), []),
    "Link-property": ((AXIOM, f"{OWL}annotatedProperty"), []),
    "Link-target": ((AXIOM, f"{OWL}annotatedTarget"), []),
    "Link-justification": ((AXIOM, f"{SSSOM}mapping_justification"), []),
    "Link-confidence": ((AXIOM, f"{SSSOM}confidence"), [f'{AXIOM} <{SSSOM}confidence> "1.5"^^<{XSD}double> .\n']),
    "Link-matched": ((AXIOM, f"{SSSOM}match_string"), []),
    "Link-tier": ((AXIOM, f"{TG}tier"), []),
}


@pytest.mark.parametrize("shape", sorted(FAULTS))
def test_fault_is_found_by_exactly_its_shape(shape: str, engine: PyShacl, good: list[str]) -> None:
    """The case that fails: one fault, one shape, its message and the trial."""
    taken, put = FAULTS[shape]
    start = f"{taken[0]} <{taken[1]}> " if taken else "\0"
    findings = list(engine.validate([line for line in good if not line.startswith(start)] + put))
    assert {finding.rule.partition("/")[0] for finding in findings} == {shape}
    assert all(finding.message and finding.trial == "NCT01379521" for finding in findings)


def test_every_constraint_has_a_fault_and_is_documented() -> None:
    """No shape without name, message, severity, link and case."""
    shapes = Graph()
    for path in assets.folder("shapes").glob("*.ttl"):
        shapes.parse(path)
    constraints = set(shapes.subjects(RDF.type, SH.PropertyShape)) | set(shapes.subjects(SH.sparql, None))
    assert {str(shape).rpartition("/")[2] for shape in constraints} == set(FAULTS)
    for shape in constraints:
        for predicate in (SH.name, SH.message, SH.severity, RDFS.seeAlso):
            assert (shape, predicate, None) in shapes, f"{shape} lacks {predicate}"


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
