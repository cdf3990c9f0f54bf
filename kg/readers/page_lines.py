"""Bytes of a study page -> its lines: the first step of the page reader. HTML becomes the lines that a browser shows.

The HTML is scanned, not parsed into a tree: a tree of an old layout table says no more than its lines, and parsers that
follow the standard need quadratic time for elements nested a hundred thousand deep.
"""

import re
from collections.abc import Iterator, Sequence
from html import unescape

import msgspec

from kg.readers.format import Reading
from kg.readers.textblock import BULLET_END, LEVEL, NUMBER_END, unwrap

__all__ = ["BULLETS", "Line", "decode", "join_lines", "read_lines"]

#: The marks of list items.
BULLETS = ("•", "◦", "▪")


class Line(msgspec.Struct, frozen=True):
    """One line of the page as it is read; its text keeps indentation and non-breaking spaces.

    `number` counts the lines as read, from 1; `source` is the line of the HTML on which the text begins.
    """

    number: int
    text: str
    source: int = 0

    @property
    def at(self) -> int:
        """The line of the source, from 1; lines of HTML may share one."""
        return self.source or self.number

    @property
    def words(self) -> str:
        """The text without the white space around it, non-breaking spaces made plain."""
        return self.text.replace("\u00a0", " ").strip()

    @property
    def indent(self) -> int:
        """How many columns the text is set in."""
        text = self.text.expandtabs()
        return len(text) - len(text.lstrip())

    @property
    def is_item(self) -> bool:
        """Whether the line begins a list item."""
        return self.text.lstrip().startswith(BULLETS)

    @property
    def item(self) -> str:
        """The words without the bullet."""
        return self.words.lstrip("".join(BULLETS)).lstrip()


