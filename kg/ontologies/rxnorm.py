"""RxNorm in its Rich Release Format (https://www.nlm.nih.gov/research/umls/rxnorm/docs/techdoc.html).

Ingredients, precise ingredients (salts, esters) and combinations are concepts; brand names are names of theirs. The
full release and the prescribable one have the same columns; the full one has other vocabularies' names as well.
"""

import re
from collections import defaultdict
from collections.abc import Iterator

import msgspec

from kg.concept import Concept
from kg.errors import OntologyError
from kg.ontologies.facts import Stated, ordered
from kg.ontologies.hierarchy import in_circles, remark
from kg.ontologies.release import Release
from kg.vocab import PREFIXES

__all__ = ["is_rxnorm", "read_rxnorm"]

_CONSO = re.compile(r"RXNCONSO\.RRF", re.IGNORECASE)
_REL = re.compile(r"RXNREL\.RRF", re.IGNORECASE)
#: Columns of the two tables, each ended by a bar. The files have no header.
_CONSO_WIDTH, _REL_WIDTH = 18, 16
_RXCUI, _LANGUAGE, _VOCABULARY, _TYPE, _STRING, _SUPPRESS = 0, 1, 11, 12, 14, 16
_RXCUI1, _RXCUI2, _RELATION = 0, 4, 7

#: Term types (https://www.nlm.nih.gov/research/umls/rxnorm/docs/appendix5.html): ingredient, precise ingredient,
#: multiple ingredients; brand name. Tall-man spellings ("buPROPion") are no names of their own.
_INGREDIENT, _PRECISE, _MULTIPLE, _BRAND, _TALL_MAN = "IN", "PIN", "MIN", "BN", "TMSY"
_CONCEPTS = (_INGREDIENT, _PRECISE, _MULTIPLE)
_TRADENAME = frozenset({"has_tradename", "tradename_of"})
_FORM = frozenset({"has_form", "form_of"})


class _Entry(msgspec.Struct):
    """What the rows of one identifier say."""

    kinds: set[str]
    labels: set[str]
    names: set[str]
    brands: set[str]
    near: set[str]


def is_rxnorm(release: Release) -> bool:
    """Whether the release has RxNorm's table of names."""
    return release.find(_CONSO) is not None


def read_rxnorm(release: Release) -> tuple[Stated, dict[str, Concept]]:
    """The concepts of a folder or zip of RxNorm's tables.

    Raises:
        OntologyError: if a table is not there, lacks columns, or has no ingredients.
        OSError, EOFError, zipfile.BadZipFile, UnicodeDecodeError: see `explained`.
    """
    entries = _entries(release)
    of_brand, of_precise = _relations(release, {rxcui: entry.kinds for rxcui, entry in entries.items()})
    ownerless = _give_brands(entries, of_brand)
    held = {rxcui: entry for rxcui, entry in entries.items() if not entry.kinds.isdisjoint(_CONCEPTS)}
    labelled = {rxcui: entry for rxcui, entry in held.items() if entry.labels}
    if not labelled:
        raise OntologyError(str(release.path), "the table of names has no ingredients", expected="rows of RXNORM|IN")
    found = (_concept(cui, labelled[cui], of_precise[cui] & labelled.keys()) for cui in sorted(labelled))
    concepts = {concept.iri: concept for concept in found}
    remarks = (
        *remark("concepts without a name are left out", held.keys() - labelled.keys()),
        *remark("concepts have several labels", (cui for cui, entry in labelled.items() if len(entry.labels) > 1)),
        *remark("concepts stand above themselves", in_circles(concepts)),
        *remark("brand names belong to no one concept, and are left out", ownerless),
    )
    iri = PREFIXES["RXNORM"].rstrip("/")
    return Stated("rxnorm", iri, "", "", "", remarks), concepts


def _concept(rxcui: str, entry: _Entry, ingredients: set[str]) -> Concept:
    label = min(entry.labels)
    names = (entry.names | entry.labels) - {label}
    brands = entry.brands - names - {label}
    broader = ordered([PREFIXES["RXNORM"] + cui for cui in ingredients])
    return Concept(
        iri=PREFIXES["RXNORM"] + rxcui,
        label=label,
        source="rxnorm",
        exact=ordered(names),
        related=ordered(entry.near - names - brands - {label}),
        broader=broader,
        # Ingredients have nothing broader.
        ancestors=broader,
        notation=rxcui,
        brands=ordered(brands),
    )


