"""The canonical layout of our Turtle: one way to write the same file, so that a diff shows what changed and no more.

* Prefixes stand first, sorted, one a line, none unused and none twice; comments above them stay above.
* A statement begins with its subject and first property; each further property has its own line, four spaces in.
* Blank lines stand between statements; those of one line each may stand together. All keep their order.
* `[ … ]` and `( … )` are written on one line where that fits into 120 columns, and else over several, four spaces in;
  so are several values of a property.
* Comments stay, whole lines above what they stood above, others at the end of the line that they stood at.
* No tabs, no spaces at the end of a line, one newline at the end of the file.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise

import msgspec

from kg.errors import OntologyError
from kg.ontologies.turtle import Token, read_tokens

__all__ = ["canonical_layout", "same_content"]

_WIDTH = 120
_STEP = 4


class _Node(msgspec.Struct):
    """A term (`text`), a collection of `items`, or a blank node with `pairs`; comments before it and behind it."""

    text: str = ""
    items: "list[_Node] | None" = None
    pairs: "list[_Pair] | None" = None
    above: list[str] = []
    behind: list[str] = []

    def inline(self) -> str:
        """The node on one line; empty if a comment or a long text makes that impossible."""
        if "\n" in self.text:
            return ""
        if self.items is not None:
            parts = [item.inline() if not item.commented() else "" for item in self.items]
            return "" if not all(parts) else f"( {' '.join(parts)} )" if parts else "()"
        if self.pairs is not None:
            parts = [pair.inline() for pair in self.pairs]
            return "" if not all(parts) else f"[ {' ; '.join(parts)} ]" if parts else "[]"
        return self.text

    def commented(self) -> bool:
        """Whether comments stand before it or behind it."""
        return bool(self.above or self.behind)


class _Pair(msgspec.Struct):
    """A property and its values; comments above the line, and at its end."""

    name: str
    values: list[_Node] = []
    above: list[str] = []
    behind: list[str] = []

    def inline(self) -> str:
        """The pair on one line; empty if that is impossible."""
        if self.above or self.behind or any(value.commented() for value in self.values):
            return ""
        parts = [value.inline() for value in self.values]
        return f"{self.name} {', '.join(parts)}" if all(parts) else ""


class _Statement(msgspec.Struct):
    """Subject and pairs; whether an empty line stood below it."""

    subject: _Node
    pairs: list[_Pair]
    apart: bool = True


class _Comment(msgspec.Struct):
    """A comment on its own line; whether an empty line stood below it."""

    text: str
    apart: bool


class _Reader:
    """Tokens -> statements; Turtle's grammar is taken for granted, since a parser of RDF has read the text before."""

    def __init__(self, text: str, source: str) -> None:
        tokens = list(read_tokens(text))
        self._tokens = _joined(tokens)
        self.used = _used_prefixes(tokens)
        self._at = 0
        self._source = source
        self.prefixes: dict[str, str] = {}
        self.bases: list[str] = []
        self.head: list[_Comment] = []
        self.body: list[_Statement | _Comment] = []

    def read(self) -> None:
        while self._at < len(self._tokens):
            token = self._tokens[self._at]
            if token.kind == "comment":
                self._comment()
            elif token.text.lower() in ("@prefix", "prefix", "@base", "base"):
                self._directive()
            else:
                self.body.append(self._statement())

    def _comment(self) -> None:
        comment = _Comment(self._take().text.rstrip(), self._is_apart())
        self._keep(comment)

    def _keep(self, comment: _Comment) -> None:
        """A comment that belongs to no statement: above the prefixes or below them."""
        (self.body if self.prefixes or self.bases or self.body else self.head).append(comment)

    def _is_apart(self) -> bool:
        """Whether an empty line stands between the last token and the next."""
        if self._at == len(self._tokens):
            return False
        before = self._tokens[self._at - 1]
        return self._tokens[self._at].line > before.line + before.text.count("\n") + 1

    def _directive(self) -> None:
        word = self._take().text.lower()
        if word.endswith("prefix"):
            name = self._name()
            self.prefixes[name] = self._name()
        else:
            self.bases.append(self._name())
        if word.startswith("@"):
            self._expect(".")

    def _name(self) -> str:
        """The next token of a directive; comments within it come before it."""
        for text in self._comments():
            self._keep(_Comment(text, apart=False))
        return self._take().text

    def _statement(self) -> _Statement:
        subject = self._node()
        self.body += [_Comment(text, apart=False) for text in subject.above]
        pairs, above = self._pairs(".")
        self._expect(".")
        behind = self._behind()
        if pairs:
            _place(pairs[-1], above, behind)
        else:
            self.body += [_Comment(text, apart=False) for text in (*above, *behind)]
        return _Statement(subject, pairs, self._is_apart())

    def _pairs(self, end: str) -> tuple[list[_Pair], list[str]]:
        """The pairs up to `end`, and the comments that stand before it."""
        pairs: list[_Pair] = []
        while (above := self._comments()) is not None and self._text() != end:
            if self._text() == ";":
                self._take()
                _place(pairs[-1], above, self._behind())
                continue
            pairs.append(_Pair(self._take().text, above=above))
            pairs[-1].values = self._values(pairs[-1])
        return pairs, above

    def _values(self, pair: _Pair) -> list[_Node]:
        values = [self._value()]
        while True:
            start = self._at
            comments = self._comments()
            if self._text() != ",":
                self._at = start
                break
            self._take()
            _place(values[-1], comments, self._behind())
            values.append(self._value())
        _place(pair, [], values[-1].behind)
        values[-1].behind = []
        return values

    def _value(self) -> _Node:
        above = self._comments()
        node = self._node()
        _place(node, above, self._behind())
        return node

    def _node(self) -> _Node:
        token = self._take()
        if token.text == "[":
            pairs, above = self._pairs("]")
            node = _Node(pairs=pairs)
            _place(pairs[-1] if pairs else node, above, [])
        elif token.text == "(":
            node = _Node(items=[])
            above = self._items(node)
            _place(node.items[-1] if node.items else node, above, [])
        else:
            return _Node(text=token.text)
        self._take()
        return node

    def _items(self, node: _Node) -> list[str]:
        """Fills a collection; gives the comments before its end."""
        node.items = []
        while (above := self._comments()) is not None and self._text() != ")":
            node.items.append(self._node())
            _place(node.items[-1], above, self._behind())
        return above

    def _comments(self) -> list[str]:
        """Comments that stand here, on lines of their own."""
        found = []
        while self._at < len(self._tokens) and self._tokens[self._at].kind == "comment":
            found.append(self._take().text.rstrip())
        return found

    def _behind(self) -> list[str]:
        """The comment at the end of the line of the token before."""
        if self._at < len(self._tokens) and self._tokens[self._at].kind == "comment":
            before = self._tokens[self._at - 1]
            if self._tokens[self._at].line == before.line + before.text.count("\n"):
                return [self._take().text.rstrip()]
        return []

    def _text(self) -> str:
        return self._tokens[self._at].text if self._at < len(self._tokens) else self._fail()

    def _take(self) -> Token:
        self._text()
        self._at += 1
        return self._tokens[self._at - 1]

    def _expect(self, text: str) -> None:
        if self._name() != text:
            self._fail()

    def _fail(self) -> str:
        line = self._tokens[min(self._at, len(self._tokens)) - 1].line if self._tokens else 1
        raise OntologyError(f"{self._source}:{line}", "the layout of this Turtle cannot be read")


