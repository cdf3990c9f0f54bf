"""Drug classes: their definitions hold in the ontologies, and members are found by every source's word."""

import os
from pathlib import Path

import msgspec
import pytest

from kg import assets, ontologies
from kg.concept import Concept
from kg.errors import OntologyError
from kg.lexicon import normalize
from kg.reasoning import DrugClass, Membership, find_members, iter_bridges, read_classes
from kg.vocab import expand

DATA = os.environ.get("TRIALGRAPH_DATA")
Classes = tuple[DrugClass, ...]
Concepts = dict[str, Concept]
MTOR = expand("class:mTORInhibitor")
KINASE = expand("class:KinaseInhibitor")

#: What the ontologies call the action that defines each class.
LABELS = {
    "mesh:D000067856": "Poly(ADP-ribose) Polymerase Inhibitors",
    "mesh:D000075242": "Janus Kinase Inhibitors",
    "mesh:D000077203": "Sodium-Glucose Transporter 2 Inhibitors",
    "mesh:D000079424": "Tumor Necrosis Factor Inhibitors",
    "mesh:D000082082": "Immune Checkpoint Inhibitors",
    "mesh:D000091203": "MTOR Inhibitors",
    "mesh:D000091362": "PCSK9 Inhibitors",
    "mesh:D000092004": "Tyrosine Kinase Inhibitors",
    "mesh:D000097789": "Glucagon-Like Peptide-1 Receptor Agonists",
    "mesh:D000319": "Adrenergic beta-Antagonists",
    "mesh:D000477": "Alkylating Agents",
    "mesh:D000701": "Analgesics, Opioid",
    "mesh:D000726": "Androgen Antagonists",
    "mesh:D000806": "Angiotensin-Converting Enzyme Inhibitors",
    "mesh:D000894": "Anti-Inflammatory Agents, Non-Steroidal",
    "mesh:D000925": "Anticoagulants",
    "mesh:D000927": "Anticonvulsants",
    "mesh:D000928": "Antidepressive Agents",
    "mesh:D000932": "Antiemetics",
    "mesh:D000935": "Antifungal Agents",
    "mesh:D000962": "Antimalarials",
    "mesh:D000963": "Antimetabolites",
    "mesh:D000970": "Antineoplastic Agents",
    "mesh:D001993": "Bronchodilator Agents",
    "mesh:D002121": "Calcium Channel Blockers",
    "mesh:D002800": "Cholinesterase Inhibitors",
    "mesh:D004232": "Diuretics",
    "mesh:D004965": "Estrogen Antagonists",
    "mesh:D005938": "Glucocorticoids",
    "mesh:D006635": "Histamine H2 Antagonists",
    "mesh:D006993": "Hypnotics and Sedatives",
    "mesh:D007004": "Hypoglycemic Agents",
    "mesh:D007166": "Immunosuppressive Agents",
    "mesh:D010975": "Platelet Aggregation Inhibitors",
    "mesh:D014150": "Antipsychotic Agents",
    "mesh:D016861": "Cyclooxygenase Inhibitors",
    "mesh:D017320": "HIV Protease Inhibitors",
    "mesh:D017367": "Selective Serotonin Reuptake Inhibitors",
    "mesh:D018491": "Dopamine Agonists",
    "mesh:D018727": "Muscarinic Antagonists",
    "mesh:D018894": "Reverse Transcriptase Inhibitors",
    "mesh:D019161": "Hydroxymethylglutaryl-CoA Reductase Inhibitors",
    "mesh:D019428": "HIV Integrase Inhibitors",
    "mesh:D020024": "Leukotriene Antagonists",
    "mesh:D020533": "Angiogenesis Inhibitors",
    "mesh:D047072": "Aromatase Inhibitors",
    "mesh:D047428": "Protein Kinase Inhibitors",
    "mesh:D050071": "Bone Density Conservation Agents",
    "mesh:D050257": "Tubulin Modulators",
    "mesh:D054328": "Proton Pump Inhibitors",
    "mesh:D054873": "Dipeptidyl-Peptidase IV Inhibitors",
    "mesh:D056572": "Histone Deacetylase Inhibitors",
    "mesh:D057911": "Angiotensin Receptor Antagonists",
    "mesh:D058986": "Phosphodiesterase 5 Inhibitors",
    "mesh:D059003": "Topoisomerase Inhibitors",
    "mesh:D061988": "Proteasome Inhibitors",
    "mesh:D065095": "Calcineurin Inhibitors",
    "mesh:D065427": "Factor Xa Inhibitors",
    "CHEBI:22333": "alkylating agent",
    "CHEBI:35221": "antimetabolite",
    "CHEBI:35457": "EC 3.4.15.1 (peptidyl-dipeptidase A) inhibitor",
    "CHEBI:35469": "antidepressant",
    "CHEBI:35475": "non-steroidal anti-inflammatory drug",
    "CHEBI:35476": "antipsychotic agent",
    "CHEBI:35482": "opioid analgesic",
    "CHEBI:35497": "androgen antagonist",
    "CHEBI:35498": "diuretic",
    "CHEBI:35523": "bronchodilator agent",
    "CHEBI:35526": "hypoglycemic agent",
    "CHEBI:35530": "beta-adrenergic antagonist",
    "CHEBI:35544": "EC 1.14.99.1 (prostaglandin-endoperoxide synthase) inhibitor",
    "CHEBI:35610": "antineoplastic agent",
    "CHEBI:35623": "anticonvulsant",
    "CHEBI:35660": "HIV protease inhibitor",
    "CHEBI:35664": "EC 1.1.1.34/EC 1.1.1.88 (hydroxymethylglutaryl-CoA reductase) inhibitor",
    "CHEBI:35705": "immunosuppressive agent",
    "CHEBI:35717": "sedative",
    "CHEBI:35718": "antifungal agent",
    "CHEBI:37699": "protein kinase inhibitor",
    "CHEBI:37733": "EC 3.1.1.8 (cholinesterase) inhibitor",
    "CHEBI:37961": "H2-receptor antagonist",
    "CHEBI:38068": "antimalarial",
    "CHEBI:38215": "calcium channel blocker",
    "CHEBI:38637": "tyrosine kinase inhibitor",
    "CHEBI:48422": "angiogenesis inhibitor",
    "CHEBI:48876": "muscarinic antagonist",
    "CHEBI:49159": "leukotriene antagonist",
    "CHEBI:49200": "EC 3.6.3.10 (H(+)/K(+)-exchanging ATPase) inhibitor",
    "CHEBI:50249": "anticoagulant",
    "CHEBI:50427": "platelet aggregation inhibitor",
    "CHEBI:50646": "bone density conservation agent",
    "CHEBI:50751": "anti-estrogen",
    "CHEBI:50790": "EC 1.14.14.14 (aromatase) inhibitor",
    "CHEBI:50919": "antiemetic",
    "CHEBI:51065": "dopamine agonist",
    "CHEBI:52425": "EC 3.2.1.18 (exo-alpha-sialidase) inhibitor",
    "CHEBI:52726": "proteasome inhibitor",
    "CHEBI:53756": "HIV-1 reverse transcriptase inhibitor",
    "CHEBI:60832": "tubulin modulator",
    "CHEBI:61016": "angiotensin receptor antagonist",
    "CHEBI:61115": "EC 3.5.1.98 (histone deacetylase) inhibitor",
    "CHEBI:62913": "EC 2.4.2.30 (NAD(+) ADP-ribosyltransferase) inhibitor",
    "CHEBI:63562": "glucocorticoid receptor agonist",
    "CHEBI:67268": "HIV-1 integrase inhibitor",
    "CHEBI:68481": "mTOR inhibitor",
    "CHEBI:68581": "EC 3.4.21.6 (coagulation factor Xa) inhibitor",
    "CHEBI:68612": "EC 3.4.14.5 (dipeptidyl-peptidase IV) inhibitor",
    "CHEBI:70727": "topoisomerase inhibitor",
    "CHEBI:71196": "glucagon-like peptide-1 receptor agonist",
    "CHEBI:71942": "EC 3.1.4.35 (3',5'-cyclic-GMP phosphodiesterase) inhibitor",
    "CHEBI:73273": "sodium-glucose transport protein subtype 2 inhibitor",
    "CHEBI:74440": "epidermal growth factor receptor antagonist",
    "CHEBI:82665": "EC 2.7.11.22 (cyclin-dependent kinase) inhibitor",
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
    names = {name: more.pop(name, ()) for name in ("related", "xrefs", "branches")}
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
    """Each of many classes has a label, a comment, the names that people type, and one definition a source."""
    by_iri = {drug_class.iri: drug_class for drug_class in classes}
    assert len(classes) >= 25
    assert all(c.label and c.comment and c.names for c in classes)
    assert {"mTOR inhibitors", "rapalogs"} < set(by_iri[MTOR].names)
    assert [definition.source for definition in by_iri[MTOR].definitions] == ["atc", "chebi", "mesh"]
    assert by_iri[MTOR].definitions[1].action == expand("CHEBI:68481")
    for drug_class in classes:
        assert all(bool(d.action) != bool(d.members) for d in drug_class.definitions)
        assert len({d.source for d in drug_class.definitions}) == len(drug_class.definitions)


def test_no_name_means_two_classes(classes: Classes) -> None:
    """A query's parameter that names a class names one; singular and plural are both known."""
    meant: dict[str, set[str]] = {}
    for drug_class in classes:
        for name in (drug_class.label, *drug_class.names):
            meant.setdefault(normalize(name), set()).add(drug_class.label)
    assert [name for name, labels in meant.items() if len(labels) > 1] == []
    for name in ("statins", "PPIs", "ACE inhibitors", "beta blockers", "checkpoint inhibitors", "SGLT-2 inhibitors"):
        assert normalize(name) in meant


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
    assert {(str(subject), str(code)) for subject, code in coded} == set(atc.codes)
    codes = {str(code).rpartition("/")[2] for _, code in coded}
    assert codes == {*(f"L01EG0{n}" for n in range(1, 5)), "L04AH01", "L04AH02", "L04AA10", "L04AA18"}
    replaced = {
        (str(old)[-7:], str(new)[-7:]) for old, new in graph.subject_objects(URIRef(expand("dct:isReplacedBy")))
    }
    assert replaced == {("L04AA10", "L04AH01"), ("L04AA18", "L04AH02")}


def test_action_makes_a_member_also_of_the_wider_class(classes: Classes) -> None:
    """An action stands for everything above it."""
    action = substance("mesh:D000091203", "MTOR Inhibitors", ancestors=("mesh:D047428",), branches=("D27",))
    above = substance("mesh:D047428", "Protein Kinase Inhibitors", branches=("D27",))
    drug = substance("mesh:C1", "a drug", actions=("mesh:D000091203",))
    found = find_members(classes, {concept.iri: concept for concept in (action, above, drug)})
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


PREFIXED = """@prefix class: <https://w3id.org/trialgraph/class/> . @prefix dct: <http://purl.org/dc/terms/> .
@prefix mesh: <http://id.nlm.nih.gov/mesh/> . @prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> . @prefix tg: <https://w3id.org/trialgraph/vocab#> .
class:A-mesh dct:source <https://w3id.org/trialgraph/graph/ontology/mesh> ;
    owl:equivalentClass [ owl:hasValue mesh:D1 ] .
"""


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (None, "cannot be read"),
        ("<a> <b", "no readable Turtle"),
        (PREFIXED + "class:A-mesh rdfs:subClassOf class:A ;;; ] .", r"classes\.ttl:6: the file is no readable Turtle"),
        ("", "no drug class"),
        (PREFIXED + "class:A-mesh rdfs:subClassOf class:A . class:A rdfs:subClassOf class:A-mesh .", "above and below"),
        (PREFIXED + "class:A-mesh rdfs:subClassOf class:A-mesh .", "above and below"),
        (PREFIXED + "class:A-mesh rdfs:subClassOf class:B .", "got '.*A-mesh', expected .*/B-SOURCE"),
        (PREFIXED + "class:A-mesh rdfs:subClassOf <http://example.org/A> .", "a name not ours"),
        (PREFIXED + "class:A-x rdfs:subClassOf class:A .", "not named by its source"),
        (PREFIXED + "class:A-x rdfs:subClassOf class:A ; dct:source <http://a/x> .", "nothing defines"),
    ],
)
def test_unusable_class_file_is_an_error(tmp_path: Path, content: str | None, problem: str) -> None:
    """A user's own class file may be missing or wrong; the error says where and how, on one line."""
    path = tmp_path / "classes.ttl"
    if content is not None:
        path.write_text(content)
    with pytest.raises(OntologyError, match=problem) as caught:
        read_classes(path)
    assert "\n" not in str(caught.value)


