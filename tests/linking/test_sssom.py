"""Mapping sets as text: what is read, what is told, and what is written."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.errors import SourceError
from kg.finding import Finding
from kg.linking.curated import read_mappings
from kg.linking.sssom import MappingRow, MappingSet, merge, read_set, settle, write_set
from kg.linking.sssom.rdf import write_turtle
from kg.linking.sssom.table import Line, Table, join_values, read_table, split_values, write_table
from kg.vocab import PREFIXES

MESH = PREFIXES["mesh"]
HEADER = """#curie_map:
#  mesh: http://id.nlm.nih.gov/mesh/
#  MONDO: http://purl.obolibrary.org/obo/MONDO_
#  orcid: https://orcid.org/
#mapping_set_id: https://example.org/set
#license: https://creativecommons.org/publicdomain/zero/1.0/
#subject_type: rdfs literal
"""
COLUMNS = (
    "subject_label subject_category predicate_id predicate_modifier object_id mapping_justification confidence trial_id"
)
DECLARED = "#extension_definitions:\n#- slot_name: trial_id\n#  property: mesh:trial\n"


def line(text: str, concept: str = "mesh:D006528", **cells: str) -> str:
    """A row as a curator writes it: a condition, exact, by hand."""
    found = {
        "subject_label": text,
        "subject_category": "condition",
        "predicate_id": "skos:exactMatch",
        "object_id": concept,
        "mapping_justification": "semapv:ManualMappingCuration",
    } | cells
    return "\t".join(found.get(column, "") for column in COLUMNS.split())


def file(*lines: str, header: str = HEADER + DECLARED, columns: str = COLUMNS) -> bytes:
    """A file of these rows."""
    return (header + "\n".join(["\t".join(columns.split()), *lines]) + "\n").encode()


def read(*lines: str, **parts: str) -> tuple[tuple[MappingRow, ...], list[Finding]]:
    """The rows that may be used, and the findings."""
    found, findings = read_set(file(*lines, **parts), "set.tsv")
    rows, wrong = settle(found.rows)
    return rows, findings + wrong


def rules(findings: list[Finding]) -> list[tuple[str, str, str]]:
    """(rule, severity, place) of each."""
    return [(finding.rule, finding.severity, finding.place) for finding in findings]


def test_row_is_read_with_its_key() -> None:
    """Kind and normalised string, concept by IRI, whatever prefix the file has for it."""
    (row,), findings = read(line("Liver  Cancers", "MONDO:0007256", confidence="0.9"))
    assert findings == []
    assert row.key == ("condition", "liver cancer")
    assert (row.concept, row.relation, row.confidence) == (f"{PREFIXES['MONDO']}0007256", "exact", 0.9)
    assert row.curated
    assert not row.negative


@pytest.mark.parametrize(
    ("text", "read_as"),
    [
        ('"a ""b"" c"', 'a "b" c'),
        ('"a\tb"', "a\tb"),
        ('"a\nb"', "a\nb"),
        ('a "b" c', 'a "b" c'),
        (" blanks ", " blanks "),
    ],
)
def test_quotes_are_those_of_the_standard(text: str, read_as: str) -> None:
    """In quotes stand tabs, line ends and doubled quotes; inside a cell a quote is a character."""
    (row,), findings = read(line(text))
    assert row.text == read_as
    assert findings == []


def test_quote_that_never_closes_swallows_no_row() -> None:
    """It is taken as it stands, and told; the rows after it are read."""
    rows, findings = read(line('"12 inch'), line("asthma", "mesh:D001249"))
    assert [row.text for row in rows] == ['"12 inch', "asthma"]
    assert rules(findings) == [("mapping-quote", "warning", "line 12")]


def test_line_ends_and_byte_order_mark_of_other_systems_are_read() -> None:
    """CRLF and a byte order mark change nothing."""
    plain = file(line("asthma"))
    found, findings = read_set(b"\xef\xbb\xbf" + plain.replace(b"\n", b"\r\n"), "set.tsv")
    assert findings == []
    assert found.rows == read_set(plain, "set.tsv")[0].rows


def test_cell_of_a_megabyte_is_a_string_like_another() -> None:
    """Nothing is cut, and the row after it keeps its line."""
    rows, _ = read(line("x" * 1_000_000), line("asthma"))
    assert [len(row.text) for row in rows] == [1_000_000, 6]


def test_lines_are_counted_through_cells_of_several_lines() -> None:
    """A finding names the line on which its row starts."""
    _, findings = read(line('"a\n\nb"'), line("asthma", "DOID:2841"))
    assert rules(findings) == [("mapping-prefix", "violation", "line 15")]


@pytest.mark.parametrize(
    ("row", "rule", "severity"),
    [
        (line("a", "DOID:2841"), "mapping-prefix", "violation"),
        (line("a", "https://example.org/1"), "mapping-prefix", "violation"),
        (line("a", "D006528"), "mapping-curie", "violation"),
        (line("a", "mesh:D 1"), "mapping-curie", "violation"),
        (line("a", ""), "mapping-curie", "violation"),
        (line(""), "mapping-subject", "violation"),
        (line(" "), "mapping-subject", "violation"),
        (line("a", subject_category="disease"), "mapping-kind", "violation"),
        (line("a", predicate_modifier="Never"), "mapping-predicate", "violation"),
        (line("a", predicate_id="skos:relatedMatch"), "mapping-predicate", "warning"),
        (line("a", predicate_id="ex:same"), "mapping-prefix", "violation"),
        (line("a", mapping_justification="semapv:Guess"), "mapping-justification", "violation"),
        (line("a", mapping_justification=""), "mapping-curie", "violation"),
        (line("a", trial_id="NCT1"), "mapping-trial", "violation"),
        (line("a", "sssom:NoTermFound", predicate_modifier="Not"), "mapping-object", "warning"),
        (line("a") + "\tmore", "mapping-row", "violation"),
        ("\t\t", "mapping-row", "warning"),
    ],
)
def test_row_that_cannot_be_used_is_told_with_its_line(row: str, rule: str, severity: str) -> None:
    """And costs no other row."""
    rows, findings = read(line("asthma", "mesh:D001249"), row)
    assert [row.text for row in rows] == ["asthma"]
    assert rules(findings) == [(rule, severity, "line 13")]


@pytest.mark.parametrize("confidence", ["high", "1.5", "-0.1", "nan", "0,9"])
def test_bad_confidence_costs_the_confidence_alone(confidence: str) -> None:
    """The row stays."""
    (row,), findings = read(line("asthma", confidence=confidence))
    assert row.confidence is None
    assert rules(findings) == [("mapping-confidence", "warning", "line 12")]


def test_reference_with_undeclared_prefix_is_left_out_of_its_row() -> None:
    """An author that nobody can look up is told; the mapping stands."""
    columns = COLUMNS + " author_id"
    rows, findings = read(line("asthma") + "\torcid:1|wikidata:2", columns=columns)
    assert rows[0].slots == {"author_id": "orcid:1"}
    assert rules(findings) == [("mapping-prefix", "violation", "line 12")]


def test_row_on_a_concept_is_no_row_on_a_string() -> None:
    """A mapping between two vocabularies is left alone, and told."""
    columns = COLUMNS + " subject_id"
    rows, findings = read(
        line("asthma") + "\tMONDO:1", columns=columns, header=HEADER.replace("rdfs literal", "owl class")
    )
    assert rows == ()
    assert ("mapping-subject", "warning", "line 9") in rules(findings)


def test_trial_stands_in_its_column_or_in_other() -> None:
    """Both are read; two different ones cannot be meant."""
    columns = COLUMNS + " other"
    rows, findings = read(
        line("a", trial_id="NCT00000001"),
        line("b") + "\tx=1|trial_id=NCT00000002",
        line("c", trial_id="NCT00000001") + "\ttrial_id=NCT00000002",
        columns=columns,
    )
    assert [(row.trial, row.slots) for row in rows] == [("NCT00000001", {}), ("NCT00000002", {"other": "x=1"})]
    assert rules(findings) == [("mapping-trial", "violation", "line 14")]


def test_trial_column_that_is_not_declared_is_used_and_told() -> None:
    """To leave it out would make a row for one trial a row for all."""
    rows, findings = read(line("a", trial_id="NCT00000001"), header=HEADER)
    assert rows[0].trial == "NCT00000001"
    assert rules(findings) == [("mapping-column", "warning", "header")]


def test_header_gives_a_slot_only_where_no_row_has_it() -> None:
    """As the standard says of propagation."""
    header = HEADER + "#mapping_tool: hand\n#mapping_date: 2024-01-31\n"
    rows, _ = read(line("a") + "\tother tool", line("b"), columns=COLUMNS + " mapping_tool", header=header)
    assert [row.slots for row in rows] == [
        {"mapping_tool": "other tool", "mapping_date": "2024-01-31"},
        {"mapping_date": "2024-01-31"},
    ]


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (b"", "no line with the names of columns"),
        (b"#mapping_set_id: x\n", "no line with the names of columns"),
        (b"subject_label\tpredicate_id\n", "columns are missing"),
        (b"subject_label,predicate_id,object_id,mapping_justification\n", "columns are missing"),
        (file(columns=COLUMNS + " object_id"), "a column stands twice"),
        (b"#a: [\n" + file(header=""), "the header is no YAML"),
        (b"#" + b"[" * 5000 + b"\n" + file(header=""), "the header is no YAML"),
        (b"#- a\n" + file(header=""), "the header is no YAML mapping"),
        (b"#curie_map: none\n" + file(header=""), "curie_map is no mapping"),
        (b"subject_label\xff\n", "not in UTF-8"),
        (bytes(range(256)), "not in UTF-8"),
    ],
)
def test_file_that_is_no_mapping_set_is_an_error(data: bytes, problem: str) -> None:
    """One line that names the file and what to do."""
    with pytest.raises(SourceError, match=problem) as error:
        read_set(data, "set.tsv")
    assert str(error.value).startswith("set.tsv: ")
    assert "\n" not in str(error.value)


def test_missing_file_is_an_error(tmp_path: Path) -> None:
    """It is named."""
    with pytest.raises(SourceError, match=r"absent\.tsv: the file cannot be read"):
        read_mappings([tmp_path / "absent.tsv"])


def test_built_in_prefix_stands_for_nothing_else() -> None:
    """A file that gives skos another namespace does not mean its mappings as it says."""
    rows, findings = read(line("a"), header=HEADER.replace("#  mesh", "#  skos: https://example.org/\n#  mesh", 1))
    assert ("mapping-prefix", "violation", "header") in rules(findings)
    assert rows[0].predicate == "skos:exactMatch"


def test_unknown_columns_and_keys_are_told_once() -> None:
    """They are left out, and the rows stand."""
    rows, findings = read(
        line("a") + "\tx", line("b"), columns=COLUMNS + " reviewed_by", header="#a: b\n" + HEADER + DECLARED
    )
    assert len(rows) == 2
    assert rules(findings) == [("mapping-column", "info", "header"), ("mapping-header", "info", "header")]


def test_row_that_says_the_same_twice_is_used_once() -> None:
    """The second is told with the line of the first."""
    rows, findings = read(line("Liver cancer"), line("liver cancers"))
    assert [row.line for row in rows] == [12]
    assert rules(findings) == [("mapping-duplicate", "warning", "line 13")]
    assert "line 12" in findings[0].message


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (line("a"), line("a", predicate_modifier="Not")),
        (line("a"), line("A", "mesh:D000001")),
        (line("a"), line("a", predicate_id="skos:broadMatch")),
        (line("a"), line("a", predicate_id="skos:closeMatch", predicate_modifier="Not")),
        (line("a"), line("a", "sssom:NoTermFound")),
    ],
    ids=["negated", "two exact", "exact and broad", "not even close", "none and some"],
)
def test_rows_that_contradict_each_other_are_both_left_out(one: str, other: str) -> None:
    """Each is told with the line of the other."""
    rows, findings = read(one, line("b"), other)
    assert [row.text for row in rows] == ["b"]
    assert rules(findings) == [
        ("mapping-contradiction", "violation", "line 12"),
        ("mapping-contradiction", "violation", "line 14"),
    ]


@pytest.mark.parametrize(
    "other",
    [
        line("a", "MONDO:0007256"),
        line("a", predicate_modifier="Not", trial_id="NCT00000001"),
        line("a", "mesh:D000001", mapping_justification="semapv:LexicalMatching"),
        line("a", "mesh:D000001", subject_category="keyword"),
        line("a", "mesh:D000001", subject_category=""),
        line("a", "mesh:D000001", predicate_id="skos:broadMatch"),
        line("a", "mesh:D000001", predicate_modifier="Not"),
    ],
    ids=["other ontology", "one trial", "computed", "other kind", "any kind", "broader, too", "not another"],
)
def test_rows_that_can_both_hold_are_both_kept(other: str) -> None:
    """Of two ranks the greater beats, which is no contradiction."""
    rows, findings = read(line("a"), other)
    assert len(rows) == 2
    assert findings == []


def test_contradictions_are_found_across_files(tmp_path: Path) -> None:
    """Two curators' files are one opinion."""
    for name, row in (("one.tsv", line("a")), ("two.tsv", line("a", predicate_modifier="Not"))):
        (tmp_path / name).write_bytes(file(row))
    _, rows, findings = read_mappings([tmp_path / "one.tsv", tmp_path / "two.tsv"])
    assert rows == ()
    assert [Path(finding.source).name for finding in findings] == ["one.tsv", "two.tsv"]
    assert "two.tsv line 12" in findings[0].message


