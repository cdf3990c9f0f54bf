"""Whatever is given to `kg validate`: one line and the right exit code, and never silence in the place of a check."""

import gzip
import json
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from kg import cli
from kg.layers import layer_path
from tests.test_endpoint import answering, free_port

#: What a run of the command gave: exit code, stdout, stderr.
Ran = tuple[int, str, str]
Run = Callable[..., Ran]

SHAPES = """@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix tg: <https://w3id.org/trialgraph/vocab#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
<https://example.org/S> a sh:NodeShape ; sh:targetClass tg:Study ;
    %s .
"""
SELECT = 'sh:sparql [ a sh:SPARQLConstraint ; sh:message "m" ; sh:select "%s" ]'


STATUS = SHAPES % "sh:property [ sh:path tg:overallStatus ; sh:minCount 1 ]"


@pytest.fixture
def run(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> Run:
    """Runs `kg validate` in an empty folder; with one shape, of the status, where no other shapes are named."""
    monkeypatch.chdir(tmp_path)
    status = tmp_path_factory.mktemp("shapes") / "status.ttl"
    status.write_text(STATUS)

    def run_command(*args: str | Path) -> Ran:
        shapes = () if {"--shapes", "--only"} & set(args) else ("--shapes", str(status))
        monkeypatch.setattr(sys, "argv", ["kg", "validate", *shapes, *map(str, args)])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        out, err = capsys.readouterr()
        assert isinstance(ended.value.code, int)
        return ended.value.code, out, err

    return run_command


def check_told(ran: Ran, code: int, *words: str) -> None:
    """Exactly one line says what is wrong, and nothing looks like a report."""
    assert (ran[0], ran[1], ran[2].count("\n")) == (code, "", 1), ran
    assert ran[2].startswith("kg: ")
    assert all(word in ran[2] for word in words), ran[2]


@pytest.fixture(scope="module")
def sound(examples: Path) -> Path:
    """A record without faults."""
    return next((examples / "api-v2").glob("NCT01079767*.json"))


@pytest.fixture
def faulty(sound: Path, tmp_path: Path) -> Path:
    """The record without its status."""
    record = json.loads(sound.read_text())
    del record["protocolSection"]["statusModule"]["overallStatus"]
    path = tmp_path / "faulty.json"
    path.write_text(json.dumps(record))
    return path


#: Options -> exit code, words of the message.
WRONG_OPTIONS: dict[tuple[str, ...], tuple[int, tuple[str, ...]]] = {
    ("--only", "Study-sttus"): (2, ("--only", "Study-sttus", "Did you mean Study-status")),
    ("--only", ""): (2, ("--only", "no such name")),
    ("--only", "Study/*"): (2, ("--only", "Study/*")),
    ("--fail-on", "error"): (2, ("--fail-on", "error")),
    ("--fail-on", ""): (2, ("--fail-on",)),
    ("--format", "sarf"): (2, ("Did you mean sarif?",)),
    ("--engine", "jena"): (2, ("engine", "jena")),
    ("--update-baseline",): (2, ("--baseline",)),
    ("--graph", "https://example.org/g"): (2, ("--graph without --endpoint",)),
    ("--endpoint", "http://127.0.0.1:9/"): (2, ("both",)),
    ("--baseline", "no-such-file"): (3, ("no-such-file", "--update-baseline")),
    ("--baseline", "."): (3, ("no baseline",)),
    ("--shapes", "no-such-file.ttl"): (3, ("no-such-file.ttl", "no shapes")),
    ("--shapes", "."): (3, ("no shapes",)),
    ("-o", "no/such/folder/report"): (3, ("no/such/folder",)),
}


@pytest.mark.parametrize("options", WRONG_OPTIONS, ids=" ".join)
def test_options_that_cannot_be_meant_are_told(options: tuple[str, ...], run: Run, sound: Path) -> None:
    """Which option, what was got, and what to write."""
    code, words = WRONG_OPTIONS[options]
    check_told(run(sound, *options), code, *words)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"no json",
        b"[]",
        b"{}",
        b"null",
        b"\xff\xfe",
        b'{"version": 999}',
        b"# trialgraph baseline, version 999\n",
        b"# trialgraph baseline, version 1.5\n",
        b"\n# trialgraph baseline, version 1\n",
    ],
)
def test_a_baseline_of_another_version_is_told(content: bytes, run: Run, faulty: Path, tmp_path: Path) -> None:
    """Never taken for an empty one, and never for one that knows everything."""
    (tmp_path / "baseline").write_bytes(content)
    check_told(run(faulty, "--baseline", "baseline"), 3, "baseline", "--update-baseline")
    assert (tmp_path / "baseline").read_bytes() == content


