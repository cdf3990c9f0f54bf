"""SPARQL constraints of shapes for classes, each asked once of all focus nodes.

An engine that asks them of one node after the other reads their texts as often as there are nodes. With the target's
pattern put before its own a constraint finds the same: what would tell the two ways apart is forbidden to constraints
(https://www.w3.org/TR/shacl/#pre-binding), or looked for here, and then left to the engine.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from kg.validation.results import Result
from kg.validation.shape_queries import projected
from kg.validation.shape_triples import ShapeTriples
from kg.vocab import PREFIXES

__all__ = ["ConstraintQueries"]

_SH, _RDFS = PREFIXES["sh"], PREFIXES["rdfs"]
_TYPE = f"{PREFIXES['rdf']}type"
_SPARQL = f"{_SH}sparql"
_OTHER_TARGETS = ("targetNode", "targetSubjectsOf", "targetObjectsOf", "target", "path", "deactivated")
#: What a constraint may say of itself here.
_OF_CONSTRAINT = frozenset({_TYPE, *(f"{_SH}{name}" for name in ("message", "select", "prefixes"))})
#: Strings, IRIs, prefixed names and comments: what no syntax is in.
_OPAQUE = re.compile(
    r'"""(?:\\.|[^\\])*?"""|\'\'\'(?:\\.|[^\\])*?\'\'\'|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\''
    r"|<[^<>\"{}|^`\\\s]*>|[\w.-]*:[\w.:%-]*|#[^\n]*",
    re.DOTALL,
)
#: What looks at more than one solution, or what an engine alone knows.
_UNLIKE = re.compile(
    r"(?<![?$])\b(?:UNION|MINUS|VALUES|SERVICE|GRAPH|FROM|GROUP|HAVING|LIMIT|OFFSET)\b"
    r"|(?<![?$])\b(?:COUNT|SUM|MIN|MAX|AVG|SAMPLE|GROUP_CONCAT)\b"
    r"|\bSELECT\b.*\bSELECT\b|[?$](?:currentShape|shapesGraph|(?-i:PATH)|message|failure)\b",
    re.IGNORECASE | re.DOTALL,
)
#: In what stands before the first brace.
_THIS = re.compile(r"[?$]this\b|(?i:\bSELECT\s+(?:DISTINCT\s+|REDUCED\s+)?\*)")
#: A brace with the word before it, a brace that closes, or what may not see all variables where it stands.
_BRACE = re.compile(r"(?P<word>\w*)\s*\{|(?P<close>\})|\b(?P<bind>BIND)\b", re.IGNORECASE)
_VARIABLE = re.compile(r"\{[?$](\w+)\}")


class _Query(NamedTuple):
    shape: str
    severity: str
    classes: tuple[str, ...]
    #: What stands before and after the target's pattern.
    head: str
    body: str
    projected: frozenset[str]
    messages: tuple[str, ...]


class ConstraintQueries:
    """The constraints of a graph of shapes (N-Triples lines) that are asked here; `rest` holds all else."""

    def __init__(self, lines: Iterable[str]) -> None:
        import pyoxigraph as ox

        held = list(lines)
        triples = ShapeTriples(ox.parse(input="".join(held), format=ox.RdfFormat.N_TRIPLES))
        referred = {value for said in triples.by_subject.values() for _, value in said}
        found = {
            node: queries
            for node in triples.by_subject
            if isinstance(node, ox.NamedNode) and node not in referred and (queries := _queries(triples, node))
        }
        self._queries = [query for queries in found.values() for query in queries]
        taken = tuple(f"{node} <{_SPARQL}> " for node in found)
        self.rest = [line for line in held if not line.startswith(taken)] if taken else held

    def results(self, data: str) -> Iterator[Result]:
        """What the constraints find in the triples (N-Triples text).

        Raises:
            SyntaxError: if they are no N-Triples.
        """
        if self._queries:
            store = _store(data)
            narrower = _narrower(store)
            for query in self._queries:
                for name in sorted({name for wider in query.classes for name in (wider, *narrower.get(wider, ()))}):
                    solutions = store.query(f"{query.head} $this a <{name}> . {query.body}")
                    yield from (_result(query, solution) for solution in solutions)


def _queries(triples: ShapeTriples, node: Any) -> list[_Query]:
    """The constraints of a shape; none where one of them, or the shape, must be left to the engine."""
    classes = tuple(value.value for value in triples.objects(node, "targetClass"))
    types = {value.value for value in triples.objects(node, _TYPE)}
    if not classes or f"{_RDFS}Class" in types or any(triples.objects(node, name) for name in _OTHER_TARGETS):
        return []
    severities = [value.value for value in triples.objects(node, "severity")]
    found = []
    for constraint in triples.objects(node, "sparql"):
        texts = [value.value for value in triples.objects(constraint, "select")]
        said = {predicate for predicate, _ in triples.by_subject.get(constraint, ())}
        parts = _cut(texts[0]) if len(texts) == 1 and said <= _OF_CONSTRAINT else None
        if parts is None:
            return []
        messages = tuple(value.value for value in triples.objects(constraint, "message"))
        severity = severities[0] if severities else f"{_SH}Violation"
        found.append(_Query(node.value, severity, classes, *parts, frozenset(projected(texts[0])), messages))
    return found


def _cut(text: str) -> tuple[str, str] | None:
    """The text up to its first brace, and from there; None if asked of all nodes at once it might find other things."""
    bare = _OPAQUE.sub(lambda match: " " * len(match[0]), text)
    first = bare.find("{") + 1
    head = re.sub(r"\bWHERE\s*\{$", "{", bare[:first], flags=re.IGNORECASE)
    if not first or not _THIS.search(head) or re.search(r"\bEXISTS\s*\{$", head, re.IGNORECASE):
        return None
    if _UNLIKE.search(bare) or not _sees_all(bare[first:]):
        return None
    return text[:first], text[first:]


def _sees_all(body: str) -> bool:
    """Whether what stands in the body's braces sees `$this` wherever it refers to it.

    A filter of an OPTIONAL does, and so does an EXISTS; a BIND or a further OPTIONAL in one does not.
    """
    around: list[str] = []
    for match in _BRACE.finditer(body):
        word = (match["word"] or match["bind"] or "").upper()
        if match["close"]:
            del around[-1:]
        elif "OPTIONAL" in around and word in {"OPTIONAL", "BIND"}:
            return False
        elif match["bind"]:
            continue
        elif word not in {"OPTIONAL", "EXISTS"}:
            return False
        else:
            around.append(word)
    return True


def _store(data: str) -> Any:
    import pyoxigraph as ox

    store = ox.Store()
    if "_:" in data:
        # A store that loads gives blank nodes labels of its own.
        store.bulk_extend(ox.parse(input=data, format=ox.RdfFormat.N_TRIPLES))
    else:
        store.bulk_load(data.encode(), format=ox.RdfFormat.N_TRIPLES)
    return store


def _narrower(store: Any) -> dict[str, set[str]]:
    """The subclasses that the triples name, direct or not (https://www.w3.org/TR/shacl/#dfn-shacl-instance)."""
    import pyoxigraph as ox

    found = defaultdict[str, set[str]](set)
    pairs = [
        (quad.subject.value, quad.object.value)
        for quad in store.quads_for_pattern(None, ox.NamedNode(f"{_RDFS}subClassOf"), None)
    ]
    changed = bool(pairs)
    while changed:
        before = sum(map(len, found.values()))
        for narrow, wide in pairs:
            found[wide] |= {narrow} | found.get(narrow, set())
        changed = sum(map(len, found.values())) != before
    return found


def _result(query: _Query, solution: Any) -> Result:
    focus, path, value = solution["this"], None, None
    if "path" in query.projected:
        path = solution["path"]
    if "value" in query.projected:
        value = solution["value"]
    return Result(
        focus=_text(focus),
        shape=query.shape,
        component=f"{_SH}SPARQLConstraintComponent",
        severity=query.severity,
        path=_text(path) if path is not None and not hasattr(path, "datatype") else "",
        value=_text(focus if value is None else value),
        messages=tuple(_fill(message, solution) for message in query.messages),
    )


def _text(term: Any) -> str:
    import pyoxigraph as ox

    return str(term) if isinstance(term, ox.BlankNode) else str(term.value)


def _fill(message: str, solution: Any) -> str:
    """The message with the solution's values (https://www.w3.org/TR/shacl/#sparql-constraints-variables)."""

    def value(match: re.Match[str]) -> str:
        try:
            found = solution[match[1]]
        except KeyError:
            found = None
        return match[0] if found is None else str(found.value)

    return _VARIABLE.sub(value, message)
