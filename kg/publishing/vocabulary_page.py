"""The vocabulary as one page for people: an entry a term, whose anchor is the term's own name."""

import html
from collections.abc import Iterable, Mapping
from pathlib import Path

from kg.iris import compact
from kg.publishing.index_page import STYLE
from kg.vocab import ID, PREFIXES, expand

__all__ = ["vocabulary_page"]

_VOCABULARY = PREFIXES["tg"]
_OWN = f"{_VOCABULARY[:-1]}"
#: Headline -> the class of what stands below it.
_SECTIONS = {"Classes": "rdfs:Class", "Properties": "rdf:Property", "Schemes of codes": "skos:ConceptScheme"}
#: Property -> what the page calls it, in this order.
_SAID = {
    "rdfs:subClassOf": "is a",
    "rdfs:subPropertyOf": "is narrower than",
    "schema:domainIncludes": "stands at",
    "schema:rangeIncludes": "holds",
    "skos:exactMatch": "same as",
    "skos:closeMatch": "close to",
    "rdfs:seeAlso": "see also",
}
#: Term -> property -> values: IRIs and texts.
_Terms = Mapping[str, Mapping[str, list[str]]]


def vocabulary_page(path: Path, turtle: str) -> str:
    """The page of a vocabulary in Turtle; `turtle` is where the file stands, seen from the page."""
    found = _read(path)
    about = found.get(_OWN, {})
    title = html.escape(_first(about, "dct:title"))
    sections = [(headline, _of(found, kind)) for headline, kind in _SECTIONS.items()]
    links = "".join(f'<a href="#{_anchor(name)}">{name}</a>' for name, names in sections if names)
    body = "".join(_section(found, headline, names) for headline, names in sections if names)
    return (
        f'<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">\n<title>{title}</title>\n'
        f'<link rel="alternate" type="text/turtle" href="{html.escape(turtle)}">\n<style>{STYLE}</style>\n</head>\n'
        f"<body>\n<header>\n<h1>{title}</h1>\n<p>{html.escape(_first(about, 'dct:description'))}</p>\n"
        f"<p>Its IRI is <code>{_OWN}</code>; its terms begin with <code>{_VOCABULARY}</code>. <a href="
        f'"{html.escape(turtle)}">The same as Turtle</a>.</p>\n</header>\n<nav aria-label="Sections">{links}</nav>\n'
        f"<main>\n{body}</main>\n</body>\n</html>\n"
    )


def _read(path: Path) -> dict[str, dict[str, list[str]]]:
    import pyoxigraph as ox

    found: dict[str, dict[str, list[str]]] = {}
    for quad in ox.parse(path=str(path), format=ox.RdfFormat.TURTLE):
        if isinstance(quad.subject, ox.NamedNode) and isinstance(quad.object, ox.NamedNode | ox.Literal):
            said = found.setdefault(quad.subject.value, {})
            said.setdefault(quad.predicate.value, []).append(quad.object.value)
    return found


def _of(found: _Terms, kind: str) -> list[str]:
    named = (iri for iri, said in found.items() if expand(kind) in said.get(expand("rdf:type"), ()))
    return sorted((iri for iri in named if iri.startswith(ID)), key=str.casefold)


def _first(said: Mapping[str, list[str]], curie: str) -> str:
    return next(iter(said.get(expand(curie), ())), "")


def _anchor(text: str) -> str:
    return text.rpartition("#")[2].rpartition("/")[2].replace(" ", "-")


def _section(found: _Terms, headline: str, names: Iterable[str]) -> str:
    entries = "".join(_entry(found, iri) for iri in names)
    return f'<section id="{_anchor(headline)}">\n<h2>{headline}</h2>\n{entries}</section>\n'


def _entry(found: _Terms, iri: str) -> str:
    said = found[iri]
    rows = "".join(
        f"<dt>{name}</dt><dd>{', '.join(_linked(value) for value in said[expand(curie)])}</dd>"
        for curie, name in _SAID.items()
        if expand(curie) in said
    )
    label, comment = html.escape(_first(said, "rdfs:label")), html.escape(_first(said, "rdfs:comment"))
    codes = ""
    if members := [name for name, facts in found.items() if iri in facts.get(expand("skos:inScheme"), ())]:
        shown = ", ".join(f"<code>{html.escape(_anchor(name))}</code>" for name in members)
        codes = f"<dt>codes</dt><dd>{shown}</dd>"
    return (
        f'<article id="{html.escape(_anchor(iri))}">\n<h3><code>{html.escape(compact(iri))}</code> {label}</h3>\n'
        f"<p>{comment}</p>\n<dl>{rows}{codes}</dl>\n</article>\n"
    )


def _linked(value: str) -> str:
    target = f"#{_anchor(value)}" if value.startswith(_VOCABULARY) else value
    if not target.startswith(("#", "https://", "http://")):
        return html.escape(value)
    return f'<a href="{html.escape(target)}"><code>{html.escape(compact(value))}</code></a>'