#: Files that are no shapes -> words of the message.
WRONG_SHAPES: dict[str, tuple[str, ...]] = {
    "syntax": ("wrong.ttl:5", "no Turtle"),
    "other": ("wrong.ttl:1", "no Turtle"),
    "select": ("wrong.ttl:4", "cannot be meant"),
    "service": ("wrong.ttl:4", "SERVICE"),
    "update": ("wrong.ttl:4", "cannot be meant"),
    "count": ("wrong.ttl:4", "cannot be meant"),
    "no path": ("wrong.ttl:4", "cannot be meant"),
}
SHAPE_TEXTS: dict[str, str] = {
    "syntax": SHAPES % "sh:property [ sh:path rdfs:label ; ] ; ] ",
    "other": '{"shapes": []}',
    "select": SHAPES % (SELECT % "SELECT $this WHERE { $this ?p "),
    "service": SHAPES % (SELECT % "SELECT $this WHERE { SERVICE <http://127.0.0.1:9/> { $this ?p ?o } }"),
    "update": SHAPES % (SELECT % "DELETE WHERE { ?s ?p ?o }"),
    "count": SHAPES % 'sh:property [ sh:path rdfs:label ; sh:minCount "many" ]',
    "no path": SHAPES % "sh:property [ sh:minCount 1 ]",
}


@pytest.mark.parametrize("engine", ["pyshacl", "auto"])
@pytest.mark.parametrize("name", WRONG_SHAPES)
def test_broken_shapes_are_told_with_file_and_line(
    name: str, engine: str, run: Run, sound: Path, tmp_path: Path
) -> None:
    """Syntax and meaning, whichever engine would run them."""
    (tmp_path / "wrong.ttl").write_text(SHAPE_TEXTS[name])
    check_told(run(sound, "--engine", engine, "--shapes", "wrong.ttl"), 3, *WRONG_SHAPES[name])


def test_a_constraint_that_never_ends_is_a_finding_of_the_run(run: Run, sound: Path, tmp_path: Path) -> None:
    """The deadline is told in the report, and the exit code says that not everything was checked."""
    endless = "SELECT $this WHERE { $this ?x ?y . ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . FILTER(?a = ?i && ?c = <a:never>) }"
    (tmp_path / "endless.ttl").write_text(SHAPES % (SELECT % endless))
    options = ("--engine", "pyshacl", "--shapes", "endless.ttl", "--deadline-s", "2", "--format", "json")
    code, out, err = run(sound, *options)
    assert (code, "Traceback" in err) == (3, False)
    assert [finding["rule"].partition("/")[0] for finding in json.loads(out)["findings"]] == ["run"]


#: RDF files that cannot be read.
WRONG_RDF: dict[str, bytes] = {
    "bad.ttl": b"<a:s> <a:p> .\n",
    "bad.nt": b'<a:s> <a:p> "x\n',
    "bad.nt.gz": gzip.compress(b"x\n"),
    "no-gzip.nt.gz": b"<a:s> <a:p> <a:o> .\n",
    "cut.nt.gz": gzip.compress(b"<a:s> <a:p> <a:o> .\n" * 1000)[:-20],
    "bytes.ttl": bytes(range(128, 256)) * 10,
    "deep.ttl": b"<a:s> <a:p> " + b"[ <a:p> " * 20_000,
}


@pytest.mark.parametrize("name", WRONG_RDF)
def test_rdf_that_cannot_be_read_is_told(name: str, run: Run, tmp_path: Path) -> None:
    """With the file's name, also where the file before it had findings."""
    (tmp_path / name).write_bytes(WRONG_RDF[name])
    check_told(run(name), 3, name)


def test_what_is_not_there_is_told_also_behind_findings(run: Run, faulty: Path) -> None:
    """A run that could not read everything does not end as if it had: neither with 0 nor with 1."""
    check_told(run(faulty, "no-such-file.json"), 3, "no-such-file.json")
    check_told(run("x" * 5000), 3)
    check_told(run("-"), 3, "-")


