"""Times what is promised so far; prints a Markdown table of medians, taken on whatever machine this is."""

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import pyoxigraph as ox
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


def bytes_to_layers() -> float:
    """Triples a second from the zip of API v2 records to layers on disk (registry and derived), on one core."""
    with tempfile.TemporaryDirectory() as folder:
        writer = LayerWriter(Path(folder), ("registry", "derived"))
        start = time.perf_counter()
        for outcome in read_records([DATA / "trials" / "ctgov-api-v2.zip"]):
            if outcome.trial is not None:
                texts = {layer: "".join(map_trial(outcome.trial, layer)) for layer in writer.triples}
                writer.add(Block(outcome.trial.nct_id, ("", "", 0, ""), "", texts))
        writer.finish({})
        return sum(writer.triples.values()) / (time.perf_counter() - start)


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


def rdflib_seconds(trials: Iterable[list[Plain]]) -> float:
    """Seconds that the same triples take through an rdflib Graph a trial, and its serialiser."""
    start = time.perf_counter()
    for triples in trials:
        graph = Graph()
        for subject, name, value in triples:
            term = URIRef(value) if isinstance(value, str) else Literal(value[0], lang=value[1], datatype=value[2])
            graph.add((URIRef(subject), URIRef(name), term))
        graph.serialize(format="nt", encoding="utf-8")
    return time.perf_counter() - start


def mapping_against_rdflib(runs: int = 5) -> Iterator[str]:
    """The same records, decoded already, to N-Triples text: our writer and rdflib, in turn."""
    trials = [o.trial for o in read_records([DATA / "trials" / "ctgov-api-v2.zip"]) if o.trial is not None]
    rival = [_rival_terms([*map_trial(trial), *map_trial(trial, "derived")]) for trial in trials]
    ours, theirs = [], []
    for _ in range(runs):
        start = time.perf_counter()
        for trial in trials:
            "".join((*map_trial(trial), *map_trial(trial, "derived"))).encode()
        ours.append(time.perf_counter() - start)
        theirs.append(rdflib_seconds(rival))
    count = sum(map(len, rival))
    ratio = statistics.median(theirs) / statistics.median(ours)
    yield f"| mapping of decoded records, one core | {count / statistics.median(ours):,.0f} triples/s |"
    rate = f"{count / statistics.median(theirs):,.0f} triples/s, {ratio:.1f} times slower, n={runs}"
    yield f"| the same {count:,} triples through rdflib Graph and serialise | {rate} |"


def main() -> None:
    """Prints the table."""
    print("| what | measured |\n|---|---|")
    print(f"| `kg --help` as a process | {measure(command('--help'), 9)} |")
    seed = str(DATA / "seed" / "NCT01079767.xml")
    print(f"| `kg convert` of the seed as a process | {measure(command('convert', seed), 9)} |")
    rates = [bytes_to_layers() for _ in range(5)]
    spread = f"{min(rates):,.0f} to {max(rates):,.0f}, n={len(rates)}"
    print(f"| API v2 zip to layers, one core | {statistics.median(rates):,.0f} triples/s ({spread}) |")
    print(*mapping_against_rdflib(), sep="\n")
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
