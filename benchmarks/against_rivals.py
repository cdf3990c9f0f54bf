"""Our mapping against rdflib, Morph-KGC and maplib: `python benchmarks/against_rivals.py [RECORDS]`.

All make the same triples of the same fields (`rival_subset.py`), which is checked each time; each rival lives in an
environment of its own. Ours and rdflib's way begin at records of JSON. The mapping engines cannot follow their nesting:
they begin at flat tables, whose making is timed by itself and added in a column of its own. The last column is beside
our mapping and writing of trials that are read already. Writes table and picture to docs/benchmarks/.
"""

import argparse
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import NamedTuple

import pyoxigraph as ox
from measuring import RESULTS, Cost, machine, median, printed, spread, table, until_done, write_csv
from rival_tables import prepare

SCRIPTS = Path(__file__).parent
CACHE = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "trialgraph" / "rivals"
#: Rival -> its package with the version that the mapping was tried with. Ours stands in this environment.
PACKAGES = {"kg": "", "rdflib": "rdflib==7.6.0", "morph_kgc": "morph-kgc==2.10.0", "maplib": "maplib==0.20.26"}
#: What each is run with more of where it may use two cores; maplib does so by itself, rdflib cannot.
_JOBS = {"kg": True, "rdflib": False, "morph_kgc": True, "maplib": False}
#: Those that begin at tables.
ENGINES = ("morph_kgc", "maplib")
#: The one node of ours that is about the record, not about its fields: not in the subset.
_RECORD = "#record"


class Run(NamedTuple):
    """One run of one rival."""

    rival: str
    cores: int
    cost: Cost
    inside: float


def interpreter(rival: str) -> str:
    """The Python of a rival's environment, which is made when it is missing."""
    if not PACKAGES[rival]:
        return sys.executable
    folder = CACHE / PACKAGES[rival].replace("==", "-")
    python = folder / "bin" / "python"
    if not (folder / "ready").exists():
        subprocess.run([sys.executable, "-m", "venv", "--clear", str(folder)], check=True)
        subprocess.run([str(python), "-m", "pip", "install", "--quiet", PACKAGES[rival]], check=True)
        (folder / "ready").touch()
    return str(python)


def make_tables(folder: Path) -> Cost:
    """Makes the tables that mapping engines read, on one core."""
    return until_done([sys.executable, str(SCRIPTS / "rival_flatten.py"), str(folder)], cores=1)


def run_rival(rival: str, folder: Path, cores: int) -> Run:
    """One run, on so many cores; the files it left before are removed."""
    out = folder / "out" / rival
    out.parent.mkdir(exist_ok=True)
    for old in out.parent.glob(f"{rival}.*"):
        old.unlink()
    command = [interpreter(rival), str(SCRIPTS / f"rival_{rival}.py"), str(folder), str(out)]
    if _JOBS[rival]:
        command.append(str(cores))
    cost = until_done(command, cores=cores)
    return Run(rival, cores, cost, printed(cost, "seconds"))


def triples(folder: Path, rival: str) -> set[tuple[object, ...]]:
    """What a rival wrote. Decimals by their value: maplib leaves out zeros at the end."""
    found: set[tuple[object, ...]] = set()
    for path in (folder / "out").glob(f"{rival}.*.nt"):
        for quad in ox.parse(path=str(path), format=ox.RdfFormat.N_TRIPLES):
            value: object = quad.object
            if isinstance(value, ox.Literal) and value.datatype.value.endswith("#decimal"):
                value = Decimal(value.value).normalize()
            subject = str(quad.subject)
            if _RECORD not in subject and _RECORD not in str(value)[-9:]:
                found.add((subject, quad.predicate.value, str(value)))
    return found


def check_same(folder: Path, rivals: list[str]) -> int:
    """The number of triples, which is that of each; ends where one made others."""
    ours = triples(folder, "kg")
    for rival in rivals:
        theirs = triples(folder, rival)
        if theirs != ours:
            for one in [*(ours - theirs)][:3]:
                print("ours alone:", one)
            for one in [*(theirs - ours)][:3]:
                print(f"{rival} alone:", one)
            sys.exit(f"{rival} made other triples: {len(theirs - ours)} more, {len(ours - theirs)} fewer")
    return len(ours)


