"""A corpus as large as the registry, out of real records: `python benchmarks/corpus.py OUT COUNT [--format xml]`.

The same count and seed give the same bytes, on any number of cores. Records stand in parts of 2,000: zips with a member
a record, as the registry gives them out, or JSON lines. Each record depends on the seed and its place alone: a smaller
corpus is the beginning of a larger one.
"""

import argparse
import gzip
import os
import time
import zipfile
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from random import Random
from typing import IO

from shuffling import FORMATS, Sample, number_of, read_sample

from kg import assets

__all__ = ["find_sample", "made_records", "write_corpus"]

PART = 2_000
#: A date for all members: zips cannot be older.
_DAY = (1980, 1, 1, 0, 0, 0)
_SUFFIX = {"api-v2": ".json", "xml": ".xml"}


def find_sample(form: str) -> Path:
    """Where the real records of a format are: in TRIALGRAPH_DATA, or else the examples."""
    data = os.environ.get("TRIALGRAPH_DATA")
    return Path(data) / "trials" / f"ctgov-{form}.zip" if data else assets.folder("examples") / form


@cache
def _sample(source: Path, form: str) -> Sample:
    return read_sample(source, form)


def made_records(source: Path, form: str, seed: int, numbers: range) -> Iterator[tuple[str, bytes]]:
    """(NCT number, document) of the corpus's records at these places."""
    sample, write = _sample(source, form), FORMATS[form][1]
    for index in numbers:
        random, number = Random(f"{seed}/{index}"), number_of(index)  # noqa: S311 - no secret
        yield number.decode(), write(sample.deal(random, number), number, random)


def write_corpus(
    out: Path, count: int, *, form: str = "api-v2", seed: int = 1, lines: bool = False, jobs: int = 1, first: int = 0
) -> int:
    """Writes the parts of a corpus into a folder, on so many cores; gives the bytes of all records, unpacked.

    Records are numbered from `first` on, so that corpora of two formats can stand side by side.
    """
    out.mkdir(parents=True, exist_ok=True)
    source, starts = find_sample(form), range(first, first + count, PART)
    tasks = [(out, source, form, seed, range(start, min(start + PART, first + count)), lines) for start in starts]
    with ProcessPoolExecutor(jobs) as processes:
        return sum(processes.map(_write_part, tasks))


def _write_part(task: tuple[Path, Path, str, int, range, bool]) -> int:
    out, source, form, seed, numbers, lines = task
    path = out / f"part-{numbers.start // PART:05}{'.jsonl.gz' if lines else '.zip'}"
    total = 0
    with _beside(path) as unfinished:
        records = made_records(source, form, seed, numbers)
        if lines:
            with gzip.GzipFile(filename="", fileobj=unfinished, mode="wb", compresslevel=1, mtime=0) as packed:
                total = sum(packed.write(data + b"\n") for _, data in records)
        else:
            with zipfile.ZipFile(unfinished, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
                for number, data in records:
                    name = f"{number[:7]}xxxx/{number}{_SUFFIX[form]}"
                    archive.writestr(zipfile.ZipInfo(name, _DAY), data, zipfile.ZIP_DEFLATED)
                    total += len(data)
    return total


@contextmanager
def _beside(path: Path) -> Iterator[IO[bytes]]:
    """A file that takes its name when it is whole."""
    unfinished = path.with_name(f".{path.name}.unfinished")
    with unfinished.open("wb") as file:
        yield file
    unfinished.replace(path)


def main() -> None:
    """Writes a corpus; says how fast."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path, help="folder for the parts")
    parser.add_argument("count", type=int, help="number of records")
    parser.add_argument("--format", choices=FORMATS, default="api-v2", dest="form")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--lines", action="store_true", help="JSON lines in place of zips; API v2 only")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    asked = parser.parse_args()
    if asked.lines and asked.form != "api-v2":
        parser.error("records in XML cannot be lines")
    start = time.perf_counter()
    size = write_corpus(**vars(asked))
    seconds = time.perf_counter() - start
    rate = f"{asked.count / seconds:,.0f} records/s"
    print(f"{asked.count:,} records, {size / 1e6:,.0f} MB unpacked, in {asked.out}: {seconds:.1f} s, {rate}")


if __name__ == "__main__":
    main()
