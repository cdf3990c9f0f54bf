"""Records -> the flat tables that rivals read: `python rival_flatten.py FOLDER`, from its records.zip.

With Python's own modules alone, as anybody would write it who has only a mapping engine.
"""

import csv
import json
import sys
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from rival_timing import timed

__all__ = ["flatten"]

_OBO, _SCHEMA = "http://purl.obolibrary.org/obo/", "https://schema.org/"
_CLASSES = {
    "INTERVENTIONAL": (f"{_OBO}OBI_0003699", f"{_SCHEMA}MedicalTrial"),
    "OBSERVATIONAL": (f"{_OBO}OBI_0003698", f"{_SCHEMA}MedicalObservationalStudy"),
    "EXPANDED_ACCESS": (f"{_OBO}NCIT_C98722",),
}
_OUTCOME = {"label": "measure", "description": "description", "time_frame": "timeFrame"}
_INTERVENTION = {"label": "name", "type": "type", "description": "description"}
_LOCATION = {"label": "facility"} | {name: name for name in ("city", "state", "zip", "country", "status")}
#: A row of a table: column -> value.
Row = dict[str, object]


def flatten(records: Path) -> Iterator[tuple[str, Row]]:
    """(table, row) of every record in a zip."""
    with zipfile.ZipFile(records) as archive:
        for name in archive.namelist():
            # Numbers as they stand: 48.0 is no 48.
            record = json.loads(archive.read(name), parse_float=str)
            yield from _study(record["protocolSection"])


def _study(study: Mapping[str, Any]) -> Iterator[tuple[str, Row]]:
    identity, design = study["identificationModule"], study["designModule"]
    status, prose = study["statusModule"], study["descriptionModule"]
    nct, phases, size = identity["nctId"], design.get("phases", []), design.get("enrollmentInfo", {})
    yield (
        "study",
        {
            "nct": nct,
            "label": f"{nct}: {identity.get('briefTitle') or identity.get('officialTitle')}",
            "brief_title": identity.get("briefTitle"),
            "official_title": identity.get("officialTitle"),
            "acronym": identity.get("acronym"),
            "why_stopped": status.get("whyStopped"),
            "brief_summary": prose.get("briefSummary"),
            "detailed_description": prose.get("detailedDescription"),
            "has_results": "false",
            "enrollment": size.get("count"),
            "enrollment_type": size.get("type"),
            "study_type": design.get("studyType"),
            "overall_status": status.get("overallStatus"),
            "phase_label": "_".join(phases),
        },
    )
    for rdf_class in _CLASSES.get(design.get("studyType"), ()):
        yield "study_class", {"nct": nct, "class": rdf_class}
    for phase in phases:
        yield "phase", {"nct": nct, "phase": phase}
    yield from _parts(nct, study)


def _parts(nct: str, study: Mapping[str, Any]) -> Iterator[tuple[str, Row]]:
    conditions, outcomes = study["conditionsModule"], study["outcomesModule"]
    for table, field in (("condition", "conditions"), ("keyword", "keywords")):
        for number, label in enumerate(conditions.get(field, []), 1):
            yield table, {"nct": nct, "n": number, "label": label}
    interventions = study["armsInterventionsModule"].get("interventions", [])
    yield from _numbered("intervention", nct, interventions, _INTERVENTION)
    for number, intervention in enumerate(interventions, 1):
        for name in intervention.get("otherNames", []):
            yield "other_name", {"nct": nct, "n": number, "name": name}
    for number, location in enumerate(study["contactsLocationsModule"].get("locations", []), 1):
        point = location.get("geoPoint", {})
        row = {"nct": nct, "n": number} | {column: location.get(field) for column, field in _LOCATION.items()}
        yield "location", row | {"latitude": point.get("lat"), "longitude": point.get("lon")}
    yield from _numbered("primary_outcome", nct, outcomes.get("primaryOutcomes", []), _OUTCOME)
    yield from _numbered("secondary_outcome", nct, outcomes.get("secondaryOutcomes", []), _OUTCOME)


def _numbered(
    table: str, nct: str, parts: Sequence[Mapping[str, Any]], fields: Mapping[str, str]
) -> Iterator[tuple[str, Row]]:
    for number, part in enumerate(parts, 1):
        yield table, {"nct": nct, "n": number} | {column: part.get(field) for column, field in fields.items()}


def _write(folder: Path) -> None:
    files, writers = [], {}
    for table, row in flatten(folder / "records.zip"):
        if table not in writers:
            files.append((folder / f"{table}.csv").open("w", encoding="utf-8", newline=""))
            writers[table] = csv.DictWriter(files[-1], list(row), quoting=csv.QUOTE_ALL)
            writers[table].writeheader()
        writers[table].writerow(row)
    for file in files:
        file.close()


if __name__ == "__main__":
    timed(lambda: _write(Path(sys.argv[1])))
