"""The OWL reasoner: owlready2 with HermiT, in a process of its own.

owlready2 keeps its state in globals, prints, and cannot interrupt the Java that it starts: a process can be silenced,
measured, and killed at its deadline with all that it has started.
"""

import os
import shutil
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic

import msgspec

from kg.errors import DeadlineExceeded, ReasonerError

__all__ = ["Classification", "Task", "classify", "find_java"]

#: What to install where Java is missing.
_PACKAGE = "default-jre-headless"


class Task(msgspec.Struct, frozen=True, kw_only=True):
    """What the process is asked: the classes of these individuals in a module; `folder` is its own for its files."""

    module: str
    individuals: tuple[str, ...]
    java: str
    memory_mb: int
    folder: str

    def answer(self) -> Path:
        """The file that the process leaves its `Classification` in: its standard output belongs to owlready2."""
        return Path(self.folder) / "answer.json"


class Classification(msgspec.Struct, frozen=True, kw_only=True):
    """What the reasoner found: no type of anything if the module contradicts itself.

    `types` are the named classes of each individual asked about, `unsatisfiable` the classes that can have no member.
    Seconds are those of the whole process, memory that of Java. `problem` is why there is no answer.
    """

    consistent: bool
    types: dict[str, tuple[str, ...]] = {}
    unsatisfiable: tuple[str, ...] = ()
    seconds: float = 0.0
    memory_mb: int = 0
    problem: str = ""


def find_java() -> str:
    """The program `java`: that of JAVA_HOME, else the one on the PATH.

    Raises:
        ReasonerError: if there is none; names the package to install.
    """
    home = os.environ.get("JAVA_HOME")
    found = shutil.which("java", path=str(Path(home) / "bin")) if home else None
    found = found or shutil.which("java")
    if found is None:
        remedy = f"Install one (Debian: apt-get install {_PACKAGE}), or let JAVA_HOME point to it."
        raise ReasonerError("java", "the OWL reasoner needs Java, and there is none on the PATH", remedy=remedy)
    return found


def classify(module: Path, individuals: tuple[str, ...], *, timeout_s: float, memory_mb: int = 2000) -> Classification:
    """Whether a module of N-Triples is consistent, and if so the classes of these individuals in it.

    Raises:
        ReasonerError: if Java is missing, or the reasoner cannot read the module, or dies.
        DeadlineExceeded: if it takes longer than `timeout_s`; nothing that it started goes on.
    """
    java, started = find_java(), monotonic()
    with TemporaryDirectory(prefix="kg-reasoner-") as folder:
        task = Task(module=str(module), individuals=individuals, java=java, memory_mb=memory_mb, folder=folder)
        _run(task, timeout_s)
        try:
            found = msgspec.json.decode(task.answer().read_bytes(), type=Classification)
        except (OSError, msgspec.DecodeError) as error:
            raise ReasonerError("reasoner", "ended without an answer", expected="classes") from error
    if found.problem:
        raise ReasonerError("reasoner", found.problem)
    return msgspec.structs.replace(found, seconds=round(monotonic() - started, 1))


def _run(task: Task, timeout_s: float) -> None:
    root = str(Path(__file__).parents[2])
    environment = {**os.environ, "PYTHONPATH": root, "TMPDIR": task.folder}
    # -P: a folder of the user's that is called kg is none of ours.
    with subprocess.Popen(
        [sys.executable, "-P", "-m", "kg.reasoning.owl"],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        env=environment,
        start_new_session=True,
    ) as process:
        try:
            _, said = process.communicate(msgspec.json.encode(task), timeout=timeout_s)
        except subprocess.TimeoutExpired as error:
            problem = f"the reasoner gave no answer within {timeout_s:g} s"
            raise DeadlineExceeded("reasoner", problem, remedy="Give it longer with --timeout-s.") from error
        finally:
            # Whatever ends us, Java ends too: it is in the child's process group.
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
    if process.returncode:
        died = f"signal {-process.returncode}" if process.returncode < 0 else f"exit code {process.returncode}"
        last = said.decode(errors="replace").strip().rpartition("\n")[2]
        remedy = "Was it killed, or is there too little memory?" if process.returncode < 0 else ""
        raise ReasonerError("reasoner", f"it died ({died})", got=last, remedy=remedy)
