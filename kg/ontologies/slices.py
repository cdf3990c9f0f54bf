"""Parts of an ontology as RDF again: slices in the publisher's own model, and plain triples for the store.

A slice holds identifiers, names, synonyms, hierarchy and cross-references; no definitions. It stands in git, so it is
Turtle in sorted blocks: small, and a change is a readable diff. What is only broader than the concepts
asked for has its label alone: two thirds of a slice would else be synonyms that no record uses.
"""

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from itertools import groupby
from pathlib import Path

from kg import terms
from kg.concept import Concept
from kg.errors import OntologyError
from kg.iris import compact
from kg.ontologies import mesh, obo
from kg.ontologies.cache import write_beside
from kg.ontologies.catalogue import describe, is_table
from kg.ontologies.decoding import decode_facts, is_skos
from kg.ontologies.facts import SYNONYMS, TERM_NAMES, TO_CONCEPTS, TO_TERMS, Facts, Stated, gather
from kg.ontologies.release import explained
from kg.ontologies.sources import find_source
from kg.vocab import PREFIXES, expand

__all__ = ["plain_triples", "write_slice"]

#: Subject, property and value as Turtle.
Statement = tuple[str, str, str]

_XREFS = frozenset({"mesh", "MONDO", "DOID", "CHEBI", "NCIT", "DrugBank", "UNII"})
#: Prefixed names that Turtle reads without escapes (https://www.w3.org/TR/turtle/#grammar-production-PN_LOCAL).
_CURIE = re.compile(r"[A-Za-z]\w*:[A-Za-z0-9_](?:[A-Za-z0-9_.-]*[A-Za-z0-9_-])?", re.ASCII)
_PREFIX = re.compile(r"(?<![^\s[])([A-Za-z]\w*):", re.ASCII)

_A, _LABEL, _ALT, _NOTATION, _BROADER, _ACTION, _IN = (
    terms.iri(expand(name))
    for name in (
        *("rdf:type", "rdfs:label", "skos:altLabel", "skos:notation"),
        *("tg:broader", "tg:hasAction", "tg:inOntology"),
    )
)
_CONCEPT = terms.iri(expand("tg:Concept"))


def plain_triples(concept: Concept) -> Iterator[str]:
    """The concept as lines of N-Triples for the store's default graph: direct edges only, no blank nodes."""
    subject = terms.iri(concept.iri)
    yield f"{subject} {_A} {_CONCEPT} .\n"
    yield f"{subject} {_IN} {terms.iri(expand(f'graph:ontology/{concept.source}'))} .\n"
    yield f"{subject} {_LABEL} {terms.text(concept.label)} .\n"
    if concept.notation:
        yield f"{subject} {_NOTATION} {terms.plain(concept.notation)} .\n"
    for name in (*concept.exact, *concept.related, *concept.brands):
        yield f"{subject} {_ALT} {terms.text(name)} .\n"
    for broader in concept.broader:
        yield f"{subject} {_BROADER} {terms.iri(broader)} .\n"
    for action in concept.actions:
        yield f"{subject} {_ACTION} {terms.iri(action)} .\n"


def write_slice(ontology_path: Path, keep: Collection[str], out: Path) -> int:
    """Writes the concepts with these IRIs, and all that they stand under or have as action; says how many that are.

    `load` reads them back equal, but for cross-references to vocabularies that we have no use for, and the others with
    their label and place. The same file and IRIs give the same bytes.

    Raises:
        OntologyError: if the ontology cannot be read, is neither MeSH's RDF nor OWL, or lacks one of the IRIs; or if
            the slice cannot be written.
    """
    with explained(ontology_path):
        facts = None if is_table(ontology_path) else gather(ontology_path)
    if facts is None or is_skos(facts):
        expected = "RDF in MeSH's model or in OWL"
        raise OntologyError(str(ontology_path), "no slice can be cut from such a release", expected=expected)
    stated, concepts = decode_facts(ontology_path, facts)
    kept = _needed(ontology_path, concepts, keep)
    header = _header(ontology_path, stated)
    write = _mesh_lines if mesh.is_mesh(facts) else _obo_lines
    text = "".join(_blocks([*_about(ontology_path, stated), *write(facts, kept, frozenset(keep))]))
    prefixes = [f"@prefix {name}: <{PREFIXES[name]}> .\n" for name in sorted(PREFIXES.keys() & _PREFIX.findall(text))]
    try:
        write_beside(out, "".join([*header, *prefixes, "\n", text]).encode())
    except OSError as error:
        raise OntologyError(str(out), f"the slice cannot be written ({error.strerror or error})") from error
    return len(kept)


def _needed(path: Path, concepts: Mapping[str, Concept], keep: Collection[str]) -> dict[str, Concept]:
    unknown = sorted(set(keep) - concepts.keys())
    if unknown:
        expected = "IRIs of active, labelled concepts"
        raise OntologyError(str(path), "the ontology has no such concept", got=unknown[0], expected=expected)
    needed: set[str] = set()
    waiting = [*keep]
    while waiting:
        iri = waiting.pop()
        if iri in concepts and iri not in needed:
            needed.add(iri)
            waiting.extend((*concepts[iri].ancestors, *concepts[iri].actions))
    return {iri: concepts[iri] for iri in sorted(needed)}


