"""Prints what share of planted faults is found and placed: `python -m tests.faults RECORDS SEED [SEED …]`."""

import os
import sys
import tempfile
from pathlib import Path

from tests.faults.judging import format_scores, plant_and_judge
from tests.faults.kinds import KINDS
from tests.faults.records import real_records


def main(count: int, *seeds: int) -> None:
    """One table a seed."""
    for seed in seeds:
        with tempfile.TemporaryDirectory() as folder:
            records = real_records(Path(os.environ["TRIALGRAPH_DATA"]), count, seed)
            verdicts = plant_and_judge(records, Path(folder), seed, KINDS)
        sys.stdout.write(f"seed {seed}, {len(records)} records\n{format_scores(verdicts, examples=3)}\n\n")


main(*map(int, sys.argv[1:]))
