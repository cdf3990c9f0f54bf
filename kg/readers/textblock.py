"""Wrapped and indented text of XML records -> the form in which API v2 gives the same text.

The XML breaks lines at 100 columns, indents blocks and sets list items apart by blank lines. API v2 has a line a
paragraph and `* ` or a number before items; a list within an item is set in below the item's words, after a blank line.
Only white space and bullet marks change.
"""

import re
from typing import NamedTuple

__all__ = ["BULLET_END", "LEVEL", "NUMBER_END", "unwrap"]

_ITEM = re.compile(r"( *)(?:(-)  | ?(\d{1,2}\.) {1,2})(.*)")
#: Where the mark of a first-level item ends in the XML (numbers are flush right), and what each level below adds.
BULLET_END, NUMBER_END, LEVEL = 9, 12, 5


class _Paragraph(NamedTuple):
    """Words on one line; `level` is 0 for plain text, 1 for an item of a list, 2 for one of a list within."""

    level: int
    mark: str
    words: str


def unwrap(block: str) -> str:
    r"""The block with its paragraphs and list items on a line each.

    >>> unwrap("  One long\n  line.\n\n        -  first\n\n             -  inner\n\n        -  next\n           half\n")
    'One long line.\n\n* first\n\n  * inner\n* next half'
    """
    if "\n" not in block and "\r" not in block:
        return block.strip()
    lines = block.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return _join([_paragraph(paragraph) for paragraph in _paragraphs(lines)])


def _paragraphs(lines: list[str]) -> list[list[str]]:
    """Runs of lines that are not blank; an item begins a run of its own."""
    runs: list[list[str]] = [[]]
    for line in lines:
        words = line.strip()
        if not words or ((words[0] == "-" or words[0].isdigit()) and _level(line)):
            runs.append([])
        if words:
            runs[-1].append(line.rstrip())
    return [run for run in runs if run]


def _level(line: str) -> int:
    """The depth as a list item. Numbers at the block's edge are the author's own, in plain text."""
    item = _ITEM.fullmatch(line)
    if item is None:
        return 0
    if item[2]:
        return max(1, (item.end(2) - BULLET_END) // LEVEL + 1)
    return max(0, (item.end(3) - NUMBER_END) // LEVEL + 1)


def _paragraph(lines: list[str]) -> _Paragraph:
    level, mark, first = _level(lines[0]), "", lines[0]
    if level and (item := _ITEM.fullmatch(first)):
        mark, first = item[3] or "*", item[4]
    return _Paragraph(level, mark, " ".join(map(str.strip, (first, *lines[1:]))))


def _join(paragraphs: list[_Paragraph]) -> str:
    text = ""
    above: list[_Paragraph] = []
    for paragraph in paragraphs:
        deepest = above[-1].level if above else 0
        while above and above[-1].level >= paragraph.level:
            above.pop()
        between = "\n" if 0 < paragraph.level <= deepest else "\n\n"
        indent = " " * sum(len(item.mark) + 1 for item in above)
        text += between if text else ""
        text += f"{indent}{paragraph.mark} {paragraph.words}" if paragraph.level else paragraph.words
        if paragraph.level:
            above.append(paragraph)
    return text
