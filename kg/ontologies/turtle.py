"""Turtle as its author wrote it: tokens with their lines, comments included, which no parser of RDF keeps."""

import re
from collections.abc import Iterator
from typing import Literal

import msgspec

__all__ = ["Token", "TokenKind", "read_prefixes", "read_tokens"]

TokenKind = Literal["comment", "iri", "string", "prefixed", "blank", "at", "word", "mark", "other"]

#: In the order in which the grammar reads them (https://www.w3.org/TR/turtle/#sec-grammar-grammar). SPARQL's prefixed
#: names, strings, IRIs and comments are the same.
_TOKEN = re.compile(
    r"""(?P<space>\s+)
      | (?P<comment>\#[^\n]*)
      | (?P<iri><[^<>"{}|^`\\\x00-\x20]*(?:\\u[0-9A-Fa-f]{4}[^<>"{}|^`\\\x00-\x20]*)*>)
      | (?P<string>\"\"\"(?:(?:"|"")?(?:[^"\\]|\\.))*\"\"\"|'''(?:(?:'|'')?(?:[^'\\]|\\.))*'''
          |"(?:[^"\\\n\r]|\\.)*"|'(?:[^'\\\n\r]|\\.)*')
      | (?P<blank>_:\w(?:[\w.-]*[\w-])?)
      | (?P<at>@[A-Za-z]+(?:-[A-Za-z0-9]+)*)
      | (?P<prefixed>(?:[^\W\d_](?:[\w.-]*[\w-])?)?:(?:(?:[\w:-]|%[0-9A-Fa-f]{2}|\\[^\s\w])|\.(?=\.*[\w:%\\-]))*)
      | (?P<word>[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?|[^\W\d_]\w*)
      | (?P<mark>\^\^|[.;,()\[\]])
      | (?P<other>.)""",
    re.VERBOSE | re.DOTALL,
)


class Token(msgspec.Struct, frozen=True):
    """One token: what it is, its text as it stands, the line on which it begins (from 1)."""

    kind: TokenKind
    text: str
    line: int


def read_tokens(text: str, line: int = 1) -> Iterator[Token]:
    """The tokens of a text of Turtle or SPARQL, in order; `line` is the number of its first line."""
    for match in _TOKEN.finditer(text):
        if match.lastgroup != "space":
            yield Token(match.lastgroup, match[0], line)  # type: ignore[arg-type]
        line += match[0].count("\n")


def read_prefixes(text: str) -> dict[str, str]:
    """Prefix -> namespace, as the text declares them (`@prefix` or `PREFIX`)."""
    found: dict[str, str] = {}
    tokens = [token for token in read_tokens(text) if token.kind != "comment"]
    for word, name, iri in zip(tokens, tokens[1:], tokens[2:], strict=False):
        if word.text.lower() in ("@prefix", "prefix") and name.text.endswith(":") and iri.kind == "iri":
            found[name.text[:-1]] = iri.text[1:-1]
    return found
