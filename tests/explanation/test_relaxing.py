"""Parts of SPARQL that no saved query may have today: each is parsed, asked in part, and told."""

import re
from itertools import combinations

import pyoxigraph as ox
import pytest

from kg.errors import QueryRefused
from kg.explanation.asking import Asker
from kg.explanation.outcomes import MORE, Outcome
from kg.explanation.steps import Explainer
from kg.queries.parsing import parse_question
from kg.queries.patterns import Step, bind, written
from kg.queries.relaxing import Relaxed, relax

DATA = """
@prefix : <http://e/> .
:one :p :a, :b ; :year 2001 ; :knows :two ; :note "x" .
:two :p :b ; :year 2010 ; :knows :three .
:three :p :c ; :year 2020 ; :flag true .
:a :in :b . :b :in :c .
"""
PREFIX = "PREFIX : <http://e/> "
ANCHOR = "<http://e/one>"


class Small:
    """A graph of a few triples, in the default graph and in a named one."""

    def __init__(self) -> None:
        self._store = ox.Store()
        for graph in (ox.DefaultGraph(), ox.NamedNode("http://e/g")):
            self._store.load(DATA.encode(), ox.RdfFormat.TURTLE, to_graph=graph)

    def query(self, text: str) -> ox.QuerySolutions | ox.QueryBoolean | ox.QueryTriples:
        """As a graph answers."""
        return self._store.query(text)

    def ask(self, pattern: str) -> bool:
        """Whether a pattern has an answer."""
        return bool(self.query(f"ASK {{ {pattern} }}"))


GRAPH = Small()
#: Patterns on ?trial, what fails of them at :one, and what hangs on that; "" where all holds.
PATTERNS: dict[str, tuple[str, str]] = {
    "?trial :p :a ; :knows/:p :b ; :year ?y FILTER(?y < 2005)": ("", ""),
    "FILTER(?y < 2005) ?trial :year ?y": ("", ""),
    "?trial :p :a MINUS { ?x :year 2010 } ?trial :knows ?x": ("", ""),
    "BIND(1999 + 1 AS ?n) ?trial :year ?n": ("?trial :year ?n .", ""),
    "{ SELECT ?trial (COUNT(DISTINCT ?y) AS ?n) { ?trial :p/:in* ?y } GROUP BY ?trial } FILTER(?n = 3)": ("", ""),
    "{ SELECT ?trial (SUM(?y) AS ?n) { ?trial :knows?/:year ?y } GROUP BY ?trial } FILTER(?n = 4011)": ("", ""),
    "?trial :p :c": ("?trial :p :c .", ""),
    "?trial :knows+ :three ; ^:knows ?other . ?other :p :c": ("?trial ^:knows ?other .", "?other :p :c ."),
    "?trial :knows*/:flag true": ("", ""),
    "?trial (:p|:note) 'x' ; !:p :two": ("", ""),
    "?trial :year ?y FILTER(?y > 2005 || ?y = 1)": ("FILTER((?y > 2005) || (?y = 1))", ""),
    "?trial :year ?y FILTER(?y IN (1, 2)) FILTER(?y NOT IN (3, -4))": ("FILTER(?y IN (1, 2))", ""),
    "?trial :p ?x FILTER EXISTS { ?x :in :zz }": ("FILTER EXISTS { ?x :in :zz . }", ""),
    "?trial :p ?x FILTER NOT EXISTS { ?x :in ?y }": ("FILTER NOT EXISTS { ?x :in ?y . }", ""),
    "?trial :p ?x FILTER(?x = :a && NOT EXISTS { ?x :in :c })": ("", ""),
    "?trial :knows ?x MINUS { ?x :year 2010 }": ("MINUS { ?x :year 2010 . }", ""),
    "?trial :year ?y OPTIONAL { ?trial :flag ?f } FILTER(BOUND(?f))": ("FILTER(BOUND(?f))", ""),
    "?trial :year ?y OPTIONAL { ?trial :flag ?f } FILTER(!BOUND(?f))": ("", ""),
    "{ ?trial :p :c } UNION { ?trial :flag ?f } UNION { ?trial :year 1 }": (
        "{ ?trial :p :c . } UNION { ?trial :flag ?f . } UNION { ?trial :year 1 . }",
        "",
    ),
    "{ ?trial :p :b } UNION { ?trial :p :c } . ?trial :flag true": ("?trial :flag true .", ""),
    "VALUES (?trial ?y) { (:one 1) (:two UNDEF) } ?trial :year ?y": ("?trial :year ?y .", ""),
    "VALUES ?trial { :two :three }": ("VALUES () {  }", ""),
    "BIND(:two AS ?trial) ?trial :p :b": ("FILTER(sameTerm(:two, ?trial))", ""),
    "?trial :year ?y BIND(?y + 10 * 2 - 1 AS ?z) FILTER(?z < 2000)": ("FILTER(?z < 2000)", ""),
    "{ SELECT ?trial (COUNT(?x) AS ?n) { ?trial :p ?x } GROUP BY ?trial } FILTER(?n > 2)": ("FILTER(?n > 2)", ""),
    "{ SELECT ?trial { ?trial :p :c } } ?trial :year ?y": ("{ SELECT ?trial WHERE { ?trial :p :c . }  }", ""),
    "GRAPH ?g { ?trial :p ?x . ?x :in :zz }": ("GRAPH ?g { ?trial :p ?x . ?x :in :zz . }", ""),
    "?trial :knows [ :knows [ :flag true ; :p :c ] ] ; :note ?n FILTER(REGEX(?n, '^X$', 'i'))": ("", ""),
    "?trial :p ?x . ?x :in ?y . ?y :in ?z . ?z :in ?w . ?w :in ?v": ("?z :in ?w .", "?w :in ?v ."),
    "?trial :flag ?f FILTER(?f) FILTER NOT EXISTS { ?other :p ?f }": (
        "?trial :flag ?f .",
        "FILTER(?f) FILTER NOT EXISTS { ?other :p ?f . }",
    ),
}


