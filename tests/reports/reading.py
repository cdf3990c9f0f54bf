"""Reports written and read back, each by what its readers demand: schemas, parsers, one line an annotation."""

import io
import json
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

import rdflib
from lxml import etree

from kg.validation.reports import Report, write_report

_HERE = Path(__file__).parent


def written(report: Report, name: str) -> str:
    """The report in a format, as it can be written to a file in UTF-8."""
    stream = io.StringIO()
    write_report(report, stream, name)
    return stream.getvalue().encode("utf-8").decode("utf-8")


@cache
def _schema() -> Any:
    validators = import_module("jsonschema").validators
    schema = json.loads((_HERE / "sarif-schema.json").read_text(encoding="utf-8"))
    kind = validators.validator_for(schema)
    return kind(schema, format_checker=kind.FORMAT_CHECKER)


def read_sarif(text: str) -> Any:
    """The only run of a log that is valid by the schema."""
    log = json.loads(text)
    assert [f"{error.json_path}: {error.message}" for error in _schema().iter_errors(log)] == []
    (run,) = log["runs"]
    return run


@cache
def _xsd() -> etree.XMLSchema:
    return etree.XMLSchema(etree.parse(_HERE / "junit.xsd"))


def read_junit(text: str) -> Any:
    """The suite of a document that is valid by the schema; counts are what is there."""
    root = etree.fromstring(text.encode("utf-8"))
    _xsd().assertValid(root)
    (suite,) = root
    assert int(suite.get("tests", "")) == len(suite.findall("testcase"))
    for kind in ("failure", "error"):
        assert int(suite.get(f"{kind}s", "")) == len(suite.findall(f"testcase/{kind}"))
    return suite


def read_turtle(text: str) -> rdflib.Graph:
    """The triples."""
    return rdflib.Graph().parse(data=text, format="turtle")
