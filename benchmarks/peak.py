"""Runs a command; prints how long it took, and how much memory at most: `python benchmarks/peak.py COMMAND...`."""

import resource
import subprocess
import sys
import time

if __name__ == "__main__":
    start = time.perf_counter()
    ended = subprocess.run(sys.argv[1:], check=False, stdout=sys.stderr)
    seconds = time.perf_counter() - start
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024
    print(f"{seconds:.0f} s, at most {peak:,} MB (exit code {ended.returncode})")
