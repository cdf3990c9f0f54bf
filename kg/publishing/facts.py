"""Statements about things, gathered as lines of N-Triples."""

from kg import terms
from kg.publishing.words import term

__all__ = ["Facts", "checksum", "count", "link"]

#: The algorithm's name in SPDX (https://spdx.org/rdf/terms/).
_SHA256 = term("spdx:checksumAlgorithm_sha256")


def link(iri: str) -> str:
    """An IRI as an object."""
    return terms.iri(iri)


def count(number: int) -> str:
    """A number of things."""
    return terms.integer(number)


class Facts:
    """What is said, in the order in which it is said; the same twice is said once."""

    def __init__(self) -> None:
        self._lines: dict[str, None] = {}

    def say(self, subject: str, **said: str | list[str]) -> None:
        """States properties of a thing, by CURIE with `__` for the colon; empty ones are left out."""
        for name, value in said.items():
            for each in [value] if isinstance(value, str) else value:
                if each:
                    self._lines[f"{terms.iri(subject)} {term(name.replace('__', ':'))} {each} .\n"] = None

    def classify(self, subject: str, *classes: str) -> None:
        """States what a thing is."""
        for curie in classes:
            self._lines[f"{terms.iri(subject)} {term('rdf:type')} {term(curie)} .\n"] = None

    def lines(self) -> list[str]:
        """All of it, each subject's together."""
        by_subject: dict[str, list[str]] = {}
        for line in self._lines:
            by_subject.setdefault(line[: line.index(" ")], []).append(line)
        return [line for lines in by_subject.values() for line in lines]


def checksum(facts: Facts, subject: str, sha256: str) -> None:
    """States the SHA-256 of a file."""
    node = f"{subject}/sha256"
    facts.say(subject, spdx__checksum=link(node))
    facts.classify(node, "spdx:Checksum")
    facts.say(node, spdx__algorithm=_SHA256, spdx__checksumValue=terms.typed(sha256, "hexBinary"))
    facts.classify(_SHA256[1:-1], "spdx:ChecksumAlgorithm")
