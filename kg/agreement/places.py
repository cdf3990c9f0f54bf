"""Where the parts of the mapping lie, and what one check says of them."""

from collections.abc import Iterable, Mapping
from pathlib import Path

import msgspec

from kg import assets
from kg.errors import KgError, UsageError
from kg.finding import Finding

__all__ = ["Checked", "Places", "merge", "read_text"]


class Places(msgspec.Struct, frozen=True, kw_only=True):
    """The folders that have to agree; `package` is that of the Python code, whose strings name terms too."""

    ontologies: Path
    shapes: Path
    queries: Path
    examples: Path
    package: Path

    @classmethod
    def bundled(cls) -> "Places":
        """Those that come with this installation."""
        package = Path(__file__).resolve().parent.parent
        names = ("ontologies", "shapes", "queries", "examples")
        return cls(package=package, **{name: assets.folder(name) for name in names})

    @classmethod
    def of(cls, folder: Path) -> "Places":
        """Those below a folder, such as a checkout; what is not there is the bundled one's.

        Raises:
            UsageError: if it holds none of them.
        """
        ours = cls.bundled()
        own = {name: folder / name for name in ("ontologies", "shapes", "queries", "examples")}
        own = {name: path for name, path in own.items() if path.is_dir()}
        if not own:
            expected = "a folder that holds ontologies/, shapes/, queries/ or examples/"
            raise UsageError(str(folder), "no part of a mapping is here", expected=expected)
        if (folder / "kg" / "mapping.py").is_file():
            own["package"] = folder / "kg"
        return msgspec.structs.replace(ours, **own)

    def turtle(self) -> list[Path]:
        """The Turtle files that people write; slices are made by machine."""
        return [*sorted(self.ontologies.glob("*.ttl")), *sorted(self.shapes.glob("*.ttl"))]


class Checked(msgspec.Struct, frozen=True):
    """What is wrong, and how many things of each kind were looked at."""

    findings: tuple[Finding, ...] = ()
    counts: Mapping[str, int] = {}


def read_text(path: Path) -> str:
    """The text of a file of the mapping.

    Raises:
        KgError: if it cannot be read, or is not in UTF-8.
    """
    try:
        return path.read_bytes().decode("utf-8")
    except OSError as error:
        raise KgError(str(path), f"the file cannot be read ({error.strerror or error})") from error
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise KgError(f"{path}:{line}", "the file is not in UTF-8") from error


def merge(parts: Iterable[Checked]) -> Checked:
    """All findings in the order of the parts, and all counts."""
    findings: list[Finding] = []
    counts: dict[str, int] = {}
    for part in parts:
        findings.extend(part.findings)
        for name, count in part.counts.items():
            counts[name] = counts.get(name, 0) + count
    return Checked(tuple(findings), counts)