def test_action_that_no_ontology_holds_has_no_members(classes: Classes) -> None:
    """A slice need not hold what a class names: the class is then empty, and no error."""
    assert find_members(classes, {}) == {}


def test_actions_are_never_members(classes: Classes) -> None:
    """What others have as their action is a group of drugs, though MeSH says that it has an action itself."""
    group = substance("mesh:D020024", "Leukotriene Antagonists", actions=("mesh:D000091203",))
    place = msgspec.structs.replace(group, iri=expand("mesh:D7"), branches=("D27",))
    drug = substance("mesh:C1", "a drug", actions=("mesh:D020024",))
    namesake = substance("CHEBI:1", "leukotriene antagonists", actions=("CHEBI:68481",))
    found = find_members(classes, {concept.iri: concept for concept in (group, place, drug, namesake)})
    assert found.keys().isdisjoint((group.iri, place.iri))
    assert {m.source for m in found[namesake.iri]} == {"chebi"}


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
def test_known_wrong_names_are_no_bridges(real: Concepts) -> None:
    """Drug tables have put abacavir's name among calcipotriol's, and an oncogene's among rasagiline's."""
    pairs = set(iter_bridges(real, real))
    assert (expand("CHEBI:63620"), expand("mesh:C031967")) in pairs
    for curie, name in (("CHEBI:50749", "abacavir sulfate"), ("CHEBI:63620", "ras")):
        assert name in {held.casefold() for held, _ in real[expand(curie)].names()}
        assert name not in {real[other].label.casefold() for one, other in pairs if one == expand(curie)}


@pytest.mark.data
def test_every_class_has_members_in_both_ontologies(classes: Classes, real: Concepts) -> None:
    """A definition that nothing meets is a mistake."""
    found = find_members(classes, real)
    for drug_class in classes:
        met = {m.source for memberships in found.values() for m in memberships if m.drug_class == drug_class.iri}
        assert met == {definition.source for definition in drug_class.definitions}
