"""How an ontology is found by its name, and loaded: from the cache, else from the publisher's file."""

import re
from collections.abc import Iterable
from hashlib import sha256 as sha256_of
from pathlib import Path

import msgspec

from kg import assets
from kg.concept import Concept
from kg.errors import NotFound, OntologyError
from kg.ontologies.cache import Loaded, read_cache, write_cache, write_loaded
from kg.ontologies.decoding import decode_facts, keyed
from kg.ontologies.facts import Stated, gather
from kg.ontologies.fetched import find_fetched, read_record
from kg.ontologies.release import Release, explained
from kg.ontologies.rxnorm import is_rxnorm, read_rxnorm
from kg.ontologies.sources import find_source, read_sources
from kg.ontologies.tables import find_layout, read_table

__all__ = ["Ontology", "default_files", "describe", "find_file", "fingerprint", "is_table", "load", "load_told"]


class Ontology(msgspec.Struct, frozen=True, kw_only=True):
    """One ontology as read: `concepts` by IRI; `remarks` say what in the file is wrong.

    `version` is the publisher's; the day of the file on the publisher's server where neither the file nor its name
    tells one; else empty.
    """

    name: str
    title: str
    version: str
    licence: str
    path: Path
    sha256: str
    concepts: dict[str, Concept]
    remarks: tuple[str, ...] = ()


def default_files() -> tuple[Path, ...]:
    """The slices that come with the package."""
    return tuple(sorted((assets.folder("ontologies") / "slices").glob("*.ttl")))


def find_file(name_or_path: str) -> Path:
    """The file or folder of RxNorm's tables at this path, else the fetched release, else the slice, of this name.

    Raises:
        NotFound: if it is none of these.
        OntologyError: if the ontology is one that we know, but was not fetched.
    """
    path = Path(name_or_path)
    if path.is_file() or (path.is_dir() and _is_release(path)):
        return path
    if fetched := find_fetched(name_or_path):
        return fetched
    slices = {file.stem: file for file in default_files()}
    if name_or_path in slices:
        return slices[name_or_path]
    known = {source.name: source for source in read_sources()}
    if name_or_path not in known:
        raise NotFound("ontology", name_or_path, {*slices, *known})
    if not known[name_or_path].download:
        problem = "there is no release that we may load: only single codes of it are used"
        raise OntologyError(name_or_path, problem, remedy=known[name_or_path].permits)
    raise OntologyError(name_or_path, "it is not fetched yet", remedy=f"Run `kg ontologies fetch {name_or_path}`.")


def _is_release(folder: Path) -> bool:
    try:
        return is_rxnorm(Release(folder))
    except OSError:
        return False


def is_table(path: Path) -> bool:
    """Whether the release is tables, and no RDF.

    Raises:
        OSError, EOFError, zipfile.BadZipFile: see `explained`.
    """
    release = Release(path)
    return is_rxnorm(release) or find_layout(release) is not None


def load(path: Path) -> Ontology:
    """The concepts of a release, from the cache if they are there.

    RDF in MeSH's model, in OWL or SKOS (N-Triples, Turtle or RDF/XML; plain, gzip or zip); RxNorm's tables (folder or
    zip); UNII names; DrugBank's open vocabulary.

    Raises:
        OntologyError: if there is no such file, it is damaged, neither RDF nor such a table, holds no labelled
            concept, or is another ontology than the one that it was fetched as.
    """
    return load_told(path)[1]


def fingerprint(path: Path) -> str:
    """What tells a release from any other, and how it is read: the same for the same concepts.

    Raises:
        OntologyError: if there is no such file.
    """
    with explained(path):
        return _key(Release(path).sha256())


def load_told(path: Path) -> tuple[Loaded, Ontology]:
    """What is told of the ontology without its concepts, and the ontology.

    Raises:
        OntologyError: see `load`.
    """
    with explained(path):
        release = Release(path)
        sha256 = release.sha256()
        cached = read_cache(_key(sha256))
        stated, concepts = cached or _decode(release)
    if cached is None:
        write_cache(_key(sha256), stated, concepts)
    record = read_record(path)
    if record and record.name != stated.name:
        expected = f"{record.name}, as which it was fetched"
        remedy = "Fetch that again, or give its entry in the catalogue the `iri` that the file states."
        raise OntologyError(
            str(path), "the file is another ontology", got=stated.name, expected=expected, remedy=remedy
        )
    ontology = describe(path, sha256, stated, concepts)
    names = sum(len(c.exact) + len(c.related) + len(c.brands) + 1 for c in concepts.values())
    told = Loaded(
        name=ontology.name,
        version=ontology.version,
        concepts=len(concepts),
        names=names,
        file=path.name,
        sha256=sha256,
    )
    write_loaded(_key(sha256), told)
    return told, ontology


def _key(sha256: str) -> str:
    """What was decoded hangs on the file, and on the entries that say how an ontology is told."""
    entries = [(source.name, source.iri, source.namespace) for source in read_sources() if keyed(source)]
    return sha256_of(sha256.encode() + msgspec.json.encode(entries)).hexdigest() if entries else sha256


def _decode(release: Release) -> tuple[Stated, dict[str, Concept]]:
    if is_rxnorm(release):
        return read_rxnorm(release)
    if found := find_layout(release):
        return read_table(release, *found)
    return decode_facts(release.path, gather(release.path))


def describe(path: Path, sha256: str, stated: Stated, concepts: dict[str, Concept]) -> Ontology:
    """The ontology with its title, version and licence, from our catalogue where it knows them."""
    source = find_source(stated.name)
    record = read_record(path)
    found = _version(source.version_pattern, path, stated, record.url if record else "") if source else None
    return Ontology(
        name=stated.name,
        title=source.title if source else stated.title or stated.name,
        version=found or stated.version or (record.day() if record else ""),
        licence=source.licence if source else stated.licence,
        path=path,
        sha256=sha256,
        concepts=concepts,
        remarks=stated.remarks,
    )


def _version(pattern: str, path: Path, stated: Stated, url: str) -> str | None:
    """The version in the first that has one: what the file states, its name, names in it, its folder, its address."""
    with explained(path):
        within = Release(path).names
    places: Iterable[str] = (stated.version, path.name, *within, path.absolute().parent.name, url)
    return next((found[1] for place in places if (found := re.search(pattern, place))), None)
