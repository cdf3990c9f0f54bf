"""Times validation of all real records; prints a Markdown table.

Seconds against pySHACL are the processor's, which others on the machine hardly disturb; whole runs say both.
"""

import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from functools import partial
from itertools import islice
from pathlib import Path

import pyshacl
from many_records import write_many
from rdflib import Graph

from kg import assets
from kg.build import build_graph
from kg.checks import _LAYERS, _TRIALS
from kg.finding import Finding
from kg.layers import read_partitions
from kg.validation import EngineSpec, Partition, make_engine, run_engine

DATA = Path(os.environ["TRIALGRAPH_DATA"])
API_V2 = DATA / "trials" / "ctgov-api-v2.zip"
#: The partition that is the sample: pySHACL alone takes minutes for the triples of its fifty trials.
_SAMPLE = 60


def partitions(graph: Path) -> Iterator[Partition]:
    """A graph folder as `kg validate` cuts it."""
    return map(Partition, read_partitions(graph, _LAYERS, trials=_TRIALS))


def seconds(run: Callable[[], object]) -> float:
    """Seconds of processor that `run` takes."""
    start = time.process_time()
    run()
    return time.process_time() - start


def alone(sample: list[Partition]) -> None:
    """The sample with pySHACL as its README says, without anything of ours."""
    shapes = Graph()
    for path in sorted(assets.folder("shapes").glob("*.ttl")):
        shapes.parse(path)
    for partition in sample:
        pyshacl.validate(Graph().parse(data="".join(partition.lines), format="nt"), shacl_graph=shapes)


def against_pyshacl(graph: Path, runs: int = 3) -> Iterator[str]:
    """In turn: a sample through shacl-rust, through pySHACL behind our interface, through pySHACL alone."""
    sample = list(islice(partitions(graph), _SAMPLE, _SAMPLE + 1))
    triples = sum(len(partition.lines) for partition in sample)
    engines = {name: make_engine(name) for name in ("shacl-rust", "pyshacl")}

    def found(name: str) -> list[Finding]:
        return [finding for partition in sample for finding in engines[name].validate(partition.lines)]

    assert found("shacl-rust") == found("pyshacl"), "not the same findings"
    took: dict[str, list[float]] = {name: [] for name in (*engines, "pySHACL alone")}
    for _ in range(runs):
        for name in engines:
            took[name].append(seconds(partial(found, name)))
        took["pySHACL alone"].append(seconds(partial(alone, sample)))
    medians = {name: statistics.median(values) for name, values in took.items()}
    for name, values in took.items():
        spread = f"{triples / max(values):,.0f} to {triples / min(values):,.0f}, n={runs}"
        rate = f"{triples / medians[name]:,.0f} triples/s ({spread})"
        yield f"| {name}, {triples:,} triples of fifty trials | {rate} |"
    for name in ("pyshacl", "pySHACL alone"):
        ratios = [slow / fast for slow, fast in zip(took[name], took["shacl-rust"], strict=True)]
        spread = f"{min(ratios):.1f} to {max(ratios):.1f}"
        yield f"| shacl-rust is so many times faster than {name} | {statistics.median(ratios):.1f} ({spread}) |"


def validate(graph: Path, jobs: int) -> None:
    """Validates a whole graph folder; prints what it took as JSON. A process of its own, so that its memory is too."""
    triples = 0

    def counted() -> Iterator[Partition]:
        nonlocal triples
        for partition in partitions(graph):
            triples += len(partition.lines)
            yield partition

    start = time.perf_counter()
    found = sum(1 for _ in run_engine(counted(), EngineSpec("shacl-rust"), jobs=jobs))
    took = time.perf_counter() - start
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    busy = sum(one.ru_utime + one.ru_stime for one in used)
    told = {"triples": triples, "findings": found, "seconds": took, "busy": busy}
    print(json.dumps({**told, "peaks": [one.ru_maxrss // 1024 for one in used]}))


def whole(graph: Path, jobs: int, what: str, runs: int = 3) -> str:
    """Medians of whole runs, from the layers on disk to findings, start of Python included in the processor's."""
    arguments = [sys.executable, __file__, "--validate", str(graph), str(jobs)]
    told = [json.loads(subprocess.run(arguments, check=True, capture_output=True).stdout) for _ in range(runs)]
    triples, found = told[0]["triples"], told[0]["findings"]
    took, busy = (statistics.median(run[name] for run in told) for name in ("seconds", "busy"))
    own, workers = (max(run["peaks"][who] for run in told) for who in (0, 1))
    memory = f"{own} MB" + (f", each of {jobs} processes {workers} MB" if jobs > 1 else "")
    return (
        f"| {what}, {triples:,} triples, {jobs} at a time | {took:.1f} s, {triples / took:,.0f} triples/s; processor "
        f"{busy:.1f} s, {triples / busy:,.0f} triples/s (n={runs}); at most {memory}; {found:,} findings |"
    )


def main() -> None:
    """Prints the table."""
    print("| what | measured |\n|---|---|")
    with tempfile.TemporaryDirectory() as folder:
        graph = Path(folder) / "graph"
        build_graph([DATA / "trials"], graph)
        print(*against_pyshacl(graph), sep="\n", flush=True)
        for jobs in (1, 2):
            print(whole(graph, jobs, "all trials"), flush=True)
        for times in (1, 4, 16):
            many, grown = Path(folder) / f"{times}.zip", Path(folder) / f"graph-{times}"
            records = write_many([API_V2], many, times=times)
            build_graph([many], grown)
            print(whole(grown, 1, f"{records:,} records ({times}-fold)"), flush=True)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--validate"]:
        validate(Path(sys.argv[2]), int(sys.argv[3]))
    else:
        main()
