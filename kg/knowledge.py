"""What the loaded ontologies and class definitions know; made once for a set of releases, then opened.

The lexicon lies in the cache under the checksums of its releases, with what is told of them: a build whose ontologies
were used before reads none of them again.
"""

import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from hashlib import sha256
from pathlib import Path

import msgspec

from kg import assets, ontologies
from kg.concept import Concept
from kg.lexicon import Lexicon, write_lexicon
from kg.ontologies import Ontology
from kg.reasoning.classes import DrugClass, Membership, find_members, read_classes

__all__ = ["CLASSES", "Knowledge", "find_ontologies", "load_knowledge", "name_classes"]

#: The drug classes that come with the package.
CLASSES = assets.folder("ontologies") / "classes.ttl"
#: The layout of what is kept; a change of keys, names or concepts needs a new number.
_FORMAT = 3
_TOLD = "ontologies"


class Knowledge(msgspec.Struct, frozen=True):
    """Ontologies (without their concepts), the lexicon over all of them, drug classes, and the classes of concepts."""

    ontologies: tuple[Ontology, ...]
    lexicon: Lexicon
    drug_classes: tuple[DrugClass, ...]
    classes: dict[str, tuple[str, ...]]


def find_ontologies(names: Iterable[str] = ()) -> list[Path]:
    """The releases of these files, folders or names; the bundled slices if none are named.

    Raises:
        NotFound: if a name is neither a file nor known.
        OntologyError: if the ontology was not fetched.
    """
    return [ontologies.find_file(name) for name in names] or list(ontologies.default_files())


def load_knowledge(names: Iterable[str] = (), *, kind: type[Lexicon] = Lexicon) -> Knowledge:
    """The ontologies of these files or names, with the drug classes over them; `kind` is the class of the lexicon.

    Raises:
        NotFound: if a name is neither a file nor known.
        OntologyError: if a release cannot be loaded.
    """
    paths = find_ontologies(names)
    file = _lexicon_file(paths)
    told = _told(file)
    if len(told) != len(paths):
        write_lexicon(file, *_read(paths))
        told = _told(file)
    lexicon = kind(path=file)
    loaded = tuple(msgspec.structs.replace(o, path=path) for o, path in zip(told, paths, strict=True))
    drug_classes = read_classes(CLASSES)
    return Knowledge(loaded, lexicon, drug_classes, _classes(file, drug_classes, lexicon))


def _lexicon_file(paths: Iterable[Path]) -> Path:
    digests = [(ontologies.fingerprint(path), path.name) for path in paths]  # a name may tell the version
    key = sha256(msgspec.json.encode([_FORMAT, digests])).hexdigest()
    return ontologies.place("lexicons") / f"{key}.sqlite"


def _told(file: Path) -> tuple[Ontology, ...]:
    """The ontologies of a lexicon; none where there is none, or none that can be read."""
    try:
        told = Lexicon(path=file).about(_TOLD)
        return msgspec.json.decode(told or b"[]", type=tuple[Ontology, ...], dec_hook=lambda kind, value: kind(value))
    except (sqlite3.Error, ValueError):
        return ()


def _read(paths: Iterable[Path]) -> tuple[Iterator[Concept], dict[str, bytes]]:
    loaded = [ontologies.load(path) for path in paths]
    told = [msgspec.structs.replace(o, concepts={}, path=Path(o.path.name)) for o in loaded]
    concepts = (concept for ontology in loaded for concept in ontology.concepts.values())
    return concepts, {_TOLD: msgspec.json.encode(told, enc_hook=str)}


def _classes(file: Path, drug_classes: tuple[DrugClass, ...], lexicon: Lexicon) -> dict[str, tuple[str, ...]]:
    """Concept -> its classes; kept beside the lexicon, since all concepts are read for it."""
    key = sha256(msgspec.json.encode([_FORMAT, drug_classes])).hexdigest()[:16]
    kept = file.with_name(f"{file.stem}-{key}.msgpack")
    with suppress(OSError, ValueError):
        return msgspec.msgpack.decode(kept.read_bytes(), type=dict[str, tuple[str, ...]])
    concepts = {concept.iri: concept for concept in lexicon.concepts.all()}
    classes = name_classes(find_members(drug_classes, concepts))
    with suppress(OSError):
        ontologies.write_beside(kept, msgspec.msgpack.encode(classes))
    return classes


def name_classes(members: Mapping[str, Iterable[Membership]]) -> dict[str, tuple[str, ...]]:
    """Concept -> the classes that it is in, and beside each the subclass of the source that says so."""
    return {
        iri: tuple(sorted({name for m in found for name in (m.drug_class, f"{m.drug_class}-{m.source}")}))
        for iri, found in members.items()
    }
