"""Grounds gold strings by gilda, in an environment of its own: `python gilda_rival.py NAMES.tsv STRINGS.tsv`.

NAMES: name, kind (label, exact, related, brand), identifier, as our lexicon has MeSH's; STRINGS: id, text.
Prints `id<TAB>identifier` lines (the best match, if any), then `seconds<TAB>s` of the grounding alone.
"""

import csv
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from gilda.grounder import Grounder
from gilda.process import normalize
from gilda.term import Term

STATUS = {"label": "name", "exact": "synonym", "brand": "synonym", "related": "synonym"}


def terms(path: str) -> Iterator[Term]:
    """The names as gilda's terms."""
    with Path(path).open(encoding="utf-8", newline="") as file:
        for text, kind, identifier in csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE):
            yield Term(normalize(text), text, "MESH", identifier, text, STATUS[kind], "mesh")


def main() -> None:
    """Grounds and prints."""
    names, strings = sys.argv[1:]
    grounder = Grounder(list(terms(names)))
    with Path(strings).open(encoding="utf-8", newline="") as file:
        rows = [row[:2] for row in csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE)]
    start = time.perf_counter()
    found = [(key, grounder.ground(text)) for key, text in rows]
    seconds = time.perf_counter() - start
    for key, matches in found:
        print(key, matches[0].term.id if matches else "", sep="\t")
    print("seconds", seconds, sep="\t")


if __name__ == "__main__":
    main()
