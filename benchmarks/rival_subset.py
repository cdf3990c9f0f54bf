"""The fields that rivals are measured on, as tables and what becomes of each column: the one mapping that all follow.

Only Python's own modules are used, so that it is read in a rival's environment too. The tables are flat, for no mapping
engine follows a record's nesting up to its number; `rival_flatten.py` makes them.
"""

from typing import NamedTuple

__all__ = ["RDF_TYPE", "STUDY", "TABLES", "XSD", "Property", "Table"]

_TG = "https://w3id.org/trialgraph/"
_VOCAB = f"{_TG}vocab#"
RDF_TYPE = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"
XSD = "http://www.w3.org/2001/XMLSchema#"
_LABEL = "http://www.w3.org/2000/01/rdf-schema#label"
_DESCRIPTION = "http://purl.org/dc/terms/description"


class Property(NamedTuple):
    """What a column becomes: `kind` is text (English), string, integer, boolean, decimal, iri, or template.

    For a template, `column` is the template, with one column in braces.
    """

    predicate: str
    kind: str
    column: str


class Table(NamedTuple):
    """One table: the template of its subjects, their class, and the property by which studies point to them."""

    subject: str
    properties: tuple[Property, ...]
    rdf_class: str | None = None
    link: str | None = None


def _code(name: str, scheme: str, column: str) -> Property:
    return Property(_VOCAB + name, "template", f"{_TG}{scheme}/{{{column}}}")


def _own(name: str, kind: str, column: str) -> Property:
    return Property(_VOCAB + name, kind, column)


STUDY = "https://clinicaltrials.gov/study/{nct}"


def _parts(fragment: str, link: str, rdf_class: str, *properties: Property) -> Table:
    subject = f"{_TG}study/{{nct}}#{fragment}-{{n}}"
    return Table(subject, (Property(_LABEL, "text", "label"), *properties), _VOCAB + rdf_class, _VOCAB + link)


_OUTCOME = (Property(_DESCRIPTION, "text", "description"), _own("timeFrame", "text", "time_frame"))

TABLES = {
    "study": Table(
        STUDY,
        (
            Property("http://purl.org/dc/terms/identifier", "string", "nct"),
            Property("https://schema.org/sameAs", "template", "https://identifiers.org/clinicaltrials:{nct}"),
            Property("https://schema.org/sameAs", "template", "http://bio2rdf.org/clinicaltrials:{nct}"),
            Property(_LABEL, "text", "label"),
            _own("briefTitle", "text", "brief_title"),
            _own("officialTitle", "text", "official_title"),
            _own("acronym", "text", "acronym"),
            _own("whyStopped", "text", "why_stopped"),
            _own("briefSummary", "text", "brief_summary"),
            _own("detailedDescription", "text", "detailed_description"),
            _own("hasResults", "boolean", "has_results"),
            _own("enrollment", "integer", "enrollment"),
            _code("enrollmentType", "dateType", "enrollment_type"),
            _code("studyType", "studyType", "study_type"),
            _code("overallStatus", "status", "overall_status"),
            _code("phaseLabel", "phase", "phase_label"),
        ),
        f"{_VOCAB}Study",
    ),
    "study_class": Table(STUDY, (Property(RDF_TYPE, "iri", "class"),)),
    "phase": Table(STUDY, (_code("phase", "phase", "phase"),)),
    "condition": _parts("condition", "condition", "Condition"),
    "keyword": _parts("keyword", "keyword", "Keyword"),
    "intervention": _parts(
        "intervention",
        "intervention",
        "Intervention",
        _code("interventionType", "interventionType", "type"),
        Property(_DESCRIPTION, "text", "description"),
    ),
    "other_name": Table(f"{_TG}study/{{nct}}#intervention-{{n}}", (_own("otherName", "text", "name"),)),
    "location": _parts(
        "location",
        "location",
        "Location",
        _own("city", "string", "city"),
        _own("state", "string", "state"),
        _own("postalCode", "string", "zip"),
        _own("country", "string", "country"),
        _code("locationStatus", "status", "status"),
        _own("latitude", "decimal", "latitude"),
        _own("longitude", "decimal", "longitude"),
    ),
    "primary_outcome": _parts("outcome-primary", "primaryOutcome", "Outcome", *_OUTCOME),
    "secondary_outcome": _parts("outcome-secondary", "secondaryOutcome", "Outcome", *_OUTCOME),
}
