"""What a record's text ought not to hold, told as it is read: contact data, control characters, endless text.

The text is kept as it stands, and findings do not repeat it: they are kept and passed on.
"""

import re

from kg.finding import Severity

__all__ = ["MAX_TEXT", "find_oddities", "is_web_address"]

#: Characters of one field beyond which it is left empty; libxml2 draws the line for XML there, too.
MAX_TEXT = 10_000_000

_EMAIL = re.compile(r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63})+")
#: `+45 6541 3425`, `(301) 402-1732`, `1-877-285-4559`. In 6,104 real records ranges, doses and codes have no such form.
_PHONE = re.compile(
    r"(?<![\w.+-])"
    r"(?:\+\d{1,3}[ .()-]{1,2}\d[\d ().-]{5,16}\d|(?:\+?1[ .-]?)?(?:\(\d{3}\) ?|\d{3}[.-])\d{3}[.-]\d{4})"
    r"(?![\w-])"
)
#: What every such number has: a look before the search, which costs a tenth of it.
_DASHED, _DOTTED, _ABROAD = (re.compile(form).search for form in (r"-[0-9]{4}", r"\.[0-9]{4}", r"\+[0-9]"))
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff]")
_WEB_ADDRESS = re.compile(r"(?:https?|ftp)://[^\s<>\"{}|\\^`\x00-\x1f\x7f]+", re.IGNORECASE)


def find_oddities(text: str, *, numbers: bool = True) -> list[tuple[str, Severity, str]]:
    """(rule, severity, message) of each thing odd; with `numbers` phone numbers are looked for, too.

    >>> [rule for rule, *_ in find_oddities("Call (301) 402-1732 or write to a@b.org")]
    ['email-in-text', 'phone-in-text']
    """
    found: list[tuple[str, Severity, str]] = []
    if "@" in text and _EMAIL.search(text):
        found.append(("email-in-text", "info", "an e-mail address stands in free text"))
    if numbers and _may_hold_phone(text) and _PHONE.search(text):
        found.append(("phone-in-text", "info", "a phone number stands in free text"))
    # Most texts are one line; of the others most have no more than line ends that is not printable.
    if not text.isprintable() and not text.replace("\n", "").isprintable() and _CONTROL.search(text):
        found.append(("control-character", "info", "a control character stands in the text"))
    return found


def _may_hold_phone(text: str) -> bool:
    return bool(("-" in text and _DASHED(text)) or ("." in text and _DOTTED(text)) or ("+" in text and _ABROAD(text)))


def is_web_address(text: str) -> bool:
    """Whether `text` is an address that a browser may be given: http, https or ftp, without blanks.

    >>> is_web_address("https://example.org/a"), is_web_address("javascript:alert(1)")
    (True, False)
    """
    return _WEB_ADDRESS.fullmatch(text) is not None
