"""Everything beside the records that decides what becomes of them, and one name for it."""

from functools import cache
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path

import msgspec

from kg.knowledge import CLASSES, Knowledge, load_knowledge
from kg.linking import Linker
from kg.linking.curated import Curated, read_mappings

__all__ = ["Kitchen", "Recipe", "open_recipe"]


class Recipe(msgspec.Struct, frozen=True):
    """Ontologies and mapping sets by their files, and the hash of these, of our code and of what it stands on."""

    ontologies: tuple[str, ...]
    mappings: tuple[str, ...]
    digest: str

    @classmethod
    def of(cls, knowledge: Knowledge, mappings: tuple[Path, ...]) -> "Recipe":
        """The recipe of a build with this knowledge and these mapping sets."""
        said = [
            _code_digest(),
            [(ontology.name, ontology.sha256) for ontology in knowledge.ontologies],
            [sha256(path.read_bytes()).hexdigest() for path in (CLASSES, *mappings)],
        ]
        paths = tuple(str(ontology.path) for ontology in knowledge.ontologies)
        return cls(paths, tuple(map(str, mappings)), sha256(msgspec.json.encode(said)).hexdigest())


class Kitchen(msgspec.Struct, frozen=True):
    """A recipe's knowledge and linker, opened: once in a process."""

    recipe: Recipe
    knowledge: Knowledge
    linker: Linker


def open_recipe(recipe: Recipe, knowledge: Knowledge | None = None) -> Kitchen:
    """Opens what the recipe names.

    Raises:
        SourceError: if a mapping set cannot be read.
        OntologyError: if an ontology cannot be loaded.
    """
    known = knowledge or load_knowledge(recipe.ontologies)
    _, rows, _ = read_mappings(map(Path, recipe.mappings))
    return Kitchen(recipe, known, Linker(known.lexicon, Curated(rows, known.lexicon.concepts) if rows else None))


@cache
def _code_digest() -> str:
    """The hash of our own code, whatever version it says it is, and the versions of what reads and packs for it."""
    package = Path(__file__).parents[1]
    digest = sha256(repr([version(name) for name in ("isal", "lxml", "msgspec")]).encode())
    for path in sorted(package.rglob("*.py")):
        digest.update(f"{path.relative_to(package)}\n".encode() + path.read_bytes())
    return digest.hexdigest()
