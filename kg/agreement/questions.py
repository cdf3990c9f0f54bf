"""Saved queries parse, say what they take and give, and answer on the examples what their cases expect."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

from kg.agreement.places import Checked, Places, read_text
from kg.agreement.written import query_terms
from kg.build import build_graph
from kg.errors import KgError, QueryRefused
from kg.finding import Finding
from kg.queries.binding import check_read_only
from kg.queries.cases import differences, find_cases, read_case
from kg.queries.catalogue import SavedQuery, read_query
from kg.queries.resolution import Graph
from kg.queries.running import run_query
from kg.store import EmbeddedStore

__all__ = ["check_answers", "check_queries"]

_LINE = re.compile(r"(?:at |line )(\d+)")
#: Differences of one case that are told; the first says most.
_MAX_DIFFERENCES = 3


def check_queries(places: Places) -> Checked:
    """Headers, syntax, parameters and columns of the saved queries; no graph is needed."""
    paths = sorted(places.queries.glob("*.rq"))
    findings = [finding for path in paths for finding in _check_file(path)]
    return Checked(tuple(findings), {"queries": len(paths)})


def _check_file(path: Path) -> Iterator[Finding]:
    text = read_text(path)
    try:
        columns = _columns(text)
    except QueryRefused as error:
        yield _finding("query-syntax", error.problem, path, 1)
        return
    except (SyntaxError, ValueError, OSError) as error:
        yield _finding("query-syntax", f"no SPARQL: {_one_line(error)}", path, _line_of(error))
        return
    try:
        query = read_query(path)
    except KgError as error:
        yield _finding("query-header", f"{error.problem}{error.got and f': {error.got}'}", path, 1)
        return
    if set(query.returns) != set(columns):
        message = "the header describes other columns than the query gives"
        yield _finding("query-returns", message, path, _line(text, "#+ returns:"), " ".join(columns))
    for param in query.params:
        if not param.description.strip() or not param.example.strip():
            message = "the parameter has no description, or no example"
            yield _finding("query-parameter", message, path, _line(text, f"#+   {param.name}:"), param.name)


def _columns(text: str) -> list[str]:
    """What the query gives; both parsers that the package uses must take it.

    Raises:
        QueryRefused: if it asks another service, or is an update.
        SyntaxError: if one of the parsers does not take it.
    """
    import pyoxigraph as ox

    check_read_only(text)
    answer = ox.Store().query(text)
    query_terms(text)
    return [variable.value for variable in answer.variables] if isinstance(answer, ox.QuerySolutions) else []


def check_answers(places: Places) -> Checked:
    """Builds the examples in a temporary folder, and asks each query its cases and its header's own example.

    Raises:
        KgError: if the examples cannot be built.
    """
    queries = dict(_readable(places))
    with TemporaryDirectory(prefix="trialgraph-") as folder:
        build_graph([places.examples], Path(folder) / "graph")
        store = EmbeddedStore(Path(folder) / "graph" / "store")
        examples = [finding for query in queries.values() for finding in _run_example(query, places, store)]
        answers = [finding for file in find_cases(places.queries) for finding in _run_case(file, queries, store)]
        del store
    return Checked((*_without_case(places, queries), *examples, *answers), {"cases": len(find_cases(places.queries))})


def _readable(places: Places) -> Iterator[tuple[str, SavedQuery]]:
    for path in sorted(places.queries.glob("*.rq")):
        if not any(finding.rule in ("check/query-syntax", "check/query-header") for finding in _check_file(path)):
            yield path.stem, read_query(path)


def _without_case(places: Places, queries: Mapping[str, SavedQuery]) -> Iterator[Finding]:
    asked = {file.parent.name for file in find_cases(places.queries)}
    for name in queries.keys() - asked:
        yield _finding("query-without-case", "no case says what it must answer", places.queries / f"{name}.rq", 1)
    present = {path.stem for path in places.queries.glob("*.rq")}
    for file in find_cases(places.queries):
        if file.parent.name not in present:
            yield _finding("case-without-query", "a case of a query that does not exist", file, 1)


def _run_example(query: SavedQuery, places: Places, graph: Graph) -> Iterator[Finding]:
    """The header's examples and defaults can be meant, whatever they find."""
    path = places.queries / f"{query.name}.rq"
    examples = {param.name: param.example for param in query.params}
    needed = {param.name: param.example for param in query.params if param.default is None}
    for name, values in (("example", examples), *([("default", needed)] if needed != examples else [])):
        try:
            for _ in run_query(query, values, graph)[0]:
                pass
        except KgError as error:
            yield _finding("query-example", f"the header's {name} cannot be asked: {error}", path, 1)


def _run_case(file: Path, queries: Mapping[str, SavedQuery], graph: Graph) -> Iterator[Finding]:
    query = queries.get(file.parent.name)
    if query is None:
        return
    try:
        found = differences(read_case(file), query, graph)
    except KgError as error:
        yield _finding("query-case", f"the case cannot be asked: {error}", file, 1)
        return
    for message, line in found[:_MAX_DIFFERENCES]:
        more = f" (1 of {len(found)} differences)" if len(found) > 1 else ""
        yield _finding("query-answer", f"the answer of {query.name} is another, {message}{more}", file, line)


def _line(text: str, start: str) -> int:
    return next((number for number, line in enumerate(text.splitlines(), 1) if line.startswith(start)), 1)


def _line_of(error: Exception) -> int:
    match = _LINE.search(str(error))
    return int(match[1]) if match else 1


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())[:200]


def _finding(rule: str, message: str, path: Path, line: int, value: str = "") -> Finding:
    return Finding(
        rule=f"check/{rule}", message=message, severity="violation", source=str(path), line=line, value=value
    )