#: Files that hold no record.
NO_RECORDS: dict[str, bytes] = {
    "empty.json": b"",
    "bytes.json": b"\xff\xfe\x00",
    "list.json": b"[]",
    "object.json": b"{}",
    "page.html": b"<html></html>",
    "other.xml": b"<a/>",
    "cut.xml": b"<clinical_study",
    "cut.zip": b"PK\x03\x04garbage",
    "deep.json": b"[" * 100_000,
    "deep.xml": b"<a>" * 50_000,
}


@pytest.mark.parametrize("name", NO_RECORDS)
def test_files_without_records_are_violations(name: str, run: Run, tmp_path: Path) -> None:
    """No record is no record without faults."""
    (tmp_path / name).write_bytes(NO_RECORDS[name])
    code, out, err = run(name, "--format", "json")
    assert (code, err) == (1, "")
    (finding,) = json.loads(out)["findings"]
    assert (finding["severity"], Path(finding["source"]).name) == ("violation", name)


def test_a_graph_without_layers_is_told(run: Run, tmp_path: Path, example_graph: Path) -> None:
    """With what to do: it is neither a graph nor a folder of records."""
    (tmp_path / "graph").mkdir()
    (tmp_path / "graph" / "manifest.json").write_text("{}")
    check_told(run("graph"), 3, "without layers", "kg build")
    shutil.copytree(example_graph, tmp_path / "copy", ignore=shutil.ignore_patterns("store"))
    layer_path(tmp_path / "copy", "links").unlink()
    check_told(run("copy"), 3, "links.nt.gz")


def test_a_layer_that_cannot_be_read_is_told(run: Run, tmp_path: Path, example_graph: Path) -> None:
    """Damage to a graph is not passed over."""
    shutil.copytree(example_graph, tmp_path / "copy", ignore=shutil.ignore_patterns("store"))
    layer_path(tmp_path / "copy", "derived").write_bytes(b"no gzip\n")
    check_told(run("copy"), 3)


@pytest.mark.parametrize(
    ("status", "body"),
    [(200, b"<html><body>hello</body></html>"), (200, b""), (404, b"none"), (500, b"<html>\n\nbroken\n</html>")],
)
def test_an_endpoint_that_is_none_is_told(status: int, body: bytes, run: Run) -> None:
    """Pages, errors and silence, with what to do."""
    with answering(status, body) as url:
        check_told(run("--endpoint", url), 3, url, "Is it running")


@pytest.mark.parametrize("endless", [False, True])
def test_an_endpoint_that_hangs_is_told(*, endless: bool, run: Run) -> None:
    """It is waited for as long as --timeout-s says."""
    with answering(200, b"", wait_s=0 if endless else 60, endless=endless) as url:
        check_told(run("--endpoint", url, "--timeout-s", "0.5"), 3, url, "no answer")


@pytest.mark.parametrize("timeout_s", ["1e300", "inf"])
def test_any_timeout_may_be_given(timeout_s: str, run: Run) -> None:
    """Also one longer than the machine's clocks can count."""
    check_told(run("--endpoint", f"http://127.0.0.1:{free_port()}/", "--timeout-s", timeout_s), 3, "refused")


@pytest.mark.parametrize(
    ("url", "graph"),
    [("file:///etc/passwd", None), ("nowhere", None), ("http://127.0.0.1:9/", "x> {"), ("http://127.0.0.1:9/", "")],
)
def test_addresses_that_cannot_be_meant_are_told(url: str, graph: str | None, run: Run) -> None:
    """Before anything is asked."""
    check_told(run("--endpoint", url, *(() if graph is None else ("--graph", graph))), 2)


@pytest.mark.parametrize("name", ["new\nline.json", "::error::x.json", "<b>|`x`.json", "%0A.json", "-o"])
def test_names_of_files_stay_names(name: str, run: Run, faulty: Path, tmp_path: Path) -> None:
    """A file's name never becomes a line, a command or an element of its own in a report."""
    (tmp_path / name).write_bytes(faulty.read_bytes())
    for report_format in ("text", "github", "markdown", "junit", "jsonl"):
        _, plain, _ = run("--format", report_format, faulty.name)
        code, out, err = run("--format", report_format, "--", name)
        assert (code, err) == (1, "")
        assert out.count("\n") == plain.count("\n")
        if report_format != "text":  # in which the name itself begins the line
            assert [line[:2] for line in out.splitlines()] == [line[:2] for line in plain.splitlines()]
