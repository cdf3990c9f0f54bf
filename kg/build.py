"""Wires the steps into a graph folder; contains no step.

A build is made beside the old one and swapped in at the end: a crash leaves the old graph whole.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, nullcontext
from pathlib import Path
from typing import Literal, NamedTuple

from kg import ontologies
from kg.building import (
    BuildReport,
    GraphFiles,
    Mapper,
    Recipe,
    Standing,
    Totals,
    class_lines,
    concept_lines,
    digest_files,
    make_pieces,
    make_pieces_on,
    make_report,
    metadata_lines,
    ontology_lines,
    open_recipe,
    read_head,
    write_manifest,
)
from kg.finding import Finding
from kg.folder import keeping_pieces, replacing, uploading
from kg.knowledge import CLASSES, Knowledge, load_knowledge
from kg.layers import LAYERS, layer_path, merge_runs, write_layer
from kg.lexicon import Recorder
from kg.linking import Linker
from kg.linking.curated import Curated, read_mappings
from kg.location import is_remote
from kg.readers import check_sources, find_files, nothing_here, plan_partitions, read_records
from kg.vocab import expand

__all__ = [
    "BuildReport",
    "Made",
    "Progress",
    "build_graph",
    "class_lines",
    "find_early",
    "make_all",
    "slice_ontologies",
]


class Progress(NamedTuple):
    """How far a build is: records that are mapped; bytes that are mapped or loaded, of all there are."""

    records: int
    done: int
    total: int
    step: Literal["mapped", "loaded"] = "mapped"


Tell = Callable[[Progress], None]


def build_graph(  # noqa: PLR0913 - what a build may be told
    sources: list[Path],
    out: Path,
    *,
    ontology_names: Iterable[str] = (),
    mappings: Iterable[Path] = (),
    jobs: int = 1,
    cluster: str = "",
    validate: bool = False,
    progress: Tell = lambda _: None,
) -> BuildReport:
    """Leaves in `out` the layers, the store, the findings and the manifest of all records in the sources.

    `mappings` are SSSOM files that linking follows before its own rules; `jobs` is the number of processes that map,
    unless `cluster` names Dask's (a scheduler's address, or `local:N`). The graph is the same for any number of them,
    and any order of sources. What is finished when a build is killed is kept beside `out`, and taken up by the next.
    With `validate`, each record is checked against the shapes where it is mapped; what they say is kept in the folder.
    A folder elsewhere (`kg.location`) gets a graph once, the manifest last.

    Raises:
        SourceError: if a source does not exist, or a mapping set is none.
        RegistryError: if a source is an NCT number, and the registry does not give its record.
        UsageError: if `out` is a folder of something else.
        GraphError: if another process is writing to `out`, or there is no room.
        KgError: if a process that maps dies again and again.
    """
    check_sources(sources)
    with uploading(out) if is_remote(out) else nullcontext(out) as here, replacing(here) as beside:
        knowledge = load_knowledge(ontology_names)
        early = find_early(mappings := list(mappings), knowledge)
        mapper = open_recipe(Recipe.of(knowledge, mappings, validate=validate), knowledge)
        with keeping_pieces(here, mapper.recipe.digest) as pieces, ThreadPoolExecutor(1) as threads:
            files = {path for source in sources for path in find_files(source)}
            inputs = threads.submit(digest_files, {*files, *mappings})
            made = make_all(sources, mapper, pieces, jobs, progress, cluster=cluster)
            triples, sums, checked = _write_records(beside, made, [*early, *made.nothing], mapper)
            triples["ontology"] = write_layer(beside, "ontology", ontology_lines(knowledge, CLASSES))
            triples["metadata"] = write_layer(beside, "metadata", metadata_lines(triples, knowledge))
            sums["quads"] = _load_store(beside, knowledge, made.totals.records, progress)
            report = make_report(inputs.result(), knowledge, made.totals, triples, sums, checked)
            write_manifest(beside, report)
            return report


class Made(NamedTuple):
    """Pieces of all sources, what was counted in making them, and which sources hold nothing."""

    pieces: list[Path]
    totals: Totals
    nothing: list[Finding]


def find_early(mappings: Iterable[Path], knowledge: Knowledge) -> list[Finding]:
    """What is wrong with the mapping sets."""
    _, rows, wrong = read_mappings(mappings)
    return wrong + Curated(rows, knowledge.lexicon.concepts).findings


def make_all(
    sources: list[Path], mapper: Mapper, folder: Path, jobs: int, progress: Tell, *, cluster: str = ""
) -> Made:
    """The pieces of all sources, in the folder, made by so many processes or by a cluster."""
    pieces, totals, opened = list[Path](), Totals(), Counter[int]()
    done, total = 0, sum(_size(path) for source in sources for path in find_files(source))
    partitions = plan_partitions(sources)
    if cluster:
        making = make_pieces_on(cluster, partitions, mapper, folder)
    else:
        making = make_pieces(partitions, mapper, folder, jobs=jobs)
    with closing(making) as made:
        for partition, piece in made:
            with piece.open("rb") as stream:
                head = read_head(stream)
            totals.merge(Totals.decode(head.totals))
            opened[partition.source] += head.opened
            pieces.append(piece)
            done += partition.weight
            progress(Progress(totals.records, done, total))
    empty = sorted({source for number, source in enumerate(sources) if not opened[number]})
    return Made(sorted(pieces), totals, [nothing_here(source) for source in empty])


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0


def _write_records(
    folder: Path, made: Made, early: list[Finding], mapper: Mapper
) -> tuple[dict[str, int], dict[str, int], dict[str, int]]:
    """(triples of each layer of records, sums over trials, what shapes say); findings made here are added to totals."""
    kept = made.totals.encode()
    with GraphFiles(folder, validated=mapper.recipe.validate) as files:
        files.tell(early)
        files.layers.write("inferred", concept_lines(made.totals.linked, mapper.knowledge))
        for *others, best in merge_runs(made.pieces, folder):
            if best.entry.key:
                files.add([other.entry for other in others], best.entry, best.texts)
            else:
                files.add_loose(best.entry)
        files.layers.close_index(Standing(mapper.recipe, kept).encode())
    made.totals.merge(files.told)
    sums = {"trials": files.layers.trials, "superseded": files.superseded}
    return dict(files.layers.triples), sums, files.checked


def _load_store(folder: Path, knowledge: Knowledge, records: int, progress: Tell) -> int:
    from kg.store import load_store

    def told(done: int, total: int) -> None:
        progress(Progress(records, done, total, "loaded"))

    published = {expand(f"graph:ontology/{o.name}"): ontologies.graph_file(o) for o in knowledge.ontologies}
    return load_store(folder / "store", {layer: layer_path(folder, layer) for layer in LAYERS}, published, told)


def slice_ontologies(sources: list[Path], files: list[Path], out: Path) -> Iterator[tuple[Path, int]]:
    """Cuts from each full ontology what the records may name, and all that is broader; gives (file, concepts).

    Whatever a look-up touches is kept, also where linking abstains, so that the slices lead to the same links as the
    full files.
    """
    knowledge = load_knowledge([str(file) for file in files], kind=Recorder)
    recorder = knowledge.lexicon
    assert isinstance(recorder, Recorder)  # noqa: S101 - as was asked for
    linker = Linker(recorder)
    for outcome in read_records(sources):
        if outcome.trial is not None:
            linker.link_trial(outcome.trial)
    keep = recorder.touched | {
        iri for c in knowledge.drug_classes for d in c.definitions for iri in (d.action, *d.members) if iri
    }
    out.mkdir(parents=True, exist_ok=True)
    for ontology in knowledge.ontologies:
        target = out / f"{ontology.name}.ttl"
        count = ontologies.write_slice(
            ontology.path, keep & {concept.iri for concept in knowledge.lexicon.concepts.of(ontology.name)}, target
        )
        yield target, count
