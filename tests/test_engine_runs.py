"""Partitions in several processes: the same findings, an end for what does not end, and memory that does not grow."""

import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import pytest

from kg.checks import validate_paths
from kg.child import Child
from kg.errors import KgError, NotFound
from kg.finding import Finding
from kg.validation import CRASHED, DEADLINE, Engine, EngineSpec, Partition, run_engine

ENGINES = ("pyshacl", "shacl-rust")
TYPE = "<http://www.w3.org/1999/02/22-rdf-syntax-ns#type>"
#: A shape with a small fault to find, and one that goes through every triple eight times over where there is a Slow.
SHAPES = """@prefix sh: <http://www.w3.org/ns/shacl#> . @prefix ex: <http://example.org/> .
ex:Thing sh:targetClass ex:Thing ; sh:property ex:Thing-name .
ex:Thing-name sh:path ex:name ; sh:minCount 1 ; sh:message "A thing has a name." .
ex:Slow a sh:NodeShape ; sh:targetClass ex:Slow ; sh:message "Slow." ; sh:sparql [ sh:select
    "SELECT $this WHERE { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l . ?m ?n ?o . ?p ?q ?r . FILTER(?a = ?l + ?r) }" ] .
"""


@pytest.fixture
def spec(tmp_path: Path) -> EngineSpec:
    """The faster engine on the two shapes."""
    path = tmp_path / "shapes.ttl"
    path.write_text(SHAPES, encoding="utf-8")
    return EngineSpec("shacl-rust", path)


def things(count: int) -> Iterator[Partition]:
    """So many partitions of one trial's thing without a name; each later one is larger, and is checked for longer."""
    for number in range(count):
        trial = f"NCT{number:08}"
        lines = [f"<http://example.org/{trial}> {TYPE} <http://example.org/Thing> .\n"]
        lines += [
            f'<http://example.org/{trial}> <http://example.org/p> "{n}" .\n' for n in range(20 * (count - number))
        ]
        yield Partition(lines, {trial: f"{trial}.json"})


def slow(trial: str) -> Partition:
    """A partition that keeps an engine busy for hours."""
    lines = [f"<http://example.org/{trial}> {TYPE} <http://example.org/Slow> .\n"]
    return Partition(
        [*lines, *(f"<http://example.org/{trial}> <http://example.org/p> {TYPE} .\n" for _ in range(1))]
        + [f'<http://example.org/{trial}> <http://example.org/p> "{n}" .\n' for n in range(300)]
    )


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[subprocess.Popen[bytes]]:
    """The processes that a run starts."""
    processes: list[subprocess.Popen[bytes]] = []
    start = Child._started

    def record(child: Child) -> subprocess.Popen[bytes]:
        processes.append(start(child))
        return processes[-1]

    monkeypatch.setattr(Child, "_started", record)
    return processes


@pytest.mark.parametrize("name", ENGINES)
@pytest.mark.parametrize(("jobs", "deadline_s"), [(1, None), (1, 60), (2, None), (3, 60)])
def test_findings_are_the_same_in_the_same_order(
    name: str, jobs: int, deadline_s: float | None, spec: EngineSpec
) -> None:
    """Whatever the number of processes, though later partitions are done sooner; each with its trial's source."""
    run = run_engine(things(8), EngineSpec(name, spec.shapes), jobs=jobs, deadline_s=deadline_s)
    assert [(f.trial, f.source, f.rule, f.message) for f in run] == [
        (f"NCT{n:08}", f"NCT{n:08}.json", "Thing-name/MinCount", "A thing has a name.") for n in range(8)
    ]


@pytest.mark.parametrize("jobs", [1, 2])
@pytest.mark.parametrize("name", ENGINES)
def test_constraint_that_never_ends_is_stopped_and_told(
    name: str, jobs: int, spec: EngineSpec, started: list[subprocess.Popen[bytes]]
) -> None:
    """Its process is killed; which trials were not checked is told; all others are checked."""
    first, second, *_ = things(2)
    run = run_engine([first, slow("NCT77777777"), second], EngineSpec(name, spec.shapes), jobs=jobs, deadline_s=8)
    found = list(run)
    assert [(f.rule, f.severity, f.trial) for f in found] == [
        ("Thing-name/MinCount", "violation", "NCT00000000"),
        (DEADLINE, "violation", "NCT77777777"),
        ("Thing-name/MinCount", "violation", "NCT00000001"),
    ]
    assert "longer than 8 s" in found[1].message
    assert all(process.poll() is not None for process in started)


def test_several_trials_are_told_by_the_first_and_last(spec: EngineSpec) -> None:
    """A partition of many trials need not list them all."""
    lines = [line for trial in ("NCT00000003", "NCT00000001", "NCT00000002") for line in slow(trial).lines]
    (finding,) = run_engine([Partition(lines)], spec, deadline_s=0.5)
    assert (finding.trial, finding.rule) == ("", DEADLINE)
    assert "NCT00000001 to NCT00000003" in finding.message


def test_process_that_is_killed_is_told(spec: EngineSpec, started: list[subprocess.Popen[bytes]]) -> None:
    """As the system does where there is too little memory; the run goes on in a new process."""

    def kill() -> None:
        while not started:
            time.sleep(0.05)
        time.sleep(0.3)
        started[0].kill()

    threading.Thread(target=kill, daemon=True).start()
    found = list(run_engine([slow("NCT77777777"), *things(1)], spec, deadline_s=60))
    assert [(f.rule, f.trial) for f in found] == [(CRASHED, "NCT77777777"), ("Thing-name/MinCount", "NCT00000000")]
    assert "signal 9" in found[0].message


