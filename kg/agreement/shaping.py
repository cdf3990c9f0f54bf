"""Shapes ask of a class only what the ontology declares for it; their SPARQL parses."""

from collections import defaultdict
from collections.abc import Iterable, Iterator

from kg.agreement.places import Checked, Places
from kg.agreement.written import TurtleFile, query_terms, read_file, sparql_of
from kg.finding import Finding
from kg.iris import compact
from kg.ontologies.turtle import read_prefixes
from kg.vocab import PREFIXES, expand

__all__ = ["check_shapes"]

_Said = defaultdict[tuple[str, str], set[str]]
_DOMAIN, _RANGE = expand("schema:domainIncludes"), expand("schema:rangeIncludes")
_TARGET, _PROPERTY, _PATH, _DATATYPE = map(expand, ("sh:targetClass", "sh:property", "sh:path", "sh:datatype"))


def check_shapes(places: Places) -> Checked:
    """Properties that a shape asks of a class that never has them, datatypes that they never hold, SPARQL that is none.

    Raises:
        KgError: if a Turtle file is none.
    """
    ontology = _said([read_file(places.ontologies / "trialgraph.ttl")])
    files = [read_file(path) for path in sorted(places.shapes.glob("*.ttl"))]
    shapes = _said(files)
    findings = [finding for file in files for finding in (*_unlike(file, shapes, ontology), *_unparsed(file))]
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


def _unparsed(file: TurtleFile) -> Iterator[Finding]:
    prefixes = {**PREFIXES, **read_prefixes(file.text)}
    for statement in sparql_of(file.statements):
        try:
            query_terms(statement.text, prefixes)
        except SyntaxError as error:
            message = f"the SPARQL of a shape cannot be parsed: {' '.join(str(error).split())[:200]}"
            first = statement.text.strip().partition("\n")[0]
            line = file.text[: max(file.text.find(first), 0)].count("\n") + 1
            yield Finding(
                rule="check/shape-query", message=message, severity="violation", source=str(file.path), line=line
            )


def _finding(rule: str, message: str, shape: str, file: TurtleFile) -> Finding:
    return Finding(
        rule=f"check/{rule}",
        message=message,
        severity="violation",
        source=str(file.path),
        line=file.subjects.get(shape, file.lines.get(shape, 0)),
        value=compact(shape),
    )
