"""What layers say of one trial, as a person would compare it: fields of the study, parts by kind, links by string.

Parts are numbered in the order of the record: a location put before others renumbers all of them. So a part is known by
its kind and its content, and what it refers to by that part's label.
"""

import re
from collections.abc import Iterable
from typing import NamedTuple

from kg import terms
from kg.iris import compact
from kg.publishing.words import term
from kg.vocab import ID, PREFIXES

__all__ = ["Link", "Told", "kind_of", "read_told"]

_PART = re.compile(rf"<{re.escape(ID)}study/NCT\d{{8}}#([^>]+)>")
_NUMBER = re.compile(r"-\d+$")
_LABEL, _TYPE = term("rdfs:label"), term("rdf:type")
_DATE = f"^^{term('xsd:date')}"
_SOURCE, _PROPERTY, _TARGET = map(term, ("owl:annotatedSource", "owl:annotatedProperty", "owl:annotatedTarget"))
_MATCHED = term("sssom:match_string")
#: How a date is said once more: as it was stated, by its last day. Its type is told with it.
_ASIDE = ("AsStated", "Latest")
#: What says which bytes were read and when, not what the registry published.
_OF_THE_FILE = frozenset(map(term, ("tg:sha256", "tg:processedOn", "tg:sourceFormat")))

#: Name of a field -> its values, as people read them, sorted.
Fields = dict[str, tuple[str, ...]]


class Link(NamedTuple):
    """That a string of a record names a concept: what has it, the string, how close the concept is, and which it is."""

    kind: str
    text: str
    relation: str
    concept: str


class Told(NamedTuple):
    """One trial: its dates, its other fields, its parts by name (each with its fields), its links with what matched."""

    title: str
    dates: Fields
    fields: Fields
    parts: dict[str, Fields]
    links: dict[Link, str]


def kind_of(part: str) -> str:
    """The kind of a part by its name: without its number.

    >>> kind_of("outcome-primary-2"), kind_of("eligibility")
    ('outcome-primary', 'eligibility')
    """
    return _NUMBER.sub("", part)


#: Subject (a part's name, or empty for the study) -> predicate -> objects.
_Said = dict[str, dict[str, list[str]]]


def read_told(lines: Iterable[str]) -> Told:
    """What the lines of one trial's layers tell."""
    said: _Said = {}
    for line in lines:
        subject, predicate, rest = line.split(" ", 2)
        found = _PART.fullmatch(subject)
        if found or subject.startswith(f"<{PREFIXES['study']}"):
            node = said.setdefault(found[1] if found else "", {})
            node.setdefault(predicate, []).append(rest.rstrip()[:-1].rstrip())
    labels = {name: _text(node[_LABEL][0]) for name, node in said.items() if _LABEL in node}
    parts = {}
    for name, node in said.items():
        if not name.startswith("link-"):
            parts[name] = _fields(node, labels)
    # The study's dates, and those of its record's life, are told together; other parts keep theirs.
    study = parts.pop("", {}) | parts.pop("record", {})
    dated = _dates(said.get("", {})) + _dates(said.get("record", {}))
    dates = {name: study.pop(name) for name in dated if name in study}
    return Told(labels.get("", ""), dates, study, parts, dict(_links(said, labels)))


def _dates(node: dict[str, list[str]]) -> list[str]:
    return [_name(predicate) for predicate, values in node.items() if any(value.endswith(_DATE) for value in values)]


def _fields(node: dict[str, list[str]], labels: dict[str, str]) -> Fields:
    """The fields of a node; a date together with its type."""
    fields = {}
    for predicate, values in node.items():
        name = _name(predicate)
        if predicate == _TYPE or predicate in _OF_THE_FILE or name.endswith(_ASIDE) or _is_type(predicate, node):
            continue
        if any(value.endswith(_DATE) for value in values):
            kinds = [_text(value) for value in node.get(f"{predicate[:-1]}Type>", ())]
            shown = tuple(
                sorted(" ".join([_text(value), *(f"({kind.lower()})" for kind in kinds)]) for value in values)
            )
            fields[name] = shown
        elif shown := tuple(sorted(_text(value, labels) for value in values if not _is_part(predicate, value))):
            fields[name] = shown
    return fields


def _is_type(predicate: str, node: dict[str, list[str]]) -> bool:
    return predicate.endswith("Type>") and f"{predicate[:-5]}>" in node


def _is_part(predicate: str, value: str) -> bool:
    """Whether a study names its part: the parts are compared by themselves. Parts that name others do say something."""
    found = _PART.fullmatch(value)
    return bool(found) and predicate != term("tg:arm") and not predicate.endswith("Intervention>")


def _links(said: _Said, labels: dict[str, str]) -> Iterable[tuple[Link, str]]:
    for name, node in said.items():
        if name.startswith("link-") and _TARGET in node:
            found = _PART.fullmatch(node[_SOURCE][0])
            part = found[1] if found else ""
            relation = _name(node[_PROPERTY][0]).removeprefix("concept").removesuffix("Concept").lower()
            link = Link(kind_of(part) or "study", labels.get(part, part), relation, compact(node[_TARGET][0][1:-1]))
            yield link, next(iter(map(_text, node.get(_MATCHED, ()))), "")


def _name(predicate: str) -> str:
    return compact(predicate[1:-1]).rpartition(":")[2]


def _text(value: str, labels: dict[str, str] | None = None) -> str:
    """A value as people read it: text, a code, a CURIE, or the label of the part that it names."""
    if value[0] == '"':
        return terms.unescape(value)
    if found := _PART.fullmatch(value):
        return (labels or {}).get(found[1], found[1])
    iri = value[1:-1]
    return iri.rpartition("/")[2] if iri.startswith(ID) else compact(iri)
