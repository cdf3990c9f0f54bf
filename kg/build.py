"""Wires the steps into a graph folder; contains no step.

A build is made beside the old one and swapped in at the end: a crash leaves the old graph whole.
"""

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from kg import __version__, assets, mapping, ontologies, terms
from kg.building import Recipe, Totals, encode_findings, make_pieces, open_recipe, read_totals
from kg.finding import SEVERITIES, Finding
from kg.folder import keeping_pieces, replacing
from kg.knowledge import CLASSES, Knowledge, load_knowledge
from kg.layers import LAYERS, LayerFiles, layer_path, merge_runs, write_layer
from kg.lexicon import Recorder
from kg.linking import Linker
from kg.linking.curated import Curated, read_mappings
from kg.readers import check_sources, find_files, nothing_here, plan_partitions, read_records
from kg.reasoning.classes import DrugClass
from kg.reasoning.closure import broader
from kg.reasoning.concepts import reasoning_lines
from kg.vocab import GRAPHS, expand

__all__ = ["BuildReport", "Progress", "build_graph", "class_lines", "slice_ontologies"]

#: The layers that records are mapped to.
_OF_RECORDS = ("registry", "derived", "links", "inferred")


class Progress(NamedTuple):
    """How far a build is: bytes of input that are mapped, of all there are, and the records in them."""

    records: int
    done: int
    total: int


class BuildReport(msgspec.Struct, frozen=True):
    """What a build did: the content of its manifest."""

    versions: dict[str, str]
    inputs: dict[str, str]
    ontologies: list[dict[str, str]]
    counts: dict[str, Any]


def build_graph(
    sources: list[Path],
    out: Path,
    *,
    ontology_names: Iterable[str] = (),
    mappings: Iterable[Path] = (),
    jobs: int = 1,
    progress: Callable[[Progress], None] = lambda _: None,
) -> BuildReport:
    """Leaves in `out` the layers, the store, the findings and the manifest of all records in the sources.

    `mappings` are SSSOM files that linking follows before its own rules; `jobs` is the number of processes that map.
    The graph is the same for any number of them, and any order of sources. What is finished when a build is killed is
    kept beside `out`, and taken up by the next.

    Raises:
        SourceError: if a source does not exist, or a mapping set is none.
        RegistryError: if a source is an NCT number, and the registry does not give its record.
        UsageError: if `out` is a folder of something else.
        KgError: if a process that maps dies again and again.
    """
    check_sources(sources)
    with replacing(out) as beside:
        knowledge = load_knowledge(ontology_names)
        build = _Build(beside, knowledge, list(mappings), progress)
        with keeping_pieces(out, build.recipe.digest) as pieces:
            return build.run(sources, pieces, jobs)


