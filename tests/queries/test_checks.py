"""A check that can find nothing is no check: each finds the fault that it is for, in a graph that has just that one."""

import pyoxigraph as ox
import pytest

from kg.queries import find_query, read_queries, run_query
from kg.vocab import ID, PREFIXES

_HEAD = "".join(f"@prefix {prefix}: <{namespace}> .\n" for prefix, namespace in PREFIXES.items()) + "".join(
    f"@prefix {scheme}: <{ID}{scheme}/> .\n" for scheme in ("role",)
)
_EVIDENCE = "[] owl:annotatedSource {0} ; owl:annotatedProperty {1} ; owl:annotatedTarget {2} ; sssom:confidence {3} ."

#: Check -> what is sound, and what is added that breaks it.
FAULTS = {
    "check-arm-elsewhere": (
        "study:1 tg:intervention <i:1> ; tg:studyArm <a:1> ; tg:group <a:2> . <i:1> tg:arm <a:1>, <a:2> .",
        "<i:1> tg:arm <a:3> .",
    ),
    "check-concept-relation": (
        (
            "<c:1> tg:concept mesh:D1, mesh:D2, mesh:D3 ; tg:conceptExact mesh:D1 ; tg:conceptBroad mesh:D2 ; "
            "tg:conceptClose mesh:D3 ."
        ),
        "<c:1> tg:concept mesh:D4 .",
    ),
    "check-condition-not-closed": (
        "study:1 tg:condition <c:1> ; tg:studies mesh:D1 . <c:1> tg:concept mesh:D1 .",
        "<c:1> tg:concept mesh:D2 .",
    ),
    "check-confidence": (_EVIDENCE.format("<c:1>", "tg:concept", "mesh:D1", "1.0"), "[] owl:annotatedTarget mesh:D1 ."),
    "check-link-without-evidence": (
        f"<c:1> tg:conceptExact mesh:D1 . {_EVIDENCE.format('<c:1>', 'tg:conceptExact', 'mesh:D1', '1.0')}",
        "<c:1> tg:conceptExact mesh:D2 .",
    ),
    "check-number-twice": (
        'study:1 a tg:Study ; dct:identifier "NCT1" . study:2 a tg:Study ; dct:identifier "NCT2" .',
        'study:3 a tg:Study ; dct:identifier "NCT1" .',
    ),
    "check-placebo-tested": (
        (
            "study:1 tg:intervention <i:1>, <i:2> ; tg:tests mesh:D1 . "
            "<i:1> tg:role role:PLACEBO ; tg:concept mesh:D1 . "
            "<i:2> tg:role role:EXPERIMENTAL ; tg:concept mesh:D1 . mesh:D1 tg:within mesh:D1 ."
        ),
        "study:2 tg:intervention <i:3> ; tg:tests mesh:D1 . <i:3> tg:role role:PLACEBO ; tg:concept mesh:D1 .",
    ),
    "check-study-without-record": (
        "study:1 a tg:Study ; foaf:isPrimaryTopicOf <r:1> .",
        "study:2 a tg:Study .",
    ),
    "check-study-without-title": (
        (
            'study:1 a tg:Study ; tg:overallStatus status:COMPLETED ; tg:officialTitle "One"@en . '
            "study:2 a tg:Study ; tg:overallStatus status:WITHHELD ."
        ),
        "study:3 a tg:Study ; tg:overallStatus status:COMPLETED .",
    ),
}


class Graph:
    """Triples in memory."""

    def __init__(self, turtle: str) -> None:
        self._store = ox.Store()
        self._store.load(_HEAD + turtle, format=ox.RdfFormat.TURTLE)

    def query(self, text: str) -> ox.QuerySolutions | ox.QueryBoolean | ox.QueryTriples:
        """The answer to a query."""
        return self._store.query(text)


@pytest.mark.parametrize("said", ["2.0", "-0.5", "0.5, 2.0"])
def test_every_unsound_confidence_is_told(said: str) -> None:
    """Also beside one that is sound."""
    graph = Graph(f"[] owl:annotatedTarget mesh:D1 ; sssom:confidence {said} .")
    answer, _ = run_query(find_query("check-confidence"), {}, graph)
    assert [float(row["confidence"].value) for row in answer] == [float(said.rpartition(", ")[2])]


def test_every_check_has_its_fault() -> None:
    """None is left out."""
    assert set(FAULTS) == {name for name in read_queries() if name.startswith("check-")}


@pytest.mark.parametrize("name", sorted(FAULTS))
def test_check_finds_its_fault_and_nothing_else(name: str) -> None:
    """No row on the sound graph, one with the fault."""
    sound, fault = FAULTS[name]
    assert list(run_query(find_query(name), {}, Graph(sound))[0]) == []
    assert len(list(run_query(find_query(name), {}, Graph(f"{sound}\n{fault}"))[0])) == 1


def test_records_are_one_a_study() -> None:
    """Two are as wrong as none."""
    two = "study:1 a tg:Study ; foaf:isPrimaryTopicOf <r:1>, <r:2> ."
    assert len(list(run_query(find_query("check-study-without-record"), {}, Graph(two))[0])) == 1
