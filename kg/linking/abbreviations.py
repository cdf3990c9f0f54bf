"""Abbreviations: those that a record expands itself, and those in common use (`ontologies/abbreviations.tsv`)."""

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache

from kg import assets

__all__ = ["common", "expand", "find_expansions"]

_IN_BRACKETS = re.compile(r"\(([A-Z][A-Za-z0-9-]{1,9})\)")
_TOKEN = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]*")


def find_expansions(texts: Iterable[str]) -> dict[str, str]:
    """Short form -> long form, where a text of the same record expands it: "hepatocellular carcinoma (HCC)"."""
    found: dict[str, str] = {}
    for text in texts:
        for match in _IN_BRACKETS.finditer(text):
            long_form = _expansion(match[1], text[max(0, match.start() - _LONGEST) : match.start()])
            if len(long_form) > len(match[1]) and match[1] not in long_form.split():
                found.setdefault(match[1], long_form)
    return found


def _expansion(short: str, before: str) -> str:
    """The words right before the brackets that the short form's letters come from, its first letter from a first one.

    The method is that of Schwartz and Hearst (2003), https://psb.stanford.edu/psb-online/proceedings/psb03/schwartz.pdf.
    """
    letters = [char.lower() for char in short if char.isalnum()]
    words = re.findall(r"[\w'-]+", before)[-min(len(letters) + 5, len(letters) * 2) :]
    text = " ".join(words)
    place = len(text)
    for number, letter in reversed(list(enumerate(letters))):
        place -= 1
        while place >= 0 and (text[place].lower() != letter or (number == 0 and text[place - 1 : place].strip(" -"))):
            place -= 1
        if place < 0:
            return ""
    return text[place:]


@cache
def common(kind: str) -> Mapping[str, str]:
    """The abbreviations in common use for strings of a kind."""
    path = assets.folder("ontologies") / "abbreviations.tsv"
    rows = (line.split("\t") for line in path.read_text(encoding="utf-8").splitlines() if not line.startswith("#"))
    return {short: long for short, long, of in rows if of in (kind, "both")}


def expand(text: str, kind: str, stated: Mapping[str, str]) -> Iterator[str]:
    """The string with its abbreviations written out, the record's own meaning first."""
    if len(text) > _LONGEST:
        return
    for table in (stated, common(kind)):
        if text in table:
            yield table[text]
            continue
        written = _written_out(text, table)
        if written != text:
            yield written


def _written_out(text: str, table: Mapping[str, str]) -> str:
    return _TOKEN.sub(lambda found: table.get(found[0]) or _by_pieces(found[0], table), text)


def _by_pieces(word: str, table: Mapping[str, str]) -> str:
    """For example "MUC1-KLH": the pieces of a word, where each of them is long enough to be sure of."""
    return "-".join(table.get(piece, piece) if len(piece) >= _SURE else piece for piece in word.split("-"))


#: A piece of a word is an abbreviation only if it is this long.
_SURE = 3
#: Longer strings are prose.
_LONGEST = 200
