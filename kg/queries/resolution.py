"""What a user gave for a parameter -> the term to bind, and what it was taken for."""

import datetime
import re
from collections.abc import Iterable, Iterator
from difflib import get_close_matches
from typing import Any, Protocol

import msgspec

from kg import iris, terms
from kg.errors import ParameterError
from kg.lexicon import fold, normalize
from kg.queries.catalogue import Parameter, SavedQuery
from kg.vocab import CODES, PREFIXES, expand, find_code

__all__ = ["Graph", "Resolved", "resolve", "resolve_all"]


class Graph(Protocol):
    """What answers queries: the embedded store or an endpoint."""

    def query(self, text: str) -> Any:
        """The answer to a SPARQL query that only reads."""


class Resolved(msgspec.Struct, frozen=True):
    """A parameter's value as given, the term it was taken for, and that term's name."""

    param: str
    given: str
    term: str
    label: str = ""

    def line(self) -> str:
        """On one line, as people read it."""
        name = iris.compact(self.term[1:-1]) if self.term.startswith("<") else self.term
        told = f"{self.label} ({name})" if self.label else name
        unknown = ", of which this graph knows nothing" if self.term.startswith("<") and not self.label else ""
        return f"{self.param} = {self.given} → {told}{unknown}"


def resolve_all(query: SavedQuery, values: dict[str, str], graph: Graph) -> tuple[Resolved, ...]:
    """Every parameter of a query, from the given values and the defaults.

    Raises:
        ParameterError: if one is unknown, missing, or its value cannot be meant.
    """
    known = [param.name for param in query.params]
    for name in values:
        if name not in known:
            near = get_close_matches(name, known, n=1)
            remedy = f"Did you mean {near[0]}?" if near else f"It takes: {', '.join(known) or 'no parameters'}."
            raise ParameterError(query.name, "unknown parameter", got=name, remedy=remedy)
    resolved = []
    for param in query.params:
        given = values.get(param.name, param.default)
        if given is None:
            raise ParameterError(
                query.name, f"parameter {param.name} is missing", remedy=f"E.g. {param.name}={param.example}"
            )
        resolved.append(resolve(param, given, graph))
    return tuple(resolved)


def resolve(param: Parameter, given: str, graph: Graph) -> Resolved:
    """The term for one value.

    Raises:
        ParameterError: if the value is not of the parameter's type, or no concept has that name.
    """
    match param.type:
        case "concept":
            return _concept(param, given, graph)
        case "code":
            return _code(param, given)
        case "integer":
            return Resolved(param.name, given, terms.integer(_integer(param, given)))
        case "date":
            return Resolved(param.name, given, terms.day(_date(param, given)))
        case _:
            return Resolved(param.name, given, terms.plain(given))


def _integer(param: Parameter, given: str) -> int:
    if re.fullmatch(r"[+-]?[0-9]{1,18}", given) is None:
        raise ParameterError(param.name, "no whole number", got=given)
    return int(given)


def _date(param: Parameter, given: str) -> datetime.date:
    try:
        return datetime.date.fromisoformat(given)
    except ValueError:
        raise ParameterError(param.name, "no date", got=given, expected="a day such as 2019-12-31") from None


def _code(param: Parameter, given: str) -> Resolved:
    scheme = PREFIXES.get(param.of, "")
    code = find_code(param.of, given.removeprefix(f"{param.of}:").removeprefix(scheme) if scheme else given)
    if code is None:
        raise ParameterError(param.name, f"no {param.of}", got=given, expected="one of " + ", ".join(CODES[param.of]))
    return Resolved(param.name, given, terms.iri(iris.code(param.of, code)), CODES[param.of][code])


_CURIE = re.compile(r"([A-Za-z]\w*):([\w./-]+)")
#: An IRI as SPARQL writes it; what has no scheme is relative, and names nothing here.
_IN_BRACKETS = re.compile(r"<[A-Za-z][A-Za-z0-9+.-]*:.*>", re.DOTALL)


def _concept(param: Parameter, given: str, graph: Graph) -> Resolved:
    given = given.strip()
    iri = _given_iri(given)
    if iri:
        labels = [label for _, label in _ask(graph, f"BIND({terms.iri(iri)} AS ?concept) ?concept rdfs:label ?label")]
        return Resolved(param.name, given, terms.iri(iri), labels[0] if labels else "")
    for key_property in ("tg:nameKey", "tg:relatedNameKey"):
        found = list(_ask(graph, f"?concept {key_property} {terms.plain(normalize(given))} ; rdfs:label ?label"))
        best = _best(param, given, found)
        if best:
            return Resolved(param.name, given, terms.iri(best[0]), best[1])
    nearest = _nearest(param, given, graph)
    raise ParameterError(
        param.name,
        f"no {param.of or 'concept'} of this name in the graph",
        got=given,
        remedy=f"Did you mean {' or '.join(nearest)}?" if nearest else "Give an IRI or a CURIE (mesh:D006528).",
    )


