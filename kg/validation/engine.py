"""SHACL engines behind one interface."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Protocol

import msgspec

from kg.errors import KgError, NotFound
from kg.finding import Finding
from kg.validation.pyshacl_engine import PyShacl
from kg.validation.rust_engine import ShaclRust

__all__ = ["ENGINES", "Engine", "EngineSpec", "make_engine"]


class Engine(Protocol):
    """Checks graphs against the shapes that it was made with."""

    def validate(self, lines: Iterable[str]) -> Iterator[Finding]:
        """What is wrong with the triples (N-Triples text)."""


#: What can be asked for: `auto` is the faster one that is installed.
ENGINES = ("auto", "pyshacl", "shacl-rust")


class EngineSpec(msgspec.Struct, frozen=True):
    """Which engine, on which shapes: all that a process needs to make one."""

    name: str = "auto"
    shapes: Path | None = None
    only: tuple[str, ...] = ()

    def make(self) -> Engine:
        """The engine; raises as `make_engine` does."""
        return make_engine(self.name, self.shapes, self.only)


def make_engine(name: str = "auto", shapes: Path | None = None, only: Sequence[str] = ()) -> Engine:
    """The engine of that name, on a Turtle file of shapes or a folder of them (ours if None), or on some of them.

    Raises:
        NotFound: if there is no such engine, or `only` names no shape, class or rule.
        KgError: if the engine is not installed, or the shapes are broken; says file and line.
    """
    if name not in ENGINES:
        raise NotFound("engine", name, ENGINES)
    installed = find_spec("shacl_rust") is not None
    if name == "shacl-rust" and not installed:
        raise KgError("shacl-rust", "not installed", remedy="Install it with `pip install 'trialgraph[bulk]'`.")
    made: Callable[[Path | None, Sequence[str]], Engine] = ShaclRust if installed and name != "pyshacl" else PyShacl
    return made(shapes, only)
