"""Wires readers, mapping and export: records -> triples in a format; contains no step. No ontology is needed."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO

from kg.export import Block, write_blocks
from kg.finding import Finding
from kg.mapping import map_trial
from kg.readers import check_sources, read_records

__all__ = ["convert_records", "convert_to"]


def convert_records(sources: Iterable[Path]) -> Iterator[tuple[dict[str, list[str]], tuple[Finding, ...]]]:
    """(layer -> triples, what was found wrong) of each record, for the layers registry and derived."""
    for outcome in read_records(sources):
        layers = {}
        if outcome.trial is not None:
            layers = {"registry": map_trial(outcome.trial), "derived": map_trial(outcome.trial, "derived")}
        yield layers, outcome.findings


def convert_to(sources: Iterable[Path], stream: IO[bytes], format_name: str) -> list[Finding]:
    """Writes the records' triples in an RDF format; gives what was found wrong.

    Raises:
        NotFound: if there is no such format.
        SourceError: if a source does not exist.
        RegistryError: if a source is an NCT number, and the registry does not give its record.
    """
    sources = list(sources)
    check_sources(sources)
    findings: list[Finding] = []

    def blocks() -> Iterator[Block]:
        for layers, found in convert_records(sources):
            findings.extend(found)
            yield layers

    write_blocks(blocks(), stream, format_name)
    return findings