def _given_iri(given: str) -> str:
    if _IN_BRACKETS.fullmatch(given):
        return given[1:-1]
    if given.startswith(("http://", "https://")):
        return given
    match = _CURIE.fullmatch(given)
    if match is None:
        return ""
    for prefix in (match[1], match[1].lower(), match[1].upper()):
        if prefix in PREFIXES:
            return expand(f"{prefix}:{match[2]}")
    return ""


_PROLOGUE = "".join(f"PREFIX {prefix}: <{PREFIXES[prefix]}>\n" for prefix in ("tg", "rdfs"))


def _ask(graph: Graph, pattern: str) -> Iterator[tuple[str, str]]:
    for row in graph.query(
        f"{_PROLOGUE}SELECT DISTINCT ?concept ?label WHERE {{ {pattern} }} ORDER BY ?concept ?label"
    ):
        yield row["concept"].value, row["label"].value


#: What a parameter is of -> namespaces in which its names are looked up, the preferred first.
_LOOKED_UP_IN = {
    "condition": ("mesh", "MONDO", "DOID"),
    "drug": ("mesh", "CHEBI", "RXNORM"),
    "class": ("class", "mesh", "CHEBI"),
}


def _best(param: Parameter, given: str, found: Iterable[tuple[str, str]]) -> tuple[str, str] | None:
    """The concept of the preferred ontology; a preferred label before a synonym."""
    spaces = [PREFIXES[prefix] for prefix in _LOOKED_UP_IN.get(param.of, ())]
    ranked: dict[tuple[int, bool, bool], list[tuple[str, str]]] = {}
    for iri, label in found:
        space = next((n for n, space in enumerate(spaces) if iri.startswith(space)), None if spaces else 0)
        if space is not None:
            # "Cyclosporine" is itself before it is a spelling of "Cyclosporins".
            rank = space, normalize(label) != normalize(given), fold(label) != fold(given)
            ranked.setdefault(rank, []).append((iri, label))
    if not ranked:
        return None
    best = ranked[min(ranked)]
    if len(best) > 1:
        choices = ", ".join(f"{label} ({iris.compact(iri)})" for iri, label in best)
        raise ParameterError(param.name, "the name has several meanings", got=given, expected=f"one of {choices}")
    return best[0]


#: Each word costs a pass over all names.
_WORDS_TRIED = 3


def _nearest(param: Parameter, given: str, graph: Graph) -> list[str]:
    """Concepts with a name that looks like the given one; found by half of a word, of the longest one that helps."""
    spaces = tuple(PREFIXES[prefix] for prefix in _LOOKED_UP_IN.get(param.of, PREFIXES))
    asked = normalize(given)[:_MAX_COMPARED]
    for word in sorted(dict.fromkeys(asked.split()), key=len, reverse=True)[:_WORDS_TRIED]:
        halves = " || ".join(f"CONTAINS(?key, {terms.plain(half)})" for half in _halves(word))
        pattern = f"?concept tg:nameKey ?key . FILTER({halves}) ?concept rdfs:label ?label"
        labels: dict[str, str] = {}
        for row in graph.query(f"{_PROLOGUE}SELECT ?concept ?key ?label WHERE {{ {pattern} }}"):
            if row["concept"].value.startswith(spaces):
                labels.setdefault(row["key"].value, row["label"].value)
        near = get_close_matches(asked, sorted(labels), n=_NEAR_NAMES, cutoff=0.6)
        if near:
            found = {normalize(labels[key]): labels[key] for key in near}
            return list(found.values())[:_SUGGESTED]
    return []


#: Names that are suggested, and those that they are taken from, for a concept has several.
_SUGGESTED, _NEAR_NAMES = 3, 8
#: Characters that are compared; no name that anybody misspells is longer.
_MAX_COMPARED = 200


def _halves(word: str) -> tuple[str, ...]:
    """The beginning and the end of a word: one letter that is wrong, wherever it stands, leaves one of them whole.

    >>> _halves("kverolimus"), _halves("hcc")
    (('kvero', 'limus'), ('hcc',))
    """
    size = min(6, max(3, len(word) // 2))
    return tuple(dict.fromkeys((word[:size], word[-size:])))
