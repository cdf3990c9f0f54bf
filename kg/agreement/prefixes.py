"""A prefix stands for the same namespace everywhere: in code, Turtle, queries, shapes and the JSON-LD context."""

from collections.abc import Iterable, Iterator
from pathlib import Path

from kg.agreement.context import read_context
from kg.agreement.places import Checked, Places, read_text
from kg.agreement.written import read_file, sparql_prefixes
from kg.finding import Finding, Severity
from kg.ontologies.turtle import read_prefixes
from kg.vocab import ID, PREFIXES

__all__ = ["check_prefixes"]


def check_prefixes(places: Places) -> Checked:
    """Prefixes that `kg/vocab.py` binds to another namespace, and namespaces of others that it does not know.

    Raises:
        KgError: if a Turtle file or the context is none.
    """
    findings = [
        finding
        for path, prefixes in _declarations(places)
        for prefix, namespace in prefixes.items()
        for finding in _judged(prefix, namespace, path)
    ]
    return Checked(tuple(findings), {"prefixes": len(PREFIXES)})


def _declarations(places: Places) -> Iterator[tuple[Path, dict[str, str]]]:
    for path in (*places.turtle(), *sorted(places.queries.glob("*.rq"))):
        yield path, read_prefixes(read_text(path))
    for path in sorted(places.shapes.glob("*.ttl")):
        yield path, sparql_prefixes([read_file(path)])
    context = places.ontologies / "context.jsonld"
    entries = read_context(context)
    yield context, {name: text for name, text in entries.items() if isinstance(text, str) and "@" not in name + text}


def _judged(prefix: str, namespace: str, path: Path) -> Iterable[Finding]:
    known = PREFIXES.get(prefix)
    if known is not None and known != namespace:
        yield _finding(f"the prefix {prefix} is {known} elsewhere", namespace, path, "violation")
    elif known is None and not namespace.startswith(ID) and namespace not in PREFIXES.values():
        message = f"kg/vocab.py does not know the namespace of {prefix}: its terms are not looked up"
        yield _finding(message, namespace, path, "warning")


def _finding(message: str, namespace: str, path: Path, severity: Severity) -> Finding:
    lines = enumerate(read_text(path).splitlines(), 1)
    line = next((number for number, text in lines if namespace in text), 1)
    return Finding(
        rule="check/prefix", message=message, severity=severity, source=str(path), line=line, value=namespace
    )
