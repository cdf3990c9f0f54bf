"""The command line: exit codes, clean output, one line for an error."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from kg import cli

COMMANDS = [
    *(["convert"], ["build"], ["validate"], ["export"], ["sparql"], ["demo"], ["mapping"]),
    *(["query", "list"], ["query", "show"], ["query", "run"], ["ontologies", "list"], ["ontologies", "slice"]),
]


def run(monkeypatch: pytest.MonkeyPatch, *arguments: object) -> int:
    """The exit code of `kg` with these arguments."""
    monkeypatch.setattr(sys, "argv", ["kg", *map(str, arguments)])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    return int(ended.value.code or 0)


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_help_has_an_example(
    command: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Every command shows how it is used."""
    assert run(monkeypatch, *command, "--help") == 0
    assert f"Example: kg {' '.join(command)}" in " ".join(capsys.readouterr().out.split())


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["convert", "no-such-file.xml"], 3),
        (["query", "run", "no-such-query", "--graph", "GRAPH"], 2),
        (["query", "run", "trials-by-drug", "--graph", "GRAPH"], 2),
        (["query", "run", "trials-by-drug", "--graph", "GRAPH", "drug=nosuchdrug"], 2),
        (["query", "run", "trials-by-drug", "--graph", "GRAPH", "drug"], 2),
        (["query", "run", "trials-by-drug", "drug=everolimus"], 2),
        (["query", "run", "trials-by-drug", "--graph", "GRAPH", "--endpoint", "http://x", "drug=everolimus"], 2),
        (["query", "run", "trials-by-drug", "--graph", "GRAPH", "drug=everolimus", "--format", "docx"], 2),
        (["query", "run", "trials-by-drug", "--graph", "nowhere", "drug=everolimus"], 3),
        (["query", "show", "trials-by-drg"], 2),
        (["sparql", "no-such-file.rq", "--graph", "GRAPH"], 3),
        (["export", "nowhere", "--to", "x.ttl"], 3),
        (["validate", "nowhere"], 3),
        (["validate", "GRAPH", "--fail-on", "never"], 2),
        (["mapping", "--format", "docx"], 2),
        (["no-such-command"], 2),
    ],
    ids=str,
)
def test_mistakes_are_one_line_and_an_exit_code(
    arguments: list[str],
    code: int,
    example_graph: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """2 for usage, 3 for what could not run; no traceback, nothing on stdout."""
    given = [str(example_graph) if word == "GRAPH" else word for word in arguments]
    assert run(monkeypatch, *given) == code
    out, err = capsys.readouterr()
    assert out == ""
    assert "Traceback" not in err
    assert err


def test_findings_give_exit_code_one(
    example_graph: Path,
    examples: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Nothing at the threshold is 0, something is 1; records that are none are 1, too."""
    assert run(monkeypatch, "validate", example_graph) == 0
    assert run(monkeypatch, "validate", example_graph, "--fail-on", "info", "--format", "json") == 1
    (tmp_path / "bad.json").write_text("{")
    assert run(monkeypatch, "convert", tmp_path / "bad.json") == 1
    assert run(monkeypatch, "convert", examples / "xml" / "NCT01079767.xml", "-o", tmp_path / "a.ttl") == 0
    assert (tmp_path / "a.ttl").read_text().startswith("@prefix ")
    capsys.readouterr()


def test_json_answers_say_what_parameters_were_taken_for(
    example_graph: Path, monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    """SPARQL JSON on stdout with `resolved`; the same in words on stderr."""
    arguments = ("query", "run", "trials-by-drug", "--graph", example_graph, "drug=everolimus", "--format", "json")
    assert run(monkeypatch, *arguments) == 0
    out, err = capfdbinary.readouterr()
    assert json.loads(out)["resolved"]["drug"]["label"] == "Everolimus"
    assert "drug = everolimus → Everolimus (mesh:D000068338)" in err.decode()


def test_light_commands_import_nothing_heavy() -> None:
    """`kg --help` and `kg query list` answer without the RDF stack."""
    heavy = "'rdflib', 'pyshacl', 'owlready2', 'lxml', 'SPARQLWrapper', 'pyoxigraph'"
    script = (
        "import sys; sys.argv = ['kg', '--help']\n"
        "from kg import cli\n"
        "try: cli.main()\n"
        "except SystemExit: pass\n"
        f"print([name for name in ({heavy}) if name in sys.modules])"
    )
    answer = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert answer.stdout.splitlines()[-1] == "[]"


def test_demo_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> None:
    """The one command that shows the main job finds the two trials."""
    assert run(monkeypatch, "demo", "--out", tmp_path / "demo") == 0
    out, _ = capfd.readouterr()
    assert "NCT01379521" in out
    assert "NCT01079767" in out
    assert (tmp_path / "demo" / "graph.ttl").stat().st_size > 100_000
