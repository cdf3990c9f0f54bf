"""Packed records checked against the SHACL shapes, before they leave the process that made them."""

from collections.abc import Iterable, Iterator, Sequence
from functools import cache

import msgspec

from kg.errors import KgError
from kg.layers import Packed, order, unpack_text
from kg.validation import Engine, Partition, check_partition, make_engine

__all__ = ["check_blocks"]

#: Trials that the engine gets at once, as `kg validate` gives them: no shape looks across trials.
_TRIALS = 50
#: Rules whose findings are about people: reports are kept and passed on, so that what they found is not in them.
_DISCREET = "Privacy-"
#: Rules of findings that say that something was not checked.
_OF_RUN = "run/"


@cache
def _engine() -> Engine:
    """Made once a process: reading the shapes takes as long as checking a hundred trials."""
    return make_engine()


def check_blocks(blocks: Sequence[Packed]) -> list[Packed]:
    """The blocks, each with what shapes say of it; of several records of a trial, of the best one.

    Raises:
        KgError: if the engine breaks: nothing may pass as checked that was not.
    """
    best = {block.entry.key: block for block in sorted(blocks, key=order) if block.texts}
    found: dict[str, list[bytes]] = {}
    engine = _engine()
    for finding in (f for some in _partitions(list(best.values())) for f in check_partition(some, engine)):
        if finding.rule.startswith(_OF_RUN):
            raise KgError("shapes", finding.message)
        kept = msgspec.structs.replace(finding, value="") if finding.rule.startswith(_DISCREET) else finding
        found.setdefault(finding.trial or next(iter(best)), []).append(msgspec.json.encode(kept) + b"\n")
    return [
        _with(block, found.get(block.entry.key, [])) if best.get(block.entry.key) is block else block
        for block in blocks
    ]


def _partitions(blocks: list[Packed]) -> Iterator[Partition]:
    for start in range(0, len(blocks), _TRIALS):
        some = blocks[start : start + _TRIALS]
        lines = [f"{line}\n" for block in some for line in _lines(block)]
        yield Partition(lines, {block.entry.key: block.entry.source for block in some})


def _lines(block: Packed) -> Iterable[str]:
    # Of all that Unicode calls the end of a line, only this one is not within a literal.
    return (line for text in block.texts.values() for line in unpack_text(text).split("\n")[:-1])


def _with(block: Packed, found: list[bytes]) -> Packed:
    return msgspec.structs.replace(block, entry=msgspec.structs.replace(block.entry, checked=b"".join(sorted(found))))
