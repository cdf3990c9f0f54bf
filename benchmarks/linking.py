"""Linking beside gilda on the same names and gold, in one run: precision, recall, strings a second.

`GILDA_PYTHON` names the interpreter of an environment that has gilda (its pins clash with ours).
"""

import os
import resource
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from kg.concept import MentionKind
from kg.knowledge import load_knowledge
from kg.lexicon import normalize
from kg.linking import Linker, find_mentions
from kg.linking.evaluation import GoldString, Outcome, measure, predict, read_gold
from kg.linking.names import Query
from kg.readers import read_records
from kg.vocab import PREFIXES

DATA = Path(os.environ["TRIALGRAPH_DATA"])
FULL = ("mesh2024.nt.gz", "mondo.owl.gz", "doid.owl.gz", "chebi.owl.gz", "rxnorm")
NAMES = [str(DATA / "ontologies" / name) for name in FULL]
RUNS = 5


def gilda(linker: Linker, gold: Sequence[GoldString], folder: Path) -> tuple[list[Outcome], list[float]]:
    """(what gilda says of each string, seconds of each run)."""
    names, strings = folder / "names.tsv", folder / "strings.tsv"
    with names.open("w", encoding="utf-8") as file:
        for concept in linker.lexicon.concepts.of("mesh"):
            identifier = concept.iri.removeprefix(PREFIXES["mesh"])
            file.writelines(f"{' '.join(text.split())}\t{kind}\t{identifier}\n" for text, kind in concept.names())
    strings.write_text("".join(f"{string.id}\t{' '.join(string.raw.split())}\n" for string in gold), encoding="utf-8")
    rival = Path(__file__).with_name("gilda_rival.py")
    predicted: dict[str, str] = {}
    seconds = []
    for _ in range(RUNS):
        command = [os.environ["GILDA_PYTHON"], str(rival), str(names), str(strings)]
        printed = subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()
        *rows, last = (line.split("\t") for line in printed)
        predicted = {row[0]: row[1] for row in rows}
        seconds.append(float(last[1]))
    found = [Outcome(string=s, predicted=frozenset(filter(None, [predicted.get(s.id, "")]))) for s in gold]
    return found, seconds


def whole_names(linker: Linker, gold: Sequence[GoldString]) -> list[Outcome]:
    """What our linker says without reading any further than whole names: the job that gilda does."""
    found = []
    for string in gold:
        kind: MentionKind = "intervention" if string.kind == "intervention" else "condition"
        decided = linker.phrases.names.decide(Query(string.raw, kind, string.type.upper().replace(" ", "_")))
        iris = (c.name.concept for c in decided.candidates if c.name.source == "mesh")
        predicted = frozenset(iri.removeprefix(PREFIXES["mesh"]) for iri in iris)
        found.append(Outcome(string=string, predicted=predicted))
    return found


def timed(
    gold: Sequence[GoldString], run: Callable[[Linker, Sequence[GoldString]], list[Outcome]]
) -> tuple[list[Outcome], float]:
    """(what is said, strings a second: the median of several runs, each with empty caches)."""
    seconds, outcomes = [], []
    for _ in range(RUNS):
        normalize.cache_clear()
        fresh = Linker(load_knowledge(NAMES).lexicon)
        start = time.perf_counter()
        outcomes = run(fresh, gold)
        seconds.append(time.perf_counter() - start)
    return outcomes, len(gold) / statistics.median(seconds)


def look_ups() -> str:
    """Strings of real records looked up in the lexicon, as often as they occur."""
    texts = [
        mention.text
        for outcome in read_records([DATA / "trials"])
        if outcome.trial is not None
        for mention in find_mentions(outcome.trial)
        if mention.kind in ("condition", "intervention")
    ]
    rates = []
    for _ in range(RUNS):
        normalize.cache_clear()
        lexicon = load_knowledge(NAMES).lexicon
        start = time.perf_counter()
        for text in texts:
            lexicon.find_normal(text)
        rates.append(len(texts) / (time.perf_counter() - start))
    return f"{statistics.median(rates):,.0f} look-ups/s of {len(texts):,} strings (n={RUNS})"


def show(name: str, outcomes: Sequence[Outcome], per_second: float) -> None:
    """Lines of a table: a kind by mention and on the hard stratum."""
    for kind in ("condition", "intervention"):
        own = [o for o in outcomes if o.string.subset == kind]
        hard = [o for o in own if o.string.stratum == "hard"]
        weights: list[tuple[str, list[Outcome], Callable[[GoldString], float]]] = [
            ("by mention", own, lambda s: s.by_mention),
            ("hard", hard, lambda _: 1.0),
        ]
        for group, found, weight in weights:
            m = measure(group, found, weight)
            precision, recall = (f"{share[0]:.3f}" if share else "-" for share in (m.precision, m.recall))
            print(f"| {name} | {kind}, {group} | {precision} | {recall} | {per_second:,.0f} |")


def records(linker: Linker) -> str:
    """How long linking all real records takes, and how much memory the process has had."""
    trials = [outcome.trial for outcome in read_records([DATA / "trials"]) if outcome.trial is not None]
    start = time.perf_counter()
    strings = 0
    for trial in trials:
        found = linker.link_trial(trial)
        strings += len(found.abstentions) + len({link.part for link in found.links})
    seconds = time.perf_counter() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    rate = f"{strings / seconds:,.0f} strings/s"
    return f"{len(trials):,} records linked in {seconds:.1f} s, {rate}, {peak:,} MiB at most"


def main() -> None:
    """Prints the tables."""
    linker = Linker(load_knowledge(NAMES).lexicon)
    gold = read_gold(DATA / "eval" / "linking-curated.tsv")
    print("| linker | gold | precision | recall | strings/s |\n|---|---|---|---|---|")
    show("trialgraph", *timed(gold, predict))
    show("trialgraph, whole names only", *timed(gold, whole_names))
    if "GILDA_PYTHON" in os.environ:
        with tempfile.TemporaryDirectory() as folder:
            rival, rival_seconds = gilda(linker, gold, Path(folder))
        show("gilda", rival, len(gold) / statistics.median(rival_seconds))
    print(records(linker))
    print(look_ups())


if __name__ == "__main__":
    main()
