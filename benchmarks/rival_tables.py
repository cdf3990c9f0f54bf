"""What is measured on: records that have the subset's fields alone; and Morph-KGC's mapping of their tables.

Backslashes and control characters are taken out of the texts: Morph-KGC 2.10 writes both as they stand, which no parser
takes.
"""

import json
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from corpus import find_sample, made_records
from rival_subset import RDF_TYPE, STUDY, TABLES, XSD, Property

__all__ = ["prepare"]

#: Module of an API v2 record -> its fields that are in the subset.
_FIELDS = {
    "identificationModule": "nctId briefTitle officialTitle acronym",
    "statusModule": "overallStatus whyStopped",
    "descriptionModule": "briefSummary detailedDescription",
    "conditionsModule": "conditions keywords",
    "designModule": "studyType phases enrollmentInfo",
    "armsInterventionsModule": "interventions",
    "contactsLocationsModule": "locations",
    "outcomesModule": "primaryOutcomes secondaryOutcomes",
}
_STUDY_TYPES = ("INTERVENTIONAL", "OBSERVATIONAL", "EXPANDED_ACCESS")
_UNSAFE = re.compile(r"[\\\x00-\x09\x0b-\x1f\x7f]")


def prepare(folder: Path, count: int) -> int:
    """Fills the folder from the first `count` records of the corpus; gives the bytes of the reduced records."""
    folder.mkdir(parents=True, exist_ok=True)
    records = list(_records(count))
    with zipfile.ZipFile(folder / "records.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for number, data in records:
            archive.writestr(f"{number}.json", data)
    (folder / "mapping.rml.ttl").write_text("".join(_rml(folder)), encoding="utf-8")
    return sum(len(data) for _, data in records)


def _records(count: int) -> Iterator[tuple[str, bytes]]:
    for number, data in made_records(find_sample("api-v2"), "api-v2", 1, range(count)):
        whole = json.loads(data)["protocolSection"]
        if whole["designModule"].get("studyType") not in _STUDY_TYPES:
            # One real record has a type of old, which we declare where it is used: more than a template can say.
            continue
        study: dict[str, Any] = {
            module: {field: whole[module][field] for field in fields.split() if field in whole.get(module, {})}
            for module, fields in _FIELDS.items()
        }
        for location in study["contactsLocationsModule"].get("locations", ()):
            location.pop("contacts", None)
        for intervention in study["armsInterventionsModule"].get("interventions", ()):
            intervention.pop("armGroupLabels", None)
        yield number, json.dumps({"protocolSection": _plain(study), "hasResults": False}).encode()


def _plain(value: Any) -> Any:
    if isinstance(value, str):
        return _UNSAFE.sub("", value)
    if isinstance(value, dict):
        return {name: _plain(held) for name, held in value.items()}
    return [_plain(held) for held in value] if isinstance(value, list) else value


def _rml(folder: Path) -> Iterator[str]:
    """The same mapping in RML, for CSV."""
    yield "@prefix rr: <http://www.w3.org/ns/r2rml#> .\n@prefix rml: <http://semweb.mmlab.be/ns/rml#> .\n"
    yield "@prefix ql: <http://semweb.mmlab.be/ns/ql#> .\n"
    for name, table in TABLES.items():
        source = f'rml:logicalSource [ rml:source "{folder / name}.csv" ; rml:referenceFormulation ql:CSV ]'
        yield f'\n<#{name}> a rr:TriplesMap ;\n  {source} ;\n  rr:subjectMap [ rr:template "{table.subject}" ]'
        if table.rdf_class:
            yield _rml_property(f"<{RDF_TYPE}>", f"rr:constant <{table.rdf_class}>")
        for prop in table.properties:
            yield _rml_property(f"<{prop.predicate}>", _rml_object(prop))
        yield " .\n"
        if table.link:
            yield f'\n<#{name}-link> a rr:TriplesMap ;\n  {source} ;\n  rr:subjectMap [ rr:template "{STUDY}" ]'
            yield _rml_property(f"<{table.link}>", f'rr:template "{table.subject}"') + " .\n"


def _rml_property(predicate: str, value: str) -> str:
    return f" ;\n  rr:predicateObjectMap [ rr:predicate {predicate} ; rr:objectMap [ {value} ] ]"


def _rml_object(prop: Property) -> str:
    reference = f'rml:reference "{prop.column}"'
    return {
        "template": f'rr:template "{prop.column}"',
        "iri": f"{reference} ; rr:termType rr:IRI",
        "text": f'{reference} ; rr:language "en"',
        "string": reference,
    }.get(prop.kind, f"{reference} ; rr:datatype <{XSD}{prop.kind}>")
