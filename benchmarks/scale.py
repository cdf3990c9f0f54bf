"""How the way grows with the number of records: `python benchmarks/scale.py 1000 10000 [100000]`.

For each number a corpus is made, built (each record is validated where it is mapped), loaded once more by itself,
validated once more by itself, and asked every saved query with its examples. Each step is a process of its own: seconds
by the wall and of processors, the most memory that all its processes held. With `--once` no step is repeated, and every
query is asked twice. Tables and pictures go to docs/benchmarks/; rows of numbers that are not asked for stay as they
are.

Half of the records are API v2, half XML: of the one there are few real ones to make a corpus of, of the other many. A
corpus still repeats strings more often than the registry does, so that linking finds more of them decided than there.
"""

import argparse
import csv
import json
import os
import re
import shutil
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from corpus import write_corpus
from measuring import RESULTS, Cost, machine, table, until_done, write_csv

from kg.layers import LAYERS, layer_path
from kg.queries import find_query, read_queries, run_query
from kg.store import EmbeddedStore, load_store

#: Runs of a query after the first.
_RUNS = 5
#: Seconds between two looks at what a build has begun.
_EVERY_S = 0.5
_NUMBER = re.compile(r"NCT\d{8}")
#: A trial of every corpus, whichever a query's example is.
_SOME_TRIAL = "NCT90000007"
_KG = (sys.executable, "-m", "kg")


def measure(count: int, folder: Path, jobs: int, *, once: bool) -> tuple[dict[str, object], list[dict[str, object]]]:
    """(figures of the steps, figures of the queries) of a corpus of so many records."""
    corpus, graph = folder / "corpus", folder / "graph"
    start = time.perf_counter()
    half = count // 2
    unpacked = write_corpus(corpus / "api-v2", half, jobs=jobs)
    unpacked += write_corpus(corpus / "xml", count - half, form="xml", first=half, jobs=jobs)
    made = time.perf_counter() - start
    with _first_seen(folder, ".graph.building-*/store") as seen:
        build = until_done([*_KG, "build", str(corpus), "--out", str(graph), "--jobs", str(jobs), "--validate"])
    counts = json.loads((graph / "manifest.json").read_text(encoding="utf-8"))["counts"]
    row: dict[str, object] = {
        "records": count,
        "jobs": jobs,
        "records MB, unpacked": round(unpacked / 1e6),
        "records MB, packed": _size(corpus),
        "corpus made, s": round(made, 1),
        "triples": sum(counts["triples"].values()),
        "quads": counts["quads"],
        "layers MB": _size(graph / "layers"),
        "store MB": _size(graph / "store"),
    }
    row |= _figures("build", build)
    row["until the load (mapped, linked, closed, validated), s"] = round(seen[0], 1)
    row["load, s"] = round(build.wall - seen[0], 1)
    row |= _repeated(graph, folder, jobs) if not once else {}
    asked = json.loads(_again("--ask", graph, *(["--runs", "1"] if once else [])).output.strip().splitlines()[-1])
    row["slowest query, ms"] = max(round(found["ms"]) for found in asked.values())
    row["machine"] = machine()
    return row, [{"records": count, "query": name} | found for name, found in asked.items()]


def _repeated(graph: Path, folder: Path, jobs: int) -> dict[str, object]:
    """The figures of loading and of validating, each by itself."""
    load = _again("--load", graph, folder / "store")
    shutil.rmtree(folder / "store")
    engine = ["--engine", "shacl-rust", "--jobs", str(jobs)]
    report = ["--format", "json", "--output", str(folder / "report.json")]
    validate = until_done([*_KG, "validate", str(graph), *engine, *report], check=False)
    return _figures("load again", load) | _figures("validate", validate) | {"validate, exit code": validate.code}


@contextmanager
def _first_seen(folder: Path, pattern: str) -> Iterator[list[float]]:
    """Seconds from the start until something of the name was there: the one item of the list, afterwards."""
    start, ended = time.perf_counter(), threading.Event()
    seen: list[float] = []

    def watch() -> None:
        while not seen and not ended.wait(_EVERY_S):
            if next(folder.glob(pattern), None):
                seen.append(time.perf_counter() - start)

    watching = threading.Thread(target=watch)
    watching.start()
    yield seen
    ended.set()
    watching.join()


def _again(option: str, graph: Path, *more: Path | str) -> Cost:
    """This file as a process of its own, for one step."""
    return until_done([sys.executable, __file__, option, str(graph), *map(str, more)])


def _figures(step: str, cost: Cost) -> dict[str, object]:
    return {
        f"{step}, s": round(cost.wall, 1),
        f"{step}, processor s": round(cost.processor, 1),
        f"{step}, MB": cost.memory,
    }


def _size(folder: Path) -> int:
    return round(sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) / 1e6)


def load(graph: Path, store: Path) -> None:
    """The layers of a graph into a new store, as a build does."""
    load_store(store, {layer: layer_path(graph, layer) for layer in LAYERS}, {})


def ask(graph: Path, runs: int) -> None:
    """Prints, as JSON, how long every saved query takes with its parameters' examples: the first time, and after."""
    store, found = EmbeddedStore(graph / "store"), {}
    for name in read_queries():
        query = find_query(name)
        values = {parameter.name: _NUMBER.sub(_SOME_TRIAL, parameter.example) for parameter in query.params}
        walls, processor, rows = [], [], 0
        for _ in range(runs + 1):
            start = time.perf_counter(), time.process_time()
            rows = sum(1 for _ in run_query(query, values, store)[0])
            walls.append((time.perf_counter() - start[0]) * 1000)
            processor.append((time.process_time() - start[1]) * 1000)
        found[name] = {
            "ms": round(statistics.median(processor[1:]), 1),
            "wall ms": round(statistics.median(walls[1:]), 1),
            "first, wall ms": round(walls[0], 1),
            "rows": rows,
        }
    print(json.dumps(found))


