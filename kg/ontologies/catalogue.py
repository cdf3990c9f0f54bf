"""Which ontologies there are, where they come from and on what terms; and how to load one."""

import re
import tomllib
from functools import cache
from hashlib import file_digest
from pathlib import Path

import msgspec

from kg import assets
from kg.concept import Concept
from kg.errors import NotFound, OntologyError
from kg.ontologies import mesh, obo
from kg.ontologies.cache import read_cache, write_cache
from kg.ontologies.facts import ONTOLOGY, Facts, Stated, explained, flagged, gather
from kg.vocab import PREFIXES

__all__ = ["Ontology", "Source", "decode", "default_files", "describe", "find_file", "load", "read_sources"]


class Source(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What `ontologies/sources.toml` says of one ontology: where it is to be had, and on what terms."""

    name: str
    title: str
    homepage: str
    download: str
    version_pattern: str
    format: str
    licence: str
    licence_url: str
    permits: str
    citation: str


class Ontology(msgspec.Struct, frozen=True, kw_only=True):
    """One ontology as read: `concepts` by IRI; `version` is empty where neither the file nor its name tells it."""

    name: str
    title: str
    version: str
    licence: str
    path: Path
    sha256: str
    concepts: dict[str, Concept]


@cache
def read_sources() -> tuple[Source, ...]:
    """The ontologies that `ontologies/sources.toml` knows."""
    tables = tomllib.loads((assets.folder("ontologies") / "sources.toml").read_text(encoding="utf-8"))
    return msgspec.convert([{"name": name, **table} for name, table in tables.items()], tuple[Source, ...])


def default_files() -> tuple[Path, ...]:
    """The slices that come with the package."""
    return tuple(sorted((assets.folder("ontologies") / "slices").glob("*.ttl")))


def find_file(name_or_path: str) -> Path:
    """The file at this path, else the bundled slice of this name.

    Raises:
        NotFound: if it is neither.
    """
    path = Path(name_or_path)
    if path.is_file():
        return path
    slices = {file.stem: file for file in default_files()}
    if name_or_path not in slices:
        raise NotFound("ontology", name_or_path, slices)
    return slices[name_or_path]


def load(path: Path) -> Ontology:
    """The concepts of an ontology file (N-Triples, Turtle or RDF/XML, plain or gzip), from the cache if they are there.

    Raises:
        OntologyError: if there is no such file, it is damaged, no RDF, or holds no labelled concept.
    """
    with explained(path):
        with path.open("rb") as file:
            sha256 = file_digest(file, "sha256").hexdigest()
        cached = read_cache(sha256)
        stated, concepts = cached or decode(path, gather(path))
    if cached is None:
        write_cache(sha256, stated, concepts)
    return describe(path, sha256, stated, concepts)


def decode(path: Path, facts: Facts) -> tuple[Stated, dict[str, Concept]]:
    """What the file says of itself, and its concepts, in whichever model it is written.

    Raises:
        OntologyError: if there are no concepts.
    """
    iri = min(flagged(facts, "rdf:type", frozenset({ONTOLOGY})), default="")
    title, version, licence = (
        min(facts[name].get(iri, ()), default="") for name in ("dct:title", "owl:versionIRI", "dct:license")
    )
    if mesh.is_mesh(facts):
        name, found = "mesh", mesh.iter_concepts(facts)
        iri = PREFIXES["mesh"].rstrip("/")
    else:
        classes = obo.find_classes(facts, iri)
        name = obo.ontology_name(iri or classes[0] if classes else "")
        found = obo.iter_concepts(facts, classes, name)
    concepts = {concept.iri: concept for concept in found}
    if not concepts:
        expected = "MeSH descriptors (meshv:TopicalDescriptor …) or OWL classes, with an rdfs:label each"
        raise OntologyError(str(path), "the ontology holds no concepts", expected=expected)
    return Stated(name, iri, title, version, licence), concepts


def describe(path: Path, sha256: str, stated: Stated, concepts: dict[str, Concept]) -> Ontology:
    """The ontology with its title, version and licence, from our catalogue where it knows them."""
    source = next((source for source in read_sources() if source.name == stated.name), None)
    found = source and re.search(source.version_pattern, f"{stated.version}\n{path.name}")
    return Ontology(
        name=stated.name,
        title=source.title if source else stated.title or stated.name,
        version=found[1] if found else stated.version,
        licence=source.licence if source else stated.licence,
        path=path,
        sha256=sha256,
        concepts=concepts,
    )
