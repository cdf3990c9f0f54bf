"""The command line: exit codes, clean output, one line for an error."""

import csv
import io
import json
import subprocess
import sys
from itertools import chain
from pathlib import Path

import pyoxigraph as ox
import pytest

from kg import assets, cli
from kg.convert import convert_records
from kg.export import parse_lines
from tests.commands import Ended, Kg

COMMANDS = [
    *(["convert"], ["build"], ["validate"], ["export"], ["sparql"], ["demo"], ["mapping"]),
    *(["query", "list"], ["query", "show"], ["query", "run"]),
    *(["ontologies", "list"], ["ontologies", "fetch"], ["ontologies", "load"], ["ontologies", "slice"]),
    *(["link", "text"], ["link", "export"], ["link", "import"]),
    ["reason"],
    ["serve"],
    ["load"],
    ["check"],
    *(["publish"], ["diff"]),
    ["why"],
    ["sync"],
    ["update"],
]
RECORD = "NCT01079767"


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_help_has_an_example(command: list[str], kg: Kg) -> None:
    """Every command shows how it is used."""
    ended = kg(*command, "--help")
    assert (ended.code, ended.err) == (0, "")
    assert f"Example: kg {' '.join(command)}" in " ".join(ended.out.split())


def test_every_command_is_tested_for_its_help() -> None:
    """The list above is complete."""
    import typer.main

    group = typer.main.get_command(cli.app)
    found = []
    for name, command in group.commands.items():  # type: ignore[attr-defined]
        inner = getattr(command, "commands", None)
        found += [[name, sub] for sub in inner] if inner else [[name]]
    assert sorted(found) == sorted(COMMANDS)


#: Arguments -> exit code. GRAPH is the graph of the examples, TMP an empty folder.
MISTAKES: dict[str, int] = {
    "convert TMP/no-such-file.xml": 3,
    "convert RECORD --to docx": 2,
    "link export TMP": 3,
    "link export TMP --to docx": 2,
    "link import TMP/absent.tsv": 3,
    "link import RECORD": 3,
    "convert RECORD -o TMP/nowhere/out.ttl": 3,
    "build TMP/nowhere --out TMP/graph": 3,
    "build RECORD --out GRAPH/layers": 2,
    "build RECORD --out TMP/graph --ontology mesch": 2,
    "query run no-such-query --graph GRAPH": 2,
    "query run trials-by-drug --graph GRAPH": 2,
    "query run trials-by-drug --graph GRAPH drug=nosuchdrug": 2,
    "query run trials-by-drug --graph GRAPH drug=": 2,
    "query run trials-by-drug --graph GRAPH drug": 2,
    "query run trials-by-drug --graph GRAPH drg=everolimus": 2,
    "query run trials-by-drug drug=everolimus": 2,
    "query run trials-by-drug --graph GRAPH --endpoint http://127.0.0.1:9/ drug=everolimus": 2,
    "query run trials-by-drug --graph GRAPH drug=everolimus --format docx": 2,
    "query run trials-by-drug --graph TMP/nowhere drug=everolimus": 3,
    "query run trials-by-drug --endpoint file:///etc/passwd drug=everolimus": 2,
    "query run terminated-mtor-inhibitor-hcc-trials --graph GRAPH status=STOPPED": 2,
    "query show trials-by-drg": 2,
    "sparql TMP/no-such-file.rq --graph GRAPH": 3,
    "sparql TMP --graph GRAPH": 3,
    "sparql BROKEN --graph GRAPH": 2,
    "sparql SERVICE --graph GRAPH": 2,
    "sparql UPDATE --graph GRAPH": 2,
    "sparql LATIN1 --graph GRAPH": 2,
    "sparql ASK --graph GRAPH --format csv": 2,
    "sparql ASK --graph GRAPH --format docx": 2,
    "export TMP/nowhere --to TMP/x.ttl": 3,
    "export GRAPH --to TMP/x.docx": 2,
    "export GRAPH --to TMP/nowhere/x.ttl": 3,
    "validate TMP/nowhere": 3,
    "validate GRAPH --fail-on never": 2,
    "validate GRAPH --format docx": 2,
    "validate": 2,
    "validate GRAPH --endpoint http://127.0.0.1:9/": 2,
    "validate GRAPH --graph https://w3id.org/trialgraph/graph/registry": 2,
    "validate --endpoint http://127.0.0.1:9/": 3,
    "validate GRAPH --only Study-statuz": 2,
    "validate GRAPH --engine jena": 2,
    "validate GRAPH --shapes BADTURTLE": 3,
    "validate GRAPH --shapes TMP/nowhere": 3,
    "validate GRAPH --update-baseline": 2,
    "validate GRAPH --update-baseline --baseline TMP/b.tsv --only Study-status": 2,
    "validate GRAPH --baseline TMP/nowhere.tsv": 3,
    "validate GRAPH --baseline BADTURTLE": 3,
    "validate GRAPH --baseline OTHERBASE": 3,
    "check --format docx": 2,
    "check --fail-on never": 2,
    "validate BADTURTLE": 3,
    "mapping --format docx": 2,
    "ontologies list --format docx": 2,
    "ontologies fetch mesch": 2,
    "ontologies fetch atc": 3,
    "ontologies fetch mesh doid --from BROKEN": 2,
    "ontologies fetch mesh --from TMP/nowhere --to TMP/out": 3,
    "ontologies load mesch": 2,
    "ontologies load BROKEN": 3,
    "ontologies slice TMP/nowhere --ontology TMP/nowhere --out TMP/out": 2,
}

