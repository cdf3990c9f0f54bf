"""What reasoning needs of a concept goes into the ontology layer and comes back."""

from collections.abc import Iterator

from kg import assets, ontologies
from kg.concept import Concept
from kg.reasoning import find_members, read_classes
from kg.reasoning.concepts import read_concepts, reasoning_lines
from kg.vocab import expand
from tests.reasoning.small import by_iri, concept


def written(concepts: dict[str, Concept]) -> Iterator[bytes]:
    """The lines of an ontology layer."""
    for held in concepts.values():
        for line in (*ontologies.plain_triples(held), *reasoning_lines(held, concepts)):
            yield line.encode()


def test_what_is_read_back_leads_to_the_same_members() -> None:
    """On all bundled slices: no ontology has to be at hand to reason again."""
    concepts = {i: c for path in ontologies.default_files() for i, c in ontologies.load(path).concepts.items()}
    classes = read_classes(assets.folder("ontologies") / "classes.ttl")
    found = find_members(classes, concepts)
    assert found
    assert find_members(classes, read_concepts(written(concepts))) == found


def test_actions_keep_what_is_above_them_in_trees_of_actions_only() -> None:
    """A parent has places that are not its child's: what is above them is not above the child."""
    concepts = by_iri(
        concept("mesh:D1", "PCSK9 Inhibitors", ancestors=("mesh:D2", "mesh:D3"), branches=("D27",)),
        concept("mesh:D2", "Inhibitors", ancestors=("mesh:D4",), branches=("D27",)),
        concept("mesh:D3", "Proteins", branches=("D12",)),
        concept("mesh:D4", "Poisons", branches=("D27",)),
    )
    read = read_concepts(written(concepts))
    assert read[expand("mesh:D1")].ancestors == (expand("mesh:D2"),)
    assert read[expand("mesh:D1")].branches == ("D27",)


def test_circle_in_a_hierarchy_ends() -> None:
    """Nothing stands above itself, and what hangs on the circle stands under all of it."""
    concepts = by_iri(
        concept("CHEBI:1", "a", broader=("CHEBI:2",)),
        concept("CHEBI:2", "b", broader=("CHEBI:1",)),
        concept("CHEBI:3", "c", broader=("CHEBI:2", "CHEBI:3", "CHEBI:404")),
    )
    read = read_concepts(written(concepts))
    above = {iri.rpartition("_")[2]: [a.rpartition("_")[2] for a in c.ancestors] for iri, c in read.items()}
    assert above == {"1": ["2"], "2": ["1"], "3": ["1", "2"]}


def test_names_are_kept_of_what_refers_to_another_concept() -> None:
    """They are what the reference is judged by; a reference to what we have no prefix for is left out."""
    concepts = by_iri(
        concept("CHEBI:1", 'a "quoted" name', related=("drug x",), xrefs=("mesh:D1", "Somewhere:1", "no curie")),
        concept("CHEBI:2", "b", related=("drug y",)),
    )
    read = read_concepts(written(concepts))
    assert list(read[expand("CHEBI:1")].names()) == [('a "quoted" name', "label"), ("drug x", "related")]
    assert read[expand("CHEBI:1")].xrefs == ("mesh:D1",)
    assert list(read[expand("CHEBI:2")].names()) == [("b", "label")]


def test_lines_of_other_things_are_no_concepts() -> None:
    """Drug classes, their codes and our vocabulary stand in the same layer."""
    lines = (
        b'<https://w3id.org/trialgraph/class/X> <http://www.w3.org/2000/01/rdf-schema#label> "x"@en .\n',
        b"<http://id.nlm.nih.gov/mesh/C1> <https://w3id.org/trialgraph/vocab#hasAtcCode> <http://a/b> .\n",
    )
    assert read_concepts(lines) == {}
