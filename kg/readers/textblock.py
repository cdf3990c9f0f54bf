"""Wrapped and indented text of XML records -> the form in which API v2 gives the same text.

The XML breaks lines at 100 columns, indents blocks and sets list items apart by blank lines; API v2 has a line a
paragraph and `* ` before items. Only white space and bullet marks change.
"""

import re

__all__ = ["unwrap"]

_BULLET = re.compile(r"( *)-  (.*)")
_NUMBERED = re.compile(r"( *)(\d{1,2}\.) {1,2}(.*)")
#: Columns by which the XML indents a list item below the text around it, and API v2 an item below an item.
_XML_INDENT = 5
_API_INDENT = 2


def unwrap(block: str) -> str:
    r"""The block with its paragraphs and list items on a line each.

    >>> unwrap("  One long\n  line.\n\n    -  first\n\n    -  second\n       half\n")
    'One long line.\n\n* first\n* second half'
    """
    lines = block.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    if len(lines) == 1:
        return block.strip()
    return _join([_paragraph(paragraph) for paragraph in _paragraphs(lines)])


def _paragraphs(lines: list[str]) -> list[list[str]]:
    """Runs of lines that are not blank; an item begins a run of its own."""
    runs: list[list[str]] = [[]]
    for line in lines:
        if not line.strip() or _BULLET.fullmatch(line):
            runs.append([])
        if line.strip():
            runs[-1].append(line.rstrip())
    return [run for run in runs if run]


def _paragraph(lines: list[str]) -> tuple[int, str]:
    """(depth as a list item, 0 for plain text; the text on one line)."""
    bullet = _BULLET.fullmatch(lines[0])
    rest = [line.strip() for line in lines[1:]]
    if bullet is None:
        return 0, " ".join([lines[0].strip(), *rest])
    depth = max(1, (len(bullet[1]) - _FIRST_ITEM) // _XML_INDENT + 1)
    return depth, " ".join([f"{' ' * (depth - 1) * _API_INDENT}* {bullet[2].strip()}", *rest])


#: Column of a first-level item: 8 in most blocks.
_FIRST_ITEM = 8


def _join(paragraphs: list[tuple[int, str]]) -> str:
    text = ""
    previous = 0
    for depth, paragraph in paragraphs:
        between = "\n" if depth and previous else "\n\n"
        text += (between if text else "") + paragraph
        previous = depth
    return text
