"""Shapes ask of a class only what the ontology declares for it; their SPARQL parses."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping

from kg.agreement.places import Checked, Places
from kg.agreement.written import TurtleFile, query_terms, read_file, sparql_of, sparql_prefixes
from kg.finding import Finding, Severity
from kg.iris import code, compact
from kg.vocab import CODES, PREFIXES, expand

__all__ = ["check_shapes"]

_Said = defaultdict[tuple[str, str], set[str]]
_DOMAIN, _RANGE = expand("schema:domainIncludes"), expand("schema:rangeIncludes")
_TARGET, _PROPERTY, _PATH, _DATATYPE = map(expand, ("sh:targetClass", "sh:property", "sh:path", "sh:datatype"))
_IN, _FIRST, _REST, _NIL = map(expand, ("sh:in", "rdf:first", "rdf:rest", "rdf:nil"))


def check_shapes(places: Places) -> Checked:
    """Properties that a shape asks of a class that never has them; datatypes, codes that they never hold; no SPARQL.

    Raises:
        KgError: if a Turtle file is none.
    """
    ontology = _said([read_file(places.ontologies / "trialgraph.ttl")])
    files = [read_file(path) for path in sorted(places.shapes.glob("*.ttl"))]
    shapes = _said(files)
    prefixes = sparql_prefixes(files)
    findings: list[Finding] = []
    for file in files:
        findings += _unlike(file, shapes, ontology)
        findings += _codes(file, shapes, ontology)
        findings += _unparsed(file, prefixes)
    return Checked(tuple(findings), {"shapes": len({node for node, name in shapes if name in (_PATH, _TARGET)})})


def _said(files: Iterable[TurtleFile]) -> _Said:
    found: _Said = defaultdict(set)
    for statement in (statement for file in files for statement in file.statements):
        found[statement.subject, statement.predicate].add(statement.object)
    return found


def _unlike(file: TurtleFile, shapes: _Said, ontology: _Said) -> Iterator[Finding]:
    """Of each shape of a property that stands below a shape of a class in this file."""
    asked = {
        (target, shape)
        for node, name in list(shapes)
        if name == _TARGET and node in file.subjects
        for target in shapes[node, _TARGET]
        for shape in shapes[node, _PROPERTY]
    }
    for target, shape in sorted(asked):
        for path in sorted(shapes[shape, _PATH]):
            domain, held = ontology[path, _DOMAIN], ontology[path, _RANGE]
            if domain and target.startswith(PREFIXES["tg"]) and target not in domain:
                message = f"the ontology does not declare {compact(path)} for {compact(target)}"
                yield _finding("shape-domain", message, shape, file)
            for datatype in sorted(shapes[shape, _DATATYPE] - held) if held else ():
                message = f"the ontology does not declare that {compact(path)} holds {compact(datatype)}"
                yield _finding("shape-range", message, shape, file)


def _codes(file: TurtleFile, shapes: _Said, ontology: _Said) -> Iterator[Finding]:
    """Lists of codes (`sh:in`) that are not those of the property's scheme."""
    for shape, name in sorted(shapes):
        if name != _IN or shape not in file.lines:
            continue
        listed = {code for head in shapes[shape, _IN] for code in _items(head, shapes)}
        for path in sorted(shapes[shape, _PATH]):
            schemes = {scheme for scheme in ontology[path, _RANGE] if scheme.endswith("Scheme")}
            codes = {iri for scheme in schemes for iri in _members(scheme)}
            if not codes or not listed:
                continue
            if foreign := listed - codes:
                message = f"the shape allows what is no code of the scheme of {compact(path)}: {_shown(foreign)}"
                yield _finding("shape-code", message, shape, file)
            elif lacking := codes - listed:
                message = f"the shape does not allow all codes of the scheme of {compact(path)}: {_shown(lacking)}"
                yield _finding("shape-code", message, shape, file, "warning")


def _items(head: str, shapes: _Said) -> Iterator[str]:
    """The members of an RDF list."""
    while head != _NIL and (head, _FIRST) in shapes:
        yield from shapes[head, _FIRST]
        head = next(iter(shapes[head, _REST]), _NIL)


def _members(scheme: str) -> Iterator[str]:
    name = compact(scheme).removeprefix("tg:").removesuffix("Scheme")
    return (code(name, value) for value in CODES.get(name, ()))


def _shown(iris: Iterable[str]) -> str:
    return " ".join(sorted(map(compact, iris)))


def _unparsed(file: TurtleFile, prefixes: Mapping[str, str]) -> Iterator[Finding]:
    for statement in sparql_of(file.statements):
        try:
            query_terms(statement.text, prefixes)
        except SyntaxError as error:
            message = f"the SPARQL of a shape cannot be parsed: {' '.join(str(error).split())[:200]}"
            line = file.text[: max(file.text.find(statement.text), 0)].count("\n") + 1
            yield Finding(
                rule="check/shape-query", message=message, severity="violation", source=str(file.path), line=line
            )


def _finding(rule: str, message: str, shape: str, file: TurtleFile, severity: Severity = "violation") -> Finding:
    return Finding(
        rule=f"check/{rule}",
        message=message,
        severity=severity,
        source=str(file.path),
        line=file.subjects.get(shape, file.lines.get(shape, 0)),
        value=compact(shape),
    )
