"""What SSSOM calls the columns and header keys of a mapping set, version 1.1 (https://mapping-commons.github.io/sssom/)."""

from kg.vocab import PREFIXES

__all__ = [
    "BUILT_IN",
    "COLUMNS",
    "CURATED",
    "JUSTIFICATIONS",
    "LISTS",
    "NEGATED",
    "NO_TERM",
    "PROPAGATED",
    "REFERENCES",
    "SET_KEYS",
    "SPEC_VERSION",
    "TRIAL",
]

SPEC_VERSION = "1.1"

#: Slots of a mapping in the order of the specification's table: the order of columns and of sorting.
COLUMNS = tuple(
    "record_id subject_id subject_label subject_category predicate_id predicate_label predicate_modifier object_id "
    "object_label object_category mapping_justification author_id author_label reviewer_id reviewer_label creator_id "
    "creator_label license subject_type subject_source subject_source_version object_type object_source "
    "object_source_version predicate_type mapping_provider mapping_source mapping_cardinality cardinality_scope "
    "mapping_tool mapping_tool_id mapping_tool_version mapping_date publication_date review_date confidence "
    "reviewer_agreement curation_rule curation_rule_text subject_match_field object_match_field match_string "
    "subject_preprocessing object_preprocessing similarity_score similarity_measure see_also issue_tracker_item "
    "other comment".split()
)

#: Our one column beside the standard ones: the trial that a row is for.
TRIAL = "trial_id"

#: Keys of a set's header, in the specification's order; `curie_map` stands before them.
SET_KEYS = tuple(
    "sssom_version mapping_set_id mapping_set_version mapping_set_source mapping_set_title mapping_set_description "
    "mapping_set_confidence creator_id creator_label license subject_type subject_source subject_source_version "
    "object_type object_source object_source_version predicate_type mapping_provider cardinality_scope mapping_tool "
    "mapping_tool_id mapping_tool_version mapping_date publication_date subject_match_field object_match_field "
    "subject_preprocessing object_preprocessing similarity_measure curation_rule curation_rule_text see_also "
    "issue_tracker other comment extension_definitions".split()
)

#: Header keys that hold for every row that leaves them empty
#: (https://mapping-commons.github.io/sssom/spec-model/#propagation-of-mapping-set-slots).
PROPAGATED = frozenset(
    "subject_type subject_source subject_source_version object_type object_source object_source_version "
    "predicate_type mapping_provider mapping_tool mapping_tool_id mapping_tool_version mapping_date "
    "subject_match_field object_match_field subject_preprocessing object_preprocessing similarity_measure "
    "curation_rule curation_rule_text cardinality_scope".split()
)

#: Slots whose values are CURIEs.
REFERENCES = frozenset(
    "record_id subject_id predicate_id object_id mapping_justification author_id reviewer_id creator_id "
    "subject_source object_source mapping_source mapping_tool_id curation_rule subject_match_field "
    "object_match_field subject_preprocessing object_preprocessing issue_tracker_item".split()
)

#: Slots with several values, set apart by `|`.
LISTS = frozenset(
    "author_id author_label reviewer_id reviewer_label creator_id creator_label cardinality_scope curation_rule "
    "curation_rule_text subject_match_field object_match_field match_string subject_preprocessing "
    "object_preprocessing see_also".split()
)

#: Prefixes that need no declaration (https://mapping-commons.github.io/sssom/spec-intro/#iri-prefixes).
BUILT_IN = {prefix: PREFIXES[prefix] for prefix in ("owl", "rdf", "rdfs", "semapv", "skos", "sssom")}

#: How a mapping can have come about.
JUSTIFICATIONS = frozenset(
    f"semapv:{name}"
    for name in "BackgroundKnowledgeBasedMatching CompositeMatching InstanceBasedMatching LexicalMatching "
    "LexicalSimilarityThresholdMatching LogicalReasoning ManualMappingCuration MappingChaining MappingInversion "
    "MappingReview SemanticSimilarityThresholdMatching StructuralMatching UnspecifiedMatching".split()
)

#: Those by which a person answers for the row.
CURATED = frozenset({"semapv:ManualMappingCuration", "semapv:MappingReview"})

#: The value of `predicate_modifier`.
NEGATED = "Not"

#: The object of a row that says: nothing there means this
#: (https://mapping-commons.github.io/sssom/spec-model/#documenting-unmapped-elements).
NO_TERM = f"{PREFIXES['sssom']}NoTermFound"
