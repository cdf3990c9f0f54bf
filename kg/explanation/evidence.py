"""What stands behind a triple that no record says itself: the links of the trial's parts, and the way up a hierarchy.

Which part of a record a closure property comes from is our vocabulary's, whatever query uses it
(`kg.reasoning.closure`).
"""

from collections.abc import Iterator

from kg import terms
from kg.explanation.asking import Asker, Row
from kg.vocab import PREFIXES, expand

__all__ = ["CLOSURES", "because", "is_concept_property", "linked"]


def _iri(curie: str) -> str:
    return terms.iri(expand(curie))


def _role(*codes: str) -> str:
    roles = ", ".join(f"<{PREFIXES['tg'].removesuffix('vocab#')}role/{code}>" for code in codes)
    return f"?part {_iri('tg:role')} ?role . FILTER(?role IN ({roles}))"


_CONCEPT = f"?part {_iri('tg:concept')} ?concept ."
_INTERVENTION = f"?study {_iri('tg:intervention')} ?part . {_CONCEPT}"
_TITLE = f"?study {_iri('tg:titleConcept')} ?concept . BIND(?study AS ?part)"
_KEYWORD = f"?study {_iri('tg:keyword')} ?part . {_CONCEPT}"

#: Property that holds a concept and everything broader -> the links that it comes from.
CLOSURES: dict[str, str] = {
    _iri("tg:studies"): f"?study {_iri('tg:condition')} ?part . {_CONCEPT}",
    _iri("tg:indexedWith"): f"?study {_iri('tg:derivedTerm')} ?part . ?part {_iri('tg:registryConcept')} ?concept .",
    _iri("tg:titleMentions"): _TITLE,
    _iri("tg:keywordMentions"): _KEYWORD,
    _iri("tg:mentions"): f"{{ {_TITLE} }} UNION {{ {_KEYWORD} }}",
    _iri("tg:tests"): f"{_INTERVENTION} {_role('EXPERIMENTAL', 'UNKNOWN')}",
    _iri("tg:comparesWith"): f"{_INTERVENTION} {_role('COMPARATOR')}",
    _iri("tg:givesAsBackground"): f"{_INTERVENTION} {_role('BACKGROUND')}",
    _iri("tg:involves"): f"{_INTERVENTION} {_role('EXPERIMENTAL', 'UNKNOWN', 'COMPARATOR', 'BACKGROUND')}",
}
_WITHIN = _iri("tg:within")
_CONCEPT_PROPERTIES = frozenset(
    _iri(f"tg:{name}")
    for name in ("concept", "conceptExact", "conceptBroad", "conceptClose", "titleConcept", "registryConcept")
)
_AXIOM = (
    f"?axiom {_iri('owl:annotatedSource')} ?part ; {_iri('owl:annotatedTarget')} ?concept . "
    f"OPTIONAL {{ ?axiom {_iri('tg:tier')} ?tier }} OPTIONAL {{ ?axiom {_iri('sssom:match_string')} ?matched }} "
    f"OPTIONAL {{ ?axiom {_iri('sssom:confidence')} ?confidence }}"
)
#: Steps up, the direct ones.
_UPWARDS = tuple(
    _iri(curie) for curie in ("tg:broader", "tg:hasAction", "tg:broaderAction", "tg:memberOf", "rdfs:subClassOf")
)
#: Rows of evidence that are shown of one triple; levels that are climbed.
_SHOWN = 4
_DEEPEST = 24


def is_concept_property(predicate: str) -> bool:
    """Whether it leads to a concept: `tg:concept`, the closure, or what is broader."""
    return predicate in CLOSURES or predicate in _CONCEPT_PROPERTIES or predicate == _WITHIN


def because(asker: Asker, subject: str, predicate: str, object_: str) -> list[str]:
    """Why a triple holds, a line each; nothing where it stands in the record."""
    if predicate in CLOSURES:
        pattern = f"VALUES ?study {{ {subject} }} {CLOSURES[predicate]} ?concept {_WITHIN} {object_} ."
        return list(_lines(asker, pattern, object_))
    if predicate in _CONCEPT_PROPERTIES:
        return list(_lines(asker, f"VALUES (?part ?concept) {{ ({subject} {object_}) }}", object_))
    if predicate == _WITHIN:
        return _ways(asker, subject, object_)
    return []