def test_hostile_groups_are_settled_in_one_pass() -> None:
    """Ten thousand opinions on one string are compared by name, not in pairs."""
    rows, findings = read(*(line("a", f"mesh:D{number:06}") for number in range(10_000)))
    assert rows == ()
    assert len(findings) == 10_000


def test_merged_sets_may_not_disagree_on_a_prefix() -> None:
    """A CURIE of the one would be another concept in the other."""
    one = MappingSet(rows=(), prefixes={"x": "https://example.org/1/"})
    other = MappingSet(rows=(), prefixes={"x": "https://example.org/2/"}, source="two.tsv")
    with pytest.raises(SourceError, match=r"two\.tsv: prefix 'x' stands for two namespaces"):
        merge([one, other], ())


def test_only_used_prefixes_are_declared_and_none_that_is_built_in() -> None:
    """In order of their names."""
    found, _ = read_set(file(line("a"), line("b", "MONDO:1")), "set.tsv")
    header = read_table(write_set(found), "again").header
    assert list(header["curie_map"]) == ["MONDO", "mesh"]


def test_concept_of_a_foreign_namespace_keeps_its_curie() -> None:
    """And its prefix goes out with it."""
    header = HEADER.replace("#  orcid", "#  EFO: http://www.ebi.ac.uk/efo/EFO_\n#  orcid")
    found, _ = read_set(file(line("a", "EFO:0000618"), header=header), "set.tsv")
    assert found.rows[0].concept == "http://www.ebi.ac.uk/efo/EFO_0000618"
    written = write_set(found)
    assert b"EFO:0000618" in written
    assert b"#  EFO: http://www.ebi.ac.uk/efo/EFO_\n" in written


