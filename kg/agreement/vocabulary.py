"""Ontology, mapping, shapes and queries name the same terms: none used and not declared, none declared and not used."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path

from kg import iris, mapping
from kg.agreement.places import Checked, Places
from kg.agreement.written import TurtleFile, Use, python_uses, read_file, saved_query_uses, turtle_uses
from kg.finding import Finding, Severity
from kg.reasoning.module import Module, module_lines
from kg.vocab import CODES, GRAPHS, ID, PREFIXES, expand

__all__ = ["check_vocabulary"]

_TYPE, _DOMAIN, _RANGE = expand("rdf:type"), expand("schema:domainIncludes"), expand("schema:rangeIncludes")
_PROPERTY, _CLASS = expand("rdf:Property"), expand("rdfs:Class")
_SHAPE = f"{ID}shape/"
#: Our names that are no terms: nodes of the graph, the vocabulary and the graphs themselves.
_NO_TERMS = tuple(f"{ID}{part}" for part in ("study/", "org/", "graph/"))
#: Property of a shape -> what kind of term stands there.
_KINDS = {expand("sh:path"): _PROPERTY, expand("sh:targetClass"): _CLASS, expand("sh:class"): _CLASS}


def check_vocabulary(places: Places) -> Checked:
    """What `ontologies/trialgraph.ttl`, the mapping, shapes, queries and drug classes say otherwise than another.

    Raises:
        KgError: if a Turtle file is none.
    """
    path = places.ontologies / "trialgraph.ttl"
    ontology = read_file(path)
    files = {other: read_file(other) for other in places.turtle() if other != path}
    uses = [
        *_mapping_uses(),
        *python_uses(places.package),
        *turtle_uses(files.values()),
        *saved_query_uses(places.queries),
    ]
    declared = _declared([ontology, *files.values()])
    findings = [
        *_undeclared([*uses, *turtle_uses([ontology])], declared),
        *_unused(ontology, {use.iri for use in uses}),
        *_undescribed(ontology),
        *_misplaced(ontology),
        *_miskinded(files.values(), declared),
    ]
    return Checked(tuple(findings), {"terms": len(_declared([ontology]))})


def _declared(files: Iterable[TurtleFile]) -> dict[str, set[str]]:
    """Term of ours -> its types, of all that some file gives a type; a shape needs none."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    for statement in (statement for file in files for statement in file.statements):
        if statement.predicate == _TYPE and statement.subject.startswith(ID):
            found[statement.subject].add(statement.object)
        elif statement.subject.startswith(_SHAPE):
            found.setdefault(statement.subject, set())
    return found


def _module_terms() -> set[str]:
    """What the reasoner's OWL module declares itself: its terms stand in no graph."""
    empty = Module(members=(), kinds={}, statements={}, definitions={})
    return {line.split(">", 1)[0][1:] for line in module_lines(empty) if f" <{_TYPE}> " in line}


def _mapping_uses() -> Iterator[Use]:
    """What the mapping emits: properties, classes, schemes and codes."""
    source = mapping.__file__
    for curie in mapping.properties():
        yield Use(expand(curie), source)
    for row in mapping.rows():
        for name in (row.subject, *re.findall(r"\w+:\w+", row.range)):
            yield Use(expand(name), source)
    for scheme, codes in CODES.items():
        yield Use(expand(f"tg:{scheme}Scheme"), source)
        yield from (Use(iris.code(scheme, code), source) for code in codes)


def _undeclared(uses: Iterable[Use], declared: Iterable[str]) -> Iterator[Finding]:
    known = {*declared, *GRAPHS.values(), *PREFIXES.values()}
    told: dict[tuple[str, str], Use] = {}
    for use in uses:
        if use.iri.startswith(ID) and use.iri not in known and not use.iri.startswith(_NO_TERMS):
            told.setdefault((use.iri, use.source), use)
    # The ontology's own node is no term.
    passed = {PREFIXES["tg"].removesuffix("#")}
    inner = _module_terms()
    for use in sorted(told.values()):
        if use.iri not in passed and not (use.iri in inner and "reasoning" in Path(use.source).parts):
            shape = use.iri.startswith(_SHAPE)
            rule, message = (
                ("shape-undefined", "a shape is named that no file defines")
                if shape
                else ("term-undeclared", "the term is used, but no file of ontologies/ declares it")
            )
            yield _finding(rule, message, iris.compact(use.iri), use.source, use.line)


