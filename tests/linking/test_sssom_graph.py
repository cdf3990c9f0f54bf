"""Mapping sets and graphs: out of one, into another, through the official validator and the SHACL shapes of SSSOM."""

import json
import subprocess
import sys
from collections import Counter
from functools import partial
from pathlib import Path

import pyshacl
import pytest
import rdflib
import typer
from typer.testing import CliRunner

from kg import terms
from kg.build import BuildReport, build_graph
from kg.cli import app
from kg.cli.link import TextFirst
from kg.concept import Link
from kg.errors import GraphError, NotFound, SourceError
from kg.iris import part_base
from kg.layers import read_lines, write_layer
from kg.linking.sssom import MappingRow, MappingSet, read_set, settle, write_set
from kg.linking.sssom.exporting import export_links
from kg.linking.sssom.rdf import write_turtle
from kg.mapping import map_links
from kg.vocab import PREFIXES, expand

SH = rdflib.Namespace(PREFIXES["sh"])
RUN = CliRunner()
RECORD = "NCT01079767"


@pytest.fixture(scope="module")
def exported(example_graph: Path) -> MappingSet:
    """The links of the examples."""
    return export_links(example_graph)


def test_export_has_a_row_for_each_string_and_concept(exported: MappingSet) -> None:
    """The seed's condition is there, with its evidence; nothing stands twice."""
    (row,) = [
        row
        for row in exported.rows
        if row.text == "Liver Cancer" and row.kind == "condition" and row.concept == expand("mesh:D008113")
    ]
    assert row.predicate == "skos:exactMatch"
    assert row.slots["object_label"] == "Liver Neoplasms"
    assert row.slots["object_source"] == "graph:ontology/mesh"
    assert row.slots["match_string"] == "liver cancer"
    keys = Counter((row.key, row.trial, row.predicate, row.concept) for row in exported.rows)
    assert max(keys.values()) == 1


def test_export_is_the_same_each_time_and_is_read_without_a_finding(exported: MappingSet, example_graph: Path) -> None:
    """Export, import, export: the same bytes."""
    data = write_set(exported)
    assert write_set(export_links(example_graph)) == data
    found, findings = read_set(data, "links.sssom.tsv")
    rows, wrong = settle(found.rows)
    assert findings + wrong == []
    assert len(rows) == len(exported.rows)
    assert write_set(found) == data


def small_graph(folder: Path, linked: dict[str, str]) -> Path:
    """A graph in which the keyword HCC of each trial names this concept, or none."""
    concepts = sorted(set(linked.values()) - {""})
    registry, links, ontology = list[str](), list[str](), list[str]()
    for trial, concept in sorted(linked.items()):
        part = f"<{part_base(trial)}keyword-1>"
        registry.append(f"{part} {terms.iri(expand('rdfs:label'))} {terms.text('HCC')} .\n")
        if concept:
            links += map_links(trial, [LINK(concept=concept)])
    for concept in concepts:
        ontology.append(f"{terms.iri(concept)} {terms.iri(expand('rdfs:label'))} {terms.text('Carcinoma')} .\n")
    folder.mkdir()
    for layer, lines in (("registry", registry), ("links", links), ("ontology", ontology), ("metadata", [])):
        write_layer(folder, layer, iter(lines))
    (folder / "manifest.json").write_text('{"versions": {"trialgraph": "1.2"}}', encoding="utf-8")
    return folder


LINK = partial(
    Link,
    kind="keyword",
    part="keyword-1",
    relation="exact",
    tier="abbreviation of the record",
    confidence=0.9,
    matched="carcinoma",
    field="rdfs:label",
    source="mesh",
)


def test_row_is_general_where_every_mention_has_it(tmp_path: Path) -> None:
    """What one record's abbreviation says stands for that trial alone."""
    hcc = expand("mesh:D006528")
    everywhere = export_links(small_graph(tmp_path / "a", {"NCT00000001": hcc, "NCT00000002": hcc}))
    assert [(row.trial, row.slots["mapping_tool_version"]) for row in everywhere.rows] == [("", "1.2")]
    somewhere = export_links(small_graph(tmp_path / "b", {"NCT00000001": hcc, "NCT00000002": "", "NCT00000003": hcc}))
    assert [row.trial for row in somewhere.rows] == ["NCT00000001", "NCT00000003"]


