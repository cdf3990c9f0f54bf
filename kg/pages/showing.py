"""Terms of the graph -> what people read: names, dates, numbers, and where a link leads."""

import re
from datetime import date
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import quote, urlencode

from kg import iris
from kg.pages.asking import Term
from kg.vocab import CODES, ID, PREFIXES, STUDY_TYPES, expand

__all__ = ["Block", "Shown", "blocks", "concept_path", "date_text", "shown", "shown_text", "vocabulary_path"]


class Shown(NamedTuple):
    """A value as it is shown: its text, the path or address that it leads to, a remark, whether it may be long."""

    text: str
    href: str = ""
    remark: str = ""
    is_prose: bool = False

    @property
    def is_outside(self) -> bool:
        """Whether it leads to another site."""
        return self.href.startswith(("http:", "https:"))


#: Prefixes of concepts, whose pages have their CURIEs for names.
_ONTOLOGIES = ("mesh", "MONDO", "DOID", "CHEBI", "NCIT", "RXNORM", "ATC", "obo")
_LOCAL = re.compile(r"[\w.-]+", re.ASCII)
#: Texts above this length may be folded, and are shown with their paragraphs.
_LONG = 160


def concept_path(iri: str) -> str:
    """The path of the page of a concept or of a drug class; empty if it can have none."""
    prefix, _, local = _compact(iri).partition(":")
    if not _LOCAL.fullmatch(local):
        return ""
    if prefix == "class":
        return f"/class/{local}"
    return f"/concept/{prefix}:{local}" if prefix in _ONTOLOGIES else ""


def vocabulary_path(iri: str) -> str:
    """Where the vocabulary's page tells of a term; empty if it is none of ours."""
    local = iri.removeprefix(PREFIXES["tg"])
    return f"/vocab.html#{quote(local)}" if local != iri else ""


def shown(term: Term, name: str = "") -> Shown:
    """A term as it is shown; `name` is the label of what an IRI names, empty if the graph has none."""
    return _thing(term.value, name) if term.is_iri else _literal(term)


_compact = lru_cache(1 << 14)(iris.compact)

#: What foreign classes of studies are called: `Interventional study (OBI_0003699)`.
_TYPES = {
    expand(curie): f"{CODES['studyType'][kind]} study ({curie.rpartition(':')[2]})"
    for kind, curies in STUDY_TYPES.items()
    for curie in curies
}


def _thing(iri: str, name: str) -> Shown:
    text = name or _TYPES.get(iri) or _compact(iri)
    if iri.startswith(PREFIXES["study"]):
        number = iri.removeprefix(PREFIXES["study"])
        return Shown(text, f"/study/{number}" if iris.is_nct(number) else iri)
    if iri.startswith(PREFIXES["org"]):
        return Shown(text, f"/queries/trials-by-sponsor?{urlencode({'sponsor': name})}" if name else "")
    if iri.startswith(f"{ID}study/") and "#" in iri:
        return Shown(name or iri.rpartition("#")[2], f"#{quote(iri.rpartition('#')[2])}")
    if path := vocabulary_path(iri) or (concept_path(iri) if name else ""):
        return Shown(text, path, _compact(iri) if path.startswith("/concept/") else "")
    is_address = iri.startswith(("http://", "https://")) and not iri.startswith(ID)
    return Shown(text, iri if is_address else "")


def _literal(term: Term) -> Shown:
    value = term.value
    kind = _compact(term.datatype) if term.datatype else ""
    if kind == "xsd:boolean":
        return Shown({"true": "Yes", "false": "No", "1": "Yes", "0": "No"}.get(value, value))
    if kind in {"xsd:date", "xsd:gYearMonth", "xsd:gYear"}:
        return Shown(date_text(value))
    if kind == "xsd:integer" and value.lstrip("-").isdigit():
        return Shown(f"{int(value):,}")
    if kind == "xsd:anyURI" and value.startswith(("http://", "https://")):
        return Shown(value, value)
    return shown_text(value)


def shown_text(value: str) -> Shown:
    """A text, long or short."""
    return Shown(value, is_prose=len(value) > _LONG or "\n" in value)


_MONTHS = "January February March April May June July August September October November December".split()


def date_text(value: str) -> str:
    """A date, month or year in words; what is none stays as it is.

    >>> date_text("2010-03-02"), date_text("2010-03"), date_text("2010")
    ('2 March 2010', 'March 2010', '2010')
    """
    parts = value.split("-")
    try:
        numbers = [int(part) for part in parts]
        date(*[*numbers, 1, 1][:3])
    except (TypeError, ValueError):
        return value
    year, *rest = numbers
    month = [_MONTHS[number - 1] for number in rest[:1]]
    return " ".join([*map(str, rest[1:]), *month, f"{year:04}"])


class Block(NamedTuple):
    """A paragraph, or an item of a list at its depth, with the number that it has."""

    text: str
    depth: int = 0
    number: str = ""


_BULLET = re.compile(r"(\s*)(?:[*•-]|(\d{1,3}[.)]))\s+")
#: The registry's Markdown puts a backslash before what could be meant as a sign.
_ESCAPED = re.compile(r"\\([\\<>\[\]*_~^#&|!=+-])")


def blocks(text: str) -> list[Block]:
    r"""A text of the registry in paragraphs and items of lists; lines that run on are joined.

    >>> blocks("Inclusion:\n\n* adults\n  of any sex\n  1. ill")
    [Block(text='Inclusion:', depth=0, number=''), Block(text='adults of any sex', depth=1, number=''),
     Block(text='ill', depth=2, number='1.')]
    """
    found: list[Block] = []
    indents: list[int] = []
    is_new = True
    for line in text.expandtabs().splitlines():
        words = line.strip()
        bullet = _BULLET.match(line)
        if bullet:
            indent = len(bullet[1])
            indents = [*(each for each in indents if each < indent), indent]
            found.append(Block(_plain(line[bullet.end() :]), min(len(indents), _DEEPEST), bullet[2] or ""))
        elif words and (is_new or not found):
            indents = []
            found.append(Block(_plain(words)))
        elif words:
            found[-1] = found[-1]._replace(text=f"{found[-1].text} {_plain(words)}")
        is_new = not words
    return found


#: Lists within lists are told apart as deep as this.
_DEEPEST = 3


def _plain(words: str) -> str:
    return _ESCAPED.sub(r"\1", words.strip())
