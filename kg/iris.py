"""How an identifier becomes an IRI. Readable, deterministic, never built from unchecked text."""

import re
import unicodedata
from hashlib import sha256
from urllib.parse import quote

from kg.vocab import ID, PREFIXES, REGISTRY_PATTERNS

__all__ = [
    "code",
    "compact",
    "find_registry",
    "is_nct",
    "mesh_identifier",
    "organization",
    "part_base",
    "same_as",
    "study",
]

_NCT = re.compile(r"NCT[0-9]{8}")
_PADDED_MESH = re.compile(r"([DC])000([0-9]{6})")
_MESH = re.compile(r"[DC][0-9]{6}(?:[0-9]{3})?")
#: The last numbers that MeSH gave out with six digits (MeSH 2024: D066331, C588418; the next are nine digits long).
_LAST_SIX_DIGITS = {"D": 66_331, "C": 588_418}
_SLUG = re.compile(r"[^a-z0-9]+")
#: A slug longer than this is cut and told apart by a hash of the whole name.
_MAX_SLUG = 80


def is_nct(text: str) -> bool:
    """Whether `text` is a ClinicalTrials.gov identifier: NCT and eight digits."""
    return _NCT.fullmatch(text) is not None


def study(nct_id: str) -> str:
    """The registry's own page of the study, which other datasets use too."""
    return f"{PREFIXES['study']}{nct_id}"


def part_base(nct_id: str) -> str:
    """What the IRIs of a study's parts start with; `#` included."""
    return f"{ID}study/{nct_id}#"


def same_as(nct_id: str) -> tuple[str, str]:
    """The names that identifiers.org and Bio2RDF give the study."""
    return f"https://identifiers.org/clinicaltrials:{nct_id}", f"http://bio2rdf.org/clinicaltrials:{nct_id}"


def code(scheme: str, value: str) -> str:
    """The concept of one of our code schemes; text that is no enum value becomes a name in capitals."""
    name = value if value.isascii() and value.replace("_", "").isalnum() else _capitals(value)
    return f"{ID}{scheme}/{name}"


def _capitals(text: str) -> str:
    return quote(_SLUG.sub("_", _ascii(text)).strip("_").upper()[:_MAX_SLUG] or _digest(text))


def _ascii(text: str) -> str:
    return unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()


def _digest(text: str) -> str:
    return sha256(text.encode("utf-8", "replace")).hexdigest()[:12]


def organization(name: str) -> str:
    """An organisation shared by name.

    >>> organization("Federation Francophone de Cancerologie Digestive")
    'https://w3id.org/trialgraph/org/federation-francophone-de-cancerologie-digestive'
    """
    slug = _SLUG.sub("-", _ascii(name)).strip("-")
    if not slug or len(slug) > _MAX_SLUG:
        slug = f"{slug[:_MAX_SLUG]}-{_digest(name)}".strip("-")
    return f"{ID}org/{slug}"


_REGISTRIES = {code: re.compile(pattern, re.IGNORECASE) for code, pattern in REGISTRY_PATTERNS.items()}
#: How records announce an identifier whose own form lacks a prefix: "EUDRACT-2009-014443-36", "EudraCT No.: …".
_ANNOUNCED = re.compile(r"(?:EudraCT|EU ?CT|CTIS|UTN|WHO)[\s:#.-]*(?:(?:no|nr|number)[\s:.#-]*)?", re.IGNORECASE)


def find_registry(identifier: str) -> str | None:
    """The registry whose form an identifier has; None if none of those that can be told by form.

    >>> find_registry("EUDRACT-2009-014443-36"), find_registry("ISRCTN12345678"), find_registry("CDR0000666229")
    ('EUCLINICALTRIALS', 'ISRCTN', None)
    """
    bare = identifier.strip()
    bare = bare[match.end() :] if (match := _ANNOUNCED.match(bare)) else bare
    return next((code for code, pattern in _REGISTRIES.items() if pattern.fullmatch(bare)), None)


def mesh_identifier(given: str) -> str | None:
    """The MeSH identifier that the registry means by `given`; None if it has no such form.

    API v2 pads six digits to nine: `D000003920` is D003920. MeSH went over to nine digits without using a number
    twice, so the number alone tells which were padded: `D000091203` is genuine.

    >>> mesh_identifier("D000003920"), mesh_identifier("D000091203")
    ('D003920', 'D000091203')
    """
    if _MESH.fullmatch(given) is None:
        return None
    padded = _PADDED_MESH.fullmatch(given)
    if padded is None or int(padded[2]) > _LAST_SIX_DIGITS[padded[1]]:
        return given
    return padded[1] + padded[2]


_BY_LENGTH = sorted(((ns, prefix) for prefix, ns in PREFIXES.items()), key=lambda item: -len(item[0]))


def compact(iri: str) -> str:
    """The CURIE of an IRI under our prefixes, the longest namespace first; the IRI itself if none fits."""
    for namespace, prefix in _BY_LENGTH:
        if iri.startswith(namespace):
            return f"{prefix}:{iri[len(namespace) :]}"
    return iri