def _entries(release: Release) -> dict[str, _Entry]:
    """RxNorm's identifier -> what it is and is called: English names that are not suppressed."""
    entries: dict[str, _Entry] = {}
    for row in _names(release):
        if _defines(row):
            entry = entries.setdefault(row[_RXCUI], _Entry(set(), set(), set(), set(), set()))
            entry.kinds.add(row[_TYPE])
            entry.labels.update({row[_STRING].strip()} - {""})
    # Other names may stand before the row that says what they are names of; read again, few are kept.
    for row in _names(release):
        if (known := entries.get(row[_RXCUI])) and not _defines(row) and row[_TYPE] != _TALL_MAN:
            (known.brands if row[_TYPE] == _BRAND else known.names).update({row[_STRING].strip()} - {""})
    return entries


def _names(release: Release) -> Iterator[list[str]]:
    for row in _rows(release, _CONSO, _CONSO_WIDTH):
        if row[_LANGUAGE] in ("ENG", "") and row[_SUPPRESS] in ("N", "") and row[_RXCUI].isdecimal():
            yield row


def _defines(row: list[str]) -> bool:
    return row[_VOCABULARY] == "RXNORM" and row[_TYPE] in (*_CONCEPTS, _BRAND)


def _relations(release: Release, kinds: dict[str, set[str]]) -> tuple[dict[str, set[str]], dict[str, set[str]]]:
    """Brand -> what it is a trade name of; precise ingredient -> its ingredients. Either end may say so."""
    of_brand: dict[str, set[str]] = defaultdict(set)
    of_precise: dict[str, set[str]] = defaultdict(set)
    for row in _rows(release, _REL, _REL_WIDTH):
        if (relation := row[_RELATION]) not in _TRADENAME | _FORM:
            continue
        for one, other in ((row[_RXCUI1], row[_RXCUI2]), (row[_RXCUI2], row[_RXCUI1])):
            ours, theirs = kinds.get(one, set()), kinds.get(other, set())
            if relation in _TRADENAME and _BRAND in ours and not theirs.isdisjoint(_CONCEPTS):
                of_brand[one].add(other)
            elif relation in _FORM and _PRECISE in ours and _INGREDIENT in theirs:
                of_precise[one].add(other)
    return of_brand, of_precise


def _give_brands(entries: dict[str, _Entry], of_brand: dict[str, set[str]]) -> list[str]:
    """Gives trade names to the concepts whose they are; those of no concept are returned.

    A brand is joined to each of its ingredients, to their salts, and to combinations. With one ingredient it names
    that, and only nearly where it is joined to combinations as well; with several it names the combination of just
    these. What is joined to a salt alone names the salt.
    """
    ownerless = []
    for rxcui, entry in entries.items():
        if _BRAND not in entry.kinds:
            continue
        names = entry.labels | entry.names | entry.brands
        joined = {kind: {cui for cui in of_brand[rxcui] if kind in entries[cui].kinds} for kind in _CONCEPTS}
        single = joined[_INGREDIENT] or joined[_PRECISE]
        owners = single if len(single) == 1 else _combinations(entries, joined)
        for owner in owners:
            near = len(single) == 1 and joined[_MULTIPLE]
            (entries[owner].near if near else entries[owner].brands).update(names)
        ownerless += [] if owners else sorted(names)
    return ownerless


def _combinations(entries: dict[str, _Entry], joined: dict[str, set[str]]) -> set[str]:
    """The combinations, named "this / that", of as many parts as there are ingredients, and of these or their salts."""
    parts = {label for kind in (_INGREDIENT, _PRECISE) for cui in joined[kind] for label in entries[cui].labels}
    split = {cui: {part for label in entries[cui].labels for part in label.split(" / ")} for cui in joined[_MULTIPLE]}
    return {cui for cui, found in split.items() if found <= parts and len(found) == len(joined[_INGREDIENT])}


def _rows(release: Release, table: re.Pattern[str], width: int) -> Iterator[list[str]]:
    name = release.find(table)
    if name is None:
        expected = table.pattern.replace("\\", "")
        raise OntologyError(str(release.path), "one of RxNorm's tables is not there", expected=expected)
    with release.opened(name) as stream:
        for number, line in enumerate(stream, start=1):
            row = line.decode().rstrip("\r\n").split("|")
            if len(row) < width + 1:
                where, got = f"{release.where(name)} line {number}", f"{len(row) - 1} columns"
                remedy = "It is cut off, or a table of another kind: download it again."
                raise OntologyError(where, "the row lacks columns", got=got, expected=f"{width}", remedy=remedy)
            yield row
