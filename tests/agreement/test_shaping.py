"""Shapes ask of a class what the ontology declares for it."""

import pytest

from kg.agreement import Places
from kg.agreement.shaping import check_shapes
from tests.agreement.planting import Copy, told

PREFIXES = """@prefix dateType: <https://w3id.org/trialgraph/dateType/> .
@prefix sex: <https://w3id.org/trialgraph/sex/> .
@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix shape: <https://w3id.org/trialgraph/shape/> .
@prefix tg: <https://w3id.org/trialgraph/vocab#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .

"""


def test_bundled_shapes_agree_with_the_ontology() -> None:
    """All of them are looked at."""
    checked = check_shapes(Places.bundled())
    assert checked.findings == ()
    assert checked.counts["shapes"] > 20


@pytest.mark.parametrize(
    ("text", "rule", "line"),
    [
        ("shape:P sh:targetClass tg:Arm ;\n    sh:property [ sh:path tg:armType ] .\n", "", 0),
        (
            "shape:P sh:targetClass tg:Arm ;\n    sh:property shape:Q .\nshape:Q sh:path tg:whyStopped .\n",
            "shape-domain",
            10,
        ),
        ("shape:P sh:path tg:enrollment ; sh:datatype xsd:string .\nshape:Q sh:property shape:P .\n", "", 0),
        (
            "shape:P sh:targetClass tg:Study ; sh:property shape:Q.\nshape:Q sh:path tg:acronym ; sh:datatype xsd:int.",
            "shape-range",
            9,
        ),
        ('shape:P sh:sparql [ sh:select """\n    SELECT $this WHERE { $this tg:arm }""" ] .\n', "shape-query", 8),
        ('shape:P sh:sparql [ sh:select """\n    SELECT $this WHERE { $this tg:arm ?arm }""" ] .\n', "", 0),
        ('shape:P sh:sparql [ sh:select "SELECT $this WHERE { $this x:y ?z }" ] .\n', "shape-query", 8),
        ("shape:P sh:path tg:sex ;\n    sh:in ( sex:FEMALE sex:MALE sex:ALL ) .\n", "", 0),
        ("\nshape:P sh:path tg:sex ;\n    sh:in ( sex:FEMALE sex:MALE sex:ALL dateType:ACTUAL ) .\n", "shape-code", 9),
        ("\nshape:P sh:path tg:sex ;\n    sh:in ( sex:FEMALE sex:MALE ) .\n", "shape-code", 9),
    ],
)
def test_a_planted_fault_is_told_with_its_line(copy: Copy, text: str, rule: str, line: int) -> None:
    """And nothing is where nothing is wrong."""
    before = told(check_shapes(copy.places))
    (copy.places.shapes / "planted.ttl").write_text(PREFIXES + text)
    found = [(name, file, number) for name, value, file, number in told(check_shapes(copy.places))]
    assert before == []
    assert found == ([(rule, "planted.ttl", line)] if rule else [])