def linked(asker: Asker, study: str, predicate: str) -> list[str]:
    """What a study has where a closure property is asked for: its parts with the concepts they are linked to."""
    lines = list(_lines(asker, f"VALUES ?study {{ {study} }} {CLOSURES[predicate]}", ""))
    return [*lines, *_unlinked(asker, study, predicate)]


def _unlinked(asker: Asker, study: str, predicate: str) -> list[str]:
    """Conditions and interventions that are linked to nothing."""
    for closure, part in (("tg:studies", "tg:condition"), ("tg:involves", "tg:intervention")):
        if predicate == _iri(closure):
            pattern = f"{study} {_iri(part)} ?part . FILTER NOT EXISTS {{ {_CONCEPT} }}"
            return [f"{asker.name(row['part'])}, linked to no concept" for row in asker.rows(["part"], pattern, _SHOWN)]
    return []


def _lines(asker: Asker, pattern: str, target: str) -> Iterator[str]:
    names = ("part", "concept", "tier", "matched", "confidence")
    rows = asker.rows(names, f"{pattern} OPTIONAL {{ {_AXIOM} }}", 10 * _SHOWN)
    asker.learn(term for row in rows for term in row.values())
    for row in _best(rows, target):
        part = "title" if row["part"][1:].startswith(PREFIXES["study"]) else asker.name(row["part"])
        yield f"{part} → {asker.name(row['concept'])}{_evidence(asker, row)}"
        if target and row["concept"] != target:
            yield from (f"  {way}" for way in _ways(asker, row["concept"], target))


def _best(rows: list[Row], target: str) -> list[Row]:
    """The links that are nearest to what is asked for, and of each part the surest."""
    ranked = sorted(rows, key=lambda row: (row["part"], row["concept"] != target, -_confidence(row), row["concept"]))
    if not target:
        first = {row["part"]: row for row in reversed(ranked)}
        ranked = [first[part] for part in sorted(first)] + [row for row in ranked if first[row["part"]] is not row]
    return ranked[:_SHOWN]


def _confidence(row: Row) -> float:
    return float(row.get("confidence", '"0"').split('"')[1])


def _evidence(asker: Asker, row: Row) -> str:
    told = [f"matched “{asker.name(row['matched'])}”"] if "matched" in row else []
    told += [asker.name(row["tier"])] if "tier" in row else []
    told += [f"confidence {_confidence(row):.2f}"] if "confidence" in row else []
    return f": {', '.join(told)}" if told else ""


def _ways(asker: Asker, concept: str, target: str) -> list[str]:
    """The shortest ways up from a concept: to a drug class by each source that says so."""
    if concept == target:
        return []
    if target[1:].startswith(PREFIXES["class"]):
        pattern = f"{concept} {_iri('tg:memberOf')} ?via . ?via {_iri('rdfs:subClassOf')} {target} ."
        sources = [row["via"] for row in asker.rows(["via"], pattern, _SHOWN)]
        if sources:
            return [_told(asker, [concept, via, target]) for via in sources]
    way = _climb(asker, concept, target)
    return [_told(asker, way)] if way else []


def _told(asker: Asker, way: list[str]) -> str:
    return " → ".join(asker.name(term) for term in way)


def _climb(asker: Asker, concept: str, target: str) -> list[str]:
    came: dict[str, str] = {concept: ""}
    edge = concept
    level = [concept]
    for _ in range(_DEEPEST):
        pattern = f"VALUES ?a {{ {' '.join(level)} }} VALUES ?p {{ {' '.join(_UPWARDS)} }} ?a ?p ?b . FILTER(ISIRI(?b))"
        rows = asker.rows(("b", "a"), pattern, 10_000)
        level = []
        for row in rows:
            if row["b"] not in came:
                came[row["b"]] = row["a"]
                level.append(row["b"])
        if target in came or not level:
            break
    if target not in came:
        return []
    way = [edge := target]
    while came[edge]:
        edge = came[edge]
        way.append(edge)
    return way[::-1]