def _place(part: _Node | _Pair, above: Sequence[str], behind: Sequence[str]) -> None:
    """Gives a part its comments: one may stand at the end of its line, all others stand above."""
    first, rest = [*part.behind, *behind][:1], [*part.behind, *behind][1:]
    part.above, part.behind = [*part.above, *above, *rest], first


def _joined(tokens: Iterable[Token]) -> list[Token]:
    """The tokens, a literal with its language or datatype as one."""
    found: list[Token] = []
    glue = False
    for token in tokens:
        tagged = bool(found) and found[-1].kind == "string" and token.kind == "at"
        if glue or token.text == "^^" or tagged:
            found[-1] = Token(found[-1].kind, found[-1].text + token.text, found[-1].line)
        else:
            found.append(token)
        glue = token.text == "^^"
    return found


def canonical_layout(text: str, source: str) -> str:
    """The text in canonical layout: the same triples, the same comments. A canonical text comes back as it is.

    Raises:
        OntologyError: if the text is no Turtle.
    """
    reader = _Reader(text, source)
    reader.read()
    return "\n".join(_lines(reader)).rstrip("\n") + "\n"


def _lines(reader: _Reader) -> Iterator[str]:
    for comment in reader.head:
        yield from _comment_lines(comment)
    body = list(_body(reader.body))
    names = sorted(reader.prefixes.keys() & reader.used)
    yield from (f"@base {base} ." for base in reader.bases)
    yield from (f"@prefix {name} {reader.prefixes[name]} ." for name in names)
    if names or reader.bases:
        yield ""
    yield from body


