"""Wires the steps into a graph folder; contains no step.

A build is made beside the old one and swapped in at the end: a crash leaves the old graph whole.
"""

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from typing import Any

import msgspec

from kg import __version__, assets, mapping, ontologies, terms
from kg.concept import Closure
from kg.finding import SEVERITIES, Finding
from kg.folder import replacing
from kg.knowledge import CLASSES, Knowledge, load_knowledge
from kg.layers import LAYERS, Block, LayerWriter, layer_path, write_layer
from kg.lexicon import Recorder
from kg.linking import Linker, find_conflicts
from kg.linking.curated import Curated, read_mappings
from kg.linking.roles import find_roles
from kg.model import Trial
from kg.readers import FORMATS, check_sources, find_files, read_records
from kg.reasoning.classes import DrugClass
from kg.reasoning.closure import broader, close_trial
from kg.reasoning.concepts import reasoning_lines
from kg.vocab import GRAPHS, expand

__all__ = ["BuildReport", "build_graph", "class_lines", "slice_ontologies"]

#: Called with the number of records read so far.
Progress = Callable[[int], None]


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
    progress: Progress = lambda _: None,
) -> BuildReport:
    """Leaves in `out` the layers, the store, the findings and the manifest of all records in the sources.

    `mappings` are SSSOM files that linking follows before its own rules.

    Raises:
        SourceError: if a source does not exist, or a mapping set is none.
        RegistryError: if a source is an NCT number, and the registry does not give its record.
        UsageError: if `out` is a folder of something else.
    """
    check_sources(sources)
    with replacing(out) as beside:
        return _Build(beside, load_knowledge(ontology_names), progress, list(mappings)).run(sources)


class _Build:
    """One run: what is counted on the way, and the files it writes."""

    def __init__(self, folder: Path, knowledge: Knowledge, progress: Progress, mappings: list[Path]) -> None:
        self._folder = folder
        self._knowledge = knowledge
        self._progress = progress
        self._mappings = mappings
        _, rows, self._early_findings = read_mappings(mappings)
        curated = Curated(rows, knowledge.lexicon.concepts)
        self._early_findings += curated.findings
        self._linker = Linker(knowledge.lexicon, curated if rows else None)
        self._linked: set[str] = set()
        self._counts: Counter[str] = Counter()
        self._abstentions: Counter[str] = Counter()
        self._tiers: Counter[str] = Counter()
        self._severities: Counter[str] = Counter()
        self._fetched: dict[str, str] = {}

    def run(self, sources: list[Path]) -> BuildReport:
        writer = LayerWriter(self._folder, ("registry", "derived", "links", "inferred"))
        with (self._folder / "findings.jsonl").open("wb") as findings:
            self._write_findings(findings, self._early_findings)
            for outcome in read_records(sources):
                self._counts["records"] += 1
                self._write_findings(findings, outcome.findings)
                if outcome.trial is not None:
                    writer.add(self._map(outcome.trial, findings))
                    self._note_fetched(outcome.trial)
                self._progress(self._counts["records"])
            writer.finish({"inferred": list(self._concept_lines())})
            self._write_findings(findings, [_duplicate(*record) for record in writer.superseded])
        triples = dict(writer.triples)
        triples["ontology"] = write_layer(self._folder, "ontology", self._ontology_lines())
        triples["metadata"] = write_layer(self._folder, "metadata", self._metadata_lines(triples))
        self._load_store()
        return self._report(sources, writer, triples)

    def _map(self, trial: Trial, findings: Any) -> Block:
        linked = self._linker.link_trial(trial)
        self._write_findings(findings, find_conflicts(trial.nct_id, linked.links, self._knowledge.lexicon.concepts))
        roles = find_roles(trial)
        closure: Closure = close_trial(
            trial.nct_id, linked.links, roles, self._knowledge.lexicon.concepts, self._knowledge.classes
        )
        self._linked.update(link.concept for link in linked.links)
        self._tiers.update(f"{link.kind}: {link.tier}" for link in linked.links)
        self._abstentions.update(f"{a.mention.kind}: {a.reason}" for a in linked.abstentions)
        texts = {
            "registry": mapping.map_trial(trial),
            "derived": mapping.map_trial(trial, "derived"),
            "links": mapping.map_links(trial.nct_id, linked.links),
            "inferred": mapping.map_closure(closure),
        }
        return Block(
            trial.nct_id, _rank(trial), trial.record.source, {layer: "".join(lines) for layer, lines in texts.items()}
        )

    def _note_fetched(self, trial: Trial) -> None:
        source = trial.record.source or ""
        if source.startswith(("https://", "http://")):
            self._fetched[source] = trial.record.sha256 or ""

    def _write_findings(self, stream: Any, findings: Iterable[Finding]) -> None:
        for finding in findings:
            self._severities[finding.severity] += 1
            stream.write(msgspec.json.encode(finding) + b"\n")

    def _concept_lines(self) -> Iterator[str]:
        """The closure of every concept that some trial is linked to."""
        concepts, classes = self._knowledge.lexicon.concepts, self._knowledge.classes
        for iri in sorted(self._linked):
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

    def _load_store(self) -> None:
        from kg.store import load_store

        published = {expand(f"graph:ontology/{o.name}"): ontologies.graph_file(o) for o in self._knowledge.ontologies}
        layers = {layer: layer_path(self._folder, layer) for layer in LAYERS}
        self._counts["quads"] = load_store(self._folder / "store", layers, published)

    def _report(self, sources: list[Path], writer: LayerWriter, triples: dict[str, int]) -> BuildReport:
        report = BuildReport(
            versions={"trialgraph": __version__} | {name: version(name) for name in ("pyoxigraph", "msgspec", "lxml")},
            inputs={str(path): _digest(path) for source in sources for path in find_files(source)}
            | {str(path): _digest(path) for path in self._mappings}
            | self._fetched,
            ontologies=[
                {"name": o.name, "version": o.version, "licence": o.licence, "file": o.path.name, "sha256": o.sha256}
                for o in self._knowledge.ontologies
            ],
            counts={
                "records": self._counts["records"],
                "trials": writer.trials,
                "superseded": len(writer.superseded),
                "triples": triples,
                "quads": self._counts["quads"],
                "findings": {severity: self._severities[severity] for severity in SEVERITIES},
                "links": dict(sorted(self._tiers.items())),
                "abstentions": dict(sorted(self._abstentions.items())),
            },
        )
        text = json.dumps(msgspec.to_builtins(report), indent=2, ensure_ascii=False)
        (self._folder / "manifest.json").write_text(text + "\n", encoding="utf-8")
        return report


_FORMAT_RANK = {source_format.name: -number for number, source_format in enumerate(FORMATS)}


def _rank(trial: Trial) -> tuple[str, str, int, str]:
    """The later update wins; on a tie the later processed-on date, then the better format, then the bytes' hash."""
    record = trial.record
    updated = record.last_update_submitted or record.last_update_posted
    return (
        updated.last.isoformat() if updated else "",
        record.processed_on.last.isoformat() if record.processed_on else "",
        _FORMAT_RANK[record.source_format or ""],
        record.sha256 or "",
    )


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
    digest = sha256()
    with path.open("rb") as stream:
        while chunk := stream.read(1 << 20):
            digest.update(chunk)
    return digest.hexdigest()


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