def test_turtle_is_the_same_each_time_and_says_what_is_negated() -> None:
    """No blank nodes, prefixes in order."""
    found, _ = read_set(file(line("a", predicate_modifier="Not", trial_id="NCT00000001")), "set.tsv")
    text = write_turtle(found).decode()
    assert text == write_turtle(found).decode()
    assert "sssom:predicate_modifier sssom:NegatedPredicate" in text
    assert 'sssom:other "trial_id=NCT00000001"' in text
    assert "_:" not in text
    declared = [row for row in text.splitlines() if row.startswith("@prefix")]
    assert declared == sorted(declared)


TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)


@given(st.lists(st.tuples(TEXT, TEXT), max_size=5))
def test_any_string_survives_the_table(cells: list[tuple[str, str]]) -> None:
    """Tabs, quotes, line ends of every kind, byte order marks, hashes and blanks come back as they went."""
    lines = tuple(Line(0, pair) for pair in cells)
    table = read_table(write_table(Table({"a": "b"}, ("one", "two"), lines)), "again")
    assert [found.cells for found in table.lines] == cells
    assert table.header == {"a": "b"}


@given(st.binary(max_size=300))
def test_any_bytes_are_a_set_or_an_error(data: bytes) -> None:
    """Nothing else comes of them."""
    for content in (data, HEADER.encode() + data, file() + data):
        try:
            found, _ = read_set(content, "set.tsv")
        except SourceError:
            continue
        write_set(found)


