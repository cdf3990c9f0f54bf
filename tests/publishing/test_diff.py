"""`kg diff`: what changed between two graphs, trial by trial."""

import gzip
import io
import json
import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pyoxigraph as ox
import pytest

from kg import terms
from kg.build import build_graph
from kg.iris import part_base
from kg.layers import read_lines
from kg.publishing import TrialChange, compare_graphs, write_changes
from kg.publishing.changes import FieldChange, LinkChange
from kg.publishing.told import read_told
from kg.vocab import expand
from tests.commands import Kg

CHANGED, GONE, ADDED, SAME = "NCT01079767", "NCT00003714", "NCT05326516", "NCT00006505"


def edit(record: dict[str, Any]) -> None:
    """A record as it might be a year later."""
    protocol = record["protocolSection"]
    status = protocol["statusModule"]
    status["overallStatus"] = "COMPLETED"
    del status["whyStopped"]
    status["primaryCompletionDateStruct"] = {"date": "2011-02-03", "type": "ESTIMATED"}
    protocol["designModule"]["enrollmentInfo"]["count"] = 60
    protocol["descriptionModule"]["briefSummary"] += " Nobody was blinded."
    protocol["conditionsModule"]["conditions"] = ["Breast Cancer"]
    protocol["sponsorCollaboratorsModule"]["responsibleParty"] = {
        "type": "PRINCIPAL_INVESTIGATOR",
        "investigatorFullName": "Somebody New",
    }
    first = {"facility": "Hospital of the Example", "city": "Lyon", "country": "France"}
    protocol["contactsLocationsModule"]["locations"].insert(0, first)