def kept(name: str, counts: Sequence[int]) -> list[dict[str, object]]:
    """The rows of a table of before that are of other numbers of records."""
    path = RESULTS / name
    if not path.exists():
        return []
    with path.open(encoding="utf-8", newline="") as stream:
        return [dict(row) for row in csv.DictReader(stream) if int(row["records"]) not in counts]


def ordered(rows: list[dict[str, object]]) -> list[dict[str, object]]:
    """By the number of records."""
    return sorted(rows, key=lambda row: int(str(row["records"])))


def _columns(rows: Sequence[Mapping[str, object]]) -> list[str]:
    """The names of all figures, in the order of the row that has most of them, then of the others."""
    return list(dict.fromkeys(name for row in sorted(rows, key=len, reverse=True) for name in row))


def report(steps: list[dict[str, object]], queries: list[dict[str, object]]) -> str:
    """Both as Markdown: a column a number of records."""
    sizes = [f"{int(str(row['records'])):,}" for row in steps]
    names = [name for name in _columns(steps) if name != "records"]
    lines: list[Mapping[str, object]] = [
        {"what": name} | {size: row.get(name, "") for size, row in zip(sizes, steps, strict=True)} for name in names
    ]
    by_query: dict[str, dict[str, object]] = {}
    for row in queries:
        size = f"{int(str(row['records'])):,}"
        by_query.setdefault(str(row["query"]), {})[size] = f"{row['ms']} ({row['wall ms']}), {row['rows']} rows"
    asked = [{"query": name} | {size: cells.get(size, "") for size in sizes} for name, cells in by_query.items()]
    return (
        "# Growth\n\nMade corpora (`benchmarks/corpus.py`, half API v2, half XML), each step a process of its own;"
        " MB of memory are the most that all its processes held. Others work on the machine: processor seconds say"
        f" more than the wall's.\n\n{table(lines)}\n## Saved queries\n\nMedian milliseconds of processor"
        f" of {_RUNS} runs in one process, with the examples' parameters; in brackets by the wall.\n\n{table(asked)}"
    )


def draw(steps: list[dict[str, object]], queries: list[dict[str, object]]) -> None:
    """Pictures: seconds, memory and bytes by the number of records; the slowest queries."""
    import matplotlib as mpl

    mpl.use("svg")
    mpl.rcParams["svg.hashsalt"] = "trialgraph"
    import matplotlib.pyplot as plt

    def values(name: str) -> tuple[list[float], list[float]]:
        """Numbers of records, and the figure of each that has it."""
        having = [row for row in steps if row.get(name) not in (None, "")]
        return [float(str(row["records"])) for row in having], [float(str(row[name])) for row in having]

    figure, (seconds, memory, disk) = plt.subplots(1, 3, figsize=(12, 3.6), layout="constrained")
    for step in ("build", "load again", "validate"):
        seconds.loglog(*values(f"{step}, processor s"), marker="o", label=step)
        memory.semilogx(*values(f"{step}, MB"), marker="o", label=step)
    for name in ("records MB, packed", "layers MB", "store MB"):
        disk.loglog(*values(name), marker="o", label=name.replace(" MB", ""))
    for axes, title in ((seconds, "processor seconds"), (memory, "memory, MB"), (disk, "on disk, MB")):
        axes.set_xlabel("records")
        axes.set_title(title)
        axes.legend(frameon=False)
    memory.set_ylim(bottom=0)
    figure.savefig(RESULTS / "scale.svg", metadata={"Date": None})
    most = max(values("records")[0])
    slowest = sorted(
        (float(str(row["ms"])), str(row["query"])) for row in queries if float(str(row["records"])) == most
    )[-15:]
    figure, axes = plt.subplots(figsize=(8, 4.5), layout="constrained")
    bars = axes.barh([name for _, name in slowest], [took for took, _ in slowest])
    axes.bar_label(bars, fmt="%.0f", padding=3, fontsize=8)
    axes.set_xlabel(f"milliseconds of processor, {most:,.0f} records")
    figure.savefig(RESULTS / "queries.svg", metadata={"Date": None})


def main() -> None:
    """Measures what is asked for; or is one step of that."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("records", type=int, nargs="*")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--folder", type=Path, help="where corpus and graph are made, and removed; a temporary one")
    parser.add_argument("--once", action="store_true", help="no step is repeated: for a corpus that takes hours")
    parser.add_argument("--runs", type=int, default=_RUNS, help=argparse.SUPPRESS)
    parser.add_argument("--load", type=Path, nargs=2, help=argparse.SUPPRESS)
    parser.add_argument("--ask", type=Path, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.load:
        load(*asked.load)
        return
    if asked.ask:
        ask(asked.ask, asked.runs)
        return
    steps, queries = kept("scale.csv", asked.records), kept("queries.csv", asked.records)
    for count in asked.records:
        with tempfile.TemporaryDirectory(dir=asked.folder) as name:
            row, found = measure(count, Path(name), asked.jobs, once=asked.once)
        steps, queries = ordered([*steps, row]), ordered([*queries, *found])
        print(json.dumps(row), flush=True)
        names = _columns(steps)
        write_csv("scale.csv", [{name: row.get(name, "") for name in names} for row in steps])
        write_csv("queries.csv", queries)
    (RESULTS / "scale.md").write_text(report(steps, queries), encoding="utf-8")
    draw(steps, queries)


if __name__ == "__main__":
    main()
