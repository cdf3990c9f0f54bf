"""Rows of an answer -> a table for people: things by their names, each a link to where it is told about."""

from collections.abc import Iterable, Mapping
from urllib.parse import quote, urlencode

import msgspec
from starlette.requests import Request

from kg import iris, terms
from kg.errors import KgError
from kg.pages.gathering import question, rows
from kg.pages.rendering import root
from kg.service.exchange import ask
from kg.vocab import PREFIXES

__all__ = ["Cell", "Table", "read_table"]


class Cell(msgspec.Struct, frozen=True):
    """A value as it is shown, the page that tells about it, and whether it is a number, a day or a long text."""

    text: str
    href: str = ""
    title: str = ""
    kind: str = ""


class Line(msgspec.Struct, frozen=True):
    """A row: its cells, and the trial that it is about, if it is about one."""

    cells: list[Cell]
    trial: str = ""


class Taken(msgspec.Struct, frozen=True, kw_only=True):
    """What a parameter was taken for."""

    param: str
    given: str
    term: str
    label: str

    @property
    def is_thing(self) -> bool:
        """Whether it is no text, number or day."""
        return self.term.startswith("<")

    @property
    def name(self) -> str:
        """The thing's CURIE."""
        return iris.compact(self.term[1:-1])


class Table(msgspec.Struct, frozen=True, kw_only=True):
    """A page of an answer, what its parameters were taken for, and how many rows there are."""

    columns: list[str]
    lines: list[Line]
    resolved: list[Taken]
    total: int
    offset: int
    limit: int

    @property
    def end(self) -> int:
        """Rows up to the end of this page."""
        return self.offset + len(self.lines)

    @property
    def kinds(self) -> list[str]:
        """What the columns hold, where they hold nothing but numbers."""
        found = [{line.cells[n].kind for line in self.lines if line.cells[n].text} for n in range(len(self.columns))]
        return ["number" if kinds == {"number"} else "" for kinds in found]

    @property
    def has_trials(self) -> bool:
        """Whether a row is about a trial."""
        return any(line.trial for line in self.lines)


class _Term(msgspec.Struct):
    type: str
    value: str
    datatype: str = ""


class _Told(msgspec.Struct):
    given: str
    term: str
    label: str


class _Page(msgspec.Struct):
    total: int
    offset: int
    limit: int


class _Results(msgspec.Struct):
    bindings: list[dict[str, _Term]]


class _Head(msgspec.Struct):
    vars: list[str]


class _Answer(msgspec.Struct):
    head: _Head
    resolved: dict[str, _Told]
    page: _Page
    results: _Results


async def read_table(request: Request, body: bytes) -> Table:
    """The table that a saved query's JSON answer holds."""
    answer = msgspec.json.decode(body, type=_Answer)
    bindings = answer.results.bindings
    things = {term.value for row in bindings for term in row.values() if term.type == "uri"}
    names = await _names(request, things)
    prefix = root(request)
    return Table(
        columns=answer.head.vars,
        lines=[_line(row, answer.head.vars, names, prefix) for row in bindings],
        resolved=[
            Taken(param=param, given=told.given, term=told.term, label=told.label)
            for param, told in answer.resolved.items()
        ],
        total=answer.page.total,
        offset=answer.page.offset,
        limit=answer.page.limit,
    )


#: Things whose names are asked for; a page of rows seldom has more.
_MAX_THINGS = 500


async def _names(request: Request, things: Iterable[str]) -> Mapping[str, str]:
    """The names of things that are no trials: of those the number is the name."""
    unnamed = [thing for thing in sorted(things) if not thing.startswith(PREFIXES["study"])][:_MAX_THINGS]
    if not unnamed:
        return {}
    values = " ".join(map(terms.iri, unnamed))
    text = f"SELECT ?thing ?name WHERE {{ VALUES ?thing {{ {values} }} ?thing <{PREFIXES['rdfs']}label> ?name }}"
    try:
        return {row["thing"]: row["name"] for row in rows(await ask(request, question(text)))}
    except KgError:
        return {}


def _line(row: Mapping[str, _Term], columns: Iterable[str], names: Mapping[str, str], prefix: str) -> Line:
    studies = [t.value.rpartition("/")[2] for t in row.values() if _is_study(t)]
    cells = [_cell(row[column], names, prefix) if column in row else Cell("") for column in columns]
    return Line(cells, studies[0] if studies else "")


def _is_study(term: _Term) -> bool:
    return term.type == "uri" and term.value.startswith(PREFIXES["study"])


#: Prefixes of ontologies, whose concepts have pages.
_CONCEPTS = frozenset("mesh MONDO DOID CHEBI RXNORM NCIT obo ATC".split())
_NUMBERS = frozenset("integer decimal double float".split())


def _cell(term: _Term, names: Mapping[str, str], prefix: str) -> Cell:
    if term.type != "uri":
        return Cell(term.value, kind=_kind(term))
    iri = term.value
    if _is_study(term):
        number = iri.rpartition("/")[2]
        return Cell(number, f"{prefix}/study/{quote(number)}", kind="day")
    name, curie = names.get(iri, ""), iris.compact(iri)
    return Cell(name or curie, _place(iri, curie, name, prefix), curie if name else "")


#: Characters of a text that needs a wide column.
_LONG = 40


def _kind(term: _Term) -> str:
    name = term.datatype.rpartition("#")[2]
    if name in _NUMBERS:
        return "number"
    return "day" if name == "date" else "long" if len(term.value) > _LONG else ""


def _place(iri: str, curie: str, name: str, prefix: str) -> str:
    """The page about a thing; addresses of the web lead there themselves."""
    if iri.startswith(PREFIXES["class"]):
        return f"{prefix}/class/{quote(curie.partition(':')[2])}"
    if iri.startswith(PREFIXES["org"]):
        return f"{prefix}/queries/trials-by-sponsor?{urlencode({'sponsor': name})}" if name else ""
    if curie.partition(":")[0] in _CONCEPTS:
        return f"{prefix}/concept/{quote(curie, safe=':')}"
    return iri if iri.startswith(("https://", "http://")) else ""
