"""Definitions of drug classes refer to concepts that exist, of the ontology that they name."""

from collections.abc import Iterator, Mapping
from pathlib import Path

from kg.agreement.known import Known
from kg.agreement.places import Checked, Places, read_text
from kg.agreement.written import find_lines
from kg.errors import OntologyError
from kg.finding import Finding
from kg.iris import compact
from kg.ontologies.sources import Source, read_sources
from kg.reasoning.classes import Definition, DrugClass, read_classes
from kg.vocab import expand

__all__ = ["check_definitions"]


def check_definitions(places: Places, known: Known) -> Checked:
    """What is wrong with `ontologies/classes.ttl`, where the ontologies at hand can tell."""
    path = places.ontologies / "classes.ttl"
    lines = find_lines(read_text(path))
    try:
        classes = read_classes(path)
    except OntologyError as error:
        return Checked((_finding("class-form", f"{error.problem}; expected {error.expected}", error.got, path, lines),))
    sources = {source.name: source for source in read_sources(places.ontologies / "sources.toml")}
    findings = [
        finding
        for drug_class in classes
        for finding in (*_of_class(drug_class, path, lines), *_of_definitions(drug_class, known, sources, path, lines))
    ]
    return Checked(tuple(findings), {"classes": len(classes)})


def _of_class(drug_class: DrugClass, path: Path, lines: Mapping[str, int]) -> Iterator[Finding]:
    if not drug_class.label or not drug_class.comment:
        yield _finding("class-undescribed", "the class has no label, or no comment", drug_class.iri, path, lines)


def _of_definitions(
    drug_class: DrugClass, known: Known, sources: Mapping[str, Source], path: Path, lines: Mapping[str, int]
) -> Iterator[Finding]:
    for definition in drug_class.definitions:
        if definition.source not in sources:
            message = f"no ontology of sources.toml has the name {definition.source}"
            yield _finding("class-source", message, f"{drug_class.iri}-{definition.source}", path, lines)
        for iri in filter(None, (definition.action, *definition.members)):
            if iri in known.withdrawn:
                yield _finding("class-concept", "the concept was withdrawn by its publisher", iri, path, lines)
            elif iri not in known.labels and known.covers(iri):
                yield _finding("class-concept", "no ontology at hand has this concept", iri, path, lines)
        yield from _of_codes(definition, sources, path, lines)


def _of_codes(
    definition: Definition, sources: Mapping[str, Source], path: Path, lines: Mapping[str, int]
) -> Iterator[Finding]:
    source = sources.get(definition.source)
    for _, code in definition.codes:
        if source and source.codes and code.rpartition("/")[2] not in source.codes:
            yield _finding("class-code", f"sources.toml has no such code of {source.name}", code, path, lines)
    if definition.action and source and not source.codes and not _belongs(definition.action, source.name):
        message = f"the action is none of {source.name}, which the class is said to be defined by"
        yield _finding("class-source", message, definition.action, path, lines)


#: Ontology of our catalogue -> what the IRIs of its actions begin with.
_SPACES = {name: expand(f"{prefix}:") for name, prefix in (("mesh", "mesh"), ("chebi", "CHEBI"), ("ncit", "NCIT"))}


def _belongs(iri: str, source: str) -> bool:
    return iri.startswith(_SPACES.get(source, ""))


def _finding(rule: str, message: str, value: str, path: Path, lines: Mapping[str, int]) -> Finding:
    return Finding(
        rule=f"check/{rule}",
        message=message,
        severity="violation",
        source=str(path),
        line=lines.get(value, 0),
        value=compact(value),
    )
