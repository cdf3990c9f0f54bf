"""Records as they come: in zips, gzips, pages of the API, JSON lines, and by way of a graph built from them."""

import gzip
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import msgspec

from kg.build import build_graph
from kg.checks import validate_paths
from kg.finding import Finding
from tests.faults.judging import Check, check_files

__all__ = ["CONTAINERS", "check_graph"]

_Said = dict[Path, list[Finding]]


def _sort(findings: Iterable[Finding], files: Mapping[str, Path]) -> _Said:
    """The findings by the file that their source stands for."""
    said: _Said = {file: [] for file in files.values()}
    for finding in findings:
        said[files[finding.source]].append(finding)
    return said


def _zip(files: Sequence[Path], folder: Path) -> _Said:
    archive = folder / "records.zip"
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as packed:
        for file in files:
            packed.write(file, file.relative_to(folder))
    return _sort(validate_paths([archive]), {f"{archive}!{file.relative_to(folder)}": file for file in files})


def _gzip(files: Sequence[Path], folder: Path) -> _Said:
    packed = {file.with_name(f"{file.name}.gz"): file for file in files}
    for target, file in packed.items():
        target.write_bytes(gzip.compress(file.read_bytes()))
        file.unlink()
    return _sort(validate_paths([folder]), {str(target): file for target, file in packed.items()})


def _page(files: Sequence[Path], folder: Path) -> _Said:
    """One answer of the API; each record's lines are counted from where it begins."""
    page, begins, text = folder / "page.json", {}, '{\n"studies": [\n'
    for file in files:
        begins[file] = text.count("\n")
        text += file.read_text(encoding="utf-8").rstrip() + ("\n]}" if file == files[-1] else ",\n")
    page.write_text(text, encoding="utf-8")
    said = _sort(validate_paths([page]), {f"{page}#/studies/{index}": file for index, file in enumerate(files)})
    return {file: [_moved(f, f.line - begins[file]) for f in findings] for file, findings in said.items()}


def _lines(files: Sequence[Path], folder: Path) -> _Said:
    """A record a line: of its own lines nothing is left, so that those are taken from the record as it was laid out."""
    apart = check_files(files, folder)
    target = folder / "records.jsonl"
    target.write_text("".join(f"{_one_line(file)}\n" for file in files), encoding="utf-8")
    said = _sort(validate_paths([target]), {f"{target}:{number}": file for number, file in enumerate(files, 1)})
    for number, file in enumerate(files, 1):
        assert {finding.line for finding in said[file]} <= {number}
        lines = {(f.rule, f.place, f.value): f.line for f in apart[file]}
        said[file] = [_moved(f, lines.get((f.rule, f.place, f.value), 0)) for f in said[file]]
    return said


def _one_line(file: Path) -> str:
    return " ".join(line.strip() for line in file.read_text(encoding="utf-8").splitlines())


def _moved(finding: Finding, line: int) -> Finding:
    return msgspec.structs.replace(finding, line=line)


def check_graph(files: Sequence[Path], folder: Path) -> _Said:
    """What shapes say of a graph of the good records, and of one of each other set."""
    said: _Said = {}
    for number, stem in enumerate(dict.fromkeys(file.relative_to(folder).parts[0] for file in files)):
        graph = folder.with_name(f"{folder.name}-graph-{number}")
        build_graph([folder / stem], graph)
        here = {str(file): file for file in files if file.is_relative_to(folder / stem)}
        said |= _sort(validate_paths([graph]), here)
    return said


#: What a container is called -> how records in one are checked.
CONTAINERS: dict[str, Check] = {"zip": _zip, "gzip": _gzip, "page of the API": _page, "JSON lines": _lines}
