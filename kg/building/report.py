"""What a build did: the manifest of its folder."""

import json
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from typing import Any

import msgspec

from kg import __version__
from kg.building.piece import Totals
from kg.finding import SEVERITIES
from kg.knowledge import Knowledge

__all__ = ["BuildReport", "digest_files", "make_report", "write_manifest"]


class BuildReport(msgspec.Struct, frozen=True):
    """What a build did: the content of its manifest."""

    versions: dict[str, str]
    inputs: dict[str, str]
    ontologies: list[dict[str, str]]
    counts: dict[str, Any]


def make_report(
    inputs: dict[str, str],
    knowledge: Knowledge,
    totals: Totals,
    triples: dict[str, int],
    sums: dict[str, int],
    checked: dict[str, int],
) -> BuildReport:
    """The report of a graph; `sums` are its trials, superseded records and quads, `checked` what shapes say of it."""
    report = BuildReport(
        versions={"trialgraph": __version__} | {name: version(name) for name in ("pyoxigraph", "msgspec", "lxml")},
        inputs=inputs | dict(sorted(totals.fetched.items())),
        ontologies=[
            {"name": o.name, "version": o.version, "licence": o.licence, "file": o.path.name, "sha256": o.sha256}
            for o in knowledge.ontologies
        ],
        counts={
            "records": totals.records,
            "trials": sums["trials"],
            "superseded": sums["superseded"],
            "triples": triples,
            "quads": sums["quads"],
            "findings": {severity: totals.severities[severity] for severity in SEVERITIES},
            "links": dict(sorted((+totals.tiers).items())),
            "abstentions": dict(sorted((+totals.abstentions).items())),
        },
    )
    if checked:
        report.counts["validation"] = checked
    return report


def write_manifest(folder: Path, report: BuildReport) -> None:
    """Leaves the report as the folder's manifest."""
    text = json.dumps(msgspec.to_builtins(report), indent=2, ensure_ascii=False)
    (folder / "manifest.json").write_text(text + "\n", encoding="utf-8")


def digest_files(paths: set[Path]) -> dict[str, str]:
    """The hash of each file; nothing for one that cannot be read, which is a finding."""
    return {str(path): _digest(path) for path in sorted(paths)}


def _digest(path: Path) -> str:
    digest = sha256()
    try:
        with path.open("rb") as stream:
            while chunk := stream.read(1 << 20):
                digest.update(chunk)
    except OSError:
        return ""
    return digest.hexdigest()