def _comment_lines(comment: _Comment) -> Iterator[str]:
    yield comment.text
    if comment.apart:
        yield ""


def _body(parts: Sequence[_Statement | _Comment]) -> Iterator[str]:
    for part, following in pairwise([*parts, None]):
        if isinstance(part, _Comment):
            yield from _comment_lines(part)
        elif part is not None:
            lines = list(_statement_lines(part))
            yield from lines
            if following is not None and (part.apart or len(lines) > 1 or not _is_short(following)):
                yield ""


def _is_short(part: _Statement | _Comment) -> bool:
    """Whether it is a statement of one line."""
    return isinstance(part, _Statement) and len(_statement_lines(part)) == 1


def _used_prefixes(tokens: Sequence[Token]) -> set[str]:
    """The prefixes of names, also of datatypes, as they are declared: with the colon."""
    return {
        token.text.partition(":")[0] + ":"
        for before, token in pairwise([Token("mark", ".", 0), *(token for token in tokens if token.kind != "comment")])
        if token.kind == "prefixed" and before.text.lower() not in ("@prefix", "prefix")
    }


def _statement_lines(statement: _Statement) -> list[str]:
    subject = statement.subject.inline() or "\n".join(_block(statement.subject, 0))
    lines = list(_pair_lines(statement.pairs, _STEP, " .")) or ["."]
    if statement.pairs and statement.pairs[0].above:
        return [*subject.split("\n"), *lines]
    return [*subject.split("\n")[:-1], f"{subject.rpartition(chr(10))[2]} {lines[0].strip()}", *lines[1:]]


def _pair_lines(pairs: Sequence[_Pair], indent: int, end: str) -> Iterator[str]:
    space = " " * indent
    for number, pair in enumerate(pairs, 1):
        yield from (space + comment for comment in pair.above)
        mark = " ;" if number < len(pairs) else end
        inline = _Pair(pair.name, pair.values).inline()
        if inline and len(space + inline + mark) <= _WIDTH:
            lines = [space + inline + mark]
        else:
            lines = _wrapped(pair, indent)
            lines[-1] += mark
        yield from _with_comment(lines, pair.behind)


def _with_comment(lines: list[str], behind: Sequence[str]) -> list[str]:
    """The lines with a comment at the end of the last, if there is one."""
    return [*lines[:-1], " ".join([lines[-1], *behind])]


def _wrapped(pair: _Pair, indent: int) -> list[str]:
    """A property whose values do not go on one line with it."""
    space = " " * indent
    if len(pair.values) == 1 and not pair.values[0].above:
        first, *rest = _block(pair.values[0], indent)
        return [f"{space}{pair.name} {first}", *rest]
    return [space + pair.name, *_filled(pair.values, indent + _STEP, ",")]


def _block(node: _Node, indent: int) -> list[str]:
    """A node over several lines; the first without its indentation."""
    space = " " * indent
    if node.items:
        return ["(", *_filled(node.items, indent + _STEP, ""), f"{space})"]
    if node.pairs:
        return ["[", *_pair_lines(node.pairs, indent + _STEP, " ;"), f"{space}]"]
    return [node.inline() or node.text]


def _filled(nodes: Sequence[_Node], indent: int, mark: str) -> list[str]:
    """Nodes on as few lines as they need; those with comments, and those over several lines, on their own."""
    space = " " * indent
    lines: list[str] = []
    full = True
    for number, node in enumerate(nodes, 1):
        end = mark if number < len(nodes) else ""
        inline = node.inline()
        if not full and inline and not node.above and len(f"{lines[-1]} {inline}{end}") <= _WIDTH:
            lines[-1] += f" {inline}{end}"
        else:
            lines += [space + comment for comment in node.above]
            fits = inline and len(space + inline + end) <= _WIDTH
            first, *rest = [inline] if fits else _block(node, indent)
            lines += [space + first, *rest]
            lines[-1] += end
        full = bool(node.behind) or not inline
        lines = _with_comment(lines, node.behind)
    return lines


def same_content(one: str, other: str) -> bool:
    """Whether two texts of Turtle have the same triples and, in any order, the same comments."""
    import pyoxigraph as ox

    graphs = []
    for text in (one, other):
        graph = ox.Dataset(ox.parse(text, format=ox.RdfFormat.TURTLE))
        graph.canonicalize(ox.CanonicalizationAlgorithm.UNSTABLE)
        graphs.append(graph)
    comments = [
        sorted(token.text.rstrip() for token in read_tokens(text) if token.kind == "comment") for text in (one, other)
    ]
    return graphs[0] == graphs[1] and comments[0] == comments[1]
