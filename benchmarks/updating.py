"""Changes one record in a hundred of a made corpus, and compares the update with the build: `updating.py [RECORDS]`.

The changed records are given as such, as a sync brings them. Each round changes the same trials, to other facts of a
later day. Seconds by the wall and of processors; writes a table to docs/benchmarks/.
"""

import argparse
import json
import os
import sys
import tempfile
from pathlib import Path

from corpus import find_sample, made_records, write_corpus
from measuring import RESULTS, Cost, machine, median, spread, table, until_done

_SHARE = 100
_KG = (sys.executable, "-m", "kg")


def write_changed(file: Path, count: int, run: int) -> None:
    """JSON lines: the corpus's first records with the facts of another seed, updated on a later day."""
    with file.open("wb") as lines:
        for _, data in made_records(find_sample("api-v2"), "api-v2", 2 + run, range(count)):
            record = json.loads(data)
            record["protocolSection"]["statusModule"]["lastUpdateSubmitDate"] = f"2026-11-{1 + run:02}"
            lines.write(json.dumps(record).encode() + b"\n")


def measure(count: int, folder: Path, runs: int, jobs: str) -> tuple[Cost, list[Cost]]:
    """What the build took, and each update."""
    graph, updates = folder / "graph", []
    write_corpus(folder / "corpus", count, jobs=int(jobs))
    build = until_done([*_KG, "build", str(folder / "corpus"), "--out", str(graph), "--jobs", jobs])
    for run in range(runs):
        changed = folder / f"changed-{run}.jsonl"
        write_changed(changed, count // _SHARE, run)
        update = until_done([*_KG, "update", str(graph), str(changed), "--jobs", jobs])
        if f" {count // _SHARE:,} changed" not in update.output:
            sys.exit(f"not all were changed: {update.output}")
        updates.append(update)
    return build, updates


def main() -> None:
    """Measures; prints and writes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("records", type=int, nargs="?", default=20_000)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--jobs", default=str(os.cpu_count() or 1))
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        build, updates = measure(asked.records, Path(name), asked.runs, asked.jobs)
    walls, processors = [cost.wall for cost in updates], [cost.processor for cost in updates]
    rows = [
        {"what": "build", "seconds": f"{build.wall:.1f}", "processor seconds": f"{build.processor:.1f}", "share": ""},
        {
            "what": f"update of 1 record in {_SHARE}",
            "seconds": spread(walls),
            "processor seconds": spread(processors),
            "share": f"{median(walls) / build.wall:.1%} ({median(processors) / build.processor:.1%} of processor)",
        },
    ]
    text = f"# Updating\n\n{asked.records:,} made records of API v2. {machine()}.\n\n{table(rows)}"
    print(text)
    (RESULTS / "updating.md").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
