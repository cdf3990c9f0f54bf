"""W3C's suites of SHACL through our engines: what each fails is known, by name and with the reason."""

import csv
import os
from pathlib import Path

import pytest

from kg.errors import KgError
from kg.validation import make_engine
from kg.validation.shape_triples import ShapeTriples
from tests.conformance.w3c import Case, expected, find_cases, outcome, read

pytestmark = [pytest.mark.data, pytest.mark.conformance]

ENGINES = ("pyshacl", "shacl-rust")
#: So many cases W3C publishes; fewer would be a suite cut short.
CORE, SPARQL = 98, 23


def suites() -> list[Case]:
    """All cases; none where there is no data."""
    folder = os.environ.get("TRIALGRAPH_DATA")
    tests = Path(folder or ".") / "conformance" / "shacl" / "tests"
    return [case for name in ("core", "sparql") for case in find_cases(tests / name)] if folder else []


def known_failures() -> dict[tuple[str, str], str]:
    """(engine, case) -> why it fails."""
    with Path(__file__).with_name("known-failures.tsv").open(encoding="utf-8", newline="") as stream:
        return {(row["engine"], row["test"]): row["reason"] for row in csv.DictReader(stream, delimiter="\t")}


def passes(engine: str, case: Case, shapes: Path) -> bool:
    """Whether an engine gives the results that the case expects, or refuses what is to be refused."""
    lines = ShapeTriples(read(case.data)).lines()
    shapes.write_text("".join(lines if case.shapes == case.data else ShapeTriples(read(case.shapes)).lines()), "utf-8")
    try:
        found = outcome(make_engine(engine, shapes).validate(lines))
    except KgError:
        return case.must_fail
    return not case.must_fail and found == expected(case)


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("case", suites(), ids=lambda case: getattr(case, "name", "none"))
def test_case(engine: str, case: Case, tmp_path: Path) -> None:
    """Passes, or fails as known; one that is known to fail and passes is to be taken off the list."""
    reason = known_failures().get((engine, case.name))
    assert passes(engine, case, tmp_path / "shapes.ttl") == (reason is None), reason or "not known to fail"


def test_suites_are_whole() -> None:
    """No case is left out, and no known failure is of a case that is not there."""
    names = [case.name for case in suites()]
    counts = (sum(name.startswith("core/") for name in names), sum(name.startswith("sparql/") for name in names))
    assert counts == (CORE, SPARQL)
    assert {case for _, case in known_failures()} <= set(names)
    assert all(reason and engine in ENGINES for (engine, _), reason in known_failures().items())
