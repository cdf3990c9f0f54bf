"""Small concepts and classes, whose IRIs are given as CURIEs."""

from kg.concept import Concept
from kg.reasoning import Definition, DrugClass
from kg.vocab import expand

Curies = tuple[str, ...]


def concept(  # noqa: PLR0913 - one a field
    curie: str,
    label: str,
    *,
    broader: Curies = (),
    ancestors: Curies = (),
    actions: Curies = (),
    branches: Curies = (),
    related: Curies = (),
    xrefs: Curies = (),
) -> Concept:
    """A concept; whatever is broader is an ancestor, unless ancestors are given."""
    return Concept(
        iri=expand(curie),
        label=label,
        source=curie.partition(":")[0].lower(),
        broader=tuple(map(expand, broader)),
        ancestors=tuple(map(expand, ancestors or broader)),
        actions=tuple(map(expand, actions)),
        branches=branches,
        related=related,
        xrefs=xrefs,
    )


def by_iri(*concepts: Concept) -> dict[str, Concept]:
    """The concepts as an ontology holds them."""
    return {held.iri: held for held in concepts}


def drug_class(name: str, **actions: str) -> DrugClass:
    """A class with one action a source."""
    definitions = tuple(Definition(source=source, action=expand(curie)) for source, curie in sorted(actions.items()))
    return DrugClass(iri=expand(f"class:{name}"), label=name, comment="", names=(), definitions=definitions)


#: MeSH knows what temsirolimus does, ChEBI what sirolimus does; a list has both.
MTOR = DrugClass(
    iri=expand("class:Mtor"),
    label="Mtor",
    comment="",
    names=(),
    definitions=(
        Definition(
            source="atc",
            members=(expand("mesh:C4"), expand("mesh:D1")),
            codes=((expand("mesh:D1"), expand("ATC:OLD")), (expand("mesh:D1"), expand("ATC:NEW"))),
        ),
        Definition(source="chebi", action=expand("CHEBI:10")),
        Definition(source="mesh", action=expand("mesh:D10")),
    ),
)
KINASE = drug_class("Kinase", chebi="CHEBI:11", mesh="mesh:D11")

CONCEPTS = by_iri(
    concept("mesh:D10", "MTOR Inhibitors", broader=("mesh:D11",), branches=("D27",)),
    concept("mesh:D11", "Kinase Inhibitors", branches=("D27",)),
    concept("CHEBI:10", "mTOR inhibitor", broader=("CHEBI:11",)),
    concept("CHEBI:11", "kinase inhibitor"),
    concept("mesh:C4", "temsirolimus", actions=("mesh:D10",)),
    concept("CHEBI:4", "temsirolimus"),
    concept("mesh:D1", "Sirolimus"),
    concept("CHEBI:1", "sirolimus", actions=("CHEBI:10",)),
    concept("CHEBI:2", "sirolimus hydrate", broader=("CHEBI:1",)),
    concept("mesh:C2", "sirolimus monohydrate"),
    concept("CHEBI:3", "rapamycin dihydrate", broader=("CHEBI:1",), related=("x-ium",), xrefs=("mesh:C3",)),
    concept("mesh:C3", "x-ium"),
    concept("mesh:D6", "Liver Cancer", branches=("C04",)),
)