def _unused(ontology: TurtleFile, used: set[str]) -> Iterator[Finding]:
    """What is declared and only declared; that a used property holds a class is use of the class."""
    held = {s.object for s in ontology.statements if s.predicate in (_DOMAIN, _RANGE) and s.subject in used}
    for iri in sorted(_declared([ontology]).keys() - used - held - {PREFIXES["tg"].removesuffix("#")}):
        message = "the term is declared, but neither mapping nor shapes, queries or classes use it"
        yield _finding("term-unused", message, iris.compact(iri), str(ontology.path), ontology.subjects.get(iri, 0))


def _undescribed(ontology: TurtleFile) -> Iterator[Finding]:
    """Classes and properties without what people need: a label, a comment and, of a property, where it stands."""
    said: defaultdict[str, set[str]] = defaultdict(set)
    types: defaultdict[str, set[str]] = defaultdict(set)
    for statement in ontology.statements:
        said[statement.subject].add(iris.compact(statement.predicate))
        if statement.predicate == _TYPE:
            types[statement.subject].add(statement.object)
    for iri, kinds in sorted(types.items()):
        needed = {"rdfs:label", "rdfs:comment", "rdfs:isDefinedBy"} if kinds & {_CLASS, _PROPERTY} else {"rdfs:label"}
        needed |= {"schema:domainIncludes"} if _PROPERTY in kinds else set()
        missing = " ".join(sorted(needed - said[iri]))
        if missing and iri.startswith(ID) and iri != PREFIXES["tg"].removesuffix("#"):
            message = f"the term is declared without {missing}"
            yield _finding("term-undescribed", message, iris.compact(iri), str(ontology.path), ontology.subjects[iri])


def _misplaced(ontology: TurtleFile) -> Iterator[Finding]:
    """Where the mapping puts a property, or what it lets it hold, if the ontology says otherwise."""
    said: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
    for statement in ontology.statements:
        said[statement.subject, statement.predicate].add(statement.object)
    for row in dict.fromkeys(mapping.rows()):
        iri = expand(row.property)
        holds = {expand(name) for name in re.findall(r"\w+:\w+", row.range)}
        stated = {"domain": said[iri, _DOMAIN], "range": said[iri, _RANGE]}
        for kind, emitted in (("domain", {expand(row.subject)}), ("range", holds)):
            missing = emitted - stated[kind]
            if stated[kind] and missing:
                names = " ".join(sorted(iris.compact(name) for name in missing))
                message = f"the mapping gives {row.property} a {kind} that the ontology does not declare"
                line = ontology.subjects.get(iri, 0)
                yield _finding(f"property-{kind}", message, names, str(ontology.path), line, field=row.field)


def _miskinded(files: Iterable[TurtleFile], declared: dict[str, set[str]]) -> Iterator[Finding]:
    """Shapes that take a class for a property, or a property for a class."""
    for file in files:
        for statement in file.statements:
            kind = _KINDS.get(statement.predicate)
            types = declared.get(statement.object)
            if kind and types and not types & {kind, expand("owl:Class") if kind == _CLASS else kind}:
                message = f"{iris.compact(statement.predicate)} names what is no {iris.compact(kind)}"
                value, line = iris.compact(statement.object), file.lines.get(statement.object, 0)
                yield _finding("term-kind", message, value, str(file.path), line)


def _finding(
    rule: str, message: str, value: str, source: str, line: int, *, field: str = "", severity: Severity = "violation"
) -> Finding:
    return Finding(
        rule=f"check/{rule}", message=message, value=value, source=source, line=line, field=field, severity=severity
    )
