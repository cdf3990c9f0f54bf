"""What the ontologies at hand say of single terms: label, and whether the term was withdrawn.

Properties and withdrawn terms count as well as concepts, so the files are read as they are, not as concepts.
"""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

import msgspec

from kg import ontologies
from kg.errors import OntologyError
from kg.iris import compact
from kg.ontologies.catalogue import is_table
from kg.ontologies.facts import ONTOLOGY, gather
from kg.ontologies.release import explained
from kg.vocab import PREFIXES, expand

__all__ = ["Known", "namespace", "read_known"]

#: The head of a slice says what it leaves out.
_SLICE = re.compile(r"^# slice:", re.MULTILINE)
_OBO_STANZA = re.compile(r"^\[(?:Term|Typedef|Instance)\]\n((?:.+\n?)+)", re.MULTILINE)
_OBO_PLACE = re.compile(r"[A-Za-z]+:\d+")
_OBO_NAME = re.compile(rf"{re.escape(PREFIXES['obo'])}(\w+)(?:\.owl|/.*)?")
_HEAD = 4096


class Known(msgspec.Struct, frozen=True):
    """The terms of the ontologies at hand. `partial` are namespaces of which only slices are at hand."""

    labels: dict[str, frozenset[str]]
    withdrawn: frozenset[str]
    whole: frozenset[str]
    partial: frozenset[str]

    def covers(self, iri: str) -> bool:
        """Whether a term of this namespace would be known, if it was one that we name."""
        return namespace(iri) in self.whole | self.partial

    def is_whole(self, iri: str) -> bool:
        """Whether a whole release of its ontology is at hand, so that a term that is not known does not exist."""
        return namespace(iri) in self.whole


def namespace(iri: str) -> str:
    """The namespace of a term under our prefixes; of OBO's, which share one, up to the ontology's own."""
    obo = PREFIXES["obo"]
    if iri.startswith(obo):
        return obo + iri.removeprefix(obo).partition("_")[0] + "_"
    curie = compact(iri)
    return PREFIXES[curie.partition(":")[0]] if curie != iri else iri


def read_known(files: Sequence[Path]) -> Known:
    """The terms of releases, slices and `.obo` files together.

    Raises:
        OntologyError: if a file cannot be read.
    """
    labels: dict[str, frozenset[str]] = {}
    withdrawn: set[str] = set()
    spaces: dict[bool, set[str]] = {True: set(), False: set()}
    for file in files:
        found, ended, name = _read(file)
        if not found:
            # Shapes over a vocabulary mention its terms and label none: what they mention exists.
            labels = dict.fromkeys(_mentioned(file), frozenset[str]()) | labels
            continue
        for iri, names in found.items():
            labels[iri] = labels.get(iri, frozenset()) | names
        withdrawn |= ended
        spaces[_is_slice(file)].add(_own(found, name))
    return Known(labels, frozenset(withdrawn), frozenset(spaces[False]), frozenset(spaces[True] - spaces[False]))


def _mentioned(file: Path) -> set[str]:
    """The terms under our prefixes that a Turtle file names.

    Raises:
        OntologyError: if there are none.
    """
    import pyoxigraph as ox

    found = set[str]()
    if file.suffix == ".ttl":
        with explained(file):
            quads = ox.parse(path=str(file), format=ox.RdfFormat.TURTLE)
            found = {term.value for quad in quads for term in quad.triple if isinstance(term, ox.NamedNode)}
    found = {iri for iri in found if namespace(iri) != iri}
    if not found:
        raise OntologyError(str(file), "no term that we could look up", expected="an ontology")
    return found


def _own(terms: Iterable[str], name: str) -> str:
    """The namespace that is the file's own: of others it has what it imported, and not all of it."""
    counts = Counter(map(namespace, terms))
    named = f"{PREFIXES['obo']}{name.upper()}_"
    return named if named in counts else max(counts, key=lambda space: (counts[space], space))


def _is_slice(file: Path) -> bool:
    if file.suffix != ".ttl":
        return False
    with file.open(encoding="utf-8", errors="replace") as stream:
        return _SLICE.search(stream.read(_HEAD)) is not None


#: Labels by term, withdrawn terms, and what an OBO ontology calls itself.
_Read = tuple[dict[str, frozenset[str]], set[str], str]


def _read(file: Path) -> _Read:
    if file.suffix == ".obo":
        return _read_obo(file)
    with explained(file):
        if is_table(file):
            concepts = ontologies.load(file).concepts
            return {iri: frozenset({concept.label}) for iri, concept in concepts.items()}, set(), ""
        facts = gather(file)
    labels = {iri: frozenset(names) for iri, names in facts["rdfs:label"].items()}
    for iri, names in facts["skos:prefLabel"].items():
        labels[iri] = labels.get(iri, frozenset()) | frozenset(names)
    ended = {iri for iri, values in facts["owl:deprecated"].items() if {"true", "1"} & set(values)}
    ended |= {iri for iri, values in facts["meshv:active"].items() if {"false", "0"} & set(values)}
    named = [_OBO_NAME.fullmatch(iri) for iri, kinds in facts["rdf:type"].items() if ONTOLOGY in kinds]
    return labels, ended, next((match[1] for match in named if match), "")


def _read_obo(file: Path) -> _Read:
    """Terms of the OBO format (https://owlcollab.github.io/oboformat/doc/GO.format.obo-1_4.html)."""
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise OntologyError(str(file), f"the file cannot be read ({error})") from error
    labels: dict[str, frozenset[str]] = {}
    withdrawn: set[str] = set()
    for stanza in _OBO_STANZA.findall(text):
        said = dict(line.split(": ", 1) for line in reversed(stanza.splitlines()) if ": " in line)
        name = said.get("id", "")
        iri = expand(f"obo:{name.replace(':', '_')}") if _OBO_PLACE.fullmatch(name) else name
        if "name" in said:
            labels[iri] = frozenset({said["name"]})
        if said.get("is_obsolete") == "true":
            withdrawn.add(iri)
    header = re.search(r"^ontology: *(\w+)", text, re.MULTILINE)
    return labels, withdrawn, header[1] if header else ""
