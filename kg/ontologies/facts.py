"""One pass over an ontology file gathers the few properties that we read, in MeSH's model and in OBO's alike."""

import re
import sys
from collections.abc import Collection, Iterable
from pathlib import Path
from typing import IO, cast

import msgspec
from pyoxigraph import BlankNode, Literal, NamedNode, RdfFormat, Triple, parse

from kg.errors import OntologyError
from kg.ontologies.release import Release
from kg.vocab import PREFIXES, expand

__all__ = [
    "CLASS",
    "MESH_TYPES",
    "ONTOLOGY",
    "RELATED",
    "SCHEME",
    "SKOS_CONCEPT",
    "SYNONYMS",
    "TERM_NAMES",
    "TO_CONCEPTS",
    "TO_TERMS",
    "Facts",
    "Stated",
    "find_rdf",
    "flagged",
    "gather",
    "notation",
    "ordered",
    "values",
]

#: Property (as CURIE) -> subject -> values. Blank nodes are written `_:name`.
Facts = dict[str, dict[str, list[str]]]

TERM_NAMES = ("meshv:prefLabel", "meshv:altLabel")
RELATED = tuple(f"oboInOwl:has{kind}Synonym" for kind in ("Related", "Narrow", "Broad", "Close"))
SYNONYMS = ("oboInOwl:hasExactSynonym", *RELATED)
#: What ties a descriptor or supplementary concept to its concept nodes, and these to their term nodes.
TO_CONCEPTS = ("meshv:concept", "meshv:preferredConcept")
TO_TERMS = ("meshv:term", "meshv:preferredTerm")

_TEXTS = frozenset(
    {"rdfs:label", "skos:altLabel", "meshv:active", "owl:deprecated", "oboInOwl:hasDbXref", "dct:title"}
    | {"meshv:registryNumber", "owl:versionInfo", *TERM_NAMES, *SYNONYMS}
    | {f"skos:{name}" for name in ("prefLabel", "hiddenLabel", "notation")}
)
_LINKS = frozenset(
    {"rdf:type", "rdfs:subClassOf", "owl:onProperty", "owl:someValuesFrom", "owl:versionIRI", "dct:license"}
    | {"meshv:treeNumber", "meshv:pharmacologicalAction", *TO_CONCEPTS, *TO_TERMS}
    | {f"skos:{name}" for name in ("broader", "narrower", "exactMatch")}
)
_READ = {expand(name): name for name in _TEXTS | _LINKS}

#: Descriptors (https://hhs.github.io/meshrdf/descriptors) and supplementary concepts; qualifiers are no concepts.
MESH_TYPES = frozenset(
    expand(f"meshv:{kind}")
    for kind in (
        *("TopicalDescriptor", "GeographicalDescriptor", "PublicationType", "CheckTag"),
        *("SCR_Chemical", "SCR_Disease", "SCR_Protocol", "SCR_Organism", "SCR_Population", "SCR_Anatomy"),
    )
)
CLASS, ONTOLOGY = expand("owl:Class"), expand("owl:Ontology")
SKOS_CONCEPT, SCHEME = expand("skos:Concept"), expand("skos:ConceptScheme")
_TYPES = MESH_TYPES | {CLASS, ONTOLOGY, SKOS_CONCEPT, SCHEME}
#: How the one ontology in a zip may be called.
_RDF_FILE = re.compile(r".+\.(?:nt|ttl|owl|rdf|xml)(?:\.gz)?", re.IGNORECASE)

_XML = re.compile(rb"\s*(?:<\?xml|<!|<[\w.-]+(?::[\w.-]+)?\s)")
_NT_LINE = re.compile(rb"(?:\s|#[^\n]*\n)*(?:<[^>\s]*>|_:\S+)\s+<[^>\s]*>\s[^\n]*\.[ \t]*(?:#[^\n]*)?\r?\n")
#: An entity that is a shorthand for a namespace, as OWL editors write. Others may nest, and grow without bound.
_HARMLESS_ENTITY = re.compile(rb'<!ENTITY\s{1,8}[\w.:-]{1,60}\s{1,8}"[^"&%<]{0,256}"\s{0,8}>')
_LONGEST_ENTITY = 400


class Stated(msgspec.Struct, frozen=True, array_like=True):
    """What the file says of itself; `version` is its version IRI; `remarks` say what was left out as wrong."""

    name: str
    iri: str
    title: str
    version: str
    licence: str
    remarks: tuple[str, ...] = ()


