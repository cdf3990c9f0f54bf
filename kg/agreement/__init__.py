"""Wires the checks of the mapping itself, which need no data; contains no step.

fields        registry fields are mapped or left out; drift of the registry's own description
prefixes      a prefix stands for the same namespace everywhere
vocabulary    ontology, mapping, shapes and queries name the same terms
shaping       shapes ask of a class what the ontology declares for it
constants     terms of others exist, are called what we say, and were not withdrawn
context       the JSON-LD context names what the mapping writes
definitions   drug classes refer to concepts that exist
questions     saved queries parse, and answer as their cases expect
sets          mapping sets in SSSOM can be read, and name concepts that exist
layouts       hand-written Turtle is in canonical layout
known         what ontologies say of single terms; `written`: which terms our files write, and where
places        the folders that are checked, and what a check says
"""

from collections.abc import Sequence
from pathlib import Path

from kg.agreement.constants import check_constants
from kg.agreement.context import check_context
from kg.agreement.definitions import check_definitions
from kg.agreement.fields import check_drift, check_fields
from kg.agreement.known import read_known
from kg.agreement.layouts import check_layout, fix_layout
from kg.agreement.places import Checked, Places, merge
from kg.agreement.prefixes import check_prefixes
from kg.agreement.questions import check_answers, check_queries
from kg.agreement.sets import check_sets
from kg.agreement.shaping import check_shapes
from kg.agreement.vocabulary import check_vocabulary

__all__ = ["Checked", "Places", "check_mapping", "fix_layout"]


def check_mapping(
    places: Places | None = None,
    *,
    registry: Sequence[Path] = (),
    ontologies: Sequence[Path] = (),
    mappings: Sequence[Path] = (),
) -> Checked:
    """All that is wrong with the mapping, and how many things were looked at.

    `registry` are the registry's own descriptions of its fields, `ontologies` releases beside the bundled slices,
    `mappings` sets in SSSOM.

    Raises:
        KgError: if a file cannot be read as what it should be.
    """
    places = places or Places.bundled()
    known = read_known([*sorted((places.ontologies / "slices").glob("*.ttl")), *ontologies])
    return merge(
        [
            check_fields(places),
            *([check_drift(places, registry)] if registry else []),
            *([check_sets(mappings, known)] if mappings else []),
            check_prefixes(places),
            check_vocabulary(places),
            check_shapes(places),
            check_context(places),
            check_constants(places, known),
            check_definitions(places, known),
            check_layout(places),
            check_queries(places),
            check_answers(places),
        ]
    )
