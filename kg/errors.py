"""What we cannot go on from. Wrong data is a `kg.finding.Finding`, not an error.

KgError                     root; the command line prints it on one line and exits with 3
├── UsageError              (ValueError) what the user asked for cannot be meant; exits with 2
│   ├── ParameterError      a saved query's parameter is missing, unknown or not of its type
│   └── QueryRefused        a query that is no plain read: updates, SERVICE
├── NotFound                (LookupError) a name that nobody knows; says the nearest ones
├── SourceError             (ValueError) an input as a whole cannot be read: no such file, no known format
├── OntologyError           (ValueError) an ontology file that cannot be loaded
├── GraphError              (ValueError) a folder that is no graph of ours, or one without the layer asked for
├── RegistryError           (ConnectionError) the registry's API does not answer, or gives no record
├── EndpointError           (ConnectionError) a SPARQL endpoint that does not answer, or not as it should
├── ReasonerError           (RuntimeError) the OWL reasoner, or the Java that it needs, is not there or has died
└── DeadlineExceeded        (TimeoutError) a query or a reasoner that ran longer than it may
"""

from collections.abc import Iterable

__all__ = [
    "DeadlineExceeded",
    "EndpointError",
    "GraphError",
    "KgError",
    "NotFound",
    "NotWritable",
    "OntologyError",
    "ParameterError",
    "QueryRefused",
    "ReasonerError",
    "RegistryError",
    "SourceError",
    "UsageError",
]


class KgError(Exception):
    """Something we cannot go on from: where, what is wrong, what was got and expected, what to do."""

    def __init__(self, where: str, problem: str, *, got: str = "", expected: str = "", remedy: str = "") -> None:
        self.where = where
        self.problem = problem
        self.got = got
        self.expected = expected
        self.remedy = remedy
        super().__init__(self._message())

    def _message(self) -> str:
        text = f"{self.where}: {self.problem}"
        details = [f"got {_shortened(self.got)!r}"] if self.got else []
        details += [f"expected {self.expected}"] if self.expected else []
        if details:
            text += "; " + ", ".join(details)
        return f"{text}. {self.remedy}" if self.remedy else text


#: Characters of a wrong value that a message shows; the whole stays in `got`.
_MAX_SHOWN = 200


def _shortened(value: str) -> str:
    return value if len(value) <= _MAX_SHOWN else f"{value[:_MAX_SHOWN]}…"


class UsageError(KgError, ValueError):
    """What the user asked for cannot be meant."""


class ParameterError(UsageError):
    """A saved query's parameter is missing, unknown or not of its type."""


class QueryRefused(UsageError):
    """A query that is no plain read of this graph."""


class NotFound(KgError, LookupError):
    """A name that nobody knows, with the nearest known ones."""

    def __init__(self, kind: str, name: str, known: Iterable[str]) -> None:
        from difflib import get_close_matches

        self.nearest = get_close_matches(name, list(known), n=3, cutoff=0.5)
        remedy = f"Did you mean {' or '.join(self.nearest)}?" if self.nearest else ""
        super().__init__(kind, "no such name", got=name, remedy=remedy)


class SourceError(KgError, ValueError):
    """An input that as a whole cannot be read."""


class OntologyError(KgError, ValueError):
    """An ontology file that cannot be loaded."""


class GraphError(KgError, ValueError):
    """A folder that is no graph of ours, or lacks the part asked for."""


class NotWritable(GraphError):
    """A folder that cannot be written now, whatever is in it: another process is at it, or there is no room."""


class RegistryError(KgError, ConnectionError):
    """The registry's API does not answer, or gives no record."""


class EndpointError(KgError, ConnectionError):
    """A SPARQL endpoint that does not answer, or not as the protocol says."""


class ReasonerError(KgError, RuntimeError):
    """The OWL reasoner, or the Java that it needs, is not there or has died."""


class DeadlineExceeded(KgError, TimeoutError):
    """A query or a reasoner that ran longer than it may."""
