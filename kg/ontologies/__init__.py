"""The catalogue of ontologies: publishers' own files in, `Concept`s out; also slices, and triples for the store.

sources      which ontologies there are, and on what terms
fetching     a release comes into the cache, whole and checked; `download` is its way, `fetched` what is there
release      a release as it lies on disk: file, zip or folder
catalogue    how an ontology is found by its name, and `load`
facts        one pass over a file of RDF gathers the few properties that matter; `decoding` tells its model
mesh, obo, skos          what these say, read in the publisher's model; `hierarchy` is what they share
rxnorm, tables           RxNorm's tables; UNII names and DrugBank's open vocabulary
cache        decoded concepts on disk, because parsing takes many times as long as reading them back
listing      what is at hand of each
slices       a few concepts of an ontology, in the publisher's model again; plain triples
graphs       an ontology as a file of RDF
"""

from kg.ontologies.cache import Loaded, place, read_loaded, write_beside
from kg.ontologies.catalogue import Ontology, default_files, find_file, fingerprint, load
from kg.ontologies.fetched import Record, find_fetched, read_record
from kg.ontologies.fetching import fetch
from kg.ontologies.graphs import graph_file
from kg.ontologies.listing import Listed, list_ontologies, load_all
from kg.ontologies.slices import plain_triples, write_slice
from kg.ontologies.sources import Source, read_sources

__all__ = [
    "Listed",
    "Loaded",
    "Ontology",
    "Record",
    "Source",
    "default_files",
    "fetch",
    "find_fetched",
    "find_file",
    "fingerprint",
    "graph_file",
    "list_ontologies",
    "load",
    "load_all",
    "place",
    "plain_triples",
    "read_loaded",
    "read_record",
    "read_sources",
    "write_beside",
    "write_slice",
]
