"""Triples -> JSON-LD (https://www.w3.org/TR/json-ld11/) for people: a trial is one tree, names are short.

The context is `ontologies/context.jsonld`: what it says of a property (its short name, its type or language) decides
how values are written; whatever does not fit it is written with its type in full.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from itertools import groupby
from typing import IO, Any

import pyoxigraph as ox

from kg import assets
from kg.vocab import PREFIXES

__all__ = ["read_context", "write_jsonld"]

_TYPE = f"{PREFIXES['rdf']}type"
_XSD = PREFIXES["xsd"]
_STUDY = PREFIXES["study"]
#: Whole numbers that every JSON reader keeps (RFC 8259, section 6), in the form in which JSON writes them.
_INTEGER = re.compile(r"0|-?[1-9][0-9]{0,14}")

#: Subject -> predicate -> objects, in the order in which they came.
_Nodes = dict[str, dict[str, list[Any]]]


@cache
def read_context() -> Mapping[str, Any]:
    """The context: prefixes, and a definition for each property that is emitted."""
    path = assets.folder("ontologies") / "context.jsonld"
    context: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))["@context"]
    return context


def write_jsonld(blocks: Iterable[Iterable[ox.Triple]], stream: IO[bytes]) -> None:
    """Writes one document: a block that begins with a study becomes its tree, another a node for each subject."""
    context = json.dumps(read_context(), ensure_ascii=False, indent=2)
    stream.write(f'{{"@context": {context},\n"@graph": ['.encode())
    separator = "\n"
    for block in blocks:
        for node in _written(block):
            stream.write((separator + json.dumps(node, ensure_ascii=False, indent=1)).encode("utf-8", "replace"))
            separator = ",\n"
    stream.write(b"\n]}\n")


def _written(triples: Iterable[ox.Triple]) -> Iterator[dict[str, Any]]:
    runs = groupby(triples, key=lambda triple: _name(triple.subject))
    first = next(runs, None)
    if first is None:
        return
    subject, run = first
    if not subject.startswith(_STUDY):
        yield _Tree({subject: _grouped(run)}).write(subject)
        for subject, run in runs:
            yield _Tree({subject: _grouped(run)}).write(subject)
        return
    nodes: _Nodes = {subject: _grouped(run)}
    for subject, run in runs:
        for predicate, objects in _grouped(run).items():
            known = nodes.setdefault(subject, {}).setdefault(predicate, [])
            known += [each for each in objects if each not in known]
    tree = _Tree(nodes)
    yield from (tree.write(subject) for subject in nodes if tree.claim(subject))


def _grouped(triples: Iterable[ox.Triple]) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = {}
    for triple in triples:
        found.setdefault(triple.predicate.value, []).append(triple.object)
    return found


def _name(term: Any) -> str:
    return term.value if isinstance(term, ox.NamedNode) else str(term)


class _Tree:
    """Nodes of which each is written once: below the first that refers to it, or by itself."""

    def __init__(self, nodes: _Nodes) -> None:
        self._nodes = nodes
        self._claimed: set[str] = set()

    def claim(self, subject: str) -> bool:
        """Whether this node is still to be written; from now on it is not."""
        if subject in self._claimed or subject not in self._nodes:
            return False
        self._claimed.add(subject)
        return True

    def write(self, subject: str) -> dict[str, Any]:
        """The node, with those below it that nobody has claimed."""
        self._claimed.add(subject)
        node: dict[str, Any] = {"id": _relative(subject)}
        below: list[tuple[list[Any], int, str]] = []
        for predicate, objects in self._nodes[subject].items():
            if predicate == _TYPE:
                node["type"] = _single([_compact(each.value, to_vocabulary=True) for each in objects])
                continue
            key, coercion = _terms().get(predicate) or (_compact(predicate, to_vocabulary=True), None)
            values = [_value(each, coercion) for each in objects]
            # Children of a node are claimed before their own children are: parts stand below the study.
            below += [(values, index, _name(each)) for index, each in enumerate(objects) if self.claim(_name(each))]
            node[key] = values
        for values, index, child in below:
            values[index] = self.write(child)
        return {key: _single(value) if isinstance(value, list) else value for key, value in node.items()}


def _single(values: list[Any]) -> Any:
    return values[0] if len(values) == 1 else values


@cache
def _terms() -> dict[str, tuple[str, str | None]]:
    """Property -> its short name, and what the context takes its strings for: `@id`, `@en`, a datatype, or None."""
    found = {}
    for key, definition in read_context().items():
        if isinstance(definition, dict):
            coercion = definition.get("@type")
            if coercion not in (None, "@id"):
                coercion = _expand(coercion)
            if "@language" in definition:
                coercion = f"@{definition['@language']}"
            found[_expand(definition["@id"])] = (key, coercion)
    return found


def _expand(curie: str) -> str:
    prefix, _, local = curie.partition(":")
    return f"{read_context()[prefix]}{local}"


def _value(term: Any, coercion: str | None) -> Any:
    if not isinstance(term, ox.Literal):
        reference = _relative(term.value) if isinstance(term, ox.NamedNode) else str(term)
        return reference if coercion == "@id" else {"id": reference}
    datatype = term.datatype.value
    native = _native(term.value, datatype) if coercion is None else None
    if native is not None:
        return native
    if coercion == (f"@{term.language}" if term.language else datatype):
        return term.value
    if term.language:
        return {"@value": term.value, "@language": term.language}
    plain = datatype == f"{_XSD}string"
    return {"@value": term.value} if plain else {"@value": term.value, "@type": _compact(datatype, to_vocabulary=True)}


def _native(text: str, datatype: str) -> Any:
    """A number, truth value or string of JSON that means this literal; None if there is none."""
    if datatype == f"{_XSD}string":
        return text
    if datatype == f"{_XSD}boolean" and text in ("true", "false"):
        return text == "true"
    if datatype == f"{_XSD}integer" and _INTEGER.fullmatch(text):
        return int(text)
    return None


def _relative(iri: str) -> str:
    """An IRI as `id`: a part relative to the base, others with their prefix."""
    base = read_context()["@base"]
    local = iri.removeprefix(base)
    return local if local != iri and local.startswith("NCT") and ":" not in local else _compact(iri)


@cache
def _prefixes() -> list[tuple[str, str]]:
    """(namespace, prefix), the longest first: the most precise is taken."""
    simple = {key: value for key, value in read_context().items() if isinstance(value, str) and key[0] != "@"}
    found = [(value, key) for key, value in simple.items() if value.startswith("http")]
    return sorted(found, key=lambda pair: -len(pair[0]))


def _compact(iri: str, *, to_vocabulary: bool = False) -> str:
    if to_vocabulary:
        local = iri.removeprefix(read_context()["@vocab"])
        if local != iri and local.isalnum() and local not in read_context():
            return local
    for namespace, prefix in _prefixes():
        if iri.startswith(namespace) and not iri.startswith(f"{namespace}//"):
            return f"{prefix}:{iri[len(namespace) :]}"
    return iri