def test_concepts_without_a_prefix_of_ours_get_one(tmp_path: Path) -> None:
    """Two namespaces with one last word are told apart, and none takes a prefix of ours."""
    linked = {
        "NCT00000001": "http://www.ebi.ac.uk/efo/EFO_0000618",
        "NCT00000002": "http://example.org/other/EFO_1",
        "NCT00000003": "http://example.org/mesh/D1",
        "NCT00000004": "http://example.org/2024/x/",
    }
    found = export_links(small_graph(tmp_path / "graph", linked))
    assert sorted(row.slots["object_id"] for row in found.rows) == ["EFO:1", "EFO_2:0000618", "mesh_2:D1", "ns2024:x/"]
    again, findings = read_set(write_set(found), "again")
    assert findings == []
    assert {row.concept for row in again.rows} == set(linked.values())


def validate(data: bytes, folder: Path) -> tuple[int, str]:
    """(rows that the official validator's parser took, what the validator said); 0 rows if it refused."""
    file = folder / "set.sssom.tsv"
    file.write_bytes(data)
    script = (
        "import sys; from sssom.parsers import parse_sssom_table, to_mapping_set_document as document;"
        "from sssom.validators import validate; found = parse_sssom_table(sys.argv[1]); validate(found);"
        "print(len(document(found).mapping_set.mappings))"
    )
    command = [sys.executable, "-c", script, str(file)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return (int(done.stdout.split()[-1]) if done.returncode == 0 else 0), done.stderr


def test_official_validator_takes_every_row(exported: MappingSet, tmp_path: Path) -> None:
    """Also of a set with negations, trials, line ends and quotes."""
    taken, said = validate(write_set(exported), tmp_path)
    assert taken == len(exported.rows), said[-500:]
    odd = MappingRow(
        text='a "b"\tc\nd',
        predicate="skos:exactMatch",
        concept=expand("mesh:D008113"),
        justification="semapv:ManualMappingCuration",
        negative=True,
        trial=RECORD,
    )
    header = {"mapping_set_id": "https://example.org/set", "license": "https://example.org/licence"}
    taken, said = validate(write_set(MappingSet(rows=(odd,), header=header, prefixes=PREFIXES)), tmp_path)
    assert taken == 1, said[-500:]


def test_official_validator_refuses_what_is_wrong(exported: MappingSet, tmp_path: Path) -> None:
    """So that its consent says something."""
    data = write_set(exported).replace(b"semapv:LexicalMatching", b"semapv:Guess")
    assert validate(data, tmp_path)[0] == 0


@pytest.mark.data
def test_turtle_fails_only_shapes_that_want_literals_for_iris(exported: MappingSet, data: Path) -> None:
    """The published shapes ask `sh:nodeKind sh:Literal` of every reference; all else of them holds."""
    shapes = rdflib.Graph().parse(data / "vocabularies" / "sssom_schema.shacl.ttl")
    graph = rdflib.Graph().parse(data=write_turtle(exported), format="turtle")
    _, report, _ = pyshacl.validate(graph, shacl_graph=shapes)
    assert isinstance(report, rdflib.Graph)
    wants = {
        (report.value(result, SH.sourceConstraintComponent), shapes.value(shape, SH.nodeKind))
        for result in report.subjects(rdflib.RDF.type, SH.ValidationResult)
        if (shape := report.value(result, SH.sourceShape)) and isinstance(report.value(result, SH.value), rdflib.URIRef)
    }
    others = [
        report.value(result, SH.resultPath)
        for result in report.subjects(rdflib.RDF.type, SH.ValidationResult)
        if not isinstance(report.value(result, SH.value), rdflib.URIRef)
    ]
    assert others == []
    assert wants == {(SH.NodeKindConstraintComponent, SH.Literal), (SH.DatatypeConstraintComponent, SH.Literal)}


HEADER = """#curie_map:
#  mesh: http://id.nlm.nih.gov/mesh/
#mapping_set_id: https://example.org/curated
#license: https://creativecommons.org/publicdomain/zero/1.0/
#subject_type: rdfs literal
subject_label\tsubject_category\tpredicate_id\tpredicate_modifier\tobject_id\tmapping_justification
"""


@pytest.fixture(scope="module")
def curated(tmp_path_factory: pytest.TempPathFactory, examples: Path) -> tuple[Path, BuildReport]:
    """A graph of the seed, built with a mapping set: one row overrides, one forbids, one names an unknown prefix."""
    folder = tmp_path_factory.mktemp("curated")
    rows = (
        "liver cancers\tcondition\tskos:broadMatch\t\tmesh:D006528\tsemapv:ManualMappingCuration\n"
        "Temsirolimus\tintervention\tskos:exactMatch\tNot\tmesh:C401859\tsemapv:ManualMappingCuration\n"
        "asthma\tcondition\tskos:exactMatch\t\tDOID:2841\tsemapv:ManualMappingCuration\n"
    )
    (folder / "set.sssom.tsv").write_text(HEADER + rows, encoding="utf-8")
    (record,) = (examples / "xml").glob(f"{RECORD}.xml")
    return folder / "graph", build_graph([record], folder / "graph", mappings=[folder / "set.sssom.tsv"])


def links_of(folder: Path, part: str) -> set[str]:
    """(property, concept) of a part, as CURIEs in the text."""
    found = (line.decode() for line in read_lines(folder, "links"))
    return {
        line.split("> <", 1)[1]
        for line in found
        if line.startswith(f"<https://w3id.org/trialgraph/study/{RECORD}#{part}>")
    }


def test_build_follows_the_mapping_set(curated: tuple[Path, BuildReport]) -> None:
    """The curated link stands with its justification and tier, the forbidden one is gone."""
    folder, report = curated
    mesh = {line for line in links_of(folder, "condition-1") if "/mesh/" in line}
    assert mesh == {
        f"{expand('tg:concept')}> <{expand('mesh:D006528')}> .\n",
        f"{expand('tg:conceptBroad')}> <{expand('mesh:D006528')}> .\n",
    }
    axiom = b"".join(
        line for line in read_lines(folder, "links") if b"#link-condition-1-mesh-D006528>" in line
    ).decode()
    assert f"<{expand('sssom:mapping_justification')}> <{expand('semapv:ManualMappingCuration')}>" in axiom
    assert f'<{expand("tg:tier")}> "curated"' in axiom
    assert not any("C401859" in line for line in links_of(folder, "intervention-1"))
    assert report.counts["links"]["condition: curated"] == 1
    assert any(name.endswith("set.sssom.tsv") for name in report.inputs)


def test_build_reports_rows_that_it_could_not_use(curated: tuple[Path, BuildReport]) -> None:
    """Among the findings of the records."""
    folder, report = curated
    findings = [json.loads(line) for line in (folder / "findings.jsonl").read_text().splitlines()]
    assert [(f["rule"], f["place"]) for f in findings if f["rule"].startswith("mapping-")] == [
        ("mapping-prefix", "line 9")
    ]
    assert report.counts["findings"]["violation"] == 1


def test_curated_links_come_out_as_curated_rows(curated: tuple[Path, BuildReport]) -> None:
    """With the curator's justification, and the shapes of links content."""
    (row,) = [row for row in export_links(curated[0]).rows if row.slots["comment"] == "curated"]
    assert (row.text, row.predicate, row.justification) == (
        "Liver Cancer",
        "skos:broadMatch",
        "semapv:ManualMappingCuration",
    )


def test_exported_set_changes_nothing_when_it_comes_back(
    exported: MappingSet, example_graph: Path, examples: Path, tmp_path: Path
) -> None:
    """A build that follows the rows of its own links makes the same links."""
    (tmp_path / "set.sssom.tsv").write_bytes(write_set(exported))
    build_graph([examples], tmp_path / "graph", mappings=[tmp_path / "set.sssom.tsv"])
    assert list(read_lines(tmp_path / "graph", "links")) == list(read_lines(example_graph, "links"))


def test_build_without_its_mapping_set_is_an_error(examples: Path, tmp_path: Path) -> None:
    """Nothing is left behind."""
    with pytest.raises(SourceError, match=r"absent\.tsv"):
        build_graph([examples], tmp_path / "graph", mappings=[tmp_path / "absent.tsv"])
    assert list(tmp_path.iterdir()) == []


def test_export_of_no_graph_or_a_broken_one_is_an_error(example_graph: Path, tmp_path: Path) -> None:
    """It says what to do."""
    with pytest.raises(GraphError, match="no layer 'registry'"):
        export_links(tmp_path)
    (tmp_path / "layers").mkdir()
    for file in (example_graph / "layers").iterdir():
        (tmp_path / "layers" / file.name).write_bytes(file.read_bytes())
    whole = (tmp_path / "layers" / "links.nt.gz").read_bytes()
    (tmp_path / "layers" / "links.nt.gz").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(GraphError, match="broken layers"):
        export_links(tmp_path)


def test_commands_export_and_import(example_graph: Path, tmp_path: Path) -> None:
    """The file's suffix says the form; a clean set gives exit code 0, and goes out as it came."""
    table, turtle, again = (tmp_path / name for name in ("a.sssom.tsv", "a.ttl", "b.sssom.tsv"))
    for target in (table, turtle):
        assert RUN.invoke(app, ["link", "export", str(example_graph), "-o", str(target)]).exit_code == 0
    assert turtle.read_bytes().startswith(b"@prefix")
    done = RUN.invoke(app, ["link", "import", str(table), "--out", str(again)])
    assert done.exit_code == 0
    assert "0 findings" in done.output
    assert again.read_bytes() == table.read_bytes()


def test_import_tells_findings_and_fails_on_violations(tmp_path: Path) -> None:
    """As a table for people, as JSON for programs."""
    file = tmp_path / "set.sssom.tsv"
    file.write_text(HEADER + "a\tcondition\tskos:exactMatch\t\tx:1\tsemapv:ManualMappingCuration\n", encoding="utf-8")
    done = RUN.invoke(app, ["link", "import", str(file), "--format", "json"])
    assert done.exit_code == 1
    report = json.loads(done.output)
    assert report["rows"] == 0
    assert report["findings"][0]["place"] == "line 7"
    shown = RUN.invoke(app, ["link", "import", str(file)])
    assert shown.exit_code == 1
    assert "mapping-prefix" in shown.output


def test_unknown_formats_are_named(example_graph: Path, tmp_path: Path) -> None:
    """With what there is."""
    assert isinstance(RUN.invoke(app, ["link", "export", str(example_graph), "--to", "xml"]).exception, NotFound)
    assert isinstance(RUN.invoke(app, ["link", "import", str(tmp_path), "--format", "xml"]).exception, NotFound)


def test_words_that_name_no_command_go_to_the_command_for_text() -> None:
    """Once a group has one; a command's name comes first."""
    small = typer.Typer(cls=TextFirst)

    @small.command("export")
    def export() -> None:
        typer.echo("export")

    @small.command("text")
    def text(words: list[str], kind: str = "") -> None:
        typer.echo(f"{kind} {words}")

    assert RUN.invoke(small, ["liver cancer", "asthma", "--kind", "x"]).output == "x ['liver cancer', 'asthma']\n"
    assert RUN.invoke(small, ["--kind", "x", "asthma"]).output == "x ['asthma']\n"
    assert RUN.invoke(small, ["export"]).output == "export\n"
    assert RUN.invoke(small, ["--help"]).exit_code == 0