class _Build:
    """One run: what is counted on the way, and the files it writes."""

    def __init__(
        self, folder: Path, knowledge: Knowledge, mappings: list[Path], progress: Callable[[Progress], None]
    ) -> None:
        self._folder = folder
        self._knowledge = knowledge
        self._mappings = mappings
        self._progress = progress
        _, rows, wrong = read_mappings(mappings)
        self._early_findings = wrong + Curated(rows, knowledge.lexicon.concepts).findings
        self.recipe = Recipe.of(knowledge, tuple(mappings))
        self._totals = Totals()
        self._opened: Counter[int] = Counter()

    def run(self, sources: list[Path], pieces: Path, jobs: int) -> BuildReport:
        with ThreadPoolExecutor(1) as threads:
            inputs = threads.submit(self._digest_inputs, sources)
            runs = self._make_pieces(sources, pieces, jobs)
            triples, superseded = self._merge(sources, sorted(runs))
            triples["ontology"] = write_layer(self._folder, "ontology", self._ontology_lines())
            triples["metadata"] = write_layer(self._folder, "metadata", self._metadata_lines(triples))
            quads = self._load_store()
            return self._report(inputs.result(), triples, {"superseded": superseded, "quads": quads})

    def _make_pieces(self, sources: list[Path], pieces: Path, jobs: int) -> list[Path]:
        runs, done = list[Path](), 0
        total = sum(_size(path) for source in sources for path in find_files(source))
        kitchen = open_recipe(self.recipe, self._knowledge)
        with closing(make_pieces(plan_partitions(sources), kitchen, pieces, jobs=jobs)) as made:
            for partition, piece in made:
                done += partition.weight
                totals = read_totals(piece)
                self._opened[partition.source] += totals.opened
                self._totals.add(totals)
                runs.append(piece)
                self._progress(Progress(self._totals.records, done, total))
        return runs

    def _merge(self, sources: list[Path], runs: list[Path]) -> tuple[dict[str, int], int]:
        """(triples of each layer of records, number of records that others stand for)."""
        superseded = 0
        with (self._folder / "findings.jsonl").open("wb") as findings, LayerFiles(self._folder, _OF_RECORDS) as files:
            findings.write(self._encode([*self._early_findings, *self._empty(sources)]))
            files.write("inferred", self._concept_lines())
            for *others, best in merge_runs(runs, self._folder):
                findings.writelines(block.findings for block in (*others, best))
                if best.key:
                    superseded += len(others)
                    findings.write(self._encode(_duplicate(best.key, o.source, best.source) for o in others))
                    files.add(best)
        self._trials = files.trials
        return dict(files.triples), superseded

    def _empty(self, sources: list[Path]) -> Iterator[Finding]:
        """Of each source in which there was nothing."""
        empty = {str(source) for number, source in enumerate(sources) if not self._opened[number]}
        return (nothing_here(Path(source)) for source in sorted(empty))

    def _encode(self, findings: Iterable[Finding]) -> bytes:
        return encode_findings(findings, self._totals)

    def _concept_lines(self) -> Iterator[str]:
        """The closure of every concept that some trial is linked to."""
        concepts, classes = self._knowledge.lexicon.concepts, self._knowledge.classes
        for iri in sorted(self._totals.linked):
            within = sorted({iri, *broader(iri, concepts, classes)})
            yield from mapping.map_concept(iri, within, classes.get(iri, ()))

    def _ontology_lines(self) -> Iterator[str]:
        for ontology in self._knowledge.ontologies:
            for concept in self._knowledge.lexicon.concepts.of(ontology.name):
                yield from ontologies.plain_triples(concept)
                yield from reasoning_lines(concept, self._knowledge.lexicon.concepts)
                yield from mapping.map_names(concept.iri, concept.names())
        yield from _turtle_lines(assets.folder("ontologies") / "trialgraph.ttl")
        yield from class_lines(CLASSES, self._knowledge.drug_classes)

    def _metadata_lines(self, triples: dict[str, int]) -> Iterator[str]:
        for layer, count in sorted(triples.items()):
            graph = terms.iri(GRAPHS.get(layer, f"{GRAPHS['registry'].rpartition('/')[0]}/{layer}"))
            yield f"{graph} {terms.iri(expand('rdf:type'))} {terms.iri(expand('void:Dataset'))} .\n"
            yield f"{graph} {terms.iri(expand('dct:title'))} {terms.text(f'{layer} layer')} .\n"
            yield f"{graph} {terms.iri(expand('void:triples'))} {terms.integer(count)} .\n"
        for ontology in self._knowledge.ontologies:
            graph = terms.iri(expand(f"graph:ontology/{ontology.name}"))
            yield f"{graph} {terms.iri(expand('rdf:type'))} {terms.iri(expand('void:Dataset'))} .\n"
            yield f"{graph} {terms.iri(expand('dct:title'))} {terms.text(ontology.title)} .\n"
            yield f"{graph} {terms.iri(expand('dct:hasVersion'))} {terms.plain(ontology.version)} .\n"

    def _load_store(self) -> int:
        from kg.store import load_store

        published = {expand(f"graph:ontology/{o.name}"): ontologies.graph_file(o) for o in self._knowledge.ontologies}
        layers = {layer: layer_path(self._folder, layer) for layer in LAYERS}
        return load_store(self._folder / "store", layers, published)

    def _digest_inputs(self, sources: list[Path]) -> dict[str, str]:
        files = {path for source in sources for path in find_files(source)}
        return {str(path): _digest(path) for path in sorted({*files, *self._mappings})}

    def _report(self, inputs: dict[str, str], triples: dict[str, int], counts: dict[str, int]) -> BuildReport:
        report = BuildReport(
            versions={"trialgraph": __version__} | {name: version(name) for name in ("pyoxigraph", "msgspec", "lxml")},
            inputs=inputs | dict(sorted(self._totals.fetched.items())),
            ontologies=[
                {"name": o.name, "version": o.version, "licence": o.licence, "file": o.path.name, "sha256": o.sha256}
                for o in self._knowledge.ontologies
            ],
            counts={
                "records": self._totals.records,
                "trials": self._trials,
                "superseded": counts["superseded"],
                "triples": triples,
                "quads": counts["quads"],
                "findings": {severity: self._totals.severities[severity] for severity in SEVERITIES},
                "links": dict(sorted(self._totals.tiers.items())),
                "abstentions": dict(sorted(self._totals.abstentions.items())),
            },
        )
        text = json.dumps(msgspec.to_builtins(report), indent=2, ensure_ascii=False)
        (self._folder / "manifest.json").write_text(text + "\n", encoding="utf-8")
        return report


def _duplicate(trial: str, source: str, by: str) -> Finding:
    return Finding(
        rule="superseded-record",
        message=f"another record of this trial is newer or in a better format: {by}",
        severity="info",
        trial=trial,
        source=source,
    )


def class_lines(path: Path, drug_classes: Iterable[DrugClass]) -> Iterator[str]:
    """What the ontology layer says of drug classes: last, since it is what `kg reason` renews."""
    for drug_class in drug_classes:
        names = (drug_class.label, *drug_class.names)
        yield from mapping.map_names(drug_class.iri, ((name, "exact") for name in names))
    yield from _turtle_lines(path)


def _turtle_lines(path: Path) -> Iterator[str]:
    """A Turtle file of ours for queries and people: all but what needs blank nodes."""
    import pyoxigraph as ox

    for quad in ox.parse(path=str(path), format=ox.RdfFormat.TURTLE):
        if isinstance(quad.subject, ox.NamedNode) and not isinstance(quad.object, ox.BlankNode):
            yield f"{quad.triple} .\n"


def _digest(path: Path) -> str:
    """The hash of a file's bytes; nothing where they cannot be read, which is a finding."""
    digest = sha256()
    try:
        with path.open("rb") as stream:
            while chunk := stream.read(1 << 20):
                digest.update(chunk)
    except OSError:
        return ""
    return digest.hexdigest()


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0


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
