"""The triples of shapes by subject; SHACL's paths as text."""

from collections.abc import Iterable, Iterator
from typing import Any

from kg.iris import compact
from kg.vocab import PREFIXES

__all__ = ["ShapeTriples"]

_SH = PREFIXES["sh"]
_FIRST, _REST = f"{PREFIXES['rdf']}first", f"{PREFIXES['rdf']}rest"
#: Paths that say of another how often it is gone: https://www.w3.org/TR/shacl/#property-paths
_REPEATED = {"zeroOrMorePath": "*", "oneOrMorePath": "+", "zeroOrOnePath": "?"}


class ShapeTriples:
    """Triples by subject, in the order of the files; terms are pyoxigraph's."""

    def __init__(self, quads: Iterable[Any]) -> None:
        self.by_subject: dict[Any, list[tuple[str, Any]]] = {}
        for quad in quads:
            self.by_subject.setdefault(quad.subject, []).append((quad.predicate.value, quad.object))

    def rename(self, names: dict[Any, Any]) -> None:
        """Puts other nodes for some, as subjects and as objects."""
        self.by_subject = {
            names.get(node, node): [(predicate, names.get(value, value)) for predicate, value in said]
            for node, said in self.by_subject.items()
        }

    def objects(self, node: Any, name: str) -> list[Any]:
        """What a property says of a node: one of SHACL's by its name, any other by its IRI."""
        wanted = name if ":" in name else f"{_SH}{name}"
        return [value for predicate, value in self.by_subject.get(node, ()) if predicate == wanted]

    def items(self, node: Any) -> Iterator[Any]:
        """The members of an RDF list; a list that bites its tail ends."""
        seen = set()
        while node in self.by_subject and node not in seen:
            seen.add(node)
            yield from self.objects(node, _FIRST)
            node = next(iter(self.objects(node, _REST)), None)

    def path_text(self, node: Any) -> str:
        """A path as SPARQL writes it, with our prefixes: `tg:arm/rdfs:label`, `^tg:condition`."""
        import pyoxigraph as ox

        if isinstance(node, ox.NamedNode):
            return compact(node.value)
        # The standard takes a node that is a list for a list, whatever else it is.
        if self.objects(node, _FIRST):
            return "/".join(self._grouped(item) for item in self.items(node))
        for inverse in self.objects(node, "inversePath"):
            return f"^{self._grouped(inverse)}"
        for choice in self.objects(node, "alternativePath"):
            return "|".join(self._grouped(item) for item in self.items(choice))
        for name, sign in _REPEATED.items():
            for repeated in self.objects(node, name):
                return f"{self._grouped(repeated)}{sign}"
        return ""

    def _grouped(self, node: Any) -> str:
        text = self.path_text(node)
        return f"({text})" if node in self.by_subject and any(sign in text for sign in "/|^*+?") else text

    def lines(self) -> tuple[str, ...]:
        """The triples as N-Triples text."""
        import pyoxigraph as ox

        return tuple(
            f"{ox.Triple(node, ox.NamedNode(predicate), value)} .\n"
            for node, said in self.by_subject.items()
            for predicate, value in said
        )