def test_no_more_is_read_than_is_soon_checked(spec: EngineSpec) -> None:
    """A graph larger than memory is read as its partitions are done."""
    read = []

    def partitions() -> Iterator[Partition]:
        for number, partition in enumerate(things(30)):
            read.append(number)
            yield partition

    for done, _ in enumerate(run_engine(partitions(), spec, jobs=2), start=1):
        assert len(read) <= done + 2


def test_run_that_is_left_ends_its_processes(spec: EngineSpec, started: list[subprocess.Popen[bytes]]) -> None:
    """Who has seen enough findings leaves nothing running."""
    run = cast("Any", run_engine([*things(2), slow("NCT77777777")], spec, jobs=2, deadline_s=60))
    next(run)
    run.close()
    assert started
    assert all(process.poll() is not None for process in started)


def is_at_work(process: Path) -> bool:
    """Whether there is such a process, and more of it than its exit code."""
    try:
        return (process / "stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="looks for processes where Linux lists them")
def test_processes_end_with_the_one_that_started_them(spec: EngineSpec, tmp_path: Path) -> None:
    """Killed, it can tell them nothing: and they may be at a constraint that never ends."""
    script = tmp_path / "check.py"
    (tmp_path / "slow.nt").write_text("".join(slow("NCT77777777").lines), encoding="utf-8")
    script.write_text(
        "import sys, pathlib, kg.checks\n"
        "from kg.child import Child\n"
        "from kg.validation import EngineSpec\n"
        "start = Child._started\n"
        "def told(child):\n    process = start(child)\n    print(process.pid, flush=True)\n    return process\n"
        "Child._started = told\n"
        "spec = EngineSpec('shacl-rust', pathlib.Path(sys.argv[1]))\n"
        "kg.checks.validate_paths([pathlib.Path(sys.argv[2])], spec, jobs=2)\n",
        encoding="utf-8",
    )
    arguments = [sys.executable, str(script), str(spec.shapes), str(tmp_path / "slow.nt")]
    with subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout
        worker = Path("/proc") / parent.stdout.readline().strip()
        time.sleep(0.5)
        assert is_at_work(worker)
        parent.kill()
    ends = time.monotonic() + 60
    while is_at_work(worker):
        assert time.monotonic() < ends, "still at work"
        time.sleep(0.1)


def test_program_need_not_be_written_for_it(tmp_path: Path, example_graph: Path) -> None:
    """A script that validates at its top level is run once, not once more by each process."""
    script = tmp_path / "check.py"
    script.write_text(
        "import sys, pathlib, kg.checks\n"
        "found = kg.checks.validate_paths([pathlib.Path(sys.argv[1])], jobs=2, deadline_s=60)\n"
        "print([finding.rule for finding in found])\n",
        encoding="utf-8",
    )
    (tmp_path / "json.py").write_text("raise SystemExit('not of this folder')", encoding="utf-8")
    run = subprocess.run(
        [sys.executable, "-P", str(script), str(example_graph)],
        check=True,
        capture_output=True,
        text=True,
        cwd=tmp_path,
    )
    assert run.stdout.count("\n") == 1
    assert "Study-stop-reason/SPARQL" in run.stdout


def test_records_and_their_findings_are_the_same_in_processes(tmp_path: Path, examples: Path) -> None:
    """Readers' findings stand before those of shapes, as in one process; places too."""
    record = (examples / "api-v2" / "NCT00034333.json").read_text(encoding="utf-8")
    (tmp_path / "odd.json").write_text(record.replace('"TERMINATED"', '"GONE"'), encoding="utf-8")
    paths = [tmp_path / "odd.json", examples]
    found = validate_paths(paths)
    assert validate_paths(paths, jobs=2) == found
    assert {"/" in finding.rule for finding in found} == {True, False}
    assert {Path(finding.source).name for finding in found} >= {"odd.json", "NCT00034333.json"}


def test_what_is_done_is_told(spec: EngineSpec) -> None:
    """For a bar: partitions done so far."""
    told: list[int] = []
    list(run_engine(things(3), spec, jobs=2, told=told.append))
    assert told == [1, 2, 3]


class _Broken:
    """An engine that breaks as none should, or gives up as one may."""

    def __init__(self, error: BaseException) -> None:
        self._error = error

    def make(self) -> Engine:
        """Itself."""
        return self

    def validate(self, lines: object) -> Iterator[Finding]:
        """Breaks."""
        del lines
        raise self._error


def test_engine_that_breaks_is_told_without_traceback() -> None:
    """What foreign code throws is a finding of the run; what it cannot go on from an error."""
    broken = cast("EngineSpec", _Broken(RuntimeError("index out of range")))
    (finding,) = run_engine(things(1), broken)
    assert (finding.rule, finding.trial) == (CRASHED, "NCT00000000")
    assert "RuntimeError: index out of range" in finding.message
    with pytest.raises(KgError, match="gave up"):
        list(run_engine(things(1), cast("EngineSpec", _Broken(KgError("engine", "gave up")))))


def test_wrong_names_are_told_before_processes_start(started: list[subprocess.Popen[bytes]]) -> None:
    """A misspelt shape is one error, not one a process."""
    with pytest.raises(NotFound, match="Study-status"):
        list(run_engine(things(1), EngineSpec(only=("Study-statu",)), jobs=2))
    assert started == []