class _Guarded:
    """Passes RDF/XML on, unless it declares entities that may grow without bound: the parser sets no limit itself."""

    def __init__(self, stream: IO[bytes], path: Path) -> None:
        self._stream, self._path, self._tail = stream, path, b""

    def read(self, size: int = -1, /) -> bytes:
        data = self._stream.read(size)
        seen = self._tail + data
        # What a declaration cut off at the end can do is little; it is looked at again, whole, with the next bytes.
        settled = len(seen) - (_LONGEST_ENTITY if data else 0)
        for found in re.finditer(b"<!ENTITY", seen):
            if found.start() <= settled and not _HARMLESS_ENTITY.match(seen, found.start()):
                problem = "the file declares an XML entity that is no plain shorthand"
                raise OntologyError(str(self._path), problem, remedy="No ontology needs one: distrust this file.")
        self._tail = seen[-_LONGEST_ENTITY:]
        return data


def find_rdf(release: Release) -> str:
    """The file of RDF in the release.

    Raises:
        OntologyError: if a zip holds none.
    """
    name = release.find(_RDF_FILE) if release.is_zip else release.names[0]
    if name is None:
        expected = "RDF (.nt, .ttl, .owl, .rdf, .xml) or one of the tables that we know"
        got = ", ".join(release.names)
        raise OntologyError(str(release.path), "the zip holds no ontology", got=got, expected=expected)
    return name


def gather(path: Path) -> Facts:
    """The properties that we read, in English where they have a language; the file's format is told from its content.

    Raises:
        OntologyError: if an XML entity is declared that may grow without bound, or a zip holds no file of RDF.
        OSError, EOFError, zlib.error, zipfile.BadZipFile, SyntaxError: see `explained`.
    """
    facts: Facts = {name: {} for name in _READ.values()}
    release = Release(path)
    name = find_rdf(release)
    with release.opened(name) as stream:
        head = stream.peek(8192).removeprefix(b"\xef\xbb\xbf")
        if _XML.match(head):
            quads = parse(cast("IO[bytes]", _Guarded(cast("IO[bytes]", stream), path)), RdfFormat.RDF_XML, lenient=True)
        else:
            # Turtle takes N-Triples too, at three quarters of the speed.
            plain = ".nt" in Path(name).suffixes and _NT_LINE.match(head)
            quads = parse(cast("IO[bytes]", stream), RdfFormat.N_TRIPLES if plain else RdfFormat.TURTLE, lenient=True)
        for quad in quads:
            said = _READ.get(quad.predicate.value)
            if said is None or not (value := _value(quad.object, text=said in _TEXTS)):
                continue
            if (said != "rdf:type" or value in _TYPES) and (subject := _value(quad.subject, text=False)):
                facts[said].setdefault(subject, []).append(value)
    return facts


def _value(term: NamedNode | BlankNode | Literal | Triple, *, text: bool) -> str:
    """The text of an English literal or the name of a node, whichever is asked for; empty if the term is none."""
    if isinstance(term, NamedNode):
        # A relative IRI that had no base names nothing.
        return "" if text or ":" not in term.value else sys.intern(term.value)
    if isinstance(term, Literal):
        return term.value.strip() if text and (term.language or "en").startswith("en") else ""
    return f"_:{term.value}" if isinstance(term, BlankNode) and not text else ""


def values(facts: Facts, names: Iterable[str], subjects: Collection[str]) -> set[str]:
    """All that these properties say of these subjects."""
    found: set[str] = set()
    for name in names:
        held = facts[name]
        for subject in subjects:
            if subject in held:
                found.update(held[subject])
    return found


def flagged(facts: Facts, name: str, wanted: frozenset[str]) -> set[str]:
    """The subjects that have one of the wanted values."""
    return {subject for subject, found in facts[name].items() if not wanted.isdisjoint(found)}


def notation(iri: str) -> str:
    """The identifier as people write it: D006528, MONDO:0007256."""
    local = iri.rpartition("/")[2].rpartition("#")[2]
    return local.replace("_", ":", 1) if iri.startswith(PREFIXES["obo"]) else local


def ordered(found: Collection[str]) -> tuple[str, ...]:
    """Sorted, so that what we make of a file does not hang on the order of its lines."""
    return tuple(sorted(found)) if found else ()
