"""Wires reasoning over a graph folder: its drugs become an OWL module, HermiT classifies them, the layers follow.

`kg build` writes memberships by a plain closure. Here a reasoner decides the same question from the same layers: it
finds contradictions, which a closure passes over, and proves the closure right. What has changed since the build (the
class definitions) is written into the layers and the store; no record and no ontology is read again.
"""

import gzip
import os
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec

from kg import assets
from kg.concept import Concept
from kg.errors import GraphError, KgError
from kg.finding import Finding
from kg.folder import check_graph
from kg.layers import layer_path, read_lines
from kg.reasoning.classes import read_classes
from kg.reasoning.concepts import read_concepts
from kg.reasoning.hermit import Classification, classify, find_java
from kg.reasoning.module import Module, module_lines, select
from kg.reasoning.proof import ClassCount, count_members, judge, memberships, same_drugs
from kg.renewal import Renewal, renew_classes
from kg.vocab import expand

__all__ = ["ReasonReport", "reason_graph"]

#: Layers without which nothing can be inferred.
_NEEDED = ("links", "inferred", "ontology", "metadata")
_WITHIN, _MEMBER = (f"<{expand(name)}>".encode() for name in ("tg:within", "tg:memberOf"))


class ReasonReport(msgspec.Struct, frozen=True, kw_only=True):
    """What reasoning found. Seconds and memory are the reasoner's; `renewed` is what was written, if anything was."""

    consistent: bool
    drugs: int
    individuals: int
    seconds: float
    memory_mb: int
    classes: list[ClassCount]
    findings: list[Finding]
    renewed: Renewal | None = None


def reason_graph(
    folder: Path, *, classes_file: Path | None = None, module_file: Path | None = None, timeout_s: float = 600
) -> ReasonReport:
    """Classifies the drugs of a graph and writes what has changed; a graph that contradicts itself stays as it is.

    `module_file` keeps the OWL module, for other tools.

    Raises:
        GraphError: if the folder is no graph, or a layer is missing or damaged.
        OntologyError: if the class definitions cannot be read.
        ReasonerError: if Java or the reasoner is not there, or dies.
        DeadlineExceeded: if the reasoner takes longer than `timeout_s`.
    """
    find_java()
    path = classes_file or assets.folder("ontologies") / "classes.ttl"
    classes = read_classes(path)
    with _explained(folder):
        manifest = (folder / "manifest.json").read_bytes()
        concepts = _read_concepts(folder)
        module = select(classes, concepts, frozenset(_linked_concepts(folder)))
    found = _classify(module, module_file, timeout_s)
    members = memberships(classes, module, found)
    findings = list(judge(classes, module, found, concepts))
    renewed = None
    if not any(finding.severity == "violation" for finding in findings):
        with _explained(folder):
            renewed = renew_classes(folder, path, classes, members, manifest=manifest)
    return ReasonReport(
        consistent=found.consistent,
        drugs=len(set(same_drugs(module).values())),
        individuals=len(set().union(*module.kinds.values())),
        seconds=found.seconds,
        memory_mb=found.memory_mb,
        classes=list(count_members(classes, module, members)) if found.consistent else [],
        findings=findings,
        renewed=renewed,
    )


@contextmanager
def _explained(folder: Path) -> Iterator[None]:
    """Turns a folder that is no graph, a missing and a damaged layer into an error that says which."""
    check_graph(folder)
    missing = [layer for layer in _NEEDED if not layer_path(folder, layer).is_file()]
    if missing:
        raise GraphError(str(layer_path(folder, missing[0])), "no such layer", remedy="Build the graph again.")
    try:
        yield
    except KgError:
        raise
    except (EOFError, gzip.BadGzipFile, ValueError, zlib.error) as error:
        problem = f"a layer is damaged ({' '.join(str(error).split())})"
        raise GraphError(str(folder / "layers"), problem, remedy="Build the graph again.") from error


def _read_concepts(folder: Path) -> dict[str, Concept]:
    concepts = read_concepts(read_lines(folder, "ontology"))
    mesh = [concept for concept in concepts.values() if concept.source == "mesh"]
    if mesh and not any(concept.branches for concept in mesh):
        problem = "the layer was written by an older release, which kept no branches of MeSH"
        raise GraphError(str(layer_path(folder, "ontology")), problem, remedy="Build the graph again.")
    return concepts


def _linked_concepts(folder: Path) -> Iterator[str]:
    """The concepts that some trial is linked to: they stand before the trials."""
    for line in read_lines(folder, "inferred"):
        subject, predicate, _ = line.split(b" ", 2)
        if predicate not in (_WITHIN, _MEMBER):
            return
        yield subject[1:-1].decode()


def _classify(module: Module, module_file: Path | None, timeout_s: float) -> Classification:
    with TemporaryDirectory(prefix="kg-module-") as folder:
        path = Path(folder) / "module.nt"
        path.write_text("".join(module_lines(module)), encoding="utf-8")
        if module_file is not None:
            beside = module_file.with_name(f".{module_file.name}.{os.getpid()}")
            beside.write_bytes(path.read_bytes())
            beside.replace(module_file)
        return classify(path, module.members, timeout_s=timeout_s)
