"""One partition -> one piece: pure, but for the file that it leaves."""

from collections.abc import Iterable, Iterator
from hashlib import sha256
from pathlib import Path

from kg import mapping
from kg.building.piece import Totals, encode_findings, is_whole, write_piece
from kg.building.recipe import Kitchen
from kg.finding import Finding
from kg.layers import Block, Packed, Rank, pack
from kg.linking import find_conflicts
from kg.linking.roles import find_roles
from kg.model import Trial
from kg.readers import FORMATS, Outcome, Partition, iter_partition, read_found
from kg.reasoning.closure import close_trial

__all__ = ["make_piece"]

_NO_RANK: Rank = ("", "", 0, "")


def make_piece(partition: Partition, kitchen: Kitchen, folder: Path) -> Path:
    """The piece of a partition in the folder; made, if it is not there."""
    told = sha256(kitchen.recipe.digest.encode())
    found = iter_partition(partition.part, told)
    path = folder / f"{told.hexdigest()}.piece"
    if not is_whole(path):
        totals = Totals()
        blocks = list(_blocks(found, kitchen, totals))
        write_piece(path, blocks, totals)
    return path


def _blocks(found: Iterable[object], kitchen: Kitchen, totals: Totals) -> Iterator[Packed]:
    for item in found:
        totals.opened += 1
        for outcome in read_found(item):  # type: ignore[arg-type]
            totals.records += 1
            yield _block(outcome, kitchen, totals)


def _block(outcome: Outcome, kitchen: Kitchen, totals: Totals) -> Packed:
    trial = outcome.trial
    if trial is None:
        # Without a number: before all trials, in the order of their sources.
        source = outcome.findings[0].source if outcome.findings else ""
        return Packed("", _NO_RANK, source, findings=encode_findings(outcome.findings, totals))
    texts, findings = _map(trial, kitchen, totals)
    source = trial.record.source
    if source.startswith(("https://", "http://")):
        totals.fetched[source] = trial.record.sha256 or ""
    lines = encode_findings((*outcome.findings, *findings), totals)
    return pack(Block(trial.nct_id, _rank(trial), source, texts), lines)


def _map(trial: Trial, kitchen: Kitchen, totals: Totals) -> tuple[dict[str, str], list[Finding]]:
    knowledge = kitchen.knowledge
    linked = kitchen.linker.link_trial(trial)
    concepts = knowledge.lexicon.concepts
    closure = close_trial(trial.nct_id, linked.links, find_roles(trial), concepts, knowledge.classes)
    totals.linked.update(link.concept for link in linked.links)
    totals.tiers.update(f"{link.kind}: {link.tier}" for link in linked.links)
    totals.abstentions.update(f"{a.mention.kind}: {a.reason}" for a in linked.abstentions)
    texts = {
        "registry": mapping.map_trial(trial),
        "derived": mapping.map_trial(trial, "derived"),
        "links": mapping.map_links(trial.nct_id, linked.links),
        "inferred": mapping.map_closure(closure),
    }
    findings = list(find_conflicts(trial.nct_id, linked.links, concepts))
    return {layer: "".join(lines) for layer, lines in texts.items()}, findings


_FORMAT_RANK = {source_format.name: -number for number, source_format in enumerate(FORMATS)}


def _rank(trial: Trial) -> Rank:
    """The later update wins; on a tie the later processed-on date, then the better format, then the bytes' hash."""
    record = trial.record
    updated = record.last_update_submitted or record.last_update_posted
    return (
        updated.last.isoformat() if updated else "",
        record.processed_on.last.isoformat() if record.processed_on else "",
        _FORMAT_RANK[record.source_format or ""],
        record.sha256 or "",
    )
