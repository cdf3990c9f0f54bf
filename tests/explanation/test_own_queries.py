"""Queries as a user may save them: whatever SPARQL they use, the explanation says what the query itself answers."""

import pytest

from kg.explanation import explain, read_aloud
from kg.queries import SavedQuery
from kg.store import EmbeddedStore
from kg.vocab import PREFIXES

PATTERNS = [
    "?trial tg:condition/tg:concept/tg:broader* mesh:D009369",
    "?trial tg:condition/tg:concept/tg:within/rdfs:label ?l FILTER(STRSTARTS(LCASE(STR(?l)), 'neopl'))",
    "?trial tg:overallStatus ?s FILTER(?s NOT IN (status:COMPLETED, status:TERMINATED))",
    (
        "GRAPH graph:links { ?part tg:concept ?c } ?trial tg:condition ?part . ?c rdfs:label ?n"
        " FILTER(CONTAINS(?n,'Carcinoma'))"
    ),
    (
        "?trial tg:intervention ?i . ?i tg:arm ?a . FILTER NOT EXISTS { ?trial tg:intervention ?j . ?j"
        " tg:arm ?a FILTER(?i != ?j) }"
    ),
    (
        "?trial tg:startDate ?d OPTIONAL { ?trial tg:completionDate ?e FILTER(?e > ?d) } FILTER(!BOUND(?e)"
        " || YEAR(?e) - YEAR(?d) > 3)"
    ),
    "{ ?trial tg:phase ?p } MINUS { ?trial tg:overallStatus status:COMPLETED }",
    "?trial tg:leadSponsor [ rdfs:label ?n ] FILTER REGEX(?n, 'novartis', 'i')",
    "?trial tg:location ?a, ?b . ?a tg:country ?x . ?b tg:country ?y FILTER(?x < ?y)",
    (
        "{ SELECT ?trial (COUNT(?o) AS ?n) { ?trial tg:primaryOutcome ?o } GROUP BY ?trial HAVING(COUNT(?o)"
        " > 1) } ?trial tg:enrollment ?e FILTER(?e > 50)"
    ),
    "{ SELECT DISTINCT ?trial { ?trial tg:keyword ?k } } ?trial a ?t",
    (
        "VALUES ?trial { <https://clinicaltrials.gov/study/NCT01079767>"
        " <https://clinicaltrials.gov/study/NCT00005113> } ?trial tg:overallStatus status:TERMINATED"
    ),
    (
        "?trial tg:condition ?c . ?c tg:concept ?x . ?x tg:within mesh:D006528 . BIND(STR(?c) AS ?name)"
        " FILTER(STRLEN(?name) > 3)"
    ),
    "?trial (tg:condition|tg:keyword)/rdfs:label ?l FILTER(LANG(?l) = 'en' && IF(STRLEN(?l) > 20, true, false))",
    (
        "{ SELECT ?trial (COUNT(?trial) AS ?n) { ?trial tg:location ?l } GROUP BY ?trial"
        " HAVING(COUNT(?trial) > 2) } FILTER(BOUND(?trial))"
    ),
    "{ SELECT ?trial { ?trial tg:enrollment ?e } ORDER BY DESC(?e) LIMIT 3 } ?trial tg:overallStatus ?s",
    "MINUS { ?trial tg:overallStatus status:COMPLETED } ?trial tg:phase ?p",
    (
        "{ ?trial tg:phase ?p MINUS { ?trial tg:overallStatus ?s FILTER(?s = status:COMPLETED) } } UNION {"
        " ?trial tg:enrollment 40 }"
    ),
    "?trial !(tg:condition|tg:keyword) 40",
]
PROLOGUE = "".join(f"PREFIX {prefix}: <{PREFIXES[prefix]}>\n" for prefix in ("tg", "rdfs", "graph", "status", "mesh"))


@pytest.mark.parametrize("pattern", PATTERNS)
def test_every_trial_is_told_as_the_query_answers(pattern: str, example_store: EmbeddedStore) -> None:
    """Some trials are in the answer and some are not, and each is explained so."""
    text = f"{PROLOGUE}SELECT DISTINCT ?trial WHERE {{ {pattern} }}"
    query = SavedQuery(
        name="own", summary="", description="", tags=(), params=(), returns={"trial": "the study"}, text=text
    )
    answer = example_store.query("SELECT ?trial { ?trial a <https://w3id.org/trialgraph/vocab#Study> }")
    trials = {row["trial"].value.removeprefix(PREFIXES["study"]) for row in answer}  # type: ignore[union-attr]
    inside = {row["trial"].value.removeprefix(PREFIXES["study"]) for row in example_store.query(text)}  # type: ignore[union-attr]
    assert set() < inside < trials
    told = {trial: explain(query, {}, trial, example_store) for trial in trials}
    assert {trial for trial in trials if told[trial].in_answer} == inside
    assert all(told[trial].failing for trial in trials - inside)
    assert all(example_store.query(f"ASK {{ {each.relaxed} }}") for each in told.values())
    assert all(read_aloud(each) for each in told.values())
