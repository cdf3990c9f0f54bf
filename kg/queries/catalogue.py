"""The `.rq` files -> `SavedQuery`: one question a file, its name the file's."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec
import yaml

from kg import assets
from kg.errors import KgError, NotFound
from kg.queries.binding import variables
from kg.vocab import CODES

__all__ = ["Parameter", "SavedQuery", "find_query", "read_queries", "read_query"]

#: Type of a parameter -> what its variable ends in, as grlc reads it.
_SUFFIXES = {"concept": "_iri", "code": "_iri", "integer": "_integer", "date": "_xsd_date", "text": ""}


class Parameter(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What may be chosen when a query is run.

    `type` is concept, code, integer, date or text. A concept is `of` condition, drug or class, which says where its
    name is looked up; a code is `of` one of our schemes. Without `default` it must be given.
    """

    name: str
    type: str
    description: str
    example: str
    of: str = ""
    default: str | None = None

    @property
    def variable(self) -> str:
        """The variable that it is bound to, without `?`."""
        return f"_{self.name}{_SUFFIXES[self.type]}"


class SavedQuery(msgspec.Struct, frozen=True, kw_only=True):
    """A question that is kept: what it asks in plain words, what may be chosen, what comes back, and its SPARQL."""

    name: str
    summary: str
    description: str
    tags: tuple[str, ...]
    params: tuple[Parameter, ...]
    returns: dict[str, str]
    text: str


class _Header(msgspec.Struct, forbid_unknown_fields=True):
    summary: str
    description: str
    returns: dict[str, str]
    tags: tuple[str, ...] = ()
    method: str = "GET"
    params: dict[str, dict[str, Any]] = {}


def read_queries(folder: Path | None = None) -> Mapping[str, SavedQuery]:
    """Every saved query by name, in order.

    Raises:
        KgError: if a file's header is not as it should be.
    """
    paths = sorted((folder or assets.folder("queries")).glob("*.rq"))
    return {path.stem: read_query(path) for path in paths}


def find_query(name: str) -> SavedQuery:
    """The saved query of that name.

    Raises:
        NotFound: if there is none, with the nearest names.
    """
    queries = read_queries()
    if name not in queries:
        raise NotFound("saved query", name, queries)
    return queries[name]


_HEADER_LINE = re.compile(r"^#\+ ?(.*)$", re.MULTILINE)


def read_query(path: Path) -> SavedQuery:
    """The saved query of a file.

    Raises:
        KgError: if its header is not as it should be.
    """
    text = path.read_text(encoding="utf-8")
    try:
        header = msgspec.convert(yaml.safe_load("\n".join(_HEADER_LINE.findall(text))), _Header)
        params = tuple(msgspec.convert({"name": name, **facts}, Parameter) for name, facts in header.params.items())
    except (yaml.YAMLError, msgspec.ValidationError) as error:
        raise KgError(str(path), f"header is not as it should be: {error}") from error
    query = SavedQuery(
        name=path.stem,
        summary=header.summary,
        description=" ".join(header.description.split()),
        tags=header.tags,
        params=params,
        returns=header.returns,
        text=text,
    )
    _check(query, path)
    return query


def _check(query: SavedQuery, path: Path) -> None:
    for param in query.params:
        if param.type not in _SUFFIXES or (param.type == "code" and param.of not in CODES):
            raise KgError(
                str(path), f"parameter {param.name} has no type that is known", got=f"{param.type} {param.of}"
            )
    used = {name for name in variables(query.text) if name.startswith("_")}
    declared = {param.variable for param in query.params}
    if used != declared:
        raise KgError(
            str(path), "parameters and variables differ", got=f"{sorted(used)}", expected=f"{sorted(declared)}"
        )
