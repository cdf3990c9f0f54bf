"""Times what is promised so far; prints a Markdown table of medians, taken on whatever machine this is."""

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import pyoxigraph as ox
from many_records import write_many
from rdflib import Graph, Literal, URIRef

from kg.build import build_graph
from kg.layers import Block, LayerWriter
from kg.mapping import map_trial
from kg.queries import find_query, run_query
from kg.readers import read_records
from kg.store import EmbeddedStore

DATA = Path(os.environ["TRIALGRAPH_DATA"])
KG = str(Path(sys.executable).with_name("kg"))
#: Subject, property, and an IRI or (text, language, datatype): a triple as a mapping by hand would hold it.
Plain = tuple[str, str, tuple[str, str | None, str | None] | str]
API_V2 = DATA / "trials" / "ctgov-api-v2.zip"
FLAGSHIP = "terminated-mtor-inhibitor-hcc-trials"


def measure(run: Callable[[], object], runs: int) -> str:
    """Median and range of the seconds that `run` takes."""
    seconds = []
    for _ in range(runs):
        start = time.perf_counter()
        run()
        seconds.append(time.perf_counter() - start)
    return f"{statistics.median(seconds):.3f} s ({min(seconds):.3f} to {max(seconds):.3f}, n={runs})"


def command(*arguments: str) -> Callable[[], object]:
    """A run of `kg` as a process of its own."""
    return lambda: subprocess.run([KG, *arguments], check=True, capture_output=True)


def bytes_to_layers() -> tuple[int, float]:
    """(triples, seconds) from the zip of API v2 records to layers on disk (registry and derived), on one core."""
    with tempfile.TemporaryDirectory() as folder:
        writer = LayerWriter(Path(folder), ("registry", "derived"))
        start = time.perf_counter()
        for outcome in read_records([API_V2]):
            if outcome.trial is not None:
                texts = {layer: "".join(map_trial(outcome.trial, layer)) for layer in writer.triples}
                writer.add(Block(outcome.trial.nct_id, ("", "", 0, ""), "", texts))
        writer.finish({})
        return sum(writer.triples.values()), time.perf_counter() - start


def _rival_terms(lines: Iterable[str]) -> list[Plain]:
    """The triples, as they are before rdflib takes them."""
    found: list[Plain] = []
    for quad in ox.parse("".join(lines), ox.RdfFormat.N_TRIPLES):
        value = quad.object
        if isinstance(value, ox.Literal):
            datatype = None if value.language else value.datatype.value
            found.append((quad.subject.value, quad.predicate.value, (value.value, value.language, datatype)))
        else:
            found.append((quad.subject.value, quad.predicate.value, value.value))
    return found


def rdflib_seconds(trials: Iterable[list[Plain]], serialization: str) -> float:
    """Seconds that the same triples take through an rdflib Graph a trial and its serialiser, and nothing else."""
    start = time.perf_counter()
    for triples in trials:
        graph = Graph()
        for subject, name, value in triples:
            term = URIRef(value) if isinstance(value, str) else Literal(value[0], lang=value[1], datatype=value[2])
            graph.add((URIRef(subject), URIRef(name), term))
        graph.serialize(format=serialization, encoding="utf-8")
    return time.perf_counter() - start


def against_rdflib(runs: int = 5) -> Iterator[str]:
    """In turn: all our way from bytes to layers, reading alone, mapping alone; rdflib's part alone, in two formats."""
    trials = [o.trial for o in read_records([API_V2]) if o.trial is not None]
    rival = [_rival_terms([*map_trial(trial), *map_trial(trial, "derived")]) for trial in trials]
    count = sum(map(len, rival))
    times: dict[str, list[float]] = {name: [] for name in ("whole", "reading", "mapping", "nt", "turtle")}
    for _ in range(runs):
        triples, seconds = bytes_to_layers()
        assert triples == count, "not the same triples"
        times["whole"].append(seconds)
        start = time.perf_counter()
        deque(read_records([API_V2]), maxlen=0)
        times["reading"].append(time.perf_counter() - start)
        start = time.perf_counter()
        for trial in trials:
            "".join((*map_trial(trial), *map_trial(trial, "derived"))).encode()
        times["mapping"].append(time.perf_counter() - start)
        for name in ("nt", "turtle"):
            times[name].append(rdflib_seconds(rival, name))
    took = {name: statistics.median(seconds) for name, seconds in times.items()}
    spread = f"{count / max(times['whole']):,.0f} to {count / min(times['whole']):,.0f}, n={runs}"
    rates = {name: f"{count / seconds:,.0f} triples/s" for name, seconds in took.items()}
    yield f"| API v2 bytes to layers on disk, one core, {count:,} triples | {rates['whole']} ({spread}) |"
    yield f"| of that reading, and mapping what was read | {took['reading']:.2f} s, {took['mapping']:.2f} s |"
    for name in ("nt", "turtle"):
        yield f"| the same triples, as terms, through rdflib Graph and serialise ({name}) | {rates[name]} |"
        ratios = f"{took[name] / took['whole']:.1f}, {took[name] / took['mapping']:.1f}"
        yield f"| seconds of that by those of our whole way, and of our mapping | {ratios} |"


def memory() -> Iterator[str]:
    """Peak memory of a build of all records, and of ten times as many."""
    with tempfile.TemporaryDirectory() as folder:
        many = Path(folder) / "ten-fold.zip"
        write_many(sorted((DATA / "trials").glob("*.zip")), many, times=10)
        for name, source in (("6,104 records", DATA / "trials"), ("ten times as many", many)):
            out = str(Path(folder) / "graph")
            code = subprocess.run(
                [sys.executable, str(Path(__file__).with_name("peak.py")), KG, "build", str(source), "--out", out],
                check=True,
                capture_output=True,
                text=True,
            )
            yield f"| build of {name}, bundled slices | {code.stdout.splitlines()[-1]} |"


def main() -> None:
    """Prints the table."""
    print("| what | measured |\n|---|---|")
    print(f"| `kg --help` as a process | {measure(command('--help'), 9)} |")
    seed = str(DATA / "seed" / "NCT01079767.xml")
    print(f"| `kg convert` of the seed as a process | {measure(command('convert', seed), 9)} |")
    print(*against_rdflib(), sep="\n")
    print(*memory(), sep="\n")
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "graph"
        names = [str(path) for path in sorted((DATA / "ontologies").glob("*.gz"))]
        start = time.perf_counter()
        build_graph([DATA / "trials", DATA / "seed"], out, ontology_names=names)
        print(f"| build of all trials with full ontologies, once | {time.perf_counter() - start:.0f} s |")
        store = EmbeddedStore(out / "store")
        flagship = measure(lambda: list(run_query(find_query(FLAGSHIP), {}, store)[0]), 21)
        print(f"| flagship query on it, in process | {flagship} |")


if __name__ == "__main__":
    main()
