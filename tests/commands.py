"""The command line, run in this process as the program would."""

import sys
from typing import NamedTuple

import pytest

from kg import cli


class Ended(NamedTuple):
    """How a command ended: its exit code, and what it wrote."""

    code: int
    out: str
    err: str


class Kg:
    """Runs `kg`, or one of its groups of commands."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, capture: pytest.CaptureFixture[bytes], *group: str) -> None:
        self._monkeypatch, self._capture, self._group = monkeypatch, capture, group

    def __call__(self, *arguments: object) -> Ended:
        """How it ends with these arguments."""
        self._capture.readouterr()
        self._monkeypatch.setattr(sys, "argv", ["kg", *self._group, *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        sys.stdout.flush()
        out, err = self._capture.readouterr()
        return Ended(int(ended.value.code or 0), out.decode(), err.decode())