def _relaxed(pattern: str) -> tuple[tuple[Step, ...], Relaxed]:
    question = parse_question(f"{PREFIX} SELECT ?trial WHERE {{ {pattern} }}")
    steps = bind(question.steps, "trial", ANCHOR)
    return steps, relax(steps, GRAPH.ask, ANCHOR)


def _short(text: str) -> str:
    """Without what only makes patterns longer: IRIs and numbers written out, and the spaces between."""
    text = text.replace(ANCHOR, "?trial").replace("<http://e/", ":")
    text = re.sub(r'"(true|-?[0-9]+)"\^\^<[^>]+>', r"\1", text)
    return re.sub(r"[>\s]", "", text)


@pytest.mark.parametrize("pattern", PATTERNS)
def test_what_fails_is_named(pattern: str) -> None:
    """The step that fails, and what hangs on it; nothing where the whole pattern has an answer."""
    steps, relaxed = _relaxed(pattern)
    said = [_short(written(steps[n] for n in places)) for places in (relaxed.fails, relaxed.hangs)]
    assert said == [_short(text) for text in PATTERNS[pattern]]
    whole = f"{PREFIX} ASK {{ {pattern} FILTER(sameTerm(?trial, :one)) }}"
    assert bool(GRAPH.query(whole)) == (not relaxed.fails and not relaxed.hangs)


@pytest.mark.parametrize("pattern", PATTERNS)
def test_what_holds_is_a_largest_part(pattern: str) -> None:
    """It has an answer, and has none with any of the steps that fail."""
    steps, relaxed = _relaxed(pattern)
    left = set(relaxed.fails) | set(relaxed.hangs)
    kept = [n for n in range(len(steps)) if n not in left]
    assert GRAPH.ask(written(steps[n] for n in kept))
    for place in relaxed.fails:
        assert not GRAPH.ask(written(steps[n] for n in sorted([*kept, place])))


