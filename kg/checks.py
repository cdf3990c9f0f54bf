"""Wires readers, mapping and validation: checks of data and of the mapping itself; contains no step."""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import IO, cast

import msgspec

from kg import assets
from kg.errors import GraphError, SourceError
from kg.finding import Finding
from kg.iris import compact
from kg.layers import layer_path, read_partitions, read_sources
from kg.mapping import Row, map_trial, rows
from kg.readers import read_records
from kg.readers.coverage import read_coverage
from kg.readers.tracing import trace_findings
from kg.validation import Engine, PyShacl

__all__ = ["MappingRow", "read_mapping", "validate_paths"]

#: Layers that have shapes; ontologies are their publishers' own.
_LAYERS = ("registry", "derived", "links", "inferred")
#: Trials that the engine gets at once: memory stays flat, and no shape looks across trials.
_TRIALS = 200
_RDF_SUFFIXES = (".ttl", ".nt", ".nt.gz")


def validate_paths(paths: Iterable[Path], engine: Engine | None = None) -> list[Finding]:
    """What is wrong with each graph folder, RDF file or record, each finding with its place in the source record.

    Raises:
        SourceError: if a path does not exist.
        GraphError: if a folder is no graph, or a file cannot be read.
    """
    engine = engine or PyShacl(assets.folder("shapes"))
    return trace_findings(finding for path in paths for finding in _validate(path, engine))


def _validate(path: Path, engine: Engine) -> Iterator[Finding]:
    if not path.exists():
        raise SourceError(str(path), "no such file or folder")
    if path.is_dir() and layer_path(path, "registry").is_file():
        sources = read_sources(path)
        for lines in read_partitions(path, _LAYERS, trials=_TRIALS):
            yield from _from(sources, engine.validate(lines))
    elif path.name.endswith(_RDF_SUFFIXES):
        yield from engine.validate(_read_rdf(path))
    elif path.is_dir() and (path / "manifest.json").is_file():
        raise GraphError(str(path), "a graph folder without layers", remedy="Build it again with `kg build`.")
    else:
        yield from _validate_records(path, engine)


def _validate_records(path: Path, engine: Engine) -> Iterator[Finding]:
    """What readers and shapes say of records; two records of one trial never stand in one partition."""
    held: list[str] = []
    sources: dict[str, str] = {}
    for outcome in read_records([path]):
        yield from outcome.findings
        if outcome.trial is None:
            continue
        if outcome.trial.nct_id in sources or len(sources) == _TRIALS:
            yield from _from(sources, engine.validate(held))
            held, sources = [], {}
        sources[outcome.trial.nct_id] = outcome.trial.record.source
        for layer in ("registry", "derived"):
            held += map_trial(outcome.trial, layer)
    if held:
        yield from _from(sources, engine.validate(held))


def _from(sources: Mapping[str, str], findings: Iterable[Finding]) -> Iterator[Finding]:
    """The findings with the record that their trial was mapped from."""
    for finding in findings:
        yield msgspec.structs.replace(finding, source=sources.get(finding.trial, ""))


def _read_rdf(path: Path) -> Iterator[str]:
    import gzip

    import pyoxigraph as ox

    turtle = path.suffix == ".ttl"
    try:
        with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as stream:
            for quad in ox.parse(cast("IO[bytes]", stream), ox.RdfFormat.TURTLE if turtle else ox.RdfFormat.N_TRIPLES):
                yield f"{quad.triple} .\n"
    except (OSError, EOFError, SyntaxError) as error:
        raise GraphError(str(path), f"cannot be read: {error}") from error


class MappingRow(msgspec.Struct, frozen=True):
    """One registry field, and where it goes: the line that `kg mapping` prints."""

    path: str
    status: str
    field: str
    property: str
    range: str
    shape: str
    reason: str


def read_mapping() -> tuple[MappingRow, ...]:
    """Every registry field with the model's field, the property, its range and the shapes that check it."""
    dictionary: dict[str, list[Row]] = {}
    for row in rows():
        dictionary.setdefault(row.field, []).append(row)
    shapes = _find_shapes()
    return tuple(
        MappingRow(
            path=covered.path,
            status=covered.status,
            field=covered.field,
            property=" ".join(row.property for row in dictionary.get(covered.field, ())),
            range=" ".join(row.range for row in dictionary.get(covered.field, ())[:1]),
            shape=" ".join(
                name
                for row in dictionary.get(covered.field, ())
                for name in shapes.get((row.subject, row.property), ())
            ),
            reason=covered.reason,
        )
        for covered in read_coverage()
    )


def _find_shapes() -> dict[tuple[str, str], list[str]]:
    """(class, property) -> names of the shapes that check it."""
    import pyoxigraph as ox

    said: dict[str, list[tuple[str, str]]] = {"sh:targetClass": [], "sh:property": [], "sh:path": []}
    for file in sorted(assets.folder("shapes").glob("*.ttl")):
        for quad in ox.parse(path=str(file), format=ox.RdfFormat.TURTLE):
            name = compact(quad.predicate.value)
            if name in said and isinstance(quad.subject, ox.NamedNode) and isinstance(quad.object, ox.NamedNode):
                said[name].append((quad.subject.value, quad.object.value))
    paths = dict(said["sh:path"])
    found: dict[tuple[str, str], list[str]] = {}
    for node, checked in said["sh:targetClass"]:
        for shape in sorted(shape for holder, shape in said["sh:property"] if holder == node and shape in paths):
            found.setdefault((compact(checked), compact(paths[shape])), []).append(shape.rpartition("/")[2])
    return found