FILES = {
    "BROKEN": b"SELECT * { ?s ?p",
    "SERVICE": b"SELECT * { SERVICE <http://127.0.0.1:9/> { ?s ?p ?o } }",
    "UPDATE": b"DELETE WHERE { ?s ?p ?o }",
    "LATIN1": b"ASK { ?s ?p 'caf\xe9' }",
    "ASK": b"ASK { ?s ?p ?o }",
    "BADTURTLE": b"@prefix : <a> . : :",
    "OTHERBASE": b"# trialgraph baseline, version 99\n",
}


@pytest.mark.parametrize("line", MISTAKES)
def test_mistakes_are_one_line_and_an_exit_code(
    line: str, example_graph: Path, examples: Path, tmp_path: Path, kg: Kg
) -> None:
    """2 for usage, 3 for what could not run; no traceback, nothing on stdout, no file left."""
    places = {"GRAPH": str(example_graph), "TMP": str(tmp_path), "RECORD": str(examples / "xml" / f"{RECORD}.xml")}
    for name, content in FILES.items():
        file = tmp_path / f"{name}.ttl"
        file.write_bytes(content)
        places[name] = str(file)
    words = []
    for word in line.split():
        head, slash, rest = word.partition("/")
        words.append(places.get(head, head) + slash + rest)
    before = sorted(tmp_path.rglob("*"))
    ended = kg(*words)
    assert ended.code == MISTAKES[line]
    assert ended.out == ""
    assert ended.err.startswith("kg: ")
    assert ended.err.count("\n") == 1
    assert sorted(tmp_path.rglob("*")) == before


@pytest.mark.parametrize("words", ["no-such-command", "query no-such", "convert", "build x", "--nonsense"])
def test_what_is_no_command_shows_usage(words: str, kg: Kg) -> None:
    """Exit code 2, with how it is used, on stderr."""
    ended = kg(*words.split())
    assert (ended.code, ended.out) == (2, "")
    assert "Usage: kg" in ended.err
    assert "Traceback" not in ended.err


def test_version_is_one_line(kg: Kg) -> None:
    """On stdout."""
    ended = kg("--version")
    assert ended.code == 0
    assert ended.out.startswith("trialgraph ")
    assert ended.out.count("\n") == 1


@pytest.mark.parametrize("file", [f"xml/{RECORD}.xml", f"api-v2/{RECORD}.json", f"page/{RECORD}.txt"])
@pytest.mark.parametrize(
    ("name", "rdf_format"), [("turtle", ox.RdfFormat.TURTLE), ("ntriples", ox.RdfFormat.N_TRIPLES)]
)
def test_records_become_triples_on_stdout_or_in_a_file(
    file: str, name: str, rdf_format: ox.RdfFormat, examples: Path, tmp_path: Path, kg: Kg
) -> None:
    """The same both ways, nothing but triples, those of the mapping."""
    ended = kg("convert", examples / file, "--to", name)
    ((layers, findings),) = convert_records([examples / file])
    assert ended.code == 0
    assert ended.err.count("\n") == len(findings)
    triples = [quad.triple for quad in ox.parse(ended.out.encode(), rdf_format)]
    assert triples == list(parse_lines(chain(*layers.values())))
    written = kg("convert", examples / file, "--to", name, "-o", tmp_path / "out")
    assert (written.code, written.out) == (0, "")
    assert (tmp_path / "out").read_text(encoding="utf-8") == ended.out
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_failed_conversion_leaves_the_old_file(tmp_path: Path, examples: Path, kg: Kg) -> None:
    """The file under the name is whole: the old one, or the new."""
    (tmp_path / "out.ttl").write_text("old")
    record = examples / "xml" / f"{RECORD}.xml"
    assert kg("convert", record, "--to", "docx", "-o", tmp_path / "out.ttl").code == 2
    assert kg("convert", tmp_path / "nowhere", "-o", tmp_path / "out.ttl").code == 3
    assert (tmp_path / "out.ttl").read_text() == "old"
    assert kg("convert", record, "-o", tmp_path / "out.ttl").code == 0
    assert (tmp_path / "out.ttl").read_text(encoding="utf-8").startswith("@prefix ")
    assert [path.name for path in tmp_path.iterdir()] == ["out.ttl"]


