"""Morph-KGC: the tables -> N-Triples, by the RML mapping."""

import subprocess
import sys
from pathlib import Path

from rival_timing import timed


def _run(folder: Path, out: Path, jobs: int) -> None:
    config = out.with_suffix(".ini")
    config.write_text(
        f"[CONFIGURATION]\noutput_file: {out.with_suffix('.0.nt')}\nnumber_of_processes: {jobs}\n"
        f"logging_level: ERROR\n\n[tables]\nmappings: {folder / 'mapping.rml.ttl'}\n",
        encoding="utf-8",
    )
    subprocess.run([sys.executable, "-m", "morph_kgc", str(config)], check=True, stdout=subprocess.DEVNULL)


if __name__ == "__main__":
    timed(lambda: _run(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])))
