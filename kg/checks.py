"""Wires readers, mapping and validation: a graph folder, an RDF file or records -> findings; contains no step."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO, cast

from kg import assets
from kg.convert import convert_records
from kg.errors import GraphError, SourceError
from kg.finding import Finding
from kg.layers import layer_path, read_partitions
from kg.validation import Engine, PyShacl

__all__ = ["validate_paths"]

#: Layers that have shapes; ontologies are their publishers' own.
_LAYERS = ("registry", "derived", "links", "inferred")
#: Trials that the engine gets at once: memory stays flat, and no shape looks across trials.
_TRIALS = 200
_RDF_SUFFIXES = (".ttl", ".nt", ".nt.gz")


def validate_paths(paths: Iterable[Path], engine: Engine | None = None) -> list[Finding]:
    """What is wrong with each graph folder, RDF file or record.

    Raises:
        SourceError: if a path does not exist.
        GraphError: if a folder is no graph, or a file cannot be read.
    """
    engine = engine or PyShacl(assets.folder("shapes"))
    return [finding for path in paths for finding in _validate(path, engine)]


def _validate(path: Path, engine: Engine) -> Iterator[Finding]:
    if not path.exists():
        raise SourceError(str(path), "no such file or folder")
    if path.is_dir() and layer_path(path, "registry").is_file():
        for lines in read_partitions(path, _LAYERS, trials=_TRIALS):
            yield from engine.validate(lines)
    elif path.name.endswith(_RDF_SUFFIXES):
        yield from engine.validate(_read_rdf(path))
    elif path.is_dir() and (path / "manifest.json").is_file():
        raise GraphError(str(path), "a graph folder without layers", remedy="Build it again with `kg build`.")
    else:
        for lines, findings in convert_records([path]):
            yield from findings
            yield from engine.validate(lines)


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
