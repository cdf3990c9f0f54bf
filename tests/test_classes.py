"""Drug classes: their definitions hold in the ontologies, and members are found by every source's word."""

import os
from pathlib import Path

import msgspec
import pytest

from kg import assets, ontologies
from kg.concept import Concept
from kg.errors import OntologyError
from kg.reasoning import DrugClass, Membership, find_members, read_classes
from kg.vocab import expand

DATA = os.environ.get("TRIALGRAPH_DATA")
Classes = tuple[DrugClass, ...]
Concepts = dict[str, Concept]
MTOR = expand("class:mTORInhibitor")
KINASE = expand("class:KinaseInhibitor")

#: What the ontologies call the action that defines each class.
LABELS = {
    "mesh:D000091203": "MTOR Inhibitors",
    "mesh:D047428": "Protein Kinase Inhibitors",
    "mesh:D000092004": "Tyrosine Kinase Inhibitors",
    "mesh:D065095": "Calcineurin Inhibitors",
    "mesh:D007166": "Immunosuppressive Agents",
    "mesh:D000970": "Antineoplastic Agents",
    "mesh:D020533": "Angiogenesis Inhibitors",
    "mesh:D047072": "Aromatase Inhibitors",
    "CHEBI:68481": "mTOR inhibitor",
    "CHEBI:37699": "protein kinase inhibitor",
    "CHEBI:38637": "tyrosine kinase inhibitor",
    "CHEBI:35705": "immunosuppressive agent",
    "CHEBI:35610": "antineoplastic agent",
    "CHEBI:48422": "angiogenesis inhibitor",
    "CHEBI:50790": "EC 1.14.14.14 (aromatase) inhibitor",
    "mesh:C401859": "temsirolimus",
    "mesh:C515074": "ridaforolimus",
    "mesh:D000068338": "Everolimus",
    "mesh:D020123": "Sirolimus",
}


@pytest.fixture(scope="module")
def classes() -> tuple[DrugClass, ...]:
    """The classes that come with the package."""
    return read_classes(assets.folder("ontologies") / "classes.ttl")


def substance(curie: str, label: str, **more: tuple[str, ...]) -> Concept:
    """A concept whose other IRIs are given as CURIEs."""
    names = {name: more.pop(name, ()) for name in ("related", "xrefs")}
    links = {name: tuple(expand(linked) for linked in curies) for name, curies in more.items()}
    concept = Concept(iri=expand(curie), label=label, source=curie.partition(":")[0].lower())
    return msgspec.structs.replace(concept, **names, **links)


def members(classes: Classes, *concepts: Concept) -> dict[str, set[tuple[str, str]]]:
    """Label -> (source, via) of its memberships of the mTOR inhibitors."""
    found = find_members(classes, {concept.iri: concept for concept in concepts})
    return {
        concept.label: {(m.source, m.via.rpartition("/")[2]) for m in found[concept.iri] if m.drug_class == MTOR}
        for concept in concepts
        if concept.iri in found
    }


def test_classes_are_read_with_names_and_sources(classes: Classes) -> None:
    """Each class has a label, a comment, the names that people type, and one definition a source."""
    by_iri = {drug_class.iri: drug_class for drug_class in classes}
    assert len(classes) == 8
    assert all(c.label and c.comment and c.names for c in classes)
    assert {"mTOR inhibitors", "rapalogs"} < set(by_iri[MTOR].names)
    assert [definition.source for definition in by_iri[MTOR].definitions] == ["atc", "chebi", "mesh"]
    assert by_iri[MTOR].definitions[1].action == expand("CHEBI:68481")
    for drug_class in classes:
        assert all(bool(d.action) != bool(d.members) for d in drug_class.definitions)


def test_class_file_names_nothing_but_what_was_checked(classes: Classes) -> None:
    """Whoever adds an action or a member also says what it is called."""
    used = {iri for c in classes for d in c.definitions for iri in (d.action, *d.members) if iri}
    assert used == {expand(curie) for curie in LABELS}


def test_members_by_atc_are_those_that_have_a_code(classes: Classes) -> None:
    """The list of members and the codes that justify it agree; both old codes name their successors."""
    from rdflib import Graph, URIRef

    graph = Graph().parse(assets.folder("ontologies") / "classes.ttl")
    coded = set(graph.subject_objects(URIRef(expand("tg:hasAtcCode"))))
    (atc,) = [d for c in classes for d in c.definitions if d.source == "atc"]
    assert {str(subject) for subject, _ in coded} == set(atc.members)
    codes = {str(code).rpartition("/")[2] for _, code in coded}
    assert codes == {*(f"L01EG0{n}" for n in range(1, 5)), "L04AH01", "L04AH02", "L04AA10", "L04AA18"}
    replaced = {
        (str(old)[-7:], str(new)[-7:]) for old, new in graph.subject_objects(URIRef(expand("dct:isReplacedBy")))
    }
    assert replaced == {("L04AA10", "L04AH01"), ("L04AA18", "L04AH02")}


