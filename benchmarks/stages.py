"""How long each step of the way from bytes to layers takes, and how far from the floor it is: `stages.py [RECORDS]`.

The floor of reading is to unpack the same bytes and to decode them, and no more: msgspec for JSON, lxml for XML. The
floor of writing is to write the same N-Triples from memory. Processor seconds of one process; all steps in turn in each
round. Writes tables to docs/benchmarks/.
"""

import argparse
import gzip
import tempfile
import time
import zipfile
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from io import BytesIO
from pathlib import Path
from typing import NamedTuple

import msgspec
from corpus import find_sample, made_records
from lxml import etree
from measuring import RESULTS, machine, median, spread, table, write_csv

from kg.knowledge import Knowledge, load_knowledge
from kg.linking import Linker
from kg.linking.roles import find_roles
from kg.mapping import map_closure, map_links, map_trial
from kg.model import Trial
from kg.readers import read_document
from kg.readers.documents import Document
from kg.reasoning.closure import close_trial
from kg.validation import Engine, make_engine

#: gzip's level of the layers on disk.
_LEVEL = 1
#: Trials that a build checks at once.
_CHECKED = 50


class Work(NamedTuple):
    """The records, packed as the registry packs them, and what is made of them on the way."""

    packed: bytes
    trials: list[Trial]
    text: bytes
    #: The lines of all layers, of as many trials as shapes are asked about at once.
    partitions: list[list[str]]


def _documents(packed: bytes) -> Iterator[Document]:
    with zipfile.ZipFile(BytesIO(packed)) as archive:
        for name in archive.namelist():
            yield Document(name, archive.read(name))


def _read(packed: bytes) -> Iterator[Trial]:
    for document in _documents(packed):
        yield from (outcome.trial for outcome in read_document(document) if outcome.trial is not None)


def _decode(packed: bytes, form: str) -> None:
    decode: Callable[[bytes], object] = msgspec.json.decode if form == "api-v2" else etree.fromstring
    for document in _documents(packed):
        decode(document.data)


def _map(trial: Trial) -> bytes:
    return "".join((*map_trial(trial), *map_trial(trial, "derived"))).encode()


def _link(trial: Trial, linker: Linker, knowledge: Knowledge) -> bytes:
    links = linker.link_trial(trial).links
    closure = close_trial(trial.nct_id, links, find_roles(trial), knowledge.lexicon.concepts, knowledge.classes)
    return "".join((*map_links(trial.nct_id, links), *map_closure(closure))).encode()


def _partitions(trials: list[Trial], knowledge: Knowledge) -> Iterator[list[str]]:
    linker = Linker(knowledge.lexicon)
    for start in range(0, len(trials), _CHECKED):
        texts = [_map(trial) + _link(trial, linker, knowledge) for trial in trials[start : start + _CHECKED]]
        yield [line.decode() for text in texts for line in text.splitlines(keepends=True)]


def _validate(partitions: list[list[str]], engine: Engine) -> None:
    for lines in partitions:
        list(engine.validate(lines))


def _write(text: bytes, path: Path) -> None:
    with path.open("wb") as file:
        file.write(text)


def _write_packed(text: bytes, path: Path) -> None:
    with gzip.GzipFile(filename="", fileobj=path.open("wb"), mode="wb", compresslevel=_LEVEL, mtime=0) as packed:
        packed.write(text)


def _through(task: tuple[bytes, Path]) -> int:
    """The whole way in one process: unpacked, read, mapped, written as packed N-Triples; gives the triples."""
    packed, path = task
    count = 0
    with gzip.GzipFile(filename="", fileobj=path.open("wb"), mode="wb", compresslevel=_LEVEL, mtime=0) as lines:
        for trial in _read(packed):
            text = _map(trial)
            count += text.count(b"\n")
            lines.write(text)
    return count


def _pack(form: str, numbers: range) -> bytes:
    held = BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        for number, data in made_records(find_sample(form), form, 1, numbers):
            archive.writestr(number, data)
    return held.getvalue()


