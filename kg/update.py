"""Wires an update: what is new or has changed is mapped, all else is taken from the graph that stands; no step here.

The result is that of a build of the records that stand from now on. As a build, it is made beside the old graph.
"""

import json
import os
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path

import msgspec

from kg.build import BuildReport, Progress, find_early, make_all
from kg.building import (
    GraphFiles,
    Mapper,
    Note,
    Recipe,
    Standing,
    Totals,
    concept_lines,
    digest_files,
    make_report,
    metadata_lines,
    open_recipe,
    write_manifest,
)
from kg.building.changing import Change, decide
from kg.building.difference import Difference
from kg.building.known import write_known
from kg.building.standing import OldGraph, TrialTexts, unpack_texts
from kg.errors import GraphError
from kg.finding import Finding
from kg.folder import check_graph, keeping_pieces, replacing
from kg.knowledge import Knowledge, load_knowledge
from kg.layers import Entry, Packed, layer_path, merge_runs, read_lines, write_layer
from kg.readers import check_sources, find_files
from kg.vocab import GRAPHS

__all__ = ["UpdateReport", "update_graph"]


class UpdateReport(msgspec.Struct, frozen=True):
    """What an update did to trials, and the graph as it is then."""

    new: int
    changed: int
    withdrawn: int
    unchanged: int
    older: int
    graph: BuildReport


def update_graph(
    graph: Path,
    sources: list[Path],
    *,
    complete: bool = False,
    jobs: int = 1,
    progress: Callable[[Progress], None] = lambda _: None,
) -> UpdateReport:
    """The graph has the sources' records in the place of its own of the same trials, unless its own are newer.

    With `complete`, the sources are all that there is: other trials go. The layers are those that a build of the same
    records would write; ontologies and mapping sets are those of the build.

    Raises:
        SourceError: if a source does not exist.
        GraphError: if there is no graph, or one that other code, ontologies or mapping sets have made.
    """
    check_sources(sources)
    check_graph(graph)
    with replacing(graph) as beside, OldGraph(graph) as old:
        mapper = _open_mapper(graph, old.standing.recipe)
        known = beside / ".known"
        write_known(known, old.entries())
        mapper = open_recipe(mapper.recipe.without(known), mapper.knowledge)
        with keeping_pieces(graph, mapper.recipe.digest) as pieces:
            update = _Update(graph, beside, old, mapper)
            made = make_all(sources, mapper, pieces, jobs, progress)
            update.write_records(merge_runs(made.pieces, beside), made.nothing, complete=complete)
            known.unlink()
            return update.finish(sources, complete=complete)


def _open_mapper(graph: Path, recipe: Recipe) -> Mapper:
    mappings = [Path(name) for name in recipe.mappings]
    knowledge = load_knowledge(recipe.ontologies)
    if Recipe.of(knowledge, mappings, validate=recipe.validate).digest != recipe.digest:
        problem = "was built by another version, or ontologies or mapping sets have changed since"
        raise GraphError(str(graph), problem, remedy="Build it again with `kg build`.")
    return open_recipe(recipe, knowledge)


