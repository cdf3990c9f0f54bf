"""Ontology, mapping, shapes and queries name the same terms; whoever breaks that is told file and line."""

import shutil
from pathlib import Path

import msgspec
import pytest

from kg.agreement import Places
from kg.agreement.vocabulary import check_vocabulary
from kg.agreement.written import query_terms
from kg.vocab import expand
from tests.agreement.planting import Copy, told

QUERY = "queries/why-trials-stopped.rq"
SHAPE = "shapes/made-up.ttl"
ONTOLOGY = "ontologies/trialgraph.ttl"
#: What the end of a file of shapes may get.
SPARQL = """
shape:Planted a sh:NodeShape ;
    sh:sparql [
        sh:select \"\"\"
            SELECT $this WHERE {
                $this <https://w3id.org/trialgraph/vocab#brifTitle> ?title .
            }
        \"\"\" ;
    ] .
"""
DECLARED = """
tg:mood a rdf:Property, owl:DatatypeProperty ;
    rdfs:label "mood"@en .
"""


def test_bundled_files_agree() -> None:
    """And they are many: a check that looks at nothing would be silent, too."""
    checked = check_vocabulary(Places.bundled())
    assert checked.findings == ()
    assert checked.counts["terms"] > 400


@pytest.mark.parametrize(
    ("file", "old", "new", "rule", "value"),
    [
        pytest.param(QUERY, "tg:briefTitle", "tg:brifTitle", "term-undeclared", "tg:brifTitle", id="query"),
        pytest.param(QUERY, "tg:studies ", "tg:studies/tg:brooder ", "term-undeclared", "tg:brooder", id="path"),
        pytest.param(QUERY, "status:SUSPENDED", "status:PAUSED", "term-undeclared", "status:PAUSED", id="code"),
        pytest.param(
            QUERY,
            "tg:briefTitle",
            "<https://w3id.org/trialgraph/vocab#briefTitel>",
            "term-undeclared",
            "tg:briefTitel",
            id="whole IRI",
        ),
        pytest.param(SHAPE, "sh:path tg:", "sh:path tg:x", "term-undeclared", None, id="shape"),
        pytest.param(SHAPE, "sh:property shape:", "sh:property shape:No", "shape-undefined", None, id="no such shape"),
        pytest.param(SHAPE, "sh:targetClass ", "sh:targetClass tg:broader, ", "term-kind", "tg:broader", id="kind"),
        pytest.param(ONTOLOGY, "", DECLARED, "term-unused", "tg:mood", id="nobody uses it"),
        pytest.param(
            ONTOLOGY,
            "tg:acronym a rdf:Property",
            "tg:akronym a rdf:Property",
            "term-unused",
            "tg:akronym",
            id="renamed",
        ),
        pytest.param(
            ONTOLOGY,
            "schema:domainIncludes tg:Official, tg:ResponsibleParty",
            "schema:domainIncludes tg:Official",
            "property-domain",
            "tg:ResponsibleParty",
            id="domain",
        ),
        pytest.param(
            ONTOLOGY,
            "schema:rangeIncludes tg:allocationScheme",
            "schema:rangeIncludes tg:sexScheme",
            "property-range",
            "tg:allocationScheme",
            id="range",
        ),
        pytest.param(ONTOLOGY, '    rdfs:label "arm"@en ;\n', "", "term-undescribed", "tg:Arm", id="no label"),
        pytest.param(
            ONTOLOGY,
            "    schema:domainIncludes tg:Study ;\n",
            "",
            "term-undescribed",
            "tg:acronym",
            id="no domain",
        ),
        pytest.param(
            "ontologies/classes.ttl",
            "owl:onProperty tg:hasAction",
            "owl:onProperty tg:hasDeed",
            "term-undeclared",
            "tg:hasDeed",
            id="drug class",
        ),
    ],
)
def test_a_planted_fault_is_told(copy: Copy, file: str, old: str, new: str, rule: str, value: str | None) -> None:
    """By rule, term and file, with a line; without it nothing is told."""
    copy.plant(file, old, new)
    found = told(check_vocabulary(copy.places), [rule])
    assert [(name, line > 0) for _, term, name, line in found if value in (None, term)] == [(Path(file).name, True)]