def decode(data: bytes) -> tuple[str, bool]:
    """The text of a page, and whether it is Unicode (UTF-8, or UTF-16 by its mark); else it is read as windows-1252."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", errors="replace"), True
    try:
        return data.decode("utf-8-sig"), True
    except UnicodeDecodeError:
        return data.decode("cp1252", errors="replace"), False


def read_lines(data: bytes, reading: Reading) -> list[Line]:
    """The lines of a page as text or HTML."""
    text, is_unicode = decode(data)
    if not is_unicode:
        reading.flag("encoding", "no UTF-8: read as windows-1252", severity="info")
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if _is_html(text):
        return _render(text)
    return [Line(number, line.rstrip()) for number, line in enumerate(text.split("\n"), 1)]


_HTML = re.compile(r"<(?:!doctype html|html|head|body|div|table)\b", re.IGNORECASE)


def _is_html(text: str) -> bool:
    return _HTML.search(text, 0, 4096) is not None


#: Where markup begins; other signs like it are text.
_MARKUP = re.compile(r"<(?:/?[a-zA-Z]|[!?])")
#: A tag; quotes count only after an equals sign. Possessive, so that no input is tried twice.
_TAG = re.compile(r"""<(/?)([a-zA-Z][a-zA-Z0-9]*+)([^>=]*+(?:=\s*+(?:"[^"]*+"|'[^']*+')?+[^>=]*+)*+)>""")
#: Elements whose content no browser shows.
_HIDDEN = frozenset({"script", "style", "head", "template", "noscript", "textarea", "select", "title"})
#: Elements set apart by a blank line, and those that only begin a line.
_APART = frozenset("p td th tr table ul ol dl h1 h2 h3 h4 h5 h6 thead tbody form blockquote".split())
_BREAKS = frozenset("br div li dt dd hr center address section article header footer main nav pre".split())


class _Canvas:
    """Where the visible text of HTML is set, line by line."""

    def __init__(self) -> None:
        self.lines: list[Line] = []
        self.parts: list[str] = []
        #: The lines of the source on which the next text stands, and on which this line's text began.
        self.number = 1
        self.begun = 0
        self.prefix = ""
        #: The open lists: for each, the number of its last item, or None where items are not numbered.
        self.lists: list[int | None] = []

    def write(self, text: str) -> None:
        """Text of the source, its line breaks and the spaces around them made one space."""
        pieces = unescape(text).split("\n")
        last = len(pieces) - 1
        if not self.begun and (stripped := text.lstrip()):
            self.begun = self.number + text.count("\n", 0, len(text) - len(stripped))
        kept = [_trim(piece, left=index > 0, right=index < last) for index, piece in enumerate(pieces)]
        self.parts.append(" ".join(piece for index, piece in enumerate(kept) if piece or index in {0, last}))

    def end_line(self) -> None:
        """The next text begins a line."""
        text = "".join(self.parts).strip(" \t\r")
        self.parts.clear()
        if text:
            self.lines.append(Line(len(self.lines) + 1, (self.prefix + text).rstrip(), self.begun))
            self.prefix = ""
        self.begun = 0

    def end_paragraph(self) -> None:
        """The next text follows a blank line; blank lines never follow each other."""
        self.end_line()
        if self.lines and self.lines[-1].text:
            self.lines.append(Line(len(self.lines) + 1, "", self.number))

    def tag(self, name: str, *, closes: bool) -> None:
        """What a tag does to the layout."""
        if name in _APART:
            self.end_paragraph()
        elif name in _BREAKS:
            self.end_line()
        if name in {"ul", "ol"}:
            self._list(name, closes=closes)
        elif name == "li" and not closes:
            self.prefix = self._mark()

    def _list(self, name: str, *, closes: bool) -> None:
        if not closes:
            self.lists.append(0 if name == "ol" else None)
        elif self.lists:
            self.lists.pop()

    def _mark(self) -> str:
        indent = "  " * min(len(self.lists), 10)
        if not self.lists or self.lists[-1] is None:
            return f"{indent}{BULLETS[0]} "
        self.lists[-1] += 1
        return f"{indent}{self.lists[-1]}. "


def _trim(text: str, *, left: bool, right: bool) -> str:
    text = text.lstrip(" \t\r") if left else text
    return text.rstrip(" \t\r") if right else text


def _render(html: str) -> list[Line]:
    """The visible text of HTML: a line a block, a blank line between cells and paragraphs, bullets before items."""
    canvas = _Canvas()
    position = 0
    while found := _MARKUP.search(html, position):
        canvas.write(html[position : found.start()])
        canvas.number += html.count("\n", position, found.start())
        position = _markup(html, found.start(), canvas)
        canvas.number += html.count("\n", found.start(), position)
    canvas.write(html[position:])
    canvas.end_line()
    return canvas.lines


def _markup(html: str, start: int, canvas: _Canvas) -> int:
    """Where the text goes on after the markup at `start`; what is never closed takes the rest, as in a browser."""
    if html[start + 1] in "!?":
        closing = "-->" if html.startswith("<!--", start) else ">"
        end = html.find(closing, start + 2)
        return end + len(closing) if end >= 0 else len(html)
    match = _TAG.match(html, start)
    if match is None:
        return len(html)
    name, closes = match[2].lower(), bool(match[1])
    canvas.tag(name, closes=closes)
    if name in _HIDDEN and not closes and not match[3].endswith("/"):
        closed = re.compile(f"</{name}", re.IGNORECASE).search(html, match.end())
        return closed.start() if closed else len(html)
    return match.end()


#: Text that is wider than this was not wrapped: a line of it is a paragraph.
_WRAPPED = 120
_NUMBERED = re.compile(r"\s*\d{1,2}\. +\S")


def join_lines(lines: Sequence[Line]) -> str:
    """A block of text in the form of the XML reader: a line a paragraph, `* ` or a number before items.

    Where two or more blank lines stand, a heading is lost: lists on both sides stay two lists.
    """
    return "\n\n".join(text for run in _runs(lines) if (text := unwrap(_as_block(run))))


def _runs(lines: Sequence[Line]) -> Iterator[list[Line]]:
    run: list[Line] = []
    blank = 0
    for line in lines:
        if not line.words:
            blank += 1
            continue
        if blank > 1 and run:
            yield run
            run = []
        run += [line] if not blank or not run else [Line(line.number - 1, ""), line]
        blank = 0
    yield run


def _as_block(run: Sequence[Line]) -> str:
    """The lines as the registry's XML would set them, which `unwrap` reads."""
    width = max((len(line.text) for line in run), default=0)
    paragraphs: list[str] = []
    indents: list[int] = []
    previous = Line(0, "")
    for line in run:
        if line.words:
            if line.is_item or _NUMBERED.match(line.text):
                mark, words = ("-", line.item) if line.is_item else line.words.split(None, 1)
                end = (BULLET_END if line.is_item else NUMBER_END) + LEVEL * (_depth(indents, line.indent) - 1)
                paragraphs.append(f"{mark:>{end}}  {words}")
            elif previous.words and _continues(previous, line, width):
                paragraphs[-1] += " " + line.words
            else:
                paragraphs.append(line.words)
        previous = line
    return "\n\n".join(paragraphs) + "\n"


def _depth(indents: list[int], indent: int) -> int:
    """How deep an item lies; `indents` are those of the items around it."""
    while indents and indents[-1] > indent:
        indents.pop()
    if not indents or indents[-1] < indent:
        indents.append(indent)
    return len(indents)


def _continues(previous: Line, line: Line, width: int) -> bool:
    """Whether a line goes on with the paragraph above: its first word would not have fitted there."""
    if not previous.item and previous.is_item:
        return True
    first_word = line.words.split(None, 1)[0]
    return 60 <= width <= _WRAPPED and len(previous.text) + 1 + len(first_word) > width  # noqa: PLR2004
