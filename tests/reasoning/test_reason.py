"""Reasoning over a graph folder: agrees with its build, renews what class definitions change, or leaves it whole."""

import gzip
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyoxigraph as ox
import pytest
from typer.testing import CliRunner

import kg.build
import kg.knowledge
import kg.reason
from kg import assets
from kg.build import BuildReport, build_graph
from kg.cli import app, main
from kg.errors import DeadlineExceeded, GraphError
from kg.layers import LAYERS, layer_path
from kg.reason import reason_graph
from kg.store import EmbeddedStore
from kg.update import update_graph
from kg.vocab import expand

pytestmark = pytest.mark.usefixtures("java")

CLASSES = assets.folder("ontologies") / "classes.ttl"
HEAD = CLASSES.read_text(encoding="utf-8").partition("class:mTORInhibitor a")[0]
LISTED = """class:Own a owl:Class ; rdfs:label "own class"@en ; skos:altLabel "our drugs"@en .
class:Own-us a owl:Class ; rdfs:subClassOf class:Own ; dct:source <https://w3id.org/trialgraph/graph/ontology/us> ;
    owl:equivalentClass [ a owl:Class ; owl:oneOf ( mesh:C401859 ) ] .
"""
OF_A_DISEASE = """class:Own-mesh rdfs:subClassOf class:Own ;
    dct:source <https://w3id.org/trialgraph/graph/ontology/mesh> ;
    owl:equivalentClass [ a owl:Restriction ; owl:onProperty tg:hasAction ; owl:hasValue mesh:D006528 ] .
"""
OF_NOTHING = OF_A_DISEASE.replace("mesh:D006528", "mesh:D999999")


@pytest.fixture
def graph(example_graph: Path, tmp_path: Path) -> Path:
    """A graph folder of this test's own."""
    return Path(shutil.copytree(example_graph, tmp_path / "graphs" / "graph"))


@pytest.fixture
def own_classes(tmp_path: Path) -> Callable[[str], Path]:
    """Writes class definitions of a user's own."""

    def write(text: str) -> Path:
        path = tmp_path / "own.ttl"
        path.write_text(HEAD + text, encoding="utf-8")
        return path

    return write


def layers(folder: Path) -> dict[str, list[bytes]]:
    """The lines of every layer."""
    return {layer: gzip.decompress(layer_path(folder, layer).read_bytes()).splitlines() for layer in LAYERS}


def quads(folder: Path) -> list[str]:
    """What the store holds, but for the ontologies as published: their blank nodes differ from load to load."""
    store = ox.Store.read_only(str(folder / "store"))
    return sorted(str(quad) for quad in store if "/ontology/" not in str(quad.graph_name))


