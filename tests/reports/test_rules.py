"""Every rule has a title and a help text: those of shapes in the shapes, all others in one table."""

from pathlib import Path

import pytest

import kg
from kg import assets
from kg.errors import NotFound
from kg.finding import SEVERITIES
from kg.validation.rules import find_rule, known_rules, read_rules
from kg.validation.shapes_graph import read_shapes
from tests.reports.written_rules import written_rules

PACKAGE = Path(kg.__file__).parent
TABLE = PACKAGE / "validation" / "rules.tsv"


def test_every_rule_of_the_code_is_described_and_none_of_the_past() -> None:
    """What the code writes and what the table describes are the same names."""
    written = written_rules(PACKAGE)
    missing = {name: place for name, place in written.items() if name not in known_rules()}
    assert not missing, f"add a line (name, severity, title, help) to {TABLE.name} for each of {missing}"
    past = sorted(known_rules().keys() - written.keys())
    assert not past, f"no code writes these rules any more: take them out of {TABLE.name}: {past}"


def test_names_are_found_where_they_are_written() -> None:
    """Keywords, arguments, names from tuples, and what a function puts before them."""
    written = written_rules(PACKAGE)
    assert len(written) > 60
    for name in ("bad-date", "check/field-gone", "check/value-new", "mapping-row", "email-in-text", "unreadable"):
        assert name in written


def test_table_is_sorted_and_says_what_to_do() -> None:
    """One line a rule; a title that is a phrase, a help text of sentences."""
    names = [line.split("\t")[0] for line in TABLE.read_text(encoding="utf-8").splitlines()[1:]]
    assert names == sorted(set(names))
    for rule in known_rules().values():
        assert rule.title.strip(" .") == rule.title, rule
        assert rule.help.endswith("."), rule
        assert len(rule.help) > 40, rule
        assert rule.severity in SEVERITIES


def test_shapes_describe_their_rules_with_file_and_line() -> None:
    """Title, help, severity and link are the shape's; file and line lead to it."""
    rules = read_rules()
    rule = rules["Study-status/In"]
    assert rule.title == "overall status (In)"
    assert rule.help.startswith("A study has one overall status")
    assert "sh:in" in rule.help
    assert (rule.severity, rule.shape) == ("violation", "Study-status")
    assert rule.see_also.startswith("https://clinicaltrials.gov/")
    assert rules["Study-stop-reason/SPARQL"].severity == "info"
    for name, found in rules.items():
        assert all((found.title, found.help, found.iri)), name
        line = (assets.folder("shapes").parent / found.file).read_text(encoding="utf-8").splitlines()[found.line - 1]
        assert line.startswith(f"shape:{found.shape} "), name


def test_rules_that_ran_are_those_that_can_find_something() -> None:
    """A shape that only decides for another is none; with names, only what these ask for."""
    rules = read_rules()
    held = {shape.name for shape in read_shapes().shapes.values()} - {rule.shape for rule in rules.values()}
    assert "Intervention-arm.1" in held
    assert set(read_rules(only=["Study-status/In"])) == {"Study-status", "Study-status/In"}
    with pytest.raises(NotFound, match="Study-status"):
        read_rules(only=["Study-statu"])


def test_shape_without_documentation_is_still_a_rule(tmp_path: Path) -> None:
    """Somebody's own shape, with a message of hostile text and no name."""
    (tmp_path / "mine.ttl").write_text(
        "@prefix sh: <http://www.w3.org/ns/shacl#> .\n@prefix tg: <https://w3id.org/trialgraph/vocab#> .\n"
        "<https://example.org/Mine> a sh:NodeShape ; sh:targetClass tg:Study ; sh:severity sh:Warning ;\n"
        '  sh:property [ sh:path tg:phase ; sh:minCount 1 ; sh:message "a \\"b\\"\\n|c|"@en ] .\n',
        encoding="utf-8",
    )
    (name,) = (name for name in read_rules(tmp_path) if name.endswith("/MinCount"))
    rule = read_rules(tmp_path)[name]
    assert rule.title == "tg:phase (MinCount)"
    assert rule.help.startswith('a "b"\n|c|')


def test_unknown_rule_is_told_by_its_name() -> None:
    """A rule that nobody described stops no report; one of a known shape takes the shape's texts."""
    assert find_rule("mine", {}).title == "mine"
    assert find_rule("Study-status/Other", read_rules()).title == "overall status (Other)"
