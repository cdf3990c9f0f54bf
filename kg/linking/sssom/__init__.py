"""Mapping sets in the Simple Standard for Sharing Ontological Mappings (https://mapping-commons.github.io/sssom/).

slots      what columns and header keys are called
table      text: YAML header, tab-separated rows
rows       a row's meaning, and the key that makes two strings the same
reading    text -> rows, with findings
agreement  duplicates and contradictions
writing    rows -> text
rdf        rows -> RDF
exporting  the links of a graph folder -> rows
"""

from kg.linking.sssom.agreement import settle
from kg.linking.sssom.reading import read_set
from kg.linking.sssom.rows import MappingRow, MappingSet, string_key
from kg.linking.sssom.writing import merge, write_set

__all__ = ["MappingRow", "MappingSet", "merge", "read_set", "settle", "string_key", "write_set"]