@given(st.lists(TEXT.filter(str.strip)))
def test_lists_survive_a_cell(values: list[str]) -> None:
    """A bar inside a value is no border, unless a backslash stands before it already."""
    values = [value.strip() for value in values if "\\" not in value]
    assert list(split_values(join_values(values))) == values


ROWS = st.builds(
    MappingRow,
    text=TEXT.filter(lambda text: bool(text.strip())),
    kind=st.sampled_from(["", "condition", "intervention", "keyword", "title"]),
    trial=st.sampled_from(["", "NCT00000001", "NCT00000002"]),
    predicate=st.sampled_from(["skos:exactMatch", "skos:broadMatch", "skos:closeMatch"]),
    negative=st.booleans(),
    concept=st.from_regex(
        r"http://(id\.nlm\.nih\.gov/mesh/D|purl\.obolibrary\.org/obo/MONDO_)[0-9]{1,2}", fullmatch=True
    ),
    justification=st.sampled_from(["semapv:ManualMappingCuration", "semapv:LexicalMatching"]),
    confidence=st.none() | st.integers(0, 1000).map(lambda n: n / 1000),
    slots=st.fixed_dictionaries(
        {},
        optional={
            "comment": TEXT.map(str.strip).filter(bool),
            "object_label": TEXT.map(str.strip).filter(bool),
            "author_id": st.just("orcid:0000-0002|orcid:0000-0001"),
        },
    ),
)


@given(st.lists(ROWS, max_size=6))
def test_export_import_export_is_stable(rows: list[MappingRow]) -> None:
    """What is written is read without a finding, and written again as the same bytes."""
    header = {"mapping_set_id": "https://example.org/set", "license": "https://example.org/licence"}
    data = write_set(MappingSet(rows=tuple(rows), header=header, prefixes={**PREFIXES, "orcid": "https://orcid.org/"}))
    found, findings = read_set(data, "again")
    assert findings == []
    assert len(found.rows) == len(rows)
    assert write_set(found) == data
    kept, told = settle(found.rows)
    assert len(kept) + len(told) == len(rows)
