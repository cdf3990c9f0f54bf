"""GitHub action, pre-commit hooks and GitLab snippet run the commands that people run, and read inputs as text only."""

import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
import yaml

ROOT = Path(__file__).parents[1]
pytestmark = pytest.mark.skipif(not (ROOT / "action.yml").is_file(), reason="stands in the checkout only")

#: A `kg`, or a `python`, that notes its arguments and ends as it is told.
NOTING = """#!{python}
import json, os, sys
with open(os.environ["NOTES"], "a") as notes:
    notes.write(json.dumps(sys.argv) + chr(10))
written = [argument[9:] for argument in sys.argv if argument.startswith("--output=/")]
print("::warning::noted" if "--format=github" in sys.argv else "said", file=open(written[-1], "w") if written else None)
sys.exit(int(os.environ.get("ENDS", "0")))
"""


def read_yaml(name: str) -> Any:
    """One of the files at the root."""
    return yaml.safe_load((ROOT / name).read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def action() -> dict[str, Any]:
    """The action's description."""
    return dict(read_yaml("action.yml"))


class Runner:
    """A GitHub runner with a workspace: runs scripts with the environment that an action gives them."""

    def __init__(self, folder: Path) -> None:
        self.workspace = folder / "workspace"
        self.programs = folder / "programs"
        self.notes = folder / "notes"
        self.summary, self.output = folder / "summary.md", folder / "output"
        self.workspace.mkdir()
        self.programs.mkdir()
        self.env = {
            "PATH": f"{self.programs}:{Path(sys.executable).parent}:{os.environ['PATH']}",
            "HOME": str(folder),
            "LANG": "C.UTF-8",
            "GITHUB_ACTIONS": "true",
            "GITHUB_ACTION_PATH": str(ROOT),
            "GITHUB_STEP_SUMMARY": str(self.summary),
            "GITHUB_OUTPUT": str(self.output),
            "NOTES": str(self.notes),
        }

    def note(self, program: str, *, ends: int = 0) -> None:
        """Has a program's runs noted, and ended with this code."""
        path = self.programs / program
        path.write_text(NOTING.format(python=sys.executable))
        path.chmod(0o755)
        self.env["ENDS"] = str(ends)

    def noted(self) -> list[list[str]]:
        """The arguments of each run."""
        return [json.loads(line)[1:] for line in self.notes.read_text().splitlines()] if self.notes.exists() else []

    def run(self, script: str, **env: str) -> subprocess.CompletedProcess[str]:
        """Runs a script as GitHub does with `shell: bash`."""
        command = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", script]
        # HOME is another: Python must find what stands beside it all the same.
        return subprocess.run(
            command, cwd=self.workspace, env=self.env | env, capture_output=True, text=True, check=False, timeout=120
        )

    def step(self, action: dict[str, Any], name: str, **inputs: str) -> subprocess.CompletedProcess[str]:
        """Runs one step of the action with these inputs, the others as they are by default."""
        (step,) = [step for step in action["runs"]["steps"] if step.get("name") == name]
        given = {key: str(spec.get("default", "")) for key, spec in action["inputs"].items()}
        given |= {key.replace("_", "-"): value for key, value in inputs.items()}
        assert given.keys() == action["inputs"].keys()
        env = {key: _evaluated(value, given) for key, value in step["env"].items()}
        return self.run(step["run"], **env)


def _evaluated(value: str, inputs: dict[str, str]) -> str:
    found = re.fullmatch(r"\$\{\{ inputs\.([a-z-]+) \}\}", value)
    return inputs[found[1]] if found else value


@pytest.fixture
def runner(tmp_path: Path) -> Runner:
    """A fresh workspace."""
    return Runner(tmp_path)


@pytest.fixture(scope="module")
def records(tmp_path_factory: pytest.TempPathFactory, examples: Path) -> tuple[Path, Path]:
    """(a sound record, one without a status) of the same trial."""
    folder = tmp_path_factory.mktemp("records")
    sound = next((examples / "api-v2").glob("NCT01079767*.json"))
    record = json.loads(sound.read_text())
    del record["protocolSection"]["statusModule"]["overallStatus"]
    faulty = folder / "NCT01079767.json"
    faulty.write_text(json.dumps(record, indent=1))
    return sound, faulty


def test_no_input_stands_in_a_script(action: dict[str, Any]) -> None:
    """An expression inside `run` would be read by the shell; the environment is not."""
    steps = action["runs"]["steps"]
    scripts = [step["run"] for step in steps if "run" in step]
    assert len(scripts) == 2
    assert not any("${{" in script for script in scripts)
    assert all(step["shell"] == "bash" for step in steps if "run" in step)


def test_every_input_is_used_and_documented(action: dict[str, Any]) -> None:
    """What can be given goes somewhere, says what it is, and stands in ci/README.md."""
    steps = json.dumps(action["runs"]["steps"])
    readme = (ROOT / "ci" / "README.md").read_text()
    for name, spec in action["inputs"].items():
        assert f"${{{{ inputs.{name} }}}}" in steps
        assert spec["description"]
        assert re.search(rf"^\|[^|]*`{name}`[^|]*\|", readme, re.MULTILINE), name


def test_other_actions_are_pinned(action: dict[str, Any]) -> None:
    """To a major version at least, never to a branch."""
    used = [step["uses"] for step in action["runs"]["steps"] if "uses" in step]
    assert used
    assert all(re.fullmatch(r"[\w-]+/[\w-]+@(v\d+|[0-9a-f]{40})", use) for use in used)


def test_inputs_become_options(runner: Runner, action: dict[str, Any]) -> None:
    """Each input is one option, each line of a list one of its values, and paths stand behind `--`."""
    runner.note("kg")
    ended = runner.step(
        action,
        "Run kg",
        paths="records\n\n  two words/*.json \r\n-o\n",
        fail_on="warning",
        only="Study-status\nStudy-start",
        baseline="known.json",
        args="--max-findings=5\n--output\nreport file.txt",
        summary="false",
    )
    assert (ended.returncode, ended.stderr) == (0, "")
    options = ["--fail-on=warning", "--only=Study-status", "--only=Study-start", "--baseline=known.json"]
    further = ["--max-findings=5", "--output", "report file.txt", "--format=github"]
    assert runner.noted() == [["validate", *options, *further, "--", "records", "  two words/*.json ", "-o"]]


def test_an_endpoint_takes_the_place_of_paths(runner: Runner, action: dict[str, Any]) -> None:
    """With its graph."""
    runner.note("kg")
    runner.step(action, "Run kg", endpoint="http://localhost/q", graph="https://example.org/g", summary="false")
    assert runner.noted() == [
        ["validate", "--endpoint=http://localhost/q", "--graph=https://example.org/g", "--format=github", "--"]
    ]


@pytest.mark.parametrize("code", [0, 1, 2, 3])
def test_exit_codes_pass_through(code: int, runner: Runner, action: dict[str, Any]) -> None:
    """The step ends as the command did, and tells it to later steps; what could not run has no summary."""
    runner.note("kg", ends=code)
    ended = runner.step(action, "Run kg", command="check")
    assert ended.returncode == code
    assert runner.output.read_text() == f"exit-code={code}\n"
    assert runner.summary.exists() == (code <= 1)
    assert [run[1] for run in runner.noted()] == ["--format=github", "--format=markdown"][: 2 if code <= 1 else 1]
    assert not runner.summary.exists() or runner.summary.read_text() == "said\n"
    assert ended.stdout == "::warning::noted\n"


def test_only_annotations_are_commands_to_github(runner: Runner, action: dict[str, Any]) -> None:
    """In other formats the log stops commands around the report, with a word that no record can know."""
    runner.note("kg")
    words = set()
    for _ in range(3):
        lines = runner.step(action, "Run kg", format="text", summary="false").stdout.splitlines()
        stopped, said, started = lines
        assert said == "said"
        word = stopped.removeprefix("::stop-commands::")
        assert started == f"::{word}::"
        words.add(word)
    assert len(words) == 3


HOSTILE = [
    "; touch x",
    "$(touch x)",
    "`touch x`",
    "a\ntouch x",
    "' ; touch x ; '",
    '" ; touch x ; "',
    "| touch x",
    "&& touch x",
    "${IFS}touch${IFS}x",
    "x[$(touch x)]",
    "--output=x",
    "-o\nx",
    "*",
    "\\",
    "é\t漢",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_no_input_runs(text: str, runner: Runner, action: dict[str, Any]) -> None:
    """Whatever is written into an input: nothing of it is run, expanded or read as an option."""
    runner.note("kg")
    (runner.workspace / "there").touch()
    for name in sorted(action["inputs"].keys() - {"version", "python-version", "summary", "args"}):
        key = name.replace("-", "_")
        ended = runner.step(action, "Run kg", **{"summary": "false", key: text})
        assert ended.returncode == (2 if name == "command" else 0), (name, ended.stderr)
        assert [path.name for path in runner.workspace.iterdir()] == ["there"]
    for run in runner.noted():
        assert run[0] == "validate"
        behind = run[run.index("--") + 1 :]
        options = run[1 : run.index("--")]
        assert all(re.match(r"--(fail-on|only|baseline|endpoint|graph|format)=", option) for option in options), run
        assert behind in ([], text.split("\n"))


@pytest.mark.parametrize("text", [text for text in HOSTILE if text != "*"])
def test_no_release_runs(text: str, runner: Runner, action: dict[str, Any]) -> None:
    """Only a number is a release: no address, no option of pip, no command."""
    runner.note("python")
    ended = runner.step(action, "Install trialgraph", version=text)
    assert (ended.returncode, ended.stderr.count("\n"), runner.noted()) == (2, 1, [])
    assert list(runner.workspace.iterdir()) == []


@pytest.mark.parametrize(
    ("version", "what"), [("", str(ROOT)), ("1.2.0", "trialgraph==1.2.0"), ("2.0rc1", "trialgraph==2.0rc1")]
)
def test_installing_takes_the_release_or_the_code_beside(
    version: str, what: str, runner: Runner, action: dict[str, Any]
) -> None:
    """With the Python that the step before has set up."""
    runner.note("python")
    assert runner.step(action, "Install trialgraph", version=version).returncode == 0
    ((*_, installed),) = runner.noted()
    assert installed == what


def test_the_action_annotates_and_sums_up(runner: Runner, action: dict[str, Any], records: tuple[Path, Path]) -> None:
    """The real command: a fault is an annotation at the line of its file, and stands in the summary once."""
    _, faulty = records
    (runner.workspace / "NCT01079767.json").write_bytes(faulty.read_bytes())
    ended = runner.step(action, "Run kg", paths="NCT01079767.json")
    assert (ended.returncode, ended.stderr) == (1, "")
    (annotation,) = [line for line in ended.stdout.splitlines() if line.startswith("::")]
    line = re.fullmatch(r"::error file=NCT01079767\.json,line=(\d+),title=.*Study-status.*", annotation)
    assert line
    assert "statusModule" in faulty.read_text().splitlines()[int(line[1]) - 1]
    assert runner.summary.read_text().count("Study-status/MinCount") == 1
    assert [path.name for path in runner.workspace.iterdir()] == ["NCT01079767.json"]


def test_a_report_in_a_file_stays_beside_the_summary(
    runner: Runner, action: dict[str, Any], records: tuple[Path, Path]
) -> None:
    """The second run, for the summary, does not write over the report of the first."""
    ended = runner.step(action, "Run kg", paths=str(records[1]), format="sarif", args="--output=kg.sarif")
    assert ended.returncode == 1
    assert json.loads((runner.workspace / "kg.sarif").read_text())["version"] == "2.1.0"
    assert "Study-status/MinCount" in runner.summary.read_text()


def test_the_action_ends_as_the_command_does(
    runner: Runner, action: dict[str, Any], records: tuple[Path, Path]
) -> None:
    """The real command: nothing found, findings, wrong inputs, could not run."""
    sound, faulty = (str(path) for path in records)
    for inputs, expected in (
        ({"paths": sound}, 0),
        ({"paths": faulty, "fail_on": "violation"}, 1),
        ({"paths": sound, "fail_on": "nonsense"}, 2),
        ({"paths": sound, "only": "No-such-shape"}, 2),
        ({"paths": sound, "format": "$(touch x)"}, 2),
        ({"paths": ""}, 2),
        ({"paths": "no-such-file.json"}, 3),
        ({"endpoint": "http://127.0.0.1:9/"}, 3),
        ({"endpoint": "http://127.0.0.1:9/", "graph": "no IRI"}, 2),
    ):
        ended = runner.step(action, "Run kg", **inputs)
        assert ended.returncode == expected, (inputs, ended.stderr)
        assert "Traceback" not in ended.stderr
        assert (ended.stderr == "") == (expected <= 1)
        assert list(runner.workspace.iterdir()) == []


def hooks() -> dict[str, dict[str, Any]]:
    """The hooks by their names."""
    return {hook["id"]: hook for hook in read_yaml(".pre-commit-hooks.yaml")}


def run_hook(hook: dict[str, Any], folder: Path, files: list[str]) -> subprocess.CompletedProcess[str]:
    """Runs a hook as pre-commit does: entry, args, then the names of the files that it takes."""
    taken = [file for file in files if re.search(hook["files"], file)] if hook.get("pass_filenames", True) else []
    args: list[str] = hook.get("args", [])
    program, *rest = [*shlex.split(hook["entry"]), *args, *taken]
    command = [str(Path(sys.executable).with_name(program)), *rest]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, timeout=120)


def test_hooks_take_records_and_rdf() -> None:
    """Files named by their NCT number, Turtle, N-Triples; no other JSON of a repository."""
    files = hooks()["kg-validate"]["files"]
    takes = ["NCT01079767.json", "a/b/NCT01079767.xml", "NCT01079767-2010.html", "graph/mine.ttl", "x.nt"]
    leaves = ["package.json", "a/NCT01079767/notes.json", "records.md", "NCT0107976.json", "x.nt.bak"]
    assert [bool(re.search(files, name)) for name in takes + leaves] == [True] * 5 + [False] * 5


def test_the_mapping_hook_takes_no_files(tmp_path: Path) -> None:
    """It checks the repository as a whole, whichever files were changed: one broken query among its own fails it."""
    hook = hooks()["kg-check"]
    queries = tmp_path / "queries"
    queries.mkdir()
    (queries / "broken.rq").write_text("#+ summary: Broken.\nSELECT ?study { ?study ")
    ended = run_hook(hook, tmp_path, ["shapes/study.ttl"])
    assert (ended.returncode, "Traceback" in ended.stderr) == (1, False), ended.stdout + ended.stderr
    assert "broken" in ended.stdout


def test_the_hook_validates_what_is_committed(tmp_path: Path, records: tuple[Path, Path]) -> None:
    """Faults fail it; a file whose name looks like an option is a file."""
    hook = hooks()["kg-validate"]
    sound, faulty = records
    (tmp_path / "NCT01079767.json").write_bytes(sound.read_bytes())
    (tmp_path / "-o.ttl").write_text("<a:s> <a:p> <a:o> .\n")
    names = ["-o.ttl", "NCT01079767.json", "package.json"]
    ended = run_hook(hook, tmp_path, names)
    assert (ended.returncode, ended.stderr) == (0, "")
    (tmp_path / "NCT01079767.json").write_bytes(faulty.read_bytes())
    ended = run_hook(hook, tmp_path, names)
    assert (ended.returncode, "Study-status" in ended.stdout) == (1, True)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["-o.ttl", "NCT01079767.json"]


def gitlab_job() -> dict[str, Any]:
    """The job of the snippet in ci/README.md."""
    readme = (ROOT / "ci" / "README.md").read_text()
    blocks = [yaml.safe_load(block) for block in re.findall(r"```yaml\n(.*?)```", readme, re.DOTALL)]
    (job,) = [block["validate records"] for block in blocks if "validate records" in block]
    return dict(job)


def test_the_gitlab_snippet_runs(runner: Runner, records: tuple[Path, Path]) -> None:
    """Its script, line by line, on this code in the place of the clone: a test case a shape, the faulty ones fail."""
    runner.note("python")  # in the place of an installation; it prints "said"
    job = gitlab_job()
    clone, *scripts = job["script"]
    assert clone.startswith("git clone ")
    (runner.workspace / ".trialgraph").symlink_to(ROOT)
    for name in [name for name in runner.env if name.startswith("GITHUB_")]:
        runner.env.pop(name)
    folder = runner.workspace / job["variables"]["KG_PATHS"]
    folder.mkdir()
    report = runner.workspace / job["artifacts"]["reports"]["junit"]
    for record, expected in zip(records, (0, 1), strict=True):
        (folder / "NCT01079767.json").write_bytes(record.read_bytes())
        ended = runner.run("\n".join(scripts), **job["variables"])
        assert (ended.returncode, ended.stdout) == (expected, "said\n"), ended.stderr
        cases = ElementTree.parse(report).getroot().iter("testcase")  # noqa: S314 - our own report
        failed = [case.get("name", "") for case in cases if case.find("failure") is not None]
        assert [name.partition(":")[0] for name in failed] == ["Study-status"][:expected]
    assert len(runner.noted()) == 2


def test_scripts_end_where_a_variable_is_misspelt() -> None:
    """Each script stops at the first thing that goes wrong."""
    scripts = sorted((ROOT / "ci").glob("*.sh"))
    assert [script.name for script in scripts] == ["install.sh", "run.sh"]
    assert all("\nset -euo pipefail\n" in script.read_text() for script in scripts)
