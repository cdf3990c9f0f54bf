"""How our IRIs lead to the bundle: rules for w3id.org, and a catalogue for tools that work offline."""

from collections.abc import Iterator, Mapping
from urllib.parse import urljoin
from xml.sax.saxutils import quoteattr

from kg.publishing.release import DESCRIPTION, QUERIES, Terms
from kg.vocab import CODES

__all__ = ["VOCABULARY_FILE", "VOCABULARY_PAGE", "htaccess", "xml_catalogue"]

VOCABULARY_FILE, VOCABULARY_PAGE = "vocabulary/trialgraph.ttl", "vocabulary/index.html"

_HEAD = """\
# Rules for https://github.com/perma-id/w3id.org: folder trialgraph. 303 says that a thing is described elsewhere
# (https://www.w3.org/TR/cooluris/#r303gendocument); what comes depends on what the client accepts.
Options +FollowSymLinks
RewriteEngine on
Header always set Access-Control-Allow-Origin "*"
Header always merge Vary "Accept"
"""


def htaccess(terms: Terms) -> str:
    """The rules. Studies and classes lead to the service that answers, where there is one."""
    base = _target(terms.base_url)
    rules = [
        _rule(r"^vocab\.ttl$", f"{base}{VOCABULARY_FILE}"),
        *_negotiated(r"^vocab/?$", f"{base}{VOCABULARY_FILE}", f"{base}{VOCABULARY_PAGE}"),
        *_negotiated(r"^(?:dataset)?/?$", f"{base}{DESCRIPTION}", base),
        _rule(r"^graph/.*$", f"{base}{DESCRIPTION}"),
        _rule(r"^prefixes$", f"{base}{QUERIES}"),
    ]
    if terms.endpoint:
        service = _target(urljoin(terms.endpoint, "."))
        rules += [
            _rule(r"^(study/NCT[0-9]{8})$", f"{service}$1.ttl", accept="text/turtle"),
            _rule(r"^(study/NCT[0-9]{8})$", f"{service}$1.jsonld", accept=r"application/ld\+json"),
            _rule(r"^(study/NCT[0-9]{8}(?:\.(?:ttl|jsonld|nt))?)$", f"{service}$1"),
            _rule(r"^(class/[A-Za-z0-9-]+)$", f"{service}$1"),
        ]
    else:
        rules.append(_rule(r"^class/[A-Za-z0-9-]+$", f"{base}vocabulary/classes.ttl"))
    # Codes, such as status/TERMINATED, stand in the vocabulary.
    rules.append(_rule(rf"^(?:{'|'.join(sorted(CODES))})/[A-Z0-9_]+$", f"{base}{VOCABULARY_FILE}"))
    return f"{_HEAD}\n" + "\n".join(rules)


def _negotiated(pattern: str, turtle: str, page: str) -> Iterator[str]:
    """Browsers get the page; whoever asks for Turtle, or does not care, gets Turtle."""
    yield _rule(pattern, turtle, accept="text/turtle")
    yield _rule(pattern, page, accept="text/html")
    yield _rule(pattern, turtle)


def _rule(pattern: str, target: str, accept: str = "") -> str:
    condition = f"RewriteCond %{{HTTP_ACCEPT}} {accept}\n" if accept else ""
    return f"{condition}RewriteRule {pattern} {target} [R=303,NE,L]\n"


def _target(address: str) -> str:
    """An address as a rule takes it: neither a percent sign nor a dollar means anything in it."""
    return address.replace("%", "\\%").replace("$", "\\$")


def xml_catalogue(files: Mapping[str, str]) -> str:
    """The catalogue that leads each IRI to its file (https://www.oasis-open.org/committees/entity/spec-2001-08-06.html)."""
    rows = "".join(f"    <uri name={quoteattr(name)} uri={quoteattr(path)}/>\n" for name, path in sorted(files.items()))
    return (
        '<?xml version="1.0" encoding="UTF-8" standalone="no"?>\n'
        '<catalog prefer="public" xmlns="urn:oasis:names:tc:entity:xmlns:xml:catalog">\n'
        f"{rows}</catalog>\n"
    )