def summary(runs: list[Run], tables: list[Cost], count: int) -> Iterator[dict[str, object]]:
    """A row for each rival and number of cores."""
    flattening = median(cost.processor for cost in tables)
    groups = dict.fromkeys((run.rival, run.cores) for run in runs)
    for rival, cores in groups:
        own = [run for run in runs if (run.rival, run.cores) == (rival, cores)]
        ours = [run for run in runs if (run.rival, run.cores) == ("kg", cores)]
        pairs = list(zip(own, ours, strict=True))
        ratios = [run.cost.wall / other.cost.wall for run, other in pairs]
        processor = [run.cost.processor / other.cost.processor for run, other in pairs]
        extra = flattening if rival in ENGINES else 0.0
        with_tables = median((r.cost.processor + extra) / o.cost.processor for r, o in pairs)
        yield {
            "engine": PACKAGES[rival] or "trialgraph",
            "cores": cores,
            "triples / processor s": f"{count / median(run.cost.processor for run in own):,.0f}",
            "seconds, process": spread([run.cost.wall for run in own]),
            "of that mapping": spread([run.inside for run in own]),
            "processor seconds": spread([run.cost.processor for run in own]),
            "memory MB": median(run.cost.memory for run in own),
            "x ours, wall": spread(ratios, ".1f"),
            "x ours, processor": spread(processor, ".1f"),
            "the same with tables made": f"{with_tables:.1f}",
            "x our mapping alone": f"{median(r.cost.processor / printed(o.cost, 'mapping') for r, o in pairs):.1f}",
        }


def draw(rows: list[dict[str, object]], path: Path) -> None:
    """Bars: triples a processor second, with one core and with two."""
    import matplotlib as mpl

    mpl.use("svg")
    mpl.rcParams["svg.hashsalt"] = "trialgraph"
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(figsize=(8, 3.5), layout="constrained")
    names = list(dict.fromkeys(str(row["engine"]) for row in rows))
    for offset, cores in ((-0.2, 1), (0.2, 2)):
        rates = [float(str(row["triples / processor s"]).replace(",", "")) for row in rows if row["cores"] == cores]
        places = [number + offset for number in range(len(names))]
        bars = axes.barh(places, rates, height=0.38, label=f"{cores} core{'s' * (cores > 1)}")
        axes.bar_label(bars, labels=[f"{rate:,.0f}" for rate in rates], padding=3, fontsize=8)
    axes.set_yticks(range(len(names)), names)
    axes.invert_yaxis()
    axes.set_xlabel("triples a second of processor, start of the process included; the same triples each")
    axes.margins(x=0.15)
    axes.legend(frameon=False)
    figure.savefig(path, metadata={"Date": None})


def main() -> None:
    """Runs all in turn, as often as asked; checks, prints and writes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("records", type=int, nargs="?", default=2_000)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--rival", action="append", choices=[name for name in PACKAGES if name != "kg"])
    asked = parser.parse_args()
    rivals = asked.rival or [name for name in PACKAGES if name != "kg"]
    for rival in rivals:
        interpreter(rival)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        size = prepare(folder, asked.records)
        tables = [make_tables(folder) for _ in range(asked.runs)]
        runs = [run_rival("kg", folder, 1), *(run_rival(rival, folder, 1) for rival in rivals)]
        count = check_same(folder, rivals)
        # The first of each was for the check, and warms what is read.
        runs = [
            run_rival(rival, folder, cores) for _ in range(asked.runs) for cores in (1, 2) for rival in ("kg", *rivals)
        ]
    rows = list(summary(runs, tables, count))
    text = (
        f"# The same triples, by others\n\n{count:,} triples of {asked.records:,} made records ({size / 1e6:.0f} MB of"
        f" JSON with the subset's fields); medians with spread, in turn in one run. {machine()}. Making the tables that"
        f" mapping engines need: {spread([cost.processor for cost in tables])} processor seconds.\n\n{table(rows)}"
    )
    print(text)
    if set(rivals) == set(PACKAGES) - {"kg"}:
        write_csv("rivals.csv", rows)
        (RESULTS / "rivals.md").write_text(text, encoding="utf-8")
        draw(rows, RESULTS / "rivals.svg")


if __name__ == "__main__":
    main()
