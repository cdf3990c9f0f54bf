"""The catalogue of ontologies: publishers' own RDF in, `Concept`s out; also slices of it, and triples for the store.

catalogue   which ontologies there are, and `load`
facts       one pass over a file gathers the few properties that matter
mesh, obo   what these say, read in the publisher's model
cache       decoded concepts on disk, because parsing takes many times as long as reading them back
slices      a few concepts of an ontology, in the publisher's model again; plain triples
"""

from kg.ontologies.catalogue import Ontology, Source, default_files, find_file, load, read_sources
from kg.ontologies.slices import plain_triples, write_slice

__all__ = ["Ontology", "Source", "default_files", "find_file", "load", "plain_triples", "read_sources", "write_slice"]