class _Update:
    """One update: what it counts, and the files that it writes."""

    def __init__(self, graph: Path, folder: Path, old: OldGraph, mapper: Mapper) -> None:
        self._graph = graph
        self._folder = folder
        self._old = old
        self._mapper = mapper
        self._totals = Totals.decode(old.standing.totals)
        self._kinds: Counter[str] = Counter()
        self._difference = Difference(folder)
        self._texts = TrialTexts()
        self._sums: dict[str, int] = {}

    @property
    def _knowledge(self) -> Knowledge:
        return self._mapper.knowledge

    def write_records(self, new: Iterable[list[Packed]], nothing: list[Finding], *, complete: bool) -> None:
        """Writes index, findings and the layers of records."""
        recipe = self._old.standing.recipe
        with GraphFiles(self._folder, validated=recipe.validate) as files:
            files.tell([*find_early(map(Path, recipe.mappings), self._knowledge), *nothing])
            for change in decide(self._old.records(), new, complete=complete):
                self._kinds[change.kind] += 1
                self._count(change)
                self._write(change, files)
            lines = list(concept_lines(+self._totals.linked, self._knowledge))
            files.layers.put_before("inferred", lines)
            files.layers.close_index(Standing(recipe, self._totals.encode()).encode())
        self._note_concepts(lines)
        self._totals.merge(files.told)
        self._checked = files.checked
        self._triples = dict(files.layers.triples)
        self._sums = {"trials": files.layers.trials, "superseded": files.superseded}

    def _count(self, change: Change) -> None:
        if change.kind in {"untouched", "older"}:
            return
        for record in change.before:
            self._totals.take_off(_note(record.entry), record.entry.source)
        for block in change.after:
            self._totals.add(_note(block.entry), block.entry.source)

    def _write(self, change: Change, files: GraphFiles) -> None:
        if change.kind == "no trial":
            for block in change.after:
                files.add_loose(block.entry)
            return
        before = self._old.packed(change.before[-1]) if change.before else {}
        if change.after:
            *others, best = change.after
            texts = before if change.is_kept else best.texts
            files.add([other.entry for other in others], best.entry, texts)
            self._texts.add(best.entry.key, len(texts["registry"]))
        if not change.is_kept:
            after = unpack_texts(change.after[-1].texts) if change.after else {}
            self._difference.note(change.trial, unpack_texts(before), after)

    def _note_concepts(self, lines: list[str]) -> None:
        from kg.store import EmbeddedStore

        def find_said(removed: set[str]) -> set[str]:
            return removed and {
                line for data in read_lines(self._graph, "ontology") if (line := data.decode()) in removed
            }

        store = EmbeddedStore(self._graph / "store")
        self._difference.note_concepts(self._old.concept_lines(), lines, find_said, store.find_held)
        registry = layer_path(self._folder, "registry")

        def find_shared(removed: set[str]) -> set[str]:
            return {
                line
                for line in removed
                if self._texts.find_said(line, store.find_subjects(line[1 : line.find(">")]), registry)
            }

        self._difference.settle(find_shared, store.find_held)

    def finish(self, sources: list[Path], *, complete: bool) -> UpdateReport:
        """Writes what does not stand in records: the other layers, the store, the manifest."""
        self._share("ontology")
        manifest = json.loads((self._graph / "manifest.json").read_bytes())
        triples = self._triples | {"ontology": manifest["counts"]["triples"]["ontology"]}
        metadata = list(metadata_lines(triples, self._knowledge))
        triples["metadata"] = write_layer(self._folder, "metadata", metadata)
        old_metadata = [line.decode() for line in read_lines(self._graph, "metadata")]
        self._difference.note_statements("metadata", old_metadata, metadata)
        self._change_store()
        self._sums["quads"] = manifest["counts"]["quads"] + self._difference.growth
        files = {path for source in sources for path in find_files(source)}
        inputs = digest_files({*files, *map(Path, self._old.standing.recipe.mappings)})
        report = make_report(
            inputs if complete else dict(sorted((manifest["inputs"] | inputs).items())),
            self._knowledge,
            self._totals,
            triples,
            self._sums,
            self._checked,
        )
        write_manifest(self._folder, report)
        unchanged = self._kinds["untouched"] + self._kinds["found again"]
        named = {kind: self._kinds[kind] for kind in ("new", "changed", "withdrawn", "older")}
        return UpdateReport(**named, unchanged=unchanged, graph=report)

    def _share(self, layer: str) -> None:
        """The layer as it is: the same file under another name, or a copy where the file system has no such thing."""
        source, target = layer_path(self._graph, layer), layer_path(self._folder, layer)
        try:
            os.link(source, target)
        except OSError:
            target.write_bytes(source.read_bytes())

    def _change_store(self) -> None:
        from kg.store import change_store

        changes = list(self._difference.changes())
        named = [(GRAPHS[graph] if graph else None, removed, added) for graph, removed, added in changes]
        change_store(self._graph / "store", self._folder / "store", named)
        for _, removed, added in changes:
            removed.unlink()
            added.unlink()


def _note(entry: Entry) -> Note:
    return msgspec.msgpack.decode(entry.note, type=Note)
