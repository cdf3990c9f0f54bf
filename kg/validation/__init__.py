"""Graph + shapes -> findings; findings -> reports."""

from kg.validation.engine import Engine, PyShacl
from kg.validation.reports import REPORT_FORMATS, write_report

__all__ = ["REPORT_FORMATS", "Engine", "PyShacl", "write_report"]
