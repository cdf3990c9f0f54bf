"""Loads the layers of a made corpus into a store, as a build does and in other ways: `loading.py [RECORDS]`.

The same quads in the same graphs, each way a process of its own, all in turn in each round: seconds by the wall and of
processors, the most memory. Writes a table to docs/benchmarks/.
"""

import argparse
import gzip
import shutil
import sys
import tempfile
from pathlib import Path
from typing import IO, cast

import pyoxigraph as ox
from corpus import write_corpus
from measuring import RESULTS, Cost, machine, median, spread, table, until_done

from kg.layers import LAYERS, layer_path
from kg.store import NAMED_LAYERS, load_store
from kg.vocab import GRAPHS

OURS, WHOLE, COMMAND = "kg build", "bulk_load, a call a file", "oxigraph load, a call a file"


def load_whole(graph: Path, store: Path) -> None:
    """Every file by one call of the library."""
    opened = ox.Store(str(store))
    for file, name in _files(graph):
        to_graph = ox.NamedNode(name) if name else None
        with gzip.open(file) as stream:
            opened.bulk_load(cast("IO[bytes]", stream), format=ox.RdfFormat.N_TRIPLES, to_graph=to_graph)
    opened.flush()
    opened.optimize()


def _files(graph: Path) -> list[tuple[Path, str]]:
    """Every file with the graph that it goes to; no name for the default one."""
    layers = {layer: layer_path(graph, layer) for layer in LAYERS}
    return [(file, "") for file in layers.values()] + [(layers[name], GRAPHS[name]) for name in NAMED_LAYERS]


def _by_command(program: str, graph: Path, store: Path) -> Cost:
    costs = []
    for file, name in _files(graph):
        to = ["--graph", name] if name else []
        costs.append(until_done([program, "load", "--location", str(store), "--file", str(file), *to]))
    wall, processor = sum(cost.wall for cost in costs), sum(cost.processor for cost in costs)
    return Cost(wall, processor, max(cost.memory for cost in costs), "", 0)


def measure(graph: Path, folder: Path, runs: int) -> list[dict[str, object]]:
    """A row a way."""
    program = shutil.which("oxigraph", path=str(Path(sys.executable).parent)) or shutil.which("oxigraph")
    costs: dict[str, list[Cost]] = {}
    for _ in range(runs):
        for way in (OURS, WHOLE, *([COMMAND] if program else [])):
            store = folder / "store"
            if way == COMMAND and program:
                cost = _by_command(program, graph, store)
            else:
                cost = until_done([sys.executable, __file__, "--way", way, str(graph), str(store)])
            costs.setdefault(way, []).append(cost)
            shutil.rmtree(store)
    best = min(median(cost.processor for cost in of_way) for of_way in costs.values())
    return [
        {
            "way": way,
            "seconds": spread([cost.wall for cost in of_way]),
            "processor seconds": spread([cost.processor for cost in of_way]),
            "x best": f"{median(cost.processor for cost in of_way) / best:.2f}",
            "MB": max(cost.memory for cost in of_way),
        }
        for way, of_way in costs.items()
    ]


def main() -> None:
    """Measures; or is one way."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("records", type=int, nargs="?", default=5_000)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--way", nargs=3, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.way:
        way, graph, store = asked.way
        layers = {layer: layer_path(Path(graph), layer) for layer in LAYERS}
        if way == OURS:
            load_store(Path(store), layers, {})
        else:
            load_whole(Path(graph), Path(store))
        return
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_corpus(folder / "corpus", asked.records)
        until_done([sys.executable, "-m", "kg", "build", str(folder / "corpus"), "--out", str(folder / "graph")])
        rows = measure(folder / "graph", folder, asked.runs)
    text = (
        f"# Loading the store\n\n{asked.records:,} made records, all layers, medians with spread, in turn."
        f" {machine()}.\n\n{table(rows)}"
    )
    print(text)
    (RESULTS / "loading.md").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