@pytest.mark.parametrize("size", [1, 2, 3, 4])
def test_any_conjunction_is_told_rightly(size: int) -> None:
    """Every choice of triple patterns: all hold exactly where the query itself has an answer."""
    choices = ["?trial :p ?x", "?x :in ?y", "?y :in :c", "?trial :knows ?z", "?z :p ?x", "?z :flag true", "?y :in :b"]
    for chosen in combinations(choices, size):
        pattern = " . ".join(chosen)
        _, relaxed = _relaxed(pattern)
        whole = GRAPH.query(f"{PREFIX} ASK {{ {pattern} FILTER(!BOUND(?trial) || ?trial = :one) }}")
        assert bool(whole) == (not relaxed.fails and not relaxed.hangs), pattern


def _told(pattern: str) -> tuple[Outcome, ...]:
    steps, _ = _relaxed(pattern)
    return Explainer(Asker(GRAPH), ANCHOR).explain(steps)[0]


def test_what_is_there_instead_is_told() -> None:
    """For a value, for a condition, and for what should not be there."""
    (value,) = _told("?trial :p :c")
    _, year, absent = _told("?trial :year ?y FILTER(?y > 2005) FILTER NOT EXISTS { ?trial :note ?n }")
    assert [fact.triple[2] for fact in value.instead if fact.triple] == ["<http://e/a>", "<http://e/b>"]
    assert [fact.text for fact in year.instead] == ["y: 2001"]
    assert [fact.triple[2] for fact in absent.instead if fact.triple] == ['"x"']


def test_branches_are_told_apart() -> None:
    """Of a union that holds, those that hold and those that fail."""
    (union,) = _told("{ ?trial :p :c } UNION { ?trial :p :b . ?trial :year 2001 }")
    assert [[step.verdict for step in branch] for branch in union.branches] == [["fails"], ["holds", "holds"]]


@pytest.mark.parametrize(
    "text",
    ["SELECT * { ?s ?p", "CONSTRUCT { ?s ?p ?o } { ?s ?p ?o }", "SELECT * { SERVICE <http://e/> { ?s ?p ?o } }"],
)
def test_what_cannot_be_explained_is_refused(text: str) -> None:
    """One line, no guess."""
    with pytest.raises(QueryRefused):
        parse_question(text)


@pytest.mark.parametrize(("least", "verdict", "instead"), [(2, "holds", []), (3, "fails", ["1", "2"])])
def test_having_is_asked_of_the_whole_graph(least: int, verdict: str, instead: list[str]) -> None:
    """A group holds more than the one trial; what it comes to is told where it is not kept."""
    text = f"SELECT ?x (COUNT(?trial) AS ?n) {{ ?trial :p ?x }} GROUP BY ?x HAVING(COUNT(?trial) >= {least})"
    steps = bind(parse_question(PREFIX + text).steps, "trial", ANCHOR)
    triple, having = Explainer(Asker(GRAPH), ANCHOR).explain(steps)[0]
    assert (triple.verdict, having.verdict) == ("holds", verdict)
    # Only the value whose group is kept satisfies the pattern together with it.
    kept = ["<http://e/b>"] if verdict == "holds" else ["<http://e/a>", "<http://e/b>"]
    assert [fact.triple[2] for fact in triple.found if fact.triple] == kept
    assert [fact.text for fact in having.instead] == [f"COUNT(?trial): {n}" for n in instead]


def test_many_facts_are_shown_in_part() -> None:
    """Four, and that there are more."""
    _, step = _told("VALUES ?n { 1 2 3 4 5 6 } ?trial ?p ?n")
    (failing,) = _told("?trial !:none 'y'")
    assert step.verdict == "fails"
    assert [fact.text for fact in failing.instead][4:] == [MORE]