def steps(form: str, work: Work, knowledge: Knowledge, folder: Path) -> dict[str, Callable[[], object]]:
    """Name of a step -> a run of it."""
    linker, engine = Linker(knowledge.lexicon), make_engine()
    decoder = "msgspec" if form == "api-v2" else "lxml"
    return {
        f"floor of reading: unpack, decode ({decoder})": lambda: _decode(work.packed, form),
        "reading: unpack, decode, read into the model": lambda: list(_read(work.packed)),
        "mapping: registry and derived layers": lambda: [_map(trial) for trial in work.trials],
        "linking, closure, and their layers": lambda: [_link(trial, linker, knowledge) for trial in work.trials],
        "validating all layers": lambda: _validate(work.partitions, engine),
        "floor of writing: the same N-Triples from memory": lambda: _write(work.text, folder / "plain.nt"),
        f"the same through gzip, level {_LEVEL}": lambda: _write_packed(work.text, folder / "packed.nt.gz"),
        "bytes to registry and derived layers": lambda: _through((work.packed, folder / "whole.nt.gz")),
    }


def measure(form: str, count: int, runs: int, knowledge: Knowledge) -> tuple[list[dict[str, object]], str]:
    """The rows of one format's steps, and a sentence about two processes."""
    packed = _pack(form, range(count))
    trials = list(_read(packed))
    work = Work(packed, trials, b"".join(map(_map, trials)), list(_partitions(trials, knowledge)))
    triples = work.text.count(b"\n")
    taken: dict[str, list[float]] = {}
    with tempfile.TemporaryDirectory() as name:
        for _ in range(runs):
            for step, run in steps(form, work, knowledge, Path(name)).items():
                start = time.process_time()
                run()
                taken.setdefault(step, []).append(time.process_time() - start)
        sentence = _on_two(form, count, runs, Path(name), triples)
    floor = [median(seconds) for step, seconds in taken.items() if step.startswith("floor")]
    rows: list[dict[str, object]] = [
        {
            "format": form,
            "step": step,
            "processor seconds": spread(seconds),
            "records/s": f"{count / median(seconds):,.0f}",
            "triples/s": f"{triples / median(seconds):,.0f}",
            "x floor of reading": f"{median(seconds) / floor[0]:.1f}",
            "x both floors": f"{median(seconds) / sum(floor):.1f}",
        }
        for step, seconds in taken.items()
    ]
    head = f"{form}: {count:,} records, {len(packed) / 1e6:.1f} MB packed, {triples:,} triples. "
    return rows, head + sentence


def _on_two(form: str, count: int, runs: int, folder: Path, triples: int) -> str:
    """One process and two, by the wall: each in turn."""
    halves = [_pack(form, range(count // 2)), _pack(form, range(count // 2, count))]
    walls: dict[int, list[float]] = {1: [], 2: []}
    for _ in range(runs):
        for jobs, own in walls.items():
            with ProcessPoolExecutor(jobs) as processes:
                list(processes.map(abs, range(jobs)))
                start = time.perf_counter()
                list(processes.map(_through, [(half, folder / f"{n}.nt.gz") for n, half in enumerate(halves)]))
                own.append(time.perf_counter() - start)
    rates = [f"{triples / median(walls[jobs]):,.0f}" for jobs in (1, 2)]
    ratio = median(one / two for one, two in zip(walls[1], walls[2], strict=True))
    return f"By the wall, one process {rates[0]} triples/s, two {rates[1]}: {ratio:.2f} times as fast."


def main() -> None:
    """Measures both formats; prints and writes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("records", type=int, nargs="?", default=2_000)
    parser.add_argument("--runs", type=int, default=5)
    asked = parser.parse_args()
    knowledge = load_knowledge(())
    rows, texts = [], []
    for form in ("api-v2", "xml"):
        found, sentence = measure(form, asked.records, asked.runs, knowledge)
        rows += found
        texts.append(f"{sentence}\n\n{table([{k: v for k, v in row.items() if k != 'format'} for row in found])}")
    text = "# Bytes to layers, step by step\n\nMedians with spread, all steps in turn. " + machine() + ".\n\n"
    text += "Linking is against the bundled slices of the ontologies.\n\n" + "\n".join(texts)
    print(text)
    write_csv("stages.csv", rows)
    (RESULTS / "stages.md").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
