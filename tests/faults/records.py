"""Good records to plant faults in: real ones by chance, and the examples."""

import zipfile
from pathlib import Path
from random import Random

from tests.faults.judging import Record
from tests.page_layout import render_page

__all__ = ["example_records", "real_records"]

#: Of so many records in XML one is laid out as a study page, too.
_PAGES = 10


def example_records(folder: Path) -> list[Record]:
    """The bundled records, in all formats."""
    suffixes = {"api-v2": "*.json", "xml": "*.xml", "page": "*.txt"}
    return [
        Record(name, path.stem, path.read_bytes())
        for name, suffix in suffixes.items()
        for path in sorted((folder / name).glob(suffix))
    ]


def real_records(data: Path, count: int, seed: int) -> list[Record]:
    """So many of the registry's records, half of them in each format, and pages of some of those in XML."""
    rng = Random(seed)  # noqa: S311 - not for secrets
    trials = data / "trials"
    modern = _members("api-v2", trials / "ctgov-api-v2.zip", count // 2, rng)
    old = _members("xml", trials / "ctgov-xml.zip", count - count // 2, rng)
    pages = [Record("page", record.name, render_page(record.data).encode()) for record in old[::_PAGES]]
    found = [Record("page", path.stem, path.read_bytes()) for path in sorted((trials / "page").glob("*.txt"))]
    return [*modern, *old, *pages, *found]


def _members(source_format: str, path: Path, count: int, rng: Random) -> list[Record]:
    with zipfile.ZipFile(path) as archive:
        names = sorted(name for name in archive.namelist() if name.endswith((".json", ".xml")))
        return [Record(source_format, Path(name).stem, archive.read(name)) for name in rng.sample(names, count)]
