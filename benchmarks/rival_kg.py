"""Our way: records in a zip -> N-Triples, in one process or two."""

import sys
import time
import zipfile
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from rival_timing import timed

from kg.mapping import map_trial
from kg.readers import read_document
from kg.readers.documents import Document


def _map_some(task: tuple[Path, Path, int, int]) -> float:
    """Maps every so-manieth record; gives the processor seconds of mapping and writing, without reading."""
    records, out, first, step = task
    mapping = 0.0
    with zipfile.ZipFile(records) as archive, out.open("w", encoding="utf-8") as lines:
        for name in archive.namelist()[first::step]:
            for outcome in read_document(Document(name, archive.read(name))):
                if outcome.trial is not None:
                    start = time.process_time()
                    lines.writelines(map_trial(outcome.trial))
                    mapping += time.process_time() - start
    return mapping


def _run(folder: Path, out: Path, jobs: int) -> dict[str, float]:
    tasks = [(folder / "records.zip", out.with_suffix(f".{number}.nt"), number, jobs) for number in range(jobs)]
    if jobs == 1:
        return {"mapping": _map_some(tasks[0])}
    with ProcessPoolExecutor(jobs) as processes:
        return {"mapping": sum(processes.map(_map_some, tasks))}


if __name__ == "__main__":
    timed(lambda: _run(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])))
