"""Everything beside the records that decides what becomes of them, and one name for it."""

from collections.abc import Iterable
from functools import cache
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from unicodedata import unidata_version
from zlib import ZLIB_RUNTIME_VERSION

import msgspec

from kg import assets
from kg.building.known import Known, read_known
from kg.knowledge import CLASSES, Knowledge, load_knowledge
from kg.linking import Linker
from kg.linking.curated import Curated, read_mappings

__all__ = ["ROOMS", "Mapper", "Recipe", "open_recipe"]


class Recipe(msgspec.Struct, frozen=True):
    """Ontologies and mapping sets by their files, and the hash of these, of our code and of what it stands on.

    `known` is a file about the records that need not be mapped again, since a graph has them.
    """

    ontologies: tuple[str, ...]
    mappings: tuple[str, ...]
    digest: str
    known: str = ""
    #: Whether shapes are checked.
    validate: bool = False

    @classmethod
    def of(cls, knowledge: Knowledge, mappings: Iterable[Path] = (), *, validate: bool = False) -> "Recipe":
        """The recipe of a build with this knowledge and these mapping sets."""
        said = [
            _code_digest(),
            [(ontology.name, ontology.sha256) for ontology in knowledge.ontologies],
            [sha256(path.read_bytes()).hexdigest() for path in (CLASSES, *mappings)],
            _shapes_digest() if validate else "",
        ]
        paths = tuple(str(ontology.path.absolute()) for ontology in knowledge.ontologies)
        sets = tuple(str(path.absolute()) for path in mappings)
        return cls(paths, sets, sha256(msgspec.json.encode(said)).hexdigest(), validate=validate)

    def without(self, known: Path) -> "Recipe":
        """The recipe that leaves out what stands in this file."""
        digest = sha256(self.digest.encode() + known.read_bytes()).hexdigest()
        return msgspec.structs.replace(self, known=str(known), digest=digest)


class Mapper(msgspec.Struct, frozen=True):
    """A recipe's knowledge and linker, opened: once in a process."""

    recipe: Recipe
    knowledge: Knowledge
    linker: Linker
    known: Known


def open_recipe(recipe: Recipe, knowledge: Knowledge | None = None) -> Mapper:
    """Opens what the recipe names.

    Raises:
        SourceError: if a mapping set cannot be read.
        OntologyError: if an ontology cannot be loaded.
    """
    opened = knowledge or load_knowledge(recipe.ontologies)
    _, rows, _ = read_mappings(map(Path, recipe.mappings))
    linker = Linker(opened.lexicon, Curated(rows, opened.lexicon.concepts) if rows else None)
    return Mapper(recipe, opened, linker, read_known(Path(recipe.known)) if recipe.known else {})


#: The rooms whose code decides what becomes of a record.
ROOMS = (
    "assets child errors concept finding iris location knowledge terms vocab lexicon mapping "
    "building layers linking model ontologies readers reasoning"
).split()


def _shapes_digest() -> str:
    """The hash of the shapes, of the code that reads them, and the version of the engine that checks them."""
    from kg.validation import EngineSpec

    engine = type(EngineSpec().make()).__name__
    digest = sha256(engine.encode())
    for path in sorted([*assets.folder("shapes").glob("*.ttl"), *_package().joinpath("validation").rglob("*.py")]):
        digest.update(path.read_bytes())
    return digest.hexdigest()


def _package() -> Path:
    return Path(__file__).parents[1]


@cache
def _code_digest() -> str:
    """The hash of our own code, whatever version it says it is, and the versions of what reads and packs for it."""
    package = _package()
    digest = sha256(repr([ZLIB_RUNTIME_VERSION, unidata_version, version("lxml"), version("msgspec")]).encode())
    for path in sorted(path for room in ROOMS for path in (package / f"{room}.py", *(package / room).rglob("*.py"))):
        if not path.is_file():
            continue
        digest.update(f"{path.relative_to(package)}\n".encode() + path.read_bytes())
    return digest.hexdigest()
