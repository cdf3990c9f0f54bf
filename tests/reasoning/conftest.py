"""Java, which the reasoner runs on."""

import os
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from kg.errors import ReasonerError
from kg.reasoning.hermit import find_java


@pytest.fixture(scope="session")
def java() -> str:
    """The program; tests are skipped where there is none, but not in CI."""
    try:
        return find_java()
    except ReasonerError as error:
        if os.environ.get("CI"):
            pytest.fail(str(error))
        pytest.skip(str(error))


@pytest.fixture
def fake_java(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Puts a shell script in the place of Java."""

    def write(script: str) -> None:
        program = tmp_path / "home" / "bin" / "java"
        program.parent.mkdir(parents=True, exist_ok=True)
        program.write_text(f"#!/bin/sh\n{script}\n")
        program.chmod(program.stat().st_mode | stat.S_IXUSR)
        monkeypatch.setenv("JAVA_HOME", str(tmp_path / "home"))

    return write
