"""Graph + shapes -> findings; findings -> reports."""

from kg.validation.engine import ENGINES, Engine, EngineSpec, make_engine
from kg.validation.parallel import CRASHED, DEADLINE, Partition, check_partition, run_engine
from kg.validation.pyshacl_engine import PyShacl
from kg.validation.reports import REPORT_FORMATS, write_report
from kg.validation.rust_engine import ShaclRust

__all__ = [
    "CRASHED",
    "DEADLINE",
    "ENGINES",
    "REPORT_FORMATS",
    "Engine",
    "EngineSpec",
    "Partition",
    "PyShacl",
    "ShaclRust",
    "check_partition",
    "make_engine",
    "run_engine",
    "write_report",
]