def test_findings_give_exit_code_one(example_graph: Path, tmp_path: Path, kg: Kg) -> None:
    """Nothing at the threshold is 0, something is 1; records that are none are 1, too."""
    assert kg("validate", example_graph).code == 0
    ended = kg("validate", example_graph, "--fail-on", "info", "--format", "json")
    assert ended.code == 1
    assert json.loads(ended.out)["summary"] == {"violation": 0, "warning": 0, "info": 6}
    (tmp_path / "bad.json").write_text("{")
    ended = kg("convert", tmp_path / "bad.json", "--to", "ntriples")
    assert (ended.code, ended.out) == (1, "")
    assert ended.err.startswith("violation: ")
    ended = kg("build", tmp_path / "bad.json", "--out", tmp_path / "graph")
    assert ended.code == 1
    assert "findings: 1 violation" in ended.out


def test_build_says_what_it_made(examples: Path, tmp_path: Path, kg: Kg) -> None:
    """Trials, triples, links, findings; no progress where nobody watches."""
    ended = kg("build", examples / "api-v2", "--out", tmp_path / "graph", "--ontology", "mesh", "--ontology", "chebi")
    assert (ended.code, ended.err) == (0, "")
    assert ended.out.startswith("31 trials from 31 records in ")
    assert [line.partition(":")[0] for line in ended.out.splitlines()[1:]] == ["triples", "links", "findings"]
    assert kg("export", tmp_path / "graph", "--to", tmp_path / "graph.ttl").out == ""
    assert (tmp_path / "graph.ttl").stat().st_size > 100_000


def test_json_answers_say_what_parameters_were_taken_for(example_graph: Path, kg: Kg) -> None:
    """SPARQL JSON on stdout with `resolved`; the same in words on stderr."""
    ended = kg("query", "run", "trials-by-drug", "--graph", example_graph, "drug=everolimus", "--format", "json")
    assert ended.code == 0
    answer = json.loads(ended.out)
    assert answer["resolved"] == {
        "drug": {
            "given": "everolimus",
            "term": "<http://id.nlm.nih.gov/mesh/D000068338>",
            "label": "Everolimus",
        }
    }
    assert len(answer["results"]["bindings"]) == 7
    assert ended.err == "drug = everolimus → Everolimus (mesh:D000068338)\n"


def test_every_answer_format_holds_the_same_rows(example_graph: Path, kg: Kg) -> None:
    """As its own standard says; stdout holds the answer and nothing else."""
    run = ("query", "run", "trials-by-drug", "--graph", example_graph, "drug=everolimus", "--format")
    out = {name: kg(*run, name).out for name in ("table", "csv", "tsv", "json", "xml", "markdown")}
    trials = {row["trial"] for row in csv.DictReader(io.StringIO(out["csv"]))}
    assert len(trials) == 7
    for name, kind in (("tsv", "TSV"), ("json", "JSON"), ("xml", "XML")):
        # Without a name for the answer: what a frame holds may be dropped in another thread, which it does not bear.
        rows = [*ox.parse_query_results(out[name].encode(), getattr(ox.QueryResultsFormat, kind))]  # type: ignore[misc]
        assert {row["trial"].value for row in rows} == trials
    numbers = {trial.rpartition("/")[2] for trial in trials}
    for name in ("table", "markdown"):
        assert {word for word in out[name].replace("|", " ").split() if word.startswith("NCT")} == numbers
    assert len(out["markdown"].splitlines()) == 9
    assert "\x1b" not in "".join(out.values())


