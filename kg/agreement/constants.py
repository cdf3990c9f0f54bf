"""Terms of others that our files name exist, are called what we say, and were not withdrawn.

What a vocabulary at hand can tell, it must confirm. Closed vocabularies (the W3C's, Dublin Core, schema.org) are those
that rdflib knows; of ontologies, the slices and given releases tell. What nothing at hand covers is counted and said.
"""

from collections import defaultdict
from collections.abc import Container, Iterable, Iterator
from functools import cache
from itertools import pairwise
from pathlib import Path

from kg.agreement.known import Known, namespace
from kg.agreement.places import Checked, Places
from kg.agreement.written import TurtleFile, Use, python_uses, read_file, saved_query_uses, turtle_uses
from kg.finding import Finding, Severity
from kg.iris import compact
from kg.ontologies.sources import read_sources
from kg.ontologies.turtle import read_prefixes, read_tokens
from kg.vocab import ID, PREFIXES, expand

__all__ = ["check_constants"]

#: Prefix -> what rdflib calls the vocabulary, a closed list of terms.
_CLOSED = {
    "rdf": "RDF",
    "rdfs": "RDFS",
    "owl": "OWL",
    "xsd": "XSD",
    "skos": "SKOS",
    "dct": "DCTERMS",
    "dcat": "DCAT",
    "foaf": "FOAF",
    "prov": "PROV",
    "void": "VOID",
    "schema": "SDO",
    "sh": "SH",
}
#: Beside a term that no release at hand can confirm.
_UNCONFIRMED = "unconfirmed"


def check_constants(places: Places, known: Known) -> Checked:
    """Every term of others in code, Turtle and queries, and the labels that comments beside them state.

    Raises:
        KgError: if a Turtle file is none.
    """
    files = [read_file(path) for path in places.turtle()]
    uses = [*turtle_uses(files), *saved_query_uses(places.queries), *python_uses(places.package)]
    first: dict[tuple[str, str], Use] = {}
    for use in uses:
        if _is_constant(use.iri):
            first.setdefault((use.iri, use.source), use)
    told = sorted(first.values())
    codes = {code for source in read_sources(places.ontologies / "sources.toml") for code in source.codes}
    findings = [
        *_wrong(told, known, codes, places.ontologies / "classes.ttl"),
        *_labels(files, known),
        *_unconfirmed(told, known, codes),
    ]
    return Checked(tuple(findings), {"constants": len({use.iri for use in told})})


def _is_constant(iri: str) -> bool:
    """Whether it is a term of another vocabulary; pages, our own terms and whole ontologies are none."""
    local = compact(iri).partition(":")[2]
    if compact(iri) == iri or not local or iri.startswith((ID, PREFIXES["study"])):
        return False
    return not iri.startswith(PREFIXES["obo"]) or "_" in iri.rpartition("/")[2]


@cache
def _closed(space: str) -> Container[str] | None:
    """The names in a closed vocabulary; None if it is not one of those."""
    from rdflib import namespace as vocabularies

    names = [name for prefix, name in _CLOSED.items() if PREFIXES[prefix] == space]
    vocabulary: Container[str] | None = getattr(vocabularies, names[0]) if names else None
    return vocabulary


def _state(iri: str, known: Known, codes: Container[str]) -> str:
    """What can be told of a term: known, withdrawn, missing, or nothing."""
    space = namespace(iri)
    local = iri.removeprefix(space)
    names = codes if space == PREFIXES["ATC"] else _closed(space)
    if names is not None:
        return "known" if local in names else "missing"
    if iri in known.withdrawn:
        return "withdrawn"
    if iri in known.labels:
        return "known"
    return "missing" if known.covers(iri) else ""


def _wrong(uses: Iterable[Use], known: Known, codes: Container[str], classes: Path) -> Iterator[Finding]:
    for use in uses:
        state = _state(use.iri, known, codes)
        if use.source == str(classes) and namespace(use.iri) in known.whole | known.partial | {PREFIXES["ATC"]}:
            continue  # the check of drug classes tells
        if state == "withdrawn":
            yield _finding("constant-withdrawn", "the term was withdrawn by its publisher", use)
        elif state == "missing":
            yield _finding("constant-unknown", f"{_where(use.iri, known)} has no such term", use)


def _where(iri: str, known: Known) -> str:
    if namespace(iri) in known.partial:
        return "the slice of the ontology (give the whole release to be sure)"
    return "its vocabulary"


def _labels(files: Iterable[TurtleFile], known: Known) -> Iterator[Finding]:
    """Labels that a comment behind a term states, and that its publisher does not."""
    for file in files:
        for iri, label, line in _stated(file.text):
            names = known.labels.get(iri)
            if names and label not in names:
                message = f"the comment beside {compact(iri)} calls it otherwise than its publisher: {min(names)}"
                yield _finding("constant-label", message, Use(iri, str(file.path), line), label)


def _stated(text: str) -> Iterator[tuple[str, str, int]]:
    """(term, label, line) of each line with one concept of others and a comment behind it."""
    prefixes = read_prefixes(text)
    named: defaultdict[int, list[str]] = defaultdict(list)
    for before, token in pairwise(read_tokens(text)):
        if token.kind == "prefixed":
            prefix, _, local = token.text.partition(":")
            if prefix in prefixes and namespace(prefixes[prefix] + local) not in map(expand, (f"{p}:" for p in _OURS)):
                named[token.line].append(prefixes[prefix] + local)
        elif token.kind == "comment" and before.line == token.line and len(set(named[token.line])) == 1:
            label = token.text.removeprefix("#").strip()
            if not label.startswith(_UNCONFIRMED):
                yield named[token.line][0], label, token.line


#: Prefixes of vocabularies whose terms stand beside the concepts, not for them.
_OURS = ("tg", "class", "owl", "rdf", "rdfs", "skos", "schema", "sh", "dct", "xsd")


def _unconfirmed(uses: Iterable[Use], known: Known, codes: Container[str]) -> Iterator[Finding]:
    """One line an ontology that is not at hand: how many of its terms nobody could look up."""
    open_terms: defaultdict[str, list[Use]] = defaultdict(list)
    for use in uses:
        if not _state(use.iri, known, codes):
            open_terms[namespace(use.iri)].append(use)
    for space, found in sorted(open_terms.items()):
        iris = sorted({use.iri for use in found})
        message = f"no ontology at hand can confirm {len(iris)} terms of {space}: give one with --ontology"
        shown = " ".join(compact(iri) for iri in iris[:3]) + (" …" if len(iris) > 3 else "")  # noqa: PLR2004
        yield _finding("constant-unconfirmed", message, found[0], shown, severity="info")


def _finding(rule: str, message: str, use: Use, value: str = "", severity: Severity = "violation") -> Finding:
    return Finding(
        rule=f"check/{rule}",
        message=message,
        severity=severity,
        source=use.source,
        line=use.line,
        value=value or compact(use.iri),
    )
