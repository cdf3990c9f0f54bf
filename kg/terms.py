"""IRIs and literals as N-Triples text: the only place that escapes.

The grammar: https://www.w3.org/TR/n-triples/#n-triples-grammar.

Text goes in as it stands in a record and comes out as one valid term, whatever it holds. What RDF cannot hold (lone
surrogates) becomes U+FFFD.
"""

import re
from datetime import date
from decimal import Decimal

from kg.vocab import PREFIXES

__all__ = [
    "blank",
    "boolean",
    "day",
    "decimal",
    "double",
    "integer",
    "iri",
    "plain",
    "text",
    "typed",
    "unescape",
    "url",
]

_XSD = PREFIXES["xsd"]
#: What no IRI may hold (https://www.rfc-editor.org/rfc/rfc3987#section-2.2): neither of ASCII's allowed characters nor
#: a ucschar; and a percent sign that encodes nothing.
_NOT_IN_IRI = re.compile(
    r"[^!#$&'()*+,./0-9:;=?@A-Z_a-z~%\u00a0-\ud7ff\uf900-\ufdcf\ufdf0-\uffef\U00010000-\U0001fffd-]|%(?![0-9A-Fa-f]{2})"
)
#: What a literal may not hold raw, or what tools trip over: controls, and what XML 1.0 cannot carry.
_SPECIAL = re.compile(r'["\\\x00-\x1f\x7f\ud800-\udfff\ufffe\uffff]')
_ECHAR = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t", "\b": "\\b", "\f": "\\f"}


def _escape_one(match: re.Match[str]) -> str:
    char = match.group()
    if "\ud800" <= char <= "\udfff":
        return "\ufffd"
    return _ECHAR.get(char) or f"\\u{ord(char):04X}"


def _quoted(value: str) -> str:
    return f'"{_SPECIAL.sub(_escape_one, value)}"' if _SPECIAL.search(value) else f'"{value}"'


def text(value: str) -> str:
    r"""Free text, in the registry's English.

    >>> print(text('a "quoted" line'))
    "a \"quoted\" line"@en
    """
    return _quoted(value) + "@en"


def plain(value: str) -> str:
    """A string that is in no language: an identifier, a code, a name."""
    return _quoted(value)


def typed(value: str, datatype: str) -> str:
    """A literal of the XSD datatype with this local name; the caller answers for its lexical form."""
    return f"{_quoted(value)}^^<{_XSD}{datatype}>"


def integer(value: int) -> str:
    """An xsd:integer."""
    return f'"{value}"^^<{_XSD}integer>'


def decimal(value: Decimal) -> str:
    """An xsd:decimal with the digits that it was stated with (no exponent)."""
    return f'"{value:f}"^^<{_XSD}decimal>'


def double(value: float) -> str:
    """An xsd:double in Python's shortest form that reads back equal."""
    return f'"{value!r}"^^<{_XSD}double>'


def url(value: str) -> str:
    """An xsd:anyURI; the text as it stands, which need be no IRI."""
    return f"{_quoted(value)}^^<{_XSD}anyURI>"


def boolean(value: bool) -> str:  # noqa: FBT001 - the value itself
    """An xsd:boolean."""
    return f'"{"true" if value else "false"}"^^<{_XSD}boolean>'


def day(value: date) -> str:
    """An xsd:date without time zone."""
    return f'"{value.isoformat()}"^^<{_XSD}date>'


def iri(value: str) -> str:
    """An IRI in angle brackets; what the grammar forbids inside is percent-encoded.

    >>> iri("https://example.org/a b")
    '<https://example.org/a%20b>'
    """
    if _NOT_IN_IRI.search(value):
        value = _NOT_IN_IRI.sub(lambda m: "".join(f"%{byte:02X}" for byte in m[0].encode("utf-8", "replace")), value)
    return f"<{value}>"


def blank(label: str) -> str:
    """A blank node; the caller answers for a label of letters and digits that is unique in the file."""
    return f"_:{label}"


_ESCAPED = re.compile(r"\\(?:u([0-9A-F]{4})|(.))")
_UNECHAR = {escaped[1]: raw for raw, escaped in _ECHAR.items()}


def unescape(literal: str) -> str:
    """The text inside a term that this module wrote (without quotes, language or datatype)."""
    body = literal[1 : literal.rindex('"')]
    if "\\" not in body:
        return body
    return _ESCAPED.sub(lambda m: chr(int(m[1], 16)) if m[1] else _UNECHAR[m[2]], body)