def write_records(folder: Path, examples: Path, names: tuple[str, ...], change: Callable[[Any], None] | None) -> Path:
    """A folder with these examples, one of which may be changed."""
    folder.mkdir()
    for name in names:
        record = json.loads((examples / "api-v2" / f"{name}.json").read_text(encoding="utf-8"))
        if change and name == CHANGED:
            change(record)
        (folder / f"{name}.json").write_text(json.dumps(record), encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def graphs(tmp_path_factory: pytest.TempPathFactory, examples: Path) -> tuple[Path, Path]:
    """(a graph, the same a year later)."""
    home = tmp_path_factory.mktemp("diff")
    build_graph([write_records(home / "a", examples, (CHANGED, GONE, SAME), None)], home / "old")
    build_graph([write_records(home / "b", examples, (CHANGED, ADDED, SAME), edit)], home / "new")
    return home / "old", home / "new"


@pytest.fixture(scope="module")
def changes(graphs: tuple[Path, Path]) -> dict[str, TrialChange]:
    """What differs, by trial."""
    return {change.trial: change for change in compare_graphs(*graphs)}


def test_trials_that_came_or_went_are_told(changes: dict[str, TrialChange]) -> None:
    """Those of one graph only are added or gone; one that is the same in both is not told."""
    assert {trial: change.change for trial, change in changes.items()} == {
        GONE: "gone",
        CHANGED: "changed",
        ADDED: "added",
    }


def test_status_flip_stands_by_itself(changes: dict[str, TrialChange]) -> None:
    """The status before and after, and not again among the other fields."""
    change = changes[CHANGED]
    assert change.status == FieldChange("overallStatus", ("TERMINATED",), ("COMPLETED",))
    assert "overallStatus" not in {each.field for each in change.fields}


def test_moved_date_is_told_once_with_its_type(changes: dict[str, TrialChange]) -> None:
    """Of the four triples of a date one change is told."""
    assert changes[CHANGED].dates == (
        FieldChange("primaryCompletionDate", ("2010-12-01 (actual)",), ("2011-02-03 (estimated)",)),
    )


def test_other_fields_are_told_with_both_values(changes: dict[str, TrialChange]) -> None:
    """A changed number, and a field that is no more."""
    fields = {each.field: each for each in changes[CHANGED].fields if not each.part}
    assert fields["enrollment"] == FieldChange("enrollment", ("6",), ("60",))
    assert fields["whyStopped"].new == ()
    assert fields["whyStopped"].old[0].startswith("The study")


def test_inserted_part_is_one_change(changes: dict[str, TrialChange]) -> None:
    """A location put before the others renumbers them; only the new one is told."""
    locations = [each for each in changes[CHANGED].fields if "location" in (each.field, each.part.split(" ")[0])]
    assert locations == [FieldChange("location", (), ("Hospital of the Example",))]


def test_part_of_which_there_is_one_stays_itself(changes: dict[str, TrialChange]) -> None:
    """Another responsible party is a change of the fields, not a part gone and one come."""
    found = {each.field: each.new for each in changes[CHANGED].fields if each.part == "responsible-party"}
    assert found["label"] == ("Somebody New",)
    assert "responsible-party" not in {each.field for each in changes[CHANGED].fields}


def test_links_gained_and_lost_are_told(changes: dict[str, TrialChange]) -> None:
    """By the string that has them, what they lead to and how."""
    change = changes[CHANGED]
    assert LinkChange("condition", "Breast Cancer", "exact", "mesh:D001943", "breast cancer") in change.links_gained
    assert LinkChange("condition", "Liver Cancer", "exact", "mesh:D008113", "liver cancer") in change.links_lost
    assert {link.text for link in change.links_lost} == {"Liver Cancer"}


def test_graph_does_not_differ_from_itself(graphs: tuple[Path, Path], kg: Kg) -> None:
    """No change is no line but the summary."""
    assert list(compare_graphs(graphs[0], graphs[0])) == []
    ended = kg("diff", graphs[0], graphs[0])
    assert (ended.code, ended.out) == (0, "0 trials differ\n")


def test_text_names_every_kind_of_change(graphs: tuple[Path, Path], kg: Kg) -> None:
    """A block a trial, and a summary at the end."""
    ended = kg("diff", *graphs)
    lines = ended.out.splitlines()
    assert ended.code == 0
    assert any(line.startswith(f"+ {ADDED}") for line in lines)
    assert any(line.startswith(f"- {GONE}") for line in lines)
    assert "    status: TERMINATED → COMPLETED" in lines
    assert "    primaryCompletionDate: 2010-12-01 (actual) → 2011-02-03 (estimated)" in lines
    assert any(line.startswith("    - link: condition Liver Cancer") for line in lines)
    assert any(line.startswith("    briefSummary: ") and line.endswith("Nobody was blinded.") for line in lines)
    assert lines[-1].startswith("3 trials differ: added 1, gone 1, status 1, dates 1")


def test_other_versions_are_told_first(graphs: tuple[Path, Path], kg: Kg, tmp_path: Path) -> None:
    """Links may differ because an ontology does."""
    other = shutil.copytree(graphs[0], tmp_path / "other")
    manifest = json.loads((other / "manifest.json").read_text(encoding="utf-8"))
    (mesh,) = (ontology for ontology in manifest["ontologies"] if ontology["name"] == "mesh")
    was, mesh["version"] = mesh["version"], "2031"
    (other / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    assert kg("diff", graphs[0], other).out == f"version of mesh: {was} → 2031\n0 trials differ\n"
    told = json.loads(kg("diff", graphs[0], other, "--format", "json").out)
    assert told["versions"] == [{"field": "mesh", "old": [was], "new": ["2031"], "part": ""}]


def test_what_only_follows_is_told_as_such(graphs: tuple[Path, Path], kg: Kg, tmp_path: Path) -> None:
    """Other hierarchies change what a trial studies, though its record and its links are the same."""
    other = shutil.copytree(graphs[0], tmp_path / "other")
    layer = other / "layers" / "inferred.nt.gz"
    lines = gzip.decompress(layer.read_bytes()).splitlines(keepends=True)
    study = f"study/{CHANGED}> <{expand('tg:studies')}>".encode()
    gone = next(line for line in lines if study in line)
    layer.write_bytes(gzip.compress(b"".join(line for line in lines if line != gone)))
    (change,) = compare_graphs(graphs[0], other)
    assert (change.trial, change.triples_removed, list(change.kinds())) == (CHANGED, (gone.decode(),), ["no field"])
    assert (
        "    no field: inferences, or the record's hash (triples: 0 added, 1 removed)\n"
        in kg("diff", graphs[0], other).out
    )


def test_each_part_keeps_its_own_dates(graphs: tuple[Path, Path]) -> None:
    """Two documents with a date each are not taken for one date of the study."""
    base = terms.iri(f"{part_base(CHANGED)}document-")[:-1]
    lines = [
        f"{base}{number}> {terms.iri(expand('tg:uploaded'))} {terms.day(date(2030, 1, number))} .\n"
        for number in (1, 2)
    ]
    told = read_told(lines)
    assert told.dates == {}
    assert told.parts == {
        "document-1": {"uploaded": ("2030-01-01",)},
        "document-2": {"uploaded": ("2030-01-02",)},
    }


def test_text_of_a_record_stays_on_its_line() -> None:
    """A title may hold line ends, and what a terminal would obey."""
    stream = io.BytesIO()
    hostile = TrialChange(trial=CHANGED, change="gone", title="one\n+ two\x1b[2J \x9b31m")
    write_changes([hostile], stream, "text")
    assert stream.getvalue().decode().splitlines() == ["- one + two�[2J �31m", "1 trial differs: gone 1"]


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"versions": {}, "inputs": {}}'])
def test_broken_manifest_is_one_line(text: str, graphs: tuple[Path, Path], kg: Kg, tmp_path: Path) -> None:
    """Of either command."""
    other = shutil.copytree(graphs[0], tmp_path / "other")
    (other / "manifest.json").write_text(text, encoding="utf-8")
    terms = ("--base-url", "https://a.org/", "--license", "https://a.org/l", "--publisher", "P")
    for arguments in (("diff", graphs[0], other), ("publish", other, "--to", tmp_path / "out", *terms)):
        ended = kg(*arguments)
        assert (ended.code, ended.out) == (3, "")
        assert "manifest.json" in ended.err
        assert ended.err.count("\n") == 1
    assert not (tmp_path / "out").exists()


def test_json_has_every_change(graphs: tuple[Path, Path], changes: dict[str, TrialChange], kg: Kg) -> None:
    """One document: the trials, and how many changed in which way."""
    found = json.loads(kg("diff", *graphs, "--format", "json").out)
    assert [each["trial"] for each in found["trials"]] == list(changes)
    assert found["counts"]["trials"] == 3
    assert json.loads(kg("diff", graphs[0], graphs[0], "--format", "json").out) == {
        "versions": [],
        "trials": [],
        "counts": {},
    }


def test_quads_turn_the_old_graph_into_the_new_one(graphs: tuple[Path, Path], kg: Kg, tmp_path: Path) -> None:
    """Old, less what is removed, with what is added, is new: for all that trials say of themselves."""
    file = tmp_path / "changes.nq"
    assert kg("diff", *graphs, "--format", "nquads", "-o", file).code == 0
    changed: dict[str, set[ox.Triple]] = {}
    for quad in ox.parse(path=str(file), format=ox.RdfFormat.N_QUADS):
        changed.setdefault(str(quad.graph_name).rpartition("/")[2], set()).add(quad.triple)
    old, new = (_trial_triples(folder) for folder in graphs)
    assert changed["removed>"] <= old
    assert _own((old - changed["removed>"]) | changed["added>"]) == _own(new)


def _trial_triples(folder: Path) -> set[ox.Triple]:
    layers = ("registry", "derived", "links", "inferred")
    text = b"".join(line for layer in layers for line in read_lines(folder, layer))
    return {quad.triple for quad in ox.parse(text, format=ox.RdfFormat.N_TRIPLES)}


def _own(triples: set[ox.Triple]) -> set[ox.Triple]:
    """Without what is said of organisations, which other records may say too."""
    return {triple for triple in triples if "/NCT" in str(triple.subject)}


@pytest.mark.parametrize(
    ("arguments", "code"),
    [("OLD NEW --format docx", 2), ("OLD TMP", 3), ("TMP/nowhere NEW", 3), ("OLD", 2)],
)
def test_mistakes_are_one_line(arguments: str, code: int, graphs: tuple[Path, Path], kg: Kg, tmp_path: Path) -> None:
    """An unknown format, or what is no graph."""
    names = {"OLD": str(graphs[0]), "NEW": str(graphs[1]), "TMP": str(tmp_path)}
    ended = kg("diff", *(names.get(word, word.replace("TMP", str(tmp_path))) for word in arguments.split()))
    assert ended.code == code
    assert "Traceback" not in ended.err
