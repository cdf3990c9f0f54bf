"""Wires readers, mapping and validation: checks of data and of the mapping itself; contains no step."""

import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import IO, cast

import msgspec

from kg import assets
from kg.errors import GraphError, SourceError
from kg.finding import Finding
from kg.iris import compact
from kg.layers import layer_path, read_build_findings, read_partitions, read_sources
from kg.mapping import Row, map_trial, rows
from kg.readers import read_records
from kg.readers.coverage import read_coverage
from kg.readers.tracing import find_file, trace_findings
from kg.validation import EngineSpec, Partition, run_engine
from kg.validation.remote import read_remote

__all__ = ["MappingRow", "read_mapping", "validate_paths", "validate_remote"]

#: Layers that have shapes; ontologies are their publishers' own.
_LAYERS = ("registry", "derived", "links", "inferred")
#: Trials that the engine gets at once: memory stays flat, and no shape looks across trials. Measured: shacl-rust takes
#: a tenth longer with 200, a third with 400.
_TRIALS = 50
_RDF_SUFFIXES = (".ttl", ".nt", ".nt.gz")


def validate_paths(
    paths: Iterable[Path],
    spec: EngineSpec | None = None,
    *,
    jobs: int = 1,
    deadline_s: float | None = None,
    told: Callable[[int], None] = lambda _: None,
) -> list[Finding]:
    """What is wrong with each graph folder, RDF file or record, each finding with its place in the source record.

    `jobs` processes check at a time, `deadline_s` is how long one may take for so many trials as it gets at once;
    `told` hears how many such partitions are done.

    Raises:
        SourceError: if a path does not exist.
        GraphError: if a folder is no graph, or a file cannot be read.
        NotFound: if the specification names no engine or shape.
        KgError: if the engine is not installed, or its shapes are broken.
    """
    partitions = (partition for path in paths for partition in _read_partitions(path))
    found = run_engine(partitions, spec or EngineSpec(), jobs=jobs, deadline_s=deadline_s, told=told)
    return [_discreet(finding) for finding in trace_findings(found)]


def validate_remote(
    url: str,
    graph: str | None = None,
    spec: EngineSpec | None = None,
    *,
    jobs: int = 1,
    deadline_s: float | None = None,
    timeout_s: float = 60,
    told: Callable[[int], None] = lambda _: None,
) -> list[Finding]:
    """What is wrong with a graph behind an endpoint; `timeout_s` is how long one answer of it may take.

    Raises:
        EndpointError: if the endpoint does not answer as it should.
        GraphError: if the graph holds no study.
        DeadlineExceeded: if one answer takes longer than the timeout.
        KgError: as for paths.
    """
    pages = read_remote(url, graph, trials=_TRIALS, timeout_s=timeout_s)
    partitions = map(Partition, pages)
    found = run_engine(partitions, spec or EngineSpec(), jobs=jobs, deadline_s=deadline_s, told=told)
    # What many trials name, such as an organisation, comes with each page.
    return list(dict.fromkeys(map(_discreet, found)))


def _discreet(finding: Finding) -> Finding:
    """The finding without the contact data that it is about: reports are kept and passed on."""
    return msgspec.structs.replace(finding, value="") if finding.rule.startswith("Privacy-") else finding


def _read_partitions(path: Path) -> Iterator[Partition]:
    if not path.exists():
        raise SourceError(str(path), "no such file or folder")
    if path.is_dir() and layer_path(path, "registry").is_file():
        try:
            yield from _read_graph(path)
        except (EOFError, OSError, ValueError, zlib.error, msgspec.DecodeError) as error:
            problem = f"a file of the graph is damaged ({' '.join(str(error).split())})"
            raise GraphError(str(path), problem, remedy="Build it again with `kg build`.") from error
    elif path.name.endswith(_RDF_SUFFIXES):
        yield Partition(list(_read_rdf(path)))
    elif path.is_dir() and (path / "manifest.json").is_file():
        raise GraphError(str(path), "a graph folder without layers", remedy="Build it again with `kg build`.")
    else:
        yield from _map_records(path)


def _read_graph(folder: Path) -> Iterator[Partition]:
    names = read_sources(folder)
    # A name is as the build was given it, which mostly ran where the graph lies.
    beside = folder.resolve().parent
    first = next(iter(names.values()), "")
    moved = first and not find_file(first) and find_file(str(beside / first))
    sources = {trial: str(beside / name) for trial, name in names.items()} if moved else names
    findings = (
        msgspec.structs.replace(finding, source=sources.get(finding.trial, finding.source))
        for finding in _read_findings(folder, names)
    )
    yield Partition([], sources, tuple(findings))
    for lines in read_partitions(folder, _LAYERS, trials=_TRIALS):
        yield Partition(lines, sources)


def _read_findings(folder: Path, sources: Mapping[str, str]) -> Iterator[Finding]:
    """What readers and linkers said at the build, of the records that the graph is made of."""
    # Linkers say the same of each record of a trial.
    for line in dict.fromkeys(read_build_findings(folder)):
        finding = msgspec.json.decode(line, type=Finding)
        kept = sources.get(finding.trial, "")
        if not finding.trial or finding.source in {"", kept}:
            yield finding


def _map_records(path: Path) -> Iterator[Partition]:
    """Records as triples, with what readers say of them; two of one trial never stand in one partition."""
    lines, findings = list[str](), list[Finding]()
    sources: dict[str, str] = {}
    for outcome in read_records([path]):
        if outcome.trial is not None and (outcome.trial.nct_id in sources or len(sources) == _TRIALS):
            yield Partition(lines, sources, tuple(findings))
            lines, sources, findings = [], {}, []
        findings += outcome.findings
        if outcome.trial is not None:
            sources[outcome.trial.nct_id] = outcome.trial.record.source
            for layer in ("registry", "derived"):
                lines += map_trial(outcome.trial, layer)
    yield Partition(lines, sources, tuple(findings))


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
