"""One partition -> one piece: pure, but for the file that it leaves."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from hashlib import sha256
from pathlib import Path

import msgspec

from kg import mapping
from kg.building.known import find_known, same
from kg.building.piece import Note, Totals, encode_findings, is_whole, write_piece
from kg.building.recipe import Mapper
from kg.layers import Block, Entry, Packed, Rank, pack
from kg.linking import find_conflicts
from kg.linking.linker import LinkedTrial
from kg.linking.roles import find_roles
from kg.model import Trial
from kg.readers import FORMATS, Outcome, Partition, Raw, iter_partition, read_raw, split_found
from kg.reasoning.closure import close_trial

__all__ = ["make_piece"]

_NO_RANK: Rank = ("", "", 0, "")


def make_piece(partition: Partition, mapper: Mapper, folder: Path, finished: Collection[str] = ()) -> Path:
    """The piece of a partition in the folder; made, if it is not there, nor among those finished elsewhere."""
    told = sha256(mapper.recipe.digest.encode())
    found = iter_partition(partition.part, told)
    path = folder / f"{told.hexdigest()}.piece"
    if path.name not in finished and not is_whole(path):
        opened, blocks, totals = 0, list[Packed](), Totals()
        for item in found:
            opened += 1
            blocks.extend(_blocks(split_found(item), mapper, totals))
        if mapper.recipe.validate:
            from kg.building.checking import check_blocks

            blocks = check_blocks(blocks)
        write_piece(path, blocks, opened, totals)
    return path


def _blocks(records: Iterable[Raw | Outcome], mapper: Mapper, totals: Totals) -> Iterator[Packed]:
    for record in records:
        if isinstance(record, Raw):
            known = find_known(mapper.known, record)
            if known[0]:
                yield same(known, record.name)
                continue
            outcome = read_raw(record)
        else:
            outcome = record
        block, note = _block(outcome, mapper)
        totals.add(note, block.entry.source)
        yield block


def _block(outcome: Outcome, mapper: Mapper) -> tuple[Packed, Note]:
    trial = outcome.trial
    severities: Counter[str] = Counter()
    if trial is None:
        # Without a number: before all trials, in the order of their sources.
        source = outcome.findings[0].source if outcome.findings else ""
        findings = encode_findings(outcome.findings, severities)
        note = Note(severities)
        return Packed(Entry("", _NO_RANK, source, findings=findings, note=msgspec.msgpack.encode(note))), note
    linked = mapper.linker.link_trial(trial)
    conflicts = find_conflicts(trial.nct_id, linked.links, mapper.knowledge.lexicon.concepts)
    findings = encode_findings((*outcome.findings, *conflicts), severities)
    note = _note(trial, linked, severities)
    block = Block(trial.nct_id, _rank(trial), trial.record.source, _map(trial, linked, mapper))
    return pack(block, findings, msgspec.msgpack.encode(note)), note


def _note(trial: Trial, linked: LinkedTrial, severities: Counter[str]) -> Note:
    is_fetched = trial.record.source.startswith(("https://", "http://"))
    return Note(
        severities,
        Counter(f"{link.kind}: {link.tier}" for link in linked.links),
        Counter(f"{a.mention.kind}: {a.reason}" for a in linked.abstentions),
        sorted({link.concept for link in linked.links}),
        (trial.record.sha256 or "") if is_fetched else "",
    )


def _map(trial: Trial, linked: LinkedTrial, mapper: Mapper) -> dict[str, str]:
    knowledge = mapper.knowledge
    closure = close_trial(trial.nct_id, linked.links, find_roles(trial), knowledge.lexicon.concepts, knowledge.classes)
    texts = {
        "registry": mapping.map_trial(trial),
        "derived": mapping.map_trial(trial, "derived"),
        "links": mapping.map_links(trial.nct_id, linked.links),
        "inferred": mapping.map_closure(closure),
    }
    return {layer: "".join(lines) for layer, lines in texts.items()}


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