def _header(path: Path, stated: Stated) -> Iterator[str]:
    source = find_source(stated.name)
    ontology = describe(path, "", stated, {})
    said = {
        "source": source.download if source else stated.iri,
        "version": ontology.version or "not stated",
        "licence": f"{source.licence}, {source.licence_url}" if source else stated.licence or "not stated",
        "terms": source.permits if source else "",
        "cite": source.citation if source else "",
        "slice": "identifiers, names, synonyms, hierarchy, cross references",
    }
    yield f"# {_on_one_line(ontology.title)}\n"
    yield from (f"# {name}: {_on_one_line(text)}\n" for name, text in said.items() if text)


def _on_one_line(text: str) -> str:
    return " ".join(text.split())


def _about(path: Path, stated: Stated) -> Iterator[Statement]:
    """The ontology's own node, which carries the version; NLM names MeSH's releases but states none in them."""
    version = describe(path, "", stated, {}).version
    release = f"{stated.iri}/{version}" if stated.name == "mesh" and version else stated.version
    if stated.iri:
        yield _line(stated.iri, "a", "owl:Ontology")
    if stated.iri and release:
        yield _line(stated.iri, "owl:versionIRI", _short(release))


def _mesh_lines(facts: Facts, kept: Mapping[str, Concept], named: Collection[str]) -> Iterator[Statement]:
    ended = mesh.inactive(facts)
    for iri, concept in kept.items():
        trees = [tree for tree in facts["meshv:treeNumber"].get(iri, ()) if tree not in ended]
        yield _line(iri, "meshv:identifier", terms.plain(concept.notation))
        yield from (_line(iri, "a", _short(kind)) for kind in facts["rdf:type"][iri])
        yield from (_line(iri, "meshv:broaderDescriptor", _short(parent)) for parent in concept.broader)
        yield from _said(facts, (iri,), ("meshv:treeNumber", "meshv:pharmacologicalAction"), _short, ended)
        yield from _said(facts, (iri,), ("rdfs:label",), terms.text)
        if iri in named:
            yield from _mesh_names(facts, iri, ended)
        for tree in trees:
            yield _line(tree, "a", "meshv:TreeNumber")
            yield from (_line(tree, "meshv:parentTreeNumber", _short(parent)) for parent in [*mesh.above(tree)][:1])


def _mesh_names(facts: Facts, iri: str, ended: Collection[str]) -> Iterator[Statement]:
    nodes, names = mesh.concept_nodes(facts, iri, ended)
    yield from (_line(node, "a", "meshv:Concept") for node in nodes)
    yield from (_line(node, "a", "meshv:Term") for node in names)
    yield from _said(facts, (iri, *nodes), (*TO_CONCEPTS, *TO_TERMS), _short, ended)
    yield from _said(facts, (iri, *nodes, *names), ("rdfs:label", "skos:altLabel", *TERM_NAMES), terms.text)
    yield from _said(facts, nodes, ("meshv:registryNumber",), terms.plain)


def _obo_lines(facts: Facts, kept: Mapping[str, Concept], named: Collection[str]) -> Iterator[Statement]:
    for iri, concept in kept.items():
        yield _line(iri, "a", "owl:Class")
        yield _line(iri, "oboInOwl:id", terms.plain(concept.notation))
        yield _line(iri, "rdfs:label", terms.plain(concept.label))
        yield from _said(facts, (iri,), SYNONYMS if iri in named else (), terms.plain)
        yield from (_line(iri, "rdfs:subClassOf", _short(parent)) for parent in concept.broader)
        for role in concept.actions:
            has_role = f"a owl:Restriction ; owl:onProperty {_short(obo.HAS_ROLE)} ; owl:someValuesFrom {_short(role)}"
            yield _line(iri, "rdfs:subClassOf", f"[ {has_role} ]")
        for xref in facts["oboInOwl:hasDbXref"].get(iri, ()) if iri in named else ():
            if obo.xref(xref).partition(":")[0] in _XREFS:
                yield _line(iri, "oboInOwl:hasDbXref", terms.plain(xref))


def _said(
    facts: Facts,
    subjects: Iterable[str],
    names: Iterable[str],
    write: Callable[[str], str],
    without: Collection[str] = (),
) -> Iterator[Statement]:
    names = tuple(names)
    for subject in subjects:
        for name in names:
            for value in facts[name].get(subject, ()):
                if value not in without:
                    yield _line(subject, name, write(value))


def _line(subject: str, name: str, value: str) -> Statement:
    return _short(subject), name, value


def _blocks(statements: Iterable[Statement]) -> Iterator[str]:
    """A block a subject, a line a property, all in order: small, and a change is a readable diff."""
    for subject, said in groupby(sorted(set(statements), key=_order), key=lambda statement: statement[0]):
        lines = (
            f"{name} {', '.join(value for *_, value in values)}" for name, values in groupby(said, key=lambda s: s[1])
        )
        yield f"{subject} {_NEXT.join(lines)} .\n"


#: Between the properties of a subject.
_NEXT = " ;\n    "


def _order(statement: Statement) -> tuple[str, bool, str, str]:
    subject, name, value = statement
    return subject, name != "a", name, value


def _short(iri: str) -> str:
    """The IRI as Turtle: a prefixed name where it needs no escapes."""
    curie = compact(iri)
    return curie if curie != iri and _CURIE.fullmatch(curie) else terms.iri(iri)