def test_action_makes_a_member_also_of_the_wider_class(classes: Classes) -> None:
    """An action stands for everything above it."""
    action = substance("mesh:D000091203", "MTOR Inhibitors", ancestors=("mesh:D047428",))
    drug = substance("mesh:C1", "a drug", actions=("mesh:D000091203",))
    found = find_members(classes, {action.iri: action, drug.iri: drug})
    assert found == {
        drug.iri: (Membership(drug_class=KINASE, source="mesh"), Membership(drug_class=MTOR, source="mesh"))
    }


def test_roles_are_inherited_and_pharmacological_actions_are_not(classes: Classes) -> None:
    """A kind of an mTOR inhibitor is one in ChEBI; MeSH's trees say nothing of actions."""
    parents = (
        substance("CHEBI:1", "parent", actions=("CHEBI:68481",)),
        substance("mesh:D1", "heading", actions=("mesh:D000091203",)),
    )
    children = (
        substance("CHEBI:2", "child", ancestors=("CHEBI:1",)),
        substance("mesh:D2", "below", ancestors=("mesh:D1",)),
    )
    found = members(classes, *parents, *children)
    assert found == {"parent": {("chebi", "")}, "heading": {("mesh", "")}, "child": {("chebi", "")}}


def test_equal_label_is_a_bridge(classes: Classes) -> None:
    """MeSH's sirolimus is an mTOR inhibitor because ChEBI says so of its own."""
    found = members(
        classes,
        substance("mesh:D777", "Sirolimus (like)"),
        substance("CHEBI:777", "sirolimus (LIKE)", actions=("CHEBI:68481",)),
    )
    assert found["Sirolimus (like)"] == {("chebi", "CHEBI_777")}


@pytest.mark.parametrize(("name", "linked"), [("drug x", ["Drug X", "x-ium"]), ("something else", ["Drug X"])])
def test_reference_is_a_bridge_only_if_names_agree(classes: Classes, name: str, linked: list[str]) -> None:
    """Joined tables have put wrong references into ontologies: one alone proves nothing."""
    referring = substance("CHEBI:5", "x-ium", related=(name,), xrefs=("mesh:C5", "DrugBank:DB1"))
    found = members(classes, substance("mesh:C5", "Drug X", actions=("mesh:D000091203",)), referring)
    assert sorted(found) == linked


def test_reference_carries_both_ways(classes: Classes) -> None:
    """The concept that is referred to learns from the one that refers."""
    referring = substance("CHEBI:5", "x-ium", related=("drug x",), xrefs=("mesh:C5",), actions=("CHEBI:68481",))
    found = members(classes, substance("mesh:C5", "Drug X"), referring)
    assert found["Drug X"] == {("chebi", "CHEBI_5")}


def test_bridges_are_one_hop(classes: Classes) -> None:
    """What came over a bridge does not go on over the next."""
    member = substance("mesh:C5", "Drug X", actions=("mesh:D000091203",))
    middle = substance("CHEBI:5", "x-ium", related=("drug x",), xrefs=("mesh:C5",))
    assert "X-IUM" not in members(classes, member, middle, substance("DOID:5", "X-IUM"))


@pytest.mark.parametrize(
    ("content", "problem"), [(None, "cannot be read"), ("<a> <b", "no readable Turtle"), ("", "no drug class")]
)
def test_unusable_class_file_is_an_error(tmp_path: Path, content: str | None, problem: str) -> None:
    """A user's own class file may be missing or wrong; the error says which."""
    path = tmp_path / "classes.ttl"
    if content is not None:
        path.write_text(content)
    with pytest.raises(OntologyError, match=problem):
        read_classes(path)


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> Concepts:
    """The concepts of MeSH and ChEBI."""
    if not DATA:
        pytest.skip("TRIALGRAPH_DATA is not set: no real ontologies")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        files = [Path(DATA) / "ontologies" / name for name in ("mesh2024.nt.gz", "chebi.owl.gz")]
        return {iri: concept for file in files for iri, concept in ontologies.load(file).concepts.items()}


@pytest.mark.data
def test_every_identifier_has_the_label_that_we_think(real: Concepts) -> None:
    """A mistyped identifier would define another class."""
    assert {curie: real[expand(curie)].label for curie in LABELS} == LABELS


@pytest.mark.data
def test_mtor_inhibitors_are_found_by_some_source(classes: Classes, real: Concepts) -> None:
    """The four drugs of the field, though no source knows them all; and no calcineurin inhibitor among them."""
    found = find_members(classes, real)

    def sources(curie: str) -> set[str]:
        return {m.source for m in found.get(expand(curie), ()) if m.drug_class == MTOR}

    assert sources("mesh:D020123") == {"atc", "chebi"}
    assert sources("mesh:D000068338") == {"atc", "chebi", "mesh"}
    assert sources("mesh:C401859") == {"atc", "mesh"}
    assert sources("mesh:C515074") == {"atc", "chebi"}
    assert sources("CHEBI:79699") == {"atc", "mesh"}
    assert sources("mesh:D016559") == set()


@pytest.mark.data
def test_every_class_has_members_in_both_ontologies(classes: Classes, real: Concepts) -> None:
    """A definition that nothing meets is a mistake."""
    found = find_members(classes, real)
    for drug_class in classes:
        met = {m.source for memberships in found.values() for m in memberships if m.drug_class == drug_class.iri}
        assert met == {definition.source for definition in drug_class.definitions}