def test_own_query_comes_from_a_file_or_stdin(
    example_graph: Path, tmp_path: Path, kg: Kg, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both give the same; yes and no, and triples, have a form of their own."""
    count = "SELECT (COUNT(*) AS ?n) { ?s a <https://w3id.org/trialgraph/vocab#Study> }"
    (tmp_path / "count.rq").write_text("\ufeff" + count, encoding="utf-8")
    from_file = kg("sparql", tmp_path / "count.rq", "--graph", example_graph, "--format", "csv")

    def from_stdin(text: str, name: str = "table") -> Ended:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(text.encode())))
        return kg("sparql", "-", "--graph", example_graph, "--format", name)

    assert (from_file.code, from_file.out) == (0, "n\r\n37\r\n")
    assert from_stdin(count, "csv").out == from_file.out
    assert from_stdin("ASK {}").out == "yes\n"
    assert from_stdin("ASK { <a:b> ?p ?o }", "markdown").out == "no\n"
    assert json.loads(from_stdin("ASK {}", "json").out)["boolean"] is True
    triples = from_stdin("CONSTRUCT { <a:b> <a:c> ?n } WHERE { VALUES ?n { 1 2 } }").out
    assert sum(1 for _ in ox.parse(triples.encode(), ox.RdfFormat.TURTLE)) == 2
    assert from_stdin("SELECT ?s { ?s a <a:b> }").err == "0 rows\n"


def test_lists_are_for_people_and_for_programs(kg: Kg) -> None:
    """Saved queries and ontologies, each as table and as JSON."""
    from kg.queries import read_queries

    listed = kg("query", "list")
    assert all(name in listed.out for name in read_queries())
    assert [query["name"] for query in json.loads(kg("query", "list", "--format", "json").out)] == list(read_queries())
    assert {source["name"] for source in json.loads(kg("ontologies", "list", "--format", "json").out)} >= {"mesh"}
    assert "mesh" in kg("ontologies", "list").out
    assert kg("query", "show", "trials-by-drug").out == read_queries()["trials-by-drug"].text


@pytest.mark.parametrize("command", ["--help", "query list", "query show trials-by-drug", "query run --help"])
def test_light_commands_import_nothing_heavy(command: str) -> None:
    """They answer without the RDF stack."""
    heavy = ["rdflib", "pyshacl", "owlready2", "lxml", "SPARQLWrapper"]
    if command == "--help":
        heavy.append("pyoxigraph")
    script = (
        f"import sys; sys.argv = ['kg', *{command.split()!r}]\n"
        "from kg import cli\n"
        "try: cli.main()\n"
        "except SystemExit: pass\n"
        f"print([name for name in {heavy!r} if name in sys.modules])"
    )
    answer = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert answer.stdout.splitlines()[-1] == "[]"


def test_reader_that_leaves_early_gets_no_traceback(example_graph: Path, tmp_path: Path) -> None:
    """`kg sparql … | head -1`: nothing on stderr that frightens."""
    (tmp_path / "all.rq").write_text("SELECT * { ?s ?p ?o }")
    command = [sys.executable, "-m", "kg", "sparql", str(tmp_path / "all.rq"), "--graph", str(example_graph)]
    command += ["--format", "csv"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.readline()
        process.stdout.close()
        assert b"Traceback" not in process.stderr.read()


def test_program_ends_with_the_exit_code(tmp_path: Path) -> None:
    """As a process of its own, with no graph there."""
    command = [sys.executable, "-m", "kg", "export", str(tmp_path / "nowhere"), "--to", str(tmp_path / "x.ttl")]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stdout, ended.stderr.count("\n")) == (3, "", 1)


def assert_shown(printed: str, *, update: bool) -> None:
    """README shows just what was printed, but for blanks at the ends of lines."""
    readme = Path(__file__).parents[1] / "README.md"
    text = readme.read_text(encoding="utf-8")
    before, start, rest = text.partition("## What `make demo` prints\n\n```console\n")
    shown, end, after = rest.partition("\n```\n")
    printed = printed.replace(f"{assets.folder('examples').parent}/", "")
    lines = "\n".join(line.rstrip() for line in printed.strip().splitlines())
    if update:
        readme.write_text(before + start + lines + end + after, encoding="utf-8")
        shown = lines
    assert start
    assert shown == lines, "run `pytest --update-goldens tests/test_cli.py`"


def test_demo_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kg: Kg, request: pytest.FixtureRequest) -> None:
    """The one command that shows the main job finds the two trials, in a folder of the present one."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "118")
    ended = kg("demo")
    assert ended.code == 0
    assert_shown(ended.out, update=request.config.getoption("--update-goldens"))
    assert "NCT01379521" in ended.out
    assert "NCT01079767" in ended.out
    assert "\x1b" not in ended.out
    assert (tmp_path / "demo" / "graph.ttl").stat().st_size > 100_000
    assert sorted(path.name for path in (tmp_path / "demo").iterdir()) == ["graph", "graph.ttl"]
    assert kg("demo", "--out", tmp_path / "demo").code == 0