@pytest.mark.parametrize(("file", "text", "within"), [(SHAPE, SPARQL, 5), (ONTOLOGY, DECLARED, 1)])
def test_the_line_is_that_of_the_term(copy: Copy, file: str, text: str, within: int) -> None:
    """Also within a query that stands in a shape."""
    start = copy.plant(file, "", text)
    lines = [line for _, value, _, line in told(check_vocabulary(copy.places)) if value in ("tg:brifTitle", "tg:mood")]
    assert set(lines) == {start + within}


def test_a_term_that_is_declared_no_more_is_told_where_it_is_used(copy: Copy) -> None:
    """By the mapping, by queries and by the code."""
    copy.plant(ONTOLOGY, "tg:whyStopped a rdf:Property, owl:DatatypeProperty", "tg:whyNot a rdf:Property")
    found = told(check_vocabulary(copy.places), ["term-undeclared"])
    assert {value for _, value, _, _ in found} == {"tg:whyStopped"}
    assert {"mapping.py", "trial.py", "why-trials-stopped.rq"} <= {name for _, _, name, _ in found}


def test_code_that_names_an_undeclared_term_is_told(copy: Copy, tmp_path: Path) -> None:
    """Among several terms in one string, too; prose about a term is no use of it."""
    package = tmp_path / "package"
    package.mkdir()
    (package / "one.py").write_text('"""About tg:nothing."""\n\nNAMES = "tg:broader tg:brother".split()\n')
    places = msgspec.structs.replace(copy.places, package=package)
    assert told(check_vocabulary(places)) == [("term-undeclared", "tg:brother", "one.py", 3)]


def test_terms_of_the_reasoners_module_are_known_to_it_alone(copy: Copy, tmp_path: Path) -> None:
    """They stand in no graph: elsewhere they are undeclared."""
    for folder in ("reasoning", "queries"):
        (tmp_path / "package" / folder).mkdir(parents=True)
        (tmp_path / "package" / folder / f"in_{folder}.py").write_text('NAME = "tg:bridgedTo"\n')
    places = msgspec.structs.replace(copy.places, package=tmp_path / "package")
    assert told(check_vocabulary(places)) == [("term-undeclared", "tg:bridgedTo", "in_queries.py", 1)]


def test_what_stands_in_comments_and_texts_is_no_use(copy: Copy) -> None:
    """Only what a parser takes for a term counts."""
    copy.plant(QUERY, "SELECT", "# tg:imagined\nSELECT")
    copy.plant(SHAPE, "", '\n# tg:imagined\n\nshape:Planted a sh:NodeShape ; rdfs:label "tg:imagined"@en .\n')
    assert check_vocabulary(copy.places).findings == ()


def test_terms_of_a_query_are_those_of_its_algebra() -> None:
    """Paths, functions, datatypes, graphs, nested patterns, VALUES and EXISTS."""
    text = """PREFIX tg: <https://w3id.org/trialgraph/vocab#> PREFIX xsd: <http://www.w3.org/2001/XMLSchema#>
        SELECT ?s WHERE {
          VALUES ?v { tg:a } ?s ^tg:b/(tg:c|!tg:d)* ?o . OPTIONAL { GRAPH tg:e { ?s a tg:f } }
          FILTER(NOT EXISTS { ?s tg:g "x"^^xsd:date } && tg:h(?o) && ?o IN (tg:i)) { SELECT ?t { ?t tg:j ?u } }
          BIND(IF(?o = tg:k, 1, 2) AS ?n) MINUS { ?s tg:l ?n } }"""
    found = query_terms(text)
    assert {iri.rpartition("#")[2] for iri in found if iri.startswith(expand("tg:"))} == set("abcdefghijkl")
    assert expand("xsd:date") in found


def test_a_folder_without_shapes_has_terms_all_the_same(copy: Copy) -> None:
    """The mapping itself uses every property that it emits."""
    shutil.rmtree(copy.places.shapes)
    copy.places.shapes.mkdir()
    unused = told(check_vocabulary(copy.places), ["term-unused"])
    assert unused == []