def whole(folder: Path) -> tuple[dict[str, bytes], int]:
    """Every file of a graph but the store's, and how much the store holds."""
    files = {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    kept = {name: content for name, content in files.items() if not name.startswith("store")}
    return kept, len(EmbeddedStore(folder / "store"))


def test_reasoner_proves_what_the_build_has_written(graph: Path) -> None:
    """No membership more or less; the folder stays as it is."""
    before = whole(graph)
    report = reason_graph(graph)
    assert report.consistent
    assert [f for f in report.findings if f.severity != "info"] == []
    assert report.renewed is not None
    assert (report.renewed.removed, report.renewed.added) == (0, 0)
    assert report.drugs > 30
    (mtor,) = [row for row in report.classes if row.label == "mTOR inhibitor"]
    assert mtor.drugs >= max(mtor.by_source.values()) > 0
    assert whole(graph) == before
    assert [path.name for path in graph.parent.iterdir()] == ["graph"]


def test_renewed_graph_is_that_of_a_build(
    graph: Path,
    example_build: tuple[Path, BuildReport],
    examples: Path,
    own_classes: Callable[[str], Path],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Layers, store and manifest are what a build with the same definitions makes; and back again."""
    path = own_classes(LISTED)
    report = reason_graph(graph, classes_file=path)
    assert report.renewed is not None
    assert report.renewed.removed > report.renewed.added > 0
    with monkeypatch.context() as patch:
        patch.setattr(kg.knowledge, "CLASSES", path)
        patch.setattr(kg.build, "CLASSES", path)
        build_graph([examples], tmp_path / "built")
    assert layers(graph) == layers(tmp_path / "built")
    assert quads(graph) == quads(tmp_path / "built")
    assert json.loads((graph / "manifest.json").read_text()) == json.loads(
        (tmp_path / "built" / "manifest.json").read_text()
    )
    reason_graph(graph)
    assert layers(graph) == layers(example_build[0])
    assert quads(graph) == quads(example_build[0])


def test_members_of_an_own_class_are_found_at_the_trial(graph: Path, own_classes: Callable[[str], Path]) -> None:
    """With the source that says so, and a partner of another ontology beside the one that is listed."""
    reason_graph(graph, classes_file=own_classes(LISTED))
    store = EmbeddedStore(graph / "store")
    own, source = expand("class:Own"), expand("class:Own-us")
    member = f"SELECT ?drug {{ ?drug <{expand('tg:memberOf')}> <{own}>, <{source}> }}"
    answer = store.query(member)
    assert isinstance(answer, ox.QuerySolutions)
    assert {expand("mesh:C401859"), expand("CHEBI:79699")} == {row["drug"].value for row in answer}
    seed = expand("study:NCT01079767")
    assert store.query(f"ASK {{ <{seed}> <{expand('tg:tests')}> <{own}>, <{source}> }}")


def test_graph_with_own_classes_is_not_updated(graph: Path, examples: Path, own_classes: Callable[[str], Path]) -> None:
    """New trials would get the classes of the build."""
    reason_graph(graph, classes_file=own_classes(LISTED))
    with pytest.raises(GraphError, match="no index of records"):
        update_graph(graph, [examples / "xml"])


def test_graph_that_changes_meanwhile_is_not_renewed(
    graph: Path, own_classes: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """An update while drugs are classified: its new drugs would be without their classes."""
    classify = kg.reason._classify

    def slowly(*given: Any) -> Any:
        (graph / "manifest.json").write_bytes((graph / "manifest.json").read_bytes() + b"\n")
        return classify(*given)

    monkeypatch.setattr(kg.reason, "_classify", slowly)
    before = layers(graph)
    with pytest.raises(GraphError, match=r"was changed while.*Run the same command again"):
        reason_graph(graph, classes_file=own_classes(LISTED))
    assert layers(graph) == before


def test_graph_that_contradicts_itself_stays_as_it_is(graph: Path, own_classes: Callable[[str], Path]) -> None:
    """A class of a disease: a finding names it, and nothing is written."""
    before = whole(graph)
    report = reason_graph(graph, classes_file=own_classes(OF_A_DISEASE))
    assert (report.consistent, report.renewed, report.classes) == (False, None, [])
    (finding,) = report.findings
    assert "'Carcinoma, Hepatocellular' is an action and a condition at once" in finding.message
    assert whole(graph) == before


def test_class_of_an_unknown_action_is_empty_and_told(graph: Path, own_classes: Callable[[str], Path]) -> None:
    """No error: a slice need not hold what a class names."""
    report = reason_graph(graph, classes_file=own_classes(OF_NOTHING))
    assert [(row.drugs, row.by_source) for row in report.classes] == [(0, {"mesh": 0})]
    assert [(f.rule, f.severity) for f in report.findings] == [("unknown-action", "info")]


def spoil(graph: Path, layer: str, change: Callable[[bytes], bytes]) -> None:
    """Changes the bytes of a layer."""
    path = layer_path(graph, layer)
    path.write_bytes(change(path.read_bytes()))


def without_branches(data: bytes) -> bytes:
    """The ontology layer as older releases wrote it."""
    lines = gzip.decompress(data).splitlines(keepends=True)
    return gzip.compress(b"".join(line for line in lines if b"vocab#branch> " not in line))


SPOILED: dict[str, tuple[Callable[[Path], object], str]] = {
    "no folder": (shutil.rmtree, "no graph here: there is no manifest.json"),
    "no manifest": (lambda graph: (graph / "manifest.json").unlink(), "there is no manifest.json"),
    "no layers": (lambda graph: shutil.rmtree(graph / "layers"), "there is no layers"),
    "a layer missing": (lambda graph: layer_path(graph, "ontology").unlink(), r"ontology.nt.gz: no such layer"),
    "a layer cut short": (lambda graph: spoil(graph, "ontology", lambda data: data[:-500]), "a layer is damaged"),
    "no gzip": (lambda graph: spoil(graph, "ontology", lambda data: b"plain" + data), "a layer is damaged"),
    "no N-Triples": (lambda graph: spoil(graph, "inferred", lambda _: gzip.compress(b"a\n")), "a layer is damaged"),
    "an older layer": (lambda graph: spoil(graph, "ontology", without_branches), "written by an older release"),
}


@pytest.mark.parametrize("name", SPOILED)
def test_spoiled_graph_is_told(graph: Path, name: str) -> None:
    """On one line, with what to do."""
    change, problem = SPOILED[name]
    change(graph)
    with pytest.raises(GraphError, match=problem) as caught:
        reason_graph(graph)
    assert "\n" not in str(caught.value)
    assert "uild " in caught.value.remedy


def test_graph_stays_whole_when_the_reasoner_takes_too_long(graph: Path, fake_java: Callable[[str], None]) -> None:
    """At its deadline nothing has been written."""
    before = whole(graph)
    fake_java("exec sleep 600")
    with pytest.raises(DeadlineExceeded):
        reason_graph(graph, timeout_s=2)
    assert whole(graph) == before


def test_graph_stays_whole_when_reasoning_is_killed(graph: Path, own_classes: Callable[[str], Path]) -> None:
    """Killed when all but the store is written; the next run clears what is left, and renews."""
    before = whole(graph)
    script = (
        "import os, signal, sys; from pathlib import Path; import kg.store; from kg.reason import reason_graph\n"
        "kg.store.copy_store = lambda *_: os.kill(os.getpid(), signal.SIGKILL)\n"
        "reason_graph(Path(sys.argv[1]), classes_file=Path(sys.argv[2]))"
    )
    path = own_classes(LISTED)
    command = [sys.executable, "-c", script, str(graph), str(path)]
    environment = {**os.environ, "PYTHONPATH": str(Path(kg.__file__).parents[1])}
    ended = subprocess.run(command, check=False, capture_output=True, env=environment)
    assert ended.returncode == -9
    assert whole(graph) == before
    assert any(".building-" in left.name for left in graph.parent.iterdir())
    renewed = reason_graph(graph, classes_file=path).renewed
    assert renewed is not None
    assert renewed.added > 0
    assert [left.name for left in graph.parent.iterdir()] == ["graph"]


def test_command_prints_a_table_and_keeps_the_module(graph: Path, tmp_path: Path) -> None:
    """A class a row, a source a column; the module can be opened by other tools."""
    result = CliRunner().invoke(app, ["reason", str(graph), "--module", str(tmp_path / "m.nt")])
    assert result.exit_code == 0
    (row,) = [line for line in result.output.splitlines() if line.startswith("mTOR inhibitor")]
    assert len(row.split()) == 6
    assert "consistent" in result.output
    assert "renewed: 0 triples removed, 0 added" in result.output
    assert len(list(ox.parse(path=str(tmp_path / "m.nt"), format=ox.RdfFormat.N_TRIPLES))) > 1000


def test_command_gives_json(graph: Path) -> None:
    """The report as programs read it."""
    result = CliRunner().invoke(app, ["reason", str(graph), "--format", "json"])
    report = json.loads(result.output)
    assert report["consistent"] is True
    assert len(report["classes"]) >= 25


def test_command_ends_with_findings(graph: Path, own_classes: Callable[[str], Path]) -> None:
    """A contradiction is exit code 1, with the finding."""
    result = CliRunner().invoke(app, ["reason", str(graph), "--classes", str(own_classes(OF_A_DISEASE))])
    assert result.exit_code == 1
    assert "[contradiction]" in result.output
    assert "contradicts itself; nothing was written" in result.output


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["--format", "xml"], 2, "--format: no such name"),
        (["--classes", "/nowhere.ttl"], 3, "/nowhere.ttl: the file cannot be read"),
        (["--timeout-s", "0.1"], 3, "no answer within 0.1 s"),
    ],
)
def test_command_says_what_is_wrong_on_one_line(
    graph: Path,
    arguments: list[str],
    code: int,
    said: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Never a traceback."""
    monkeypatch.setattr(sys, "argv", ["kg", "reason", str(graph), *arguments])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == code
    captured = capsys.readouterr()
    assert said in captured.err
    assert captured.err.count("\n") == 1


def test_command_without_java_says_what_to_install(
    graph: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """Exit code 3, and the package's name."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.setattr(sys, "argv", ["kg", "reason", str(graph)])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 3
    assert "default-jre-headless" in capsys.readouterr().err
